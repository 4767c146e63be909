"""Whatever is asked, the endpoint answers in time, the others do not notice, and no process is left over."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.api.web.conftest import Running
from tests.api.web.hostile import BOMBS, CORPUS, QUERY, Hostile
from tests.serving import Server

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
WORKERS = 2


@pytest.fixture(scope="module")
def attacked(running: Running) -> Iterator[Server]:
    """A server whose queries may run for half a second."""
    with running(PROVENDER_SPARQL_SECONDS=0.5, PROVENDER_SPARQL_WORKERS=WORKERS) as server:
        yield server
        until_whole(server)


def post(server: Server, hostile: Hostile) -> httpx.Response:
    return httpx.post(f"{server.base_url}sparql" if str(server.base_url).endswith("/") else f"{server.base_url}/sparql",
                      content=hostile.body, headers=hostile.headers, timeout=60)  # fmt: skip


def kind(response: httpx.Response) -> str:
    """The type of the problem, or that there was none."""
    if response.status_code == 200:
        return "answered"
    assert response.headers["content-type"] == "application/problem+json", response.text
    assert set(response.json()) >= {"type", "title", "status", "detail"}
    for leak in ("Traceback", "site-packages", ".rs:", "/kb/", "panicked", "pyoxigraph"):
        assert leak not in response.text
    return str(response.json()["type"]).rpartition("/")[2]


def workers(server: Server) -> list[int]:
    """Processes of this server that run queries."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, status = (folder / "cmdline").read_bytes(), (folder / "stat").read_text()
        except OSError:
            continue
        if b"kb.worker" in command and int(status.rpartition(")")[2].split()[1]) == server.process.pid:
            found.append(int(folder.name))
    return found


def until_whole(server: Server) -> None:
    """Every worker is there and answers, and no other process is left."""
    deadline = time.monotonic() + 20
    while len(workers(server)) != WORKERS:
        assert time.monotonic() < deadline, workers(server)
        time.sleep(0.1)
    answers = Counter(kind(server.get("/sparql", params={"query": "ASK {}"})) for _ in range(20))
    assert answers == {"answered": 20}
    assert len(workers(server)) == WORKERS


def test_the_corpus_is_large_and_names_no_query_twice() -> None:
    assert len(CORPUS) >= 40
    assert len({hostile.name for hostile in CORPUS}) == len(CORPUS)
    assert len(BOMBS) >= 20


@pytest.mark.parametrize("hostile", CORPUS, ids=[hostile.name for hostile in CORPUS])
def test_each_hostile_query_is_answered_as_it_deserves(hostile: Hostile, attacked: Server) -> None:
    started = time.monotonic()
    response = post(attacked, hostile)
    assert kind(response) in hostile.expected, response.text
    assert time.monotonic() - started < 6
    if response.status_code == 503:
        assert int(response.headers["retry-after"]) >= 1


def test_after_all_of_them_the_endpoint_answers_and_no_process_is_left(attacked: Server) -> None:
    for hostile in CORPUS[:: 1 if SOAK else 9]:
        post(attacked, hostile)
    until_whole(attacked)


def latencies(server: Server, bombs: int) -> tuple[list[float], Counter[str]]:
    """Milliseconds that /health/live takes while so many bombs go off, and what the bombs were answered with."""
    taken: list[float] = []
    done = threading.Event()

    def watch() -> None:
        with httpx.Client(base_url=server.base_url, timeout=30) as client:
            client.get("/health/live")
            while not done.is_set():
                started = time.perf_counter()
                assert client.get("/health/live").status_code == 200
                taken.append((time.perf_counter() - started) * 1000)
                time.sleep(0.005)

    with ThreadPoolExecutor(bombs + 1) as pool:
        watching = pool.submit(watch)
        answers = list(pool.map(lambda n: kind(post(server, BOMBS[n % len(BOMBS)])), range(bombs)))
        done.set()
        watching.result()
    return sorted(taken), Counter(answers)


def test_health_stays_quick_while_bombs_go_off(attacked: Server, running: Running) -> None:
    """Twenty bombs with the usual five seconds each in `make soak`, a sample of them otherwise."""
    if SOAK:
        with running() as server:
            taken, answers = latencies(server, 20)
    else:
        taken, answers = latencies(attacked, 8)
    assert set(answers) <= {"query-timeout", "unavailable"}
    assert answers["query-timeout"] >= 4
    p99 = taken[int(len(taken) * 0.99)]
    print(
        f"health while bombs go off: {len(taken)} requests, median {taken[len(taken) // 2]:.1f} ms, p99 {p99:.1f} ms, {dict(answers)}"
    )
    assert p99 < 100


def test_a_client_that_hangs_up_takes_no_worker_along(attacked: Server) -> None:
    until_whole(attacked)
    body = BOMBS[-1].body
    head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {QUERY}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    address = (attacked.base_url.host, attacked.base_url.port)
    for sent in (head + body, head + body[:10], head[:-2]):
        for _ in range(4):
            with socket.create_connection(address) as client:
                client.sendall(sent)
    until_whole(attacked)


def test_a_client_that_reads_slowly_holds_no_worker(attacked: Server) -> None:
    until_whole(attacked)
    query = "SELECT%20*%20%7B%20?s%20?p%20?o%20%7D"
    clients = [socket.create_connection((attacked.base_url.host, attacked.base_url.port)) for _ in range(2 * WORKERS)]
    try:
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(1.5)
        started = time.monotonic()
        assert kind(attacked.get("/sparql", params={"query": "ASK {}"})) == "answered"
        assert time.monotonic() - started < 1
    finally:
        for client in clients:
            client.close()


def test_a_server_that_stops_leaves_no_worker(running: Running) -> None:
    with running() as server:
        assert kind(server.get("/sparql", params={"query": "ASK {}"})) == "answered"
        before = workers(server)
        assert before
    time.sleep(0.2)
    assert not [
        pid
        for pid in before
        if Path(f"/proc/{pid}/cmdline").exists() and b"kb.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
