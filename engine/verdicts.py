"""Verdicts: which limitations bite, certainly or possibly, and what follows for each solution and challenge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.answer import Verdict
from engine.columns import FALSE, LEVELS, TRUE, UNKNOWN, Ints, Small, runs
from engine.compiled import Compiled, Option, Rule
from kb.records.profile import Profile

VERDICTS: tuple[Verdict, ...] = ("feasible", "undecided", "blocked")
FEASIBLE, UNDECIDED, BLOCKED = range(3)
_NONE, _PARTIAL = LEVELS.index("none"), LEVELS.index("partial")


@dataclass(frozen=True)
class Bite:
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
    """What is known of an organisation, as masks."""

    def __init__(self, compiled: Compiled, profile: Profile) -> None:
        self.facts = profile.facts
        self.yes, self.no = compiled.masks(profile.facts)
        self.in_place = compiled.with_prerequisites(profile.in_place)


class Rulings(Mapping[str, Ruling]):
    """The rulings on all solutions: as columns at once, and in words for the solutions that are looked at.

    Columns: `verdicts` (0 feasible, 1 undecided, 2 blocked) per solution, `high` and `low` (levels of coverage from 0) per addressing,
    `bites` (0 no, 1 possibly, 2 certainly) per limitation, `clauses` the same per clause, `truth` the table of truth values,
    `placed` whether a solution is in place.
    """

    def __init__(self, compiled: Compiled, known: Known) -> None:
        self.compiled, self.known = compiled, known
        at = compiled.columns
        self.truth = compiled.truth.table(known.facts)
        self.clauses = runs(np.minimum, self.truth[at.literal_row], at.clause_start)
        self.bites = runs(np.maximum, self.clauses, at.limitation_start)
        self.placed = np.zeros(len(compiled.names), dtype=bool)
        self.placed[[compiled.options[s].at for s in known.in_place if s in compiled.options]] = True
        self.verdicts = self._verdicts()
        self.high, self.low = self._coverage(TRUE), self._coverage(UNKNOWN)
        # Single values are read from bytes, which is several times quicker than from arrays.
        self._bites, self._high, self._low = self.bites.tobytes(), self.high.tobytes(), self.low.tobytes()
        self._made: dict[str, Ruling] = {}

    def _verdicts(self) -> Small:
        at = self.compiled.columns
        own = np.zeros(len(self.compiled.names), dtype=np.uint8)
        own[at.blocked_solution] = runs(np.maximum, self.bites[: at.blocking], at.blocked_start)
        found = own.copy()
        np.maximum.at(found, at.need_solution, np.where(self.placed[at.need_of], FEASIBLE, own[at.need_of]))
        found[self.placed] = FEASIBLE
        return found

    def _coverage(self, least: int) -> Small:
        """Levels of coverage that are left if every limitation bites that does so at least so surely."""
        at = self.compiled.columns
        left = at.stated.copy()
        biting = self.bites[at.reduction_limitation] >= least
        np.minimum.at(left, at.reduction_addressing[biting], at.reduction_to[biting])
        hopeless = BLOCKED if least == TRUE else UNDECIDED
        left[self.verdicts[at.addressing_solution] >= hopeless] = _NONE
        return left

    def hanging(self, solutions: Ints) -> Ints:
        """For each facet, on how many of some undecided solutions' verdicts it bears."""
        at, first = self.compiled.columns, self.compiled.columns.blocking_literals
        open_ = (self.truth[at.literal_row[:first]] == UNKNOWN) & (self.clauses[at.literal_clause[:first]] >= UNKNOWN)
        own = np.zeros((len(self.compiled.names), len(self.compiled.vocabulary.facets)), dtype=bool)
        own[at.literal_solution[open_], at.literal_facet[open_]] = True
        every = own.copy()
        missing = ~self.placed[at.need_of]
        np.logical_or.at(every, at.need_solution[missing], own[at.need_of[missing]])
        counted: Ints = every[solutions].sum(axis=0)
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
        rules = self.compiled.rules(option.solution.id, self.known.in_place)
        bites = tuple(
            Bite(r, r.certain(yes, no) if state[r.at] == TRUE else None) for r in rules if state[r.at] != FALSE
        )
        verdict, unknown = VERDICTS[self.verdicts[option.at]], 0
        if verdict == "undecided":
            for bite in bites:
                if bite.rule.limitation.effect == "blocks":
                    unknown |= bite.rule.undecided_atoms(yes, no)
        high, low = (
            {c: LEVELS[level] for c, level in zip(option.addressings, levels[option.first :], strict=False)}
            for levels in (self._high, self._low)
        )
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
    solvers = compiled.addressed(challenge)
    low, high, stated = (
        int(levels[solvers].max(initial=_NONE)) for levels in (rulings.low, rulings.high, compiled.columns.stated)
    )
    least, most = LEVELS[low], LEVELS[high]
    if stated <= _PARTIAL:
        return Availability("open", least, most)
    return Availability(_CLASS[least] if _CLASS[least] == _CLASS[most] else "undecided", least, most)
