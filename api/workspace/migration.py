"""Brings the workspace's tables up to date, one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from api.workspace.database import SCHEMA, WorkspaceError

_LOCK = 7_205_418_339
"""The number of PostgreSQL's advisory lock; any would do that nobody else takes."""


def config(connection: Connection) -> Config:
    """Alembic's configuration, with the migrations that come with the program."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


def migrate(engine: Engine) -> tuple[str | None, str | None]:
    """Bring the tables up to date; others that try at the same time wait.

    Returns:
        The revision before and after.

    Raises:
        WorkspaceError: if a newer version of the program has been here.
    """
    with _alone(engine) as connection:
        settings = config(connection)
        scripts = ScriptDirectory.from_config(settings)
        before = MigrationContext.configure(connection).get_current_revision()
        if before is not None and before not in {script.revision for script in scripts.walk_revisions()}:
            raise WorkspaceError(
                f"the workspace was last used by a newer version of Provender (revision {before}); install that one"
            )
        if before != scripts.get_current_head():
            command.upgrade(settings, "head")
        return before, scripts.get_current_head()


def revision(engine: Engine) -> str | None:
    """The revision that the tables are at."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@contextlib.contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other process has at the same time."""
    with contextlib.ExitStack() as held:
        if engine.dialect.name == "sqlite":
            lock = held.enter_context(Path(f"{engine.url.database}.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        connection = held.enter_context(engine.connect())
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            yield connection
