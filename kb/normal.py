"""The catalogue's normal form: one JSON object that holds everything, in a fixed order; releases and the bundle are written in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from kb.records import Vocabulary

if TYPE_CHECKING:
    from kb.records import Catalogue

_LISTS = ("articles", "challenges", "solutions", "addressings", "limitations", "criteria")


def to_object(catalogue: Catalogue) -> dict[str, Any]:
    """The catalogue as JSON data: `version`, `edition`, `vocabulary` (schemes with their concepts) and a list per kind of record."""
    concepts: dict[str, list[dict[str, Any]]] = {}
    for concept in sorted(catalogue.concepts, key=lambda c: (c.scheme, c.rank)):
        concepts.setdefault(concept.scheme, []).append(_plain(concept))
    return {
        "version": catalogue.edition.id,
        "edition": _plain(catalogue.edition),
        "vocabulary": [{**_plain(s), "concepts": concepts.get(s.id, [])} for s in catalogue.schemes],
        **{name: [_plain(r) for r in getattr(catalogue, name)] for name in _LISTS},
    }


def _plain(record: Any) -> dict[str, Any]:
    made: dict[str, Any] = record.model_dump(mode="json", exclude_none=True)
    return made


class Built:
    """A record as it was built: its fields as attributes; one that was left out is None, as in the record types."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.__dict__.update(fields)

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)
        return


def from_build(text: bytes) -> Catalogue:
    """Read a catalogue that was validated when it was built, without its validators, which take longer to import than an answer takes.

    Args:
        text: the normal form, as `to_json` wrote it.

    Returns:
        Records with the attributes of the record types, lists for tuples and text for dates.
    """
    made = json.loads(text, object_hook=Built)
    schemes = made.vocabulary
    concepts = sorted((c for scheme in schemes for c in scheme.concepts), key=lambda c: str(c.id))
    made.__dict__.update(schemes=schemes, concepts=concepts, vocabulary=Vocabulary(schemes, concepts))
    return cast("Catalogue", made)


def from_object(data: dict[str, Any]) -> Catalogue:
    """Rebuild the catalogue from its normal form.

    Raises:
        ValueError: if it is not a catalogue's normal form.
    """
    from kb.records import Catalogue

    schemes = [{k: v for k, v in s.items() if k != "concepts"} for s in data["vocabulary"]]
    concepts = sorted((c for s in data["vocabulary"] for c in s["concepts"]), key=lambda c: str(c["id"]))
    lists = {name: data[name] for name in _LISTS}
    return Catalogue.model_validate({"edition": data["edition"], "schemes": schemes, "concepts": concepts, **lists})


def to_json(catalogue: Catalogue) -> str:
    """The normal form as text; equal catalogues give equal bytes."""
    return json.dumps(to_object(catalogue), ensure_ascii=False, indent=1) + "\n"
