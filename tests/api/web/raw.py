"""Speaks to a server over a bare socket, as no well-behaved client would."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

HEAD = b"Host: x\r\nContent-Type: application/json\r\n"


@dataclass
class Answer:
    """One response, and whether the server closed the connection after it."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    closed: bool = False

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json", self
        made: dict[str, Any] = json.loads(self.body)
        assert made.keys() >= {"type", "title", "status", "detail"}
        assert made["status"] == self.status
        return made

    @property
    def kind(self) -> str:
        """The last part of the problem's type."""
        return str(self.problem["type"]).rpartition("/")[2]


Address = tuple[str, int]


def connect(address: Address, seconds: float = 10) -> socket.socket:
    return socket.create_connection(address, seconds)


def receive(sock: socket.socket, wait_for_end: bool = False) -> Answer | None:
    """Read one response; nothing if the server closes without one."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = _read(sock)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.split(": ", 1) for line in lines]
    headers = dict(pairs)
    assert len(headers) == len(pairs), f"a header is there twice: {pairs}"
    answer = Answer(int(first.split()[1]), headers)
    while len(body) < int(headers.get("content-length", 0)):
        body += _read(sock) or b""
    answer.body = body
    if wait_for_end:
        answer.closed = _read(sock) == b""
    return answer


def _read(sock: socket.socket) -> bytes:
    try:
        return sock.recv(65536)
    except ConnectionResetError:
        return b""


def exchange(address: Address, *parts: bytes, pause: float = 0.0) -> Answer | None:
    """Send something, in pieces if there are several, and read what comes back until the server closes or falls silent."""
    with connect(address) as sock:
        for part in parts:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                sock.sendall(part)
            time.sleep(pause)
        return receive(sock)


@dataclass
class Tiny:
    """A running `tests.api.web.tiny`."""

    process: subprocess.Popen[str]
    address: Address
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.address[0]}:{self.address[1]}"

    def lines(self) -> list[dict[str, Any]]:
        """Everything that was logged; waits a moment for the last lines."""
        time.sleep(0.3)
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def stop(process: subprocess.Popen[Any]) -> None:
    """End a server as an operator would, and by force if it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answered(found: Answer | None) -> Answer:
    assert found is not None, "closed without an answer"
    return found


@contextlib.contextmanager
def tiny(module: str = "tests.api.web.tiny", **env: Any) -> Iterator[Tiny]:
    """Run the small application with settings."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PROVENDER_")}
    given = {"PROVENDER_PORT": "0", **{k: str(v) for k, v in env.items()}}
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            env={**inherited, **given},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, Path(log.name).read_text()
        host, _, port = url.removeprefix("http://").rpartition(":")
        try:
            yield Tiny(process, (host.strip("[]"), int(port)), Path(log.name))
        finally:
            stop(process)
            process.stdout.close()
