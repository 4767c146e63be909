"""Sessions over a network that breaks, and two people who change the same thing: nothing is lost, nothing done twice, nothing hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.api.web.sessions.people import Remote
from tests.serving import serve
from tests.site.sitting import DESK, EXPECTED, WAITING_NONE, Person, Wire, seated, watched

Seats = Callable[..., Person]


@pytest.fixture(scope="module")
def wire(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """A server behind a network that can break."""
    folder = tmp_path_factory.mktemp("wire")
    with ExitStack() as stack:
        wire = Wire(
            lambda: stack.enter_context(
                serve(published, folder / "stderr.txt", PROVENDER_WORKSPACE=folder / "workspace.sqlite")
            )
        )
        stack.callback(wire.close)
        yield wire


@pytest.fixture
def sit(browser: Browser, wire: Wire) -> Iterator[Seats]:
    """Seats people behind the network."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(seated(browser, wire.address, EXPECTED, **{**DESK, **options}))


def test_what_is_done_without_a_network_arrives_once_when_it_is_back(sit: Seats, wire: Wire) -> None:
    ada, bo = sit(), sit()
    code = ada.begin("On a train", "Ada")
    bo.join(code, "Bo")
    ada.go("rate")
    bo.rate("data-drift", 2)
    bo.live()
    wire.cut()
    line = bo.page.locator(".ps-line")
    expect(line).to_contain_text("No connection since")
    bo.rate("data-drift", 5)
    bo.rate("dirty-data", 3)
    bo.page.fill("#ps-comment-dirty-data", "Half typed")
    expect(line).to_contain_text("2 changes of yours are kept in this browser")
    # Not even closing the window loses anything.
    fragment = bo.page.evaluate("location.hash")
    bo.page.close()
    wire.mend()
    again = watched(bo.page.context.new_page(), bo.address, EXPECTED)
    again.open(fragment)
    again.live()
    assert again.page.locator("[data-challenge=data-drift] input[value='5']").is_checked()
    assert again.page.locator("#ps-comment-dirty-data").input_value() == "Half typed"
    expect(ada.page.locator(".ps-progress li", has_text="Bo")).to_contain_text("2/20")
    kinds = [e["kind"] for e in log(again)]
    assert kinds == ["creation", "arrival", "rating", "rating", "rating"]
    assert again.faults == []


def test_a_phone_that_slept_catches_up_and_a_killed_server_is_come_back_to(sit: Seats, wire: Wire) -> None:
    ada, bo = sit(), sit()
    code = ada.begin("Kill it", "Ada", "example-help-desk")
    bo.join(code, "Bo")
    bo.page.evaluate("window.marked = true")
    ada.live()
    wire.kill()
    expect(ada.page.locator(".ps-line")).to_contain_text("No connection since")
    ada.go("organisation")
    ada.page.click("#ps-fact-budget summary")
    ada.page.locator("#ps-fact-budget label", has_text="Large").click()
    ada.press("Settle it so")
    wire.start()
    ada.live()
    bo.live()
    bo.go("organisation")
    expect(bo.page.locator("#ps-fact-budget .pv-said")).to_have_text("Large")
    assert bo.page.evaluate("window.marked"), "the page was loaded anew"
    assert [e["kind"] for e in log(bo)] == ["creation", "arrival", "acceptance"]


def test_an_answer_that_is_lost_on_its_way_back_is_not_done_twice(sit: Seats, wire: Wire) -> None:
    ada = sit()
    ada.begin("Once", "Ada")
    ada.go("rate")
    dropped = []

    def lose(route: object) -> None:
        if dropped:
            route.continue_()  # type: ignore[attr-defined]
        else:
            dropped.append(route.fetch().status)  # type: ignore[attr-defined]
            route.abort("connectionreset")  # type: ignore[attr-defined]

    ada.page.route("**/events", lambda route: lose(route) if route.request.method == "POST" else route.continue_())
    ada.rate("data-drift", 4)
    ada.page.wait_for_function(WAITING_NONE)
    assert dropped == [201]
    assert [e["kind"] for e in log(ada)] == ["creation", "rating"]


def test_two_windows_of_the_facilitator_in_conflict_lose_nothing(sit: Seats, wire: Wire) -> None:
    ada = sit()
    ada.begin("Two windows", "Ada", "example-press-shop")
    other = watched(ada.page.context.new_page(), ada.address, EXPECTED)
    other.open(ada.page.evaluate("location.hash"))
    # Both begin to decide on the same solution in view of the same state.
    for window, decision, reason in ((ada, "adopt", "It is cheap."), (other, "reject", "We tried it in 2025.")):
        window.go("decide")
        window.page.select_option("#ps-solution", "data-unit-tests")
        window.page.locator("#ps-decide label", has_text=decision).click()
        window.page.fill("#ps-reason", reason)
    ada.press("Record the decision")
    decided = other.page.locator(".ps-decisions [data-solution=data-unit-tests]")
    expect(decided).to_contain_text("It is cheap.")
    assert other.page.input_value("#ps-reason") == "We tried it in 2025."
    other.press("Record the decision")
    refused = other.page.locator(".ps-refused")
    expect(refused).to_contain_text("Somebody else changed this at the same time")
    expect(refused).to_contain_text("because: We tried it in 2025.")
    expect(refused).to_contain_text("Ada decided: adopt Unit tests for data")
    expect(decided).to_contain_text("adopt")
    # It outlasts the window, too.
    other.page.reload()
    expect(refused).to_contain_text("We tried it in 2025.")
    other.press("Save mine all the same")
    expect(ada.page.locator(".ps-decisions [data-solution=data-unit-tests]")).to_contain_text("We tried it in 2025.")
    expect(refused).to_have_count(0)
    kinds = [(e["kind"], e["data"].get("decision")) for e in log(ada)]
    assert kinds == [("creation", None), ("decision", "adopt"), ("decision", "reject")]
    assert other.faults == []


def test_a_rating_that_comes_after_its_round_is_shown_to_its_author_and_not_counted(sit: Seats, wire: Wire) -> None:
    ada, di = sit(), sit()
    code = ada.begin("Too late", "Ada")
    ada.go("rate")
    di.join(code, "Di")
    with httpx.Client(base_url=wire.address) as server:
        for name in ("Bo", "Cy"):
            Remote(server, "sessions/join", code=code, name=name).do("rating", challenge="data-drift", severity=3)
    ada.rate("data-drift", 3)
    ada.live()
    di.page.context.set_offline(True)
    di.rate("data-drift", 5)
    ada.press("Reveal to everybody")
    ada.press("Reveal now")
    ada.page.wait_for_selector(".ps-results")
    di.page.context.set_offline(False)
    refused = di.page.locator(".ps-refused")
    expect(refused).to_contain_text("Data drifts: 5, critical")
    expect(refused).to_contain_text("Round 1 was revealed")
    expect(di.page.locator(".ps-results")).to_contain_text("judged by 3")
    ada.press("New round on everything")
    di.press("Send it into round 2")
    expect(refused).to_have_count(0)
    assert di.page.locator("[data-challenge=data-drift] input[value='5']").is_checked()
    assert [e["kind"] for e in log(ada)].count("rating") == 4


def log(person: Person) -> list[dict[str, object]]:
    """The log of the session as the server has it."""
    seat = person.seat()
    answer = person.page.request.get(
        f"{person.address}v1/sessions/{seat['session']}/events", headers={"Authorization": f"Bearer {seat['token']}"}
    )
    events: list[dict[str, object]] = answer.json()["events"]
    return events
