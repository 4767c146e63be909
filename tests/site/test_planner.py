"""The planner from end to end, in a real browser, held against Python's answers."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from engine.comparison import compare
from engine.explanation import explain
from engine.verdicts import Known, rule
from kb.profiles import profile_from
from tests.site.planning import EXAMPLES, Planner, Python, shown


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_gets_the_answer_that_python_gives(planner: Planner, python: Python, name: str) -> None:
    raw = planner.open_example(name)
    answer = python.answer(raw)
    assert planner.scenario() == raw
    assert planner.counts() == (answer.counts.feasible, answer.counts.undecided, answer.counts.blocked)
    assert planner.ranking() == [(r.solution, shown(r.score, r.worst)) for r in answer.recommendations]
    assert planner.blocked() == [b.solution for b in answer.blocked]
    states = planner.page.locator(".pv-states > li").evaluate_all(
        "rows => rows.map(r => [r.dataset.challenge, r.dataset.state])"
    )
    assert states == [[c.id, c.availability] for c in answer.challenges]
    assert planner.page.locator(".pv-opening strong").count() == len(answer.unlocks)


def test_an_unfolded_solution_says_all_that_python_says_of_it(planner: Planner, python: Python) -> None:
    answer = python.answer(planner.open_example("parts-marketplace"))
    for r in answer.recommendations:
        planner.unfold(r.solution)
        said = planner.page.locator(f"#pv-option-{r.solution} .pv-body").inner_text()
        for served in r.challenges:
            assert served.how in said
            assert served.remains in said
        for caution in r.cautions:
            assert caution.says in said
            assert caution.certain or f"If {caution.when}:" in said
        for contribution in r.contributions:
            if contribution.value:
                assert f"{contribution.value:.3f}" in said


def test_a_blocked_solution_says_why_and_what_would_open_it(planner: Planner, python: Python) -> None:
    raw = planner.open_example("truck-camera-maker")
    profile = profile_from(raw, python.catalogue)
    seen = 0
    for b in python.answer(raw).blocked:
        planner.unfold(b.solution)
        said = planner.page.locator(f"#pv-option-{b.solution} .pv-body").inner_text()
        told = explain(python.compiled, profile, b.solution)
        for reason in b.because:
            assert reason.says in said
        if told.no_unlock:
            assert told.no_unlock in said
        for unlock in told.unlocks[:5]:
            seen += 1
            assert all(move.words[1:] in said for move in unlock.moves)
    assert seen


def test_trying_an_unlock_shows_what_it_would_change_and_is_kept_or_dropped(planner: Planner, python: Python) -> None:
    raw = planner.open_example("truck-camera-maker")
    page = planner.page
    opening = python.answer(raw).unlocks[0]
    before = planner.counts()
    page.locator(".pv-opening").first.get_by_role("button", name="Try this").click()
    moved = planner.scenario("w")
    assert planner.scenario() == raw
    changed = {m.facet for m in opening.moves}
    assert {key for key in moved if moved[key] != raw.get(key)} == changed
    assert planner.counts() == _counts(python, moved)
    said = page.locator(".pv-whatif").inner_text()
    compared = compare(*((python.compiled, profile_from(x, python.catalogue)) for x in (raw, moved)))
    opened = [s.label for s in compared.shifts if s.change == "became feasible"]
    assert set(opening.solutions) <= {s.solution for s in compared.shifts if s.before == "blocked"}
    assert opened
    assert all(label in said for label in opened)
    page.get_by_role("button", name="Drop it").click()
    assert planner.counts() == before
    assert "w" not in planner.fragment()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Keep it").click()
    assert planner.scenario() == moved
    assert page.locator(".pv-whatif").count() == 0
    page.get_by_role("button", name="Undo").click()
    assert planner.scenario() == raw


def test_any_fact_can_be_changed_as_a_what_if(planner: Planner, python: Python) -> None:
    raw = planner.open_example("press-shop")
    page = planner.page
    page.get_by_role("button", name="What if …").click()
    page.locator("#pv-budget > summary").click()
    page.locator("#pv-budget label", has_text="Large").click()
    assert "was: Small" in page.locator("#pv-budget > summary").inner_text()
    assert "Budget: Small → Large" in page.locator(".pv-whatif").inner_text()
    assert planner.scenario("w") == {**raw, "budget": "large"}
    assert planner.scenario() == raw
    assert planner.counts() == _counts(python, {**raw, "budget": "large"})


def test_two_scenarios_stand_side_by_side_and_in_the_link(planner: Planner, python: Python) -> None:
    raw = planner.open_example("help-desk")
    page = planner.page
    page.get_by_role("tab", name="A and B").click()
    page.get_by_role("button", name="Keep a copy as B").click()
    planner.page.locator(".pv-step-challenges").click()
    page.locator("input[name='severity-data-drift'][value='1']").check()
    changed = {**raw, "challenges": {**raw["challenges"], "data-drift": 1}}
    assert planner.scenario() == changed
    assert planner.scenario("b") == raw
    planner.open(page.evaluate("location.hash"))
    page.get_by_role("tab", name="A and B").click()
    said = page.locator(".pv-sides").inner_text()
    compared = compare(*((python.compiled, profile_from(x, python.catalogue)) for x in (changed, raw)))
    for kind in {s.change for s in compared.shifts}:
        number = sum(s.change == kind for s in compared.shifts)
        assert f"{number} solution{'s' if number > 1 else ''} {kind.replace('feasible', 'usable')}" in said
    page.get_by_role("button", name="Swap A and B").click()
    assert planner.scenario() == raw
    assert planner.scenario("b") == changed
    page.get_by_role("button", name="Drop B").click()
    assert "b" not in planner.fragment()


def test_plain_words_name_a_challenge_and_stay_as_the_problem(planner: Planner, python: Python) -> None:
    words = "Predictions get worse every month since launch although we changed nothing."
    planner.page.locator("#pv-problem").fill(words)
    sure = planner.page.locator(".pv-match.pv-confident")
    assert "Data drifts" in sure.inner_text()
    assert "counts as severity 3" in sure.inner_text()
    assert [c.id for c in python.answer({"problem": words}).challenges] == ["data-drift"]
    assert planner.page.locator(".pv-states > li").evaluate_all("r => r.map(x => x.dataset.challenge)") == [
        "data-drift"
    ]
    assert "assumed from your words" in planner.page.locator(".pv-states").inner_text()
    sure.click()
    assert planner.scenario() == {"problem": words, "challenges": {"data-drift": 3}}
    assert "assumed" not in planner.page.locator(".pv-states").inner_text()


def test_whatever_is_not_told_stays_unknown(planner: Planner) -> None:
    page = planner.page
    page.locator("input[name='severity-dirty-data'][value='4']").check()
    page.locator(".pv-step-organisation").click()
    assert set(page.locator(".pv-form > section:nth-child(-n+3) .pv-said").all_inner_texts()) == {"not known"}
    assert planner.scenario() == {"challenges": {"dirty-data": 4}}

    page.locator("#pv-skills > summary").click()
    page.locator("input[name='form-skills-statistics'][value='yes']").check()
    page.locator("input[name='form-skills-data-engineering'][value='no']").check()
    assert planner.scenario()["skills"] == {"has": ["statistics"], "lacks": ["data-engineering"]}
    page.locator("input[name='form-skills-statistics'][value='?']").check()
    assert planner.scenario()["skills"] == {"lacks": ["data-engineering"]}
    page.locator("#pv-skills").get_by_text("Forget all answers here").click()
    assert "skills" not in planner.scenario()

    page.locator("#pv-budget > summary").click()
    page.locator("#pv-budget label", has_text="Small").click()
    page.locator("#form-budget-mode").select_option("at least")
    assert planner.scenario()["budget"] == {"at_least": "small"}
    page.locator("#form-budget-mode").select_option("between")
    assert planner.scenario()["budget"] == {"at_least": "small", "at_most": "medium"}
    page.locator("#form-budget-most").select_option("large")
    assert planner.scenario()["budget"] == {"at_least": "small"}
    page.locator("#pv-budget label", has_text="Don't know").click()
    assert planner.scenario() == {"challenges": {"dirty-data": 4}}

    page.locator("#pv-rules_out > summary").click()
    page.locator("input[name='form-rules_out-hiring']").check()
    page.locator("#pv-in_place > summary").click()
    page.locator("#pv-add-placed").select_option("dropout")
    page.locator("#pv-tried > summary").click()
    page.locator("#pv-add-tried").select_option("confident-learning")
    page.locator("#pv-tried-confident-learning").fill("It took too long.")
    page.locator("#pv-prefer > summary").click()
    page.locator("input[name='prefer-quick'][value='0.5']").check()
    assert planner.scenario() == {
        "challenges": {"dirty-data": 4}, "rules_out": ["hiring"], "in_place": ["dropout"],
        "tried": {"confident-learning": "It took too long."}, "prefer": {"quick": 0.5},
    }  # fmt: skip


def test_the_interview_asks_what_matters_until_the_first_five_are_settled(planner: Planner, python: Python) -> None:
    from engine.questions import interview

    page = planner.page
    page.locator("input[name='severity-dirty-data'][value='4']").check()
    page.locator(".pv-step-organisation").click()
    passed: set[str] = set()
    for _ in range(30):
        held = interview(
            python.compiled, profile_from({"challenges": {"dirty-data": 4}}, python.catalogue), skip=frozenset(passed)
        )
        if held.question is None:
            break
        assert page.locator(".pv-ask h3").inner_text() == held.question.question
        assert held.question.why in page.locator(".pv-ask").inner_text()
        page.get_by_role("button", name="We don't know").click()
        passed.add(held.question.facet)
    assert passed
    assert page.locator(".pv-settled").count() == 1
    page.get_by_text(f"Ask again for what you passed over ({len(passed)})").click()
    first = page.locator(".pv-ask h3").inner_text()
    page.locator(".pv-ask label").last.click()
    assert page.locator(".pv-ask h3").inner_text() == first
    page.get_by_role("button", name="Next question").click()
    assert page.locator(".pv-ask h3").inner_text() != first


def test_what_is_unknown_leads_to_where_it_can_be_told(planner: Planner, python: Python) -> None:
    raw = planner.open_example("parts-marketplace")
    hanging = [u for u in python.answer(raw).unknown if u.solutions_hanging]
    chips = planner.page.locator(".pv-hanging .pv-chip")
    assert [c.split()[-1] for c in chips.all_inner_texts()] == [str(u.solutions_hanging) for u in hanging]
    planner.page.locator(".pv-asks .pv-chip").first.click()
    planner.page.wait_for_selector("#pv-skills[open]")
    assert planner.page.evaluate("document.activeElement.closest('details').id") == "pv-skills"


def test_the_map_shows_every_stated_coverage_as_it_is_for_this_organisation(planner: Planner, python: Python) -> None:
    raw = planner.open_example("radiology-group")
    planner.page.get_by_role("tab", name="Map").click()
    cells = planner.page.locator(".pv-map td[data-solution]").evaluate_all(
        "cells => cells.map(c => [c.dataset.challenge, c.dataset.solution, c.dataset.state, c.querySelector('.pv-sr').textContent])"
    )
    stated = {(a.challenge, a.solution): a.coverage for a in python.catalogue.addressings}
    assert {(c, s) for c, s, _, _ in cells} == set(stated)
    assert len(cells) == len(stated)
    rows = planner.page.locator(".pv-map tr.pv-mine th").all_inner_texts()
    assert rows == [c.label for c in python.answer(raw).challenges]
    answer = python.answer(raw)
    rulings = rule(python.compiled, Known(python.compiled, profile_from(raw, python.catalogue)))
    for challenge, solution, state, said in cells:
        ruling = rulings[solution]
        low, high = ruling.low[challenge], ruling.high[challenge]
        if solution in answer.in_place or ruling.verdict == "blocked":
            assert state == ("in place" if solution in answer.in_place else "blocked")
        else:
            assert state == (ruling.verdict if high != "none" else "blocked")
            if set(ruling.high.values()) == {"none"}:
                assert said == f"blocked, {stated[challenge, solution]} as stated"
            else:
                assert said == (low if low == high else f"{low} to {high}")
    planner.page.locator(".pv-map thead button").first.click()
    assert (
        planner.page.evaluate("document.activeElement.closest('li').dataset.solution")
        == answer.recommendations[0].solution
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_state_of_it_keeps_anybody_out(open_planner: Any, scheme: str, width: int) -> None:
    planner = open_planner(width=width, color_scheme=scheme)
    page, axe = planner.page, Axe()

    def clean(where: str) -> None:
        found = axe.run(page).response["violations"]
        assert [(where, v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where

    clean("empty")
    planner.open_example("press-shop")
    clean("answer")
    page.locator(".pv-ranking summary").first.click()
    page.locator(".pv-out summary").first.click()
    clean("unfolded")
    page.get_by_role("tab", name="Map").click()
    clean("map")
    page.get_by_role("tab", name="A and B").click()
    page.get_by_role("button", name="Keep a copy as B").click()
    clean("beside")
    page.locator(".pv-step-organisation").click()
    for facet in ("budget", "skills", "rules_out", "in_place", "tried", "prefer"):
        page.locator(f"#pv-{facet} > summary").click()
    clean("form")
    page.locator(".pv-step-challenges").click()
    page.locator("#pv-problem").fill("It gets worse every month.")
    page.locator("#pv-menu-saved > summary").click()
    clean("words and menu")


def test_a_narrow_phone_needs_no_scrolling_sideways(open_planner: Any) -> None:
    planner = open_planner(width=360, height=740)
    page = planner.page
    planner.open_example("radiology-group")
    for step in ("challenges", "organisation", "answer"):
        page.locator(f".pv-step-{step}").click()
        assert page.locator(".pv-inputs").is_visible() == (step != "answer")
        assert page.locator(".pv-answer").is_visible() == (step == "answer")
        assert page.locator(".pv-foot").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    for tab in ("Map", "A and B", "Options"):
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_all_of_it_can_be_done_by_keyboard(planner: Planner) -> None:
    page = planner.page

    def focused() -> str:
        name: str = page.evaluate(
            "document.activeElement.name || document.activeElement.id || document.activeElement.textContent"
        )
        return name

    page.locator("#pv-problem").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused() == "severity-data-granularity":
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert focused() == "severity-data-granularity", "an answer that appears must not take the focus"
    assert planner.scenario() == {"challenges": {"data-granularity": 2}}
    page.locator(".pv-step-organisation").focus()
    page.keyboard.press("Enter")
    page.locator("#pv-budget > summary").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#pv-budget[open] input")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert planner.scenario()["budget"] == "small"
    assert focused() == "form-budget"
    page.get_by_role("tab", name="Options").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".pv-map")
    page.wait_for_function("document.activeElement.id === 'pv-tab-map'")
    page.locator("#pv-menu-export > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not page.locator("#pv-menu-export").get_attribute("open")
    assert focused().startswith("Export")


def test_what_changes_is_said_to_those_who_listen(planner: Planner) -> None:
    page = planner.page
    page.locator("input[name='severity-dirty-data'][value='4']").check()
    page.wait_for_function(
        "document.querySelector('.pv [role=status]').textContent.includes('Dirty data: severity 4, severe')"
    )
    said = page.locator(".pv [role=status]").inner_text()
    usable, undecided, blocked = planner.counts()
    assert f"{usable} usable, {undecided} undecided, {blocked} blocked. First: " in said


def test_on_paper_stands_the_answer_and_nothing_to_press(planner: Planner) -> None:
    planner.open_example("press-shop")
    planner.page.emulate_media(media="print")
    assert planner.page.locator(".pv-answer-head").is_visible()
    for hidden in (".pv-inputs", ".pv-barline", ".pv-tabs", ".pv-answer .pv-button"):
        assert not planner.page.locator(hidden).first.is_visible()


def _counts(python: Python, raw: dict[str, Any]) -> tuple[int, int, int]:
    counts = python.answer(raw).counts
    return counts.feasible, counts.undecided, counts.blocked
