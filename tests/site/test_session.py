"""A planning session from joining to the record: three people at three real browsers, and a real server."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.serving import Server
from tests.site.sitting import DESK, PHONE, PUBLIC, Person, seated

Seats = Callable[..., Person]


@pytest.fixture
def sit(browser: Browser, planning: Server) -> Iterator[Seats]:
    """Seats people, each at a browser of their own."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(
            seated(browser, str(planning.base_url) + "/", **{**DESK, **options})
        )


def test_three_people_go_from_joining_to_the_record(sit: Seats, tmp_path: Path) -> None:
    ada, bo, cy = sit(), sit(**PHONE), sit(**PHONE)
    code = ada.begin("Data roadmap 2027", "Ada", "example-press-shop")
    link = ada.page.locator(".ps-link a").get_attribute("href")
    assert link == f"{PUBLIC}/session/#join={code.replace('-', '')}"
    assert ada.page.locator(".ps-qr").get_attribute("src").startswith("data:image/svg+xml")
    bo.join(code, "Bo")
    cy.join(code.lower(), "Cy")
    expect(ada.page.locator("[data-person]")).to_have_count(3)

    # Rating: who has rated is seen by all, what they said by nobody.
    ada.go("rate")
    for person, severities in ((ada, (2, 3)), (bo, (5, 3)), (cy, (4, None))):
        person.rate("dirty-data", severities[0])
        person.rate("data-drift", severities[1])
    bo.page.fill("#ps-comment-dirty-data", "It stopped us for two weeks in March.")
    bo.page.press("#ps-comment-dirty-data", "Tab")
    for person in (ada, bo, cy):
        expect(person.page.locator(".ps-progress li", has_text="Bo")).to_contain_text("2/20")
        person.live()
    for other in (ada, cy):
        assert "two weeks in March" not in other.page.content()
        assert other.page.locator("[data-challenge=dirty-data] input[value='5']").is_checked() is False
        assert other.page.locator(".ps-results").count() == 0
    ada.press("Start the clock")
    expect(cy.page.locator(".ps-timer")).to_contain_text("left")
    ada.press("Reveal to everybody")
    ada.press("Reveal now")
    for person in (ada, bo, cy):
        said = person.page.locator(".ps-results [data-challenge=dirty-data]")
        expect(said).to_contain_text("Median 4, severe; middle half 3 to 4.5; judged by 3. People disagree.")
        expect(said).to_contain_text("It stopped us for two weeks in March.")
        assert "Bo" not in said.inner_text()
        # Two judged and one could not: fewer than three, so nothing is shown.
        expect(person.page.locator(".ps-results [data-challenge=data-drift]")).to_contain_text("fewer than three")
    ada.page.get_by_role("button", name=re.compile("Second round on 2 challenges")).click()
    for person in (ada, bo, cy):
        expect(person.page.locator(".ps-form .pv-challenge")).to_have_count(2)
        person.rate("dirty-data", 4)
    cy.rate("data-drift", 1)
    expect(ada.page.locator(".ps-progress li", has_text="Cy")).to_contain_text("✓")
    ada.press("Reveal to everybody")
    ada.press("Reveal now")
    expect(cy.page.locator(".ps-results [data-challenge=dirty-data]")).to_contain_text("Before: median 4.")

    # The profile: anybody proposes, differing views are seen, the facilitator settles.
    for person, level in ((bo, "Medium"), (cy, "Large")):
        person.go("organisation")
        person.page.click("#ps-fact-budget summary")
        person.page.locator("#ps-fact-budget label", has_text=level).click()
        person.press("Propose")
    ada.go("options")
    usable = ada.page.locator(".ps-step .pv-counts").first
    before = usable.text_content()
    ada.go("organisation")
    views = ada.page.locator(".ps-open [data-field=budget]")
    expect(views).to_contain_text("views differ")
    expect(views).to_contain_text("Medium Bo")
    ada.page.get_by_role("button", name="Settle Budget: Medium").click()
    expect(bo.page.locator("#ps-fact-budget .pv-said")).to_have_text("Medium")
    # Options follow without anybody asking for it.
    bo.go("options")
    ada.go("options")
    expect(usable).not_to_have_text(before)
    expect(bo.page.locator(".ps-step .pv-counts").first).to_have_text(usable.text_content())
    blocked = ada.page.locator(".pv-blocked-list li").first
    blocked.locator("summary").click()
    expect(blocked.locator(".pv-body")).to_contain_text("What would have to change")

    # The roadmap, and what it costs to know better.
    ada.go("road")
    first = ada.page.locator(".ps-road tbody tr").first
    solution = first.get_attribute("data-step")
    first.get_by_role("button", name=re.compile("leave out")).click()
    override = ada.page.locator(f".ps-overrides [data-solution={solution}]")
    expect(override).to_contain_text(re.compile("left out. (Because of it the roadmap|It costs nothing)"))
    cy.go("road")
    expect(cy.page.locator(f".ps-overrides [data-solution={solution}]")).to_be_visible()
    assert cy.page.locator(".ps-road button").count() == 0
    override.get_by_role("button", name=re.compile("^Undo")).click()
    expect(cy.page.locator(".ps-overrides")).to_have_count(0)

    # Decisions, and who does not agree.
    ada.go("decide")
    ada.page.select_option("#ps-solution", solution)
    ada.page.locator("#ps-decide label", has_text="trial").click()
    ada.page.fill("#ps-owner", "Bo")
    ada.page.fill("#ps-date", "2027-03-31")
    ada.page.fill("#ps-reason", "Cheap, and it finds what hurts <b>most</b>.")
    ada.press("Record the decision")
    cy.go("decide")
    decided = cy.page.locator(f".ps-decisions [data-solution={solution}]")
    expect(decided).to_contain_text("finds what hurts <b>most</b>.")
    decided.locator("summary").click()
    decided.locator("input").fill("Too early.")
    decided.get_by_role("button", name="Put my dissent on record").click()
    expect(ada.page.locator(".ps-dissents")).to_contain_text("Cy: Too early.")

    # The record in every format.
    bo.go("record")
    paper = bo.page.locator(".ps-paper")
    for text in ("Data roadmap 2027", "Dissent of Cy", "Too early.", "2027-03-31", "Sources:", "Ada (facilitator)"):
        expect(paper).to_contain_text(text)
    made = {}
    for name in ("Markdown", "JSON", "CSV", "Excel"):
        with bo.page.expect_download() as download:
            bo.press(name)
        download.value.save_as(tmp_path / download.value.suggested_filename)
        made[name] = (tmp_path / download.value.suggested_filename).read_bytes()
    held = json.loads(made["JSON"])
    assert [(d["solution"], d["decision"], d["owner"]) for d in held["decisions"]] == [(solution, "trial", "Bo")]
    assert held["severities"]["dirty-data"] == 4
    assert held["decisions"][0]["citations"]
    assert b"Dissent of Cy: Too early." in made["Markdown"]
    assert solution in {cell for row in csv.reader(io.StringIO(made["CSV"].decode())) for cell in row}
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(made["Excel"])).namelist()


