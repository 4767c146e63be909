"""The mixed-integer program of the roadmap, solved by HiGHS through SciPy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from engine.planner import SECOND, Choice, ImpossibleError, Planner

GAP, NODES = 0.01, 50_000
TOLERANCE = 1e-7
_INFEASIBLE = 2


@dataclass(frozen=True)
class Selection:
    """What was chosen, everything that has a price among it by name, and how far from the best it may be (a share of the best)."""

    chosen: tuple[Choice, ...]
    names: tuple[str, ...]
    gap: float


class _Rows:
    """Constraints collected row by row: sum of coefficients times variables ≤ bound."""

    def __init__(self) -> None:
        self.at: list[tuple[int, int, float]] = []
        self.bounds: list[float] = []

    def add(self, terms: Mapping[int, float], bound: float) -> None:
        self.at += [(len(self.bounds), column, value) for column, value in terms.items()]
        self.bounds.append(bound)

    def constraint(self, width: int) -> LinearConstraint:
        rows, columns, values = zip(*self.at, strict=True) if self.at else ((), (), ())
        matrix = coo_array((values, (rows, columns)), shape=(len(self.bounds), width))
        return LinearConstraint(matrix.tocsr(), -np.inf, np.asarray(self.bounds))


def solve(planner: Planner, euros: float, exact: bool = False) -> Selection:
    """Choose within the limits: the most gain, then the least money, then the first ids.

    Variables: a choice (solution by one way), a solution, an atom to gain, and for each challenge which choice counts as its best and
    which as its second, and the challenge's gain. HiGHS stops at a gap of 1 % or after a number of nodes, never by the clock, so that the
    answer is the same on every machine.

    Args:
        planner: the organisation.
        euros: the money there is.
        exact: close the gap altogether.

    Raises:
        ImpossibleError: if no choice within the limits keeps all that is to be kept.
    """
    if not planner.wishes.keep <= set(planner.solutions):
        raise ImpossibleError(", ".join(sorted(planner.wishes.keep - set(planner.solutions))))
    choices, atoms, solutions = planner.choices, planner.atoms, planner.solutions
    if not choices:
        return Selection((), (), 0.0)
    width = 0

    def take(n: int) -> range:
        nonlocal width
        width += n
        return range(width - n, width)

    def name_each(names: Iterable[Any]) -> dict[Any, int]:
        held = list(names)
        return dict(zip(held, take(len(held)), strict=True))

    chosen, bought, gained = take(len(choices)), name_each(solutions), name_each(atoms)
    pairs = [(at, c) for at, choice in enumerate(choices) for c in choice.coverage]
    first, second = name_each(pairs), name_each(pairs)
    standing = {(c, n): v for c, held in planner.standing().items() for n, v in enumerate(held) if v > 0}
    first_held, second_held = name_each(standing), name_each(standing)
    gain = name_each(planner.severities)

    rows = _Rows()
    for at, choice in enumerate(choices):
        for atom in choice.atoms:
            rows.add({chosen[at]: 1, gained[atom]: -1}, 0)
        for c in choice.coverage:
            rows.add({first[at, c]: 1, second[at, c]: 1, chosen[at]: -1}, 0)
    for solution in solutions:
        ways = {chosen[at]: 1.0 for at, choice in enumerate(choices) if choice.solution == solution}
        rows.add({**ways, bought[solution]: -1}, 0)
        rows.add({bought[solution]: 1, **dict.fromkeys(ways, -1.0)}, 0)
        if solution in planner.wishes.drop:
            rows.add({bought[solution]: 1}, 0)
        if solution in planner.wishes.keep:
            rows.add({bought[solution]: -1}, -1)
        record = planner.compiled.options[solution].solution
        for needed in record.prerequisites:
            if needed not in planner.known.in_place:
                rows.add({bought[solution]: 1, **({bought[needed]: -1} if needed in bought else {})}, 0)
        for other in record.instead_of:
            if other in planner.known.in_place:
                rows.add({bought[solution]: 1}, 0)
            elif other in bought and solution < other:
                rows.add({bought[solution]: 1, bought[other]: 1}, 1)
    for key in standing:
        rows.add({first_held[key]: 1, second_held[key]: 1}, 1)
    for c in planner.severities:
        mine = [p for p in pairs if p[1] == c]
        held = [k for k in standing if k[0] == c]
        rows.add({**{first[p]: 1.0 for p in mine}, **{first_held[k]: 1.0 for k in held}}, 1)
        rows.add({**{second[p]: 1.0 for p in mine}, **{second_held[k]: 1.0 for k in held}}, 1)
        value = {first[p]: -choices[p[0]].coverage[c] for p in mine} | {first_held[k]: -standing[k] for k in held}
        half = {second[p]: -SECOND * choices[p[0]].coverage[c] for p in mine} | {
            second_held[k]: -SECOND * standing[k] for k in held
        }
        rows.add({gain[c]: 1.0, **value, **half}, 0)
    priced = {**bought, **gained}
    prices = {column: planner.price(name) for name, column in priced.items()}
    rows.add({column: p[0] for column, p in prices.items()}, euros)
    rows.add({column: p[1] for column, p in prices.items()}, planner.limits.person_weeks)

    worth = np.zeros(width)
    for c, column in gain.items():
        worth[column] = -planner.severities[c] / planner.total
    whole = np.ones(width)
    whole[list(gain.values())] = 0
    result = _run(worth, rows.constraint(width), whole, width, 0.0 if exact else GAP)
    best = float(worth @ result.x)
    bound = float(result.mip_dual_bound) if result.mip_dual_bound is not None else best
    rows.add({column: float(worth[column]) for column in gain.values()}, best + TOLERANCE)
    cheapest = np.zeros(width)
    for rank, (name, column) in enumerate(sorted(priced.items())):
        cheapest[column] = planner.price(name)[0] + planner.price(name)[1] * 1e-3 + 1e-6 * (rank + 1)
    result = _run(cheapest, rows.constraint(width), whole, width, 0.0)
    taken = tuple(choice for at, choice in enumerate(choices) if result.x[chosen[at]] > 0.5)
    names = tuple(sorted(name for name, column in priced.items() if result.x[column] > 0.5))
    return Selection(taken, names, abs(bound - best) / max(abs(best), 1e-9) if best else 0.0)


def _run(objective: Any, constraint: LinearConstraint, whole: Any, width: int, gap: float) -> Any:
    result = milp(
        objective, constraints=constraint, integrality=whole, bounds=Bounds(np.zeros(width), np.ones(width)),
        options={"mip_rel_gap": gap, "node_limit": NODES},
    )  # fmt: skip
    if result.status == _INFEASIBLE:
        raise ImpossibleError("what is to be kept does not fit into the limits together")
    if result.x is None:
        raise RuntimeError(f"no plan was found within {NODES:,} nodes: {result.message}")
    return result
