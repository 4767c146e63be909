"""Describes the sessions' operations in the OpenAPI document: requests, answers, and the problems that there may be.

The examples are those of a small session that is really held, in memory, on the release that is served.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter

from api.publication import Publication
from api.sessions import events as e
from api.sessions.fold import fold
from api.sessions.state import EMPTY
from api.sessions.view import tell_all
from api.web.answers.desk import Desk
from api.web.answers.reading import JSON
from api.web.answers.schema import SCHEMAS
from api.web.problems import MEDIA_TYPE, TYPES, Problem
from api.web.sessions.access import KEY
from api.web.sessions.advice import Advice
from api.web.sessions.advised import ADVISED
from api.web.sessions.example import held, sent
from api.web.sessions.formats import ADAPTER, FORMATS
from api.web.sessions.models import (
    CreateRequest,
    Entry,
    Happening,
    Happenings,
    Invitation,
    JoinRequest,
    Nothing,
    Snapshot,
)
from api.web.sessions.record import record
from api.web.sessions.routes import SVG
from api.web.sessions.service import MOST_EVENTS, snapshot
from api.web.sessions.stream import MEDIA_TYPE as STREAM

Schema = dict[str, Any]
_TEMPLATE = SCHEMAS + "{model}"
MODELS: tuple[type[BaseModel], ...] = (
    CreateRequest, JoinRequest, Nothing, Entry, Snapshot, Happening, Happenings, Invitation, *e.SENT.values(),
)  # fmt: skip
"""All that is sent or answered, apart from the engine's answers and the record."""
_SESSION, _TOKEN, _CODE = "Jx3hW0m9c2QbT5vR8kYpZg", "mfT0n2Zk7sW4xQ9cV1bR6yLhJ3pDgA8uEoK5iNtXwYs", "K7M4W-2QX9T"
_REFUSED: Mapping[str, str] = {
    "unauthorised": "Send a token of this session as a bearer token; this one, or none, does not open it.",
    "forbidden": "Only the facilitator and co-facilitators can do this.",
    "not-now": "Round 1 was revealed already.",
    "not-found": "No session has this join code; look whether it is typed as it is shown.",
    "conflict": "Event 7 changed this since; see `since`, then decide anew.",
    "session-full": "The log of this session is full; it can only be closed.",
    "key-reused": "Take a new Idempotency-Key for something new.",
    "unavailable": "The sessions' database does not answer; try again.",
    "unsupported-media-type": "Send JSON in UTF-8 and say so: Content-Type: application/json; this came as text/plain.",
    "too-large": "The body has 1,048,576 bytes; at most 262,144 are read.",
}
_BODY = ("unsupported-media-type", "too-large")


