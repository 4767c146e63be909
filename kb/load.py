"""Turns the catalogue's folder into records, or into the list of all its faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kb.check import check
from kb.faults import CatalogueError, Fault
from kb.records import LISTS, Catalogue, Concept, Record, Scheme, Vocabulary, nearest
from kb.records.catalogue import TYPES
from kb.source import Document, Origins, Where, read_bibtex, read_yaml


@dataclass
class Reading:
    """What has been read so far, where each record stands, and what was wrong with it."""

    records: dict[str, dict[str, Record]] = field(default_factory=lambda: {kind: {} for kind in TYPES})
    origins: Origins = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(
        self, kind: str, raw: Any, document: Document, where: Where, context: Mapping[str, Any] | None = None
    ) -> None:
        """Validate one raw record and keep it, or note its faults."""
        try:
            record = TYPES[kind].model_validate(raw, context=dict(context or {}))
        except ValidationError as error:
            self.faults += [_fault(e, raw, kind, document, where) for e in _causes(error)]
            record = None
        identity = raw.get("id") if isinstance(raw, dict) else None
        if not isinstance(identity, str):
            return
        if (kind, identity) in self.origins:
            first, at = self.origins[kind, identity]
            told = f"the id {identity} is already used at {first.file}:{first.line(at)}; ids are never shared"
            self.faults.append(document.fault((*where, "id"), told))
            return
        self.origins[kind, identity] = (document, where)
        if record is not None:
            self.records[kind][identity] = record


def _causes(error: ValidationError) -> list[Any]:
    """The errors without those that only follow from others (a list that is empty since its items are wrong)."""
    found = error.errors()

    def follows(one: Any) -> bool:
        return one["type"] == "too_short" and any(
            o["loc"][: len(one["loc"])] == one["loc"] for o in found if o is not one
        )

    return [one for one in found if not follows(one)]


_PLAIN = {
    "string_pattern_mismatch": "is not in the form it must have (ids: lower-case words with hyphens; versions: year.month.number)",
    "string_too_short": "is empty; write something or delete it",
    "too_short": "is an empty list; it needs at least one",
}


def _fault(error: Any, raw: Any, kind: str, document: Document, where: Where) -> Fault:
    loc = tuple(step for step in error["loc"] if not (isinstance(step, str) and step.startswith("function-")))
    if error["type"] == "missing":
        message = "is missing; add it"
        if loc[-1] == "basis":
            message = "is missing; say where the record comes from (study-abstract, study-secondary, reconstructed or curated)"
    elif error["type"] == "extra_forbidden":
        fields = TYPES[kind].model_fields if len(loc) == 1 else ()
        message = (
            f"is not a field here; {nearest(loc[-1], fields)}"
            if fields
            else "is not a field here; check the spelling or delete it"
        )
    else:
        message = _PLAIN.get(error["type"], error["msg"]).removeprefix("Value error, ")
        shown = error.get("input")
        if isinstance(shown, (str, int, float, bool)) and error["type"] != "value_error":
            message += f" (it is {str(shown)[:60]!r})"
    return document.fault((*where, *loc), message)


def load_catalogue(folder: Path) -> Catalogue:
    """Read, validate and cross-check a catalogue.

    Args:
        folder: holds catalogue.yaml, vocabulary/, articles.bib, challenges/ and solutions/.

    Raises:
        CatalogueError: with every fault that was found.
    """
    reading = read_folder(folder)
    catalogue = None
    if not reading.faults:
        held = {name: tuple(sorted(reading.records[kind].values(), key=_identity)) for kind, name in LISTS.items()}
        catalogue = Catalogue.model_validate({"edition": next(iter(reading.records["edition"].values())), **held})
    faults = [*reading.faults, *check(reading.records, reading.origins)]
    if faults or catalogue is None:
        raise CatalogueError(faults)
    return catalogue


def _identity(record: Record) -> str:
    return str(record.id)  # type: ignore[attr-defined]


def read_folder(folder: Path) -> Reading:
    """Read every file of the folder; nothing is looked up across records yet."""
    reading = Reading()
    if not folder.is_dir():
        raise CatalogueError(
            [Fault(str(folder), 0, "", "is not a folder; name one that holds a catalogue (--data DIR)")]
        )
    root = folder.name
    _read_one(reading, folder / "catalogue.yaml", f"{root}/catalogue.yaml", "edition")
    for document in _yaml_files(reading, folder, "vocabulary"):
        _scheme(reading, document)
    _listed(reading, folder / "criteria.yaml", f"{root}/criteria.yaml", "criterion")
    _articles(reading, folder / "articles.bib", f"{root}/articles.bib")
    for document in _yaml_files(reading, folder, "challenges"):
        reading.add("challenge", document.data, document, ())
    vocabulary = Vocabulary(
        [r for r in reading.records["scheme"].values() if isinstance(r, Scheme)],
        [r for r in reading.records["concept"].values() if isinstance(r, Concept)],
    )
    for document in _yaml_files(reading, folder, "solutions"):
        _solution(reading, document, vocabulary)
    return reading


def _read_one(reading: Reading, file: Path, name: str, kind: str) -> None:
    document, faults = read_yaml(file, name)
    reading.faults += faults
    if document is not None:
        reading.add(kind, document.data, document, ())


def _listed(reading: Reading, file: Path, name: str, kind: str) -> None:
    document, faults = read_yaml(file, name)
    reading.faults += faults
    if document is None:
        return
    if not isinstance(document.data, list):
        reading.faults.append(document.fault((), f"must be a list, one {kind} after the other"))
        return
    for at, item in enumerate(document.data):
        reading.add(kind, item, document, (at,))


def _yaml_files(reading: Reading, folder: Path, part: str) -> Iterable[Document]:
    files = sorted((folder / part).glob("*.yaml"))
    if not files:
        reading.faults.append(
            Fault(f"{folder.name}/{part}", 0, "", "holds no .yaml file; a catalogue needs at least one")
        )
    for file in files:
        name = f"{folder.name}/{part}/{file.name}"
        document, faults = read_yaml(file, name)
        reading.faults += faults
        if document is None:
            continue
        if not isinstance(document.data, dict):
            reading.faults.append(document.fault((), "must be a mapping of fields to values"))
            continue
        if document.data.get("id") not in (None, file.stem):
            told = f"is {document.data['id']!r} but the file is called {file.name}; the two must agree"
            reading.faults.append(document.fault(("id",), told))
        yield document


def _scheme(reading: Reading, document: Document) -> None:
    raw = dict(document.data)
    concepts = raw.pop("concepts", None)
    reading.add("scheme", raw, document, ())
    if not isinstance(concepts, list) or not concepts:
        reading.faults.append(document.fault(("concepts",), "a scheme needs a list of concepts"))
        return
    for rank, concept in enumerate(concepts):
        where: Where = ("concepts", rank)
        if not isinstance(concept, dict):
            reading.faults.append(document.fault(where, "a concept has an id, a label and a definition"))
            continue
        own = {"scheme": raw.get("id"), "rank": rank, "basis": raw.get("basis"), **concept}
        reading.add("concept", _owned(own, raw.get("id")), document, where)


def _owned(raw: dict[str, Any], owner: object) -> dict[str, Any]:
    """Give a nested record its full id."""
    return {**raw, "id": f"{owner}.{raw['id']}"} if isinstance(raw.get("id"), str) else raw


def _solution(reading: Reading, document: Document, vocabulary: Vocabulary) -> None:
    raw = dict(document.data)
    nested = {
        "addressing": ("addresses", raw.pop("addresses", None)),
        "limitation": ("limitations", raw.pop("limitations", None)),
    }
    reading.add("solution", raw, document, ())
    for kind, (name, items) in nested.items():
        if not isinstance(items, list) or not items:
            reading.faults.append(document.fault((name,), f"a solution needs a list of {name}"))
            continue
        for at, item in enumerate(items):
            if not isinstance(item, dict):
                reading.faults.append(document.fault((name, at), "must be a mapping of fields to values"))
                continue
            own = {"solution": raw.get("id"), "basis": raw.get("basis"), **item}
            if kind == "addressing" and isinstance(item.get("challenge"), str):
                own["id"] = item["challenge"]
            if own["basis"] is None:
                del own["basis"]
            reading.add(kind, _owned(own, raw.get("id")), document, (name, at), {"vocabulary": vocabulary})


def _articles(reading: Reading, file: Path, name: str) -> None:
    documents, faults = read_bibtex(file, name)
    reading.faults += faults
    for document in documents:
        raw = dict(document.data)
        for key, words in (("authors", "author"), ("seen_at", "seen_at")):
            if words in raw:
                text = raw.pop(words)
                raw[key] = [a.strip() for a in text.split(" and ")] if key == "authors" else text.split()
        raw["title"] = raw.get("title", "").replace("{", "").replace("}", "")
        for venue in ("journal", "booktitle", "howpublished", "institution"):
            if venue in raw:
                raw["venue"] = raw.pop(venue)
        if str(raw.get("year", "")).isdigit():
            raw["year"] = int(raw["year"])
        if raw.pop("archiveprefix", "arXiv") == "arXiv" and "eprint" in raw:
            raw["arxiv"] = raw.pop("eprint")
        reading.add("article", raw, document, ())
