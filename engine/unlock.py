"""Unlocks: the smallest sets of moves after which a blocked solution is no longer blocked.

Complete and exact: every certainly holding clause of every blocking limitation must lose a literal; the minimal sets that do so are found
by branching over the first clause that still holds (Reiter's hitting sets), each checked for minimality by the definition itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.answer import Move
from engine.compiled import Compiled
from engine.verdicts import Known, Ruling
from kb.records.profile import Profile

MOST_MOVES = 4


@dataclass(frozen=True)
class Unlock:
    """Moves after which a solution is no longer blocked; `leaves_unknown` are the atoms that then still decide."""

    solution: str
    moves: tuple[Move, ...]
    cost: float
    verdict: str
    leaves_unknown: tuple[str, ...]


class Unlocker:
    """Finds unlocks for one organisation.

    Args:
        compiled: the catalogue.
        profile: the organisation; what it rules out, and what such a ruling forbids, is never a move.
        known: what is known of it, if that is at hand.
    """

    def __init__(self, compiled: Compiled, profile: Profile, known: Known | None = None) -> None:
        self.compiled, self.profile, self.known = compiled, profile, known or Known(compiled, profile)
        facts, schemes = profile.facts, compiled.vocabulary.schemes
        forbidden = {name for ruled, names in compiled.forbids.items() if facts.get(ruled) is True for name in names}
        self.above: dict[str, tuple[str, ...]] = {}
        for scheme, concepts in compiled.helping.items():
            if scheme in forbidden:
                continue
            lacking = [c for c in concepts if facts.get(c) is False and c not in forbidden]
            for at, concept in enumerate(lacking):
                self.above[concept] = tuple(lacking[: at + 1]) if schemes[scheme].order == "ordered" else (concept,)
        self._movable = compiled.mask(self.above)

    def unlocks(self, ruling: Ruling) -> tuple[Unlock, ...]:
        """All unlocks of a blocked solution, cheapest first; none if something else than means clashes, or four moves do not do."""
        if ruling.verdict != "blocked":
            return ()
        clauses = [n for _, n in self.clashes(ruling)]
        if not all(map(self.mends, clauses)):
            return ()
        found = {goals for goals in self._hit(clauses, frozenset()) if self._minimal(goals, clauses)}
        made = [self._unlock(ruling, goals) for goals in found]
        return tuple(sorted(made, key=lambda u: (u.cost, len(u.moves), [(m.facet, m.to) for m in u.moves])))

    def clashes(self, ruling: Ruling) -> list[tuple[int, int]]:
        """Every certainly holding clause that blocks, as masks: one of the atoms that it wants lacking must be gained."""
        yes, no = self.known.yes, self.known.no
        return [
            (p, n)
            for bite in ruling.bites
            if bite.certain and bite.rule.limitation.effect == "blocks"
            for p, n in bite.rule.clauses
            if p & ~yes == 0 and n & ~no == 0
        ]

    def gained(self, moves: Iterable[Move]) -> tuple[str, ...]:
        """The atoms that hold after some moves and did not before."""
        return tuple(sorted({a for m in moves for a in self.above[f"{m.facet}.{m.to}"]}))

    def mends(self, lacking: int) -> bool:
        """Whether a move could gain one of some lacking atoms."""
        return bool(lacking & self._movable)

    def _candidates(self, lacking: int) -> tuple[str, ...]:
        return self.compiled.concepts(lacking & self._movable)

    def _gained(self, goals: frozenset[str]) -> int:
        return self.compiled.mask(c for goal in goals for c in self.above[goal])

    def _hit(self, clauses: list[int], goals: frozenset[str]) -> Iterator[frozenset[str]]:
        gained = self._gained(goals)
        holding = next((n for n in clauses if n & gained == 0), None)
        if holding is None:
            yield goals
            return
        for concept in self._candidates(holding):
            more = self._with(goals, concept)
            if len(more) <= MOST_MOVES:
                yield from self._hit(clauses, more)

    def _with(self, goals: frozenset[str], concept: str) -> frozenset[str]:
        """Goals with one more; a higher level of an ordered facet replaces a lower one."""
        return frozenset(g for g in goals if g not in self.above[concept]) | {concept}

    def _minimal(self, goals: frozenset[str], clauses: list[int]) -> bool:
        for goal in goals:
            below = self.above[goal][-2:-1]
            lowered = (goals - {goal}) | set(below)
            if all(n & self._gained(lowered) for n in clauses):
                return False
        return True

    def _unlock(self, ruling: Ruling, goals: frozenset[str]) -> Unlock:
        moves = tuple(sorted((self._move(g) for g in goals), key=lambda m: (m.facet, m.to)))
        gained = self._gained(goals)
        yes, no = self.known.yes | gained, self.known.no & ~gained
        left = 0
        for rule in self.compiled.rules(ruling.option.solution.id, self.known.in_place):
            if rule.limitation.effect == "blocks":
                left |= rule.undecided_atoms(yes, no)
        unknown = self.compiled.concepts(left)
        cost = sum(m.euros + m.person_weeks * self.compiled.person_week_euros for m in moves)
        return Unlock(ruling.option.solution.id, moves, cost, "undecided" if unknown else "feasible", unknown)

    def _move(self, goal: str) -> Move:
        vocabulary = self.compiled.vocabulary
        facet, _, value = goal.partition(".")
        gains = [vocabulary.concepts[c].gain for c in self.above[goal]]
        euros = sum(g.euros for g in gains if g)
        weeks = sum(g.person_weeks for g in gains if g)
        label, name = vocabulary.schemes[facet].label.lower(), vocabulary.label(goal)
        if not vocabulary.ordered(facet):
            return Move(facet, value, None, euros, weeks, f"gain “{name}” ({label})")
        held = [v for v in vocabulary.values(facet) if self.profile.facts.get(f"{facet}.{v}") is True]
        before = held[-1] if held else None
        start = f" from “{vocabulary.label(f'{facet}.{before}')}”" if before else ""
        return Move(facet, value, before, euros, weeks, f"{label}{start} to “{name}”")
