"""How often join codes may be tried, sessions begun and events sent."""

from __future__ import annotations

import time

import httpx

from tests.api.web.conftest import Running
from tests.api.web.sessions.people import Remote


def _said(answer: httpx.Response) -> tuple[int, str, list[str]]:
    problem = answer.json()
    return answer.status_code, problem["type"].rpartition("/")[2], problem.get("violated-policies", [])


def test_join_codes_cannot_be_tried_at_will(running: Running) -> None:
    with running(PROVENDER_RATE_JOINS="4/2 seconds", PROVENDER_TRUSTED_PROXIES="127.0.0.1") as server:
        room = Remote(server, "sessions", title="T", name="Ada")
        code = room.code()

        def attempt(code: str, name: str, client: str = "198.51.100.1") -> httpx.Response:
            body = {"code": code, "name": name}
            return server.post("/v1/sessions/join", json=body, headers={"X-Forwarded-For": client})

        # Right and wrong count alike, so that a refusal tells nothing.
        assert attempt(code, "Bo").status_code == 201
        for _ in range(3):
            assert _said(attempt("AAAAA-AAAAA", "Eve")) == (404, "not-found", [])
        for tried in (code, "AAAAA-AAAAA"):
            refused = attempt(tried, "Cy")
            assert _said(refused) == (429, "too-many-requests", ["joins"])
            assert 1 <= int(refused.headers["retry-after"]) <= 3
            assert refused.headers["cache-control"] == "no-store"
            assert refused.headers["ratelimit-policy"].startswith('"joins";q=4;w=2;')
        # Others, and those who are in, go on.
        assert attempt(code, "Di", "198.51.100.2").status_code == 201
        assert room.ask("GET").status_code == 200
        room.do("rating", challenge="dirty-data", severity=3)
        time.sleep(int(refused.headers["retry-after"]) + 0.1)
        assert attempt(code, "Cy").status_code == 201
        assert [p["name"] for p in room.get()["state"]["people"].values()] == ["Ada", "Bo", "Di", "Cy"]


def test_all_people_behind_one_address_can_join_at_once_by_default(running: Running) -> None:
    with running(PROVENDER_RATE_JOINS="120/minute") as server:
        room = Remote(server, "sessions", title="T", name="Ada")
        code = room.code()
        for n in range(99):
            Remote(server, "sessions/join", code=code, name=f"Phone {n}")
        full = server.post("/v1/sessions/join", json={"code": code, "name": "One more"})
        assert _said(full)[:2] == (409, "not-now")
        assert "100 people" in full.json()["detail"]


def test_sessions_are_counted_by_client_and_events_by_person(running: Running) -> None:
    with running(PROVENDER_RATE_SESSIONS="2/hour", PROVENDER_RATE_EVENTS="3/hour") as server:
        ada, _ = (Remote(server, "sessions", title="T", name="Ada") for _ in range(2))
        refused = server.post("/v1/sessions", json={"title": "T", "name": "Eve"})
        assert _said(refused) == (429, "too-many-requests", ["sessions"])
        assert int(refused.headers["retry-after"]) > 3000
        bo = ada.join("Bo")
        for _ in range(3):
            bo.do("rating", challenge="dirty-data", severity=3)
        refused = bo.send("rating", challenge="dirty-data", severity=3)
        assert _said(refused) == (429, "too-many-requests", ["events"])
        assert int(refused.headers["retry-after"]) > 3000
        assert bo.ask("POST", "/people/p2/token", json={}).status_code == 429
        ada.do("rating", challenge="dirty-data", severity=3)
        assert ada.get()["seq"] == 6
