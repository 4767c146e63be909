"""What `site/pages/security.md` promises, held against the program that users run."""

from __future__ import annotations

import ast
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import Settings, variable
from api.web.problems import TYPES
from tests.api.web.conftest import Running
from tests.api.web.raw import Address, Answer, connect, exchange, receive, tiny
from tests.conftest import ROOT
from tests.serving import Server

PAGES = {name: (ROOT / "site/pages" / f"{name}.md").read_text(encoding="utf-8") for name in ("security", "deployment")}
RISKS = ["Broken Object Level Authorization", "Broken Authentication", "Broken Object Property Level Authorization",
         "Unrestricted Resource Consumption", "Broken Function Level Authorization", "Unrestricted Access to Sensitive Business Flows",
         "Server Side Request Forgery", "Security Misconfiguration", "Improper Inventory Management", "Unsafe Consumption of APIs"]  # fmt: skip
SECRET = "kummerspeck"


@pytest.fixture(scope="module")
def strict(running: Running) -> Iterator[Server]:
    """Everything that can be refused is."""
    with running(
        PROVENDER_RATE="2/hour", PROVENDER_ADMIN_KEYS="0" * 64, PROVENDER_BODY_SECONDS="1", PROVENDER_CONNECTIONS="4"
    ) as client:
        yield client


@pytest.fixture(scope="module")
def broken(data: Path) -> Iterator[Address]:
    with tiny("tests.api.web.broken", PROVENDER_DATA=data) as running:
        yield running.address


def _tests() -> set[str]:
    """The name of every test there is, read without importing."""
    return {
        node.name
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGES["security"]))
    assert len(named) > 25
    assert named - _tests() == set()


def test_the_page_goes_through_all_ten_risks_and_shows_each() -> None:
    sections = re.split(r"^### ", PAGES["security"], flags=re.MULTILINE)[1:]
    titles = [s.partition("\n")[0] for s in sections]
    assert titles == [f"API{n}:2023 {name}" for n, name in enumerate(RISKS, 1)]
    assert [t for t, s in zip(titles, sections, strict=True) if not re.search(r"`test_\w+`", s)] == []


def test_settings_and_problems_that_the_pages_name_are_there() -> None:
    known = {variable(name) for name in Settings.model_fields} | {"PROVENDER_DATABASE_URL"}
    for text in PAGES.values():
        assert set(re.findall(r"PROVENDER_[A-Z_]+", text)) - known == set()
    assert set(re.findall(r"problem `([a-z-]+)`", PAGES["security"])) - TYPES.keys() == set()


def _ask(method: str, path: str, *lines: str, body: str = "") -> bytes:
    head = [f"{method} {path} HTTP/1.1", "Host: x", *lines, *([f"Content-Length: {len(body)}"] if body else [])]
    return "\r\n".join([*head, "", body]).encode()


JSON = "Content-Type: application/json"
REFUSED: list[tuple[int, str, bytes]] = [
    (400, "unknown-parameter", _ask("GET", "/v1/challenges?colour=red")),
    (400, "bad-request", b"NONSENSE / HTTP/1.1\r\n\r\n"),
    (400, "bad-request", _ask("POST", "/v1/match", JSON, body='{"text": ')),
    (401, "unauthorised", _ask("POST", "/v1/admin/reload", "Authorization: Bearer x")),
    (404, "not-found", _ask("GET", "/v1/nothing")),
    (404, "not-found", _ask("GET", "/v1/challenges/nothing")),
    (404, "not-found", _ask("GET", "/v1/session")),
    (404, "not-found", _ask("GET", "/..%2f..%2fetc/passwd")),
    (405, "method-not-allowed", _ask("DELETE", "/v1/challenges")),
    (405, "method-not-allowed", _ask("TRACE", "/v1/challenges")),
    (405, "method-not-allowed", _ask("PROPFIND", "/v1/challenges")),
    (405, "method-not-allowed", _ask("GET", "/v1/match")),
    (406, "not-acceptable", _ask("GET", "/id/challenge/data-drift", "Accept: image/png")),
    (408, "request-timeout", _ask("POST", "/v1/match", JSON, "Content-Length: 10")),
    (413, "too-large", _ask("POST", "/v1/match", JSON, "Content-Length: 1000000")),
    (414, "url-too-long", _ask("GET", f"/{'a' * 20000}")),
    (415, "unsupported-media-type", _ask("POST", "/v1/match", "Content-Type: text/plain", body="{}")),
    (415, "unsupported-media-type", _ask("POST", "/v1/match", JSON, "Content-Encoding: gzip", body="{}")),
    (422, "invalid-input", _ask("POST", "/v1/match", JSON, body="[" * 40 + "]" * 40)),
    (422, "invalid-input", _ask("POST", "/v1/match", JSON, body='{"words": 1}')),
    (431, "headers-too-large", _ask("GET", "/", f"X: {'a' * 40000}")),
    (429, "too-many-requests", _ask("POST", "/v1/match", JSON, body='{"text": "drift"}')),
    (500, "internal-error", _ask("POST", "/v1/match", JSON, body='{"text": "drift"}')),
    (503, "unavailable", _ask("GET", "/v1/challenges")),
]  # fmt: skip


