"""The API against its peers, one core for the server and the other for the client, equal answers checked before anything is timed.

Recommendations against a FastAPI route with the same request model that returns bytes made beforehand; reads against Datasette's JSON of
the same table; SPARQL against rdflib-endpoint on the same ten queries; and memory per worker, and how lively the server stays under bombs.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import os
import random
import re
import shutil
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rdflib import Graph

from api.web.answers.models import RecommendationRequest
from kb.home import build_folder, open_catalogue
from tests.benchmarks.http import (
    CLIENT,
    PLAIN,
    RUNS,
    Measured,
    Request,
    answer,
    cpu_seconds,
    free_port,
    measure,
    medians,
    provender,
    published,
    serving,
)
from tests.conftest import DATA
from tests.generators import random_profile

PROFILES = 30_000
"""More than are asked for, so that no request comes twice."""
At = tuple[int, int]


def post(path: str, body: bytes, media_type: str = "application/json", accept: str = "*/*") -> bytes:
    """A POST request as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def get(path: str, accept: str) -> bytes:
    """A GET request as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n\r\n".encode()


class Line:
    """A connection that stays open, with one request in flight."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of one request."""
        self.socket.sendall(request)
        held = b""
        while b"\r\n\r\n" not in held:
            held += self._more()
        head, _, body = held.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        status = int(head.split(None, 2)[1])
        if fields.get(b"transfer-encoding") == b"chunked":
            return status, self._chunks(body)
        while len(body) < int(fields[b"content-length"]):
            body += self._more()
        return status, body

    def _chunks(self, held: bytes) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in held:
                held += self._more()
            size, _, held = held.partition(b"\r\n")
            length = int(size, 16)
            while len(held) < length + 2:
                held += self._more()
            body, held = body + held[:length], held[length + 2 :]
            if not length:
                return body

    def _more(self) -> bytes:
        more = self.socket.recv(1 << 20)
        assert more, "the server hung up"
        return more


def rate(at: At, turn: Iterator[bytes], seconds: float = 3.0, lines: int = 8) -> Measured:
    """Ask a server, given by port and process id, over some connections, each with the next of the requests."""
    (port, process), times = at, list[float]()
    used, until = cpu_seconds(process), time.perf_counter() + seconds

    def run(line: Line) -> None:
        while (start := time.perf_counter()) < until:
            status, _ = line.ask(next(turn))
            assert status == 200, status
            times.append(time.perf_counter() - start)

    with ThreadPoolExecutor(lines) as pool:
        list(pool.map(run, [Line(port) for _ in range(lines)]))
    spent = 1e6 * (cpu_seconds(process) - used) / len(times)
    return Measured(len(times) / seconds, 1000 * statistics.quantiles(times, n=100)[98], spent)


ROUTE = """
import sys
from pathlib import Path
import uvicorn
from fastapi import FastAPI, Response
from api.web.answers.models import RecommendationRequest
body = Path(sys.argv[2]).read_bytes()
app = FastAPI(openapi_url=None)

@app.post("/v1/recommendations")
async def route(asked: RecommendationRequest):
    return Response(body, media_type="application/json")

@app.get("/")
async def ready():
    return Response(b"ready")

uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="warning")
"""


