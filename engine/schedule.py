"""When: list scheduling of what was chosen, week by week, under the work that can be done and what needs what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.planner import Choice, Planner

WEEKS = 13


@dataclass(frozen=True)
class Step:
    """Something to do: a solution to introduce or a means to gain, with what it takes and the quarters (from 1) it occupies."""

    kind: str
    id: str
    words: str
    euros: float
    person_weeks: float
    first: int
    last: int
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Left:
    """A solution that was left out, and why."""

    solution: str
    why: str


def schedule(planner: Planner, chosen: Sequence[Choice]) -> tuple[tuple[Step, ...], tuple[Left, ...]]:
    """List scheduling, week by week: whatever its needs are met for, most gain per person-week first, as early as there is room."""
    weeks = max(1, math.ceil(planner.limits.weeks))
    room = [planner.limits.person_weeks / weeks] * weeks
    places = [planner.limits.parallel] * weeks
    names = {c.solution for c in chosen}
    needs: dict[str, tuple[str, ...]] = {}
    needs.update((a, ()) for a in sorted({a for c in chosen for a in c.atoms}))
    needs |= {
        c.solution: tuple(
            sorted({*c.atoms, *(p for p in planner.compiled.options[c.solution].solution.prerequisites if p in names)})
        )
        for c in chosen
    }
    value = {n: _priority(planner, n, chosen) for n in needs}
    done: dict[str, Step] = {}
    ends: dict[str, int] = {}
    failed: dict[str, str] = {}
    waiting = set(needs)
    while waiting:
        ready = [n for n in waiting if all(x in done or x in failed for x in needs[n])]
        name = min(ready, key=lambda n: (-value[n], n))
        waiting.discard(name)
        missing = [x for x in needs[name] if x in failed]
        start = max((ends[x] for x in needs[name] if x in done), default=0)
        start = max(start, (planner.wishes.earliest.get(name, 1) - 1) * WEEKS)
        span = None if missing else _place(planner.price(name)[1], start, room, places)
        if span is None:
            failed[name] = f"waits for {missing[0]}" if missing else "does not fit into the weeks that are left"
            continue
        ends[name] = span[1] + 1
        euros, work = planner.price(name)
        kind = "solution" if name in planner.compiled.options else "means"
        done[name] = Step(
            kind, name, _words(planner, name), euros, work, span[0] // WEEKS + 1, span[1] // WEEKS + 1, needs[name]
        )
    steps = tuple(sorted(done.values(), key=lambda s: (s.first, s.last, s.kind, s.id)))
    return steps, tuple(Left(n, why) for n, why in sorted(failed.items()))


def _priority(planner: Planner, name: str, chosen: Sequence[Choice]) -> float:
    served = [c for c in chosen if c.solution == name or name in c.atoms]
    gain = math.fsum(planner.severities[c] * v for x in served for c, v in sorted(x.coverage.items()))
    return gain / max(planner.price(name)[1], 0.1)


def _place(work: float, start: int, room: list[float], places: list[int]) -> tuple[int, int] | None:
    """Take work out of consecutive weeks with room and a free place; nothing is taken if it does not fit.

    Returns:
        The first and the last week, counted from 0.
    """
    for first in range(start, len(room)):
        rest, takes = work, list[float]()
        for week in range(first, len(room)):
            if places[week] == 0 or (room[week] <= 1e-9 and not takes):
                break
            takes.append(min(rest, room[week]))
            rest -= takes[-1]
            if rest <= 1e-9:
                for at, taken in enumerate(takes, first):
                    room[at] -= taken
                    places[at] -= 1
                return first, week
    return None


def _words(planner: Planner, name: str) -> str:
    if name in planner.compiled.options:
        return planner.compiled.options[name].solution.label
    facet = name.partition(".")[0]
    verb = "reach" if planner.compiled.vocabulary.ordered(facet) else "gain"
    return f"{verb} “{planner.compiled.vocabulary.label(name)}” ({planner.compiled.vocabulary.schemes[facet].label.lower()})"