@pytest.mark.parametrize(("status", "kind", "asked"), REFUSED, ids=[f"{s}-{n}" for n, (s, _, _) in enumerate(REFUSED)])
def test_every_failure_has_the_one_shape(
    server: Server, strict: Server, broken: Address, status: int, kind: str, asked: bytes
) -> None:
    answer: Answer | None
    if status == 503:
        held = [connect(strict.address) for _ in range(4)]
        time.sleep(0.2)
        answer = exchange(strict.address, asked)
        for sock in held:
            sock.close()
    else:
        address = {401: strict.address, 408: strict.address, 429: strict.address, 500: broken}.get(
            status, server.address
        )
        if status == 429:
            for _ in range(2):
                exchange(address, asked)
        answer = exchange(address, asked)
    assert answer is not None
    assert (answer.status, answer.kind) == (status, kind), answer
    assert answer.problem["title"] == TYPES[kind][1]
    assert answer.problem["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(rf"Traceback|\.py|/tmp/|pydantic|{SECRET}", answer.body.decode())
    if status == 405:
        assert answer.headers["allow"]
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
    if status in (429, 503):
        assert int(answer.headers["retry-after"]) >= 1


def test_every_kind_of_failure_with_a_status_of_its_own_is_among_them() -> None:
    assert {400, 401, 404, 405, 413, 415, 422, 429, 500, 503} <= {status for status, _, _ in REFUSED}


PATHS = [
    "/", "/v1/catalogue", "/v1/challenges", "/v1/challenges/data-drift", "/v1/challenges?text=drift", "/v1/nothing", "/id/challenge/data-drift",
    "/exports/provender.ttl", "/.well-known/void", "/sparql", "/v1/queries", "/health/live", "/metrics", "/v1/recommendations", "/v1/match",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_address_carries_the_headers_once(server: Server, path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "POST"):
        # `receive` refuses a header that is there twice
        sent = _ask(method, path, "Connection: close")
        with connect(server.address) as sock:
            sock.sendall(sent)
            answer = receive(sock) if method != "HEAD" else None
        if answer is None:
            continue
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert {
            "x-content-type-options",
            "referrer-policy",
            "permissions-policy",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
        } <= answer.headers.keys()
        assert "server" not in answer.headers
        public = path.startswith(("/v1", "/id", "/exports", "/.well", "/sparql"))
        assert answer.headers.get("access-control-allow-origin") == ("*" if public else None)


def test_pages_of_the_program_itself_need_nothing_that_their_policy_forbids(server: Server) -> None:
    for path in ("/id/challenge/data-drift", "/sparql"):
        page = server.get(path, headers={"Accept": "text/html"})
        if page.headers["content-type"].startswith("text/html"):
            assert not re.search(
                r"<style|<script(?![^>]* src=)|\sstyle=|\son\w+=|<link|<img|<iframe|\ssrc=[\"']?(?:https?:)?//",
                page.text,
            )


def test_a_profile_is_never_logged(running: Running) -> None:
    profile = {"challenges": {"data-drift": 4}, "problem": f"Our {SECRET} drifts.", "budget": SECRET}
    with running() as client:
        good = {**profile, "budget": "small"}
        assert client.post("/v1/recommendations", json={"profile": good}).status_code == 200
        assert client.post("/v1/recommendations", json={"profile": profile}).status_code == 422
        assert client.post("/v1/match", json={"text": SECRET}).status_code == 200
        client.get("/v1/recommendations", params={"profile": f"1.x.{SECRET}"})
        client.get("/v1/challenges", params={"text": SECRET})
        client.get("/sparql", params={"query": f'SELECT * {{ ?s ?p "{SECRET}" }} LIMIT 1'})
        client.post("/sparql", data={"query": f"SELECT {SECRET}"})
        client.post(
            "/v1/recommendations", content=f'{{"profile": {SECRET}', headers={"Content-Type": "application/json"}
        )
        time.sleep(0.4)
        log = client.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert sum(line["event"] == "request" for line in lines) >= 8
    assert SECRET not in log
    assert "127.0.0.1" not in re.sub(r"Provender answers at .*", "", log)


def test_nothing_is_fetched_for_a_client(server: Server) -> None:
    for query in (
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * FROM <http://127.0.0.1:1/> { ?s ?p ?o }",
    ):
        refused = server.post("/sparql", content=query, headers={"Content-Type": "application/sparql-query"})
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (400, "query-refused")


def test_many_slow_clients_do_not_keep_others_waiting(server: Server) -> None:
    held = []
    for n in range(100):
        sock = connect(server.address)
        sock.sendall(
            b"POST /v1/match HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" if n % 2 else b"GET / HTTP/1.1\r\nX: "
        )
        held.append(sock)
    times = []
    for _ in range(50):
        started = time.monotonic()
        assert server.get("/health/live").status_code == 200
        times.append(time.monotonic() - started)
    for sock in held:
        sock.close()
    assert sorted(times)[-2] < 0.5


def test_every_route_is_documented(server: Server) -> None:
    document: dict[str, Any] = server.get("/openapi.json").json()
    paths = document["paths"]
    for path in ("/health/live", "/health/ready", "/metrics", "/v1/admin/reload"):
        assert path in paths
        for operation in paths[path].values():
            assert operation["operationId"]
            assert operation["summary"]
    assert "AdminKey" in document["components"]["securitySchemes"]
    assert httpx.codes.UNAUTHORIZED.value == int(
        next(s for s in paths["/v1/admin/reload"]["post"]["responses"] if s == "401")
    )
