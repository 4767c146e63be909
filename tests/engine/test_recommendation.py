from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from engine.compiled import Compiled
from engine.recommendation import recommend
from kb.profiles import profile_from, read_profile
from kb.records import Catalogue
from tests.conftest import DATA


def ask(raw: dict[str, Any], catalogue: Catalogue, compiled: Compiled, **more: Any):
    return recommend(compiled, profile_from(raw, catalogue), **more)


def test_an_answer_opens_with_what_is_and_is_not_from_the_study(catalogue: Catalogue, compiled: Compiled) -> None:
    answer = ask({}, catalogue, compiled)
    assert "No human expert has reviewed a record yet" in " ".join(answer.notice)
    assert answer.catalogue == catalogue.edition.id
    names = [
        "notice",
        "unknown",
        "catalogue",
        "counts",
        "challenges",
        "recommendations",
        "blocked",
        "unlocks",
        "in_place",
        "stability",
        "gaps",
    ]
    assert list(asdict(answer)) == names


def test_an_empty_profile_gets_every_challenge_and_is_told_so(catalogue: Catalogue, compiled: Compiled) -> None:
    answer = ask({}, catalogue, compiled)
    assert len(answer.challenges) == 20
    assert "names no challenge" in " ".join(answer.notice)
    assert answer.blocked == ()
    assert {u.facet for u in answer.unknown} == set(compiled.vocabulary.facets) - {"rules_out"}
    assert answer.unknown[0].solutions_hanging >= answer.unknown[-1].solutions_hanging


def test_a_prerequisite_passes_on_what_blocks_it(catalogue: Catalogue, compiled: Compiled) -> None:
    raw = {"challenges": {"data-storage-and-privacy": 5}, "model_control": "predictions-only"}
    blocked = {b.solution: b for b in ask(raw, catalogue, compiled).blocked}
    inherited = [r for r in blocked["secure-aggregation"].because if r.inherited_from == "federated-averaging"]
    assert inherited
    again = ask(raw | {"in_place": ["federated-averaging"]}, catalogue, compiled)
    still = {b.solution: b for b in again.blocked}.get("secure-aggregation")
    assert still is None or all(r.inherited_from is None for r in still.because)


def test_what_is_in_place_counts_but_is_never_recommended(catalogue: Catalogue, compiled: Compiled) -> None:
    raw = {"challenges": {"lack-of-labelled-data": 5}, "model_control": "predictions-only"}
    without = ask(raw, catalogue, compiled)
    assert without.challenges[0].availability != "feasible"
    answer = ask(raw | {"in_place": ["transfer-learning"]}, catalogue, compiled)
    assert answer.in_place == ("transfer-learning",)
    assert "transfer-learning" not in {r.solution for r in answer.recommendations} | {
        b.solution for b in answer.blocked
    }
    assert answer.challenges[0].low != "none"


def test_what_was_tried_is_a_caution_first(catalogue: Catalogue, compiled: Compiled) -> None:
    answer = ask({"challenges": {"overfitting": 4}, "tried": {"dropout": "Made no difference."}}, catalogue, compiled)
    dropout = next(r for r in answer.recommendations if r.solution == "dropout")
    assert dropout.cautions[0].says == "Tried before: Made no difference."


def test_a_preference_adds_its_own_contribution_and_nothing_else(catalogue: Catalogue, compiled: Compiled) -> None:
    plain = {r.solution: r for r in ask({"challenges": {"data-quality": 4}}, catalogue, compiled).recommendations}
    for r in ask({"challenges": {"data-quality": 4}, "prefer": {"tool": 1}}, catalogue, compiled).recommendations:
        added = [c for c in r.contributions if c.criterion == "preference"]
        assert [c for c in r.contributions if c.criterion != "preference"] == list(plain[r.solution].contributions)
        assert bool(added) == (r.kind == "tool")


def test_assumed_challenges_enter_at_severity_three_and_are_marked(catalogue: Catalogue, compiled: Compiled) -> None:
    raw = {"problem": "words", "challenges": {"data-drift": 4}}
    answer = ask(raw, catalogue, compiled, assumed=("overfitting", "data-drift"))
    assert [(c.id, c.severity, c.assumed) for c in answer.challenges] == [
        ("data-drift", 4, False),
        ("overfitting", 3, True),
    ]
    assert "assumed" in " ".join(answer.notice)


