"""Plain words to challenges: cosine similarity over a fitted index, in plain Python."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from engine.tokens import features

PASSAGE, WHOLE = 0.5, 0.5
CONFIDENT = 0.2
Posting = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Index:
    """A fitted matcher.

    Documents are the passages, in the order of `owner` (which challenge each belongs to), then one whole text per challenge.
    `postings` maps a feature to (document, weight) pairs; `idf` to its inverse document frequency.
    """

    challenges: tuple[str, ...]
    owner: tuple[int, ...]
    idf: Mapping[str, float]
    postings: Mapping[str, Posting]


@dataclass(frozen=True)
class Match:
    """A challenge, how well the words fit it (0–1), and whether that is enough to act on."""

    challenge: str
    score: float
    confident: bool


def match(index: Index, text: str, confident: float = CONFIDENT) -> tuple[Match, ...]:
    """Rank all challenges by how well they fit some words.

    Args:
        index: from `engine.fit.fit`.
        text: what somebody wrote, in plain words.
        confident: score from which a match may be acted upon.

    Returns:
        Every challenge, best first; equal scores by id.
    """
    query = {f: (1 + math.log(n)) * index.idf[f] for f, n in sorted(Counter(features(text)).items()) if f in index.idf}
    norm = math.sqrt(math.fsum(w * w for w in query.values())) or 1.0
    dots = [0.0] * (len(index.owner) + len(index.challenges))
    for feature, weight in query.items():
        for document, value in index.postings[feature]:
            dots[document] += weight * value
    best = [0.0] * len(index.challenges)
    for document, challenge in enumerate(index.owner):
        best[challenge] = max(best[challenge], dots[document] / norm)
    first_whole = len(index.owner)
    scores = [
        (round(PASSAGE * best[at] + WHOLE * dots[first_whole + at] / norm, 6), challenge)
        for at, challenge in enumerate(index.challenges)
    ]
    scores.sort(key=lambda pair: (-pair[0], pair[1]))
    return tuple(Match(challenge, score, score >= confident) for score, challenge in scores)
