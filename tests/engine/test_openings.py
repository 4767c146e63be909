from __future__ import annotations

import random
from dataclasses import replace

from engine.columns import LEVELS
from engine.compiled import Compiled
from engine.recommendation import Ranking, challenges_of, recommend
from engine.unlock import Unlocker
from engine.verdicts import Known, availability, rule
from kb.profiles import profile_from
from kb.records import Catalogue
from tests.generators import random_profile


def test_an_opening_frees_what_it_says_and_raises_what_it_says(catalogue: Catalogue, compiled: Compiled) -> None:
    rng, seen, shared, raised = random.Random(11), 0, 0, 0
    for _ in range(100):
        profile = profile_from(
            random_profile(catalogue, rng, known=0.95) | {"skills": [], "budget": "small"}, catalogue
        )
        answer = recommend(compiled, profile)
        blocked = {b.solution for b in answer.blocked}
        before = rule(compiled, Known(compiled, profile))
        unlocker = Unlocker(compiled, profile)
        for opening in answer.unlocks:
            seen += 1
            facts = {**profile.facts, **dict.fromkeys(unlocker.gained(opening.moves), True)}
            after = rule(compiled, Known(compiled, replace(profile, facts=facts)))
            freed = {s for s in blocked if before[s].verdict == "blocked" and after[s].verdict != "blocked"}
            assert set(opening.solutions) == {s for s in freed if unlocker.unlocks(before[s])}
            shared += len(opening.solutions) > 1
            told = {i.challenge: (i.before, i.after) for i in opening.improves}
            for state in answer.challenges:
                levels = tuple(availability(compiled, r, state.id).low for r in (before, after))
                assert told.get(state.id) == (levels if LEVELS.index(levels[1]) > LEVELS.index(levels[0]) else None)
            raised += bool(told)
    assert seen >= 150
    assert shared >= 100
    assert raised >= 30


def test_no_opening_is_outdone_by_a_cheaper_one(catalogue: Catalogue, compiled: Compiled) -> None:
    profile = profile_from(
        {"skills": [], "infrastructure": {"has": ["gpu"], "lacks": ["orchestrator", "annotation-tool"]}}, catalogue
    )
    found = recommend(compiled, profile).unlocks
    assert found
    assert [len(o.solutions) for o in found] == sorted((len(o.solutions) for o in found), reverse=True)
    for opening in found:
        for other in found:
            outdone = set(opening.solutions) <= set(other.solutions) and other.cost <= opening.cost
            assert other is opening or not outdone


def test_telling_fewer_changes_no_figure(catalogue: Catalogue, compiled: Compiled) -> None:
    rng = random.Random(5)
    for _ in range(20):
        profile = profile_from(random_profile(catalogue, rng, known=0.8), catalogue)
        whole, short = recommend(compiled, profile), recommend(compiled, profile, first=3)
        assert short.recommendations == whole.recommendations[:3]
        assert short.blocked == whole.blocked[:3]
        assert (short.counts, short.challenges, short.unknown, short.stability) == (
            whole.counts, whole.challenges, whole.unknown, whole.stability,
        )  # fmt: skip
        assert whole.counts.feasible + whole.counts.undecided == len(whole.recommendations)
        assert whole.counts.blocked == len(whole.blocked)


def test_the_blocked_stand_in_the_order_of_what_they_promise(catalogue: Catalogue, compiled: Compiled) -> None:
    profile = profile_from(
        {"skills": [], "infrastructure": [], "challenges": {"data-drift": 5, "dirty-data": 2}}, catalogue
    )
    ranking = Ranking(compiled, profile, challenges_of(compiled, profile), compiled.weights)

    def promise(solution: str) -> float:
        held = compiled.options[solution].addressings
        return max(n * LEVELS.index(held[c].coverage) for c, n in profile.severities.items() if c in held)

    told = [promise(compiled.names[at]) for at in ranking.blocked]
    assert len(set(told)) > 1
    assert told == sorted(told, reverse=True)
