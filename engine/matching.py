"""Plain words to challenges: cosine similarity over a fitted index, in plain Python."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from engine.tokens import features

PASSAGES, PASSAGE, WHOLE = 3, 0.15, 0.85
CONFIDENT, LEAD = 0.13, 0.2
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


def match(index: Index, text: str, confident: float = CONFIDENT, lead: float = LEAD) -> tuple[Match, ...]:
    """Rank all challenges by how well they fit some words.

    A score is the cosine of the words with all that a challenge says, and to a small part the mean cosine with its nearest passages.

    Args:
        index: from `engine.fit.fit`.
        text: what somebody wrote, in plain words.
        confident: score from which a match may be acted upon.
        lead: share of its score by which a confident match must lead the next that is not confident itself.

    Returns:
        Every challenge, best first; equal scores by id. At most one is confident.
    """
    query = {f: (1 + math.log(n)) * index.idf[f] for f, n in sorted(Counter(features(text)).items()) if f in index.idf}
    norm = math.sqrt(math.fsum(w * w for w in query.values())) or 1.0
    dots = [0.0] * (len(index.owner) + len(index.challenges))
    for feature, weight in query.items():
        for document, value in index.postings[feature]:
            dots[document] += weight * value
    near: list[list[float]] = [[] for _ in index.challenges]
    for document, challenge in enumerate(index.owner):
        near[challenge].append(dots[document] / norm)
    first_whole = len(index.owner)
    scores = []
    for at, challenge_id in enumerate(index.challenges):
        passages = sorted(near[at], reverse=True)[:PASSAGES]
        mean = math.fsum(passages) / PASSAGES
        scores.append((round(PASSAGE * mean + WHOLE * dots[first_whole + at] / norm, 6), challenge_id))
    scores.sort(key=lambda pair: (-pair[0], pair[1]))
    second = scores[1][0] if len(scores) > 1 else 0.0
    sure = bool(scores) and scores[0][0] >= confident and scores[0][0] - second >= lead * scores[0][0]
    return tuple(Match(challenge, score, sure and at == 0) for at, (score, challenge) in enumerate(scores))
