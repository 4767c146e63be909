"""Fits the matcher on the challenges' texts; runs when the catalogue is built, never to answer a query."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.matching import UNITS, Index
from engine.tokens import features

if TYPE_CHECKING:
    from kb.records import Catalogue, Challenge

# Names and phrases count double, sentences once, for most words of a sentence belong to its story and not to the challenge.
SHORT, LONG = 2, 1
# Added to every count, so that a feature met in one challenge alone has a finite weight there.
SMOOTHING = 0.1
# BM25's usual constants.
K1, B = 1.5, 0.75


@dataclass(frozen=True)
class Kind:
    """How one kind of feature is weighed.

    `units` is what a nat of evidence is worth, `least` the count below which a feature is left out, `rarity` the share of BM25's weight
    that is added to the log-odds.
    """

    units: float
    least: int
    rarity: float = 0.0


# Words, pairs and runs. Runs of letters overlap each other and the word they are from, so that they may only whisper; rare pairs and runs
# would fill the index and hardly ever be met. Log-odds ask what a word is typical of, BM25 how rare it is at all: each finds statements
# that the other misses.
KINDS = (Kind(UNITS, 2, 0.5), Kind(UNITS / 2, 4), Kind(UNITS / 5, 8))


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


def weigh(counted: list[Counter[str]], kind: Kind) -> dict[str, tuple[int, ...]]:
    """Turn one kind of counts, a counter per challenge, into postings.

    The weight of a feature for a challenge is the logarithm of its smoothed rate there over its mean rate in all challenges, where that
    is positive, and a share of its weight in Okapi BM25 (Robertson and Zaragoza, 2009), in whole units. Only what speaks for a challenge
    is kept: that a short text lacks some words says little.
    """
    lengths = [1 + held.total() for held in counted]
    mean_length = sum(lengths) / len(lengths)
    total: Counter[str] = Counter()
    for held in counted:
        total.update(held)
    postings = {}
    for feature in sorted(f for f, n in total.items() if n >= kind.least):
        often = [held[feature] for held in counted]
        rates = [(n + SMOOTHING) * mean_length / length for n, length in zip(often, lengths, strict=True)]
        mean = math.fsum(rates) / len(rates)
        rare = kind.rarity * math.log(1 + (often.count(0) + 0.5) / (len(often) - often.count(0) + 0.5))
        found = [
            max(0.0, math.log(rate / mean)) + rare * n * (K1 + 1) / (n + K1 * (1 - B + B * length / mean_length))
            for rate, n, length in zip(rates, often, lengths, strict=True)
        ]
        weights = [math.floor(kind.units * nats + 0.5) for nats in found]
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
    words, pairs, runs = (weigh([held[at] for held in counted], kind) for at, kind in enumerate(KINDS))
    return Index(tuple(c.id for c in live), words, pairs, runs)
