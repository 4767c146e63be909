"""The statements on which the matcher is measured are independent of what it is fitted on."""

from __future__ import annotations

from collections import Counter

import yaml

from engine.tokens import tokens
from kb.records import Catalogue
from tests.conftest import DATA

HALVES = {
    h: yaml.safe_load((DATA / "evaluation" / f"{h}.yaml").read_text(encoding="utf-8")) for h in ("development", "test")
}


def test_there_are_enough_of_every_challenge(catalogue: Catalogue) -> None:
    for held in HALVES.values():
        counts = Counter(e["challenge"] for e in held)
        assert counts.pop(None) >= 20
        assert set(counts) == {c.id for c in catalogue.challenges}
        assert min(counts.values()) >= 3
    assert sum(e["challenge"] is not None for held in HALVES.values() for e in held) >= 120


def grams(text: str) -> set[tuple[str, ...]]:
    words = tokens(text)
    return {tuple(words[at : at + 4]) for at in range(len(words) - 3)}


def test_no_statement_shares_four_words_in_a_row_with_a_symptom(catalogue: Catalogue) -> None:
    symptoms = set().union(*(grams(s.says) for c in catalogue.challenges for s in c.symptoms))
    shared = [e["says"] for held in HALVES.values() for e in held if grams(e["says"]) & symptoms]
    assert shared == []


def test_no_statement_stands_twice() -> None:
    texts = [" ".join(tokens(e["says"])) for held in HALVES.values() for e in held]
    assert len(set(texts)) == len(texts)
