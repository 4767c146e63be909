"""`provender session`: sessions listed, backed up, restored, exported, deleted and purged from the command line, on both databases."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from api.sessions import events as e
from api.sessions.state import DAY
from api.workspace.database import open_engine
from api.workspace.migration import migrate
from api.workspace.store import Entered, NoAccessError, Workspace
from tests.api.test_cli import PROVENDER
from tests.api.workspace.conftest import fresh_database
from tests.conftest import EDITION

SECRET = "kummerspeck-7719"


@dataclass
class Home:
    """A workspace, and how the program finds it; `files` are all files in which its database keeps what it holds."""

    env: dict[str, str]
    open_: Callable[..., Workspace]
    files: Callable[[], list[Path]]

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PROVENDER_")}
        return subprocess.run(
            [PROVENDER, "session", *args], env={**inherited, **self.env}, capture_output=True, text=True, check=False
        )

    def done(self, *args: str) -> str:
        """What a command writes that must succeed."""
        found = self.run(*args)
        assert found.returncode == 0, (found.stdout, found.stderr)
        return found.stdout + found.stderr

    def holding(self, text: str) -> list[Path]:
        """Files that have a text somewhere in their bytes."""
        return [file for file in self.files() if text.encode() in file.read_bytes()]


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    return _home(request, tmp_path)


@pytest.fixture
def other(request: pytest.FixtureRequest, home: Home, tmp_path: Path) -> Home:
    """Another, empty one of the other kind."""
    return _home(request, tmp_path / "other", "postgresql" if "PROVENDER_WORKSPACE" in home.env else "sqlite")


def _home(request: pytest.FixtureRequest, folder: Path, kind: str | None = None) -> Home:
    if (kind or request.param) == "sqlite":
        file = folder / "kept" / "workspace.sqlite"

        def sqlite(now: Callable[[], int] | None = None) -> Workspace:
            return _opened(None, file, now)

        return Home(
            {"PROVENDER_WORKSPACE": str(file)}, sqlite, lambda: [f for f in file.parent.iterdir() if f.is_file()]
        )
    url = fresh_database(request.getfixturevalue("postgresql"))

    def postgresql(now: Callable[[], int] | None = None) -> Workspace:
        return _opened(url, None, now)

    return Home({"PROVENDER_DATABASE_URL": url}, postgresql, lambda: _heap_files(url))


def _opened(url: str | None, file: Path | None, now: Callable[[], int] | None) -> Workspace:
    engine = open_engine(url, file)
    migrate(engine)
    return Workspace(engine, now=now)


def _heap_files(url: str) -> list[Path]:
    """Every file of a PostgreSQL database, all that is in memory written out; its journal is not among them."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        folder = Path(str(connection.exec_driver_sql("SHOW data_directory").scalar()))
        number = connection.exec_driver_sql("SELECT oid FROM pg_database WHERE datname = current_database()").scalar()
    engine.dispose()
    found = [file for file in (folder / "base" / str(number)).iterdir() if file.is_file()]
    assert len(found) > 100
    return found


def filled(workspace: Workspace, title: str, word: str, **members: Any) -> Entered:
    """A session with two people and a word in everything that people write."""
    creation = e.Creation(title=title, name=f"Ada {word}", catalogue=EDITION, **members)
    entered = workspace.create(creation)
    workspace.join(entered.code, e.Arrival(name=f"Bo {word}"), lambda _: "p2")
    for n in range(40):
        event = e.Rating(kind="rating", challenge="data-drift", severity=n % 6, comment=f"{word} {n} " + "x" * 200)
        workspace.append(entered.session, "p2", event, lambda _: None, f"key-{n}")
    decision = e.Decision(kind="decision", solution="dropout", decision="adopt", reason=f"{word}!", seen=0)
    workspace.append(entered.session, "p1", decision, lambda _: None)
    return entered


@pytest.fixture
def two(home: Home) -> Iterator[tuple[Entered, Entered]]:
    """Two sessions: one with the secret in it, one without."""
    workspace = home.open_()
    yield filled(workspace, "Secret plan", SECRET), filled(workspace, "Open plan", "nothing")
    workspace.engine.dispose()


def test_a_list_of_sessions(home: Home, two: tuple[Entered, Entered]) -> None:
    rows = json.loads(home.done("list", "--format", "json").partition("\n]")[0] + "\n]")
    assert {row["session"]: (row["title"], row["people"], row["events"], row["closed"]) for row in rows} == {
        two[0].session: ("Secret plan", 2, 43, False), two[1].session: ("Open plan", 2, 43, False),
    }  # fmt: skip
    assert "Open plan: 2 people, 43 events" in home.done("list")


