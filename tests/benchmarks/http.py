"""How many requests a second one core answers, against a minimal FastAPI application that gives the same bytes, in the same run."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.build import build
from kb.home import build_folder, fresh_build
from tests.conftest import DATA, ROOT

RUNS, SECONDS, CONNECTIONS = 7, 1.5, 16
SERVER, CLIENT = {0}, {1}
"""Cores: one for the server, the other for the client."""
PLAIN = {"Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Request:
    """What is asked, over and over, on connections that stay open."""

    path: str
    headers: Mapping[str, str]

    @property
    def head(self) -> bytes:
        """The request as it goes over the wire."""
        lines = [f"GET {self.path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in self.headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer(port: int, request: Request) -> tuple[int, bytes]:
    """Status and body of one request."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
        one.sendall(request.head)
        held = b""
        while b"\r\n\r\n" not in held:
            held += one.recv(65536)
        head, _, body = held.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.lower().splitlines() if line.startswith(b"content-length")), 0
        )
        while len(body) < length:
            body += one.recv(65536)
    return int(head.split(None, 2)[1]), body


@dataclass(frozen=True)
class Measured:
    """Requests a second, the 99th percentile of their milliseconds, and the server's microseconds of processor time for each."""

    rate: float
    p99: float
    cpu: float


def measure(
    at: tuple[int, int], request: Request, seconds: float = SECONDS, connections: int = CONNECTIONS
) -> Measured:
    """Ask a server, given by port and process id, over several connections with one request in flight on each.

    Processor time tells servers apart even where something else is running.
    """
    port, process = at
    status, body = answer(port, request)
    used = cpu_seconds(process)
    length, head, wanted = len(body), request.head, f"HTTP/1.1 {status}".encode()
    waiting: dict[
        socket.socket, tuple[float, int]
    ] = {}  # when it was sent, and how many bytes are still to come (-1: unknown)
    times: list[float] = []
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(contextlib.closing(selectors.DefaultSelector()))
        for _ in range(connections):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(one, selectors.EVENT_READ)
            waiting[one] = (time.perf_counter(), -1)
            one.sendall(head)
        until = time.perf_counter() + seconds
        now = 0.0
        while now < until:
            for key, _ in selector.select():
                one = key.fileobj  # type: ignore[assignment]
                sent, left = waiting[one]
                data = one.recv(1 << 20)
                if left < 0:
                    assert data.startswith(wanted), data[:200]
                    left = data.index(b"\r\n\r\n") + 4 + length
                left -= len(data)
                now = time.perf_counter()
                if left > 0:
                    waiting[one] = (sent, left)
                    continue
                times.append(now - sent)
                waiting[one] = (now, -1)
                one.send(head)
    cpu = 1e6 * (cpu_seconds(process) - used) / len(times)
    return Measured(len(times) / seconds, 1000 * statistics.quantiles(times, n=100)[98], cpu)


def cpu_seconds(process: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def medians(held: Sequence[Measured]) -> Measured:
    """The median of each figure."""
    return Measured(*(statistics.median(getattr(m, name) for m in held) for name in ("rate", "p99", "cpu")))


@contextlib.contextmanager
def serving(command: Sequence[str], port: int, path: str, **env: str) -> Iterator[int]:
    """Run a server on the server's core until it answers `path`; gives its process id."""
    process = subprocess.Popen(
        command, env={**os.environ, **env}, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, SERVER),
    )  # fmt: skip
    try:
        for _ in range(600):
            with contextlib.suppress(OSError, ValueError, IndexError):
                if answer(port, Request(path, PLAIN))[0] == 200:
                    break
            assert process.poll() is None, f"{command} ended"
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def published() -> Iterator[Path]:
    """A folder of the catalogue with a fresh build beside it."""
    if fresh_build(DATA) is not None:
        yield DATA
        return
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(DATA, data)
        list(build(data, build_folder(data)))
        yield data