def test_a_blocked_solution_names_the_limitation_its_factor_and_what_makes_it_bite(
    catalogue: Catalogue, compiled: Compiled
) -> None:
    by_id = {x.id: x for x in catalogue.limitations}
    for file in sorted((DATA / "profiles").glob("*.yaml")):
        profile, _ = read_profile(file, catalogue)
        for blocked in recommend(compiled, profile).blocked:
            assert blocked.because, (file.stem, blocked.solution)
            for reason in blocked.because:
                assert by_id[reason.limitation].factor == reason.factor
                assert reason.because


def test_an_open_challenge_has_no_solution_that_claims_more_than_partial(
    catalogue: Catalogue, compiled: Compiled
) -> None:
    answer = ask({}, catalogue, compiled)
    good = {a.challenge for a in catalogue.addressings if a.coverage != "partial"}
    assert {c.id for c in answer.challenges if c.availability == "open"} == {c.id for c in catalogue.challenges} - good


def test_a_close_race_has_no_clear_winner(catalogue: Catalogue, compiled: Compiled) -> None:
    profile, _ = read_profile(DATA / "profiles" / "news-recommender.yaml", catalogue)
    strict = recommend(compiled, profile, margin=1.0)
    loose = recommend(compiled, profile, margin=0.0)
    assert not any(c.clear_winner for c in strict.challenges if len(c.leaders) > 1)
    assert all(c.clear_winner for c in loose.challenges if c.leaders)


def test_an_empty_catalogue_gets_an_empty_answer(catalogue: Catalogue) -> None:
    bare = catalogue.model_copy(update={"challenges": (), "solutions": (), "addressings": (), "limitations": ()})
    answer = recommend(Compiled(bare), profile_from({}, bare))
    assert (answer.challenges, answer.recommendations, answer.blocked) == ((), (), ())


@pytest.mark.parametrize("file", sorted((DATA / "profiles").glob("*.yaml")), ids=lambda f: f.stem)
def test_every_example_gets_something_to_do_first(file, catalogue: Catalogue, compiled: Compiled) -> None:
    profile, _ = read_profile(file, catalogue)
    answer = recommend(compiled, profile)
    assert sum(r.verdict == "feasible" for r in answer.recommendations) >= 4
    assert answer.blocked
    json.dumps(asdict(answer))


def test_effort_beyond_ones_means_is_a_caution(catalogue: Catalogue, compiled: Compiled) -> None:
    poor = {"challenges": {"tooling": 5}, "budget": "none", "people": "spare-time", "horizon": "weeks"}
    found = {
        r.solution: [c.says for c in r.cautions if c.limitation is None]
        for r in ask(poor, catalogue, compiled).recommendations
    }
    assert any("person-weeks" in said for held in found.values() for said in held)
    assert any("your budget is “none”" in said for held in found.values() for said in held)
    unknown = ask({"challenges": {"tooling": 5}}, catalogue, compiled)
    assert not [c for r in unknown.recommendations for c in r.cautions if c.limitation is None]


def test_fit_is_that_of_one_context(catalogue: Catalogue, compiled: Compiled) -> None:
    raw = {
        "challenges": {"lack-of-labelled-data": 5},
        "modality": ["image"],
        "task": ["classification"],
        "domain": ["healthcare"],
        "deployment": ["edge"],
    }
    for r in ask(raw, catalogue, compiled).recommendations:
        contexts = compiled.options[r.solution].solution.validated_in
        wanted = {"modality": "image", "task": "classification", "domain": "healthcare", "deployment": "edge"}
        best = max((sum(getattr(c, f) == v for f, v in wanted.items()) for c in contexts), default=0)
        fit = [c for c in r.contributions if c.criterion == "fit"]
        assert (fit[0].share if fit else 0) == best / 4, r.solution


def test_words_that_are_not_certain_are_told_and_not_counted(catalogue: Catalogue, compiled: Compiled) -> None:
    answer = ask({"challenges": {"dirty-data": 4}}, catalogue, compiled, resembles="deduplication-complexity")
    assert [c.id for c in answer.challenges] == ["dirty-data"]
    assert "nearest to “Deduplication complexity”" in " ".join(answer.notice)
    nothing = ask({"problem": "xyzzy"}, catalogue, compiled)
    assert not any(c.assumed for c in nothing.challenges)


def test_only_support_counts_as_evidence(catalogue: Catalogue) -> None:
    from kb.records import Evidence, evidence_level

    seen = {"where": "abstract", "url": "https://example.org", "says": "x"}
    held = (
        Evidence(kind="argument"),
        Evidence(kind="benchmark", stance="against", **seen),
        Evidence(kind="author-stated", **seen),
    )
    assert evidence_level(held, catalogue.vocabulary) == "author-stated"
    assert evidence_level(held[1:2], catalogue.vocabulary) == "argument"