def test_a_backup_brings_everything_into_another_database(
    home: Home, other: Home, two: tuple[Entered, Entered], tmp_path: Path
) -> None:
    file = tmp_path / "sessions.gz"
    assert "2 sessions in" in home.done("backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert "2 sessions restored" in other.done("restore", str(file))
    here, there = home.open_(), other.open_()
    for entered in two:
        assert there.log(entered.session) == here.log(entered.session)
        assert there.state(entered.session) == here.state(entered.session)
        assert there.person(entered.session, entered.token) == "p1"
        assert there.code(entered.session) == entered.code
    again = there.append(two[0].session, "p2", here.log(two[0].session)[2].event, lambda _: None, "key-0")
    assert again.again, "a key that came before the backup holds after it"
    (tmp_path / "back.gz").unlink(missing_ok=True)
    other.done("backup", str(tmp_path / "back.gz"))
    assert gzip.decompress((tmp_path / "back.gz").read_bytes()) == gzip.decompress(file.read_bytes())
    for workspace in (here, there):
        workspace.engine.dispose()


def test_a_backup_that_is_damaged_or_there_already_changes_nothing(
    home: Home, other: Home, two: tuple[Entered, Entered], tmp_path: Path
) -> None:
    file = tmp_path / "sessions.gz"
    home.done("backup", str(file))
    refused = home.run("restore", str(file))
    assert refused.returncode == 2
    assert "2 of its sessions are there already" in refused.stderr
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    broken = {
        "breaks off": gzip.compress(b"".join(lines[:-1])),
        "its checksum is another": gzip.compress(b"".join([*lines[:9], lines[9].replace(b"x", b"y", 1), *lines[10:]])),
        "cannot be read": file.read_bytes()[:-200],
        "is no backup": gzip.compress(b'{"form": "else"}\n'),
    }
    for said, content in broken.items():
        file.write_bytes(content)
        refused = other.run("restore", str(file))
        assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
        assert said in refused.stderr
    assert other.done("list").strip() == "0 sessions."


def test_all_sessions_are_exported_as_decision_records(
    home: Home, two: tuple[Entered, Entered], data: Path, tmp_path: Path
) -> None:
    for format_, ending in (("markdown", "md"), ("json", "json"), ("csv", "csv"), ("xlsx", "xlsx")):
        told = home.done("export", "--all", "--format", format_, "--to", str(tmp_path / format_), "--data", str(data))
        files = sorted((tmp_path / format_).iterdir())
        assert [file.name for file in files] == sorted(f"{entered.session}.{ending}" for entered in two)
        assert all(str(file) in told for file in files)
    record = (tmp_path / "markdown" / f"{two[0].session}.md").read_text()
    assert "Secret plan" in record
    assert EDITION in record
    assert f"{SECRET}!" in record
    assert f"{SECRET} 39" not in record, "a rating that was never revealed"
    assert home.run("export", "--to", str(tmp_path)).returncode == 2


def test_nothing_that_was_said_in_a_deleted_session_is_in_the_files(home: Home, two: tuple[Entered, Entered]) -> None:
    secret, open_ = two
    assert home.holding(SECRET), "the search finds what is there"
    assert home.run("delete", "nobody", "--yes").returncode == 2
    assert "1 session deleted" in home.done("delete", secret.session, "--yes")
    for text in (SECRET, "Secret plan", secret.session, secret.code):
        assert home.holding(text) == []
    assert home.holding("Open plan"), "the other session is untouched"
    workspace = home.open_()
    assert workspace.ids() == [open_.session]
    assert len(workspace.log(open_.session)) == 43
    with pytest.raises(NoAccessError):
        workspace.person(secret.session, secret.token)
    workspace.engine.dispose()


def test_what_has_expired_is_purged_from_the_files_too(home: Home) -> None:
    old = home.open_(lambda: 1_600_000_000_000)
    filled(old, "Past plan", SECRET, retention_days=30)
    old.engine.dispose()
    workspace = home.open_()
    kept = filled(workspace, "Open plan", "nothing")
    workspace.engine.dispose()
    assert home.holding(SECRET)
    assert "1 session had expired" in home.done("purge")
    assert home.holding(SECRET) == home.holding("Past plan") == []
    workspace = home.open_()
    assert workspace.ids() == [kept.session]
    assert workspace.state(kept.session).expires > workspace.now() + 300 * DAY
    workspace.engine.dispose()
    assert "0 sessions had expired" in home.done("purge")


def test_a_server_that_runs_is_no_hindrance(home: Home, two: tuple[Entered, Entered]) -> None:
    """Connections stay open, as a server's do."""
    workspace = home.open_()
    with workspace.engine.connect() as idle:
        idle.exec_driver_sql("SELECT 1").all()
        idle.rollback()
        home.done("delete", two[0].session, "--yes")
    assert home.holding(SECRET) == []
    workspace.engine.dispose()
