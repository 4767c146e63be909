"""The catalogue compiled for answering: columns for all solutions at once, bit masks for one at a time, prerequisites closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from engine.columns import COVERAGE, EFFECTS, FIT, LEVELS, Atoms, Ints, Runs, columns
from engine.ease import EFFORT, effort_shares, preferable
from engine.told import Told
from kb.records import Vocabulary
from kb.records.profile import PREFERABLE
from kb.records.terms import atoms_of

if TYPE_CHECKING:
    from kb.records import Addressing, Article, Catalogue, Challenge, Context, Limitation, Record, Solution

__all__ = ["COVERAGE", "LEVELS", "Compiled", "Option", "Rule", "by_id"]

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """A limitation with its clauses as pairs of masks: atoms that must hold, and atoms that must not; `at` is its row in the columns.

    `reduced` are the challenges whose coverage it reduces.
    """

    limitation: Limitation
    clauses: tuple[tuple[int, int], ...]
    at: int
    reduced: frozenset[str]
    inherited_from: str | None = None

    def certain(self, yes: int, no: int) -> tuple[int, int] | None:
        """A clause with no literal other than true, if there is one; `yes` and `no` are the atoms known to hold and not to."""
        for clause in self.clauses:
            if clause[0] & ~yes == 0 and clause[1] & ~no == 0:
                return clause
        return None

    def undecided_atoms(self, yes: int, no: int) -> int:
        """The unknown atoms of the clauses that may still hold."""
        known, found = yes | no, 0
        for p, n in self.clauses:
            if p & no == 0 and n & yes == 0:
                found |= (p | n) & ~known
        return found


@dataclass(frozen=True)
class Option:
    """A solution with what the rules need of it.

    `at` is its row in the columns, `first` that of its first addressing; `addressings` has the order that they have there. `contexts`
    are the masks of what it was validated with, one for each setting.
    """

    at: int
    first: int
    solution: Solution
    addressings: Mapping[str, Addressing]
    own: tuple[Rule, ...]
    needs: tuple[str, ...]
    contexts: tuple[int, ...]


@dataclass(frozen=True)
class Addressed:
    """Rows of the addressings of some challenges, one challenge after the other; `challenge` counts these, `runs` are those of it."""

    rows: Ints
    challenge: Ints
    runs: Runs


class Compiled:
    """A catalogue ready to answer; immutable once built.

    Retired records are left out.

    Attributes:
        asked: by facet, the mask of what there is to know of it.
        helping: the concepts of each facet of which more helps, lowest first.
        forbids: facets and concepts that an organisation does without if it rules something out, by what it rules out.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.version = catalogue.edition.id
        self.honesty = catalogue.edition.honesty
        self.person_week_euros = catalogue.edition.person_week_euros
        self.vocabulary: Vocabulary = catalogue.vocabulary
        self.weights: Mapping[str, float] = {c.id: c.weight for c in catalogue.criteria}
        self.articles: Mapping[str, Article] = {a.id: a for a in catalogue.articles}
        self.challenges: Mapping[str, Challenge] = {c.id: c for c in by_id(catalogue.challenges) if c.retired is None}
        self.atoms = tuple(c.id for c in catalogue.concepts if self.vocabulary.schemes[c.scheme].use == "facet")
        self._bit = {concept: 1 << at for at, concept in enumerate(self.atoms)}
        self.asked: Mapping[str, int] = {
            f: self.mask(f"{f}.{v}" for v in self.vocabulary.values(f)[self.vocabulary.ordered(f) :])
            for f in self.vocabulary.facets
        }
        self.told = Told(self.vocabulary, self.concepts)
        every = {s.id: s for s in catalogue.solutions}
        self._needs = {s: tuple(sorted(_closure(s, every))) for s in every}
        live = {s.id: s for s in by_id(catalogue.solutions) if s.retired is None}
        addressings = sorted(
            (a for a in catalogue.addressings if a.solution in live and a.challenge in self.challenges),
            key=lambda a: (a.solution, a.challenge),
        )
        limitations = sorted(
            (x for x in catalogue.limitations if x.retired is None and x.solution in live),
            key=lambda x: (EFFECTS.index(x.effect), x.solution, x.id),
        )
        self.names = tuple(live)
        self.truth = Atoms(self.atoms)
        self.columns = columns(
            list(live.values()),
            addressings,
            limitations,
            self._needs,
            list(self.challenges),
            self.truth,
            self.vocabulary,
        )
        self.effort, self.preferable = self._ease(list(live.values()))
        self.options: Mapping[str, Option] = self._options(live, addressings, limitations)
        self._inherited: dict[str, list[Rule]] = {}
        self._levels: dict[tuple[int, bytes], Mapping[str, str]] = {}
        self._addressed = [
            np.flatnonzero(self.columns.addressing_challenge == at) for at in range(len(self.challenges))
        ]
        self._at_challenge = {c: at for at, c in enumerate(self.challenges)}
        schemes = self.vocabulary.schemes.values()
        self.helping: Mapping[str, tuple[str, ...]] = {
            s.id: tuple(f"{s.id}.{v}" for v in self.vocabulary.values(s.id)) for s in schemes if s.more_helps
        }
        self.forbids: Mapping[str, tuple[str, ...]] = {
            c.id: tuple(c.forbids)
            for c in self.vocabulary.concepts.values()
            if self.vocabulary.schemes[c.scheme].omitted_means_no and c.forbids
        }

    def _ease(self, solutions: list[Solution]) -> tuple[Shares, dict[str, npt.NDArray[np.bool_]]]:
        """Shares of the criteria that depend on a solution alone, a row for each of `EFFORT`, and who has what can be preferred."""
        effort = np.zeros((len(EFFORT), len(solutions)))
        liked = {name: np.zeros(len(solutions), dtype=bool) for name in (*self.vocabulary.values("kind"), *PREFERABLE)}
        for at, solution in enumerate(solutions):
            shares = {name: share for name, share, _ in effort_shares(self.vocabulary, solution)}
            effort[:, at] = [shares[name] for name in EFFORT]
            for name in preferable(solution, shares):
                liked[name][at] = True
        return effort, liked

    def addressing(self, challenges: Collection[str]) -> Addressed:
        """Where some challenges are addressed."""
        found = [self._addressed[self._at_challenge[c]] for c in challenges]
        held = [at for at, rows in enumerate(found) if len(rows)]
        starts = list(accumulate((len(found[at]) for at in held), initial=0))[:-1]
        challenge = np.repeat(np.arange(len(found)), [len(rows) for rows in found])
        runs = Runs(np.array(starts, dtype=np.intp), np.array(held, dtype=np.intp), len(found))
        return Addressed(np.concatenate([np.empty(0, dtype=np.intp), *found]), challenge, runs)

    def levels(self, option: Option, ranks: bytes) -> Mapping[str, str]:
        """Levels of coverage by challenge, from their ranks; one and the same mapping each time."""
        key = (option.at, ranks)
        if key not in self._levels:
            self._levels[key] = MappingProxyType(
                dict(zip(option.addressings, map(LEVELS.__getitem__, ranks), strict=True))
            )
        return self._levels[key]

    def _options(
        self, live: Mapping[str, Solution], addressings: list[Addressing], limitations: list[Limitation]
    ) -> dict[str, Option]:
        rules: dict[str, list[Rule]] = {s: [] for s in live}
        for at, limitation in enumerate(limitations):
            reduced = frozenset(r.challenge for r in limitation.reduces)
            rules[limitation.solution].append(Rule(limitation, self._masks(limitation), at, reduced))
        served: dict[str, dict[str, Addressing]] = {s: {} for s in live}
        for addressing in addressings:
            served[addressing.solution][addressing.challenge] = addressing
        return {
            s.id: Option(
                at, int(self.columns.addressing_start[at]), s, served[s.id], tuple(sorted(rules[s.id], key=lambda r: r.limitation.id)),
                tuple(p for p in self._needs[s.id] if p in live), tuple(self._context(c) for c in s.validated_in),
            )
            for at, s in enumerate(live.values())
        }  # fmt: skip

    def _masks(self, limitation: Limitation) -> tuple[tuple[int, int], ...]:
        return tuple(
            (self.mask(c for c, holds in atoms if holds), self.mask(c for c, holds in atoms if not holds))
            for atoms in atoms_of(limitation.when)
        )

    def _context(self, context: Context) -> int:
        named = (f"{facet}.{value}" for facet in FIT if (value := getattr(context, facet)) is not None)
        return self.mask(c for c in named if c in self._bit)

    def mask(self, concepts: Iterable[str]) -> int:
        """The bits of some atoms."""
        found = 0
        for concept in concepts:
            found |= self._bit[concept]
        return found

    def masks(self, facts: Mapping[str, bool]) -> tuple[int, int]:
        """The bits of the atoms that are known to hold, and of those known not to; what is no atom counts for nothing."""
        held, bit = [0, 0], self._bit
        for concept, holds in facts.items():
            held[holds] |= bit.get(concept, 0)
        return held[True], held[False]

    def concepts(self, mask: int) -> tuple[str, ...]:
        """The atoms of a mask, in the vocabulary's order."""
        found = []
        while mask:
            lowest = mask & -mask
            found.append(self.atoms[lowest.bit_length() - 1])
            mask ^= lowest
        return tuple(found)

    def with_prerequisites(self, solutions: Iterable[str]) -> frozenset[str]:
        """The solutions and all they need: what is in place has its prerequisites in place."""
        held = [s for s in solutions if s in self._needs]
        return frozenset(held).union(*(self._needs[s] for s in held))

    def rules(self, solution: str, in_place: frozenset[str]) -> tuple[Rule, ...]:
        """The solution's own limitations, and the blocking ones of its prerequisites that are not in place."""
        option = self.options[solution]
        if not option.needs:
            return option.own
        inherited = self._inherited.get(solution)
        if inherited is None:
            inherited = self._inherited[solution] = [
                replace(rule, inherited_from=needed)
                for needed in option.needs
                for rule in self.options[needed].own
                if rule.limitation.effect == "blocks"
            ]
        return option.own + tuple([rule for rule in inherited if rule.inherited_from not in in_place])


def _closure(start: str, solutions: Mapping[str, Solution]) -> set[str]:
    needed: set[str] = set()
    trail = list(solutions[start].prerequisites)
    while trail:
        current = trail.pop()
        if current not in needed and current in solutions:
            needed.add(current)
            trail += solutions[current].prerequisites
    return needed


R = TypeVar("R", bound="Record")


def by_id(records: Iterable[R]) -> list[R]:
    """Records in the order of their ids, so that the order in which they were read never shows."""
    return sorted(records, key=lambda r: str(r.id))  # type: ignore[attr-defined]
