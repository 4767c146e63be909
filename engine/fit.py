"""Fits the matcher on the challenges' texts; runs when the catalogue is built, never to answer a query."""

from __future__ import annotations

import math
from typing import Any

from engine.matching import Index
from engine.tokens import features
from kb.records import Catalogue, Challenge


def passages(challenge: Challenge) -> list[str]:
    """The short texts of a challenge that a description may resemble."""
    said = [challenge.label, *challenge.also, *challenge.phrases, *(s.says for s in challenge.symptoms)]
    return [*said, challenge.definition, *challenge.consequences]


def whole(challenge: Challenge) -> str:
    """All the challenge says of itself, and the phrases by which people speak of it."""
    said = [challenge.label, *challenge.also, challenge.definition, *(s.says for s in challenge.symptoms)]
    return " . ".join([*said, *challenge.consequences, *challenge.phrases])


def fit(catalogue: Catalogue) -> Index:
    """Weigh the features of every challenge with scikit-learn's TF–IDF.

    Returns:
        An index whose postings hold, per feature, the passages it occurs in with unit-length weights already scaled by the share of
        passage and whole text in a match.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    live = [c for c in catalogue.challenges if c.retired is None]
    if not live:
        return Index((), (), {}, {})
    short = [(at, text) for at, c in enumerate(live) for text in passages(c)]
    texts = [text for _, text in short] + [whole(c) for c in live]
    vectoriser = TfidfVectorizer(analyzer=features, sublinear_tf=True, smooth_idf=True, norm="l2")
    matrix: Any = vectoriser.fit_transform(texts).tocsc()
    names: list[str] = list(vectoriser.get_feature_names_out())
    idf = {name: round(float(value), 6) for name, value in zip(names, vectoriser.idf_, strict=True)}
    postings: dict[str, tuple[tuple[int, float], ...]] = {}
    for column, name in enumerate(names):
        span = range(matrix.indptr[column], matrix.indptr[column + 1])
        held = tuple((int(matrix.indices[i]), round(float(matrix.data[i]), 6)) for i in span)
        if not math.isclose(idf[name], 0.0):
            postings[name] = tuple(sorted(held))
    return Index(tuple(c.id for c in live), tuple(at for at, _ in short), idf, postings)
