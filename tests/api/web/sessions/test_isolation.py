"""No session tells anything to whoever has no token of it: every route, every method, every way in which a token can be wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_args

import httpx
import pytest
from starlette.routing import Route

from api.sessions import events as e
from api.settings import Settings
from api.web.sessions.routes import router
from api.workspace.store import Workspace
from tests.api.web.conftest import Running
from tests.api.web.sessions.people import Remote, bearer
from tests.serving import Server

Operation = tuple[str, str]
OPEN: set[Operation] = {("POST", "/v1/sessions"), ("POST", "/v1/sessions/join")}
"""What needs no token."""
FACILITATOR: set[Operation] = {("DELETE", "/v1/sessions/{session}")}
"""What only the facilitator may."""
LEADING: set[Operation] = {
    ("GET", "/v1/sessions/{session}/invitation"),
    ("POST", "/v1/sessions/{session}/invitation"),
    ("GET", "/v1/sessions/{session}/invitation.svg"),
    ("POST", "/v1/sessions/{session}/people/{person}/token"),  # for somebody else
}
"""What only the facilitator and co-facilitators may."""
ANYBODY: set[Operation] = {
    ("GET", "/v1/sessions/{session}"),
    ("GET", "/v1/sessions/{session}/events"),
    ("POST", "/v1/sessions/{session}/events"),
    ("GET", "/v1/sessions/{session}/options"),
    ("GET", "/v1/sessions/{session}/roadmap"),
    ("GET", "/v1/sessions/{session}/changes"),
    ("GET", "/v1/sessions/{session}/record"),
}
"""What everybody in a session may; of events, only some kinds."""
BY_ANYBODY = {"rating", "proposal", "dissent"}
BY_LEADING = set(e.SENT) - BY_ANYBODY
SECRETS = ("Zebra crossing", "Xanthippe", "Quirin", "Wolfram", "We lost a week in March.")
"""What is said in the session, and nowhere else."""
SOLUTION = "data-unit-tests"


@pytest.fixture(scope="module")
def hall(running: Running) -> Iterator[Server]:
    """A server with sessions that phones reach."""
    with running(PROVENDER_PUBLIC_URL="http://192.0.2.7:8000") as server:
        yield server


@dataclass
class Room:
    """A session with a facilitator, a co-facilitator and a participant."""

    leader: Remote
    second: Remote
    member: Remote


@pytest.fixture
def room(hall: Server) -> Room:
    leader = Remote(hall, "sessions", title=SECRETS[0], name=SECRETS[1], profile={"budget": "small"})
    second, member = leader.join(SECRETS[2]), leader.join(SECRETS[3])
    leader.do("role", person="p2", role="co-facilitator")
    for person in (leader, second, member):
        person.do("rating", challenge="dirty-data", severity=3)
    leader.do("decision", solution=SOLUTION, decision="trial", reason=SECRETS[4])
    return Room(leader, second, member)


def _routes() -> set[Operation]:
    """Every session route that the program has, documented or not."""
    made = router(object.__new__(Workspace), lambda: None, Settings())  # type: ignore[arg-type, return-value, call-arg]
    routes = [route for route in made.routes if isinstance(route, Route)]
    assert len(routes) == len(made.routes)
    return {
        (method, route.path.replace(":session}", "}"))
        for route in routes
        for method in route.methods or ()
        if method != "HEAD"
    }


SCOPED = sorted(LEADING | FACILITATOR | ANYBODY)


def test_every_route_is_held_to_account_here(hall: Server) -> None:
    paths = hall.get("/openapi.json").json()["paths"]
    documented = {
        (method.upper(), path)
        for path, held in paths.items()
        if path.startswith("/v1/sessions")
        for method in held
        if method != "parameters"
    }
    assert _routes() == documented == OPEN | set(SCOPED)
    for method, path in SCOPED:
        assert paths[path][method.lower()]["security"] == [{"SessionToken": []}], (method, path)


def _send(server: httpx.Client, room: Room, operation: Operation, token: str | None, **headers: str) -> httpx.Response:
    """A request that would be done if the token allowed it."""
    method, path = operation
    seat = room.leader.seat
    body: Any = {"kind": "rating", "challenge": "dirty-data", "severity": 1} if path.endswith("/events") else {}
    return server.request(
        method,
        path.replace("{session}", seat["session"]).replace("{person}", seat["person"]),
        json=body if method == "POST" else None,
        headers={**bearer(token), **headers},
    )


def _removed(hall: Server, room: Room) -> str:
    gone = room.leader.join("Gone")
    room.leader.do("removal", person=gone.seat["person"])
    return gone.token


def _replaced(hall: Server, room: Room) -> str:
    before = room.leader.token
    room.leader.seat = room.leader.ask("POST", "/people/p1/token", json={}).json()
    return before


def _elsewhere(hall: Server, room: Room) -> str:
    return Remote(hall, "sessions", title="Another", name="Eve").token


def _elsewhere_participant(hall: Server, room: Room) -> str:
    return Remote(hall, "sessions", title="Another", name="Eve").join("Fay").token


WRONG: dict[str, Callable[[Server, Room], str | None]] = {
    "none": lambda *_: None,
    "made up": lambda *_: "x" * 43,
    "of another session's facilitator": _elsewhere,
    "of another session's participant": _elsewhere_participant,
    "of somebody who was shown out": _removed,
    "replaced by a newer one": _replaced,
    "a join code": lambda _, room: room.leader.code().replace("-", ""),
    "the session's id": lambda _, room: str(room.leader.seat["session"]),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_no_route_tells_or_does_anything_for_a_token_that_is_wrong(hall: Server, room: Room, wrong: str) -> None:
    token = WRONG[wrong](hall, room)
    before = room.leader.get()
    for operation in SCOPED:
        kinds = ("application/json", "text/event-stream") if operation[1].endswith("/events") else ("*/*",)
        for kind in kinds:
            answer = _send(hall, room, operation, token, Accept=kind)
            assert answer.status_code == 401, (operation, answer.text)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.headers["cache-control"] == "no-store"
            told = answer.text + str(answer.headers)
            assert not [said for said in (*SECRETS, room.leader.token, room.leader.code()) if said in told]
            assert _unlike(answer) == _unlike(_send_nowhere(hall, operation, kind)), (
                "a session that is none is told apart"
            )
        if operation[0] == "GET":
            assert hall.head(str(answer.request.url), headers=bearer(token)).status_code == 401
    assert room.leader.get() == before


def _send_nowhere(server: httpx.Client, operation: Operation, kind: str) -> httpx.Response:
    """The same request about a session that there is not."""
    method, path = operation
    body: Any = {"kind": "rating", "challenge": "dirty-data", "severity": 1} if path.endswith("/events") else {}
    where = path.replace("{session}", "A" * 22).replace("{person}", "p1")
    return server.request(
        method, where, json=body if method == "POST" else None, headers={**bearer("y" * 43), "Accept": kind}
    )


def _unlike(answer: httpx.Response) -> Any:
    """An answer without what differs from request to request."""
    told = {k: v for k, v in answer.json().items() if k not in ("instance", "request")}
    shown = {k: v for k, v in answer.headers.items() if k not in ("date", "x-request-id", "content-length")}
    return answer.status_code, told, shown


def test_a_token_is_read_from_nowhere_but_the_header(hall: Server, room: Room) -> None:
    url, token = room.leader.seat["url"], room.leader.token
    assert hall.get(url, params={"token": token}).status_code == 400
    assert hall.get(f"{url}/events", params={"access_token": token}).status_code == 400
    for headers in ({"Cookie": f"token={token}"}, {"X-Token": token}, {"Authorization": f"Basic {token}"}):
        assert hall.get(url, headers=headers).status_code == 401
    assert hall.get(url, headers=bearer(token)).status_code == 200


def test_participants_do_not_get_at_what_only_facilitators_may(hall: Server, room: Room) -> None:
    for operation in sorted(LEADING | FACILITATOR):
        before = room.leader.get()
        answer = _send(hall, room, operation, room.member.token)
        assert answer.status_code == 403, (operation, answer.text)
        assert room.leader.code() not in answer.text
        assert room.leader.get() == before
    for operation in sorted(ANYBODY):
        assert _send(hall, room, operation, room.member.token, Accept="application/json").status_code in (200, 201)


def test_co_facilitators_get_at_all_but_what_is_the_facilitators_alone(hall: Server, room: Room) -> None:
    for operation in sorted(LEADING - {("POST", "/v1/sessions/{session}/people/{person}/token")}):
        assert _send(hall, room, operation, room.second.token).status_code == 200, operation
    for operation in sorted(FACILITATOR):
        assert _send(hall, room, operation, room.second.token).status_code == 403, operation
    assert room.second.ask("POST", "/people/p1/token", json={}).status_code == 403
    assert room.second.ask("POST", "/people/p3/token", json={}).status_code == 201
    assert room.second.send("role", person="p2", role="facilitator").status_code == 403
    assert room.second.send("removal", person="p1").status_code == 409


EVENTS: dict[str, dict[str, Any]] = {
    "round": {}, "timer": {"seconds": 60}, "reveal": {}, "acceptance": {"field": "budget", "value": "large"}, "limits": {"euros": 1.0},
    "override": {"solution": SOLUTION, "choice": "in"}, "decision": {"solution": SOLUTION, "decision": "adopt"}, "undo": {"event": 8},
    "role": {"person": "p3", "role": "facilitator"}, "removal": {"person": "p2"}, "edition": {"catalogue": "2026.11.3"}, "closing": {},
    "reopening": {},
}  # fmt: skip


def test_participants_send_no_event_that_is_for_facilitators(room: Room) -> None:
    assert set(EVENTS) == BY_LEADING, "a new kind of event has to be sorted here"
    assert {get_args(model.model_fields["kind"].annotation)[0] for model in e.SENT.values()} == set(e.SENT)
    before = room.leader.get()
    for kind, event in EVENTS.items():
        answer = room.member.send(kind, **event)
        assert answer.status_code == 403, (kind, answer.text)
    assert room.leader.get() == before
    room.member.do("rating", challenge="dirty-data", severity=5)
    room.member.do("proposal", field="budget", value="large")
    room.member.do("dissent", solution=SOLUTION)


def test_nobody_writes_events_that_are_the_servers_own(room: Room) -> None:
    for kind in set(e.KINDS) - set(e.SENT):
        answer = room.leader.send(kind, seen=0, name="Mallory", person="p1", title="x", catalogue="x")
        assert answer.status_code == 422, kind
    assert len(room.leader.get()["state"]["people"]) == 3


def test_what_is_sent_to_one_session_is_in_no_other(hall: Server, room: Room) -> None:
    other = Remote(hall, "sessions", title="Another", name="Eve")
    room.leader.do("decision", solution=SOLUTION, decision="adopt", reason=SECRETS[4])
    told = [other.ask("GET", path).text for path in ("", "/events", "/options", "/record", "/roadmap", "/invitation")]
    assert not [said for said in SECRETS if said in "".join(told)]
    assert other.get()["seq"] == 1


def test_a_join_code_opens_its_own_session_only_until_it_is_replaced(hall: Server, room: Room) -> None:
    old = room.leader.code()
    new = room.leader.ask("POST", "/invitation", json={}).json()["code"]
    assert new != old
    assert hall.post("/v1/sessions/join", json={"code": old, "name": "Late"}).status_code == 404
    joined = hall.post("/v1/sessions/join", json={"code": new.lower().replace("-", " "), "name": "Late"})
    assert joined.json()["session"] == room.leader.seat["session"]


def test_a_deleted_session_is_gone_for_everybody(hall: Server, room: Room) -> None:
    code = room.leader.code()
    assert room.leader.ask("DELETE").status_code == 204
    for person in (room.leader, room.second, room.member):
        assert person.ask("GET").status_code == 401
    assert hall.post("/v1/sessions/join", json={"code": code, "name": "Late"}).status_code == 404
