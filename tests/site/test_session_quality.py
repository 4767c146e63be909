"""The session's page for everybody: with a screen reader, a keyboard, a phone, in the dark, on the wall, on paper, and without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.api.web.sessions.people import Remote
from tests.serving import Server
from tests.site.sitting import DESK, PHONE, Person, seated

STEPS = ("people", "rate", "organisation", "options", "road", "decide", "record")
READY = {"options": ".pv-ranking", "road": ".ps-road", "record": ".ps-paper", "people": "[data-person]"}
SOLUTION = "schema-based-data-validation"
Seats = Callable[..., Person]


@pytest.fixture(scope="module")
def ada(planning: Server) -> Remote:
    """The facilitator of a session in which everything has happened already: disagreement, open proposals, an override, dissent."""
    profile = {"budget": "small", "people": "one-person", "horizon": "half-year", "modality": ["tabular"]}
    ada = Remote(planning, "sessions", title="A session with everything", name="Ada", profile=profile)
    code = ada.get("/invitation")["code"]
    bo, cy = (Remote(planning, "sessions/join", code=code, name=name) for name in ("Bo", "Cy"))
    for person, severity in ((ada, 1), (bo, 5), (cy, 4)):
        person.do("rating", challenge="dirty-data", severity=severity, comment=f"Why {severity}?")
        person.do("rating", challenge="data-quality", severity=4)
    bo.do("rating", challenge="data-drift", severity=3)
    ada.do("reveal")
    ada.do("round", challenges=["dirty-data", "data-drift"], seconds=3600)
    bo.do("rating", challenge="dirty-data", severity=None)
    bo.do("proposal", field="budget", value="medium", comment="The board said so.")
    cy.do("proposal", field="budget", value="large")
    ada.do("limits", euros=20_000)
    ada.do("override", solution=SOLUTION, quarter=2)
    ada.do("decision", solution=SOLUTION, decision="trial", owner="Bo", date="2027-03-31", reason="Cheap.")
    cy.do("dissent", solution=SOLUTION, reason="Too early.")
    return ada


@pytest.fixture
def sit(browser: Browser, planning: Server) -> Iterator[Seats]:
    """Seats people, each at a browser of their own."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(
            seated(browser, str(planning.base_url) + "/", **{**DESK, **options})
        )


def show(person: Person, step: str) -> None:
    """Go to a step and wait until it says something; unfold what is folded."""
    person.go(step)
    person.page.wait_for_selector(READY.get(step, ".ps-step h3"))
    if step == "organisation":
        person.page.locator("#ps-fact-budget > summary").click()
        person.page.locator("#ps-fact-skills > summary").click()
    if step == "decide":
        person.page.select_option("#ps-solution", "data-unit-tests")


def faults(person: Person, within: str | None = None) -> list[str]:
    """What axe-core finds wrong with the page, or a part of it, as it stands."""
    found = Axe().run(person.page, context=within).response["violations"]
    return [f"{v['id']}: {n['html'][:200]} {n['failureSummary'][:300]}" for v in found for n in v["nodes"]]


@pytest.mark.parametrize(("scheme", "screen"), [("light", DESK), ("dark", PHONE)])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    sit: Seats, ada: Remote, scheme: str, screen: dict
) -> None:
    person = sit(**screen, color_scheme=scheme)
    person.open()
    found = {"entrance": faults(person)}
    person.open(ada.fragment)
    for step in STEPS:
        show(person, step)
        found[step] = faults(person, None if step == "people" else "#session")
        wide = person.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], (step, wide)
    assert {step: said for step, said in found.items() if said} == {}


