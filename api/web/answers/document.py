"""Fills the OpenAPI document with what only the catalogue knows: the profile's values, and examples that were really answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from api import codec
from api.publication import Publication
from api.web.answers.desk import Desk
from api.web.answers.models import RecommendationRequest
from api.web.answers.operations import ADAPTERS, OPERATIONS, Operation, to_json
from api.web.answers.reading import JSON, envelope, from_json, refused
from api.web.answers.routes import PATH, WEIGHT, address
from api.web.answers.schema import SCHEMAS, schemas
from api.web.problems import MEDIA_TYPE, TYPES, Fault, Problem
from engine.answer import Answer
from kb.source import read_yaml

Schema = dict[str, Any]
_TEMPLATE = SCHEMAS + "{model}"
_EXAMPLE, _OTHER = "press-shop", "city-traffic-office"


def describe(document: Schema, publication: Publication, data: Path) -> None:
    """Describe the answers' operations in a document that already lists them.

    Args:
        document: an OpenAPI document; changed in place.
        publication: the release that is current.
        data: folder of the catalogue, with its example profiles and kept releases.
    """
    desk = Desk(publication, data)
    held = document.setdefault("components", {}).setdefault("schemas", {})
    held.update(schemas(publication.catalogue))
    named, definitions = TypeAdapter.json_schemas(
        [(kind.__name__, "serialization", adapter) for kind, adapter in ADAPTERS.items()], ref_template=_TEMPLATE
    )
    held.update(definitions["$defs"])
    examples = requests(desk, data)
    for operation in OPERATIONS:
        described = document["paths"][operation.path]["post"]
        for model in operation.requests:
            held[model.__name__] = _request(model.model_json_schema(ref_template=_TEMPLATE), desk)
        asked = examples[operation.id]
        described["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": _either(m.__name__ for m in operation.requests), "examples": asked}},
        }
        answers = {
            name: {"value": _answered(operation, desk, example["value"])}
            for name, example in asked.items()
            if name in ("press-shop", "releases", "words", "front")
        }
        schema = _joined([named[kind.__name__, "serialization"] for kind in operation.answers])
        described["responses"] = _responses(schema, answers, described.get("responses", {}), _problems(desk))
    asked_for = envelope(RecommendationRequest, examples["recommend"]["press-shop"]["value"])
    described = document["paths"][PATH]["get"]
    described["parameters"] = _parameters(address(asked_for, publication.version), desk.current.compiled.weights)
    schema = named[Answer.__name__, "serialization"]
    answer = {"press-shop": {"value": json.loads(to_json(desk.recommend(asked_for)))}}
    told = _problems(desk)
    told = {s: told[s] for s in (400, 422, 429, 503)}
    described["responses"] = _responses(schema, answer, described.get("responses", {}), told)
    described["responses"]["304"] = {"description": "Not changed since the answer that has this ETag."}
    described["responses"]["200"]["headers"] = {
        "ETag": {
            "description": "Changes with the release, the profile and the parameters.",
            "schema": {"type": "string"},
        }
    }


def requests(desk: Desk, data: Path) -> dict[str, dict[str, Any]]:
    """Examples of requests by operation and name, made from the example profiles that come with the catalogue."""
    profiles = {}
    for file in sorted((data / "profiles").glob("*.yaml")):
        document, _ = read_yaml(file, file.name)
        if document is not None:
            profiles[file.stem] = {k: v for k, v in document.data.items() if k not in ("id", "about")}
    first = profiles.get(_EXAMPLE, {})
    catalogue = desk.publication.catalogue
    symptom = next(
        (s.says for c in catalogue.challenges for s in c.symptoms if c.retired is None), "The data is wrong."
    )
    recommended = desk.recommend(RecommendationRequest(profile=first))
    blocked = [b.solution for b in recommended.blocked] or list(desk.current.compiled.options)
    newest = desk.releases[-1]
    made: dict[str, dict[str, Any]] = {
        "match_text": {"words": {"text": symptom, "top": 3}},
        "recommend": {
            "press-shop": {"profile": first, "first": 1},
            "weights": {"profile": first, "first": 3, "weights": {"cost": 0.3, "speed": 0.2}},
            "nothing-known": {"profile": {}, "first": 3},
            **{name: {"profile": held} for name, held in profiles.items() if name != _EXAMPLE},
        },
        "explain_solution": {"press-shop": {"profile": first, "solution": blocked[0]}},
        "compare": {
            "press-shop": {"a": first, "b": {**first, "budget": "large"}},
            "releases": {"a": desk.releases[0], "b": newest, "profile": first},
            "two-organisations": {"a": first, "b": profiles.get(_OTHER, {})},
        },
        "make_plan": {
            "press-shop": {"profile": first},
            "limits": {"profile": first, "euros": 40000, "person_weeks": 20, "weeks": 26, "parallel": 2},
            "front": {"profile": first, "euros": 60000, "pareto": True},
        },
        "next_question": {
            "press-shop": {"profile": {"challenges": first.get("challenges", {})}},
            "not-known": {"profile": {"challenges": first.get("challenges", {})}, "answered": ["budget", "people"]},
        },
    }
    return {of: {name: {"value": value} for name, value in held.items()} for of, held in made.items()}


def _answered(operation: Operation, desk: Desk, value: Any) -> Any:
    """What really is answered."""
    asked = envelope(operation.form(value), value)
    return json.loads(to_json(operation.answer(desk, asked, lambda _: None)))


def _request(schema: Schema, desk: Desk) -> Schema:
    """A request's schema with the catalogue's names in it."""
    properties = schema["properties"]
    for name, held in properties.items():
        told = {"description": held.get("description", "")}
        if name == "profile" or (name in ("a", "b") and held.get("type") == "object"):
            properties[name] = {"$ref": f"{SCHEMAS}Profile"}
        elif name in ("a", "b"):
            properties[name] = {"type": "string", "enum": list(desk.releases), **told}
        elif name == "solution":
            properties[name] = {"type": "string", "enum": list(desk.current.compiled.options), **told}
        elif name == "answered":
            held["items"] = {"$ref": f"{SCHEMAS}FacetId"}
        elif name == "weights":
            weights = {
                "type": "object",
                "propertyNames": {"$ref": f"{SCHEMAS}CriterionId"},
                "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
            }
            properties[name] = {"anyOf": [weights, {"type": "null"}], **told}
    return schema


def _either(names: Iterable[str]) -> Schema:
    return _joined([{"$ref": SCHEMAS + name} for name in names])


def _joined(schemas: list[Any]) -> Schema:
    return dict(schemas[0]) if len(schemas) == 1 else {"anyOf": schemas}


def _parameters(example: str, criteria: Iterable[str]) -> list[Schema]:
    word = example.partition("profile=")[2].partition("&")[0]
    one = f"(?:{'|'.join(criteria)}):{WEIGHT}"
    return [
        {
            "name": "profile",
            "in": "query",
            "required": True,
            "description": "A profile as one word: `1.`, the catalogue's version, `.` and the base64url of its canonical JSON.",
            "schema": {"type": "string", "pattern": codec.PATTERN},
            "example": word,
        },
        {
            "name": "weights",
            "in": "query",
            "description": "What criteria count for, as `depth:0.5,cost:0.1`.",
            "schema": {"type": "string", "pattern": f"^{one}(,{one})*$"},
        },
        {
            "name": "margin",
            "in": "query",
            "description": "By how much a solution must lead to be a clear winner.",
            "schema": {"type": "number", "minimum": 0, "maximum": 1},
        },
        {
            "name": "first",
            "in": "query",
            "description": "How many recommendations and blocked solutions to tell; all unless given.",
            "schema": {"type": "integer", "minimum": 0, "maximum": 1000},
            "example": 1,
        },
    ]


def _responses(schema: Any, answers: Mapping[str, Any], before: Schema, problems: Mapping[int, Problem]) -> Schema:
    made = {k: v for k, v in before.items() if k not in ("200", "422")}
    made["200"] = {"description": "The answer.", "content": {JSON: {"schema": schema, "examples": dict(answers)}}}
    for status, problem in problems.items():
        made[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": f"{SCHEMAS}Problem"},
                    "examples": {problem.type: {"value": json.loads(problem.body())}},
                }
            },
        }
    return dict(sorted(made.items()))


def _problems(desk: Desk) -> dict[int, Problem]:
    """A problem for each status, those that can be had without a server by having them."""

    def failing(content: bytes) -> Problem:
        try:
            desk.recommend(envelope(RecommendationRequest, from_json(content)))
        except Problem as problem:
            return problem
        return refused([Fault("", "does not hold")])

    made = [
        failing(b'{"profile": {"budget": "small",}}'),
        Problem("too-large", "The body has 1,048,576 bytes; at most 262,144 are read."),
        Problem(
            "unsupported-media-type", f"Send JSON in UTF-8 and say so: Content-Type: {JSON}; this came as text/plain."
        ),
        failing(b'{"profile": {"buget": "small", "challenges": {"data-drft": 4}}}'),
        Problem("too-many-requests", TYPES["too-many-requests"][1] + "; ask again in 12 s."),
        Problem(
            "answer-timeout", "It was not there after 20 seconds; ask for less, or try again when there is less to do."
        ),
    ]
    return {problem.status: problem for problem in made}
