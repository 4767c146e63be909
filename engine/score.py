"""Scores: additive over criteria on a fixed scale, counted in millionths so that they add up exactly in any order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from engine.answer import Contribution
from engine.compiled import COVERAGE, Compiled
from engine.verdicts import Ruling
from kb.records import Solution, evidence_level, nearest
from kb.records.profile import Profile

MILLION = 1_000_000
SEVEREST = 5
FIT = ("modality", "task", "domain", "deployment")


class Scorer:
    """Scores solutions for one profile.

    Args:
        compiled: the catalogue.
        weights: what each criterion counts for; they add up to one.
        profile: the organisation.
        severities: its challenges, those assumed from its words included.
    """

    def __init__(
        self,
        compiled: Compiled,
        weights: Mapping[str, float],
        profile: Profile,
        severities: Mapping[str, int],
    ) -> None:
        self.compiled, self.weights, self.profile, self.severities = compiled, weights, profile, severities
        self.total = sum(severities.values())

    def contributions(self, ruling: Ruling) -> tuple[Contribution, ...]:
        """What each criterion adds, those that add nothing left out; in the order of the criteria."""
        found = [
            c for part in (self._served, self._fit, self._effort, self._care, self._preference) for c in part(ruling)
        ]
        return tuple(c for c in found if c.share or c.worst)

    def _made(
        self, criterion: str, share: float, worst: float, words: str, challenge: str | None = None
    ) -> Contribution:
        weight = self.weights[criterion]
        return Contribution(criterion, challenge, share, _micro(weight * share), _micro(weight * worst), words)

    def _served(self, ruling: Ruling) -> Iterator[Contribution]:
        named = [c for c in self.severities if c in ruling.high]
        if not named:
            return
        worth = {c: self.severities[c] / SEVEREST for c in named}
        depth, deepest = min((-worth[c] * COVERAGE[ruling.high[c]], c) for c in named)
        worst = max(worth[c] * COVERAGE[ruling.low[c]] for c in named)
        label = self.compiled.challenges[deepest].label
        yield self._made("depth", -depth, worst, f"{ruling.high[deepest]} coverage of “{label}”", deepest)
        kinds = self.compiled.vocabulary.values("evidence")
        breadth, evidence = [], []
        for challenge in named:
            share, high, low = (
                self.severities[challenge] / self.total,
                ruling.high[challenge],
                ruling.low[challenge],
            )
            level = evidence_level(ruling.option.addressings[challenge].evidence, self.compiled.vocabulary)
            strength = share * kinds.index(level) / (len(kinds) - 1)
            breadth.append((share * COVERAGE[high], share * COVERAGE[low]))
            evidence.append((strength * (high != "none"), strength * (low != "none")))
        served = sum(high > 0 for high, _ in breadth)
        yield self._made("breadth", *_sums(breadth), f"helps with {served} of your {len(self.severities)} challenges")
        yield self._made("evidence", *_sums(evidence), "evidence for what it covers")

    def _fit(self, ruling: Ruling) -> Iterator[Contribution]:
        """The one context that fits best; facets of different contexts are never added up."""
        facts = self.profile.facts
        sure, possible = list[str](), 0
        for context in ruling.option.solution.validated_in:
            named = [f"{facet}.{getattr(context, facet)}" for facet in FIT if getattr(context, facet) is not None]
            met = [c for c in named if facts.get(c) is True]
            sure = max(sure, met, key=len)
            possible = max(possible, sum(facts.get(c) is not False for c in named))
        said = ", ".join(self.compiled.vocabulary.label(c).lower() for c in sure)
        words = f"validated with {said}" if sure else "may have been validated in a setting like yours"
        yield self._made("fit", possible / len(FIT), len(sure) / len(FIT), words)

    def _effort(self, ruling: Ruling) -> Iterator[Contribution]:
        solution = ruling.option.solution
        for criterion, share, words in effort_shares(self.compiled, solution):
            yield self._made(criterion, share, share, words)

    def _care(self, ruling: Ruling) -> Iterator[Contribution]:
        warnings = [b for b in ruling.bites if b.rule.limitation.effect == "warns"]
        certain = sum(b.certain for b in warnings)
        words = (
            f"{certain} warning{'' if certain == 1 else 's'} known to apply" if certain else "no warning known to apply"
        )
        yield self._made("care", 1 - min(4, certain) / 4, 1 - min(4, len(warnings)) / 4, words)

    def _preference(self, ruling: Ruling) -> Iterator[Contribution]:
        wanted = self.profile.prefer
        total = math.fsum(wanted.values())
        if not total:
            return
        met = [name for name in sorted(wanted) if _meets(self.compiled, ruling.option.solution, name)]
        share = math.fsum(wanted[name] for name in met) / total
        yield self._made("preference", share, share, f"you prefer {', '.join(met)}")


def effort_shares(compiled: Compiled, solution: Solution) -> Iterator[tuple[str, float, str]]:
    """The criteria that depend on the solution alone, each as a share of one with the words for it."""
    effort = solution.effort

    def ease(scheme: str, tier: str) -> float:
        tiers = compiled.vocabulary.values(scheme)
        return 1 - tiers.index(tier) / (len(tiers) - 1)

    yield "knowledge", ease("knowledge", effort.knowledge), f"{effort.knowledge} knowledge needed"
    yield "speed", ease("horizon", effort.time_to_value), f"shows its value in {_span(effort.time_to_value)}"
    cost = (ease("cost", effort.one_off_cost) + ease("cost", effort.running_cost)) / 2
    yield "cost", cost, f"{effort.one_off_cost} to introduce, {effort.running_cost} to run"
    maintained = [i.name for i in solution.implementations if i.maintained]
    yield "upkeep", float(bool(maintained)), f"maintained software: {', '.join(maintained)}"


def _span(tier: str) -> str:
    return {"weeks": "weeks", "quarter": "a quarter", "half-year": "half a year", "year": "a year"}.get(tier, tier)


def _meets(compiled: Compiled, solution: Solution, name: str) -> bool:
    if name == solution.kind:
        return True
    shares = {criterion: share for criterion, share, _ in effort_shares(compiled, solution)}
    asked = {"maintained": "upkeep", "quick": "speed", "cheap": "cost", "low-knowledge": "knowledge"}
    return name in asked and shares[asked[name]] >= 2 / 3


def reweighted(base: Mapping[str, float], changes: Mapping[str, float]) -> dict[str, float]:
    """Set some weights and scale the others so that all add up to one.

    Raises:
        ValueError: naming an unknown criterion, a weight outside 0 to 1, or changes that add up to more than one.
    """
    for name, weight in changes.items():
        if name not in base:
            raise ValueError(f"there is no criterion {name!r}; {nearest(name, base)}")
        if not 0 <= weight <= 1:
            raise ValueError(f"{name}: {weight!r} is not a weight; use a number from 0 to 1")
    set_, rest = math.fsum(changes.values()), math.fsum(w for n, w in base.items() if n not in changes)
    if set_ > 1 + 1e-9 or (not rest and abs(set_ - 1) > 1e-9):
        raise ValueError(f"the weights that are set add up to {set_:g}; all must add up to one")
    scale = (1 - set_) / rest if rest else 0.0
    return {n: changes.get(n, w * scale) for n, w in base.items()}


def _sums(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    return math.fsum(high for high, _ in pairs), math.fsum(low for _, low in pairs)


def _micro(value: float) -> float:
    return round(value * MILLION) / MILLION


def total(contributions: tuple[Contribution, ...]) -> tuple[float, float]:
    """Score and worst score: the sums of the contributions, exact to the millionth."""
    value = sum(round(c.value * MILLION) for c in contributions)
    worst = sum(round(c.worst * MILLION) for c in contributions)
    return value / MILLION, worst / MILLION
