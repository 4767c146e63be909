"""The catalogue compiled for answering: conditions as bit masks over atoms, coverage as numbers, prerequisites closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from kb.records import Addressing, Article, Catalogue, Challenge, Limitation, Record, Solution, Vocabulary

COVERAGE = {"none": 0.0, "partial": 1 / 3, "substantial": 2 / 3, "full": 1.0}
LEVELS = tuple(COVERAGE)


@dataclass(frozen=True)
class Rule:
    """A limitation with its clauses as pairs of masks: atoms that must hold, and atoms that must not."""

    limitation: Limitation
    clauses: tuple[tuple[int, int], ...]
    inherited_from: str | None = None

    def certain(self, yes: int, no: int) -> tuple[int, int] | None:
        """A clause with no literal other than true, if there is one; `yes` and `no` are the atoms known to hold and not to."""
        return next(((p, n) for p, n in self.clauses if p & ~yes == 0 and n & ~no == 0), None)

    def possible(self, yes: int, no: int) -> bool:
        """Whether a clause has no literal that is known to be false."""
        return any(p & no == 0 and n & yes == 0 for p, n in self.clauses)

    def undecided_atoms(self, yes: int, no: int) -> int:
        """The unknown atoms of the clauses that may still hold."""
        known, found = yes | no, 0
        for p, n in self.clauses:
            if p & no == 0 and n & yes == 0:
                found |= (p | n) & ~known
        return found


@dataclass(frozen=True)
class Option:
    """A solution with what the rules need of it."""

    solution: Solution
    addressings: Mapping[str, Addressing]
    own: tuple[Rule, ...]
    needs: tuple[str, ...]


class Compiled:
    """A catalogue ready to answer; immutable once built.

    Retired records are left out.
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
        every = {s.id: s for s in catalogue.solutions}
        self._needs = {s: tuple(sorted(_closure(s, every))) for s in every}
        self.options: Mapping[str, Option] = self._options(catalogue)
        self.by_challenge: Mapping[str, tuple[str, ...]] = {
            c: tuple(s for s, option in self.options.items() if c in option.addressings) for c in self.challenges
        }

    def _options(self, catalogue: Catalogue) -> dict[str, Option]:
        live = {s.id: s for s in by_id(catalogue.solutions) if s.retired is None}
        rules: dict[str, list[Rule]] = {s: [] for s in live}
        for limitation in by_id(catalogue.limitations):
            if limitation.retired is None and limitation.solution in live:
                rules[limitation.solution].append(Rule(limitation, self._masks(limitation)))
        addressings: dict[str, dict[str, Addressing]] = {s: {} for s in live}
        for addressing in by_id(catalogue.addressings):
            if addressing.solution in live and addressing.challenge in self.challenges:
                addressings[addressing.solution][addressing.challenge] = addressing
        return {
            s.id: Option(s, addressings[s.id], tuple(rules[s.id]), tuple(p for p in self._needs[s.id] if p in live))
            for s in live.values()
        }

    def _masks(self, limitation: Limitation) -> tuple[tuple[int, int], ...]:
        return tuple(
            (self.mask(c for c, holds in atoms if holds), self.mask(c for c, holds in atoms if not holds))
            for atoms in limitation.when.atoms()
        )

    def mask(self, concepts: Iterable[str]) -> int:
        """The bits of some atoms."""
        found = 0
        for concept in concepts:
            found |= self._bit[concept]
        return found

    def concepts(self, mask: int) -> tuple[str, ...]:
        """The atoms of a mask, in the vocabulary's order."""
        return tuple(concept for concept, bit in self._bit.items() if mask & bit)

    def with_prerequisites(self, solutions: Iterable[str]) -> frozenset[str]:
        """The solutions and all they need: what is in place has its prerequisites in place."""
        held = [s for s in solutions if s in self._needs]
        return frozenset(held).union(*(self._needs[s] for s in held))

    def rules(self, solution: str, in_place: frozenset[str]) -> tuple[Rule, ...]:
        """The solution's own limitations, and the blocking ones of its prerequisites that are not in place."""
        option = self.options[solution]
        inherited = tuple(
            Rule(rule.limitation, rule.clauses, needed)
            for needed in option.needs
            if needed not in in_place
            for rule in self.options[needed].own
            if rule.limitation.effect == "blocks"
        )
        return option.own + inherited


def _closure(start: str, solutions: Mapping[str, Solution]) -> set[str]:
    needed: set[str] = set()
    trail = list(solutions[start].prerequisites)
    while trail:
        current = trail.pop()
        if current not in needed and current in solutions:
            needed.add(current)
            trail += solutions[current].prerequisites
    return needed


R = TypeVar("R", bound=Record)


def by_id(records: Iterable[R]) -> list[R]:
    """Records in the order of their ids, so that the order in which they were read never shows."""
    return sorted(records, key=lambda r: str(r.id))  # type: ignore[attr-defined]
