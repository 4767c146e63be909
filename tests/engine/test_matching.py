from __future__ import annotations

import gzip
import json
import math
import random
import re
import time
import unicodedata
from collections import Counter
from dataclasses import asdict
from typing import Any

import pytest

from api.matching import index_from
from engine.fit import KINDS, fit, long, short
from engine.matching import CONFIDENT, LEAD, Index, Match, match
from engine.tokens import FOLD, features, tokens
from kb.records import Catalogue, Challenge

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


# Letters that Unicode does not take apart, and those written otherwise where they are at home.
UNTAKEN = {
    letter: plain
    for plain, letters in {
        "ae": "ÆæÄä", "d": "ÐðĐđ", "i": "ı", "l": "Łł", "o": "Øø", "oe": "ŒœÖöŐő", "ss": "ß", "t": "Þþ", "ue": "Üü",
    }.items()
    for letter in letters
}  # fmt: skip


@pytest.fixture(scope="module")
def index(catalogue: Catalogue) -> Index:
    return fit(catalogue)


def score(evidence: int, words: int) -> float:
    return round(evidence / (evidence + 50 * math.sqrt(words + 8)), 6)


@pytest.mark.parametrize(("text", "expected"), VECTORS)
def test_the_tokeniser_keeps_to_its_specification(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_the_fold_takes_accents_away() -> None:
    assert len(FOLD) == 161
    for code, plain in FOLD.items():
        letter = chr(code)
        assert plain == UNTAKEN.get(letter, unicodedata.normalize("NFD", letter)[0].lower()), letter
        assert tokens(f"x{letter}x") == [f"x{plain}x"]


@pytest.mark.parametrize(
    ("text", "words", "pairs", "runs"),
    [
        ("", [], [], []),
        ("The drift.", ["the", "drift"], ["the drift"], [" dri", "drif", "rift", "ift "]),
        ("no no, Öfen", ["no", "no", "oefen"], ["no no", "no oefen"], [" oef", "oefe", "efen", "fen "]),
        ("abc abcd", ["abc", "abcd"], ["abc abcd"], [" abc", "abcd", "bcd "]),
    ],
)
def test_features_are_words_pairs_and_runs(text: str, words: list[str], pairs: list[str], runs: list[str]) -> None:
    assert features(text) == (words, pairs, runs)


HAND = Index(
    ("b", "a", "c"), {"drift": (0, 30, 1, 10), "old": (1, 20)}, {"no drift": (1, 15)}, {"drif": (0, 3), " old": (2, 1)}
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("drift", [("b", 33, 1), ("a", 10, 1), ("c", 0, 1)]),
        ("No drift!", [("b", 33, 2), ("a", 25, 2), ("c", 0, 2)]),
        ("drift; drift, drift", [("b", 33, 1), ("a", 10, 1), ("c", 0, 1)]),
        ("old", [("a", 20, 1), ("b", 0, 1), ("c", 0, 1)]),
        ("older", [("c", 1, 1), ("a", 0, 1), ("b", 0, 1)]),
        ("old drift", [("b", 33, 2), ("a", 30, 2), ("c", 0, 2)]),
        ("old, no drift", [("a", 45, 3), ("b", 33, 3), ("c", 0, 3)]),
        ("", [("a", 0, 1), ("b", 0, 1), ("c", 0, 1)]),
    ],
)
def test_a_score_is_the_evidence_of_distinct_features_over_itself_and_the_length(
    text: str, expected: list[tuple[str, int, int]]
) -> None:
    assert [(m.challenge, m.score) for m in match(HAND, text)] == [(c, score(e, n)) for c, e, n in expected]


