"""The roadmap: what to choose within money and working time, by a mixed-integer program; then when, by list scheduling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.planner import ImpossibleError, Limits, Planner, Wishes, limits_of
from engine.schedule import Left, Step, schedule

Report = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """A roadmap: what it covers (severity-weighted, 0 to 1), what it takes, its steps, what was left out, and how near the best."""

    catalogue: str
    limits: Limits
    gain: float
    gap: float
    gain_before: float
    gains: Mapping[str, float]
    euros: float
    person_weeks: float
    steps: tuple[Step, ...]
    unscheduled: tuple[Left, ...]
    left_out: tuple[Left, ...]


@dataclass(frozen=True)
class Point:
    """A point of the Pareto front: no plan covers more for this money, and none covers this for less."""

    euros: float
    gain: float
    solutions: tuple[str, ...]


def plan(planner: Planner, report: Report = lambda _: None) -> Plan:
    """Make the roadmap.

    Args:
        planner: the organisation and its limits.
        report: told what is being done, in a few words.

    Raises:
        ImpossibleError: if the planner's wishes keep more than fits into its limits.
    """
    from engine.program import solve

    report(f"choosing among {len(planner.solutions)} solutions and {len(planner.atoms)} means to gain")
    answer = solve(planner, planner.limits.euros)
    report("scheduling")
    steps, unscheduled = schedule(planner, answer.chosen)
    gains = planner.gains(answer.chosen)
    left = _left_out(planner, {c.solution for c in answer.chosen})
    return Plan(
        catalogue=planner.compiled.version,
        limits=planner.limits,
        gain=round(planner.worth(gains), 6),
        gap=round(answer.gap, 6),
        gain_before=round(planner.worth(planner.gains([])), 6),
        gains={c: round(g, 6) for c, g in gains.items()},
        euros=sum(s.euros for s in steps) + sum(planner.price(x.solution)[0] for x in unscheduled),
        person_weeks=sum(s.person_weeks for s in steps) + sum(planner.price(x.solution)[1] for x in unscheduled),
        steps=steps,
        unscheduled=unscheduled,
        left_out=left,
    )


def pareto(planner: Planner, report: Report = lambda _: None, most: int = 60) -> tuple[Point, ...]:
    """The front of money against coverage, dearest first: each point is the cheapest plan of its coverage."""
    from engine.program import solve

    points: list[Point] = []
    euros = planner.limits.euros
    while len(points) < most:
        answer = solve(planner, euros, exact=True)
        spent = sum(planner.price(n)[0] for n in answer.names)
        points.append(
            Point(
                spent,
                round(planner.worth(planner.gains(answer.chosen)), 6),
                tuple(sorted({c.solution for c in answer.chosen})),
            )
        )
        report(f"€{spent:,.0f}: {points[-1].gain:.3f}")
        if spent <= 0:
            break
        euros = spent - 1
    return tuple(points)


def _left_out(planner: Planner, chosen: set[str]) -> tuple[Left, ...]:
    found = []
    for solution, ruling in planner.rulings.items():
        if (
            solution in chosen
            or solution in planner.known.in_place
            or not set(planner.severities) & set(ruling.option.addressings)
        ):
            continue
        if solution in planner.wishes.drop:
            why = "left out because you wish it"
        elif ruling.verdict == "undecided":
            why = "undecided: it depends on what is not known"
        elif solution not in planner.solutions:
            blocked = "blocked, and nothing that money buys unlocks it"
            why = blocked if ruling.verdict == "blocked" else "covers none of your challenges for sure"
        elif any(o in chosen or o in planner.known.in_place for o in ruling.option.solution.instead_of):
            why = "another that does the same job was chosen or is in place"
        elif (
            planner.price(solution)[0] > planner.limits.euros
            or planner.price(solution)[1] > planner.limits.person_weeks
        ):
            why = "takes more money or work by itself than there is"
        else:
            why = "adds less than what was chosen, or does not fit beside it"
        found.append(Left(solution, why))
    return tuple(found)


__all__ = ["ImpossibleError", "Limits", "Plan", "Planner", "Point", "Wishes", "limits_of", "pareto", "plan"]
