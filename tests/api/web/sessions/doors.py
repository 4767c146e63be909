"""Ways into a server process of one's choice, and readers of event streams that go in by them."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psutil

from api.sessions.view import patched

Door = Callable[[], http.client.HTTPConnection]
"""Gives a new connection to a certain server process."""


def to_port(port: int) -> Door:
    """A door to the only process that listens at a port."""

    def made() -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.connect()
        return connection

    return made


def to_workers(process: subprocess.Popen[bytes], port: int) -> list[Door]:
    """A door to each worker process of a server; which of them took a connection is told by the system."""
    workers = [p for p in psutil.Process(process.pid).children() if "spawn_main" in " ".join(p.cmdline())]

    def to(worker: psutil.Process) -> Door:
        def made() -> http.client.HTTPConnection:
            for _ in range(200):
                connection = to_port(port)()
                connection.request("GET", "/health/live")
                connection.getresponse().read()
                mine = connection.sock.getsockname()[1]
                if any(held.raddr and held.raddr.port == mine for held in worker.net_connections("tcp")):
                    return connection
                connection.close()
            raise AssertionError(f"worker {worker.pid} takes no connection")

        return made

    return [to(worker) for worker in workers]


@dataclass
class Member:
    """Somebody in a session."""

    session: str
    person: str
    token: str

    def ask(self, door: Door, method: str, path: str = "", body: Any = None, key: str | None = None) -> tuple[int, Any]:
        """Status and body of one request."""
        headers = {"Authorization": f"Bearer {self.token}", **({"Idempotency-Key": key} if key else {})}
        return ask(door, method, f"/v1/sessions/{self.session}{path}", body, headers)

    def send(self, door: Door, key: str | None = None, **event: Any) -> tuple[int, Any]:
        """Send an event."""
        return self.ask(door, "POST", "/events", event, key)


def ask(door: Door, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Status and body of one request, on a connection of its own."""
    connection = door()
    try:
        connection.request(
            method,
            path,
            None if body is None else json.dumps(body),
            {"Content-Type": "application/json", **(headers or {})},
        )
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None
    finally:
        connection.close()


def begin(door: Door, **members: Any) -> Member:
    """Begin a session; gives its facilitator."""
    status, entry = ask(door, "POST", "/v1/sessions", {"title": "Plan", "name": "Ada", **members})
    assert status == 201, entry
    return Member(entry["session"], entry["person"], entry["token"])


def join(door: Door, leader: Member, name: str) -> Member:
    """Let somebody in."""
    code = leader.ask(door, "GET", "/invitation")[1]["code"]
    status, entry = ask(door, "POST", "/v1/sessions/join", {"code": code, "name": name})
    assert status == 201, entry
    return Member(entry["session"], entry["person"], entry["token"])


@dataclass
class Message:
    """A message of an event stream."""

    event: str = "message"
    id: str | None = None
    data: Any = None


class Stream:
    """An event stream as a browser reads it."""

    def __init__(self, member: Member, door: Door, last: str | None = None) -> None:
        self._connection = door()
        headers = {"Authorization": f"Bearer {member.token}", "Accept": "text/event-stream"}
        if last is not None:
            headers["Last-Event-ID"] = last
        self._connection.request("GET", f"/v1/sessions/{member.session}/events", headers=headers)
        self.answer = self._connection.getresponse()
        assert self.answer.status == 200, self.answer.read()

    def next(self) -> Message | None:
        """The next message; nothing if the stream has ended."""
        made, any_ = Message(), False
        while True:
            line = self.answer.readline().decode().rstrip("\r\n")
            if not line:
                if any_:
                    return made
                if self.answer.isclosed():
                    return None
                continue
            name, _, value = line.partition(": ")
            if name == "event":
                made.event = value
            elif name == "id":
                made.id = value
            elif name == "data":
                made.data, any_ = json.loads(value), True

    def close(self) -> None:
        """Break the connection off."""
        self._connection.close()


@dataclass
class Screen:
    """What somebody's page shows: the state from the stream, with every change put in. It loses its connection now and then."""

    member: Member
    doors: list[Door]
    rng: random.Random
    patience: int = 6
    seqs: list[int] = field(default_factory=list)
    states: int = 0
    connections: int = 0
    view: Any = None

    def follow(self) -> None:
        """Read until a round is revealed; by another door after a few messages."""
        last: str | None = None
        while True:
            stream = Stream(self.member, self.rng.choice(self.doors), last)
            self.connections += 1
            try:
                for _ in range(self.rng.randint(1, self.patience)):
                    message = stream.next()
                    assert message is not None, "the stream ended"
                    last = message.id
                    self._take(message)
                    if message.data.get("kind") == "reveal":
                        return
            finally:
                stream.close()

    def _take(self, message: Message) -> None:
        if message.event == "state":
            self.states += 1
            self.view = message.data["state"]
            self.seqs.append(message.data["seq"])
        else:
            assert message.event == "event", message
            assert message.id == str(message.data["seq"])
            self.seqs.append(message.data["seq"])
            self.view = patched(self.view, message.data["patch"])


def wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.02)


def together(*works: Callable[[], Any]) -> list[Any]:
    """Do things at once, each in a thread; gives what they gave, and raises what they raised."""
    found: list[Any] = [None] * len(works)
    errors: list[BaseException] = []

    def run(n: int, work: Callable[[], Any]) -> None:
        try:
            found[n] = work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(n, work), daemon=True) for n, work in enumerate(works)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 60
    for thread in threads:
        thread.join(max(0, until - time.monotonic()))
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return found
