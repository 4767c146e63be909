"""Opens the workspace database, SQLite or PostgreSQL, so that what was committed outlives a crash."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from api.workspace.tables import TABLES

SCHEMA = "provender_workspace"
_BUSY = 10.0
"""Seconds for which a writer waits for another."""
_TURN = threading.Lock()
_AGAIN = "run `provender session purge`, as the server does every hour"
DURABLE = {
    "sqlite": {"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "foreign_keys": "1"},
    "postgresql": {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"},
}
"""What must be in effect, as the database itself says it; of SQLite, `synchronous` 2 is FULL."""


class WorkspaceError(Exception):
    """The workspace cannot be used; says why and what to do."""


def default_file() -> Path:
    """Where the workspace is unless said otherwise: among the user's data, never beside the program, whose folder an update replaces.

    Raises:
        WorkspaceError: if there is no home folder.
    """
    import os

    home = os.environ.get("XDG_DATA_HOME")
    try:
        folder = Path(home) if home else Path.home() / ".local" / "share"
    except RuntimeError:
        raise WorkspaceError("there is no home folder for the workspace; name a file in PROVENDER_WORKSPACE") from None
    return folder / "provender" / "workspace.sqlite"


def open_engine(url: str | None, file: Path | None) -> Engine:
    """An engine on PostgreSQL if there is an address, else on a SQLite file, whose folder is made.

    Raises:
        WorkspaceError: if it cannot be reached or written, or would not keep what it acknowledges.
    """
    engine = _postgresql(url) if url else _sqlite(file or default_file())
    try:
        with engine.connect() as connection:
            check_durable(connection)
    except SQLAlchemyError as error:
        where = "PROVENDER_DATABASE_URL" if url else f"PROVENDER_WORKSPACE: {engine.url.database}"
        said = str(getattr(error, "orig", None) or "it cannot be understood").strip().splitlines()[0]
        raise WorkspaceError(
            f"{where}: the workspace cannot be opened ({said}); planning sessions need it, or PROVENDER_SESSIONS=false"
        ) from None
    return engine


def settings_in_effect(connection: Connection) -> dict[str, str]:
    """The settings on which durability rests, as the database says them."""
    name = connection.dialect.name
    ask = "PRAGMA" if name == "sqlite" else "SHOW"
    return {key: str(connection.exec_driver_sql(f"{ask} {key}").scalar()) for key in DURABLE[name]}


def check_durable(connection: Connection) -> None:
    """Refuse a database that would lose what it acknowledges.

    Raises:
        WorkspaceError: naming the setting.
    """
    for key, value in settings_in_effect(connection).items():
        wanted = DURABLE[connection.dialect.name][key]
        if value != wanted and not (key == "synchronous_commit" and value == "remote_apply"):
            raise WorkspaceError(
                f"{connection.dialect.name} has {key}={value}; {wanted} is needed, else power loss loses data"
            )


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes; on SQLite the only one at a time, from its beginning."""
    # SQLite itself lets a writer sleep until it looks again; threads of one process need not.
    turn = _TURN if engine.dialect.name == "sqlite" else contextlib.nullcontext()
    with turn, engine.connect().execution_options(provender_writes=True) as connection, connection.begin():
        yield connection


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one moment of the database."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def scrub(engine: Engine) -> None:
    """Take out of the database's files what was deleted: rows, free space, and SQLite's journal. PostgreSQL's own journal and backups are
    in the hands of whoever runs it.

    Raises:
        WorkspaceError: if others read or write for so long that it cannot be done.
    """
    try:
        _scrub(engine)
    except OperationalError as error:
        raise WorkspaceError(
            f"the database's files could not be cleaned of what was deleted ({error.orig}); {_AGAIN}"
        ) from None


def _scrub(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            for table in TABLES:
                connection.exec_driver_sql(f"VACUUM FULL {SCHEMA}.{table.name}")
            return
        connection.exec_driver_sql("VACUUM")
        until = time.monotonic() + _BUSY
        while connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]:
            if time.monotonic() > until:
                raise WorkspaceError(f"the journal could not be emptied, since somebody is reading; {_AGAIN}")
            time.sleep(0.05)


def _sqlite(file: Path) -> Engine:
    file = file.expanduser().absolute()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            file.touch(mode=0o600)
    except OSError as error:
        raise WorkspaceError(
            f"PROVENDER_WORKSPACE: {file} cannot be written ({error.strerror}); name another file, or set PROVENDER_SESSIONS=false"
        ) from None
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": _BUSY}, pool_size=8, max_overflow=16)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("provender_writes") else "BEGIN")

    return engine


def _postgresql(url: str) -> Engine:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            url = "postgresql+psycopg://" + url.removeprefix(prefix)
    if not url.startswith("postgresql+psycopg://"):
        raise WorkspaceError(
            "PROVENDER_DATABASE_URL: is no address of PostgreSQL; write postgresql://user:password@host/database"
        )
    engine = create_engine(url, pool_size=8, max_overflow=16, pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path TO {SCHEMA}")
            cursor.execute("SHOW synchronous_commit")
            if cursor.fetchone()[0] != "remote_apply":
                cursor.execute("SET synchronous_commit TO on")
        connection.commit()

    return engine