def recommendations() -> None:
    """Every request another profile, of a few challenges each; the peer validates the request and sends bytes of the usual size."""
    from dataclasses import asdict

    from engine.compiled import Compiled
    from engine.recommendation import recommend
    from kb.profiles import profile_from

    os.sched_setaffinity(0, CLIENT)
    catalogue, rng = open_catalogue(DATA), random.Random(2026)
    compiled = Compiled(catalogue)
    raws = [random_profile(catalogue, rng, known=0.85) for _ in range(PROFILES)]
    bodies = [
        json.dumps(RecommendationRequest(profile=raw, first=20).model_dump(exclude_none=True)).encode() for raw in raws
    ]
    requests = [post("/v1/recommendations", body) for body in bodies]
    with published() as data, provender(data) as ours, tempfile.TemporaryDirectory() as folder:
        line, sizes = Line(ours[0]), []
        for raw, request in zip(raws[:40], requests, strict=False):
            status, body = line.ask(request)
            expected = recommend(compiled, profile_from(raw, catalogue), first=20)
            assert (status, json.loads(body)) == (200, json.loads(json.dumps(asdict(expected)))), raw
            sizes.append(body)
        usual = sorted(sizes, key=len)[len(sizes) // 2]
        file, port = Path(folder) / "answer.json", free_port()
        file.write_bytes(usual)
        with serving([sys.executable, "-c", ROUTE, str(port), str(file)], port, "/") as process:
            peer = port, process
            assert Line(port).ask(requests[0]) == (200, usual)
            fresh, again = iter(requests), itertools.cycle(requests)
            held = [(rate(ours, fresh), rate(peer, again)) for _ in range(RUNS)]
        a, b = (medians([pair[at] for pair in held]) for at in (0, 1))
        print(
            f"POST /v1/recommendations, another profile each time, {len(usual):,} bytes: {a.rate:,.0f}/s, p99 {a.p99:.0f} ms with 8 at "
            f"once, {a.cpu:.0f} µs of processor time; FastAPI route with the same request model and ready bytes {b.rate:,.0f}/s, "
            f"{b.cpu:.0f} µs; ratio {a.rate / b.rate:.2f}, by processor time {b.cpu / a.cpu:.2f}"
        )
        _mixed(ours, fresh)
        print(f"memory of the server process: {_memory(ours[1]):.0f} MiB; {_workers(ours[1])}")


READS = 9
"""Frozen reads for each answer that has to be computed, in the mixed load."""


def _mixed(ours: At, fresh: Iterator[bytes]) -> None:
    """Lists, records and what has not changed, and now and then an answer to compute, all at once."""
    kinds = [get("/v1/solutions", "*/*"), get("/v1/solutions/dropout", "*/*"), get("/exports/solutions.csv", "*/*")]
    turn = (next(fresh) if at % (READS + 1) == 0 else kinds[at % len(kinds)] for at in itertools.count())
    mixed = medians([rate(ours, Turns(turn)) for _ in range(RUNS)])
    print(
        f"mixed load, {READS} lists, records and exports for each recommendation, 8 at once: {mixed.rate:,.0f}/s, p99 {mixed.p99:.1f} ms"
    )


class Turns(Iterator[bytes]):
    """A generator that several threads may take from."""

    def __init__(self, turn: Iterator[bytes]) -> None:
        self._turn, self._lock = turn, threading.Lock()

    def __next__(self) -> bytes:
        with self._lock:
            return next(self._turn)


def _memory(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _workers(process: int) -> str:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return ", ".join(f"child {_memory(int(c)):.0f} MiB" for c in children)


def datasette() -> None:
    """The list of solutions against Datasette's JSON of the same table of the same release."""
    os.sched_setaffinity(0, CLIENT)
    with published() as data, provender(data) as ours:
        port, database = free_port(), build_folder(data) / "catalogue.sqlite"
        program = [
            str(Path(sys.executable).parent / "datasette"),
            "serve",
            "-i",
            str(database),
            "-p",
            str(port),
            "--setting",
            "num_sql_threads",
            "1",
        ]
        table = "/catalogue/solution.json?_shape=array&_size=100"
        with serving(program, port, "/-/versions.json") as process:
            asked = get(table, "*/*")
            rows = json.loads(Line(port).ask(asked)[1])
            mine = json.loads(answer(ours[0], Request("/v1/solutions", PLAIN))[1])["items"]
            assert {r["id"]: r["label"] for r in rows} == {r["id"]: r["label"] for r in mine}
            again = itertools.cycle([asked])
            held = [(measure(ours, Request("/v1/solutions", PLAIN)), rate((port, process), again)) for _ in range(RUNS)]
        a, b = (medians([pair[at] for pair in held]).rate for at in (0, 1))
        print(f"GET /v1/solutions {a:,.0f}/s; Datasette's JSON of the table {b:,.0f}/s; ratio {a / b:.1f}")


ENDPOINT = """
import sys
import uvicorn
from rdflib import Graph
from rdflib_endpoint import SparqlEndpoint
graph = Graph().parse(sys.argv[2], format="nt")
uvicorn.run(SparqlEndpoint(graph=graph), port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="warning")
"""


def queries(data: Path) -> dict[str, str]:
    """Ten of the stored queries, run with their examples."""
    held = {f.stem: f.read_text(encoding="utf-8") for f in sorted((data / "queries").glob("*.rq"))}
    # The first two take rdflib minutes, the third it refuses to parse.
    left_out = {"certainly-blocked", "possibly-blocked", "prerequisite-chain"}
    return dict([(n, q) for n, q in held.items() if n not in left_out][:10])


def found(body: bytes, media_type: str) -> set[Any]:
    """What an answer says: the rows of a table, or the triples of a graph (there are no blank nodes)."""
    if media_type == "text/turtle":
        return set(Graph().parse(data=body, format="turtle"))
    # One writes the double 1, the other 1.0.
    return {tuple(v.removesuffix(".0") for v in row) for row in csv.reader(io.StringIO(body.decode()))}


def sparql() -> None:
    """Ten queries over HTTP, one after the other, against rdflib-endpoint with the same triples."""
    with (
        published() as data,
        provender(data, PROVENDER_SPARQL_SECONDS="60") as ours,
        tempfile.TemporaryDirectory() as folder,
    ):
        triples, port = Path(folder) / "provender.nt", free_port()
        shutil.copy(build_folder(data) / "provender.nt", triples)
        with serving([sys.executable, "-c", ENDPOINT, str(port), str(triples)], port, "/?query=ASK%20%7B%7D"):
            totals, worst = [0.0, 0.0], ("", float("inf"))
            for name, query in queries(data).items():
                accept = "text/turtle" if re.search(r"(?m)^CONSTRUCT", query) else "text/csv"
                mine, theirs = (get(f"{path}?query={quote(query)}", accept) for path in ("/sparql", "/"))
                lines = Line(ours[0]), Line(port)
                answers = [line.ask(request) for line, request in zip(lines, (mine, theirs), strict=True)]
                assert [status for status, _ in answers] == [200, 200], (name, answers)
                assert found(answers[0][1], accept) == found(answers[1][1], accept), name
                took = [_median(line, request) for line, request in zip(lines, (mine, theirs), strict=True)]
                totals = [t + x for t, x in zip(totals, took, strict=True)]
                worst = min(worst, (name, took[1] / took[0]), key=lambda pair: pair[1])
                print(f"  {name:42}{took[0]:9.2f} ms{took[1]:10.2f} ms   ratio {took[1] / took[0]:8.1f}", flush=True)
        print(
            f"SPARQL, ten queries: {totals[0]:.1f} ms; rdflib-endpoint {totals[1]:.1f} ms; ratio {totals[1] / totals[0]:.1f}; least {worst[1]:.1f} ({worst[0]})"
        )


def _median(line: Line, request: bytes) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        line.ask(request)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


BOMBS = 20
BOMB = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def lively(seconds: float = 1.0) -> float:
    """The 99th percentile of /health/live in milliseconds while twenty bombs are posted in a row."""
    with (
        published() as data,
        provender(data, PROVENDER_SPARQL_SECONDS=str(seconds)) as ours,
        contextlib.ExitStack() as stack,
    ):
        pool = stack.enter_context(ThreadPoolExecutor(1))
        bomb = post("/sparql", BOMB.encode(), "application/sparql-query")
        bombs = pool.submit(lambda: [Line(ours[0]).ask(bomb)[0] for _ in range(BOMBS)])
        line, times = Line(ours[0]), list[float]()
        while not bombs.done():
            start = time.perf_counter()
            assert line.ask(get("/health/live", "*/*"))[0] == 200
            times.append(1000 * (time.perf_counter() - start))
            time.sleep(0.01)
        assert set(bombs.result()) == {503}, bombs.result()
    p99 = statistics.quantiles(times, n=100)[98]
    print(
        f"/health/live while {BOMBS} bombs are posted in a row: median {statistics.median(times):.1f} ms, p99 {p99:.1f} ms"
    )
    return p99


if __name__ == "__main__":
    chosen: dict[str, Any] = {f.__name__: f for f in (recommendations, datasette, sparql, lively)}
    for name in sys.argv[1:] or chosen:
        chosen[name]()