@contextlib.contextmanager
def provender(data: Path, **env: str) -> Iterator[tuple[int, int]]:
    """Our server with one worker, no limit on rates and no access log; gives its port and process id."""
    port = free_port()
    plain = {
        "PROVENDER_DATA": str(data),
        "PROVENDER_PORT": str(port),
        **dict.fromkeys(("PROVENDER_RATE", "PROVENDER_RATE_LISTS", "PROVENDER_RATE_SPARQL"), "off"),
        "PROVENDER_ACCESS_LOG": "false",
        **env,
    }
    program = [sys.executable, "-c", "from api.cli import main; main()", "serve"]
    with serving(program, port, "/health/ready", **plain) as process:
        yield port, process


PEER = """
import sys
from pathlib import Path
import uvicorn
from fastapi import FastAPI, Response
folder = Path(sys.argv[2])
bodies = {file.name: file.read_bytes() for file in folder.iterdir()}
app = FastAPI(openapi_url=None)

@app.get("/v1/solutions")
async def listing():
    return Response(bodies["list"], media_type="application/json")

@app.get("/v1/solutions/{id}")
async def record(id: str):
    return Response(bodies["record-" + id], media_type="application/json")

@app.get("/exports/{file}")
async def export(file: str):
    return Response(bodies["export-" + file], media_type="text/csv")

@app.get("/")
async def ready():
    return Response(b"ready")

uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="warning")
"""
"""Pre-serialised bytes from a minimal route: what FastAPI itself costs."""


@contextlib.contextmanager
def fastapi_peer(bodies: Mapping[str, bytes]) -> Iterator[tuple[int, int]]:
    """A minimal FastAPI application that gives these bytes; gives its port and process id."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        for name, body in bodies.items():
            (Path(folder) / name).write_bytes(body)
        with serving([sys.executable, "-c", PEER, str(port), folder], port, "/") as process:
            yield port, process


def reads() -> None:
    """Frozen lists, records and exports, and what has not changed, against the peer; equal bodies first, runs taking turns."""
    os.sched_setaffinity(0, CLIENT)
    cases = {
        "list": "/v1/solutions", "record-dropout": "/v1/solutions/dropout", "export-solutions.csv": "/exports/solutions.csv",
    }  # fmt: skip
    with published() as data, provender(data) as ours:
        bodies = {name: answer(ours[0], Request(path, PLAIN))[1] for name, path in cases.items()}
        with fastapi_peer(bodies) as peer:
            for name, path in cases.items():
                asked = Request(path, PLAIN)
                assert answer(ours[0], asked) == answer(peer[0], asked) == (200, bodies[name])
                held: dict[tuple[int, int], list[Measured]] = {ours: [], peer: []}
                for _ in range(RUNS):
                    for at, measured in held.items():
                        measured.append(measure(at, asked))
                a, b = (medians(measured) for measured in held.values())
                print(
                    f"GET {path} ({len(bodies[name]):,} bytes): {a.rate:,.0f}/s, p99 {a.p99:.1f} ms, {a.cpu:.0f} µs of processor time; "
                    f"minimal FastAPI route {b.rate:,.0f}/s, p99 {b.p99:.1f} ms, {b.cpu:.0f} µs; "
                    f"ratio {a.rate / b.rate:.2f}, by processor time {b.cpu / a.cpu:.2f}"
                )
        tag = _etag(ours[0], "/v1/solutions")
        for label, path, headers in (
            ("brotli", "/v1/solutions", {"Accept-Encoding": "br"}),
            ("304", "/v1/solutions", {**PLAIN, "If-None-Match": tag}),
            ("kept answer to a query string", "/v1/solutions?kind=tool&limit=5", PLAIN),
        ):
            a = medians([measure(ours, Request(path, headers)) for _ in range(RUNS)])
            print(f"GET {path} ({label}): {a.rate:,.0f}/s, p99 {a.p99:.1f} ms, {a.cpu:.0f} µs of processor time")


def _etag(port: int, path: str) -> str:
    import httpx

    etag: str = httpx.get(f"http://127.0.0.1:{port}{path}", headers=PLAIN).headers["etag"]
    return etag


def start() -> None:
    """From starting the process to being ready, with the build there."""
    times = []
    with published() as data:
        for _ in range(RUNS):
            began = time.perf_counter()
            with provender(data):
                times.append(time.perf_counter() - began)
    print(f"ready after {statistics.median(times):.2f} s (median of {RUNS}, slowest {max(times):.2f} s)")


if __name__ == "__main__":
    start()
    reads()
