from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest

from kb.faults import CatalogueError
from kb.home import validated
from kb.load import load_catalogue
from kb.normal import to_json, to_object
from kb.records import Catalogue
from kb.release import changelog, changes_since, diff, read_release, versions, write_release
from tests.conftest import DATA, EDITION


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("releases"))
    write_release(load_catalogue(tmp_path / "data"), tmp_path / "data")
    return tmp_path / "data"


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def bump(folder: Path) -> None:
    edit(folder, "catalogue.yaml", f'id: "{EDITION}"', 'id: "2026.12.1"')


def test_the_catalogue_is_the_release_of_its_version(catalogue: Catalogue) -> None:
    assert versions(DATA)[-1] == catalogue.edition.id
    assert read_release(DATA, catalogue.edition.id) == to_object(catalogue)


def test_a_released_version_may_not_change(folder: Path) -> None:
    edit(folder, "solutions/dropout.yaml", "label: ", "label: New ")
    with pytest.raises(CatalogueError, match=rf"release {re.escape(EDITION)} is kept and differs \(solution dropout"):
        validated(folder)
    with pytest.raises(FileExistsError):
        write_release(load_catalogue(folder), folder)


def test_a_released_record_may_not_vanish(folder: Path) -> None:
    bump(folder)
    (folder / "solutions/dropout.yaml").unlink()
    for file in (folder / "profiles").glob("*.yaml"):
        file.write_text(file.read_text().replace("dropout", ""), encoding="utf-8")
    with pytest.raises(CatalogueError, match=rf"solution dropout was released in {re.escape(EDITION)} and is gone"):
        validated(folder)


def test_an_older_version_is_refused(folder: Path) -> None:
    edit(folder, "catalogue.yaml", f'id: "{EDITION}"', 'id: "2025.1.1"')
    with pytest.raises(CatalogueError, match="is older than the kept release"):
        validated(folder)


def test_the_changelog_has_one_entry_per_record_that_changed(folder: Path) -> None:
    first = len(changelog(folder))
    assert {e["change"] for e in changelog(folder)} == {"added"}
    bump(folder)
    edit(folder, "solutions/dropout.yaml", "label: ", "label: New ")
    edit(
        folder,
        "solutions/image-augmentation.yaml",
        "basis: curated",
        "basis: curated\nretired: {on: 2026-12-01, why: Test.}",
    )
    write_release(validated(folder), folder)
    new = [(e["change"], e["kind"], e["id"], e["fields"]) for e in changelog(folder) if e["version"] == "2026.12.1"]
    assert new == [
        ("changed", "solution", "dropout", ("label",)),
        ("retired", "solution", "image-augmentation", ("retired",)),
    ]
    assert len(changelog(folder)) == first + 2


def test_implementations_that_were_checked_again_have_changed_only_if_they_differ(folder: Path) -> None:
    before = read_release(folder, EDITION)
    after = json.loads(json.dumps(before))
    found = [x for s in after["solutions"] for x in s["implementations"]]
    for implementation in found:
        implementation["checked"] = "2027-01-31"
    assert diff(before, after) == []
    found[0]["version"] = "99.0"
    (change,) = diff(before, after)
    assert (change.kind, change.fields) == ("solution", ("implementations",))


def test_what_changed_since_each_release_is_short_and_complete(folder: Path) -> None:
    bump(folder)
    edit(folder, "solutions/dropout.yaml", "label: ", "label: New ")
    edit(folder, "articles.bib", "title = {", "title = {A new ")
    edited = load_catalogue(folder)
    assert changes_since(edited, folder) == {
        "versions": [EDITION, "2026.12.1"],
        "since": {"2026.12.1": [["changed", "solution", "dropout", "New Dropout", "label"]]},
    }
    write_release(edited, folder)
    assert changes_since(edited, folder)["versions"] == [EDITION, "2026.12.1"]


def test_versions_are_ordered_as_numbers(tmp_path: Path) -> None:
    (tmp_path / "releases").mkdir()
    for version in ("2026.9.1", "2026.11.1", "2026.11.10", "2026.11.2"):
        (tmp_path / "releases" / f"{version}.json.gz").write_bytes(gzip.compress(b"{}"))
    assert versions(tmp_path) == ["2026.9.1", "2026.11.1", "2026.11.2", "2026.11.10"]


def test_nothing_differs_between_equals(catalogue: Catalogue) -> None:
    assert diff(to_object(catalogue), json.loads(to_json(catalogue))) == []


def test_a_release_that_was_damaged_is_told(folder: Path) -> None:
    (folder / f"releases/{EDITION}.json.gz").write_bytes(b"not gzip")
    with pytest.raises(CatalogueError, match="restore it from version control"):
        validated(folder)
