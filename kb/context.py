"""The JSON-LD context, derived from the record types; embedded in what is published, never fetched."""

from __future__ import annotations

from typing import Any

from kb.graph import BASE, PREFIXES, predicate
from kb.records import TYPES
from kb.shape import fields, parts

_XSD = {int: "xsd:integer", bool: "xsd:boolean", float: "xsd:double"}


def context() -> dict[str, Any]:
    """Terms for every field of every record, with what their values are."""
    made: dict[str, Any] = {name: str(namespace) for name, namespace in PREFIXES.items()}
    made |= {"id": "@id", "type": "@type", "@base": BASE}
    terms: dict[str, dict[str, Any]] = {}
    for of in TYPES.values():
        for part in parts(of):
            for field in fields(part):
                if field.name == "id":
                    continue
                name = str(predicate(field)).rpartition("#")[2].rpartition("/")[2]
                link = field.ref or field.scheme or field.part or field.ordered
                terms.setdefault(name, {"@id": str(predicate(field)), **({"@type": "@id"} if link else {})})
    made.update(sorted(terms.items()))
    return made
