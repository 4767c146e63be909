"""Stability: how far each weight may move before another solution leads, in closed form."""

from __future__ import annotations

import numpy as np

from engine.answer import Stability, WeightRange
from engine.columns import Ints
from engine.score import CRITERIA, MILLION, Scorer

_ANYTHING = ((0.0, 0), (1.0, 0))


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
    slopes = scorer.high[:, [leader]] - scorer.high[:, rivals]
    weights = np.array([scorer.weights[name] for name in CRITERIA])[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossings = weights - lead / slopes
    # Where a rival never draws level on a side, the side is bounded by the end of the scale.
    if len(rivals):
        below, above = np.where(slopes > 0, crossings, 0.0), np.where(slopes < 0, crossings, 1.0)
        lows = zip(np.maximum(below.max(axis=1), 0.0).tolist(), below.argmax(axis=1).tolist(), strict=True)
        highs = zip(np.minimum(above.min(axis=1), 1.0).tolist(), above.argmin(axis=1).tolist(), strict=True)
        bounds = dict(zip(CRITERIA, zip(lows, highs, strict=True), strict=True))
    else:
        bounds = {}
    ranges, fragile = [], False
    for criterion, weight in sorted(scorer.weights.items()):
        (low, lowest), (high, highest) = bounds.get(criterion, _ANYTHING)
        near = [(weight - low, lowest)] if low > 0 else []
        near += [(high - weight, highest)] if high < 1 else []
        rival = names[rivals[min(near)[1]]] if near else None
        low, high = round(min(low, weight), 6), round(max(high, weight), 6)
        ranges.append(WeightRange(criterion, weight, low, high, rival))
        fragile = fragile or (low > 0 and weight - low <= margin) or (high < 1 and high - weight <= margin)
    return Stability(names[leader], fragile, margin, tuple(ranges))