def test_the_facilitator_shares_the_lead_hands_over_and_shows_people_out(sit: Seats) -> None:
    ada, bo, cy = sit(), sit(), sit()
    code = ada.begin("Who leads", "Ada")
    bo.join(code, "Bo")
    cy.join(code, "Cy")
    cy.go("people")
    assert cy.page.locator(".ps-code").count() == 0
    row = ada.page.locator("[data-person=p2]")
    row.locator("summary").click()
    ada.press("Make co-facilitator", row)
    bo.go("people")
    expect(bo.page.locator(".ps-code b")).to_have_text(code)
    ada.press("Hand the session over", row)
    ada.press("Hand the session over", row)
    expect(bo.page.locator("[data-person=p2]")).to_contain_text("facilitator")
    expect(ada.page.locator("[data-person=p1]")).to_contain_text("co-facilitator")
    out = bo.page.locator("[data-person=p3]")
    out.locator("summary").click()
    bo.press("Show out", out)
    bo.press("Show out", out)
    expect(cy.page.locator("[role=alert]")).to_contain_text("does not let Cy in any more")
    expect(ada.page.locator("[data-person]")).to_have_count(2)
    # Somebody who lost their way in gets a link that is them.
    row = bo.page.locator("[data-person=p1]")
    row.locator("summary").click()
    bo.press("New access", row)
    bo.press("New access", row)
    given = bo.page.locator("#ps-link-p1").input_value()
    assert given.startswith(f"{PUBLIC}/session/#seat=")
    expect(ada.page.locator("[role=alert]")).to_contain_text("does not let Ada in any more")
    ada.faults[:] = [fault for fault in ada.faults if "401" not in fault]
    cy.open(given.split("/session/")[1])
    expect(cy.page.locator(".ps-head")).to_contain_text("Ada, co-facilitator")
    assert cy.page.evaluate("location.hash").count(".") == 1, "the token stays in the address"
    # Closed, reopened, deleted.
    bo.press("Close the session")
    bo.press("Close the session")
    expect(cy.page.locator(".ps-head + .pv-note")).to_contain_text("closed")
    bo.press("Reopen the session")
    bo.press("Delete the session")
    bo.press("Delete the session")
    expect(bo.page.locator("[role=alert]")).to_contain_text("“Who leads” is deleted.")
    expect(cy.page.locator("[role=alert]")).to_be_visible(timeout=12_000)