def describe(document: Schema, publication: Publication, data: Path) -> None:
    """Describe the operations in a document that already lists them; does nothing if there are no sessions.

    Args:
        document: an OpenAPI document; changed in place.
        publication: the release that is current.
        data: folder of the catalogue.
    """
    paths = document["paths"]
    if "/v1/sessions" not in paths:
        return
    desk = Desk(publication, data)
    log = held(desk)
    told, state = tell_all(log, EMPTY), fold(log)
    _schemas(document["components"]["schemas"])

    def say(method: str, below: str, **parts: Any) -> dict[str, Any]:
        operation: Schema = paths["/v1/sessions" + below][method]
        _say(operation, **parts)
        return operation["responses"].get("200", {}).get("content", {})  # type: ignore[no-any-return]

    begun, one = sent(log[0]), "/{session}"
    del begun["kind"], begun["catalogue"]
    entry = {"session": _SESSION, "person": "p1", "token": _TOKEN, "seq": 1, "url": f"/v1/sessions/{_SESSION}"}
    say(
        "post",
        "",
        body=("CreateRequest", {"begin": begun}),
        created=("Entry", entry),
        problems=("key-reused", *_BODY),
        once=True,
    )
    say("post", "/join", body=("JoinRequest", {"join": {"code": _CODE.lower(), "name": "Bo"}}),
        created=("Entry", {**entry, "person": "p2", "seq": 2}), problems=("not-found", "not-now", "key-reused", *_BODY),
        once=True)  # fmt: skip
    say("get", one, found=("Snapshot", snapshot(_SESSION, state, "p2").__dict__))
    say("delete", one, problems=("forbidden",))
    bodies = {record.event.kind: sent(record) for record in log if record.event.kind in e.SENT}
    say("post", f"{one}/events", body=("SessionEvent", bodies), created=("SessionHappening", told[4].to("p2")),
        problems=("forbidden", "conflict", "not-now", "session-full", "key-reused", *_BODY), once=True, again=True)  # fmt: skip
    some = {"session": _SESSION, "seq": state.seq, "events": [t.to("p2") for t in told[:2]], "more": True}
    read = say("get", f"{one}/events", found=("Happenings", some), query=_PAGING)
    stream = "".join(f"id: {t.record.seq}\nevent: event\ndata: {t.text('p2')}\n\n" for t in told[4:6])
    read[STREAM] = {"schema": _TEXT, "example": stream}
    say("post", f"{one}/people/{{person}}/token", body=("Nothing", {"none": {}}),
        created=("Entry", {**entry, "person": "p3"}), problems=("forbidden", *_BODY))  # fmt: skip
    link = f"https://provender.example.org/session/#join={_CODE.replace('-', '')}"
    invitation = ("Invitation", {"code": _CODE, "link": link, "why": None})
    say("get", f"{one}/invitation", found=invitation, problems=("forbidden",))
    say("post", f"{one}/invitation", body=("Nothing", {"none": {}}), found=invitation, problems=("forbidden", *_BODY))
    say("get", f"{one}/invitation.svg", problems=("forbidden", "not-now"))
    drawn = {"description": "The QR code.", "content": {SVG: {"schema": _TEXT}}}
    paths[f"/v1/sessions{one}/invitation.svg"]["get"]["responses"]["200"] = drawn
    advice = Advice(lambda: desk)
    for asked in ADVISED:
        answer = json.loads(asked.adapter.dump_json(asked.ask(advice)(state, desk.current)))
        say("get", f"{one}/{asked.path}", found=(f"Session{asked.kind.__name__}", answer), problems=("not-now",))
    made = json.loads(ADAPTER.dump_json(record(_SESSION, state, desk.current, advice)))
    taken = say("get", f"{one}/record", found=("DecisionRecord", made), problems=("not-now",), query=_FORMATS)
    for name, (media_type, _, _) in FORMATS.items():
        if name != "json":
            taken[media_type.partition(";")[0]] = {"schema": _BINARY if name == "xlsx" else _TEXT}


def _schemas(held: Schema) -> None:
    """Put the schemas of all that is sent and answered among those that there are."""
    for model in MODELS:
        schema = model.model_json_schema(ref_template=_TEMPLATE)
        schema.pop("$defs", None)
        held[_name(model)] = schema
    held["Happenings"]["properties"]["events"]["items"] = {"$ref": f"{SCHEMAS}SessionHappening"}
    held["CreateRequest"]["properties"]["profile"] = {"$ref": f"{SCHEMAS}Profile"}
    kinds = {kind: SCHEMAS + _name(model) for kind, model in e.SENT.items()}
    held["SessionEvent"] = {
        "title": "SessionEvent",
        "description": "Something to do in a session.",
        "oneOf": [{"$ref": ref} for ref in kinds.values()],
        "discriminator": {"propertyName": "kind", "mapping": kinds},
    }
    answers: dict[str, TypeAdapter[Any]] = {f"Session{one.kind.__name__}": one.adapter for one in ADVISED}
    named, definitions = TypeAdapter.json_schemas(
        [(name, "serialization", adapter) for name, adapter in {**answers, "DecisionRecord": ADAPTER}.items()],
        ref_template=_TEMPLATE,
    )
    for name, schema in {**{str(name): schema for (name, _), schema in named.items()}, **definitions["$defs"]}.items():
        held.setdefault(name, schema)


