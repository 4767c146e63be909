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
from api.sessions.state import EMPTY, Record
from api.sessions.view import tell_all
from api.web.answers.desk import Desk
from api.web.answers.reading import JSON
from api.web.answers.schema import SCHEMAS
from api.web.problems import MEDIA_TYPE, TYPES, Problem
from api.web.sessions.access import KEY
from api.web.sessions.advice import Advice
from api.web.sessions.advised import ADVISED
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
_SESSION, _TOKEN, _CODE = "Jx3hW0m9c2QbT5vR8kYpZg", "mfT0n2Zk7sW4xQ9cV1bR6yLhJ3pDgA8uEoK5iNtXwYs", "K7M4W-2QX9T"
_AT = 1_796_000_000_000
_REFUSED: Mapping[str, str] = {
    "unauthorised": "Send a token of this session as a bearer token; this one, or none, does not open it.",
    "forbidden": "Only the facilitator and co-facilitators can do this.",
    "not-now": "Round 1 was revealed already.",
    "not-found": "No session has this join code; look whether it is typed as it is shown.",
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
    log = _held(desk)
    told = tell_all(log, EMPTY)
    state = fold(log)
    held = document["components"]["schemas"]
    _schemas(held)
    one = "/v1/sessions/{session}"

    def say(method: str, path: str, **parts: Any) -> None:
        _say(paths[path][method], **parts)

    entry = {"session": _SESSION, "person": "p1", "token": _TOKEN, "seq": 1, "url": f"/v1/sessions/{_SESSION}"}
    creation = {"title": log[0].event.title, "name": "Ada", "profile": log[0].event.profile}  # type: ignore[attr-defined]
    say(
        "post",
        "/v1/sessions",
        body=("CreateRequest", {"begin": creation}),
        created=("Entry", entry),
        problems=_BODY,
        once=True,
    )
    joined = {**entry, "person": "p2", "seq": 2}
    say("post", "/v1/sessions/join", body=("JoinRequest", {"join": {"code": _CODE.lower(), "name": "Bo"}}), created=("Entry", joined),
        problems=("not-found", "not-now", *_BODY), once=True)  # fmt: skip
    say("get", one, found=("Snapshot", snapshot(_SESSION, state, "p2").__dict__))
    say("delete", one, problems=("forbidden",))
    sent = {r.event.kind: {**e.kept(r.event), "kind": r.event.kind, **_seen(r)} for r in log if r.event.kind in e.SENT}  # type: ignore[attr-defined]
    say("post", f"{one}/events", body=("SessionEvent", sent), created=("SessionHappening", told[4].to("p2")),
        problems=("forbidden", "not-now", "key-reused", *_BODY), once=True, again=True)  # fmt: skip
    some = {"session": _SESSION, "seq": state.seq, "events": [t.to("p2") for t in told[:2]], "more": True}
    say("get", f"{one}/events", found=("Happenings", some), query=_PAGING)
    stream = "".join(f"id: {t.record.seq}\nevent: event\ndata: {t.text('p2')}\n\n" for t in told[4:6])
    paths[f"{one}/events"]["get"]["responses"]["200"]["content"][STREAM] = {
        "schema": {"type": "string"},
        "example": stream,
    }
    say("post", f"{one}/people/{{person}}/token", body=("Nothing", {"none": {}}), created=("Entry", {**entry, "person": "p3"}),
        problems=("forbidden", *_BODY))  # fmt: skip
    invitation = {
        "code": _CODE,
        "link": f"https://provender.example.org/session/#join={_CODE.replace('-', '')}",
        "why": None,
    }
    say("get", f"{one}/invitation", found=("Invitation", invitation), problems=("forbidden",))
    say(
        "post",
        f"{one}/invitation",
        body=("Nothing", {"none": {}}),
        found=("Invitation", invitation),
        problems=("forbidden", *_BODY),
    )
    say("get", f"{one}/invitation.svg", problems=("forbidden", "not-now"))
    paths[f"{one}/invitation.svg"]["get"]["responses"]["200"] = {
        "description": "The QR code.", "content": {SVG: {"schema": {"type": "string"}}},
    }  # fmt: skip
    advice = Advice(lambda: desk)
    for asked in ADVISED:
        answer = json.loads(asked.adapter.dump_json(asked.ask(advice)(state, desk.current)))
        say("get", f"{one}/{asked.path}", found=(f"Session{asked.kind.__name__}", answer), problems=("not-now",))
    made = json.loads(ADAPTER.dump_json(record(_SESSION, state, desk.current, advice)))
    formats = {
        "name": "format",
        "in": "query",
        "description": "The format.",
        "schema": {"type": "string", "enum": list(FORMATS), "default": "json"},
    }
    say("get", f"{one}/record", found=("DecisionRecord", made), problems=("not-now",), query=[formats])
    content = paths[f"{one}/record"]["get"]["responses"]["200"]["content"]
    for name, (media_type, _, _) in FORMATS.items():
        if name != "json":
            content[media_type.partition(";")[0]] = {
                "schema": {"type": "string"} if name != "xlsx" else {"type": "string", "format": "binary"}
            }


def _held(desk: Desk) -> list[Record]:
    """A session of three people, from its creation to a decision with a dissent."""
    challenges = sorted(desk.current.challenges)[:2]
    solution = next(iter(desk.current.compiled.options))
    first = challenges[0]
    profile = {"challenges": dict.fromkeys(challenges, 3)}
    did: list[tuple[str, e.Event]] = [
        (
            "p1",
            e.Creation(
                title="Roadmap for the next year", name="Ada", catalogue=desk.publication.version, profile=profile
            ),
        ),
        ("p2", e.Arrival(name="Bo")),
        ("p3", e.Arrival(name="Cy")),
        ("p1", e.Rating(kind="rating", challenge=first, severity=2)),
        ("p2", e.Rating(kind="rating", challenge=first, severity=5, comment="It stopped us for two weeks in March.")),
        ("p3", e.Rating(kind="rating", challenge=first, severity=4)),
        ("p1", e.Reveal(kind="reveal", seen=6)),
        ("p1", e.Decision(kind="decision", solution=solution, decision="trial", owner="Bo", date="2027-03-31", seen=7)),
        ("p3", e.Dissent(kind="dissent", solution=solution, reason="It is too early.")),
    ]
    return [Record(seq, _AT + seq * 60_000, by, event) for seq, (by, event) in enumerate(did, 1)]


def _seen(record_: Record) -> Schema:
    return {"seen": record_.seq - 1} if "seen" in type(record_.event).model_fields else {}


def _schemas(held: Schema) -> None:
    for model in (
        CreateRequest,
        JoinRequest,
        Nothing,
        Entry,
        Snapshot,
        Happening,
        Happenings,
        Invitation,
        *e.SENT.values(),
    ):
        schema = model.model_json_schema(ref_template=_TEMPLATE)
        schema.pop("$defs", None)
        held[_NAMES.get(model, model.__name__)] = schema
    held["Happenings"]["properties"]["events"]["items"] = {"$ref": f"{SCHEMAS}SessionHappening"}
    held["CreateRequest"]["properties"]["profile"] = {"$ref": f"{SCHEMAS}Profile"}
    kinds = {kind: f"{SCHEMAS}{_NAMES.get(model, model.__name__)}" for kind, model in e.SENT.items()}
    held["SessionEvent"] = {
        "title": "SessionEvent",
        "description": "Something to do in a session.",
        "oneOf": [{"$ref": ref} for ref in kinds.values()],
        "discriminator": {"propertyName": "kind", "mapping": kinds},
    }
    answers = [(f"Session{one.kind.__name__}", "serialization", one.adapter) for one in ADVISED]
    named, definitions = TypeAdapter.json_schemas(
        [*answers, ("DecisionRecord", "serialization", ADAPTER)], ref_template=_TEMPLATE
    )  # type: ignore[list-item]
    for name, schema in definitions.get("$defs", {}).items():
        held.setdefault(name, schema)
    for (name, _), schema in named.items():
        held.setdefault(str(name), schema)


def _say(
    operation: Schema, *, body: tuple[str, Schema] | None = None, created: tuple[str, Any] | None = None,
    found: tuple[str, Any] | None = None, problems: tuple[str, ...] = (), query: list[Schema] | None = None, once: bool = False, again: bool = False,
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
_PAGING: list[Schema] = [
    {"name": "after", "in": "query", "description": "The last event that you have.",
     "schema": {"type": "integer", "minimum": 0, "maximum": 2**31}},
    {"name": "limit", "in": "query", "description": "How many to give at most.",
     "schema": {"type": "integer", "minimum": 1, "maximum": MOST_EVENTS, "default": MOST_EVENTS}},
]  # fmt: skip
_MODELS: tuple[type[BaseModel], ...] = (
    CreateRequest, JoinRequest, Nothing, Entry, Snapshot, Happening, Happenings, Invitation, *e.SENT.values(),
)  # fmt: skip
_NAMES: Mapping[Any, str] = {
    Happening: "SessionHappening",
    **{model: f"Session{model.__name__}" for model in e.SENT.values()},
}
