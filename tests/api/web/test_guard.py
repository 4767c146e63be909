"""Limits, headers and logs, on a small application behind the guard in a process of its own."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.guard import deeper_than
from tests.api.web.raw import HEAD, Answer, Tiny, answered, connect, exchange, receive, tiny

SECRET = "kummerspeck"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Tiny]:
    settings = {
        "RATE": "off", "RATE_SPARQL": "off", "RATE_LISTS": "off", "RATE_ADMIN": "off", "BODY_BYTES": 4096, "BODY_SECONDS": 1,
        "HEADER_SECONDS": 1, "URL_BYTES": 2048, "HEADER_BYTES": 4096, "IDLE_SECONDS": 1,
    }  # fmt: skip
    with tiny(**{f"PROVENDER_{k}": v for k, v in settings.items()}) as running:
        yield running


@pytest.fixture
def client(guarded: Tiny) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=guarded.url, timeout=20) as made:
        yield made


# --- headers ----------------------------------------------------------------------------------------------------------------------

WANTED = (
    "content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy", "cross-origin-opener-policy",
    "cross-origin-resource-policy",
)  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/v1/catalogue", "/v1/match", "/v1/admin/reload", "/metrics", "/", "/none", "/v1/explanations"]
)
def test_security_headers_are_on_every_response(client: httpx.Client, path: str) -> None:
    for response in (client.get(path), client.post(path, content=b"0")):
        assert [h for h in WANTED if h not in response.headers] == []
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-request-id"]
        assert "server" not in response.headers
        assert response.headers["date"].endswith("GMT")
        policy = response.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy


def test_security_headers_are_on_what_is_refused_before_it_is_a_request(guarded: Tiny) -> None:
    for raw in (b"NONSENSE\r\n\r\n", b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n"):
        answer = answered(exchange(guarded.address, raw))
        assert answer.status in (400, 414)
        assert [h for h in WANTED if h not in answer.headers] == []
        assert answer.problem


def test_the_site_may_load_its_own_files_and_data_nothing(client: httpx.Client) -> None:
    assert "script-src 'self';" in client.get("/").headers["content-security-policy"]
    assert client.get("/v1/catalogue").headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("url", "there"), [("https://p.example.org", True), ("http://p.example.org", False), ("", False)]
)
def test_strict_transport_only_where_others_reach_it_by_https(url: str, there: bool) -> None:
    with tiny(PROVENDER_PUBLIC_URL=url) as running:
        assert ("strict-transport-security" in httpx.get(f"{running.url}/v1/catalogue").headers) is there


def test_any_origin_may_read_data_and_ask_but_not_sessions_or_admin(client: httpx.Client) -> None:
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    for path in ("/v1/catalogue", "/v1/recommendations", "/sparql", "/id/challenge/x", "/exports/provender.ttl"):
        read = client.get(path, headers={"Origin": "https://elsewhere.example"})
        assert read.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in read.headers
        exposed = read.headers["access-control-expose-headers"]
        assert all(h in exposed for h in ("ETag", "Link", "RateLimit", "Retry-After", "Provender-Truncated"))
        preflight = client.options(path, headers=asked)
        assert preflight.status_code == 204
        assert "POST" in preflight.headers["access-control-allow-methods"]
        assert "content-type" in preflight.headers["access-control-allow-headers"].lower()
        assert "authorization" not in preflight.headers["access-control-allow-headers"].lower()
    for path in ("/v1/sessions/1", "/v1/admin/reload", "/metrics", "/health/live", "/"):
        for response in (client.get(path, headers=asked), client.options(path, headers=asked)):
            assert not [h for h in response.headers if h.startswith("access-control")]
            assert response.headers["cross-origin-resource-policy"] == "same-origin"


# --- bodies -----------------------------------------------------------------------------------------------------------------------


def post(guarded: Tiny, *lines: bytes, body: bytes = b"", path: bytes = b"/v1/plans") -> Answer | None:
    return exchange(
        guarded.address, b"POST " + path + b" HTTP/1.1\r\n" + HEAD + b"\r\n".join([*lines, b"", b""]) + body
    )


def test_a_body_as_long_as_allowed_passes_and_one_byte_more_is_413(client: httpx.Client) -> None:
    assert client.post("/v1/plans", content=b" " * 4096).content == b" " * 4096
    refused = client.post("/v1/plans", content=b" " * 4097)
    assert refused.status_code == 413
    assert refused.json()["type"].endswith("/too-large")
    assert "4,096" in refused.json()["detail"]


def test_a_client_that_sends_far_too_much_still_reads_why_it_is_refused(guarded: Tiny) -> None:
    for _ in range(5):
        answer = answered(post(guarded, b"Content-Length: 3000000", body=b"x" * 3_000_000))
        assert (answer.status, answer.kind, answer.headers["connection"]) == (413, "too-large", "close")


def test_too_long_a_body_is_refused_before_it_is_sent(guarded: Tiny) -> None:
    answer = answered(post(guarded, b"Content-Length: 99999999", b"Expect: 100-continue"))
    assert answer.status == 413  # and not "100 Continue"


def test_a_chunked_body_is_cut_off_at_the_limit(guarded: Tiny) -> None:
    chunk = b"400\r\n" + b" " * 1024 + b"\r\n"
    answer = answered(post(guarded, b"Transfer-Encoding: chunked", body=chunk * 400))
    assert (answer.status, answer.kind) == (413, "too-large")
    passed = answered(post(guarded, b"Transfer-Encoding: chunked", body=chunk * 4 + b"0\r\n\r\n"))
    assert passed.status == 200


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: -1"], [b"Content-Length: 0x10"], [b"Content-Length: ten"], [b"Content-Length: 5", b"Content-Length: 6"],
        [b"Content-Length: 5", b"Transfer-Encoding: chunked"], [b"Content-Length: 99999999999999999999999999"],
        [b"Transfer-Encoding: chunked, gzip"], [b"Content-Length : 5"], [b"X: a\nY: b"], [b"X: a\x00b"], [b" folded"], [b"no colon"],
    ],
)  # fmt: skip
def test_framing_that_could_be_read_in_two_ways_is_refused(guarded: Tiny, lines: list[bytes]) -> None:
    with connect(guarded.address) as sock:
        sock.sendall(
            b"POST /v1/plans HTTP/1.1\r\n" + HEAD + b"\r\n".join([*lines, b"", b""]) + b"5\r\nhello\r\n0\r\n\r\n"
        )
        answer = answered(receive(sock, wait_for_end=True))
    assert (answer.status, answer.kind, answer.closed) == (400, "bad-request", True)


def test_a_bad_chunk_in_the_middle_of_a_body_is_refused(guarded: Tiny) -> None:
    answer = answered(post(guarded, b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\nzz\r\n"))
    assert (answer.status, answer.kind) == (400, "bad-request")


def test_a_body_that_drips_in_is_not_waited_for(guarded: Tiny) -> None:
    with connect(guarded.address) as sock:
        started = time.monotonic()
        sock.sendall(b"POST /v1/plans HTTP/1.1\r\n" + HEAD + b"Content-Length: 100\r\n\r\n")
        for _ in range(3):
            time.sleep(0.2)
            sock.sendall(b"x")
        answer = answered(receive(sock, wait_for_end=True))
        assert 0.9 < time.monotonic() - started < 3
    assert (answer.status, answer.kind, answer.closed) == (408, "request-timeout", True)


def test_a_head_that_drips_in_is_not_waited_for(guarded: Tiny) -> None:
    with connect(guarded.address) as sock:
        started = time.monotonic()
        for part in (b"GET / HTTP/1.1\r\n", b"Host: x\r\n", b"X: "):
            sock.sendall(part)
            time.sleep(0.2)
        answer = answered(receive(sock, wait_for_end=True))
        assert time.monotonic() - started < 3
    assert (answer.status, answer.kind, answer.closed) == (408, "request-timeout", True)


def test_a_second_head_that_drips_in_is_not_waited_for(guarded: Tiny) -> None:
    with connect(guarded.address) as sock:
        sock.sendall(b"GET /v1/plans HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answered(receive(sock)).status == 200
        for _ in range(30):
            try:
                sock.sendall(b"GET / HTTP/1.1\r\nX: " if _ == 0 else b"y")
            except OSError:
                break
            time.sleep(0.1)
        else:
            pytest.fail("kept open while a head dripped in")


@pytest.mark.parametrize("first", [b"", b"GET /v1/plans HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_a_silent_connection_is_closed(guarded: Tiny, first: bytes) -> None:
    with connect(guarded.address) as sock:
        started = time.monotonic()
        sock.sendall(first)
        if first:
            assert answered(receive(sock)).status == 200
        assert sock.recv(1) == b""
        assert time.monotonic() - started < 4


def test_a_client_that_does_not_read_is_let_go(guarded: Tiny) -> None:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(guarded.address)
        sock.sendall(b"GET /v1/articles HTTP/1.1\r\nHost: x\r\n\r\n")  # 16 MiB
        time.sleep(3.5)
        assert any(line.get("reason") == "slow-reader" for line in guarded.lines())


def test_a_client_that_reads_steadily_gets_all(client: httpx.Client) -> None:
    with client.stream("GET", "/v1/articles") as response:
        size = 0
        for part in response.iter_raw(1 << 20):
            size += len(part)
            time.sleep(0.15)
    assert size == 256 * 65536


def test_a_long_address_is_414_and_long_headers_are_431(guarded: Tiny) -> None:
    for raw, status, kind in (
        (b"GET /" + b"a" * 2048 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "url-too-long"),
        (b"GET /" + b"a" * 7000, 414, "url-too-long"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 4100 + b"\r\n\r\n", 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a:\r\n" * 900 + b"\r\n", 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 9000, 431, "headers-too-large"),
    ):
        answer = answered(exchange(guarded.address, raw))
        assert (answer.status, answer.kind, answer.headers["connection"]) == (status, kind, "close"), raw[:40]
    assert answered(exchange(guarded.address, b"GET /" + b"a" * 2000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")).status == 200


def test_more_connections_than_allowed_are_told_to_come_back() -> None:
    with tiny(PROVENDER_CONNECTIONS=2) as running:
        with connect(running.address), connect(running.address):
            time.sleep(0.1)
            answer = answered(exchange(running.address, b"GET /v1/plans HTTP/1.1\r\nHost: x\r\n\r\n"))
            assert (answer.status, answer.kind, answer.headers["retry-after"]) == (503, "unavailable", "2")
        time.sleep(0.2)
        assert answered(exchange(running.address, b"GET /v1/plans HTTP/1.1\r\nHost: x\r\n\r\n")).status == 200


def test_requests_in_a_row_on_one_connection_are_answered_in_order(guarded: Tiny) -> None:
    one = b"POST /v1/plans HTTP/1.1\r\n" + HEAD + b"Content-Length: 1\r\n\r\n"
    with connect(guarded.address) as sock:
        sock.sendall(b"".join(one + str(n).encode() for n in range(5)))
        data = b""
        while data.count(b"HTTP/1.1 200") < 5 or not data[-1:].isdigit():
            data += sock.recv(65536)
    assert re.findall(rb"\r\n\r\n(\d)", data) == [b"0", b"1", b"2", b"3", b"4"]


def test_a_request_without_host_or_with_a_packed_body_is_refused(guarded: Tiny, client: httpx.Client) -> None:
    assert answered(exchange(guarded.address, b"GET / HTTP/1.1\r\n\r\n")).kind == "bad-request"
    packed = client.post("/v1/plans", content=b"x", headers={"Content-Encoding": "gzip"})
    assert (packed.status_code, packed.json()["type"].rpartition("/")[2]) == (415, "unsupported-media-type")


# --- depth ------------------------------------------------------------------------------------------------------------------------


def test_json_may_nest_so_deep_and_no_deeper(client: httpx.Client) -> None:
    assert client.post("/v1/plans", content=b"[" * 32 + b"]" * 32).status_code == 200
    refused = client.post("/v1/plans", content=b'{"a":' * 33 + b"1" + b"}" * 33)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "")
    assert client.post("/v1/plans", content=b"[" * 4000).status_code == 422
    assert client.post("/sparql", content=b"{" * 100).status_code == 200  # no JSON; its own limits are elsewhere


def test_json_in_an_encoding_that_cannot_be_looked_through_is_refused(client: httpx.Client) -> None:
    assert client.post("/v1/plans", content='{"a": 1}'.encode("utf-16")).status_code == 400


def _depth(value: Any) -> int:
    if isinstance(value, dict | list):
        return 1 + max((_depth(v) for v in (value.values() if isinstance(value, dict) else value)), default=0)
    return 0


@given(
    st.recursive(
        st.text(alphabet='[]{}"\\a') | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='[{"'), inner, max_size=2),
    ),
    st.integers(1, 6),
)
def test_the_scan_finds_the_depth_that_a_parser_finds(value: Any, limit: int) -> None:
    assert deeper_than(json.dumps(value).encode(), limit) == (_depth(value) > limit)


@pytest.mark.parametrize("unit", [b'"', b"[", b"[]", b"{[", b'\\"', b'"[', b"[[]]", b'["a",', b"]["])
def test_the_scan_takes_linear_time_whatever_it_is_given(unit: bytes) -> None:
    body = unit * (262_144 // len(unit))
    started = time.process_time()
    deeper_than(body, 32)
    assert time.process_time() - started < 0.1


# --- logs and failures ------------------------------------------------------------------------------------------------------------


def test_a_failure_says_nothing_of_what_happened_inside(client: httpx.Client, guarded: Tiny) -> None:
    response = client.post(f"/v1/explanations?profile={SECRET}", content=f'"{SECRET}"'.encode())
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (500, "internal-error")
    assert not re.search(r"Traceback|RuntimeError|\.py|kummerspeck", response.text)
    (line,) = [x for x in guarded.lines() if x["event"] == "failure" and x["id"] == response.headers["x-request-id"]]
    assert line["failure"]["type"] == "builtins.RuntimeError"
    assert line["failure"]["at"][-1].startswith("api/web/tiny.py:") or "tiny.py" in line["failure"]["at"][-1]
    assert response.headers["x-request-id"] in response.json()["detail"]


def test_an_application_that_answers_nothing_is_a_problem_too(client: httpx.Client) -> None:
    assert client.get("/v1/solutions").json()["status"] == 500


def test_logs_hold_nothing_that_a_client_said(client: httpx.Client, guarded: Tiny) -> None:
    headers = {"User-Agent": SECRET, "Referer": f"https://x/{SECRET}", "X-Request-Id": f"{SECRET} !", "Cookie": SECRET}
    client.post(f"/v1/plans?profile={SECRET}", content=json.dumps({"profile": SECRET}).encode(), headers=headers)
    client.get(f"/v1/recommendations?profile={SECRET}", headers=headers)
    client.post("/v1/explanations", content=json.dumps({"profile": SECRET}).encode(), headers=headers)
    client.get("/v1/a%22b%0d%0a{%22event%22:1}")
    exchange(guarded.address, b"GET / HTTP/1.1\r\n" + SECRET.encode() + b"\r\n\r\n")
    lines = guarded.lines()
    text = guarded.log.read_text()
    assert SECRET not in text
    assert "127.0.0.1" not in text
    requests = [line for line in lines if line["event"] == "request"]
    assert requests
    for line in requests:
        assert line.keys() == {"time", "level", "event", "method", "path", "route", "status", "ms", "bytes", "id"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    last = [line for line in requests if line["path"] == "/v1/recommendations"][-1]
    assert (last["method"], last["route"], last["status"]) == ("GET", "answer", 200)
    assert [line["path"] for line in requests if "event" in line["path"]] == ['/v1/a"b\r\n{"event":1}']


def test_requests_are_not_logged_where_that_is_switched_off() -> None:
    for env in ({"PROVENDER_ACCESS_LOG": "false"}, {"PROVENDER_LOG_LEVEL": "warning"}):
        with tiny(**env) as running:
            httpx.get(f"{running.url}/v1/catalogue")
            assert running.lines() == []


def test_the_last_requests_are_logged_when_the_server_stops() -> None:
    with tiny() as running:
        httpx.get(f"{running.url}/v1/catalogue")
        running.process.terminate()
        running.process.wait(10)
        assert [line["path"] for line in running.lines()] == ["/v1/catalogue"]


def test_a_request_id_is_taken_over_if_it_is_a_short_token_and_made_otherwise(client: httpx.Client) -> None:
    taken = client.get("/v1/limitations", headers={"X-Request-Id": "a-1.B_2"})
    assert (taken.headers["x-request-id"], taken.json()["id"]) == ("a-1.B_2", "a-1.B_2")
    made = set()
    for bad in ("", "a b", "a" * 65, "<script>", "ä", "a,b"):
        response = client.get("/v1/limitations", headers={"X-Request-Id": bad.encode("latin-1")})
        assert re.fullmatch(r"[0-9a-f]{10}-[0-9a-f]+", response.headers["x-request-id"])
        made.add(response.headers["x-request-id"])
    assert len(made) == 6


def test_routes_are_counted_by_template_and_never_by_what_a_client_made_up(client: httpx.Client) -> None:
    for path in ("/v1/challenges/a", "/v1/challenges/b", f"/{SECRET}", "/none", f"/v1/explanations?{SECRET}"):
        client.get(path)
    text = client.get("/metrics").text
    assert SECRET not in text
    assert re.search(r'provender_requests_total\{route="/v1/challenges/\{id\}",status="2xx"\} [2-9]', text)
    assert 'provender_requests_total{route="site",status="4xx"}' in text
    assert "provender_requests_in_flight 1.0" in text
