"""Scores: additive over criteria on a fixed scale, counted in millionths so that they add up exactly in any order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from engine.answer import Contribution
from engine.columns import FIT, LEVELS, TRUE, UNKNOWN, Ints
from engine.compiled import Compiled, Option
from engine.ease import EFFORT
from engine.verdicts import Ruling, Rulings
from kb.records import nearest
from kb.records.profile import Profile

MILLION = 1_000_000
SEVEREST = 5
FULL = len(LEVELS) - 1
MOST_WARNINGS = 4
SERVING = ("depth", "breadth", "evidence")
CRITERIA = (*SERVING, "fit", *EFFORT, "care", "preference")
_N = len(CRITERIA)
_POSSIBLY_THEN_SURELY = np.array([[UNKNOWN], [TRUE]], dtype=np.uint8)
_RANK = {level: rank for rank, level in enumerate(LEVELS)}
# Most are alike from one organisation to the next, and looking one up is a third of the price of making it.
_contribution = lru_cache(16_384)(Contribution)

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
        shares: shares of one, first if no merely possible limitation bites, then if all do; in each a row per criterion of `CRITERIA`
            and a column per solution.
        high: the first of them.
        micros: the same times the weights, in millionths.
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
        self._weights = np.array([weights[name] for name in CRITERIA])[:, None]
        at = compiled.columns
        worth = np.array([severities.get(c, 0) for c in compiled.challenges], dtype=np.int64)[at.addressing_challenge]
        served = worth * rulings.coverage
        self.promise, high, _ = deepest = at.addressing_runs.reduce(np.maximum, served)
        self.bears, self.useful = self.promise > 0, high > 0
        self.shares = self._shares(worth, served[1:], deepest[1:])
        self.high = self.shares[0]
        self.micros: Micros = np.rint(self._weights * self.shares * MILLION).astype(np.int64)
        self.score, self.worst = self.micros.sum(axis=1)
        self._alike = self.score - self.micros[0, : len(SERVING)].sum(axis=0)

    def _shares(self, worth: Micros, served: Micros, deepest: Micros) -> Shares:
        """Shares for what is served at best and at worst, counting limitations and contexts that hold surely, or at least possibly."""
        at, rulings = self.compiled.columns, self.rulings
        made = np.empty((2, len(CRITERIA), len(self.compiled.names)))
        made[:, 0] = deepest / (SEVEREST * FULL)
        made[:, 1] = at.addressing_runs.reduce(np.add, served) / (self.total * FULL)
        backed = worth * at.evidence * (rulings.coverage[1:] > 0)
        made[:, 2] = at.addressing_runs.reduce(np.add, backed) / (self.total * self._strongest)
        # What is not known to clash may fit: the best case of one is the worst case of the other. Facets of the one context that fits
        # best count; those of different contexts are never added up.
        met = (rulings.truth[at.context_rows] >= _POSSIBLY_THEN_SURELY[:, None]).sum(axis=1)
        made[:, 3] = at.context_runs.reduce(np.maximum, met) / len(FIT)
        made[:, 4:8] = self.compiled.effort
        warned = rulings.bites[at.warning_limitation] >= _POSSIBLY_THEN_SURELY[::-1]
        warnings = at.warning_runs.reduce(np.add, warned, np.int64)
        made[:, 8] = 1 - np.minimum(MOST_WARNINGS, warnings) / MOST_WARNINGS
        made[:, 9] = self._preference()
        return made

    def alone(self, rows: Ints) -> Micros:
        """Millionths of the scores of some addressings as if the challenge of each were the only one, at the highest severity."""
        at = self.compiled.columns
        coverage = self.rulings.high[rows] / FULL
        shares = np.array([coverage, coverage, at.evidence[rows] / self._strongest])
        serving = np.rint(self._weights[: len(shares)] * shares * MILLION).astype(np.int64)
        found: Micros = self._alike[at.addressing_solution[rows]] + serving.sum(axis=0)
        return found

    def _preference(self) -> Shares | float:
        wanted = self.profile.prefer
        total = math.fsum(wanted.values())
        if not total:
            return 0.0
        shares = np.zeros(len(self.compiled.names))
        for name in sorted(wanted):
            shares += wanted[name] / total * self.compiled.preferable[name]
        return shares

    def figures(self, solutions: Ints) -> list[tuple[list[float], ...]]:
        """For each of some rows: shares at best and at worst, and what they add at best and at worst, a figure per criterion."""
        shares = self.shares.reshape(2 * _N, -1)[:, solutions].T.tolist()
        values = (self.micros.reshape(2 * _N, -1)[:, solutions] / MILLION).T.tolist()
        return [(s[:_N], s[_N:], v[:_N], v[_N:]) for s, v in zip(shares, values, strict=True)]

    def contributions(self, ruling: Ruling, figures: tuple[list[float], ...]) -> tuple[Contribution, ...]:
        """What each criterion adds to a solution, in words; those that add nothing left out."""
        deepest, words = self._words(ruling)
        return tuple(
            [
                _contribution(name, deepest if name == "depth" else None, share, value, least, said)
                for name, said, share, worst, value, least in zip(CRITERIA, words, *figures, strict=True)
                if share or worst
            ]
        )

    def _words(self, ruling: Ruling) -> tuple[str | None, list[str]]:
        """The challenge that a solution helps most with, and what each criterion's share stands for, in their order."""
        option, told = ruling.option, self.compiled.told
        deepest, most, served = None, -1, 0
        for challenge, severity in self.severities.items():
            level = ruling.high.get(challenge)
            if level is None:
                continue
            served += level != "none"
            depth = severity * _RANK[level]
            if deepest is None or depth > most or (depth == most and challenge < deepest):
                deepest, most = challenge, depth
        covered = ""
        if deepest is not None:
            covered = f"{ruling.high[deepest]} coverage of “{self.compiled.challenges[deepest].label}”"
        met = told.labels(self._met(option))
        certain = 0
        for bite in ruling.bites:
            certain += bite.clause is not None and bite.rule.limitation.effect == "warns"
        plural = "" if certain == 1 else "s"
        prefer, preferable = self.profile.prefer, self.compiled.preferable
        liked = [n for n in sorted(prefer) if preferable[n][option.at]] if prefer else ()
        return deepest, [
            covered,
            f"helps with {served} of your {len(self.severities)} challenges",
            "evidence for what it covers",
            f"validated with {met}" if met else "may have been validated in a setting like yours",
            *told.effort(option.solution),
            f"{certain} warning{plural} known to apply" if certain else "no warning known to apply",
            f"you prefer {', '.join(liked)}",
        ]

    def _met(self, option: Option) -> int:
        """What the context that fits best surely shares with the organisation, as a mask."""
        best, yes = 0, self.rulings.known.yes
        for context in option.contexts:
            shared = context & yes
            if shared.bit_count() > best.bit_count():
                best = shared
        return best


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
