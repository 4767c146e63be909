"""The answer to a profile: typed, immutable, ready for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["feasible", "undecided", "blocked"]


@dataclass(frozen=True)
class Unknown:
    """A facet the profile leaves open, wholly or in part, and how many solutions hang on it."""

    facet: str
    solutions_hanging: int


@dataclass(frozen=True)
class ChallengeState:
    """One of the organisation's challenges: its availability, the coverage levels it lies between, and its leading solutions."""

    id: str
    label: str
    severity: int
    assumed: bool
    availability: str
    low: str
    high: str
    leaders: tuple[str, ...]
    clear_winner: bool


@dataclass(frozen=True)
class Served:
    """A challenge that a solution bears on here: the coverage stated, and what is left if no possible limitation bites or all do."""

    challenge: str
    stated: str
    high: str
    low: str
    how: str
    remains: str
    evidence: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Contribution:
    """What a criterion adds to the score (its weight times `share`, which runs from 0 to 1), and what of it is left at worst."""

    criterion: str
    challenge: str | None
    share: float
    value: float
    worst: float
    words: str


@dataclass(frozen=True)
class Caution:
    """Something to know before adopting a solution; `certain` says whether it holds on what is known."""

    limitation: str | None
    effect: str
    factor: str | None
    certain: bool
    says: str
    when: str
    residual_risk: str | None
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Recommendation:
    """A solution that is feasible, or may be, for the organisation."""

    solution: str
    label: str
    kind: str
    score: float
    worst: float
    verdict: Verdict
    deciders: tuple[str, ...]
    challenges: tuple[Served, ...]
    contributions: tuple[Contribution, ...]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class Reason:
    """A limitation that blocks a solution, with what makes it bite."""

    limitation: str
    factor: str
    says: str
    because: str
    inherited_from: str | None
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Blocked:
    """A solution that bears on the organisation's challenges and cannot be used by it."""

    solution: str
    label: str
    challenges: tuple[str, ...]
    because: tuple[Reason, ...]


@dataclass(frozen=True)
class Gap:
    """A challenge for which nothing better than partial is left, and why."""

    challenge: str
    availability: str
    says: str


@dataclass(frozen=True)
class Counts:
    """How many solutions bear on the organisation's challenges, by what became of them."""

    feasible: int
    undecided: int
    blocked: int


@dataclass(frozen=True)
class Move:
    """A change of one means: a facet raised to a level, or one skill or facility gained."""

    facet: str
    to: str
    before: str | None
    euros: float
    person_weeks: float
    words: str


@dataclass(frozen=True)
class Improvement:
    """A challenge whose best certain coverage rises, and between which levels."""

    challenge: str
    severity: int
    before: str
    after: str


@dataclass(frozen=True)
class Opening:
    """Moves that free blocked solutions, often several at once, what they cost, and which challenges gain certain coverage by them."""

    moves: tuple[Move, ...]
    cost: float
    solutions: tuple[str, ...]
    improves: tuple[Improvement, ...]
    words: str


@dataclass(frozen=True)
class WeightRange:
    """How far a weight may move, the others as they are, before another solution leads; `rival` is the nearest on either side."""

    criterion: str
    weight: float
    low: float
    high: float
    rival: str | None


@dataclass(frozen=True)
class Stability:
    """Whether the leading solution stays first when weights change; fragile if a change of at most `margin` is enough."""

    leader: str
    fragile: bool
    margin: float
    ranges: tuple[WeightRange, ...]


@dataclass(frozen=True)
class Answer:
    """What an organisation can do about its challenges, and what it cannot."""

    notice: tuple[str, ...]
    unknown: tuple[Unknown, ...]
    catalogue: str
    counts: Counts
    challenges: tuple[ChallengeState, ...]
    recommendations: tuple[Recommendation, ...]
    blocked: tuple[Blocked, ...]
    unlocks: tuple[Opening, ...]
    in_place: tuple[str, ...]
    stability: Stability | None
    gaps: tuple[Gap, ...]
