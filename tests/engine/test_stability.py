from __future__ import annotations

import random

import pytest

from engine.compiled import Compiled
from engine.recommendation import recommend
from engine.score import reweighted
from kb.profiles import profile_from, read_profile
from kb.records import Catalogue
from tests.conftest import DATA
from tests.generators import random_profile

EPS = 2e-3


def test_the_top_changes_just_outside_a_range_and_not_inside_random_profiles(
    catalogue: Catalogue, compiled: Compiled
) -> None:
    rng = random.Random(11)
    inside = outside = 0
    for _ in range(25):
        profile = profile_from(random_profile(catalogue, rng, known=0.9), catalogue)
        answer = recommend(compiled, profile)
        if answer.stability is None or len([r for r in answer.recommendations if r.verdict == "feasible"]) < 2:
            continue
        leader = answer.stability.leader
        assert leader == answer.recommendations[0].solution
        for r in answer.stability.ranges:
            assert r.low <= r.weight <= r.high

            def top(weight: float, criterion: str = r.criterion) -> str:
                moved = {**compiled.weights, criterion: weight}
                return recommend(compiled, profile, weights=moved).recommendations[0].solution  # noqa: B023

            for bound, side in ((r.low, -1), (r.high, 1)):
                if bound in (0.0, 1.0) or abs(bound - r.weight) < 2 * EPS:
                    continue
                assert top(bound - side * EPS) == leader
                assert top(bound + side * EPS) != leader
                inside, outside = inside + 1, outside + 1
    assert inside > 50


def test_a_fragile_lead_is_called_fragile(catalogue: Catalogue, compiled: Compiled) -> None:
    profile, _ = read_profile(DATA / "profiles" / "news-recommender.yaml", catalogue)
    assert recommend(compiled, profile, margin=1.0).stability.fragile
    assert not recommend(compiled, profile, margin=0.0).stability.fragile


def test_weights_are_set_and_the_others_scaled() -> None:
    base = {"a": 0.5, "b": 0.3, "c": 0.2}
    assert reweighted(base, {}) == base
    assert reweighted(base, {"a": 0.75}) == pytest.approx({"a": 0.75, "b": 0.15, "c": 0.1})
    assert reweighted(base, {"a": 0.4, "b": 0.6}) == pytest.approx({"a": 0.4, "b": 0.6, "c": 0})
    for wrong in ({"d": 0.1}, {"a": 1.5}, {"a": 0.9, "b": 0.9}, {"a": 0.1, "b": 0.1, "c": 0.1}):
        with pytest.raises(ValueError, match=r"criterion|weight"):
            reweighted(base, wrong)


def test_weights_of_a_request_change_its_order(catalogue: Catalogue, compiled: Compiled) -> None:
    raw = {"challenges": {"lack-of-labelled-data": 5}}
    plain = recommend(compiled, profile_from(raw, catalogue))
    easy = recommend(compiled, profile_from(raw, catalogue), weights=reweighted(compiled.weights, {"knowledge": 0.9}))
    assert [r.solution for r in plain.recommendations] != [r.solution for r in easy.recommendations]
    for r in easy.recommendations:
        assert 0 <= r.worst <= r.score <= 1
