"""The schema of a profile, made from the vocabulary: which facets there are, and which values each may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kb.records import Catalogue, Scheme, Vocabulary
from kb.records.profile import MAX_PROBLEM, PREFERABLE

Schema = dict[str, Any]
SCHEMAS = "#/components/schemas/"
_TEXT: Schema = {"type": ["string", "null"]}


def schemas(catalogue: Catalogue) -> dict[str, Schema]:
    """Schemas by name: `Profile`, and those it refers to.

    A profile is accepted if these hold, but for one rule that JSON Schema cannot tell in bearable length: nothing is both in `has` and in
    `lacks`. It is refused if they do not hold.
    """
    vocabulary = catalogue.vocabulary
    challenges = [c.id for c in catalogue.challenges if c.retired is None]
    solutions = [s.id for s in catalogue.solutions]
    kinds = [*vocabulary.values("kind"), *PREFERABLE]
    made: dict[str, Schema] = {
        "ChallengeId": _one_of(challenges, "A challenge of the catalogue."),
        "SolutionId": _one_of(solutions, "A solution of the catalogue."),
        "CriterionId": _one_of([c.id for c in catalogue.criteria], "A criterion of the score."),
        "FacetId": _one_of(vocabulary.facets, "A facet of an organisation."),
    }
    properties: dict[str, Schema] = {
        "id": {**_TEXT, "description": "A short name."},
        "label": {**_TEXT, "description": "What the organisation is called in the answer."},
        "about": {**_TEXT, "description": "Anything; it is not read."},
        "fictional": {"type": "boolean", "description": "Whether the organisation is made up."},
    }
    for facet in vocabulary.facets:
        made |= _facet(vocabulary, vocabulary.schemes[facet])
        properties[facet] = {
            "anyOf": [*_forms(vocabulary, facet), {"type": "null"}],
            "description": vocabulary.schemes[facet].question,
        }
    properties |= {
        "in_place": {
            **_list("SolutionId", len(solutions)),
            "description": "Solutions in use already; they are never recommended.",
        },
        "tried": {
            "type": "object",
            "propertyNames": {"$ref": f"{SCHEMAS}SolutionId"},
            "additionalProperties": {"type": "string"},
            "description": "Solutions tried before, with a note on what came of it; it is shown as a caution.",
        },
        "prefer": {
            "type": "object",
            "propertyNames": {"enum": kinds},
            "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
            "description": "Kinds and properties that you would rather have, with a weight each.",
        },
        "challenges": {
            "type": "object",
            "propertyNames": {"$ref": f"{SCHEMAS}ChallengeId"},
            "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 5},
            "description": "What you struggle with, and how badly: from 1 (minor) to 5 (critical).",
        },
        "problem": {**_TEXT, "maxLength": MAX_PROBLEM, "description": "What goes wrong, in plain words."},
    }
    made["Profile"] = {
        "type": "object",
        "title": "Profile",
        "description": "An organisation, as in a profile file. What is left out is unknown; of `rules_out`, it is not ruled out.",
        "additionalProperties": False,
        "properties": properties,
    }
    return made


def _facet(vocabulary: Vocabulary, scheme: Scheme) -> dict[str, Schema]:
    """The values of a facet, and the form for what is known of it in part."""
    values, name = vocabulary.values(scheme.id), _title(scheme.id)
    told = "; ".join(f"`{v}`: {vocabulary.concepts[f'{scheme.id}.{v}'].definition}" for v in values)
    made = {f"{name}Value": _one_of(values, told)}
    value = {"$ref": f"{SCHEMAS}{name}Value"}
    if scheme.order == "ordered":
        part = {"at_least": value, "at_most": value}
        # Bounds that cross are no bounds.
        wrong = [_crossing(v, values[:at]) for at, v in enumerate(values) if at]
        made[f"{name}Bounds"] = _part(part, wrong, "The lowest and the highest level that it may be.")
    else:
        part = {side: _list(f"{name}Value", len(values)) for side in ("has", "lacks")}
        made[f"{name}Known"] = _part(part, [], "What is there and what is not, nothing in both; the rest is unknown.")
    return made


def _forms(vocabulary: Vocabulary, facet: str) -> list[Schema]:
    name = _title(facet)
    if vocabulary.ordered(facet):
        return [{"$ref": f"{SCHEMAS}{name}Value"}, {"$ref": f"{SCHEMAS}{name}Bounds"}]
    whole = {**_list(f"{name}Value", len(vocabulary.values(facet))), "description": "All that is there."}
    return [whole, {"$ref": f"{SCHEMAS}{name}Known"}]


def _one_of(values: Iterable[str], told: str) -> Schema:
    return {"type": "string", "enum": list(values), "description": told}


def _list(name: str, most: int) -> Schema:
    return {"type": "array", "items": {"$ref": f"{SCHEMAS}{name}"}, "maxItems": most}


def _crossing(low: str, below: tuple[str, ...]) -> Schema:
    return {
        "required": ["at_least", "at_most"],
        "properties": {"at_least": {"const": low}, "at_most": {"enum": list(below)}},
    }


def _part(properties: Mapping[str, Schema], wrong: list[Schema], told: str) -> Schema:
    made: Schema = {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
        "minProperties": 1,
        "description": told,
    }
    return made | ({"not": {"anyOf": wrong}} if wrong else {})


def _title(facet: str) -> str:
    return "".join(part.capitalize() for part in facet.split("_"))
