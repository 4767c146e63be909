"""How easy a solution is to take up: what depends on the solution alone, as shares of one with the words for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kb.records import Vocabulary
from kb.records import maintained as is_maintained

if TYPE_CHECKING:
    from kb.records import Solution

EFFORT = ("knowledge", "speed", "cost", "upkeep")
_PREFERRED = {"maintained": "upkeep", "quick": "speed", "cheap": "cost", "low-knowledge": "knowledge"}
_ENOUGH = 2 / 3


def effort_shares(vocabulary: Vocabulary, solution: Solution) -> Iterator[tuple[str, float, str]]:
    """The criteria that depend on the solution alone, each as a share of one with the words for it."""
    effort = solution.effort

    def ease(scheme: str, tier: str) -> float:
        tiers = vocabulary.values(scheme)
        return 1 - tiers.index(tier) / (len(tiers) - 1)

    yield "knowledge", ease("knowledge", effort.knowledge), f"{effort.knowledge} knowledge needed"
    yield "speed", ease("horizon", effort.time_to_value), f"shows its value in {_span(effort.time_to_value)}"
    cost = (ease("cost", effort.one_off_cost) + ease("cost", effort.running_cost)) / 2
    yield "cost", cost, f"{effort.one_off_cost} to introduce, {effort.running_cost} to run"
    maintained = [i.name for i in solution.implementations if is_maintained(i)]
    yield "upkeep", float(bool(maintained)), f"maintained software: {', '.join(maintained)}"


def preferable(solution: Solution, shares: dict[str, float]) -> Iterator[str]:
    """What can be preferred and this solution is: its kind, and the properties in which it reaches two thirds."""
    yield solution.kind
    yield from (name for name, criterion in _PREFERRED.items() if shares[criterion] >= _ENOUGH)


def _span(tier: str) -> str:
    return {"weeks": "weeks", "quarter": "a quarter", "half-year": "half a year", "year": "a year"}.get(tier, tier)
