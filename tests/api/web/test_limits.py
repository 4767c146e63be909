"""Rate limits: how often a client may ask, and by what it is told from others."""

from __future__ import annotations

import re
import time
from ipaddress import ip_network

import httpx
import pytest

from api.settings import Settings
from api.web.limits import Clients, Counters, bucket, rates
from api.web.problems import Problem
from tests.api.web.raw import HEAD, answered, connect, receive, tiny


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    with tiny(PROVENDER_RATE="3/2 seconds") as running, httpx.Client(base_url=running.url) as client:
        for left in (2, 1, 0):
            response = client.post("/v1/plans", content=b"1")
            assert response.status_code == 200
            assert response.headers["ratelimit-policy"] == '"answers";q=3;w=2;provender-scope=process'
            assert re.fullmatch(rf'"answers";r={left};t=[12]', response.headers["ratelimit"])
        refused = client.get("/v1/recommendations?profile=x")
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (429, "too-many-requests")
        assert refused.json()["violated-policies"] == ["answers"]
        assert refused.headers["ratelimit"].startswith('"answers";r=0;t=')
        assert 1 <= int(refused.headers["retry-after"]) <= 2
        # What was made once is given to whoever asks, and other limits have their own count.
        for _ in range(50):
            assert client.get("/v1/catalogue").status_code == 200
        assert client.post("/sparql", content=b"1").headers["ratelimit"].startswith('"queries";r=119')
        assert client.get("/v1/queries/x").headers["ratelimit"].startswith('"queries";r=118')
        assert client.get("/v1/challenges?text=a").headers["ratelimit"].startswith('"lists";r=1199')
        assert "ratelimit" not in client.get("/v1/challenges").headers
        time.sleep(int(refused.headers["retry-after"]) + 0.1)
        assert client.post("/v1/plans", content=b"1").status_code == 200


def test_a_refused_request_with_a_body_leaves_the_connection_usable() -> None:
    with tiny(PROVENDER_RATE="1/hour") as running, connect(running.address) as sock:
        for status in (200, 429, 429):
            sock.sendall(b"POST /v1/questions HTTP/1.1\r\n" + HEAD + b"Content-Length: 1\r\n\r\n1")
            assert answered(receive(sock)).status == (422 if status == 200 else status)


def test_a_client_cannot_choose_the_address_it_is_counted_by() -> None:
    with tiny(PROVENDER_RATE="2/hour") as running:
        statuses = [
            httpx.post(
                f"{running.url}/v1/plans",
                headers={"X-Forwarded-For": f"198.51.100.{n}", "Forwarded": f"for=198.51.100.{n}"},
            ).status_code
            for n in range(4)
        ]
    assert statuses == [200, 200, 429, 429]


def test_behind_a_configured_proxy_each_client_has_its_own_count() -> None:
    with tiny(PROVENDER_RATE="1/hour", PROVENDER_TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8") as running:

        def ask(**headers: str) -> int:
            return httpx.post(
                f"{running.url}/v1/plans", headers={k.replace("_", "-"): v for k, v in headers.items()}
            ).status_code

        assert ask(x_forwarded_for="198.51.100.1") == 200
        assert ask(x_forwarded_for="198.51.100.1") == 429
        assert ask(x_forwarded_for="203.0.113.9, 198.51.100.1, 10.1.1.1") == 429, (
            "what stands left of it was sent by the client"
        )
        assert ask(x_forwarded_for="198.51.100.2", forwarded="for=198.51.100.77") == 200
        assert ask(x_forwarded_for="198.51.100.2", forwarded="for=198.51.100.78") == 429, "the other header is not read"
        assert ask(x_forwarded_for="2001:db8:0:1::1") == 200
        assert ask(x_forwarded_for="2001:db8:0:1:ffff::2") == 429, "one subscriber has a /64"
        assert ask(x_forwarded_for="2001:db8:0:2::1") == 200
        scheme = httpx.get(f"{running.url}/v1/limitations", headers={"X-Forwarded-Proto": "https"}).json()["scheme"]
        assert scheme == "https"
    with tiny() as running:
        assert (
            httpx.get(f"{running.url}/v1/limitations", headers={"X-Forwarded-Proto": "https"}).json()["scheme"]
            == "http"
        )


@pytest.mark.parametrize(
    ("header", "lines", "client"),
    [
        ("x-forwarded-for", [], "127.0.0.1"),
        ("x-forwarded-for", ["203.0.113.1"], "203.0.113.1"),
        ("x-forwarded-for", ["203.0.113.1:4711"], "203.0.113.1"),
        ("x-forwarded-for", ["9.9.9.9", "203.0.113.1, 10.2.3.4"], "203.0.113.1"),
        ("x-forwarded-for", ["203.0.113.1, nonsense"], "127.0.0.1"),
        ("x-forwarded-for", ["nonsense, 10.2.3.4"], "10.2.3.4"),
        ("x-forwarded-for", ["10.9.9.9, 10.2.3.4"], "10.9.9.9"),
        ("x-forwarded-for", ["::ffff:203.0.113.1"], "203.0.113.1"),
        ("x-forwarded-for", ["[2001:db8::1]:80"], "2001:db8::1"),
        ("x-forwarded-for", ["1" * 3000], "127.0.0.1"),
        ("forwarded", ['for="[2001:db8::1]:80";proto=https, for=10.2.3.4'], "2001:db8::1"),
        ("forwarded", ["for=203.0.113.1;by=_x"], "203.0.113.1"),
        ("forwarded", ["for=_hidden"], "127.0.0.1"),
    ],
)
def test_the_client_is_the_right_most_address_that_is_no_proxy(header: str, lines: list[str], client: str) -> None:
    clients = Clients((ip_network("127.0.0.1"), ip_network("10.0.0.0/8")), header)
    headers = [(header.encode(), line.encode()) for line in lines]
    assert clients.address("127.0.0.1", headers) == client
    assert clients.address("192.0.2.1", headers) == "192.0.2.1"
    assert Clients((), header).address("127.0.0.1", headers) == "127.0.0.1"


def test_the_memory_for_counting_clients_is_bounded() -> None:
    counters = Counters(most=1000)
    for n in range(5000):
        counters.incr(f"client {n}", 60)
    assert len(counters) == 1000
    assert counters.get("client 4999") == 1
    assert counters.get("client 0") == 0


def test_what_cannot_be_told_apart_is_counted_together() -> None:
    assert bucket("") == bucket("nonsense") == "unknown"
    rate = rates(Settings(rate="1/hour"))["answers"]
    rate.hit(bucket(""))
    with pytest.raises(Problem):
        rate.hit(bucket("nonsense"))
