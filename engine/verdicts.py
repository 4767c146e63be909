"""Verdicts: which limitations bite, certainly or possibly, and what follows for each solution and challenge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.compiled import COVERAGE, LEVELS, Compiled, Option, Rule
from kb.records.profile import Profile

Verdict = Literal["feasible", "undecided", "blocked"]


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
        self.yes = compiled.mask(c for c, holds in profile.facts.items() if holds)
        self.no = compiled.mask(c for c, holds in profile.facts.items() if not holds)
        self.in_place = compiled.with_prerequisites(profile.in_place)


def rule(compiled: Compiled, known: Known) -> dict[str, Ruling]:
    """Rule on every solution of the catalogue."""
    return {solution: _rule_on(compiled, known, solution) for solution in compiled.options}


def _rule_on(compiled: Compiled, known: Known, solution: str) -> Ruling:
    option, yes, no = compiled.options[solution], known.yes, known.no
    bites = tuple(Bite(r, r.certain(yes, no)) for r in compiled.rules(solution, known.in_place) if r.possible(yes, no))
    blocking = [b for b in bites if b.rule.limitation.effect == "blocks" and solution not in known.in_place]
    verdict: Verdict = "feasible"
    if blocking:
        verdict = "blocked" if any(b.certain for b in blocking) else "undecided"
    unknown = 0
    if verdict == "undecided":
        for bite in blocking:
            unknown |= bite.rule.undecided_atoms(yes, no)
    high = _coverage(option, (b for b in bites if b.certain))
    low = _coverage(option, bites)
    if verdict == "blocked":
        high = low = dict.fromkeys(option.addressings, "none")
    elif verdict == "undecided":
        low = dict.fromkeys(option.addressings, "none")
    return Ruling(option, verdict, compiled.concepts(unknown), bites, high, low)


def _coverage(option: Option, bites: Iterable[Bite]) -> dict[str, str]:
    held = {challenge: addressing.coverage for challenge, addressing in option.addressings.items()}
    for bite in bites:
        for reduction in bite.rule.limitation.reduces:
            if reduction.challenge in held:
                held[reduction.challenge] = min(held[reduction.challenge], reduction.to, key=LEVELS.index)
    return held


@dataclass(frozen=True)
class Availability:
    """How well a challenge can be met by this organisation; `low` and `high` are coverage levels."""

    availability: Literal["feasible", "partial", "blocked", "undecided", "open"]
    low: str
    high: str


_CLASS: Mapping[str, Literal["feasible", "partial", "blocked"]] = {
    "full": "feasible", "substantial": "feasible", "partial": "partial", "none": "blocked",
}  # fmt: skip


def availability(compiled: Compiled, rulings: Mapping[str, Ruling], challenge: str) -> Availability:
    """The challenge's availability for this organisation: `open` if even the best stated coverage is at most partial."""
    solvers = [rulings[s] for s in compiled.by_challenge[challenge]]
    low = max((r.low[challenge] for r in solvers), key=LEVELS.index, default="none")
    high = max((r.high[challenge] for r in solvers), key=LEVELS.index, default="none")
    stated = max((r.option.addressings[challenge].coverage for r in solvers), key=LEVELS.index, default="none")
    if COVERAGE[stated] <= COVERAGE["partial"]:
        return Availability("open", low, high)
    return Availability(_CLASS[low] if _CLASS[low] == _CLASS[high] else "undecided", low, high)
