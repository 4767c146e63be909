"""Starts the program that users run, in a process of its own, and speaks real HTTP with it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.api.test_cli import PROVENDER
from tests.api.web.raw import stop
from tests.conftest import ROOT

RATES = [f"PROVENDER_RATE{of}" for of in ("", "_LISTS", "_SPARQL", "_SESSIONS", "_JOINS", "_EVENTS")]


class Server(httpx.Client):
    """A client of one running server; `process` is the server, `log` the file with what it wrote to standard error."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for tests that speak over a bare socket."""
        return self.base_url.host, self.base_url.port or 80


@contextlib.contextmanager
def serve(data: Path, log: Path, *, ready: bool = True, **env: Any) -> Iterator[Server]:
    """A server of a catalogue's folder, with other settings than it has by itself if told; it writes to `log`."""
    port = _free_port()
    settings = {
        "PROVENDER_DATA": str(data), "PROVENDER_PORT": str(port),
        **dict.fromkeys(RATES, "off"), "PROVENDER_WORKSPACE": str(log.parent / "workspace.sqlite"),
        **{name: str(value) for name, value in env.items()},
    }  # fmt: skip
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PROVENDER_")}
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [PROVENDER, "serve"], env={**inherited, **settings}, cwd=ROOT, stderr=stderr, stdout=stderr
        )
    try:
        with Server(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            client.process, client.log = process, log
            if ready:
                wait_until_ready(client)
            yield client
    finally:
        stop(process)


def wait_until_ready(client: Server, seconds: float = 30) -> float:
    """Wait until a server is ready; say how long that took."""
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        if client.process.poll() is not None:
            break
        with contextlib.suppress(httpx.TransportError):
            if client.get("/health/ready").status_code == 200:
                return time.perf_counter() - started
        time.sleep(0.02)
    raise AssertionError(f"the server did not become ready:\n{client.log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
