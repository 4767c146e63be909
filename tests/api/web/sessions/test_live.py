"""The event streams of two server processes that share a store: two workers on SQLite, and two replicas on PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from api.workspace.database import DURABLE
from tests.api.web.conftest import Running
from tests.api.web.sessions.doors import (
    Door,
    Member,
    Screen,
    Stream,
    begin,
    join,
    to_port,
    to_workers,
    together,
    wait_for,
)
from tests.api.workspace.conftest import fresh_database
from tests.serving import Server, wait_until_ready


@dataclass
class Pair:
    """A way into each of two server processes, and the servers."""

    kind: str
    doors: list[Door]
    servers: list[Server]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, running: Running) -> Iterator[Pair]:
    common = {"PROVENDER_SPARQL": "false", "PROVENDER_IDLE_SECONDS": "60"}
    if request.param == "sqlite":
        with running(ready=False, PROVENDER_WORKERS=2, **common) as server:
            wait_until_ready(server, 90)
            wait_for(lambda: server.log.read_text().count("workspace-opened") == 2)
            yield Pair("sqlite", to_workers(server.process, server.address[1]), [server])
        return
    url = fresh_database(request.getfixturevalue("postgresql"))
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(running(PROVENDER_DATABASE_URL=url, **common)) for _ in range(2)]
        yield Pair("postgresql", [to_port(server.address[1]) for server in servers], servers)


@pytest.fixture
def leader(pair: Pair) -> Member:
    return begin(pair.doors[0])


def rating(severity: int | None, challenge: str = "data-drift", **members: Any) -> dict[str, Any]:
    return {"kind": "rating", "challenge": challenge, "severity": severity, **members}


def decision(decision: str, seen: int) -> dict[str, Any]:
    return {"kind": "decision", "solution": "dropout", "decision": decision, "seen": seen}


def test_every_process_says_that_its_settings_keep_what_is_acknowledged(pair: Pair) -> None:
    told = [
        json.loads(line) for s in pair.servers for line in s.log.read_text().splitlines() if "workspace-opened" in line
    ]
    assert len(told) == 2
    for line in told:
        assert (line["database"], line["settings"]) == (pair.kind, DURABLE[pair.kind])
    key, value = ("synchronous", "2") if pair.kind == "sqlite" else ("synchronous_commit", "on")
    assert all(line["settings"][key] == value for line in told)


def test_no_event_is_lost_or_doubled_however_often_a_connection_breaks(pair: Pair, leader: Member) -> None:
    people = [leader, *(join(pair.doors[n % 2], leader, f"Person {n}") for n in range(3))]
    begun = leader.ask(pair.doors[0], "GET")[1]["seq"]

    def write(n: int) -> list[int]:
        rng, found = random.Random(n), []
        for i in range(15):
            status, told = people[n].send(
                pair.doors[(n + i) % 2],
                **rating(rng.randrange(6), rng.choice(["data-drift", "dirty-data"]), comment=f"{n} {i}"),
            )
            assert status == 201, told
            found.append(told["seq"])
        return found

    def write_all() -> list[int]:
        found = together(*(partial(write, n) for n in range(4)))
        seqs = sorted(seq for part in found for seq in part)
        status, told = leader.send(pair.doors[1], kind="reveal", seen=seqs[-1])
        assert status == 201, told
        return [*seqs, told["seq"]]

    screens = [
        Screen(person, pair.doors, random.Random(i * 10 + n)) for n, person in enumerate(people) for i in range(2)
    ]
    calm = [Screen(person, [door], random.Random(1), patience=10_000) for person in people[:2] for door in pair.doors]
    follow = [screen.follow for screen in (*screens, *calm)]
    seqs, *_ = together(write_all, *follow)

    assert seqs == list(range(begun + 1, begun + 62))
    for screen in (*screens, *calm):
        assert screen.states == 1, "a stream that is resumed goes on with events"
        assert screen.seqs == list(range(screen.seqs[0], seqs[-1] + 1))
        assert screen.view == screen.member.ask(pair.doors[0], "GET")[1]["state"]
        assert screen.view["rounds"]["1"]["results"]["data-drift"].get("median") is not None
    assert all(screen.connections > 5 for screen in screens)
    assert all(screen.connections == 1 for screen in calm)


def test_a_phone_that_slept_catches_up_at_the_other_process(pair: Pair, leader: Member) -> None:
    stream = Stream(leader, pair.doors[0])
    first = stream.next()
    assert first is not None
    assert (first.event, first.id) == ("state", "1")
    stream.close()
    for n in range(30):
        assert leader.send(pair.doors[0], **rating(n % 6))[0] == 201
    for door in pair.doors:
        stream = Stream(leader, door, first.id)
        found = [stream.next() for _ in range(30)]
        assert [message and message.id for message in found] == [str(n) for n in range(2, 32)]
        stream.close()


def test_who_resumes_from_an_event_that_never_was_begins_with_the_state(pair: Pair, leader: Member) -> None:
    for door in pair.doors:
        stream = Stream(leader, door, "999")
        message = stream.next()
        assert message is not None
        assert (message.event, message.id) == ("state", "1")
        stream.close()


def test_who_has_just_come_in_begins_with_a_state_that_has_them(pair: Pair, leader: Member) -> None:
    followed = [Stream(leader, door) for door in pair.doors]
    assert all(stream.next() for stream in followed)
    for n in range(8):
        come = join(pair.doors[0], leader, f"Person {n}")
        for door in pair.doors:
            stream = Stream(come, door)
            message = stream.next()
            assert message is not None
            assert come.person in message.data["state"]["people"]
            stream.close()


def test_who_is_shown_out_or_gets_a_new_token_hears_no_more(pair: Pair, leader: Member) -> None:
    bo = join(pair.doors[0], leader, "Bo")
    streams = [Stream(bo, door) for door in pair.doors]
    seq = leader.ask(pair.doors[0], "GET")[1]["seq"]
    assert [message and message.event for message in (s.next() for s in streams)] == ["state", "state"]
    assert leader.send(pair.doors[0], kind="removal", person=bo.person, seen=seq)[0] == 201
    assert leader.send(pair.doors[0], **rating(3, comment="not for Bo"))[0] == 201
    for stream in streams:
        told = []
        while (message := stream.next()) is not None:
            told.append(message)
        assert [message.event for message in told] == ["event", "end"]
        assert told[-1].data == {"why": "access"}
    assert bo.ask(pair.doors[1], "GET")[0] == 401


def test_the_streams_of_a_session_end_when_it_is_deleted_elsewhere(pair: Pair, leader: Member) -> None:
    stream = Stream(leader, pair.doors[1])
    assert stream.next() is not None
    assert leader.ask(pair.doors[0], "DELETE")[0] == 204
    message = stream.next()
    assert message is not None
    assert (message.event, message.data) == ("end", {"why": "deleted"})
    assert leader.ask(pair.doors[1], "GET")[0] == 401


def test_a_retry_at_the_other_process_does_nothing_twice(pair: Pair, leader: Member) -> None:
    key = str(uuid.uuid4())
    first, again = (leader.send(door, key, **rating(4, comment="once")) for door in pair.doors)
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    status, problem = leader.send(pair.doors[1], key, **rating(5, comment="once"))
    assert (status, problem["type"].rpartition("/")[2]) == (422, "key-reused")

    for n in range(5):
        key = str(uuid.uuid4())
        found = together(*(partial(leader.send, door, key, **rating(n)) for door in pair.doors * 2))
        assert sorted(status for status, _ in found) == [200, 200, 200, 201]
        assert all(told == found[0][1] for _, told in found)
    assert leader.ask(pair.doors[0], "GET")[1]["seq"] == 7


def test_who_acts_on_what_has_changed_is_told_what_happened(pair: Pair, leader: Member) -> None:
    status, made = leader.send(pair.doors[0], **decision("adopt", 1))
    assert status == 201, made
    status, problem = leader.send(pair.doors[1], **decision("reject", 1))
    assert (status, problem["type"].rpartition("/")[2]) == (409, "conflict")
    assert problem["since"] == [made]
    assert leader.ask(pair.doors[1], "GET")[1]["state"]["decisions"]["dropout"]["decision"] == "adopt"
    assert leader.send(pair.doors[1], **decision("reject", made["seq"]))[0] == 201

    for _ in range(5):
        seen = leader.ask(pair.doors[0], "GET")[1]["seq"]
        found = together(
            *(
                partial(leader.send, door, **decision(what, seen))
                for door, what in zip(pair.doors, ("hold", "trial"), strict=True)
            )
        )
        assert sorted(status for status, _ in found) == [201, 409]
        made, problem = (told for _, told in sorted(found, key=lambda one: one[0]))
        assert problem["since"] == [made]
        assert leader.ask(pair.doors[0], "GET")[1]["seq"] == seen + 1
