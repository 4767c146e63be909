"""The workspace's tables. The log is the truth: nothing else in here says anything that a log says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, MetaData, String, UniqueConstraint
from sqlmodel import Field, SQLModel

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Base(SQLModel):
    """Tables of the workspace, apart from those of the catalogue."""

    metadata = METADATA


class SessionRow(Base, table=True):
    """A session: how it is found. `made_with` is the hash of the idempotency key that it was created with."""

    __tablename__ = "sessions"

    id: str = Field(sa_column=Column(String(22), primary_key=True))
    join_code: str = Field(sa_column=Column(String(10), nullable=False, unique=True))
    made_with: str | None = Field(default=None, sa_column=Column(String(64), unique=True))


class TokenRow(Base, table=True):
    """A token that opens a session for a person, by its SHA-256; which role that person has stands in the log."""

    __tablename__ = "tokens"

    hash: str = Field(sa_column=Column(String(64), primary_key=True))
    session: str = Field(sa_column=Column(String(22), ForeignKey("sessions.id"), nullable=False, index=True))
    person: str = Field(sa_column=Column(String(7), nullable=False))
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    revoked_at: int | None = Field(default=None, sa_column=Column(BigInteger))


class EventRow(Base, table=True):
    """An event of a session's log; `key` is the hash of its idempotency key, `sent` that of what was sent with it."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("session", "by", "key"),)

    session: str = Field(sa_column=Column(String(22), ForeignKey("sessions.id"), primary_key=True))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: int = Field(sa_column=Column(BigInteger, nullable=False))
    by: str = Field(sa_column=Column(String(7), nullable=False))
    kind: str = Field(sa_column=Column(String(20), nullable=False))
    data: dict[str, Any] = Field(sa_column=Column(JSON(none_as_null=False), nullable=False))
    key: str | None = Field(default=None, sa_column=Column(String(64)))
    sent: str | None = Field(default=None, sa_column=Column(String(64)))


SESSIONS, TOKENS, EVENTS = (METADATA.tables[name] for name in ("sessions", "tokens", "events"))
TABLES = (SESSIONS, TOKENS, EVENTS)
"""In an order in which rows may be inserted."""
