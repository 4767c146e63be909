"""Servers to test against: the program that users run, in a process of its own, over real HTTP."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.build import build
from api.publication import Publication, open_publication
from kb.home import build_folder
from tests.api.test_cli import PROVENDER
from tests.api.web.raw import stop
from tests.conftest import ROOT

RATES = [f"PROVENDER_RATE{of}" for of in ("", "_LISTS", "_SPARQL", "_SESSIONS", "_JOINS", "_EVENTS")]
Running = Callable[..., AbstractContextManager["Server"]]


class Server(httpx.Client):
    """A client of one running server; `process` is the server, `log` the file with what it wrote to standard error."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for tests that speak over a bare socket."""
        return self.base_url.host, self.base_url.port or 80


@pytest.fixture(scope="session")
def publication(data: Path) -> Publication:
    """What the servers answer from."""
    return open_publication(build_folder(data))


def publish_changed(data: Path, folder: Path, version: str, **labels: str) -> None:
    """Copy a catalogue into a folder as another version, with other labels for some solutions, and build it there."""
    shutil.copytree(data, folder)
    _replace(folder / "catalogue.yaml", r"^id: .*$", f'id: "{version}"')
    for solution, label in labels.items():
        _replace(folder / "solutions" / f"{solution}.yaml", r"^label: .*$", f"label: {label}")
    list(build(folder, build_folder(folder)))


def _replace(file: Path, pattern: str, by: str) -> None:
    text, count = re.subn(pattern, by, file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1, file
    file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def running(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Running:
    """Starts a server with other settings: `with running(PROVENDER_RATE="5/minute") as client:`."""

    @contextlib.contextmanager
    def start(*, ready: bool = True, **env: Any) -> Iterator[Server]:
        log = tmp_path_factory.mktemp("server") / "stderr.txt"
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

    return start


@pytest.fixture(scope="session")
def server(running: Running) -> Iterator[Server]:
    """A server with the settings that it has by itself, but no rate limit."""
    with running() as client:
        yield client


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
