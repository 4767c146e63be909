"""What limits practice: factors by phase, work against coverage, and evidence."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from api.pages.page import Page, Site, coverage
from api.pages.pictures import counts
from api.pages.pictures.marks import effects_key, hatching, stack
from api.pages.pictures.svg import drawing, element, figure, lines, linked, text
from api.pages.text import bullets, folded, plain, section, table

if TYPE_CHECKING:
    from kb.records import Solution

_WIDTH = 900.0


def pages(site: Site) -> Iterator[Page]:
    """The one page."""
    text_ = (
        "# What limits practice { #practice }\n\n"
        "Why solutions from the literature stay unused: what stands in the way, where in the life cycle, at what price, and how well it is "
        "known.\n{ .pic-lead }\n\n" + _findings(site)
    )
    text_ += section("Factors by phase", _factors(site), "factors")
    text_ += section("Work against coverage", _work(site), "work")
    text_ += section("Evidence", _evidence(site), "evidence")
    yield Page(
        "practice.md", "What limits practice", text_, "Limiting factors by phase, work against coverage, and evidence.",
        hide=("navigation",),
    )  # fmt: skip


def _share(part: int, whole: int, what: str) -> str:
    return f"**{part} of {whole}** {what} ({part / whole:.0%})" if whole else f"no {what}"


def _findings(site: Site) -> str:
    """The pictures in three sentences, counted."""
    limits, solutions, helps = counts.limitations(site), counts.solutions(site), counts.addressings(site)
    blocking = Counter(x.factor for x in limits if x.effect == "blocks")
    blocked = {x.solution for x in limits if x.effect == "blocks"}
    full = sum(a.coverage == "full" for a in helps)
    argued = counts.levels(site, limits)["argument"]
    lines_ = []
    if blocking:
        factor, most = blocking.most_common(1)[0]
        lines_.append(
            f"{_share(len(blocked), len(solutions), 'solutions')} can be blocked altogether. What blocks most often is "
            f"{site.factor(factor)}: {_share(most, blocking.total(), 'blocking limitations')}."
        )
    lines_.append(
        f"{_share(full, len(helps), 'pairs of a solution and a challenge')} are stated to be covered in full."
    )
    lines_.append(
        f"{_share(argued, len(limits), 'limitations')} rest on our argument alone: no source is recorded for them."
    )
    return bullets(lines_) + "\n"


# Factors by phase


def _effects(site: Site) -> list[str]:
    """The worst first."""
    return list(reversed(site.catalogue.vocabulary.values("effect")))


def _rows(site: Site) -> Sequence[tuple[str, counts.Tally]]:
    """Phases with what is counted in each; the last row is of all solutions."""
    phases = site.catalogue.vocabulary.values("phase")
    held = [(phase, counts.by_phase(site, phase)) for phase in phases]
    return [*((p, t) for p, t in held if t), ("", counts.tally(counts.limitations(site)))]


def _factors(site: Site) -> str:
    factors, effects = site.catalogue.vocabulary.values("factor"), _effects(site)
    rows = _rows(site)
    left, head, high, gap = 150.0, 62.0, 34.0, 14.0
    wide = (_WIDTH - left) / len(factors)
    # The last row counts everything, so the others have their own scale.
    most = max(sum(t[f, e] for e in effects) for _, t in rows[:-1] for f in factors)
    every = max(sum(rows[-1][1][f, e] for e in effects) for f in factors)
    parts: list[Element] = [
        hatching("factors"),
        *effects_key("factors", [(e, site.label("effect", e).lower()) for e in effects], left, 12),
    ]
    for at, f in enumerate(factors):
        parts.append(linked(f"/factor/{f}/", lines(site.label("factor", f), 27, left + at * wide, 38, "pic-b")))
    for row, (phase, held) in enumerate(rows):
        y = head + row * high + (gap if not phase else 0)
        name = text(site.label("phase", phase) if phase else "All solutions", 0, y + 18, "pic-t" if phase else "pic-b")
        parts.append(linked(f"/phase/{phase}/", name) if phase else name)
        parts.append(element("path", d=f"M0 {y - 1:g}H{_WIDTH:g}", class_="pic-axis"))
        for at, f in enumerate(factors):
            scale = (wide - 50) / (most if phase else every)
            parts += stack("factors", [(e, held[f, e]) for e in effects], left + at * wide, y + 6, scale)
    size = _WIDTH, head + len(rows) * high + gap
    drawn = drawing("factors", "Limitations by phase and factor", (
        "A row per phase and a column per limiting factor; each bar counts limitations of the solutions that help in the phase, solid for "
        "those that block, hatched for those that reduce, hollow for those that warn. The table below gives the numbers."
    ), size, parts, links=True)  # fmt: skip
    caption = (
        "Limitations of the solutions that help with a challenge of the phase. One that helps in two phases counts in both, so "
        "that the phases add up to more than all; the last row has a scale of its own."
    )
    head_ = [
        "Phase",
        *(
            f"{plain(site.label('factor', f))}: {', '.join(site.label('effect', e).lower() for e in effects)}"
            for f in factors
        ),
    ]
    cells = [
        [site.phase(p) if p else "**All solutions**", *(" / ".join(str(t[f, e]) for e in effects) for f in factors)]
        for p, t in rows
    ]
    shown = figure(drawn, caption, "Limitations by phase and factor; scrolls sideways")
    return shown + folded("The same as a table", table(head_, cells))


# Work against coverage


def _middle(solution: Solution) -> float:
    """Person-weeks between the low and the high estimate, by ratio."""
    weeks = solution.effort.person_weeks
    return math.sqrt(max(weeks.low, 0.1) * weeks.high)


def _work(site: Site) -> str:
    levels, costs = (site.catalogue.vocabulary.values(s) for s in ("coverage", "cost"))
    solutions = sorted(counts.solutions(site), key=lambda s: (_middle(s), s.id))
    left, right, pitch = 150.0, 40.0, 15.0
    ticks = [
        w
        for w in (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)
        if _middle(solutions[0]) / 2 <= w <= _middle(solutions[-1]) * 2
    ]
    low, high = math.log(ticks[0]), math.log(ticks[-1])

    def across(weeks: float) -> float:
        return left + (math.log(weeks) - low) / (high - low) * (_WIDTH - left - right)

    parts: list[Element] = []
    x = left
    for n, cost in enumerate(costs):
        parts += [_dot(x + 8, 12, n), text(site.label("cost", cost).lower(), x + 22, 16)]
        x += 46 + 7 * len(site.label("cost", cost))
    parts.append(text("one-off cost", 0, 16, "pic-q"))
    top, bands, dots = 34.0, [], []
    for level in reversed(levels):
        held = [s for s in solutions if counts.best(site, s.id) == level]
        rows = _swarm([across(_middle(s)) for s in held], pitch)
        tall = max(54.0, (max(rows, default=0) + 1) * pitch + 26)
        bands.append(element("path", d=f"M0 {top:g}H{_WIDTH:g}", class_="pic-axis"))
        bands.append(text(site.label("coverage", level), 0, top + 22, "pic-b"))
        bands.append(text(f"{len(held)} solutions", 0, top + 38, "pic-q"))
        if held:
            median = statistics.median(_middle(s) for s in held)
            bands.append(
                element("path", d=f"M{across(median):.1f} {top + 4:g}V{top + tall - 4:g}", class_="pic-median")
            )
            bands.append(text(f"median {median:.1f} weeks", across(median) + 6, top + 15, "pic-q"))
        for s, row in zip(held, rows, strict=True):
            weeks = s.effort.person_weeks
            said = f"{s.label}: {weeks.low:g}–{weeks.high:g} person-weeks, {site.label('cost', s.effort.one_off_cost).lower()} one-off cost"
            mark = _dot(across(_middle(s)), top + tall - 12 - row * pitch, costs.index(s.effort.one_off_cost))
            dots.append(linked(f"/solution/{s.id}/", element("title", said), mark, data_solution=s.id, aria_label=said))
        top += tall
    axis = [element("path", d=f"M0 {top:g}H{_WIDTH:g}", class_="pic-axis")]
    for w in ticks:
        axis.append(element("path", d=f"M{across(w):.1f} 34V{top + 4:g}", class_="pic-axis"))
        axis.append(text(f"{w:g}", across(w), top + 18, "pic-q", text_anchor="middle"))
    axis.append(text("person-weeks", 0, top + 18, "pic-q"))
    drawn = drawing("work", "Working time against coverage", (
        "Each dot is a solution: further right takes more person-weeks, higher up covers more of the challenge that it helps with best, "
        "and a larger dot costs more once. The table below gives the numbers."
    ), (_WIDTH, top + 26), [*axis, *parts, *bands, *dots], links=True)  # fmt: skip
    caption = (
        "A dot is a solution at the middle of its estimated working time (by ratio; the scale doubles), by the best coverage that it "
        "states. The larger and the more filled, the higher the one-off cost. All efforts are our estimate."
    )
    rows_ = [
        [site.solution(s.id), coverage(site, counts.best(site, s.id)), f"{s.effort.person_weeks.low:g}–{s.effort.person_weeks.high:g}",
         *(plain(site.label("cost", c)).lower() for c in (s.effort.one_off_cost, s.effort.running_cost))]
        for s in solutions
    ]  # fmt: skip
    head = ["Solution", "Best coverage", "Person-weeks", "One-off cost", "Running cost"]
    shown = figure(drawn, caption, "Working time against coverage; scrolls sideways")
    return shown + folded("The same as a table", table(head, rows_))


def _dot(x: float, y: float, cost: int) -> Element:
    return element("circle", cx=x, cy=y, r=3.6 + 1.3 * cost, class_=f"pic-dot pic-dot--{cost}")


def _swarm(places: Sequence[float], pitch: float) -> list[int]:
    """The row of each dot, from the bottom, so that none covers another; places are in ascending order.

    >>> _swarm([0, 5, 20], 15)
    [0, 1, 0]
    """
    last: list[float] = []
    rows = []
    for x in places:
        row = next((n for n, end in enumerate(last) if x - end >= pitch), len(last))
        last[row : row + 1] = [x]
        rows.append(row)
    return rows


# Evidence


def _evidence(site: Site) -> str:
    kinds = list(reversed(site.catalogue.vocabulary.values("evidence")))
    helps, limits = counts.addressings(site), counts.limitations(site)
    tallies = [
        ("that a solution helps", counts.levels(site, helps), len(helps)),
        ("that it is limited", counts.levels(site, limits), len(limits)),
    ]
    left, head, high = 150.0, 28.0, 26.0
    wide = (_WIDTH - left) / 2
    most = max(held[k] / of for _, held, of in tallies for k in kinds)
    parts = []
    for at, (name, _, of) in enumerate(tallies):
        parts.append(text(f"{name} ({of})", left + at * wide, 14, "pic-b"))
    for row, k in enumerate(kinds):
        y = head + row * high
        parts.append(element("path", d=f"M0 {y - 3:g}H{_WIDTH:g}", class_="pic-axis"))
        parts.append(text(site.label("evidence", k), 0, y + 13))
        for at, (_, held, of) in enumerate(tallies):
            x, long = left + at * wide, held[k] / of / most * (wide - 110)
            if held[k]:
                parts.append(element("rect", x=x, y=y + 2, width=long, height=14, class_="pic-bar pic-bar--proof"))
            parts.append(text(f"{held[k]} ({held[k] / of:.0%})", x + long + 6, y + 13, "pic-n"))
    drawn = drawing("evidence", "Strongest supporting evidence", (
        "Two columns of bars, one for the evidence that solutions help and one for the evidence that they are limited, with a row per kind "
        "of evidence, the strongest at the top. The table below gives the numbers."
    ), (_WIDTH, head + len(kinds) * high), parts)  # fmt: skip
    caption = (
        "The strongest piece of evidence for each statement. What helps is better attested than what stands in its way."
    )
    if tallies[0][1]["argument"] / tallies[0][2] >= tallies[1][1]["argument"] / tallies[1][2]:
        caption = "The strongest piece of evidence for each statement."
    rows = [
        [plain(site.label("evidence", k)), *(str(held[k]) for _, held, _ in tallies), plain(site.says("evidence", k))]
        for k in kinds
    ]
    shown = figure(drawn, caption, "Strongest evidence; scrolls sideways")
    head_ = ["Strongest evidence", "That a solution helps", "That it is limited", "What it is"]
    return shown + folded("The same as a table", table(head_, rows))
