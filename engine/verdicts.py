"""Verdicts: which limitations bite, certainly or possibly, and what follows for each solution and challenge."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from engine.answer import Verdict
from engine.columns import LEVELS, TRUE, UNKNOWN, Ints, Small, runs
from engine.compiled import Addressed, Compiled, Option, Rule
from kb.records.profile import Profile

VERDICTS: tuple[Verdict, ...] = ("feasible", "undecided", "blocked")
FEASIBLE, UNDECIDED, BLOCKED = range(3)
_PARTIAL = LEVELS.index("partial")
_SURELY_THEN_POSSIBLY = np.array([[TRUE], [UNKNOWN]], dtype=np.uint8)
_HOPELESS = np.array([[BLOCKED], [UNDECIDED]], dtype=np.uint8)
"""The least verdict with which nothing is left of a solution's coverage, at best and at worst."""


class Bite(NamedTuple):
    """A limitation that bites, and whether that is certain; `clause` is the pair of masks that makes it certain."""

    rule: Rule
    clause: tuple[int, int] | None

    @property
    def certain(self) -> bool:
        """Whether it bites on what is known."""
        return self.clause is not None


@dataclass(frozen=True)
class Ruling:
    """What the rules say of one solution.

    `high` and `low` are its coverage per challenge it addresses, as a level, if no merely possible limitation bites and if all do.
    """

    option: Option
    verdict: Verdict
    deciders: tuple[str, ...]
    bites: tuple[Bite, ...]
    high: Mapping[str, str]
    low: Mapping[str, str]


class Known:
    """What is known of an organisation, as masks: the atoms that hold and those that do not; and what it has in place."""

    def __init__(self, compiled: Compiled, profile: Profile) -> None:
        self.yes, self.no = compiled.masks(profile.facts)
        self.in_place = compiled.with_prerequisites(profile.in_place)

    def gaining(self, atoms: int) -> Known:
        """The same once some atoms hold."""
        made = copy(self)
        made.yes, made.no = self.yes | atoms, self.no & ~atoms
        return made


