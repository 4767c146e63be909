"""The planner where the API is: a roadmap from the server, and nothing of it where there is no server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Route

from api.codec import decode
from tests.serving import Server
from tests.site.planning import Planner, watched

MAKE = "Make a roadmap"


@pytest.fixture
def at_server(browser: Browser, served: Server) -> Iterator[Planner]:
    with contextmanager(watched)(browser, str(served.base_url.join("/planner/"))) as planner:
        yield planner


def to_roadmap(planner: Planner) -> None:
    planner.page.get_by_role("tab", name="Roadmap").click()
    planner.page.get_by_role("button", name=MAKE).wait_for()


def test_the_roadmap_is_the_one_that_the_api_makes(at_server: Planner, served: Server) -> None:
    page, raw = at_server.page, at_server.open_example("press-shop")
    to_roadmap(at_server)
    page.get_by_role("button", name=MAKE).click()
    page.wait_for_selector(".pv-roadmap tbody tr")
    plan = served.post("/v1/plans", json={"profile": raw}).raise_for_status().json()
    rows = page.locator(".pv-roadmap tbody tr")
    assert [r.lower() for r in rows.locator("th").all_inner_texts()] == [s["words"].lower() for s in plan["steps"]]
    busy = rows.evaluate_all(
        "rows => rows.map(r => [...r.cells].flatMap((c, at) => c.matches('.pv-busy') ? [at] : []))"
    )
    assert busy == [list(range(s["first"], s["last"] + 1)) for s in plan["steps"]]
    assert f"{100 * plan['gain']:.0f} % of your challenges" in page.locator(".pv-roadmap").inner_text()
    assert page.locator(".pv-roadmap details li").count() == len(plan["left_out"])


def test_a_roadmap_of_a_former_scenario_says_that_it_is(at_server: Planner) -> None:
    page = at_server.page
    at_server.open_example("press-shop")
    to_roadmap(at_server)
    page.get_by_role("button", name=MAKE).click()
    page.wait_for_selector(".pv-roadmap tbody tr")
    page.get_by_label("Name of this scenario").fill("Another")
    page.get_by_text("The scenario has changed since this roadmap was made.").wait_for()


def test_what_the_server_says_is_wrong_is_shown_and_the_answer_stays(browser: Browser, served: Server) -> None:
    refused = {"type": "about:blank", "title": "Too busy", "status": 429, "detail": "Ask again in 3 seconds."}

    def refuse(route: Route) -> None:
        route.fulfill(status=429, content_type="application/problem+json", body=json.dumps(refused))

    context = browser.new_context()
    page = context.new_page()
    page.route("**/v1/plans", refuse)
    planner = Planner(page, str(served.base_url.join("/planner/")))
    planner.open()
    raw = planner.open_example("press-shop")
    to_roadmap(planner)
    page.get_by_role("button", name=MAKE).click()
    page.get_by_text(refused["detail"]).wait_for()
    page.unroute("**/v1/plans")
    page.get_by_role("button", name=MAKE).click()
    page.wait_for_selector(".pv-roadmap tbody tr")
    assert page.get_by_text(refused["detail"]).count() == 0
    assert decode(planner.fragment()["s"]).profile == raw
    context.close()


def test_without_a_server_nothing_is_said_of_roadmaps(planner: Planner) -> None:
    planner.open_example("press-shop")
    assert planner.page.get_by_role("tab").count() > 1
    assert planner.page.get_by_role("tab", name="Roadmap").count() == 0