def test_the_wall_shows_all_in_large_type_and_follows(sit: Seats, ada: Remote) -> None:
    wall = sit(viewport={"width": 1920, "height": 1080})
    wall.open(f"{ada.fragment}&view=projector&step=people")
    expect(wall.page.locator(".ps-wall .ps-qr")).to_be_visible()
    assert faults(wall) == []
    assert float(wall.page.locator(".ps-wall").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 24
    ada.do("acceptance", field="labels", value="thousands")
    expect(wall.page.locator(".ps-wall h2")).to_contain_text("Who we are")
    expect(wall.page.locator(".ps-wall")).to_contain_text("Medium")
    ada.do("timer", seconds=600)
    expect(wall.page.locator(".ps-wall .ps-timer")).to_contain_text("left")
    # Nothing of what anybody rated in the open round, not even of whoever started the projector.
    assert wall.page.locator(".ps-wall input").count() == 0
    assert faults(wall) == []
    ada.do("decision", solution="data-unit-tests", decision="adopt")
    expect(wall.page.locator(".ps-wall .ps-decision").first).to_have_text("adopt")


def test_a_keyboard_is_enough(sit: Seats, planning: Server) -> None:
    ada = sit()
    page = ada.page
    ada.open()
    page.focus("#ps-title")
    page.keyboard.type("By hand")
    page.keyboard.press("Tab")
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ps-code b")

    def reach(name: str) -> None:
        for _ in range(150):
            page.keyboard.press("Tab")
            if page.evaluate(
                "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
            ).startswith(name):
                return
        raise AssertionError(f"{name} cannot be reached")

    page.evaluate("document.querySelector('.ps-head').scrollIntoView()")
    reach("Rate")
    page.keyboard.press("Enter")
    page.locator("[data-challenge=data-quality] input").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-challenge=data-quality] .ps-word")).to_have_text("serious")
    seat = ada.seat()
    who = {"Authorization": f"Bearer {seat['token']}"}
    code = planning.get(f"/v1/sessions/{seat['session']}/invitation", headers=who).json()["code"]
    for name in ("Bo", "Cy"):
        Remote(planning, "sessions/join", code=code, name=name).do("rating", challenge="data-quality", severity=4)
    expect(page.locator(".ps-progress li", has_text="Cy")).to_contain_text("1/20")
    page.focus("#ps-round")
    reach("Reveal to everybody")
    page.keyboard.press("Enter")
    expect(page.locator("#ps-sure-reveal")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_selector(".ps-results")
    ada.go("organisation")
    page.locator("#ps-fact-modality > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("radiogroup", name="Tabular").get_by_role("radio", name="yes").focus()
    page.keyboard.press("Space")
    reach("Settle it so")
    page.keyboard.press("Enter")
    expect(page.locator("#ps-fact-modality .pv-said")).to_contain_text("Tabular")


def test_a_bar_can_be_dragged_and_buttons_do_the_same(sit: Seats, ada: Remote) -> None:
    person = sit()
    person.open(ada.fragment)
    show(person, "road")
    row = person.page.locator(".ps-road tbody tr.pv-step-solution").first
    solution = row.get_attribute("data-step")
    row = person.page.locator(f".ps-road [data-step={solution}]")
    first = int(row.locator(".pv-busy").first.get_attribute("data-quarter") or 0)
    row.locator(".pv-busy").first.drag_to(row.locator(f"[data-quarter='{first + 1}']"))
    said = person.page.locator(f".ps-overrides [data-solution={solution}]")
    expect(said).to_contain_text(f"not before quarter {first + 1}")
    expect(row.locator(".pv-busy").first).to_have_attribute("data-quarter", str(first + 1))
    row.get_by_role("button", name="a quarter earlier").click()
    expect(row.locator(".pv-busy").first).to_have_attribute("data-quarter", str(first))


def test_on_paper_there_is_the_record_and_nothing_else(sit: Seats, ada: Remote) -> None:
    person = sit()
    person.open(ada.fragment)
    show(person, "record")
    person.page.emulate_media(media="print")
    shown = person.page.locator("main").inner_text()
    for text in ("Decision record", "Dissent of Cy", "Who was there", "release"):
        assert text in shown
    for gone in (".ps-steps", ".md-header", ".ps-line", ".ps-step button"):
        for found in person.page.locator(gone).all():
            assert not found.is_visible(), gone
    assert person.page.pdf().startswith(b"%PDF")


def test_without_a_server_the_page_says_what_is_needed(browser: Browser, plain: str, built: Path) -> None:
    for address in (plain, f"{built.as_uri()}/"):
        with ExitStack() as stack:
            person = stack.enter_context(seated(browser, address, **DESK))
            person.page.goto(f"{address}session/index.html")
            expect(person.page.locator(".ps-needs")).to_contain_text("provender serve --host 0.0.0.0")
            assert person.page.locator("#session form").count() == 0
