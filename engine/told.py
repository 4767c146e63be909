"""What is told of a record alike in every answer, put into words when first needed and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.answer import Caution, Reason
from engine.ease import effort_shares
from kb.records import Vocabulary, evidence_level
from kb.records.terms import Atoms
from kb.records.words import clause_in_words, condition_in_words

if TYPE_CHECKING:
    from kb.records import Addressing, Evidence, Limitation, Solution


def sources_of(evidence: tuple[Evidence, ...]) -> tuple[str, ...]:
    """What supports a statement: articles by id, other works by name."""
    supporting = [e.source or e.where for e in evidence if e.stance == "supports"]
    return tuple(dict.fromkeys(s for s in supporting if s is not None))


class Told:
    """Words about the records of one catalogue; it holds at most one entry per record and way of telling it."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._cautions: dict[tuple[str, bool], Caution] = {}
        self._reasons: dict[tuple[str, Atoms, str | None], Reason] = {}
        self._evidence: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._effort: dict[str, tuple[str, ...]] = {}

    def caution(self, limitation: Limitation, certain: bool) -> Caution:
        """A limitation that reduces or warns, as a caution."""
        key = (limitation.id, certain)
        if key not in self._cautions:
            self._cautions[key] = Caution(
                limitation=limitation.id,
                effect=limitation.effect,
                factor=limitation.factor,
                certain=certain,
                says=limitation.says,
                when=condition_in_words(limitation.when, self._vocabulary),
                residual_risk=limitation.residual_risk,
                sources=sources_of(limitation.evidence),
            )
        return self._cautions[key]

    def reason(self, limitation: Limitation, clause: Atoms, inherited_from: str | None) -> Reason:
        """A limitation that bites because all of a clause holds."""
        key = (limitation.id, clause, inherited_from)
        if key not in self._reasons:
            self._reasons[key] = Reason(
                limitation=limitation.id,
                factor=limitation.factor,
                says=limitation.says,
                because=clause_in_words(clause, self._vocabulary),
                inherited_from=inherited_from,
                sources=sources_of(limitation.evidence),
            )
        return self._reasons[key]

    def evidence(self, addressing: Addressing) -> tuple[str, tuple[str, ...]]:
        """The level of the evidence for an addressing, and its sources."""
        if addressing.id not in self._evidence:
            level = evidence_level(addressing.evidence, self._vocabulary)
            self._evidence[addressing.id] = level, sources_of(addressing.evidence)
        return self._evidence[addressing.id]

    def effort(self, solution: Solution) -> tuple[str, ...]:
        """What each of the criteria of `engine.ease.EFFORT` stands for in a solution."""
        if solution.id not in self._effort:
            self._effort[solution.id] = tuple(said for _, _, said in effort_shares(self._vocabulary, solution))
        return self._effort[solution.id]
