"""Plain words to challenges: evidence summed over a fitted index, in plain Python and whole numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from engine.tokens import features

CONFIDENT, LEAD = 0.36, 0.2
# A nat of evidence is 5 units of weight. With n words, 10 × √(n + 8) nats make a score of one half.
UNITS, HALF, EXTRA = 5, 10, 8
Postings = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Index:
    """A fitted matcher.

    `words`, `pairs` and `runs` map a feature of `engine.tokens` to the challenges it speaks for and how much, one after the other:
    position in `challenges`, weight, position, weight … A weight is a positive whole number; `UNITS` of them are one nat.
    """

    challenges: tuple[str, ...]
    words: Postings
    pairs: Postings
    runs: Postings


@dataclass(frozen=True)
class Match:
    """A challenge, how well the words fit it (0–1), and whether that is enough to act on."""

    challenge: str
    score: float
    confident: bool


def match(index: Index, text: str, confident: float = CONFIDENT, lead: float = LEAD) -> tuple[Match, ...]:
    """Rank all challenges by how strongly some words speak for them.

    A challenge's evidence is the sum of the weights that the text's features have for it, each feature counted once. With n different
    words in the text its score is evidence / (evidence + 10 nats × √(n + 8)), rounded to six decimals: a long text collects evidence for
    everything, and a single strong word is not much to go by. As the sums are whole numbers, every implementation gets the same scores,
    in whatever order it adds.

    Args:
        index: from `engine.fit.fit`.
        text: what somebody wrote, in plain words; time grows linearly with its length.
        confident: score from which a match may be acted upon.
        lead: share of its score by which a confident match must lead the next.

    Returns:
        Every challenge, best first; equal scores by id. At most one is confident.
    """
    words, pairs, runs = features(text)
    distinct = set(words)
    evidence = [0] * len(index.challenges)
    for found, postings in ((distinct, index.words), (set(pairs), index.pairs), (set(runs), index.runs)):
        for feature in found:
            posting = postings.get(feature)
            if posting is not None:
                at = iter(posting)
                for challenge in at:
                    evidence[challenge] += next(at)
    against = HALF * UNITS * math.sqrt(len(distinct) + EXTRA)
    # Halves are rounded up, since languages differ in how they round to decimals.
    scores = [math.floor(1e6 * e / (e + against) + 0.5) / 1e6 for e in evidence]
    ranked = sorted(zip(scores, index.challenges, strict=True), key=lambda pair: (-pair[0], pair[1]))
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    sure = bool(ranked) and ranked[0][0] >= confident and ranked[0][0] - second >= lead * ranked[0][0]
    return tuple(Match(challenge, score, sure and at == 0) for at, (score, challenge) in enumerate(ranked))
