"""What ratings say together, and only where enough people gave one."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from api.sessions.events import FEWEST_RATERS
from api.sessions.once import once
from api.sessions.state import Given, RoundState, State

LEVELS = range(6)
DISAGREE = 2
"""People disagree where the highest and the lowest severity lie so far apart."""


@dataclass(frozen=True)
class Said:
    """A comment; whose it is only where the session's ratings are not anonymous."""

    comment: str
    severity: int | None = None
    person: str | None = None


@dataclass(frozen=True)
class Result:
    """How a challenge was rated in a round.

    Args:
        judged: how many gave a severity.
        cannot_judge: how many said that they can't.
        median: of the severities.
        low: their lower quartile.
        high: their upper quartile.
        histogram: how many gave 0, 1, … 5.
        disagree: whether they lie far apart.
        comments: where people disagree.
        ratings: severities by person, where ratings are not anonymous.
    """

    judged: int
    cannot_judge: int
    median: float
    low: float
    high: float
    histogram: tuple[int, ...]
    disagree: bool
    comments: tuple[Said, ...] = ()
    ratings: Mapping[str, int] | None = None


def result(given: Mapping[str, Given], anonymous: bool) -> Result | None:
    """What some ratings of one challenge say together; nothing if fewer than `FEWEST_RATERS` gave a severity."""
    judged = {person: held.severity for person, held in given.items() if held.severity is not None}
    if len(judged) < FEWEST_RATERS:
        return None
    values = sorted(judged.values())
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    disagree = values[-1] - values[0] >= DISAGREE
    said = [
        Said(held.comment, held.severity, None if anonymous else person)
        for person, held in given.items()
        if disagree and held.comment
    ]
    # In an order that does not give away who spoke when.
    said.sort(key=lambda one: (-1 if one.severity is None else one.severity, one.comment))
    return Result(
        judged=len(values),
        cannot_judge=len(given) - len(values),
        median=float(statistics.median(values)),
        low=low,
        high=high,
        histogram=tuple(values.count(level) for level in LEVELS),
        disagree=disagree,
        comments=tuple(said),
        ratings=None if anonymous else dict(sorted(judged.items())),
    )


@once
def results(round_: RoundState, anonymous: bool) -> dict[str, Result | None]:
    """What a revealed round says of each challenge that was rated: nothing where too few judged it."""
    if round_.revealed_at is None:
        return {}
    return {challenge: result(given, anonymous) for challenge, given in sorted(round_.ratings.items())}


def severities(state: State) -> dict[str, int]:
    """What the engine takes for the session's challenges: medians of the latest revealed round of each, halves rounded up.

    What a median makes 0 is not a problem and left out. Challenges that the session began with stay as they were until a round shows them.
    """
    found = dict(state.severities)
    for round_ in state.rounds:
        for challenge, held in results(round_, True).items():
            if held is not None:
                found[challenge] = math.floor(held.median + 0.5)
    return {challenge: severity for challenge, severity in sorted(found.items()) if severity}


def profile(state: State) -> dict[str, object]:
    """The session's profile as a profile file has it."""
    held = {name: fact.held.value for name, fact in sorted(state.of("profile").items()) if fact.held is not None}
    return {**held, "challenges": severities(state)}
