"""The map on the first page: the challenges along the life cycle, and what the literature has for each."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree.ElementTree import tostring

from api.pages.page import Site, coverage
from api.pages.pictures import counts
from api.pages.pictures.marks import disc
from api.pages.pictures.svg import element
from api.pages.text import folded, html, plain, table

if TYPE_CHECKING:
    from kb.records import Challenge

_SMALL, _LARGE = 4.2, 9.0
"""Radius of a solution's disc and of a challenge's, in pixels."""


def picture(site: Site) -> str:
    """The map, what its marks mean, and the same as a table."""
    stages = ""
    for phase, of_phase in groupby(counts.challenges(site), key=lambda c: c.phase):
        tiles = "".join(_tile(site, c) for c in of_phase)
        stages += f'<li><p class="pic-stage"><a href="/phase/{phase}/">{html(site.label("phase", phase))}</a></p><ul>{tiles}</ul></li>'
    marks = [
        (n, site.label("coverage", v).lower()) for n, v in enumerate(site.catalogue.vocabulary.values("coverage"), 1)
    ]
    key = "".join(f"<li>{_discs([n], _LARGE)} {html(word)}</li>" for n, word in marks)
    return (
        f'<div class="pic-cycle" data-search-exclude><ol>{stages}</ol>'
        f'<div class="pic-key"><ul><li><b>Best stated coverage</b></li>{key}'
        f"<li>{_discs([1, 1], _SMALL)} one small disc for each solution</li>"
        "<li><b>open</b> if none covers more than a part</li></ul></div></div>\n\n"
        "Where in the life of a model each challenge does its main harm, and the best that any solution states for it, before anything is "
        "known of your organisation. [The planner](/planner.md) draws it again for yours; the [matrix](/matrix.md) shows every solution.\n"
        f"{{ .pv-fine }}\n\n{folded('The map as a table', _table(site))}\n\n"
    )


def _levels(site: Site, challenge: Challenge) -> list[int]:
    """Stated coverages as numbers from 1, the best first."""
    return [site.rank("coverage", a.coverage) + 1 for a in site.by_challenge.get(challenge.id, ())]


def _discs(levels: list[int], r: float) -> str:
    """Discs in a row."""
    pitch, side = 2 * r + 3, 2 * r + 2
    drawn = (disc(level, r + 1 + at * pitch, r + 1, r) for at, level in enumerate(levels))
    width = side + (len(levels) - 1) * pitch
    made = element(
        "svg",
        *drawn,
        class_="pic-mark",
        viewBox=f"0 0 {width:g} {side:g}",
        width=width,
        height=side,
        aria_hidden="true",
    )
    return tostring(made, encoding="unicode")


def _said(site: Site, challenge: Challenge) -> str:
    """The tile in words."""
    counted = Counter(a.coverage for a in site.by_challenge.get(challenge.id, ()))
    parts = [
        f"{counted[c]} {site.label('coverage', c).lower()}"
        for c in reversed(site.catalogue.vocabulary.values("coverage"))
        if counted[c]
    ]
    return f"{counted.total()} solutions: {', '.join(parts)}" if parts else "no solution"


def _tile(site: Site, challenge: Challenge) -> str:
    levels = _levels(site, challenge)
    best = max(levels, default=0)
    said = _said(site, challenge)
    state = '<b class="pic-open">open</b>' if best <= 1 else ""
    small = _discs(levels, _SMALL) if levels else ""
    return (
        f'<li><a class="pic-tile{" pic-tile--open" if best <= 1 else ""}" href="/challenge/{challenge.id}/" title="{html(said)}" '
        f'data-challenge="{challenge.id}">{_discs([best], _LARGE)}<span>{html(challenge.label)}{state}</span>'
        f'<span class="pic-small">{small}<span class="pic-sr">, {html(said)}</span></span></a></li>'
    )


def _table(site: Site) -> str:
    words = site.catalogue.vocabulary.values("coverage")
    rows = []
    for c in counts.challenges(site):
        counted = Counter(a.coverage for a in site.by_challenge.get(c.id, ()))
        rows.append(
            [
                site.phase(c.phase),
                site.challenge(c.id),
                coverage(site, site.best(c.id)),
                *(str(counted[w]) for w in reversed(words)),
            ]
        )
    head = [
        "Phase",
        "Challenge",
        "Best stated",
        *(f"Solutions: {plain(site.label('coverage', w)).lower()}" for w in reversed(words)),
    ]
    return table(head, rows)
