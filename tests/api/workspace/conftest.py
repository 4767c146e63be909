"""Workspaces to test against: a SQLite file and a database of a real PostgreSQL, both empty and migrated."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from api.workspace.database import open_engine
from api.workspace.migration import migrate
from api.workspace.store import Workspace

_NUMBERS = itertools.count(1)
KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Place:
    """Where a workspace is: the address of a PostgreSQL database, or a SQLite file."""

    url: str | None
    file: Path | None

    def open(self, now: Callable[[], int] | None = None, most_events: int = 20_000) -> Workspace:
        """The workspace, migrated."""
        engine = open_engine(self.url, self.file)
        migrate(engine)
        return Workspace(engine, most_events, now)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place, of each kind."""
    if request.param == "sqlite":
        return Place(None, tmp_path / "workspace.sqlite")
    return Place(fresh_database(request.getfixturevalue("postgresql")), None)


@pytest.fixture
def workspace(place: Place) -> Iterator[Workspace]:
    """An empty workspace, of each kind."""
    opened = place.open()
    yield opened
    opened.engine.dispose()


def fresh_database(address: str) -> str:
    """The address of a new database on the server."""
    url = make_url(address).set(drivername="postgresql+psycopg")
    name = f"workspace_{next(_NUMBERS)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)
