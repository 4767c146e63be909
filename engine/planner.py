"""What a roadmap is made from: the limits, the choices with their prices, and what choices together gain."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.compiled import COVERAGE, Compiled
from engine.recommendation import challenges_of
from engine.unlock import Unlocker
from engine.verdicts import Known, Ruling, rule
from kb.records.profile import Profile

if TYPE_CHECKING:
    from kb.records import Solution

BUYABLE = ("skills", "infrastructure", "labels")
SECOND = 0.5


@dataclass(frozen=True)
class Limits:
    """What a roadmap may use: euros in all, person-weeks in all, weeks, and how much may be under way at once.

    `assumed` says where a number was taken from the profile's tiers.
    """

    euros: float
    person_weeks: float
    weeks: float
    parallel: int
    assumed: tuple[str, ...]


@dataclass(frozen=True)
class Wishes:
    """What people want of a roadmap whatever it costs.

    Args:
        keep: solutions that must be in it.
        drop: solutions that must not.
        earliest: the quarter, from 1, before which a solution may not begin.
    """

    keep: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()
    earliest: Mapping[str, int] = field(default_factory=dict)


class ImpossibleError(ValueError):
    """No roadmap within the limits keeps all that is to be kept."""


@dataclass(frozen=True)
class Choice:
    """A solution that may be chosen, with one way to it: the coverage it gives and the atoms that must be gained for it."""

    solution: str
    coverage: Mapping[str, float]
    atoms: tuple[str, ...]


def limits_of(compiled: Compiled, profile: Profile, **given: float | None) -> Limits:
    """Take the limits that are given as numbers, and the others from the upper bounds of the profile's tiers.

    Args:
        compiled: the catalogue.
        profile: the organisation.
        **given: `euros`, `person_weeks`, `weeks`, `parallel`.

    Raises:
        ValueError: if a limit is negative.
    """
    for name, value in given.items():
        if value is not None and not 0 <= value < math.inf:
            raise ValueError(f"{name} is {value:g}; a limit is a number of at least 0")
    assumed: list[str] = []

    def tier(facet: str, unit: str) -> float:
        values = compiled.vocabulary.values(facet)
        level = next((v for v in reversed(values) if profile.facts.get(f"{facet}.{v}") is not False), values[0])
        range_ = getattr(compiled.vocabulary.concepts[f"{facet}.{level}"], unit)
        top: float = range_.high if range_ else 0.0
        known = profile.facts.get(f"{facet}.{level}") is True
        assumed.append(
            f"{facet} “{level}”: up to {f'{top:,.1f}'.removesuffix('.0')} {unit}{'' if known else ', since it is not known'}"
        )
        return top

    weeks = given.get("weeks")
    weeks = tier("horizon", "weeks") if weeks is None else weeks
    euros = given.get("euros")
    euros = tier("budget", "euros") if euros is None else euros
    work = given.get("person_weeks")
    if work is None:
        work = tier("people", "fte") * weeks
    parallel = given.get("parallel")
    return Limits(euros, work, weeks, max(1, int(parallel if parallel is not None else 3)), tuple(assumed))


def euros_of(compiled: Compiled, solution: Solution) -> float:
    """What introducing a solution and running it for a year takes: the geometric means of its two cost tiers."""

    def middle(tier: str) -> float:
        range_ = compiled.vocabulary.concepts[f"cost.{tier}"].euros
        return math.sqrt(max(range_.low, 100.0) * range_.high) if range_ else 0.0

    return float(round(middle(solution.effort.one_off_cost) + middle(solution.effort.running_cost)))


def weeks_of(solution: Solution) -> float:
    """Person-weeks that introducing a solution takes: the middle of its range."""
    return (solution.effort.person_weeks.low + solution.effort.person_weeks.high) / 2


class Planner:
    """Chooses and schedules for one organisation.

    Args:
        compiled: the catalogue.
        profile: the organisation.
        limits: from `limits_of`.
        assumed: challenges read from its words.
        wishes: what must be in it and what must not; `wished` plans the same case with others.
    """

    def __init__(
        self,
        compiled: Compiled,
        profile: Profile,
        limits: Limits,
        assumed: tuple[str, ...] = (),
        wishes: Wishes | None = None,
    ) -> None:
        self.compiled, self.profile, self.limits = compiled, profile, limits
        self.wishes = wishes or Wishes()
        self.severities = challenges_of(compiled, profile, assumed)
        self.total = sum(self.severities.values())
        self.known = Known(compiled, profile)
        self.rulings = rule(compiled, self.known)
        self.choices = self._choices()
        self.atoms = sorted({a for c in self.choices for a in c.atoms})
        self.solutions = sorted({c.solution for c in self.choices})

    def wished(self, wishes: Wishes) -> Planner:
        """The same case with other wishes; nothing is worked out anew."""
        made = copy.copy(self)
        made.wishes = wishes
        return made

    def _coverage(self, ruling: Ruling) -> dict[str, float]:
        return {c: COVERAGE[ruling.low[c]] for c in self.severities if COVERAGE[ruling.low.get(c, "none")] > 0}

    def _choices(self) -> list[Choice]:
        unlocker = Unlocker(self.compiled, self.profile)
        found = []
        for solution, ruling in self.rulings.items():
            if solution in self.known.in_place or not set(self.severities) & set(ruling.option.addressings):
                continue
            if ruling.verdict == "feasible":
                if self._coverage(ruling):
                    found.append(Choice(solution, self._coverage(ruling), ()))
                continue
            for unlock in unlocker.unlocks(ruling):
                if unlock.verdict != "feasible" or any(m.facet not in BUYABLE for m in unlock.moves):
                    continue
                atoms = unlocker.gained(unlock.moves)
                facts = {**self.profile.facts, **dict.fromkeys(atoms, True)}
                after = Profile(facts=facts, in_place=self.profile.in_place)
                coverage = self._coverage(rule(self.compiled, Known(self.compiled, after))[solution])
                if coverage:
                    found.append(Choice(solution, coverage, atoms))
        return found

    def price(self, name: str) -> tuple[float, float]:
        """Euros and person-weeks of a solution or of an atom to be gained."""
        if name in self.compiled.options:
            solution = self.compiled.options[name].solution
            return euros_of(self.compiled, solution), weeks_of(solution)
        gain = self.compiled.vocabulary.concepts[name].gain
        return (gain.euros, gain.person_weeks) if gain else (0.0, 0.0)

    def standing(self) -> dict[str, list[float]]:
        """Coverage per challenge that is in place already."""
        return {
            c: [
                COVERAGE[self.rulings[s].low[c]]
                for s in sorted(self.known.in_place)
                if s in self.rulings and c in self.rulings[s].low
            ]
            for c in self.severities
        }

    def gains(self, chosen: Sequence[Choice]) -> dict[str, float]:
        """What each challenge gains: the best chosen coverage and half of the second, at most full."""
        made = {}
        best: dict[str, dict[str, float]] = {c: {} for c in self.severities}
        for choice in chosen:
            for c, value in choice.coverage.items():
                best[c][choice.solution] = max(value, best[c].get(choice.solution, 0.0))
        for c, held in self.standing().items():
            values = sorted([*best[c].values(), *held], reverse=True)
            made[c] = min(1.0, sum(values[:1]) + SECOND * sum(values[1:2]))
        return made

    def worth(self, gains: Mapping[str, float]) -> float:
        """Severity-weighted gain, from 0 to 1."""
        return math.fsum(self.severities[c] * gains[c] for c in sorted(gains)) / self.total if self.total else 0.0