def test_halves_are_rounded_up() -> None:
    """With one word, 150 units are a score of one half; where a seventh decimal is the last and a 5, it is rounded up, never to even."""
    halves = [e for e in range(1, 20_000) if (2_000_000 * e) % (e + 150) == 0 and 2_000_000 * e // (e + 150) % 2]
    assert len(halves) > 5
    for evidence in halves:
        found = match(Index(("a",), {"x": (0, evidence)}, {}, {}), "x")[0].score
        assert found == (2_000_000 * evidence // (evidence + 150) + 1) / 2_000_000


def test_equal_scores_are_ordered_by_id() -> None:
    index = Index(("c", "a", "b"), {"x": (0, 9, 1, 9, 2, 9)}, {}, {})
    assert [m.challenge for m in match(index, "x")] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("first", "second", "sure"),
    [(50, 0, True), (49, 0, False), (450, 300, False), (450, 225, True), (450, 450, False), (0, 0, False)],
)
def test_a_match_is_confident_if_it_is_good_and_leads(first: int, second: int, sure: bool) -> None:
    """With one word, 50 units are a score of 0.25, 450 are 0.75, 300 are 0.67 and 225 are 0.6."""
    index = Index(("a", "b"), {"x": tuple(n for at, w in ((0, first), (1, second)) if w for n in (at, w))}, {}, {})
    assert [m.confident for m in match(index, "x", confident=0.25, lead=0.2)] == [sure, False]
    assert match(index, "x", confident=0.25, lead=0.2)[0].challenge == "a"


def test_what_counts_as_confident_by_default() -> None:
    assert (CONFIDENT, LEAD) == (0.36, 0.2)
    alone = [match(Index(("a",), {"x": (0, e)}, {}, {}), "x")[0].confident for e in (84, 85)]
    assert alone == [False, True]
    pairs = [match(Index(("a", "b"), {"x": (0, 100, 1, e)}, {}, {}), "x")[0].confident for e in (70, 71)]
    assert pairs == [True, False]


def test_without_challenges_nothing_matches(catalogue: Catalogue) -> None:
    nothing = fit(catalogue.model_copy(update={"challenges": ()}))
    assert match(nothing, "drift") == ()
    assert match(Index(("a",), {}, {}, {}), "drift") == (Match("a", 0.0, False),)


def test_a_symptom_finds_its_own_challenge(catalogue: Catalogue, index: Index) -> None:
    hits = total = 0
    for challenge in catalogue.challenges:
        for symptom in challenge.symptoms:
            total += 1
            hits += match(index, symptom.says)[0].challenge == challenge.id
    assert hits / total > 0.97


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
    [
        "",
        "   ",
        "数据",
        "…",
        "What is a good recipe for apple pie?",
        "The football match ended in a draw after extra time.",
    ],
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


def occurrences(challenge: Challenge, feature: str) -> int:
    """How often a word or a pair of words occurs in a challenge's texts, names and phrases double, counted without the tokeniser."""

    def count(texts: list[str]) -> int:
        folded = [" ".join(re.findall("[a-z0-9]+", t.translate(FOLD))) for t in texts]
        return sum(len(re.findall(rf"(?<![a-z0-9]){feature}(?![a-z0-9])", t)) for t in folded)

    return 2 * count(short(challenge)) + count(long(challenge))


@pytest.mark.parametrize("feature", ["drift", "label", "the", "nobody", "no longer", "which version", "used to"])
def test_a_weight_is_the_log_of_the_rate_over_the_mean_rate_and_half_of_bm25_for_words(
    feature: str, catalogue: Catalogue, index: Index
) -> None:
    kind = feature.count(" ")
    postings, units = ((index.words, 5), (index.pairs, 2.5))[kind]
    challenges = sorted(catalogue.challenges, key=lambda c: c.id)
    totals = [
        1 + sum(w * len(features(t)[kind]) for w, texts in ((2, short(c)), (1, long(c))) for t in texts)
        for c in challenges
    ]
    rates = [(occurrences(c, feature) + 0.1) / n for c, n in zip(challenges, totals, strict=True)]
    nats = [max(0.0, math.log(20 * rate / sum(rates))) for rate in rates]
    if not kind:
        often = [occurrences(c, feature) for c in challenges]
        having, mean = sum(n > 0 for n in often), sum(totals) / 20
        rarity = math.log(1 + (20 - having + 0.5) / (having + 0.5))
        for at, (n, length) in enumerate(zip(often, totals, strict=True)):
            nats[at] += 0.5 * rarity * n * 2.5 / (n + 1.5 * (0.25 + 0.75 * length / mean))
    weights = [math.floor(units * n + 0.5) for n in nats]
    assert postings.get(feature, ()) == tuple(n for at, w in enumerate(weights) if w > 0 for n in (at, w))


def test_all_that_a_challenge_says_is_counted(catalogue: Catalogue) -> None:
    for c in catalogue.challenges:
        assert set(short(c)) == {c.label, *c.also, *c.phrases}
        assert set(long(c)) == {c.definition, *c.consequences, *(s.says for s in c.symptoms)}


def test_what_is_rare_is_left_out(catalogue: Catalogue, index: Index) -> None:
    assert [(k.units, k.least, k.rarity) for k in KINDS] == [(5, 2, 0.5), (2.5, 4, 0), (1, 8, 0)]
    for kind, postings in enumerate((index.words, index.pairs, index.runs)):
        total: Counter[str] = Counter()
        for c in catalogue.challenges:
            for weight, texts in ((2, short(c)), (1, long(c))):
                for text in texts:
                    for feature in features(text)[kind]:
                        total[feature] += weight
        assert postings.keys() < total.keys()
        assert min(total[f] for f in postings) == KINDS[kind].least
        for held in postings.values():
            assert list(held[::2]) == sorted(set(held[::2]))
            assert min(held[1::2]) > 0


def test_a_challenge_may_say_next_to_nothing(catalogue: Catalogue) -> None:
    """Without pairs or runs there is nothing to divide by."""
    first, second = catalogue.challenges[:2]
    sign = first.symptoms[0].model_copy(update={"says": "xx"})
    bare = {"label": "xx", "also": (), "phrases": (), "definition": "xx", "symptoms": (sign,), "consequences": ()}
    found = fit(catalogue.model_copy(update={"challenges": (first.model_copy(update=bare), second)}))
    assert match(found, "xx")[0].challenge == first.id


def test_the_order_of_records_and_texts_does_not_matter(catalogue: Catalogue, index: Index) -> None:
    rng = random.Random(1)

    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(rng.sample(items, len(items)))

    mixed = [
        c.model_copy(
            update={name: shuffled(getattr(c, name)) for name in ("also", "phrases", "symptoms", "consequences")}
        )
        for c in catalogue.challenges
    ]
    again = fit(catalogue.model_copy(update={"challenges": shuffled(tuple(mixed))}))
    assert json.dumps(asdict(again)) == json.dumps(asdict(index))


def test_a_retired_challenge_is_not_found(catalogue: Catalogue) -> None:
    gone = catalogue.challenges[0].model_copy(update={"retired": object()})
    left = fit(catalogue.model_copy(update={"challenges": (gone, *catalogue.challenges[1:])}))
    assert gone.id not in left.challenges
    assert len(left.challenges) == 19


def test_the_index_is_small_and_comes_back_as_written(index: Index) -> None:
    written = json.dumps(asdict(index), ensure_ascii=False, separators=(",", ":")).encode()
    assert index_from(written) == index
    assert len(written) <= 400_000
    assert len(gzip.compress(written, mtime=0)) <= 120_000


@pytest.mark.parametrize("text", ["drift " * 170_000, "x" * 1_000_000, "数" * 1_000_000])
def test_a_megabyte_of_text_is_taken(text: str, index: Index) -> None:
    start = time.perf_counter()
    assert len(match(index, text)) == 20
    assert time.perf_counter() - start < 10