class Rulings(Mapping[str, Ruling]):
    """The rulings on all solutions: as columns at once, and in words for the solutions that are looked at.

    Columns: `verdicts` (0 feasible, 1 undecided, 2 blocked) per solution, `coverage` (levels from 0) per addressing in three rows, of
    which the latter are `high` and `low` and the first is what is stated, `bites` (0 no, 1 possibly, 2 certainly) per limitation,
    `clauses` the same per clause, `truth` the table of truth values, `placed` whether a solution is in place.
    """

    def __init__(self, compiled: Compiled, known: Known) -> None:
        self.compiled, self.known = compiled, known
        at = compiled.columns
        self.truth = compiled.truth.table(known.yes, known.no)
        self.clauses = runs(np.minimum, self.truth[at.literal_row], at.clause_start)
        self.bites = runs(np.maximum, self.clauses, at.limitation_start)
        self.placed = np.zeros(len(compiled.names), dtype=bool)
        if known.in_place:
            self.placed[[compiled.options[s].at for s in known.in_place if s in compiled.options]] = True
        self.verdicts = self._verdicts()
        self.coverage = self._coverage()
        _, self.high, self.low = self.coverage
        # Single values are read from bytes, which is several times quicker than from arrays.
        self._bites, self._high, self._low = self.bites.tobytes(), self.high.tobytes(), self.low.tobytes()
        self._ruled = self.verdicts.tobytes()
        self._made: dict[str, Ruling] = {}

    def _verdicts(self) -> Small:
        at = self.compiled.columns
        found: Small = at.blocking_runs.reduce(np.maximum, self.bites[: at.blocking])
        if len(at.need_of):
            inherited = found[at.need_of]
            if self.known.in_place:
                inherited[self.placed[at.need_of]] = FEASIBLE
            found = np.maximum(found, at.need_runs.reduce(np.maximum, inherited))
        if self.known.in_place:
            found[self.placed] = FEASIBLE
        return found

    def _coverage(self) -> Small:
        """Levels of coverage: as stated, and what is left if every limitation bites that does so surely, or at least possibly."""
        at = self.compiled.columns
        left = np.empty((3, len(at.stated)), dtype=np.uint8)
        left[:] = at.stated
        reduced = at.reduction_runs
        if len(reduced.starts):
            biting = self.bites[at.reduction_limitation] >= _SURELY_THEN_POSSIBLY
            most = np.minimum.reduceat(np.where(biting, at.reduction_to, np.uint8(len(LEVELS))), reduced.starts, axis=1)
            left[1:, reduced.owners] = np.minimum(at.stated[reduced.owners], most)
        left[1:] *= (self.verdicts < _HOPELESS)[:, at.addressing_solution]
        return left

    def hanging(self, solutions: Ints) -> list[int]:
        """For each facet, on how many of some undecided solutions' verdicts it bears."""
        at, facets = self.compiled.columns, len(self.compiled.vocabulary.facets)
        if not len(solutions):
            return [0] * facets
        first = at.blocking_literals
        open_ = (self.truth[at.literal_row[:first]] == UNKNOWN) & (self.clauses[at.literal_clause[:first]] >= UNKNOWN)
        bearing = np.zeros((len(self.compiled.names), facets), dtype=bool)
        bearing[at.literal_solution[open_], at.literal_facet[open_]] = True
        if len(at.need_of):
            missing = ~self.placed[at.need_of]
            inherited = bearing[at.need_of[missing]]
            np.logical_or.at(bearing, at.need_solution[missing], inherited)
        counted: list[int] = bearing[solutions].sum(axis=0).tolist()
        return counted

    def __getitem__(self, solution: str) -> Ruling:
        if solution not in self._made:
            self._made[solution] = self._ruling(self.compiled.options[solution])
        return self._made[solution]

    def __iter__(self) -> Iterator[str]:
        return iter(self.compiled.names)

    def __len__(self) -> int:
        return len(self.compiled.names)

    def _ruling(self, option: Option) -> Ruling:
        yes, no, state = self.known.yes, self.known.no, self._bites
        bites = tuple(
            [
                Bite(r, r.certain(yes, no) if state[r.at] == TRUE else None)
                for r in self.compiled.rules(option.solution.id, self.known.in_place)
                if state[r.at]
            ]
        )
        verdict, unknown = VERDICTS[self._ruled[option.at]], 0
        if verdict == "undecided":
            for bite in bites:
                if bite.rule.limitation.effect == "blocks":
                    unknown |= bite.rule.undecided_atoms(yes, no)
        part = slice(option.first, option.first + len(option.addressings))
        high, low = (self.compiled.levels(option, levels[part]) for levels in (self._high, self._low))
        return Ruling(option, verdict, self.compiled.concepts(unknown), bites, high, low)


def rule(compiled: Compiled, known: Known) -> Rulings:
    """Rule on every solution of the catalogue."""
    return Rulings(compiled, known)


@dataclass(frozen=True)
class Availability:
    """How well a challenge can be met by this organisation; `low` and `high` are coverage levels."""

    availability: Literal["feasible", "partial", "blocked", "undecided", "open"]
    low: str
    high: str


_CLASS: Mapping[str, Literal["feasible", "partial", "blocked"]] = {
    "full": "feasible", "substantial": "feasible", "partial": "partial", "none": "blocked",
}  # fmt: skip


def availability(compiled: Compiled, rulings: Rulings, challenge: str) -> Availability:
    """The challenge's availability for this organisation: `open` if even the best stated coverage is at most partial."""
    return availabilities(rulings, compiled.addressing([challenge]))[0]


def availabilities(rulings: Rulings, addressed: Addressed) -> list[Availability]:
    """The availability of several challenges, in their order."""
    best = addressed.runs.reduce(np.maximum, rulings.coverage[:, addressed.rows])
    return [_AVAILABILITY[tuple(levels)] for levels in best.T.tolist()]


def _availability(stated: int, high: int, low: int) -> Availability:
    least, most = LEVELS[low], LEVELS[high]
    if stated <= _PARTIAL:
        return Availability("open", least, most)
    return Availability(_CLASS[least] if _CLASS[least] == _CLASS[most] else "undecided", least, most)


_AVAILABILITY = {at: _availability(*at) for at in itertools.product(range(len(LEVELS)), repeat=3)}
