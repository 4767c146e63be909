"""The pictures of the site in a real browser, held against the catalogue that they are drawn from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kb.gaps import CONTEXTS, find_gaps
from kb.records import Catalogue, Challenge, Solution, evidence_level

PAGES = ("", "matrix/", "graph/", "practice/", "gaps/", "challenge/data-drift/", "solution/dropout/")
Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, built: Path) -> Iterator[Open]:
    """Opens pages from the disk; the end fails if one wrote to the console or asked another host."""
    contexts, faults = [], []

    def opened(path: str, **options: Any) -> Page:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.on("request", lambda r: None if r.url.startswith("file:") else faults.append(r.url))
        page.goto((built / path / "index.html").as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def matrix(open_page: Open) -> Page:
    page = open_page("matrix/")
    page.wait_for_selector(".pic-sieve:not([hidden])")
    return page


def live_challenges(catalogue: Catalogue) -> list[Challenge]:
    return [c for c in catalogue.challenges if c.retired is None]


def live_solutions(catalogue: Catalogue) -> list[Solution]:
    return [s for s in catalogue.solutions if s.retired is None]


def levels(catalogue: Catalogue) -> dict[tuple[str, str], tuple[int, int]]:
    """Coverage and evidence from 1 by solution and challenge."""
    vocabulary = catalogue.vocabulary
    live = {r.id for r in (*live_solutions(catalogue), *live_challenges(catalogue))}
    return {
        (a.solution, a.challenge): (
            vocabulary.values("coverage").index(a.coverage) + 1,
            vocabulary.values("evidence").index(evidence_level(a.evidence, vocabulary)) + 1,
        )
        for a in catalogue.addressings
        if a.solution in live and a.challenge in live
    }


def limits(catalogue: Catalogue, keep: Callable[[str], bool] = lambda _: True) -> Counter[tuple[str, str]]:
    """Limitations by factor and effect, of the solutions to keep."""
    live = {s.id for s in live_solutions(catalogue)}
    return Counter(
        (x.factor, x.effect)
        for x in catalogue.limitations
        if x.retired is None and x.solution in live and keep(x.solution)
    )


def rows(page: Page, after: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    found: list[list[str]] = page.evaluate(
        """id => {
          let at = document.getElementById(id);
          while (!(at.matches("table, :has(table)"))) at = at.nextElementSibling;
          const table = at.matches("table") ? at : at.querySelector("table:not(.pic-matrix)");
          return [...table.tBodies].flatMap(body => [...body.rows].map(row => [...row.cells].map(cell => cell.textContent.trim())));
        }""",
        after,
    )
    return found


def test_the_markdown_beside_a_page_has_its_tables_and_none_of_its_pictures(built: Path, catalogue: Catalogue) -> None:
    twins = {path: (built / f"{path.rstrip('/') or 'index'}.md").read_text("utf-8") for path in PAGES}
    for text in twins.values():
        assert not re.search(r"<(?:svg|form|figure|use|path|ol)\b", text)
    assert twins["matrix/"].count("<td data-rank=") == len(levels(catalogue))
    assert twins["graph/"].count("\n| ") >= sum(len(c.links) for c in live_challenges(catalogue))


# Matrix

CELLS = """() => [...document.querySelectorAll(".pic-matrix tbody td[data-rank]")].filter(cell => cell.firstChild.checkVisibility({visibilityProperty: true})).map(cell => [
  cell.parentElement.dataset.solution, document.querySelectorAll(".pic-matrix thead tr")[1].cells[cell.cellIndex].dataset.challenge,
  Number(cell.dataset.rank), Number(cell.dataset.evidence),
  [...cell.querySelectorAll("use")].map(use => use.getAttribute("href")).join(" "), cell.textContent])"""


def test_the_matrix_shows_what_the_catalogue_says(matrix: Page, catalogue: Catalogue) -> None:
    vocabulary, shown = catalogue.vocabulary, {}
    for solution, challenge, rank, proof, marks, said in matrix.evaluate(CELLS):
        shown[solution, challenge] = rank, proof
        assert marks == f"#pic-c{rank} #pic-e{proof}"
        words = (
            vocabulary.label(f"{s}.{vocabulary.values(s)[n - 1]}") for s, n in (("coverage", rank), ("evidence", proof))
        )
        assert said.lower() == ", ".join(words).lower()
    assert shown == levels(catalogue)
    digits = matrix.locator("symbol").evaluate_all("all => all.map(one => [one.id, one.textContent])")
    assert digits
    assert all(name[-1] == digit for name, digit in digits)


def listed(page: Page) -> list[str]:
    found: list[str] = page.locator(".pic-matrix tbody tr:visible").evaluate_all(
        "rows => rows.map(row => row.dataset.solution)"
    )
    return found


def choose(page: Page, **fields: str) -> list[str]:
    """Fill the form afresh as its fields are filled by hand; the solutions that are left, in order."""
    left: list[str] = page.evaluate(
        """fields => {
          const form = document.querySelector(".pic-sieve");
          for (const field of form.elements) if (field.options) field.selectedIndex = 0;
          for (const [name, value] of Object.entries(fields)) {
            form.elements[name].value = value;
            if (form.elements[name].value !== value) throw new Error(`no choice ${name} ${value}`);
          }
          form.elements.sort.dispatchEvent(new Event("change", {bubbles: true}));
          return [...document.querySelectorAll(".pic-matrix tbody tr")].filter(row => row.checkVisibility()).map(row => row.dataset.solution);
        }""",
        fields,
    )
    return left


def test_the_matrix_is_filtered(matrix: Page, catalogue: Catalogue) -> None:
    cells, everything = levels(catalogue), {s.id: s for s in live_solutions(catalogue)}
    phases = {c.id: c.phase for c in live_challenges(catalogue)}
    assert set(choose(matrix)) == set(everything)
    for phase in catalogue.vocabulary.values("phase"):
        assert set(choose(matrix, phase=phase)) == {s for s, c in cells if phases[c] == phase}
        heads = matrix.locator(".pic-matrix thead th[data-challenge]:visible").evaluate_all(
            "all => all.map(one => one.dataset.challenge)"
        )
        assert set(heads) == {c for c, of in phases.items() if of == phase}
        said = matrix.locator(".pic-sieve output").inner_text()
        assert said == f"{len(listed(matrix))} of {len(everything)} solutions, {len(heads)} of {len(phases)} challenges"
    for factor in catalogue.vocabulary.values("factor"):
        held = [x for x in catalogue.limitations if x.retired is None and x.factor == factor]
        assert set(choose(matrix, factor=f"has:{factor}")) == {x.solution for x in held} & set(everything)
        assert set(choose(matrix, factor=f"free:{factor}")) == set(everything) - {
            x.solution for x in held if x.effect == "blocks"
        }
    for modality in catalogue.vocabulary.values("modality"):
        shown = set(choose(matrix, modality=modality))
        assert shown == {s.id for s in everything.values() if modality in {c.modality for c in s.validated_in}}
    good = {pair for pair, (rank, proof) in cells.items() if rank >= 2 and proof >= 3}
    assert set(choose(matrix, coverage="2", evidence="3")) == {s for s, _ in good}
    assert {(s, c) for s, c, *_ in matrix.evaluate(CELLS)} == good
    assert choose(matrix, coverage="3", evidence="6") == []
    assert matrix.get_by_text("loosen a filter").is_visible()
    matrix.get_by_role("button", name="Show all").click()
    matrix.wait_for_function(
        "n => document.querySelector('.pic-sieve output').value.startsWith(`${n} of ${n} `)", arg=len(everything)
    )
    matrix.locator("[name=coverage]").select_option("2")
    assert set(listed(matrix)) == {s for (s, _), (rank, _) in cells.items() if rank >= 2}


def test_the_matrix_is_sorted(matrix: Page, catalogue: Catalogue) -> None:
    cells, solutions = levels(catalogue), {s.id: s for s in live_solutions(catalogue)}
    named = [solutions[s].label for s in choose(matrix, sort="name")]
    assert named == sorted(named, key=lambda label: label.lower().replace("-", " "))
    middle = [sum((w := solutions[s].effort.person_weeks) and (w.low, w.high)) for s in choose(matrix, sort="effort")]
    assert middle == sorted(middle)
    for sort, at in (("coverage", 0), ("evidence", 1)):
        best = [max(v[at] for (s, _), v in cells.items() if s == solution) for solution in choose(matrix, sort=sort)]
        assert best == sorted(best, reverse=True)
    choose(matrix)
    head = matrix.locator("th[data-challenge=overfitting]")
    head.locator("button").click()
    ranks = [cells.get((s, "overfitting"), (0, 0)) for s in listed(matrix)]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[0][0] > 0
    assert head.get_attribute("aria-sort") == "descending"
    assert matrix.locator("[aria-sort]").count() == 1


def focused(page: Page) -> tuple[int, int]:
    at: list[int] = page.evaluate(
        "() => { const cell = document.activeElement.closest('td, th'); return [cell.parentElement.rowIndex, cell.cellIndex]; }"
    )
    return at[0], at[1]


def test_the_matrix_is_walked_by_keys(matrix: Page) -> None:
    matrix.locator(".pic-sieve button").focus()
    matrix.keyboard.press("Tab")
    start = focused(matrix)
    assert matrix.locator(".pic-matrix :is(a, button)[tabindex='0']").count() == 1
    matrix.keyboard.press("Control+Home")
    matrix.keyboard.press("ArrowDown")
    for _ in range(2):
        matrix.keyboard.press("ArrowDown")
    row, column = focused(matrix)
    assert row >= 2 > start[0]
    matrix.keyboard.press("End")
    last = focused(matrix)
    assert last[0] == row
    assert last[1] > column
    filled = matrix.locator(f".pic-matrix tr:nth-child({row - 1}) td a").count()
    for _ in range(filled + 2):
        matrix.keyboard.press("ArrowLeft")
    matrix.keyboard.press("Home")
    assert focused(matrix) == (row, 0)
    matrix.keyboard.press("ArrowRight")
    right = focused(matrix)
    assert right[0] == row
    assert right[1] > 0
    matrix.keyboard.press("ArrowUp")
    assert focused(matrix)[0] < row
    assert focused(matrix)[1] == right[1]
    assert matrix.locator(".pic-matrix :is(a, button)[tabindex='0']").count() == 1
    matrix.keyboard.press("Tab")
    assert not matrix.evaluate("() => Boolean(document.activeElement.closest('.pic-matrix'))")


def test_the_matrix_is_a_plain_table_without_scripts(open_page: Open, catalogue: Catalogue) -> None:
    page = open_page("matrix/", java_script_enabled=False)
    assert page.locator(".pic-sieve").is_hidden()
    assert page.locator(".pic-matrix tbody tr").count() == len(live_solutions(catalogue))
    links = page.locator(".pic-matrix tbody td a")
    assert links.count() == len(levels(catalogue))
    address = page.locator("tr[data-solution=dropout] td a").first.get_attribute("href") or ""
    path, _, anchor = address.partition("#")
    page.goto(page.url.replace("matrix/index.html", path.removeprefix("../") + "index.html"))
    assert page.locator(f"[id='{anchor}']").count() == 1


@pytest.mark.parametrize(
    ("scheme", "options"), [("light", {"format": "A3", "landscape": True}), ("dark", {"prefer_css_page_size": True})]
)
def test_the_matrix_prints_on_one_a3_page(open_page: Open, scheme: Any, options: Any) -> None:
    page = open_page("matrix/", color_scheme=scheme)
    page.wait_for_selector(".pic-sieve:not([hidden])")
    paper = page.pdf(**options)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    wide, high = (float(x) for x in re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", paper)[0])
    assert (wide, high) == (pytest.approx(1190.6, abs=2), pytest.approx(841.9, abs=2))
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1519, "height": 1054})
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".pic-matrix").evaluate("table => getComputedStyle(table).color") == "rgb(0, 0, 0)"


# The other pictures


def test_the_map_shows_what_the_catalogue_says(open_page: Open, catalogue: Catalogue) -> None:
    page, words = open_page(""), catalogue.vocabulary.values("coverage")
    tiles = {
        t["challenge"]: t
        for t in page.locator(".pic-tile").evaluate_all(
            """all => all.map(one => ({challenge: one.dataset.challenge, open: Boolean(one.querySelector(".pic-open")),
            phase: one.closest("ol > li").querySelector(".pic-stage a").getAttribute("href"),
            discs: one.querySelector(".pic-small").querySelectorAll("circle.pic-ring").length, said: one.title}))"""
        )
    }
    cells = levels(catalogue)
    table = {row[1]: row for row in page.locator("details table tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    )}  # fmt: skip
    assert set(tiles) == {c.id for c in live_challenges(catalogue)}
    for c in live_challenges(catalogue):
        held = Counter(words[rank - 1] for (_, challenge), (rank, _) in cells.items() if challenge == c.id)
        assert tiles[c.id]["discs"] == held.total()
        assert tiles[c.id]["phase"] == f"phase/{c.phase}/"
        assert tiles[c.id]["open"] == (set(held) <= {"partial"})
        assert dict(reversed(x.split()) for x in tiles[c.id]["said"].partition(": ")[2].split(", ")) == {
            k: str(n) for k, n in held.items()
        }
        assert table[c.label][3:] == [str(held[w]) for w in reversed(words)]


def test_the_ring_shows_the_links_of_the_catalogue(open_page: Open, catalogue: Catalogue) -> None:
    page, labels = open_page("graph/"), {c.id: c.label for c in catalogue.challenges}
    arcs = page.locator("[data-from]").evaluate_all(
        "all => all.map(one => [one.dataset.from, one.dataset.kind, one.dataset.to])"
    )
    links = sorted([c.id, x.kind, x.to] for c in live_challenges(catalogue) for x in c.links)
    assert sorted(arcs) == links
    named = [[labels[a], catalogue.vocabulary.label(f"link.{kind}").lower(), labels[b]] for a, kind, b in links]
    assert sorted(row[:3] for row in rows(page, "links")) == sorted(named)
    causes = {labels[c]: sum(a == c and k == "causes" for a, k, _ in links) for c in labels}
    assert {row[0]: int(row[1]) for row in rows(page, "begin")} == causes
    page.locator("a[data-challenge=data-drift]").focus()
    strong = page.locator("[data-from]:not(.pic-faint)").evaluate_all(
        "all => all.map(one => [one.dataset.from, one.dataset.kind, one.dataset.to])"
    )
    assert sorted(strong) == [x for x in links if "data-drift" in (x[0], x[2])]
    page.keyboard.press("Enter")
    page.wait_for_url("**/challenge/data-drift/index.html")
    page.go_back()
    page.locator("input[value=worsens]").uncheck()
    assert page.locator(".pic-graph svg [data-kind=worsens]:visible").count() == 0
    assert page.locator(".pic-graph svg [data-kind=causes]:visible").count() == sum(k == "causes" for _, k, _ in links)


def test_what_limits_practice_is_counted_from_the_catalogue(open_page: Open, catalogue: Catalogue) -> None:
    page, vocabulary = open_page("practice/"), catalogue.vocabulary
    cells, phases = levels(catalogue), {c.id: c.phase for c in catalogue.challenges}
    factors, effects = vocabulary.values("factor"), list(reversed(vocabulary.values("effect")))
    helping: dict[str, set[str]] = {}
    for solution, challenge in cells:
        helping.setdefault(phases[challenge], set()).add(solution)
    expected = [limits(catalogue, helping[p].__contains__) for p in vocabulary.values("phase") if p in helping]
    expected.append(limits(catalogue))
    said = [[" / ".join(str(held[f, e]) for e in effects) for f in factors] for held in expected]
    assert [row[1:] for row in rows(page, "factors")] == said
    drawn = page.locator("svg[aria-labelledby=factors-title] .pic-n").all_text_contents()
    assert [int(n) for n in drawn] == [sum(held[f, e] for e in effects) for held in expected for f in factors]

    solutions = {s.id: s for s in live_solutions(catalogue)}
    dots = page.locator("a[data-solution]").evaluate_all(
        "all => all.map(a => [a.dataset.solution, Number(a.querySelector('circle').getAttribute('cx')), Number(a.querySelector('circle').getAttribute('cy'))])"
    )
    assert {d[0] for d in dots} == set(solutions)
    across = [x for _, x in sorted((w.low * w.high, x) for s, x, _ in dots for w in [solutions[s].effort.person_weeks])]
    assert across == sorted(across)
    best = {s: max(rank for (of, _), (rank, _) in cells.items() if of == s) for s in solutions}
    low = {rank: [y for s, _, y in dots if best[s] == rank] for rank in set(best.values())}
    assert all(max(low[a]) < min(low[b]) for a in low for b in low if a > b)
    weeks = {row[0]: row[2] for row in rows(page, "work")}
    assert weeks == {
        s.label: f"{s.effort.person_weeks.low:g}–{s.effort.person_weeks.high:g}" for s in solutions.values()
    }

    kinds = list(reversed(vocabulary.values("evidence")))
    helps = Counter(proof for _, proof in cells.values())
    held = Counter(
        evidence_level(x.evidence, vocabulary)
        for x in catalogue.limitations
        if x.retired is None and x.solution in solutions
    )
    both = [[str(helps[len(kinds) - at]), str(held[k])] for at, k in enumerate(kinds)]
    assert [row[1:3] for row in rows(page, "evidence")] == both
    texts = page.locator("svg[aria-labelledby=evidence-title] .pic-n").all_text_contents()
    assert [t.split()[0] for t in texts] == [n for row in both for n in row]


def test_the_gaps_are_those_of_the_command(open_page: Open, catalogue: Catalogue) -> None:
    page, gaps = open_page("gaps/"), find_gaps(catalogue)
    cells = [f"{facet}.{value}" for facet in CONTEXTS for value in catalogue.vocabulary.values(facet)]
    shown = page.locator(".pic-gaps tbody tr").evaluate_all(
        "rows => rows.map(row => [row.dataset.challenge, [...row.querySelectorAll('.pic-shown, .pic-gap')].map(cell => cell.matches('.pic-shown'))])"
    )
    assert {c: tuple(x for x, held in zip(cells, marks, strict=True) if held) for c, marks in shown} == gaps.validated
    heads = page.locator(".pic-gaps thead tr").nth(1).locator(".pic-up").all_inner_texts()
    assert heads[:-1] == [catalogue.vocabulary.label(c) for c in cells]
    missing = {row[0]: int(row[2]) for row in rows(page, "settings")}
    assert missing == {c.label: len(gaps.missing[c.id]) for c in live_challenges(catalogue)}
    assert page.locator(".pic-gaps .pic-open").count() == len(gaps.partial)


def test_the_small_pictures_say_what_the_catalogue_says(open_page: Open, catalogue: Catalogue) -> None:
    factors, effects = catalogue.vocabulary.values("factor"), list(reversed(catalogue.vocabulary.values("effect")))
    numbers = "rows => rows.map(row => [...row.querySelectorAll('.pic-n')].map(cell => Number(cell.textContent)))"
    page = open_page("challenge/data-drift/")
    shown = page.locator(".pic-mini tr[data-solution]").evaluate_all(
        "rows => rows.map(row => [row.dataset.solution, ...[...row.querySelectorAll('use')].map(use => use.getAttribute('href'))])"
    )
    held = {s: v for (s, c), v in levels(catalogue).items() if c == "data-drift"}
    assert {s: marks for s, *marks in shown} == {
        s: [f"#pic-c{rank}", f"#pic-e{proof}"] for s, (rank, proof) in held.items()
    }
    here = Counter(
        (x.factor, x.effect)
        for x in catalogue.limitations
        if x.retired is None
        and x.solution in held
        and (x.effect != "reduces" or "data-drift" in {r.challenge for r in x.reduces})
    )
    assert page.locator(".pic-mini tr[data-factor]").evaluate_all(numbers) == [
        [here[f, e] for e in effects] for f in factors
    ]
    page = open_page("solution/dropout/")
    own = limits(catalogue, lambda s: s == "dropout")
    assert page.locator(".pic-mini tr[data-factor]").evaluate_all(numbers) == [
        [own[f, e] for e in effects] for f in factors
    ]


@pytest.mark.parametrize("path", PAGES[:-1])
def test_every_picture_is_named_and_has_a_table_beside_it(open_page: Open, path: str) -> None:
    page = open_page(path)
    drawings = page.locator("svg.pic-svg[role]")
    named = drawings.evaluate_all(
        "all => all.map(one => [one.querySelector('title').textContent, one.querySelector('desc').textContent])"
    )
    assert all(title and about for title, about in named)
    assert page.locator("table").count() > 0
