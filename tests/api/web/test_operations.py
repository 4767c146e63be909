"""Health, metrics and administration of the program that users run."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Response
from prometheus_client.parser import text_string_to_metric_families

from api.build import build
from api.publication import Shelf
from api.settings import Settings
from api.web.operations import is_key, router
from api.web.problems import Problem
from kb.home import build_folder
from tests.api.web.conftest import Running
from tests.conftest import EDITION
from tests.serving import Server

KEYS = ("first key", "second kéy")
HASHES = ",".join(sha256(key.encode()).hexdigest().upper() for key in KEYS)


@pytest.fixture(scope="module")
def administered(running: Running) -> Iterator[Server]:
    with running(PROVENDER_ADMIN_KEYS=HASHES, PROVENDER_RATE_ADMIN="off") as client:
        yield client


def test_live_and_ready(server: Server) -> None:
    live = server.get("/health/live")
    assert (live.status_code, live.json(), live.headers["cache-control"]) == (200, {"status": "live"}, "no-store")
    ready = server.get("/health/ready").json()
    assert ready["status"] == "ready"
    assert re.fullmatch("[0-9a-f]{64}", ready["digest"])


def test_what_is_not_ready_is_named_and_lives_all_the_same(data: Path) -> None:
    async def _tell(_: object, problem: Exception) -> Response:
        assert isinstance(problem, Problem)
        return Response(problem.body(), problem.status, dict(problem.headers))

    app = FastAPI(exception_handlers={Problem: _tell})
    parts = {"index": lambda: True, "sparql": lambda: False}
    app.include_router(router(Settings(), Shelf(build_folder(data)), None, parts))

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            ready = await client.get("/health/ready")
            assert (ready.status_code, ready.json()["missing"], ready.headers["retry-after"]) == (503, ["sparql"], "2")
            assert (await client.get("/health/live")).status_code == 200

    asyncio.run(ask())


def test_metrics_are_what_prometheus_reads(server: Server, catalogue: object) -> None:
    before = _samples(server)
    for _ in range(3):
        server.get("/v1/challenges/data-drift")
    server.get("/v1/challenges/nothing-of-the-kind")
    after = _samples(server)
    route = "/v1/challenges/{id}"
    assert (
        _value(after, "provender_requests_total", route=route, status="2xx")
        - _value(before, "provender_requests_total", route=route, status="2xx")
        == 3
    )
    assert (
        _value(after, "provender_requests_total", status="4xx")
        - _value(before, "provender_requests_total", status="4xx")
        >= 1
    )
    assert (
        _value(after, "provender_request_seconds_count", kind="data")
        - _value(before, "provender_request_seconds_count", kind="data")
        >= 4
    )
    infinite = _value(after, "provender_request_seconds_bucket", kind="data", le="+Inf")
    assert infinite == _value(after, "provender_request_seconds_count", kind="data")
    assert _value(after, "provender_requests_in_flight") == 1
    ready = server.get("/health/ready").json()
    assert _value(after, "provender_catalogue_info", version=ready["catalogue"], digest=ready["digest"][:12]) == 1


Samples = list[tuple[str, dict[str, str], float]]


def _samples(client: httpx.Client) -> Samples:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return [(s.name, s.labels, s.value) for family in families for s in family.samples]


def _value(samples: Samples, name: str, **labels: str) -> float:
    return sum(value for n, has, value in samples if n == name and labels.items() <= has.items())


def test_what_becomes_of_queries_is_counted(running: Running) -> None:
    with running() as client:
        for query in ("ASK {}", "ASK {}", "ASK {", "ASK { SERVICE <http://x/> {} }"):
            client.get("/sparql", params={"query": query})
        samples = _samples(client)
    outcomes = {has["outcome"]: value for name, has, value in samples if name == "provender_sparql_queries_total"}
    assert outcomes == {"answered": 2, "query-malformed": 1, "query-refused": 1}


def test_metrics_of_several_workers_add_up(running: Running) -> None:
    with running(PROVENDER_WORKERS="2") as client:
        for _ in range(60):
            httpx.get(f"{client.base_url}/v1/catalogue")  # a connection of its own each, so that both workers get some
        time.sleep(0.5)
        seen = {
            _value(_samples(httpx.Client(base_url=client.base_url)), "provender_requests_total", route="/v1/catalogue")
            for _ in range(8)
        }
        assert seen == {60.0}
        assert _value(_samples(client), "provender_catalogue_info") == 1


def test_metrics_can_be_switched_off(running: Running) -> None:
    with running(PROVENDER_METRICS="false") as client:
        assert client.get("/metrics").status_code == 404
        assert client.get("/v1/catalogue").status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer wrong",
        "Basic Zmlyc3Qga2V5",
        f"Bearer {HASHES[:64]}",
        "first key",
        "Bearer First key",
    ],
)
def test_a_wrong_key_is_401_whatever_is_wrong_with_it(administered: Server, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = administered.post("/v1/admin/reload", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["detail"] == "Send a valid admin key as a bearer token."
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize("key", KEYS)
def test_each_key_reloads(administered: Server, key: str) -> None:
    response = administered.post("/v1/admin/reload", headers={"Authorization": b"Bearer " + key.encode()})
    assert response.status_code == 200, response.text
    assert response.json()["changed"] is False
    assert administered.get("/v1/admin/reload").status_code == 405


def test_keys_are_compared_with_all_hashes() -> None:
    hashes = [sha256(k.encode()).hexdigest() for k in KEYS]
    assert [is_key(k.encode(), hashes) for k in (*KEYS, "third", "")] == [True, True, False, False]


def test_without_keys_nothing_is_administered(server: Server) -> None:
    response = server.post("/v1/admin/reload", headers={"Authorization": "Bearer x"})
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (401, "unauthorised")


def test_keys_cannot_be_tried_at_will(running: Running) -> None:
    with running(PROVENDER_ADMIN_KEYS=HASHES, PROVENDER_RATE_ADMIN="3/hour") as client:
        statuses = [
            client.post("/v1/admin/reload", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(5)
        ]
        assert statuses == [401, 401, 401, 429, 429]
        assert client.post("/v1/admin/reload", headers={"Authorization": f"Bearer {KEYS[0]}"}).status_code == 429


def test_a_new_build_is_taken_up_at_once(running: Running, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(data, folder)
    shutil.copytree(build_folder(data), build_folder(folder))
    env = {"PROVENDER_DATA": str(folder), "PROVENDER_ADMIN_KEYS": HASHES, "PROVENDER_REFRESH_SECONDS": "3600"}
    with running(**env) as client:
        before = client.get("/health/ready").json()
        file = folder / "challenges" / "data-drift.yaml"
        file.write_text(file.read_text().replace("definition: ", "definition: In short, ", 1))
        edition = folder / "catalogue.yaml"
        edition.write_text(edition.read_text().replace(EDITION, "2098.1.1", 1))
        list(build(folder, build_folder(folder)))
        assert client.get("/health/ready").json() == before
        reloaded = client.post("/v1/admin/reload", headers={"Authorization": f"Bearer {KEYS[0]}"}).json()
        after = client.get("/health/ready").json()
        assert reloaded == {"changed": True, "catalogue": after["catalogue"], "digest": after["digest"]}
        assert after["digest"] != before["digest"]
        samples = _samples(client)
        assert _value(samples, "provender_catalogue_info", digest=before["digest"][:12]) == 0
        assert _value(samples, "provender_catalogue_info", digest=after["digest"][:12]) == 1
