"""SQL stores: SQLite and real PostgreSQL, written whole or not at all."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kb import store
from kb.records import Catalogue
from kb.store import connect, read, write_postgresql, write_sqlite
from tests.conftest import ROOT
from tests.generators import catalogues


def test_postgresql_gives_back_what_was_loaded(catalogue: Catalogue, postgresql: str) -> None:
    assert write_postgresql(catalogue, postgresql) == write_postgresql(catalogue, postgresql)
    with connect(postgresql) as connection:
        assert read(connection) == catalogue


@settings(max_examples=5)
@given(catalogues())
def test_any_catalogue_survives_postgresql(postgresql: str, generated: Catalogue) -> None:
    write_postgresql(generated, postgresql)
    with connect(postgresql) as connection:
        assert read(connection) == generated


def test_a_load_that_fails_leaves_the_old_catalogue_whole(
    catalogue: Catalogue, postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "c.sqlite"
    write_sqlite(catalogue, file)
    write_postgresql(catalogue, postgresql)
    before = file.read_bytes()
    broken = catalogue.model_copy(update={"limitations": (*catalogue.limitations, catalogue.limitations[0])})
    with pytest.raises(IntegrityError):
        write_sqlite(broken, file)
    with pytest.raises(IntegrityError):
        write_postgresql(broken, postgresql)
    assert file.read_bytes() == before
    assert [f.name for f in tmp_path.iterdir()] == ["c.sqlite"]
    with connect(postgresql) as connection:
        assert read(connection) == catalogue


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_load_that_is_killed_leaves_the_old_catalogue_whole(
    target: str, catalogue: Catalogue, postgresql: str, tmp_path: Path
) -> None:
    file = tmp_path / "c.sqlite"
    write_sqlite(catalogue, file)
    write_postgresql(catalogue, postgresql)
    code = """
import sys
from pathlib import Path
from kb.home import validated
from kb.store import write_postgresql, write_sqlite
catalogue = validated(Path("data"))
edition = catalogue.edition.model_copy(update={"title": "the next one"})
print("ready", flush=True)
while True:
    if sys.argv[1] == "sqlite":
        write_sqlite(catalogue.model_copy(update={"edition": edition}), Path(sys.argv[2]))
    else:
        write_postgresql(catalogue.model_copy(update={"edition": edition}), sys.argv[2])
"""
    rng = random.Random(3)
    where = str(file) if target == "sqlite" else postgresql
    for _ in range(3):
        child = subprocess.Popen([sys.executable, "-c", code, target, where], stdout=subprocess.PIPE, cwd=ROOT)
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0.05, 0.5))
        child.kill()
        child.wait()
        with connect(f"sqlite:///{file}" if target == "sqlite" else postgresql) as connection:
            held = read(connection)
        assert held.limitations == catalogue.limitations
        assert held.edition.title in (catalogue.edition.title, "the next one")


def test_a_store_is_read_by_a_program_that_wrote_none(catalogue: Catalogue, tmp_path: Path) -> None:
    write_sqlite(catalogue, tmp_path / "c.sqlite")
    code = f"from kb.store import connect, read; print(len(read(connect('sqlite:///{tmp_path / 'c.sqlite'}')).limitations))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == str(len(catalogue.limitations))


def test_foreign_keys_are_on(catalogue: Catalogue, tmp_path: Path) -> None:
    write_sqlite(catalogue, tmp_path / "c.sqlite")
    with connect(f"sqlite:///{tmp_path / 'c.sqlite'}") as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        connection.exec_driver_sql("UPDATE addressing SET solution = 'nobody' WHERE challenge = 'data-drift'")
        with pytest.raises(IntegrityError):
            connection.commit()


def test_the_database_is_one_people_like_to_open(catalogue: Catalogue, tmp_path: Path) -> None:
    write_sqlite(catalogue, tmp_path / "c.sqlite")
    database = sqlite3.connect(tmp_path / "c.sqlite")
    live = [x for x in catalogue.limitations if x.retired is None]
    words = database.execute("SELECT bites_if, says FROM limitations_in_words").fetchall()
    assert len(words) == len(live)
    assert not [w for w, _ in words if not w]
    assert database.execute("SELECT count(*) FROM solutions_by_challenge").fetchone() == (len(catalogue.addressings),)
    assert database.execute("SELECT sum(reviewed) FROM attestation").fetchone() == (0,)
    assert {row[0] for row in database.execute("SELECT coverage FROM solutions_by_challenge")} <= {
        "partial",
        "substantial",
        "full",
    }
    stored = dict(database.execute("SELECT name, sql FROM stored_query"))
    profile = {"profile": '{"modality": ["tabular"], "budget": "none"}'}
    certain, possible = (set(database.execute(stored[n], profile)) for n in ("certainly_bites", "possibly_bites"))
    assert certain
    assert certain < possible
    assert database.execute("SELECT count(*) FROM sources_of_evidence").fetchone()[0] == sum(
        e.where is not None for x in (*catalogue.addressings, *catalogue.limitations) for e in x.evidence
    )
    found = database.execute("SELECT id FROM search WHERE search MATCH 'duplicates' ORDER BY rank LIMIT 5").fetchall()
    assert ("deduplication-complexity",) in found


def test_the_version_is_the_same_everywhere(catalogue: Catalogue, tmp_path: Path, postgresql: str) -> None:
    write_sqlite(catalogue, tmp_path / "c.sqlite")
    write_postgresql(catalogue, postgresql)
    for url in (f"sqlite:///{tmp_path / 'c.sqlite'}", postgresql):
        with connect(url) as connection:
            assert connection.execute(text("SELECT id FROM edition")).scalar_one() == catalogue.edition.id


def test_the_feasibility_query_takes_a_profile_as_json(catalogue: Catalogue, tmp_path: Path, postgresql: str) -> None:
    write_sqlite(catalogue, tmp_path / "c.sqlite")
    write_postgresql(catalogue, postgresql)
    profile = '{"modality": ["tabular"], "budget": {"at_most": "small"}, "skills": {"lacks": ["statistics"]}, "in_place": ["federated-averaging"]}'
    answers = []
    for url in (f"sqlite:///{tmp_path / 'c.sqlite'}", postgresql):
        with connect(url) as connection:
            answers.append([sorted(store.bites(connection, which, profile)) for which in ("certain", "possible")])
    assert answers[0] == answers[1]
    certain, possible = map(set, answers[0])
    assert certain
    assert certain < possible
