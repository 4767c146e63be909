"""Releases: kept copies of the catalogue's normal form, what changed between them, and the rules they impose on the next."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from kb.faults import Fault
from kb.normal import to_json, to_object
from kb.records import Catalogue

_KINDS = {
    "vocabulary": "scheme", "articles": "article", "challenges": "challenge", "solutions": "solution", "addressings": "addressing",
    "limitations": "limitation", "criteria": "criterion",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What became of one record between two releases."""

    change: Literal["added", "changed", "retired", "removed"]
    kind: str
    id: str
    label: str
    fields: tuple[str, ...] = ()


def versions(folder: Path) -> list[str]:
    """Versions that are kept, oldest first."""
    found = [file.name.removesuffix(".json.gz") for file in (folder / "releases").glob("*.json.gz")]
    return sorted(found, key=_order)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def read_release(folder: Path, version: str) -> dict[str, Any]:
    """The normal form of a kept release.

    Raises:
        KeyError: naming the releases there are.
    """
    file = folder / "releases" / f"{version}.json.gz"
    if version not in versions(folder):
        raise KeyError(f"there is no release {version}; kept are {', '.join(versions(folder)) or 'none'}")
    data: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    return data


def write_release(catalogue: Catalogue, folder: Path) -> Path:
    """Keep the catalogue under its version.

    Raises:
        FileExistsError: if that version is kept already with other content.
    """
    file = folder / "releases" / f"{catalogue.edition.id}.json.gz"
    packed = gzip.compress(to_json(catalogue).encode(), mtime=0)
    if file.exists() and gzip.decompress(file.read_bytes()) != gzip.decompress(packed):
        raise FileExistsError(f"{catalogue.edition.id} is released and differs; give catalogue.yaml a new `id`")
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(packed)
    return file


def _records(data: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    held = {(kind, r["id"]): r for name, kind in _KINDS.items() for r in data.get(name, [])}
    held.update({("concept", c["id"]): c for s in data.get("vocabulary", []) for c in s["concepts"]})
    return {key: {k: _compared(k, v) for k, v in r.items() if k != "concepts"} for key, r in held.items()}


def _compared(field: str, value: Any) -> Any:
    """A field as it is compared: to have checked an implementation again and found the same is no change."""
    if field != "implementations":
        return value
    return [{k: v for k, v in implementation.items() if k != "checked"} for implementation in value]


def _label(record: Mapping[str, Any]) -> str:
    return str(record.get("label") or record.get("title") or record["id"])


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What happened to each record between two normal forms, by kind and id."""
    before, after = _records(old), _records(new)
    found: list[Change] = []
    for key in sorted(before.keys() | after.keys()):
        kind, identity = key
        if key not in before:
            found.append(Change("added", kind, identity, _label(after[key])))
        elif key not in after:
            found.append(Change("removed", kind, identity, _label(before[key])))
        elif before[key] != after[key]:
            names = before[key].keys() | after[key].keys()
            fields = tuple(sorted(n for n in names if before[key].get(n) != after[key].get(n)))
            retired = "retired" in after[key] and "retired" not in before[key]
            found.append(Change("retired" if retired else "changed", kind, identity, _label(after[key]), fields))
    return found


def changelog(folder: Path) -> list[dict[str, Any]]:
    """One entry per record and release, newest release first; made from the kept releases."""
    kept = versions(folder)
    entries: list[dict[str, Any]] = []
    previous: dict[str, Any] = {}
    for version in kept:
        current = read_release(folder, version)
        entries = [{"version": version, **asdict(change)} for change in diff(previous, current)] + entries
        previous = current
    return entries


def changes_since(catalogue: Catalogue, folder: Path) -> dict[str, Any]:
    """What changed after each kept release, short enough to go with every page that opens old scenarios.

    Returns:
        `versions`: of the kept releases and of the catalogue at hand, oldest first; `since`: by version, but the first, what it changed
        against the one before: ``[change, kind, id, label, *fields]``, of the kinds that a scenario can stand on.
    """
    kept = [v for v in versions(folder) if _order(v) < _order(catalogue.edition.id)]
    forms = [*(read_release(folder, v) for v in kept), to_object(catalogue)]
    every = [*kept, catalogue.edition.id]
    since = {
        version: [[c.change, c.kind, c.id, c.label, *c.fields] for c in diff(old, new) if c.kind != "article"]
        for version, old, new in zip(every[1:], forms, forms[1:], strict=False)
    }
    return {"versions": every, "since": since}


def check_releases(catalogue: Catalogue, folder: Path) -> Iterator[Fault]:
    """What the kept releases forbid: changing a released version, and dropping or moving back behind what was released."""
    current = json.loads(to_json(catalogue))
    kept = versions(folder)
    name = f"{folder.name}/catalogue.yaml"
    for version in kept:
        try:
            released = read_release(folder, version)
        except (OSError, ValueError, EOFError) as error:
            yield Fault(
                f"{folder.name}/releases/{version}.json.gz",
                0,
                "",
                f"cannot be read ({error}); restore it from version control",
            )
            continue
        if version == catalogue.edition.id and released != current:
            changed = ", ".join(f"{c.kind} {c.id}" for c in diff(released, current)[:3]) or "the edition"
            told = f"release {version} is kept and differs ({changed} …); give the next one a new id, then run `provender release`"
            yield Fault(name, 1, "id", told)
        for kind, identity in sorted(_records(released).keys() - _records(current).keys()):
            told = f"{kind} {identity} was released in {version} and is gone; keep it and say `retired: {{on, why, replaced_by}}`"
            yield Fault(f"{folder.name}", 0, f"{kind} {identity}", told)
    if kept and _order(catalogue.edition.id) < _order(kept[-1]):
        yield Fault(
            name,
            1,
            "id",
            f"{catalogue.edition.id} is older than the kept release {kept[-1]}; give it a later version",
        )
