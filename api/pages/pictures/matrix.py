"""The matrix of challenges and solutions: one HTML table, which `site/assets/matrix.js` sorts, filters and walks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from api.pages.page import Page, Site
from api.pages.pictures import counts
from api.pages.pictures.marks import mark, symbols
from api.pages.text import html
from kb.records import evidence_level

if TYPE_CHECKING:
    from kb.records import Addressing, Challenge, Solution

SCRIPT = "assets/matrix.js"


def pages(site: Site) -> Iterator[Page]:
    """The one page."""
    solutions, challenges = counts.solutions(site), counts.challenges(site)
    text = (
        '<div class="pic-sheet" data-search-exclude markdown="1">\n\n'
        "# Matrix { #matrix }\n\n"
        f"{len(challenges)} challenges across, {len(solutions)} solutions down, and the {len(counts.addressings(site))} places where "
        "the catalogue says that one helps with the other. A cell leads to how it helps there and what remains.\n{ .pic-lead }\n\n"
        f"{key(site)}\n\n{_sieve(site, challenges)}\n\n"
        f'<div class="pic-scroll pic-frame">{_table(site, solutions, challenges)}</div>\n\n</div>\n\n'
        "Coverage is what a solution takes care of when it is applied as intended, before anything is known of your organisation; the "
        "[planner](/planner.md) says what is left of it for you. Evidence is the strongest piece that supports it. "
        "[Download the same as a table](/downloads.md).\n{ .pv-fine }\n\n"
        f'<script src="/{SCRIPT}" defer></script>\n'
    )
    yield Page(
        "matrix.md", "Matrix", text, "Every challenge against every solution, with coverage and evidence.",
        hide=("navigation", "toc"),
    )  # fmt: skip


def key(site: Site, evidence: bool = True) -> str:
    """What the marks mean, with the marks themselves for the page to refer to."""
    coverages, evidences = (site.catalogue.vocabulary.values(s) for s in ("coverage", "evidence"))
    shapes = [("Coverage", "coverage", [(mark(n), v) for n, v in enumerate(coverages, 1)])]
    if evidence:
        shapes.append(("Evidence", "evidence", [(mark(evidence=n), v) for n, v in enumerate(evidences, 1)]))
    lists = "".join(
        f"<li><b>{title}</b></li>" + "".join(f"<li>{drawn} {html(site.label(scheme, v).lower())}</li>" for drawn, v in held)
        for title, scheme, held in shapes
    )  # fmt: skip
    return f'<div class="pic-key">{symbols(len(coverages), len(evidences))}<ul>{lists}</ul></div>'


def _options(held: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<option value="{html(value)}">{html(label)}</option>' for value, label in held)


def _sieve(site: Site, challenges: Sequence[Challenge]) -> str:
    """The form that sorts and filters; hidden until the script shows it."""

    def labels(scheme: str, before: str = "") -> list[tuple[str, str]]:
        return [(before + v, site.label(scheme, v)) for v in site.catalogue.vocabulary.values(scheme)]

    def levels(scheme: str) -> list[tuple[str, str]]:
        return [(str(n), f"{label.lower()} or more") for n, (_, label) in enumerate(labels(scheme), 1) if n > 1]

    sorts = [("phase", "what they help with first"), ("name", "name"), ("effort", "least work"), ("coverage", "most coverage"),
             ("evidence", "strongest evidence")]  # fmt: skip
    fields = [
        ("sort", "Sort by", _options(sorts) + f'<optgroup label="coverage of">{_options((c.id, c.label) for c in challenges)}</optgroup>'),
        ("phase", "Phase", _options([("", "all"), *labels("phase")])),
        ("factor", "Limits", _options([("", "any")])
         + f'<optgroup label="never blocked by">{_options(labels("factor", "free:"))}</optgroup>'
         + f'<optgroup label="limited by">{_options(labels("factor", "has:"))}</optgroup>'),
        ("modality", "Reported to work on", _options([("", "anything"), *labels("modality"), ("-", "nothing recorded")])),
        ("coverage", "Coverage", _options([("0", "any"), *levels("coverage")])),
        ("evidence", "Evidence", _options([("0", "any"), *levels("evidence")])),
    ]  # fmt: skip
    selects = "".join(f'<label>{label}<select name="{name}">{held}</select></label>' for name, label, held in fields)
    return f'<form class="pic-sieve" hidden>{selects}<button type="reset">Show all</button><output role="status"></output></form>'


def _table(site: Site, solutions: Sequence[Solution], challenges: Sequence[Challenge]) -> str:
    spans, heads = "", ""
    for phase, of_phase in groupby(challenges, key=lambda c: c.phase):
        held = list(of_phase)
        spans += (
            f'<th scope="colgroup" colspan="{len(held)}" data-span data-phase="{phase}">'
            f'<a href="/phase/{phase}/">{html(site.label("phase", phase))}</a></th>'
        )
        for at, c in enumerate(held):
            heads += (
                f'<th scope="col" data-challenge="{c.id}" data-phase="{phase}"{_edge(at)}><span class="pic-up">'
                f'<a href="/challenge/{c.id}/">{html(c.label)}</a></span>'
                f'<button type="button" hidden data-sort="{c.id}" title="Sort by coverage of it">'
                f'<span aria-hidden="true">▾</span><span class="pic-sr">Sort by coverage of {html(c.label)}</span></button></th>'
            )
    order = {c.id: at for at, c in enumerate(challenges)}
    first = {
        s.id: min(
            (order[a.challenge] for a in site.by_solution.get(s.id, ()) if a.challenge in order), default=len(order)
        )
        for s in solutions
    }
    rows = "".join(
        _row(site, s, challenges, at) for at, s in enumerate(sorted(solutions, key=lambda s: (first[s.id], s.label)))
    )
    return (
        '<table class="pic-matrix"><caption class="pic-sr">Coverage of each challenge by each solution, and the strongest evidence for it'
        f'</caption><thead><tr><td></td><td class="pic-weeks"></td>{spans}</tr><tr><th scope="col">Solution</th>'
        f'<th scope="col" class="pic-weeks">Weeks of work</th>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _edge(at: int) -> str:
    return "" if at else ' class="pic-edge"'


def _row(site: Site, solution: Solution, challenges: Sequence[Challenge], order: int) -> str:
    limits = site.limitations.get(solution.id, ())
    weeks = solution.effort.person_weeks
    facts = {
        "solution": solution.id,
        "order": order,
        "name": solution.label,
        "effort": f"{(weeks.low + weeks.high) / 2:g}",
        "factors": " ".join(sorted({x.factor for x in limits})),
        "blockers": " ".join(sorted({x.factor for x in limits if x.effect == "blocks"})),
        "modalities": " ".join(sorted({c.modality for c in solution.validated_in if c.modality})) or "-",
    }
    helps = {a.challenge: a for a in site.by_solution.get(solution.id, ())}
    cells = "".join(
        _cell(site, helps.get(c.id), _edge(at))
        for _, of_phase in groupby(challenges, key=lambda c: c.phase)
        for at, c in enumerate(of_phase)
    )
    data = "".join(f' data-{name}="{html(str(value))}"' for name, value in facts.items())
    return (
        f'<tr{data}><th scope="row"><a href="/solution/{solution.id}/">{html(solution.label)}</a></th>'
        f'<td class="pic-weeks">{weeks.low:g}–{weeks.high:g}</td>{cells}</tr>'
    )


def _cell(site: Site, a: Addressing | None, edge: str) -> str:
    if a is None:
        return f"<td{edge}></td>"
    proof = evidence_level(a.evidence, site.catalogue.vocabulary)
    level, strength = site.rank("coverage", a.coverage) + 1, site.rank("evidence", proof) + 1
    said = f"{site.label('coverage', a.coverage)}, {site.label('evidence', proof).lower()}"
    about = f"{site.solutions[a.solution].label} on {site.challenges[a.challenge].label}: {said}"
    return (
        f'<td data-rank="{level}" data-evidence="{strength}"{edge}><a href="/solution/{a.solution}/#{a.challenge}" title="{html(about)}">'
        f'{mark(level, strength)}<span class="pic-sr">{html(said)}</span></a></td>'
    )
