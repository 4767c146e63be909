"""Scores: additive over criteria on a fixed scale, counted in millionths so that they add up exactly in any order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.answer import Contribution
from engine.columns import FIT, LEVELS, TRUE, UNKNOWN, Ints, Small
from engine.compiled import Compiled
from engine.ease import EFFORT
from engine.verdicts import Ruling, Rulings
from kb.records import nearest
from kb.records.profile import Profile

if TYPE_CHECKING:
    from kb.records import Solution

MILLION = 1_000_000
SEVEREST = 5
FULL = len(LEVELS) - 1
MOST_WARNINGS = 4
SERVING = ("depth", "breadth", "evidence")
CRITERIA = (*SERVING, "fit", *EFFORT, "care", "preference")

Shares = npt.NDArray[np.float64]
Micros = npt.NDArray[np.int64]


class Scorer:
    """Scores all solutions for one profile.

    Args:
        compiled: the catalogue.
        weights: what each criterion counts for; they add up to one.
        profile: the organisation.
        severities: its challenges, those assumed from its words included.
        rulings: what the rules say of it.

    Attributes:
        high, low: shares of one, a row per criterion of `CRITERIA` and a column per solution, if no merely possible limitation bites
            and if all do.
        micros, least: the same times the weights, in millionths.
        score, worst: their sums per solution.
        bears: whether a solution addresses one of the challenges.
        useful: whether it is left with some coverage of one of them, unless merely possible limitations bite.
        promise: how much a solution's depth would be if nothing clashed, in fifteenths.
    """

    def __init__(
        self,
        compiled: Compiled,
        weights: Mapping[str, float],
        profile: Profile,
        severities: Mapping[str, int],
        rulings: Rulings,
    ) -> None:
        self.compiled, self.weights, self.profile, self.severities = compiled, weights, profile, severities
        self.rulings, self.total = rulings, sum(severities.values())
        self._strongest = len(compiled.vocabulary.values("evidence")) - 1
        at = compiled.columns
        worth = np.zeros(len(compiled.challenges), dtype=np.int64)
        for challenge, severity in severities.items():
            worth[compiled.challenge_at(challenge)] = severity
        self._worth = worth[at.addressing_challenge]
        self.promise = self._deepest(at.stated)
        self.bears = self.promise > 0
        useful = self._deepest(rulings.high)
        self.useful = useful > 0
        self.high, self.low = self._shares(rulings.high, useful, TRUE), self._shares(rulings.low, None, UNKNOWN)
        self._weights = np.array([weights[name] for name in CRITERIA])[:, None]
        self.micros, self.least = self._micro(self.high), self._micro(self.low)
        self.score, self.worst = self.micros.sum(axis=0), self.least.sum(axis=0)
        self._alike = self.score - self.micros[: len(SERVING)].sum(axis=0)

    def _micro(self, shares: Shares) -> Micros:
        made: Micros = np.rint(self._weights[: len(shares)] * shares * MILLION).astype(np.int64)
        return made

    def alone(self, challenge: str) -> tuple[Ints, Micros]:
        """Scores as if this challenge were the only one, at the highest severity: rows of the addressings that help, and millionths."""
        at, rows = self.compiled.columns, self.compiled.addressed(challenge)
        rows = rows[self.rulings.high[rows] > 0]
        coverage = self.rulings.high[rows] / FULL
        serving = self._micro(np.array([coverage, coverage, at.evidence[rows] / self._strongest]))
        return rows, self._alike[at.addressing_solution[rows]] + serving.sum(axis=0)

    def _shares(self, levels: Small, deepest: Micros | None, least: int) -> Shares:
        """Shares for some levels of coverage, counting limitations and contexts that hold at least so surely."""
        at = self.compiled.columns
        made = np.zeros((len(CRITERIA), len(self.compiled.names)))
        made[0] = (self._deepest(levels) if deepest is None else deepest) / (SEVEREST * FULL)
        made[1] = self._added(self._worth * levels) / (self.total * FULL)
        made[2] = self._added(self._worth * at.evidence * (levels > 0)) / (self.total * self._strongest)
        # What is not known to clash may fit: the best case of one is the worst case of the other.
        made[3] = self._fit(UNKNOWN if least == TRUE else TRUE) / len(FIT)
        made[4:8] = self.compiled.effort
        made[8] = 1 - np.minimum(MOST_WARNINGS, self._warnings(least)) / MOST_WARNINGS
        made[9] = self._preference()
        return made

    def _deepest(self, levels: Small) -> Micros:
        most = np.zeros(len(self.compiled.names), dtype=np.int64)
        np.maximum.at(most, self.compiled.columns.addressing_solution, self._worth * levels)
        return most

    def _added(self, values: npt.NDArray[np.int64]) -> Shares:
        solutions = self.compiled.columns.addressing_solution
        return np.bincount(solutions, values.astype(np.float64), len(self.compiled.names)).astype(np.float64)

    def _fit(self, least: int) -> Micros:
        """Facets of the one context that fits best; those of different contexts are never added up."""
        at = self.compiled.columns
        best = np.zeros(len(self.compiled.names), dtype=np.int64)
        np.maximum.at(best, at.context_solution, (self.rulings.truth[at.context_rows] >= least).sum(axis=1))
        return best

    def _warnings(self, least: int) -> Ints:
        at = self.compiled.columns
        biting = self.rulings.bites[at.warning_limitation] >= least
        return np.bincount(at.warning_solution[biting], minlength=len(self.compiled.names))

    def _preference(self) -> Shares:
        wanted = self.profile.prefer
        total, shares = math.fsum(wanted.values()), np.zeros(len(self.compiled.names))
        if total:
            for name in sorted(wanted):
                shares += wanted[name] / total * self.compiled.preferable[name]
        return shares

    def figures(self, solutions: Ints) -> list[tuple[list[float], ...]]:
        """For each of some rows: shares at best and at worst, and what they add at best and at worst, a figure per criterion."""
        held = (self.high, self.low, self.micros / MILLION, self.least / MILLION)
        return list(zip(*(column[:, solutions].T.tolist() for column in held), strict=True))

    def contributions(self, ruling: Ruling, figures: tuple[list[float], ...]) -> tuple[Contribution, ...]:
        """What each criterion adds to a solution, in words; those that add nothing left out."""
        deepest, words = self._words(ruling)
        return tuple(
            Contribution(name, deepest if name == "depth" else None, share, value, least, said)
            for name, said, share, worst, value, least in zip(CRITERIA, words, *figures, strict=True)
            if share or worst
        )

    def _words(self, ruling: Ruling) -> tuple[str | None, list[str]]:
        """The challenge that a solution helps most with, and what each criterion's share stands for, in their order."""
        option, named = ruling.option, [c for c in self.severities if c in ruling.high]
        deepest = min(named, key=lambda c: (-self.severities[c] * LEVELS.index(ruling.high[c]), c), default=None)
        most = ""
        if deepest is not None:
            most = f"{ruling.high[deepest]} coverage of “{self.compiled.challenges[deepest].label}”"
        served = sum(ruling.high[c] != "none" for c in named)
        met = ", ".join(self.compiled.vocabulary.label(c).lower() for c in self._met(option.solution))
        certain = sum(b.certain and b.rule.limitation.effect == "warns" for b in ruling.bites)
        plural = "" if certain == 1 else "s"
        liked = [n for n in sorted(self.profile.prefer) if self.compiled.preferable[n][option.at]]
        return deepest, [
            most,
            f"helps with {served} of your {len(self.severities)} challenges",
            "evidence for what it covers",
            f"validated with {met}" if met else "may have been validated in a setting like yours",
            *self.compiled.told.effort(option.solution),
            f"{certain} warning{plural} known to apply" if certain else "no warning known to apply",
            f"you prefer {', '.join(liked)}",
        ]

    def _met(self, solution: Solution) -> list[str]:
        """What the context that fits best surely shares with the organisation."""
        sure = list[str]()
        for context in solution.validated_in:
            named = [f"{facet}.{getattr(context, facet)}" for facet in FIT if getattr(context, facet) is not None]
            sure = max(sure, [c for c in named if self.profile.facts.get(c) is True], key=len)
        return sure


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
