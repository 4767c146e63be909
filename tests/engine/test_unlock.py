"""Unlocks are complete, exact and minimal: held against brute force over every set of moves."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiled import Compiled
from engine.explanation import explain
from engine.unlock import MOST_MOVES, Unlocker
from engine.verdicts import Known, rule
from kb.profiles import profile_from, read_profile
from kb.records import Catalogue
from kb.records.profile import Profile
from tests.conftest import DATA
from tests.generators import catalogues, random_profile


def moved(profile: Profile, compiled: Compiled, moves: dict[str, str | None]) -> Profile:
    facts = dict(profile.facts)
    vocabulary = compiled.vocabulary
    for name, level in moves.items():
        if level is None:
            facts[name] = True
        else:
            values = vocabulary.values(name)
            for v in values[: values.index(level) + 1]:
                if facts.get(f"{name}.{v}") is False:
                    facts[f"{name}.{v}"] = True
    return Profile(facts=facts, severities=profile.severities, in_place=profile.in_place)


def possible_moves(profile: Profile, compiled: Compiled) -> dict[str, list[str | None]]:
    """Every single move by name: the levels a facet may be raised to, or a facility gained; read straight off the definition."""
    vocabulary = compiled.vocabulary
    forbidden = {
        n
        for c in vocabulary.concepts.values()
        if c.scheme == "rules_out" and profile.facts.get(c.id)
        for n in c.forbids
    }
    found: dict[str, list[str | None]] = {}
    for scheme in vocabulary.schemes.values():
        if not scheme.more_helps or scheme.id in forbidden:
            continue
        for v in vocabulary.values(scheme.id):
            concept = f"{scheme.id}.{v}"
            if profile.facts.get(concept) is False and concept not in forbidden:
                if scheme.order == "ordered":
                    found.setdefault(scheme.id, []).append(v)
                else:
                    found[concept] = [None]
    return found


def brute_force(profile: Profile, compiled: Compiled, solution: str) -> set[frozenset[tuple[str, str | None]]]:
    moves = possible_moves(profile, compiled)

    def blocked(chosen: dict[str, str | None]) -> bool:
        known = Known(compiled, moved(profile, compiled, chosen))
        return rule(compiled, known)[solution].verdict == "blocked"

    found = set()
    for size in range(1, MOST_MOVES + 1):
        for names in itertools.combinations(sorted(moves), size):
            for levels in itertools.product(*(moves[n] for n in names)):
                chosen = dict(zip(names, levels, strict=True))
                if blocked(chosen):
                    continue
                smaller = []
                for name in names:
                    rest = {n: v for n, v in chosen.items() if n != name}
                    smaller.append(rest)
                    at = moves[name].index(chosen[name])
                    if at:
                        smaller.append({**rest, name: moves[name][at - 1]})
                if all(blocked(s) for s in smaller):
                    found.add(frozenset(chosen.items()))
    return found


@given(catalogues(st.just("x")), st.integers(0, 2**32))
def test_unlocks_equal_brute_force_in_any_catalogue(generated: Catalogue, seed: int) -> None:
    compiled, rng = Compiled(generated), random.Random(seed)
    for _ in range(3):
        profile = profile_from(random_profile(generated, rng, known=0.9), generated)
        unlocker = Unlocker(compiled, profile)
        for solution, ruling in rule(compiled, Known(compiled, profile)).items():
            if ruling.verdict != "blocked":
                assert unlocker.unlocks(ruling) == ()
                continue
            ours = {
                frozenset(
                    (m.facet, m.to) if compiled.vocabulary.ordered(m.facet) else (f"{m.facet}.{m.to}", None)
                    for m in u.moves
                )
                for u in unlocker.unlocks(ruling)
            }
            assert ours == brute_force(profile, compiled, solution), solution


def every_unlock(catalogue: Catalogue, compiled: Compiled, raw: dict[str, Any]):
    profile = profile_from(raw, catalogue)
    unlocker = Unlocker(compiled, profile)
    rulings = rule(compiled, Known(compiled, profile))
    return profile, {s: unlocker.unlocks(r) for s, r in rulings.items() if r.verdict == "blocked"}


def test_unlocks_unblock_in_the_real_catalogue_random_profiles(catalogue: Catalogue, compiled: Compiled) -> None:
    rng = random.Random(12)
    several = 0
    for _ in range(40):
        poor = {"skills": [], "infrastructure": [], "rules_out": [], "people": "spare-time"}
        profile, unlocks = every_unlock(catalogue, compiled, random_profile(catalogue, rng, known=0.8) | poor)
        for solution, held in unlocks.items():
            assert [u.cost for u in held] == sorted(u.cost for u in held)
            for u in held:
                several += len(u.moves) > 1
                chosen = {
                    m.facet if compiled.vocabulary.ordered(m.facet) else f"{m.facet}.{m.to}": m.to
                    if compiled.vocabulary.ordered(m.facet)
                    else None
                    for m in u.moves
                }
                after = rule(compiled, Known(compiled, moved(profile, compiled, chosen)))[solution]
                assert after.verdict == u.verdict != "blocked"
                assert after.deciders == u.leaves_unknown
    assert several > 20


def test_what_is_ruled_out_is_never_an_unlock(catalogue: Catalogue, compiled: Compiled) -> None:
    raw = {
        "skills": [],
        "infrastructure": [],
        "people": "spare-time",
        "budget": "none",
        "horizon": "weeks",
        "labels": "none",
        "rules_out": ["hiring"],
    }
    _, unlocks = every_unlock(catalogue, compiled, raw)
    moves = [m for held in unlocks.values() for u in held for m in u.moves]
    assert moves
    assert not {m.facet for m in moves} & {"skills", "people"}


def test_no_unlock_is_an_answer(catalogue: Catalogue, compiled: Compiled) -> None:
    profile, _ = read_profile(DATA / "profiles" / "press-shop.yaml", catalogue)
    told = explain(compiled, profile, "secure-aggregation")
    assert told.verdict == "blocked"
    assert told.unlocks == ()
    assert told.no_unlock is not None
    assert "does not fit your case, because: data holders below “few”" in told.no_unlock


def test_an_explanation_gives_three_answers(catalogue: Catalogue, compiled: Compiled) -> None:
    profile, _ = read_profile(DATA / "profiles" / "contract-start-up.yaml", catalogue)
    told = explain(compiled, profile, "schema-based-data-validation")
    assert told.clashes
    assert all(c.sources or c.says for c in told.clashes)
    assert [m.words for u in told.unlocks for m in u.moves] == [
        "gain “Pipeline orchestrator” (infrastructure)",
        "gain “Data engineering” (skills)",
    ]
    rulings = rule(compiled, Known(compiled, profile))
    assert told.alternatives
    for other in told.alternatives:
        assert rulings[other.solution].verdict != "blocked"
        assert set(other.shares) & set(compiled.options["schema-based-data-validation"].addressings)


def test_an_unlock_is_said_in_concrete_values(catalogue: Catalogue, compiled: Compiled) -> None:
    lowest = {f: compiled.vocabulary.values(f)[0] for f in ("budget", "people", "horizon", "labels")}
    _, unlocks = every_unlock(catalogue, compiled, lowest | {"skills": [], "infrastructure": []})
    words = {m.words for held in unlocks.values() for u in held for m in u.moves}
    assert "gain “Statistics” (skills)" in words
    assert any(" from “None” to “" in w or " from “Spare time” to “" in w for w in words), words


def test_a_solution_that_is_not_there_is_told(compiled: Compiled) -> None:
    with pytest.raises(KeyError):
        explain(compiled, Profile(), "nothing")
