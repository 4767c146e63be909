"""Stability: how far each weight may move before another solution leads, in closed form."""

from __future__ import annotations

import numpy as np

from engine.answer import Stability, WeightRange
from engine.columns import Ints
from engine.score import CRITERIA, MILLION, Scorer, Shares


def stability(scorer: Scorer, feasible: Ints, margin: float) -> Stability | None:
    """Say how firmly the first feasible solution leads.

    A score is linear in each weight, so the leader's lead over a rival changes sign at one value of the weight; the nearest such value
    on either side bounds the range. The other weights stay as they are; a weight stays between 0 and 1.

    Args:
        scorer: has scored all solutions.
        feasible: rows of the feasible solutions, best first.
        margin: a change of at most this that unseats the leader makes it fragile.

    Returns:
        None if no solution is feasible.
    """
    if not len(feasible):
        return None
    names = scorer.compiled.names
    leader, rivals = feasible[0], feasible[1:]
    lead = (scorer.score[leader] - scorer.score[rivals]) / MILLION
    ranges = []
    for criterion, weight in sorted(scorer.weights.items()):
        low, high, rival = 0.0, 1.0, None
        if criterion in CRITERIA and len(rivals):
            shares = scorer.high[CRITERIA.index(criterion)]
            low, high, at = _bounds(weight, lead, shares[leader] - shares[rivals])
            rival = None if at is None else names[rivals[at]]
        ranges.append(WeightRange(criterion, weight, round(min(low, weight), 6), round(max(high, weight), 6), rival))
    fragile = any(
        (r.low > 0 and r.weight - r.low <= margin) or (r.high < 1 and r.high - r.weight <= margin) for r in ranges
    )
    return Stability(names[leader], fragile, margin, tuple(ranges))


def _bounds(weight: float, lead: Shares, slope: Shares) -> tuple[float, float, int | None]:
    """Where a rival first draws level below and above a weight, and the one that does so nearest to it, if there is any."""
    with np.errstate(divide="ignore", invalid="ignore"):
        crossings = weight - lead / slope
    below, above = np.where(slope > 0, crossings, 0.0), np.where(slope < 0, crossings, 1.0)
    lowest, highest = int(below.argmax()), int(above.argmin())
    low, high = float(below[lowest]), float(above[highest])
    near = [(weight - low, lowest)] if low > 0 else []
    near += [(high - weight, highest)] if high < 1 else []
    return max(low, 0.0), min(high, 1.0), min(near)[1] if near else None
