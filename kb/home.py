"""Where the catalogue is, and how it is opened: from a fresh build if there is one, else from its sources."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kb.faults import CatalogueError

if TYPE_CHECKING:
    from kb.records import Catalogue

BUNDLE, FINGERPRINT = "catalogue.json", "fingerprint.txt"


def default_data() -> Path:
    """The folder of the catalogue that comes with this program: the checkout's, or the one inside the installed package."""
    package = Path(__file__).resolve().parent
    return package / "_data" if (package / "_data").is_dir() else package.parent / "data"


def sources(data: Path) -> Iterator[Path]:
    """Files from which a catalogue is built, in order."""
    yield from (f for f in (data / "catalogue.yaml", data / "criteria.yaml", data / "articles.bib") if f.is_file())
    for part in ("challenges", "solutions", "vocabulary"):
        yield from sorted((data / part).glob("*.yaml"))
    yield from sorted((data / "queries").glob("*.rq"))
    yield from sorted((data / "releases").glob("*.json.gz"))


def fingerprint(data: Path) -> str:
    """A hash over every source file and over the code that makes a build of them; equal prints mean equal builds."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parent
    code = [*sorted(package.rglob("*.py")), *sorted((package.parent / "engine").glob("*.py"))]
    for file in (*sources(data), *code):
        content = file.read_bytes()
        digest.update(f"{file.parent.name}/{file.name}:{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def build_folder(data: Path) -> Path:
    """Where a catalogue is built to unless said otherwise: beside its folder."""
    return data.resolve().parent / "build"


def fresh_build(data: Path) -> Path | None:
    """The build folder, if what it holds was built from these very sources."""
    folder = build_folder(data)
    try:
        same = (folder / FINGERPRINT).read_text() == fingerprint(data)
    except OSError:
        return None
    return folder if same else None


def open_catalogue(data: Path) -> Catalogue:
    """Open a catalogue.

    Raises:
        CatalogueError: with every fault, if it is read from its sources and does not hold.
    """
    from kb.normal import from_object

    folder = fresh_build(data)
    if folder is not None:
        return from_object(json.loads((folder / BUNDLE).read_text(encoding="utf-8")))
    return validated(data)


def open_to_answer(data: Path) -> Catalogue:
    """Open a catalogue to answer from it: its records have the fields of the record types, and their methods only without a fresh build.

    Raises:
        CatalogueError: with every fault, if it is read from its sources and does not hold.
    """
    from kb.normal import from_build

    folder = fresh_build(data)
    return from_build((folder / BUNDLE).read_bytes()) if folder is not None else validated(data)


def validated(data: Path) -> Catalogue:
    """Read a catalogue from its sources and hold it against its kept releases.

    Raises:
        CatalogueError: with every fault.
    """
    from kb.load import load_catalogue
    from kb.release import check_releases

    catalogue = load_catalogue(data)
    faults = list(check_releases(catalogue, data))
    if faults:
        raise CatalogueError(faults)
    return catalogue
