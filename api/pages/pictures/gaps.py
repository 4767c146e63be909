"""Research gaps: where a solution that covers a challenge well was reported to work, and where none was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from api.pages.page import Page, Site
from api.pages.pictures import counts
from api.pages.text import bullets, html, plain, section, table
from kb.gaps import CONTEXTS, find_gaps

if TYPE_CHECKING:
    from kb.gaps import Gaps
    from kb.records import Challenge


def pages(site: Site) -> Iterator[Page]:
    """The one page."""
    gaps, challenges = find_gaps(site.catalogue), counts.challenges(site)
    missing = sum(map(len, gaps.missing.values()))
    total = missing + sum(map(len, gaps.validated.values()))
    nowhere = [c for c in challenges if not gaps.validated[c.id]]
    text = (
        "# Research gaps { #gaps }\n\n"
        f"For {missing} of {total} pairs of a challenge and a kind of data, place of deployment or domain, no source of the catalogue "
        "reports that a solution with at least substantial coverage worked there.\n{ .pic-lead }\n\n"
        "Absence here is absence from our sources, which were read in part and end in "
        f"{site.catalogue.edition.literature_until}; it is a place to look, not a proof that nothing exists.\n{{ .pv-fine }}\n\n"
        f'<div class="pic-scroll pic-frame" data-search-exclude>{_table(site, gaps, challenges)}</div>\n\n'
    )
    text += section("Open challenges", _listed(
        site, [c for c in challenges if c.id in gaps.partial], "No solution of the catalogue is stated to cover these more than partly."
    ), "open")  # fmt: skip
    text += section("Reported nowhere", _listed(
        site, nowhere, "For these no report at all is recorded of a solution with at least substantial coverage in a named setting."
    ), "nowhere")  # fmt: skip
    text += section("By setting", _settings(site, gaps), "settings")
    text += "The command `provender gaps` gives the same as text, Markdown or JSON.\n"
    yield Page(
        "gaps.md", "Research gaps", text, "Where no solution that covers a challenge well was reported to work.",
        hide=("navigation", "toc"),
    )  # fmt: skip


def _table(site: Site, gaps: Gaps, challenges: Sequence[Challenge]) -> str:
    vocabulary = site.catalogue.vocabulary
    cells = [f"{facet}.{value}" for facet in CONTEXTS for value in vocabulary.values(facet)]
    first = {f"{facet}.{vocabulary.values(facet)[0]}" for facet in CONTEXTS}
    spans = "".join(
        f'<th scope="colgroup" colspan="{len(vocabulary.values(f))}" data-span>{html(vocabulary.schemes[f].label)}</th>'
        for f in CONTEXTS
    )
    heads = "".join(
        f'<th scope="col"{_edge(c, first)}><span class="pic-up">{html(vocabulary.label(c))}</span></th>' for c in cells
    )
    groups = "".join(
        "<tbody>" + "".join(_row(site, gaps, c, cells, first) for c in of_phase) + "</tbody>"
        for _, of_phase in groupby(challenges, key=lambda c: c.phase)
    )
    sums = "".join(f"<td{_edge(c, first)}>{sum(c in gaps.validated[x.id] for x in challenges)}</td>" for c in cells)
    whole = sum(len(gaps.validated[x.id]) for x in challenges)
    return (
        '<table class="pic-matrix pic-gaps"><caption class="pic-sr">Challenges by setting: marked where a solution that covers the '
        f"challenge at least substantially was reported to work, empty where none was</caption><thead><tr><td></td>{spans}<td></td></tr>"
        f'<tr><th scope="col">Challenge</th>{heads}'
        '<th scope="col" class="pic-edge"><span class="pic-up">Settings reported</span></th></tr></thead>'
        f'{groups}<tfoot><tr><th scope="row">Challenges reported</th>{sums}<td class="pic-edge">{whole}</td></tr></tfoot></table>'
    )


def _edge(cell: str, first: set[str], *more: str) -> str:
    classes = [*more, *(["pic-edge"] if cell in first else [])]
    return f' class="{" ".join(classes)}"' if classes else ""


def _row(site: Site, gaps: Gaps, challenge: Challenge, cells: Sequence[str], first: set[str]) -> str:
    shown = gaps.validated[challenge.id]
    marks = "".join(
        f'<td{_edge(c, first, "pic-shown")}><span aria-hidden="true">●</span><span class="pic-sr">reported</span></td>'
        if c in shown
        else f"<td{_edge(c, first, 'pic-gap')}></td>"
        for c in cells
    )
    state = ' <b class="pic-open">open</b>' if challenge.id in gaps.partial else ""
    return (
        f'<tr data-challenge="{challenge.id}"><th scope="row">'
        f'<a href="/challenge/{challenge.id}/#gaps">{html(challenge.label)}</a>{state}</th>'
        f'{marks}<td class="pic-sum pic-edge">{len(shown)} of {len(cells)}</td></tr>'
    )


def _listed(site: Site, challenges: Sequence[Challenge], lead: str) -> str:
    return f"{lead}\n\n{bullets(site.challenge(c.id) for c in challenges)}" if challenges else ""


def _settings(site: Site, gaps: Gaps) -> str:
    """What is reported, in words."""
    vocabulary = site.catalogue.vocabulary
    rows = []
    for c, shown in gaps.validated.items():
        named = [plain(vocabulary.label(cell)).lower() for cell in shown]
        rows.append([site.challenge(c), ", ".join(named) or "nothing", str(len(gaps.missing[c]))])
    return table(["Challenge", "Reported for", "Gaps"], rows)
