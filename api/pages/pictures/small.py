"""Small pictures on the pages of records: tables with a mark or a bar in each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import tostring

from api.pages.page import Site
from api.pages.pictures import counts
from api.pages.pictures.marks import hatching, mark, piece, symbols
from api.pages.pictures.svg import element
from api.pages.text import html
from kb.records import evidence_level

if TYPE_CHECKING:
    from kb.records import Challenge, Solution

_LONG, _HIGH = 130.0, 12.0
"""The longest bar and the height of each, in pixels."""


def of_challenge(site: Site, challenge: Challenge) -> str:
    """A challenge's solutions by coverage and evidence, and what limits them."""
    held = site.by_challenge.get(challenge.id, ())
    if not held:
        return ""
    coverages, evidences = (site.catalogue.vocabulary.values(s) for s in ("coverage", "evidence"))
    rows = ""
    for a in held:
        proof = evidence_level(a.evidence, site.catalogue.vocabulary)
        rows += (
            f'<tr data-solution="{a.solution}"><th scope="row"><a href="/solution/{a.solution}/#{challenge.id}">'
            f"{html(site.solutions[a.solution].label)}</a></th>"
            f"<td>{mark(coverages.index(a.coverage) + 1)} {html(site.label('coverage', a.coverage).lower())}</td>"
            f"<td>{mark(evidence=evidences.index(proof) + 1)} {html(site.label('evidence', proof).lower())}</td></tr>"
        )
    solutions = _table("What there is for it", ("Solution", "Coverage", "Evidence"), rows)
    tally = counts.of_challenge(site, challenge.id)
    limits = _limits(site, tally, "What limits these solutions here")
    return (
        f'<div class="pic-pair" data-search-exclude>{symbols(len(coverages), len(evidences))}<div class="pic-scroll">{solutions}</div>'
        f'<div class="pic-scroll">{limits}</div></div>\n\n'
    )


def of_solution(site: Site, solution: Solution) -> str:
    """A solution's limitations by factor and effect."""
    tally = counts.tally(site.limitations.get(solution.id, ()))
    drawn = _limits(site, tally, "Its limitations by factor")
    return f'<div class="pic-pair" data-search-exclude><div class="pic-scroll">{drawn}</div></div>\n\n' if tally else ""


def _table(caption: str, head: Sequence[str], rows: str) -> str:
    heads = "".join(f'<th scope="col">{html(h)}</th>' if h else "<td></td>" for h in head)
    return f'<table class="pic-mini"><caption>{html(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _limits(site: Site, tally: counts.Tally, caption: str) -> str:
    effects = list(reversed(site.catalogue.vocabulary.values("effect")))
    factors = site.catalogue.vocabulary.values("factor")
    most = max((sum(tally[f, e] for e in effects) for f in factors), default=0) or 1
    defined = tostring(
        element("svg", hatching("limits"), class_="pic-symbols", width=0, height=0, aria_hidden="true"),
        encoding="unicode",
    )
    rows = ""
    for f in factors:
        x, pieces = 0.0, []
        for e in effects:
            wide = tally[f, e] / most * (_LONG - 2)
            if wide:
                pieces.append(piece("limits", e, 1 + x, 1, wide, _HIGH - 2))
            x += wide
        bar = element(
            "svg",
            *pieces,
            class_="pic-svg",
            viewBox=f"0 0 {_LONG:g} {_HIGH:g}",
            width=_LONG,
            height=_HIGH,
            aria_hidden="true",
        )
        numbers = "".join(f'<td class="pic-n">{tally[f, e]}</td>' for e in effects)
        rows += (
            f'<tr data-factor="{f}"><th scope="row"><a href="/factor/{f}/">{html(site.label("factor", f))}</a></th>'
            f"<td>{tostring(bar, encoding='unicode')}</td>{numbers}</tr>"
        )
    return defined + _table(caption, ("Factor", "", *(site.label("effect", e) for e in effects)), rows)
