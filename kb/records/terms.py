"""What is looked up in records: values, labels, atoms, levels.

Imports no validators, so that answering from a catalogue that was validated when it was built is quick.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.records.catalogue import Evidence, Implementation
    from kb.records.condition import Condition
    from kb.records.vocabulary import Concept, Scheme

Atoms = frozenset[tuple[str, bool]]
RECENT_DAYS = 731


def nearest(word: object, choices: Iterable[str]) -> str:
    """Say which valid names are nearest to a wrong one, or which there are.

    >>> nearest("buget", ["budget", "people"])
    'did you mean budget?'
    """
    names = list(choices)
    close = difflib.get_close_matches(str(word).lower().replace("_", "-"), names, n=3, cutoff=0.7)
    close = close or difflib.get_close_matches(str(word).lower().replace("-", "_"), names, n=3, cutoff=0.7)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"use one of {', '.join(names)}" if names else "there is none yet"


class Vocabulary:
    """Schemes and concepts, indexed; built once per catalogue."""

    def __init__(self, schemes: Iterable[Scheme], concepts: Iterable[Concept]) -> None:
        self.schemes: Mapping[str, Scheme] = {s.id: s for s in schemes}
        self.concepts: Mapping[str, Concept] = {c.id: c for c in concepts}
        values: dict[str, list[Concept]] = {s: [] for s in self.schemes}
        for concept in sorted(self.concepts.values(), key=lambda c: c.rank):
            values.setdefault(concept.scheme, []).append(concept)
        self._values = {scheme: tuple(c.id.partition(".")[2] for c in held) for scheme, held in values.items()}
        self._named = {scheme: {v: f"{scheme}.{v}" for v in held} for scheme, held in self._values.items()}

    @cached_property
    def facets(self) -> tuple[str, ...]:
        """Ids of the schemes that describe an organisation."""
        return tuple(s.id for s in self.schemes.values() if s.use == "facet")

    def values(self, scheme: str) -> tuple[str, ...]:
        """Values of a scheme in their order, lowest first; none for a scheme that is not there."""
        return self._values.get(scheme, ())

    def named(self, scheme: str) -> Mapping[str, str]:
        """Concepts of a scheme by value, in the order of the values."""
        return self._named.get(scheme, {})

    def ordered(self, facet: str) -> bool:
        """Whether the values of the facet are levels."""
        return self.schemes[facet].order == "ordered"

    def label(self, concept: str) -> str:
        """Human-readable name of a concept given by its full id."""
        return self.concepts[concept].label


def atoms_of(condition: Condition) -> tuple[Atoms, ...]:
    """The clauses of a condition as sets of (concept, holds)."""
    return tuple(frozenset((x.concept, x.holds) for x in clause.literals) for clause in condition.clauses)


def maintained(implementation: Implementation) -> bool:
    """Whether the last release was at most two years old when it was checked."""
    released, checked = (date.fromisoformat(str(day)) for day in (implementation.released, implementation.checked))
    return (checked - released).days <= RECENT_DAYS


def evidence_level(evidence: tuple[Evidence, ...], vocabulary: Vocabulary) -> str:
    """The strongest kind among the evidence that supports: derived, never typed in."""
    ranks = vocabulary.values("evidence")
    return max((e.kind for e in evidence if e.stance == "supports"), key=ranks.index, default=ranks[0])
