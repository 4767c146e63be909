"""Fits the matcher on the challenges' texts; runs when the catalogue is built, never to answer a query."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from engine.matching import UNITS, Index
from engine.tokens import features

if TYPE_CHECKING:
    from kb.records import Catalogue, Challenge

# Names and phrases count double, sentences once, for most words of a sentence belong to its story and not to the challenge.
SHORT, LONG = 2, 1
# Added to every count, so that a feature met in one challenge alone has a finite weight there.
SMOOTHING = 0.1
# Of words, pairs and runs: units that a nat of evidence is worth, and the count below which a feature is left out. Runs of letters overlap
# each other and the word they are from, so that they may only whisper; rare pairs and runs would fill the index and hardly ever be met.
KINDS = ((UNITS, 2), (UNITS / 2, 3), (UNITS / 5, 5))


def short(challenge: Challenge) -> list[str]:
    """What the challenge is called, and the phrases by which people speak of it."""
    return [challenge.label, *challenge.also, *challenge.phrases]


def long(challenge: Challenge) -> list[str]:
    """The sentences that describe the challenge."""
    return [challenge.definition, *(s.says for s in challenge.symptoms), *challenge.consequences]


def whole(challenge: Challenge) -> str:
    """All the challenge says of itself, and the phrases by which people speak of it."""
    return " . ".join([*short(challenge), *long(challenge)])


def counts(challenge: Challenge) -> tuple[Counter[str], ...]:
    """How often each word, pair and run of letters occurs in a challenge's texts, in those that are short counted double."""
    found: tuple[Counter[str], ...] = tuple(Counter() for _ in KINDS)
    for weight, texts in ((SHORT, short(challenge)), (LONG, long(challenge))):
        for text in texts:
            for held, seen in zip(found, features(text), strict=True):
                for feature in seen:
                    held[feature] += weight
    return found


def weigh(counted: list[Counter[str]], units: float, least: int) -> dict[str, tuple[int, ...]]:
    """Turn one kind of counts, a counter per challenge, into postings.

    The weight of a feature for a challenge is the logarithm of its smoothed rate there over its mean rate in all challenges, in whole
    units. Only what speaks for a challenge is kept: that a short text lacks some words says little.
    """
    lengths = [1 + held.total() for held in counted]
    mean_length = sum(lengths) / len(lengths)
    total: Counter[str] = Counter()
    for held in counted:
        total.update(held)
    postings = {}
    for feature in sorted(f for f, n in total.items() if n >= least):
        rates = [(held[feature] + SMOOTHING) * mean_length / n for held, n in zip(counted, lengths, strict=True)]
        mean = math.fsum(rates) / len(rates)
        weights = [math.floor(units * math.log(rate / mean) + 0.5) for rate in rates]
        posting = tuple(n for at, weight in enumerate(weights) if weight > 0 for n in (at, weight))
        if posting:
            postings[feature] = posting
    return postings


def fit(catalogue: Catalogue) -> Index:
    """Weigh every feature of the challenges' texts for and only for those it is typical of.

    Returns:
        An index of the challenges that are not retired, ordered by id; the order of records in the catalogue does not matter.
    """
    live = sorted((c for c in catalogue.challenges if c.retired is None), key=lambda c: c.id)
    if not live:
        return Index((), {}, {}, {})
    counted = [counts(c) for c in live]
    words, pairs, runs = (
        weigh([held[kind] for held in counted], units, least) for kind, (units, least) in enumerate(KINDS)
    )
    return Index(tuple(c.id for c in live), words, pairs, runs)
