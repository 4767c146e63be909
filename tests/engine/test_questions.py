from __future__ import annotations

import random
from typing import Any

from engine.compiled import Compiled
from engine.questions import TOP, interview, settled
from engine.recommendation import Ranking, challenges_of
from kb.profiles import profile_from
from kb.records import Catalogue
from tests.engine.test_invariants import more_known
from tests.generators import random_profile


def whole(catalogue: Catalogue, rng: random.Random) -> dict[str, Any]:
    """An organisation of which everything is known."""
    vocabulary = catalogue.vocabulary
    raw: dict[str, Any] = {"challenges": {c.id: rng.randint(1, 5) for c in rng.sample(catalogue.challenges, 3)}}
    for facet in vocabulary.facets:
        values = vocabulary.values(facet)
        raw[facet] = rng.choice(values) if vocabulary.ordered(facet) else [v for v in values if rng.random() < 0.3]
    return raw


def answered(catalogue: Catalogue, compiled: Compiled, truth: dict[str, Any], order: list[str] | None) -> int:
    """How many questions it takes to settle the first five; in a fixed order, or as asked."""
    known = {"challenges": truth["challenges"]}
    while True:
        state = interview(compiled, profile_from(known, catalogue))
        if state.settled:
            return len(known) - 1
        facet = next(f for f in order if f in state.open_facets) if order else state.question and state.question.facet
        assert facet, "not settled, yet nothing is asked"
        known[facet] = truth[facet]


def test_a_settled_top_is_the_top_of_every_completion_random_profiles(catalogue: Catalogue, compiled: Compiled) -> None:
    rng, seen = random.Random(13), 0
    for _ in range(220):
        profile = profile_from(random_profile(catalogue, rng, known=0.92), catalogue)
        severities = challenges_of(compiled, profile)
        ranked = Ranking(compiled, profile, severities, compiled.weights).recommendations()
        if not settled(ranked):
            continue
        seen += 1
        tops = set()
        for _ in range(6):
            completion = more_known(more_known(profile, compiled, rng), compiled, rng)
            tops.add(
                frozenset(
                    r.solution for r in Ranking(compiled, completion, severities, compiled.weights).recommendations(TOP)
                )
            )
        assert len(tops) == 1, profile
    assert seen >= 15


def test_every_interview_comes_to_an_end_and_asks_nothing_twice(catalogue: Catalogue, compiled: Compiled) -> None:
    rng = random.Random(14)
    for _ in range(8):
        assert answered(catalogue, compiled, whole(catalogue, rng), None) <= len(compiled.vocabulary.facets)


def test_asking_what_matters_takes_fewer_questions_than_a_fixed_order(catalogue: Catalogue, compiled: Compiled) -> None:
    rng = random.Random(15)
    ours = fixed = 0
    for _ in range(12):
        truth = whole(catalogue, rng)
        ours += answered(catalogue, compiled, truth, None)
        fixed += answered(catalogue, compiled, truth, list(compiled.vocabulary.facets))
    assert ours <= 0.75 * fixed


def test_a_question_says_why_it_is_asked(catalogue: Catalogue, compiled: Compiled) -> None:
    state = interview(compiled, profile_from({"challenges": {"data-drift": 4}}, catalogue))
    assert not state.settled
    q = state.question
    assert q is not None
    assert q.question.endswith("?")
    assert q.options == compiled.vocabulary.values(q.facet)
    assert str(len(q.contenders)) in q.why
    skipped = interview(compiled, profile_from({"challenges": {"data-drift": 4}}, catalogue), skip=frozenset({q.facet}))
    assert skipped.question is not None
    assert skipped.question.facet != q.facet


def test_nothing_is_asked_of_somebody_of_whom_all_is_known(catalogue: Catalogue, compiled: Compiled) -> None:
    state = interview(compiled, profile_from(whole(catalogue, random.Random(16)), catalogue))
    assert state.settled
    assert state.question is None
    assert state.open_facets == ()