def test_a_session_begins_with_what_the_planner_holds(sit: Seats) -> None:
    ada = sit()
    held = {"catalogue": "x", "profile": {"budget": "medium", "challenges": {"data-drift": 4}}}
    ada.open()
    ada.page.evaluate("(held) => localStorage.setItem('provender.draft', JSON.stringify(held))", held)
    ada.begin("From the planner", "Ada", "draft")
    ada.go("organisation")
    expect(ada.page.locator("#ps-fact-budget .pv-said")).to_have_text("Medium")
    ada.go("options")
    expect(ada.page.locator(".pv-states [data-challenge=data-drift]")).to_contain_text("severe (4)")


def test_people_are_told_before_they_rate_whether_their_names_will_be_shown(sit: Seats) -> None:
    ada, bo = sit(), sit(**PHONE)
    for named, hint in ((False, "Why? Shown without your name"), (True, "Why? Shown with your name")):
        ada.open()
        if named:
            ada.page.click(".ps-more > summary")
            ada.page.get_by_label("Show who gave which rating").check()
        ada.page.fill("#ps-title", "T")
        ada.page.fill("#ps-mine", "Ada")
        ada.press("Begin")
        bo.join(ada.page.locator(".ps-code b").inner_text(), "Bo")
        bo.rate("dirty-data", 3)
        expect(bo.page.locator("#ps-comment-dirty-data")).to_have_attribute("placeholder", hint)
        expect(bo.page.locator(".ps-progress", has_text="not anonymous")).to_have_count(int(named))


def test_where_no_phone_can_come_the_page_says_so_and_what_to_run(browser: Browser, served: Server) -> None:
    with seated(browser, f"{served.base_url}/", **DESK) as ada:
        ada.begin("Alone", "Ada")
        note = ada.page.locator(".ps-invitation .pv-bad")
        expect(note).to_contain_text("Phones cannot join: the server listens at this machine only.")
        expect(note.locator("code").first).to_have_text("provender serve --host 0.0.0.0")
        assert ada.page.locator(".ps-qr, .ps-link").count() == 0
        assert "127.0.0.1" not in ada.page.locator(".ps-invitation").inner_text()


def test_wrong_input_at_the_door_is_explained_and_keeps_what_was_typed(sit: Seats) -> None:
    ada = sit()
    ada.open("#join=AAAAA-AAAAA")
    ada.page.fill("#ps-name", "Ada")
    ada.press("Join")
    expect(ada.page.locator("[role=alert]")).to_contain_text("No session has this join code")
    assert ada.page.input_value("#ps-name") == "Ada"
    ada.press("I have another code")
    ada.page.fill("#ps-title", "T")
    ada.page.fill("#ps-mine", "Ada")
    ada.page.select_option("#ps-from", "link")
    ada.page.fill("#ps-link", "https://example.org/nothing")
    ada.press("Begin")
    expect(ada.page.locator("[role=alert]")).to_contain_text("no link to a scenario")
    assert ada.page.input_value("#ps-title") == "T"
    ada.faults[:] = [fault for fault in ada.faults if "404" not in fault]


def test_tokens_stay_out_of_addresses_logs_and_referrers(sit: Seats, planning: Server) -> None:
    ada = sit()
    asked: list[tuple[str, dict[str, str]]] = []
    ada.page.on("request", lambda r: asked.append((r.url, r.headers)))
    ada.begin("Private", "Ada", "example-help-desk")
    ada.page.reload()
    ada.go("record")
    ada.page.wait_for_selector(".ps-paper")
    token = ada.seat()["token"]
    assert len(asked) > 10
    for url, headers in asked:
        assert token not in url
        assert token not in headers.get("referer", "")
    assert token not in planning.log.read_text()
    assert token not in ada.page.evaluate("location.href")