def _name(model: type[BaseModel]) -> str:
    """How the document calls a model; an event's name alone would say too little there."""
    return f"Session{model.__name__}" if model is Happening or issubclass(model, e.Event) else model.__name__


def _say(
    operation: Schema, *, body: tuple[str, Schema] | None = None, created: tuple[str, Any] | None = None,
    found: tuple[str, Any] | None = None, problems: tuple[str, ...] = (),
    query: list[Schema] | None = None, once: bool = False, again: bool = False,
) -> None:  # fmt: skip
    """Say what an operation takes and gives."""
    if body is not None:
        model, examples = body
        operation["requestBody"] = {
            "required": True,
            "content": {
                JSON: {"schema": {"$ref": SCHEMAS + model}, "examples": {k: {"value": v} for k, v in examples.items()}}
            },
        }
    operation["parameters"] = [p for p in operation.get("parameters", ()) if p["in"] == "path"] + (query or [])
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            parameter |= _PATHS[parameter["name"]]
    if once:
        operation["parameters"].append(_ONCE)
    responses = {status: held for status, held in operation["responses"].items() if status == "204"}
    for status, answer in (("201", created), ("200", created if again else found)):
        if answer is not None:
            content = {"schema": {"$ref": SCHEMAS + answer[0]}, "example": answer[1]}
            said = (
                "It had come before by the same key; nothing was changed."
                if again and status == "200"
                else "Done."
                if created
                else "Found."
            )
            responses[status] = {"description": said, "content": {JSON: content}}
    guarded = ("unauthorised",) if "security" in operation else ()
    body_told = ("invalid-input",) if body is not None or query else ()
    for kind in (*guarded, *problems, *body_told, "unavailable"):
        status = str(TYPES[kind][0])
        told = json.loads(Problem(kind, _REFUSED.get(kind, "1 thing does not hold; see `errors`.")).body())
        content = responses.setdefault(
            status,
            {
                "description": TYPES[kind][1],
                "content": {MEDIA_TYPE: {"schema": {"$ref": f"{SCHEMAS}Problem"}, "examples": {}}},
            },
        )
        content["content"][MEDIA_TYPE]["examples"][kind] = {"value": told}
    operation["responses"] = dict(sorted(responses.items()))


_PATHS: Mapping[str, Schema] = {
    "session": {"description": "Its id.", "schema": {"type": "string"}, "example": _SESSION},
    "person": {"description": "Somebody in the session.", "schema": {"type": "string"}, "example": "p3"},
}
_ONCE: Schema = {
    "name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "pattern": KEY},
    "description": "A new UUID. The same request with the same key is done once; whoever knows both can repeat it.",
}  # fmt: skip
_TEXT: Schema = {"type": "string"}
_BINARY: Schema = {"type": "string", "format": "binary"}
_FORMATS: list[Schema] = [
    {"name": "format", "in": "query", "description": "The format.",
     "schema": {"type": "string", "enum": list(FORMATS), "default": "json"}},
]  # fmt: skip
_PAGING: list[Schema] = [
    {"name": "after", "in": "query", "description": "The last event that you have.",
     "schema": {"type": "integer", "minimum": 0, "maximum": 2**31}},
    {"name": "limit", "in": "query", "description": "How many to give at most.",
     "schema": {"type": "integer", "minimum": 1, "maximum": MOST_EVENTS, "default": MOST_EVENTS}},
    {"name": "Last-Event-ID", "in": "header", "description": "For a stream: the last event that you have. Browsers send it by themselves.",
     "schema": {"type": "integer", "minimum": 0, "maximum": 2**31}},
]  # fmt: skip
