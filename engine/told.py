"""What is told of a record alike in every answer, put into words when first needed and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.answer import Caution, Reason, Served
from engine.columns import FIT
from engine.ease import effort_shares
from kb.records import Vocabulary, evidence_level
from kb.records.words import clause_in_words, condition_in_words

if TYPE_CHECKING:
    from kb.records import Addressing, Evidence, Limitation, Solution


def sources_of(evidence: tuple[Evidence, ...]) -> tuple[str, ...]:
    """What supports a statement: articles by id, other works by name."""
    supporting = [e.source or e.where for e in evidence if e.stance == "supports"]
    return tuple(dict.fromkeys(s for s in supporting if s is not None))


class Told:
    """Words about the records of one catalogue; it holds at most one entry per record and way of telling it.

    Args:
        vocabulary: for labels.
        concepts: gives the atoms of a mask.
    """

    def __init__(self, vocabulary: Vocabulary, concepts: Callable[[int], tuple[str, ...]]) -> None:
        self._vocabulary, self._concepts = vocabulary, concepts
        self._cautions: dict[tuple[str, bool], Caution] = {}
        self._reasons: dict[tuple[str, tuple[int, int], str | None], Reason] = {}
        self._served: dict[tuple[str, str, str], Served] = {}
        self._labels: dict[int, str] = {}
        self._least: dict[str, tuple[float, float, float | None]] = {}
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

    def reason(self, limitation: Limitation, clause: tuple[int, int], inherited_from: str | None) -> Reason:
        """A limitation that bites because all of a clause holds, given as the masks of what must hold and what must not."""
        key = (limitation.id, clause, inherited_from)
        if key not in self._reasons:
            signed = zip(map(self._concepts, clause), (True, False), strict=True)
            atoms = frozenset((concept, holds) for concepts, holds in signed for concept in concepts)
            self._reasons[key] = Reason(
                limitation=limitation.id,
                factor=limitation.factor,
                says=limitation.says,
                because=clause_in_words(atoms, self._vocabulary),
                inherited_from=inherited_from,
                sources=sources_of(limitation.evidence),
            )
        return self._reasons[key]

    def served(self, addressing: Addressing, high: str, low: str) -> Served:
        """A challenge that a solution bears on, with the coverage that is left of what is stated."""
        key = (addressing.id, high, low)
        if key not in self._served:
            self._served[key] = Served(
                challenge=addressing.challenge,
                stated=addressing.coverage,
                high=high,
                low=low,
                how=addressing.how,
                remains=addressing.remains,
                evidence=evidence_level(addressing.evidence, self._vocabulary),
                sources=sources_of(addressing.evidence),
            )
        return self._served[key]

    def labels(self, context: int) -> str:
        """What a context is made of, given as a mask of atoms."""
        if context not in self._labels:
            named = sorted(self._concepts(context), key=lambda c: FIT.index(c.partition(".")[0]))
            self._labels[context] = ", ".join(self._vocabulary.label(c).lower() for c in named)
        return self._labels[context]

    def effort(self, solution: Solution) -> tuple[str, ...]:
        """What each of the criteria of `engine.ease.EFFORT` stands for in a solution."""
        if solution.id not in self._effort:
            self._effort[solution.id] = tuple(said for _, _, said in effort_shares(self._vocabulary, solution))
        return self._effort[solution.id]

    def least(self, solution: Solution) -> tuple[float, float, float | None]:
        """The least that a solution takes: euros in the first year, person-weeks, and weeks until it shows its value where that is told."""
        if solution.id not in self._least:
            effort, concepts = solution.effort, self._vocabulary.concepts
            tiers = [concepts[f"cost.{tier}"].euros for tier in (effort.one_off_cost, effort.running_cost)]
            weeks = concepts[f"horizon.{effort.time_to_value}"].weeks
            euros = sum(range_.low for range_ in tiers if range_)
            self._least[solution.id] = euros, effort.person_weeks.low, weeks.low if weeks else None
        return self._least[solution.id]
