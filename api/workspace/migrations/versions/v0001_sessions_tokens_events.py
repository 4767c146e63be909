"""Sessions, their tokens and their logs of events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("join_code", sa.String(10), nullable=False),
        sa.Column("made_with", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("join_code", name="uq_sessions_join_code"),
        sa.UniqueConstraint("made_with", name="uq_sessions_made_with"),
    )
    op.create_table(
        "tokens",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("session", sa.String(22), nullable=False),
        sa.Column("person", sa.String(7), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("hash", name="pk_tokens"),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_tokens_session"),
    )
    op.create_index("ix_tokens_session", "tokens", ["session"])
    op.create_table(
        "events",
        sa.Column("session", sa.String(22), nullable=False),
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String(7), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("key", sa.String(64)),
        sa.Column("sent", sa.String(64)),
        sa.PrimaryKeyConstraint("session", "seq", name="pk_events"),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_events_session"),
        sa.UniqueConstraint("session", "by", "key", name="uq_events_session_by_key"),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("events", "tokens", "sessions"):
        op.drop_table(table)
