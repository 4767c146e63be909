"""Roadmaps: never over a limit, equal to brute force in value, ordered by what needs what."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiled import Compiled
from engine.plan import ImpossibleError, Limits, Planner, Wishes, limits_of, pareto, plan
from engine.program import solve
from kb.profiles import profile_from, read_profile
from kb.records import Catalogue
from tests.conftest import DATA
from tests.generators import catalogues, random_profile

PROFILES = sorted((DATA / "profiles").glob("*.yaml"))


def cost(planner: Planner, names: set[str]) -> tuple[float, float]:
    prices = [planner.price(n) for n in names]
    return sum(p[0] for p in prices), sum(p[1] for p in prices)


def brute_force(planner: Planner) -> tuple[float, float]:
    """Best gain and least money for it, over every set of ways; straight off the definition."""
    best = (-1.0 if planner.wishes.keep else planner.worth(planner.gains([])), 0.0)
    ways = {s: [c for c in planner.choices if c.solution == s] for s in planner.solutions}
    for picks in itertools.product(*([None, *held] for held in ways.values())):
        chosen = [c for c in picks if c]
        names = {c.solution for c in chosen}
        spent, work = cost(planner, names | {a for c in chosen for a in c.atoms})
        if spent > planner.limits.euros + 1e-6 or work > planner.limits.person_weeks + 1e-6:
            continue
        records = [planner.compiled.options[n].solution for n in names]
        present = names | planner.known.in_place
        if any(set(r.instead_of) & present for r in records):
            continue
        if any(not set(r.prerequisites) <= present for r in records):
            continue
        gain = planner.worth(planner.gains(chosen))
        if planner.wishes.drop & names or not planner.wishes.keep <= names:
            continue
        if gain > best[0] + 1e-9 or (abs(gain - best[0]) <= 1e-9 and spent < best[1]):
            best = (gain, spent)
    return best


@given(catalogues(st.just("x")), st.integers(0, 2**32))
def test_the_choice_equals_brute_force_in_any_catalogue(generated: Catalogue, seed: int) -> None:
    compiled, rng = Compiled(generated), random.Random(seed)
    for _ in range(3):
        profile = profile_from(random_profile(generated, rng, known=0.9), generated)
        limits = Limits(rng.choice([0.0, 2000.0, 20000.0, 1e6]), rng.choice([0.0, 5.0, 40.0]), 26, 2, ())
        planner = Planner(compiled, profile, limits)
        for choice in (rng.sample(planner.solutions, min(2, len(planner.solutions))), []):
            wishes = Wishes(frozenset(choice[:1]), frozenset(choice[1:]))
            gain, spent = brute_force(planner.wished(wishes))
            if gain >= 0:
                break
            with pytest.raises(ImpossibleError):
                solve(planner.wished(wishes), limits.euros, exact=True)
        planner = planner.wished(wishes)
        answer = solve(planner, limits.euros, exact=True)
        assert planner.worth(planner.gains(answer.chosen)) == pytest.approx(gain, abs=1e-6)
        ours = cost(planner, set(answer.names))
        assert ours[0] <= limits.euros + 1e-6
        assert ours[1] <= limits.person_weeks + 1e-6
        assert ours[0] == pytest.approx(spent, abs=1e-3)


@pytest.mark.parametrize("file", PROFILES, ids=lambda f: f.stem)
def test_a_plan_never_exceeds_a_limit(file, catalogue: Catalogue, compiled: Compiled) -> None:
    profile, _ = read_profile(file, catalogue)
    for euros, work, weeks, parallel in (
        (None, None, None, None),
        (12_000, 15, 20, 1),
        (0, 50, 30, 2),
        (300_000, 0, 30, 2),
    ):
        limits = limits_of(compiled, profile, euros=euros, person_weeks=work, weeks=weeks, parallel=parallel)
        made = plan(Planner(compiled, profile, limits))
        assert made.euros <= limits.euros + 1e-6
        assert made.person_weeks <= limits.person_weeks + 1e-6
        assert made.gap <= 0.01
        assert made.gain_before <= made.gain <= 1
        done = {s.id: s for s in made.steps}
        for step in made.steps:
            assert 1 <= step.first <= step.last <= -(-max(1, limits.weeks) // 13)
            for needed in step.needs:
                assert done[needed].last <= step.first
        chosen = {s.id for s in made.steps}
        for s in chosen & set(compiled.options):
            assert not set(compiled.options[s].solution.instead_of) & chosen


def test_an_unlock_is_bought_where_it_pays(catalogue: Catalogue, compiled: Compiled) -> None:
    profile, _ = read_profile(DATA / "profiles" / "truck-camera-maker.yaml", catalogue)
    made = plan(Planner(compiled, profile, limits_of(compiled, profile)))
    bought = [s for s in made.steps if s.kind == "means"]
    assert bought
    for means in bought:
        assert any(means.id in s.needs for s in made.steps)
        assert profile.facts[means.id] is False


def test_what_was_left_out_says_why(catalogue: Catalogue, compiled: Compiled) -> None:
    profile, _ = read_profile(DATA / "profiles" / "press-shop.yaml", catalogue)
    made = plan(Planner(compiled, profile, limits_of(compiled, profile)))
    assert made.left_out
    assert all(x.why for x in made.left_out)
    named = {s.id for s in made.steps} | {x.solution for x in made.left_out} | {x.solution for x in made.unscheduled}
    challenges = set(profile.severities)
    assert named >= {s for s, o in compiled.options.items() if challenges & set(o.addressings)} - set(profile.in_place)


def test_limits_that_are_not_given_come_from_the_tiers_and_it_says_so(catalogue: Catalogue, compiled: Compiled) -> None:
    profile = profile_from({"budget": "small", "people": "one-person", "horizon": "quarter"}, catalogue)
    limits = limits_of(compiled, profile)
    assert (limits.euros, limits.person_weeks, limits.weeks) == (25_000, 1.5 * 13, 13)
    assert len(limits.assumed) == 3
    assert limits_of(compiled, profile, euros=1, person_weeks=2, weeks=3).assumed == ()
    unknown = limits_of(compiled, profile_from({}, catalogue))
    assert all("not known" in said for said in unknown.assumed)
    with pytest.raises(ValueError, match="at least 0"):
        limits_of(compiled, profile, euros=-1)


def test_the_front_of_money_and_coverage_only_falls(catalogue: Catalogue, compiled: Compiled) -> None:
    profile, _ = read_profile(DATA / "profiles" / "contract-start-up.yaml", catalogue)
    limits = limits_of(compiled, profile)
    points = pareto(Planner(compiled, profile, limits))
    assert len(points) > 3
    assert points[-1].euros == 0
    for dear, cheap in itertools.pairwise(points):
        assert cheap.euros < dear.euros
        assert cheap.gain < dear.gain
    for point in points:
        at = Limits(point.euros, limits.person_weeks, limits.weeks, limits.parallel, ())
        assert plan(Planner(compiled, profile, at)).gain >= point.gain - 0.011


def test_the_same_input_gives_the_same_plan(catalogue: Catalogue, compiled: Compiled) -> None:
    profile, _ = read_profile(DATA / "profiles" / "retail-bank.yaml", catalogue)
    limits = limits_of(compiled, profile)
    assert plan(Planner(compiled, profile, limits)) == plan(Planner(compiled, profile, limits))


def test_wishes_are_kept_and_cost_what_they_cost(catalogue: Catalogue, compiled: Compiled) -> None:
    profile, _ = read_profile(DATA / "profiles" / "press-shop.yaml", catalogue)
    planner = Planner(compiled, profile, limits_of(compiled, profile))
    free = plan(planner)
    first = next(s.id for s in free.steps if s.kind == "solution")
    without = plan(planner.wished(Wishes(drop=frozenset({first}))))
    assert without.gain <= free.gain + 0.01
    assert first not in {s.id for s in without.steps}
    assert {x.solution: x.why for x in without.left_out}[first] == "left out because you wish it"
    other = next(
        x.solution
        for x in free.left_out
        if x.solution in planner.solutions and planner.price(x.solution)[0] < free.euros
    )
    kept = plan(planner.wished(Wishes(keep=frozenset({other}), earliest={other: 2})))
    assert {s.id: s for s in kept.steps}[other].first >= 2
    assert kept.gain <= free.gain + 0.01
    with pytest.raises(ImpossibleError):
        plan(planner.wished(Wishes(keep=frozenset({"no-such-solution"}))))
