"""Stability: how far each weight may move before another solution leads, in closed form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.answer import Recommendation, Stability, WeightRange


def stability(ranked: Sequence[Recommendation], weights: Mapping[str, float], margin: float) -> Stability | None:
    """Say how firmly the first feasible solution leads.

    A score is linear in each weight, so the leader's lead over a rival changes sign at one value of the weight; the nearest such value
    on either side bounds the range. The other weights stay as they are; a weight stays between 0 and 1.

    Args:
        ranked: recommendations, best first.
        weights: what each criterion counts for.
        margin: a change of at most this that unseats the leader makes it fragile.

    Returns:
        None if no solution is feasible.
    """
    feasible = [r for r in ranked if r.verdict == "feasible"]
    if not feasible:
        return None
    leader, rivals = feasible[0], feasible[1:]
    lead = _shares(leader)
    ranges = []
    for criterion, weight in sorted(weights.items()):
        low, high, near, rival = 0.0, 1.0, math.inf, None
        for other in rivals:
            slope = lead.get(criterion, 0.0) - _shares(other).get(criterion, 0.0)
            if slope == 0:
                continue
            crossing = weight - (leader.score - other.score) / slope
            if slope > 0 and crossing > low:
                low = min(crossing, weight)
            elif slope < 0 and crossing < high:
                high = max(crossing, weight)
            else:
                continue
            if abs(crossing - weight) < near:
                near, rival = abs(crossing - weight), other.solution
        ranges.append(WeightRange(criterion, weight, round(low, 6), round(high, 6), rival))
    fragile = any(
        (r.low > 0 and weights[r.criterion] - r.low <= margin)
        or (r.high < 1 and r.high - weights[r.criterion] <= margin)
        for r in ranges
    )
    return Stability(leader.solution, fragile, margin, tuple(ranges))


def _shares(recommendation: Recommendation) -> dict[str, float]:
    return {c.criterion: c.share for c in recommendation.contributions}
