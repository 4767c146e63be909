from __future__ import annotations

import math
import random

import pytest

from engine.fit import fit
from engine.matching import Index, match
from engine.tokens import features, tokens
from kb.records import Catalogue

VECTORS = [
    ("", []),
    ("Hello, World", ["hello", "world"]),
    ("naïve ÜBERTRAGUNG straße", ["naive", "uebertragung", "strasse"]),
    ("3.5× faster—really", ["3", "5", "faster", "really"]),
    ("\u017f \u212a \u0130", ["i"]),
    ("数据 drift データ", ["drift"]),
    ("a_b-c/d", ["a", "b", "c", "d"]),
    ("e\u0301", ["e"]),
    ("\ud83d\ude00 ok".encode("utf-16", "surrogatepass").decode("utf-16"), ["ok"]),
]


@pytest.fixture(scope="module")
def index(catalogue: Catalogue) -> Index:
    return fit(catalogue)


@pytest.mark.parametrize(("text", "expected"), VECTORS)
def test_the_tokeniser_keeps_to_its_specification(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_features_are_words_pairs_and_runs() -> None:
    assert features("the data drift") == [
        "w:data",
        "w:drift",
        "b:data drift",
        "c: dat",
        "c:data",
        "c:ata ",
        "c: dri",
        "c:drif",
        "c:rift",
        "c:ift ",
    ]


def test_a_symptom_finds_its_own_challenge(catalogue: Catalogue, index: Index) -> None:
    hits = total = 0
    for challenge in catalogue.challenges:
        for symptom in challenge.symptoms:
            total += 1
            hits += match(index, symptom.says)[0].challenge == challenge.id
    assert hits / total > 0.95


@pytest.mark.parametrize(
    ("text", "challenge"),
    [
        ("we have almost no annotated scans and the radiologists are too busy to label", "lack-of-labelled-data"),
        ("the model got worse after the supplier changed the sensor", "data-drift"),
        ("the customer table contains the same person five times", "deduplication-complexity"),
        ("nobody knows which version of the data the model in production was trained on", "sharing-and-tracking"),
        ("our recommender only shows what it already recommended", "feedback-loops"),
        ("the PDF invoices cannot be read automatically", "data-extraction-methods"),
        ("too many missing values in our records", "dirty-data"),
        ("one-hot encoding explodes because we have 200000 product ids", "managing-categorical-data"),
        ("an upstream team renamed a column and our pipeline broke", "data-dependencies"),
    ],
)
def test_plain_words_find_a_challenge(text: str, challenge: str, index: Index) -> None:
    assert challenge in [m.challenge for m in match(index, text)[:3]]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "数据", "What is a good recipe for apple pie?", "The football match ended in a draw after extra time."],
)
def test_unrelated_words_find_nothing_with_confidence(text: str, index: Index) -> None:
    found = match(index, text)
    assert len(found) == 20
    assert not any(m.confident for m in found)


def test_every_challenge_is_ranked_best_first(index: Index) -> None:
    found = match(index, "data quality and drift")
    assert sorted(m.challenge for m in found) == sorted(index.challenges)
    assert [(-m.score, m.challenge) for m in found] == sorted((-m.score, m.challenge) for m in found)
    assert all(0 <= m.score <= 1 for m in found)


def test_the_plain_python_scores_are_those_of_scikit_learn(catalogue: Catalogue, index: Index) -> None:
    """The query's vector and the cosine, recomputed by the fitted vectoriser itself."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    from engine.fit import passages, whole

    texts = [t for c in catalogue.challenges for t in passages(c)]
    owners = [at for at, c in enumerate(catalogue.challenges) for _ in passages(c)]
    wholes = [whole(c) for c in catalogue.challenges]
    vectoriser = TfidfVectorizer(analyzer=features, sublinear_tf=True, norm="l2").fit(texts + wholes)
    rng = random.Random(1)
    vocabulary = [f[2:] for f in index.idf if f.startswith("w:")]
    for _ in range(20):
        text = " ".join(rng.choices(vocabulary, k=8))
        vector = vectoriser.transform([text])
        near = (vectoriser.transform(texts) @ vector.T).toarray().ravel()
        far = (vectoriser.transform(wholes) @ vector.T).toarray().ravel()
        nearest: dict[int, list[float]] = {}
        for owner, value in zip(owners, near, strict=True):
            nearest.setdefault(owner, []).append(value)
        for m in match(index, text):
            at = index.challenges.index(m.challenge)
            passage = sum(sorted(nearest[at], reverse=True)[:3]) / 3
            assert math.isclose(m.score, 0.15 * passage + 0.85 * far[at], abs_tol=2e-5)
