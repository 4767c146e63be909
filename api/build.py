"""Makes everything that is derived from a catalogue, once, into one folder."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.faults import CatalogueError, Fault
from kb.home import BUNDLE, FINGERPRINT, fingerprint, validated

if TYPE_CHECKING:
    from engine.matching import Index
    from kb.records import Catalogue

_EXPORTS = {
    "provender.ttl": "ttl", "provender.jsonld": "jsonld", "provender.nt": "nt", "provender.xlsx": "xlsx",
    "provender.bib": "bibtex", "catalogue.sqlite": "sqlite",
}  # fmt: skip
INDEX, PLANNER, SUMS = "match.json", "planner.json", "SHA256SUMS"


def build(data: Path, out: Path, database: str | None = None) -> Iterator[tuple[str, bool]]:
    """Build a catalogue.

    Args:
        data: its folder.
        out: where to; made if it is not there.
        database: URL of a database to load it into as well.

    Yields:
        Each file's name and whether its content changed; the checksums and the fingerprint last, so that a broken-off build is never
        taken for whole.

    Raises:
        CatalogueError: before anything is written, if there is a fault.
    """
    print_ = fingerprint(data)
    catalogue = validated(data)
    hold_against_shapes(catalogue, data)
    out.mkdir(parents=True, exist_ok=True)
    sums = []
    for name, make in _parts(catalogue, data).items():
        content = make()
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        yield name, write(out / name, content)
    yield SUMS, write(out / SUMS, "".join(sums).encode())
    if database is not None:
        from kb.store import write_database

        yield f"database {write_database(catalogue, database)}", True
    yield FINGERPRINT, write(out / FINGERPRINT, print_.encode())


def hold_against_shapes(catalogue: Catalogue, data: Path) -> None:
    """Check the catalogue's graph against the SHACL shapes kept beside it, or those of the record types if it keeps none.

    Raises:
        CatalogueError: naming every offender, or the shapes' file if it cannot be read.
    """
    from kb.graph import to_graph
    from kb.ontology import violations

    shapes = data / "ontology" / "shapes.ttl"
    try:
        found = violations(to_graph(catalogue), shapes if shapes.is_file() else None)
    except (OSError, SyntaxError):
        raise CatalogueError(
            [
                Fault(
                    f"{data.name}/ontology/shapes.ttl",
                    0,
                    "",
                    "cannot be read; restore it, or run `make ontology`",
                )
            ]
        ) from None
    if found:
        raise CatalogueError(
            Fault(f"{data.name}/ontology/shapes.ttl", 0, "", f"the graph breaks a shape: {line}") for line in found
        )


def _parts(catalogue: Catalogue, data: Path) -> Mapping[str, Callable[[], bytes]]:
    from pydantic import TypeAdapter

    from engine.answer import Answer
    from kb import cookbook
    from kb.context import context
    from kb.csl import to_csl
    from kb.export import FORMATS, TABLES, to_csv
    from kb.normal import to_json
    from kb.records import Catalogue
    from kb.release import changelog

    @cache
    def fitted() -> Index:
        from engine.fit import fit

        return fit(catalogue)

    def compact(value: object) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def planner() -> dict[str, Any]:
        from engine.bundle import bundle
        from engine.compiled import Compiled

        return bundle(catalogue, Compiled(catalogue), fitted())

    def pretty(value: object) -> bytes:
        return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()

    exports = {name: (lambda f=FORMATS[key]: f(catalogue)) for name, key in _EXPORTS.items()}
    sheets = {f"{table}.csv": (lambda t=table: to_csv(catalogue, t)) for table in TABLES}
    return {
        BUNDLE: lambda: to_json(catalogue).encode(),
        INDEX: lambda: compact(asdict(fitted())),
        PLANNER: lambda: compact(planner()),
        **exports,
        **sheets,
        cookbook.FILE: lambda: cookbook.to_json(cookbook.stored_queries(data)),
        "provender.csl.json": lambda: to_csl(catalogue),
        "context.jsonld": lambda: pretty({"@context": context()}),
        "schema.json": lambda: pretty(Catalogue.model_json_schema()),
        "answer.schema.json": lambda: pretty(TypeAdapter(Answer).json_schema()),
        "changelog.json": lambda: pretty(changelog(data)),
    }


def write(file: Path, content: bytes) -> bool:
    """Put content into a file in one step, unless it is there already; say whether it changed."""
    if file.is_file() and file.read_bytes() == content:
        return False
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)
    return True
