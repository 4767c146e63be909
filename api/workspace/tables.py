"""The workspace's tables. The log is the truth: nothing else in here says anything that a log says."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, MetaData, String, Table, UniqueConstraint

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", String(22), primary_key=True),
    Column("join_code", String(10), nullable=False, unique=True),
    Column("made_with", String(64), unique=True),
)
"""How a session is found. `made_with` is the hash of the idempotency key that it was created with."""

TOKENS = Table(
    "tokens",
    METADATA,
    Column("hash", String(64), primary_key=True),
    Column("session", String(22), ForeignKey("sessions.id"), nullable=False, index=True),
    Column("person", String(7), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)
"""What opens a session for a person: a token by its SHA-256. Which role that person has stands in the log."""

EVENTS = Table(
    "events",
    METADATA,
    Column("session", String(22), ForeignKey("sessions.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String(7), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("data", JSON(none_as_null=False), nullable=False),
    Column("key", String(64)),
    Column("sent", String(64)),
    UniqueConstraint("session", "by", "key"),
)
"""The logs; `key` is the hash of an event's idempotency key, `sent` that of what was sent with it."""

TABLES = (SESSIONS, TOKENS, EVENTS)
"""In an order in which rows may be inserted."""
