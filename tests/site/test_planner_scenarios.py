"""Scenarios of the planner: links, saved ones, files, older catalogues; and whatever is wrong with them."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from api.codec import decode
from kb.release import changes_since
from tests.conftest import DATA, EDITION
from tests.site.planning import Planner, Python, example, shown, word

HOSTILE = "<img src=x onerror=\"window.harmed=1\"><script>window.harmed=1</script>'\"&amp;=cmd|' /C calc'!A0"


def test_a_link_is_a_scenario(planner: Planner, open_planner: Any, python: Python) -> None:
    raw = planner.open_example("news-recommender")
    planner.fragment()
    link = planner.page.url
    other = open_planner()
    other.page.goto("about:blank")
    other.page.goto(link)
    other.page.wait_for_selector(".pv-answer-head")
    assert other.scenario() == raw
    assert other.page.locator(".pv-answer-head h2").inner_text() == raw["label"]
    assert other.ranking() == [(r.solution, shown(r.score, r.worst)) for r in python.answer(raw).recommendations]
    assert other.page.locator(".pv-note").count() == 0


def test_another_link_in_the_same_tab_is_opened_and_can_be_undone(planner: Planner) -> None:
    first = planner.open_example("help-desk")
    planner.fragment()
    second = example("press-shop")
    planner.page.evaluate("word => { location.hash = '#s=' + word }", word(second))
    planner.page.wait_for_function(
        "label => document.querySelector('.pv-answer-head h2').textContent === label", arg=second["label"]
    )
    assert planner.scenario() == second
    planner.page.get_by_role("button", name="Undo").click()
    assert planner.scenario() == first


def test_the_browser_keeps_what_is_saved_and_where_one_was(planner: Planner) -> None:
    page = planner.page
    raw = planner.open_example("help-desk")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("#pv-menu-saved > summary").click()
    page.get_by_text("Save this one as a copy").click()
    names = page.locator("#pv-menu-saved input")
    assert [n.input_value() for n in names.all()] == [f"{raw['label']} (2)", raw["label"]]
    names.first.fill("The other")
    names.first.press("Tab")
    planner.fragment()
    planner.open()
    assert planner.scenario() == raw, "without a link one is back where one was"
    assert [n.input_value() for n in names.all()] == ["The other", raw["label"]]
    page.locator("#pv-menu-saved > summary").click()
    page.get_by_role("button", name="Delete The other").click()
    assert names.count() == 1
    page.get_by_role("button", name="Undo").click()
    assert names.count() == 2
    page.locator("#pv-menu-open > summary").click()
    page.get_by_text("Start anew").click()
    assert page.locator(".pv-welcome").count() == 1
    page.locator("#pv-menu-saved > summary").click()
    page.get_by_role("button", name=f"Open {raw['label']}").click()
    assert planner.scenario() == raw
    page.locator(".pv-step-challenges").click()
    page.locator("input[name='severity-tooling'][value='2']").check()
    page.get_by_role("button", name="Save changes").click()
    planner.open()
    held = page.evaluate("JSON.parse(localStorage['provender.scenarios'])")
    assert held[1]["profile"]["challenges"]["tooling"] == 2
    assert held[0]["profile"]["challenges"].get("tooling") is None


def test_without_storage_it_works_and_says_that_nothing_is_kept(planner: Planner) -> None:
    planner.page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full') }; Storage.prototype.getItem = () => { throw new DOMException('no') }"
    )
    planner.open()
    planner.open_example("help-desk")
    planner.page.get_by_role("button", name="Save", exact=True).click()
    assert "keeps nothing" in planner.page.locator(".pv-note.pv-bad").inner_text()


def test_json_and_csv_and_markdown_hold_the_whole_answer(planner: Planner, python: Python) -> None:
    raw = planner.open_example("parts-marketplace")
    answer = python.answer(raw)
    planner.fragment()

    held = json.loads(Path(planner.export("JSON").path()).read_text(encoding="utf-8"))
    assert held["profile"] | {}
    assert decode(word(held["profile"])).profile == raw
    assert held["catalogue"] == EDITION
    assert held["link"] == planner.page.url
    assert [(r["solution"], r["score"], r["worst"]) for r in held["answer"]["recommendations"]] == [
        (r.solution, r.score, r.worst) for r in answer.recommendations
    ]

    rows = list(csv.DictReader(io.StringIO(Path(planner.export("CSV").path()).read_text(encoding="utf-8"))))
    assert [(r["solution"], r["verdict"]) for r in rows] == [
        (r.solution, r.verdict) for r in answer.recommendations
    ] + [(b.solution, "blocked") for b in answer.blocked]
    assert [float(r["score"]) for r in rows if r["score"]] == [r.score for r in answer.recommendations]

    markdown = planner.export("Markdown")
    assert markdown.suggested_filename == "marketplace-for-spare-parts.md"
    text = Path(markdown.path()).read_text(encoding="utf-8")
    assert text.startswith("# Marketplace for spare parts: what can be done about its data\n")
    assert re.findall(r"^\d+\. \*\*(.+?)\*\*", text, re.M) == [r.label for r in answer.recommendations]
    for note in answer.notice:
        assert note in text


def test_an_exported_page_opens_anywhere_without_asking_for_anything(
    planner: Planner, python: Python, browser: Browser, tmp_path: Path
) -> None:
    raw = planner.open_example("radiology-group")
    answer = python.answer(raw)
    file = tmp_path / "scenario.html"
    planner.export("One page").save_as(file)
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: said.append(m.text))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert said == []
    text = page.locator("body").inner_text()
    for r in answer.recommendations:
        assert r.label in text
        assert f"{r.score:.2f}" in text
        for served in r.challenges:
            assert served.how in text
    for b in answer.blocked:
        assert all(reason.says in text for reason in b.because)
    assert page.locator("script:not([type='application/json'])").count() == 0
    assert page.locator("[src], link").count() == 0
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in Axe().run(page).response["violations"]] == []
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    context.close()

    planner.page.locator("#pv-menu-open > summary").click()
    planner.page.get_by_text("Start anew").click()
    planner.page.locator("#pv-file").set_input_files(file)
    planner.page.wait_for_selector(".pv-answer-head")
    assert planner.scenario() == raw


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is no JSON"),
        ("[1]", "holds no profile"),
        ("<p>Hello</p>", "a page without a scenario"),
        ('{"budget": "vast", "challenges": {"dirty-data": 9}}', "9 is not a severity"),
        ('{"challenges": 3}', "challenges: maps challenges to severities"),
        (json.dumps({"problem": "x" * 20_001}), "20,001 characters"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_loses_nothing(
    planner: Planner, tmp_path: Path, content: str, says: str
) -> None:
    raw = planner.open_example("help-desk")
    file = tmp_path / "wrong.json"
    file.write_text(content)
    planner.page.locator("#pv-file").set_input_files(file)
    said = planner.page.locator(".pv-note.pv-bad").inner_text()
    assert says in said
    assert "Your own scenario is untouched" in said
    assert planner.scenario() == raw


BAD = {
    "no word": "#s=",
    "cut off": "#s=" + word({"budget": "small"})[:-7],
    "another form": "#s=2.2026.11.2.e30",
    "no base64": "#s=1.2026.11.2.%25%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
    "no object": "#s=" + word([1, 2]),
    "wrong severity": "#s=" + word({"challenges": {"dirty-data": 7}}),
    "wrong type": "#s=" + word({"skills": {"has": "statistics"}}),
    "contradiction": "#s=" + word({"budget": {"at_least": "large", "at_most": "small"}}),
    "only B": "#b=" + word({"budget": "small"}),
    "too long": "#s=1.2026.11.2." + "A" * 40_000,
    "bad B": "#s=" + word({"budget": "small"}) + "&b=1.x",
}


@pytest.mark.parametrize("fragment", BAD.values(), ids=BAD.keys())
def test_a_wrong_link_says_what_is_wrong_and_loses_nothing(planner: Planner, fragment: str) -> None:
    raw = planner.open_example("help-desk")
    planner.fragment()
    planner.open(fragment)
    said = planner.page.locator(".pv-note.pv-bad").inner_text()
    assert "untouched" in said
    assert len(said) > 60
    assert planner.page.locator(".pv-answer-head h2").inner_text() == raw["label"]
    planner.page.locator(".pv-step-challenges").click()
    planner.page.locator("input[name='severity-tooling'][value='2']").check()
    assert planner.scenario() == {**raw, "challenges": {**raw["challenges"], "tooling": 2}}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.just(HOSTILE),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["has", "lacks", "at_least", "at_most", "dropout", "dirty-data", "__proto__", HOSTILE]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
members = st.sampled_from(
    [
        "budget",
        "skills",
        "rules_out",
        "challenges",
        "in_place",
        "tried",
        "prefer",
        "label",
        "problem",
        "about",
        "fictional",
        "id",
        "constructor",
        "__proto__",
        "kind",
        "x",
    ]
)
fragments = st.one_of(
    st.dictionaries(members, json_values, max_size=4).map(lambda raw: "#s=" + word(json.loads(json.dumps(raw)))),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40).map(lambda text: "#s=" + text),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40).map(lambda text: "#" + text),
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(fragment=fragments)
def test_no_link_harms_or_ends_it(planner: Planner, fragment: str) -> None:
    planner.page.evaluate("hash => { location.hash = hash }", fragment)
    planner.page.wait_for_timeout(5)
    assert planner.page.locator("#planner .pv").count() == 1
    assert planner.page.evaluate("window.harmed") is None
    assert planner.faults == []


def test_text_of_others_stays_text(planner: Planner, tmp_path: Path, browser: Browser) -> None:
    raw = {
        "label": HOSTILE,
        "about": HOSTILE,
        "problem": HOSTILE,
        "tried": {"dropout": HOSTILE},
        "challenges": {"overfitting": 4},
    }
    planner.open("#s=" + word(raw))
    assert planner.page.locator(".pv-answer-head h2").inner_text() == HOSTILE
    planner.page.locator("#pv-menu-saved > summary").click()
    planner.page.get_by_role("button", name="Save", exact=True).click()
    planner.unfold("dropout")
    assert HOSTILE in planner.page.locator("#pv-option-dropout .pv-body").inner_text()
    assert planner.page.locator("#planner img, #planner script").count() == 0
    assert planner.page.evaluate("window.harmed") is None
    planner.export("One page").save_as(tmp_path / "page.html")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert page.evaluate("window.harmed") is None
    assert page.locator("img").count() == 0
    assert HOSTILE in page.locator("h1").inner_text()
    page.close()


def test_a_scenario_of_an_older_catalogue_says_what_changed_for_it(planner: Planner, python: Python) -> None:
    since = changes_since(python.catalogue, DATA)
    oldest = since["versions"][0]
    raw = {
        "challenges": {"data-drift": 4, "no-longer-there": 3},
        "in_place": ["dropout", "gone-with-it"],
        "skills": {"has": ["statistics", "alchemy"]},
        "retired_facet": "x",
    }
    planner.open("#s=" + word(raw, oldest))
    planner.page.locator(".pv-changes details:not([open]) > summary").click()
    said = planner.page.locator(".pv-changes").inner_text()
    assert f"made with catalogue {oldest}; this page has {EDITION}" in said
    told = [
        c for version in since["versions"][1:] for c in since["since"][version] if c[1:3] == ["challenge", "data-drift"]
    ]
    assert told
    assert all(c[3] in said for c in told)
    assert "Overfitting" not in said, "what changed for others is not told"
    for gone in ("no-longer-there", "gone-with-it", "alchemy", "retired_facet"):
        assert gone in said
    assert planner.page.locator(".pv-note.pv-bad").count() == 0
    planner.page.get_by_role("button", name="All right").click()
    assert planner.scenario() == {
        "challenges": {"data-drift": 4},
        "in_place": ["dropout"],
        "skills": {"has": ["statistics"]},
    }
    assert planner.fragment()["s"].startswith(f"1.{EDITION}.")


@pytest.mark.parametrize(
    ("version", "says"),
    [("2031.1.1", "newer than the one of this page"), ("2019.1.1", "no copy of that catalogue was kept")],
)
def test_a_scenario_of_an_unknown_catalogue_opens_and_says_so(planner: Planner, version: str, says: str) -> None:
    planner.open("#s=" + word({"challenges": {"data-drift": 4}}, version))
    assert says in planner.page.locator(".pv-changes").inner_text()
    assert planner.scenario() == {"challenges": {"data-drift": 4}}


def test_a_saved_scenario_of_an_older_catalogue_opens_too(planner: Planner, python: Python) -> None:
    oldest = changes_since(python.catalogue, DATA)["versions"][0]
    saved = [
        {"id": "x1", "name": "Old", "catalogue": oldest, "profile": {"challenges": {"dirty-data": 2, "gone": 1}}},
        {"id": 3},
        None,
    ]
    planner.page.evaluate("held => { localStorage['provender.scenarios'] = JSON.stringify(held) }", saved)
    planner.open()
    planner.page.locator("#pv-menu-saved > summary").click()
    planner.page.get_by_role("button", name="Open Old").click()
    assert oldest in planner.page.locator(".pv-changes").inner_text()
    assert planner.scenario() == {"challenges": {"dirty-data": 2}}


def test_a_scenario_too_long_for_a_link_says_so_and_is_kept(planner: Planner) -> None:
    planner.page.locator("#pv-problem").fill("ü" * 19_000)
    planner.page.wait_for_selector(".pv-note.pv-bad")
    assert "too long for a link" in planner.page.locator(".pv-note.pv-bad").inner_text()
    planner.open()
    assert planner.page.locator("#pv-problem").input_value() == "ü" * 19_000
