"""How Alembic runs the migrations: on the connection that it is given, in that connection's transaction."""

from __future__ import annotations

from alembic import context

from api.workspace.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
