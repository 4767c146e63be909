"""How challenges hang together: their links as a ring of arcs, and as a table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from api.pages.page import Page, Site
from api.pages.pictures import counts
from api.pages.pictures.svg import broken, drawing, element, figure, linked
from api.pages.text import html, plain, section, table

if TYPE_CHECKING:
    import networkx

    from kb.records import Challenge

SCRIPT = "assets/graph.js"
_SIZE, _RING, _PULL = (900.0, 640.0), 265.0, 0.28
"""The drawing's width and height, the ring's radius, and how near to its middle an arc comes (1 is straight)."""
_GAP = 0.8
"""What parts two phases on the ring, in places of a challenge."""


@dataclass(frozen=True)
class Place:
    """Where a challenge stands on the ring, in radians clockwise from the top."""

    angle: float

    def at(self, radius: float) -> tuple[float, float]:
        """A point at a distance from the middle."""
        return _SIZE[0] / 2 + radius * math.sin(self.angle), _SIZE[1] / 2 - radius * math.cos(self.angle)


def graph(site: Site) -> networkx.MultiDiGraph[str]:
    """The links between live challenges; `kind` and `why` stand on each edge."""
    # Servers import this module too, and draw nothing.
    import networkx

    held: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    live = counts.challenges(site)
    held.add_nodes_from(c.id for c in live)
    for c in live:
        held.add_edges_from((c.id, x.to, {"kind": x.kind, "why": x.why}) for x in c.links if x.to in held)
    return held


def reach(held: networkx.MultiDiGraph[str], challenge: str) -> set[str]:
    """What a challenge brings about, directly or through what it causes."""
    import networkx

    causes = networkx.DiGraph((a, b) for a, b, kind in held.edges(data="kind") if kind == "causes")
    return networkx.descendants(causes, challenge) if challenge in causes else set()


def pages(site: Site) -> Iterator[Page]:
    """The one page."""
    held, challenges = graph(site), counts.challenges(site)
    kinds = site.catalogue.vocabulary.values("link")
    counted = Counter(kind for _, _, kind in held.edges(data="kind"))
    chosen = "".join(
        f'<label><input type="checkbox" checked value="{k}">'
        '<svg class="pic-line" width="34" height="10" viewBox="0 0 34 10" aria-hidden="true">'
        f'<path class="pic-arc pic-arc--{k}" d="M1 5H33"></path></svg>{html(site.label("link", k).lower())} ({counted[k]})</label>'
        for k in kinds
    )
    text_ = (
        "# How challenges hang together { #graph }\n\n"
        f"{held.number_of_edges()} links between {len(challenges)} challenges, each with its reason in [the table](#links). Point at a "
        "challenge, or reach it with the Tab key, to see its own links alone; it leads to its page.\n{ .pic-lead }\n\n"
        f'<div class="pic-graph" data-search-exclude><form class="pic-kinds"><fieldset><legend class="pic-sr">Links shown</legend>{chosen}'
        "</fieldset></form>"
        f"{figure(_ring(site, held, challenges), '', 'Ring of challenges and their links; scrolls sideways')}</div>\n\n"
        "Clockwise along the life cycle, the first phase at the top; the bands group what is met in the same phase. Arrows lead from what "
        "causes or worsens to what suffers.\n{ .pv-fine }\n\n"
    )
    text_ += section("Where to begin", _beginning(site, held, challenges), "begin")
    rows = [
        [site.challenge(a), plain(site.label("link", x["kind"]).lower()), site.challenge(b), plain(x["why"])]
        for a, b, x in held.edges(data=True)
    ]
    text_ += section("Every link", table(["Challenge", "Link", "Challenge", "Why"], rows), "links")
    text_ += f'<script src="/{SCRIPT}" defer></script>\n'
    yield Page(
        "graph.md", "How challenges hang together", text_, "Which challenges cause, worsen or resemble which.",
        hide=("navigation", "toc"),
    )  # fmt: skip


def _beginning(site: Site, held: networkx.MultiDiGraph[str], challenges: Sequence[Challenge]) -> str:
    """Links counted by challenge, those that bring about most first."""

    def count(edges: Sequence[tuple[str, str, str]], kind: str) -> str:
        return str(sum(k == kind for _, _, k in edges))

    rows = []
    for c in sorted(challenges, key=lambda c: (-len(reach(held, c.id)), c.label)):
        out, back = list(held.out_edges(c.id, data="kind")), list(held.in_edges(c.id, data="kind"))
        alike = str(sum(k == "resembles" for _, _, k in (*out, *back)))
        ways = [
            count(out, "causes"),
            str(len(reach(held, c.id))),
            count(out, "worsens"),
            count(back, "causes"),
            count(back, "worsens"),
        ]
        rows.append([site.challenge(c.id), *ways, alike])
    lead = (
        "What lies upstream is worth mending first. *Brings about* counts the challenges that it causes, and those that these cause "
        "in turn.\n\n"
    )
    head = ["Challenge", "Causes", "Brings about", "Worsens", "Caused by", "Worsened by", "Resembles"]
    return lead + table(head, rows)


def _places(challenges: Sequence[Challenge]) -> Mapping[str, Place]:
    """Evenly around the ring, with a gap after each phase."""
    groups = [list(held) for _, held in groupby(challenges, key=lambda c: c.phase)]
    step = 2 * math.pi / (len(challenges) + _GAP * len(groups))
    places, at = {}, 0.5
    for group in groups:
        for c in group:
            places[c.id] = Place(at * step)
            at += 1
        at += _GAP
    return places


def _ring(site: Site, held: networkx.MultiDiGraph[str], challenges: Sequence[Challenge]) -> str:
    places = _places(challenges)
    arcs = [_arc(site, places, a, b, x["kind"], x["why"]) for a, b, x in held.edges(data=True)]
    # What is said more strongly lies above.
    order = {k: n for n, k in enumerate(reversed(site.catalogue.vocabulary.values("link")))}
    arcs.sort(key=lambda arc: order[str(arc.get("data-kind"))])
    bands = [_band(site, list(of_phase), places) for _, of_phase in groupby(challenges, key=lambda c: c.phase)]
    nodes = [_node(c, places[c.id], held.degree(c.id)) for c in challenges]
    heads = [
        element("marker", element("path", d="M0 0L8 4L0 8Z", class_=f"pic-head pic-head--{k}"), id=f"ring-{k}", viewBox="0 0 8 8",
                refX=7, refY=4, markerWidth=8, markerHeight=8, markerUnits="userSpaceOnUse", orient="auto")
        for k in ("causes", "worsens")
    ]  # fmt: skip
    about = (
        f"{len(challenges)} challenges stand on a ring, clockwise by phase of the life cycle. {held.number_of_edges()} arcs join them: "
        "thick with an arrow for causes, dashed with an arrow for worsens, dotted for resembles. The table below says the same."
    )
    parts = [element("defs", *heads), *bands, *arcs, *nodes]
    return drawing("ring", "Links between challenges", about, _SIZE, parts, links=True)


def _arc(site: Site, places: Mapping[str, Place], a: str, b: str, kind: str, why: str) -> Element:
    radius = _RING - 9
    (x1, y1), (x2, y2) = places[a].at(radius), places[b].at(radius)
    cx, cy = _SIZE[0] / 2, _SIZE[1] / 2
    mx, my = cx + ((x1 + x2) / 2 - cx) * _PULL, cy + ((y1 + y2) / 2 - cy) * _PULL
    said = f"{site.challenges[a].label} {site.label('link', kind).lower()} {site.challenges[b].label}: {why}"
    more = {} if kind == "resembles" else {"marker_end": f"url(#ring-{kind})"}
    path = f"M{x1:.1f} {y1:.1f}Q{mx:.1f} {my:.1f} {x2:.1f} {y2:.1f}"
    return element(
        "path",
        element("title", said),
        d=path,
        class_=f"pic-arc pic-arc--{kind}",
        data_kind=kind,
        data_from=a,
        data_to=b,
        **more,
    )


def _node(c: Challenge, place: Place, degree: int) -> Element:
    """A disc as large as the challenge has links, with its name outside the ring."""
    x, y = place.at(_RING)
    side = math.sin(place.angle)
    tx, ty = place.at(_RING + 30)
    anchor = "middle" if abs(side) < 0.2 else "start" if side > 0 else "end"
    lines = broken(c.label, 24)
    top = ty + 4 - 7 * (len(lines) - 1) - (7 * (len(lines) - 1) + 2) * math.cos(place.angle) * (anchor == "middle")
    name = [element("tspan", line, x=tx, y=top + at * 14) for at, line in enumerate(lines)]
    return linked(
        f"/challenge/{c.id}/",
        element("title", c.label),
        element("circle", cx=x, cy=y, r=3 + math.sqrt(degree), class_="pic-node"),
        element("text", *name, class_="pic-t", text_anchor=anchor),
        class_="pic-go",
        data_challenge=c.id,
    )


def _band(site: Site, group: Sequence[Challenge], places: Mapping[str, Place]) -> Element:
    """An arc behind the challenges of a phase, which names it."""
    room = 0.11
    first, last = (Place(places[c.id].angle + turn) for c, turn in ((group[0], -room), (group[-1], room)))
    (x1, y1), (x2, y2) = first.at(_RING + 16), last.at(_RING + 16)
    large = int(last.angle - first.angle > math.pi)
    radius = f"{_RING + 16:g}"
    path = f"M{x1:.1f} {y1:.1f}A{radius} {radius} 0 {large} 1 {x2:.1f} {y2:.1f}"
    return element("path", element("title", site.label("phase", group[0].phase)), d=path, class_="pic-band")
