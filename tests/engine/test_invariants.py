"""The invariants of the rules and of the ranking, over random profiles and random catalogues."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiled import LEVELS, Compiled
from engine.recommendation import recommend
from engine.score import MILLION
from engine.verdicts import Known, availability, rule
from kb.export import FORMATS
from kb.graph import PROFILE_GRAPH, profile_graph
from kb.profiles import profile_from
from kb.records import Catalogue, Limitation
from kb.records.profile import Profile
from kb.store import bites, connect, query, write_sqlite
from tests.generators import catalogues, random_profile

PAIRS = set[tuple[str, str]]


def from_engine(compiled: Compiled, profile: Profile) -> tuple[PAIRS, PAIRS]:
    rulings = rule(compiled, Known(compiled, profile))
    certain = {(s, b.rule.limitation.id) for s, r in rulings.items() for b in r.bites if b.certain}
    return certain, {(s, b.rule.limitation.id) for s, r in rulings.items() for b in r.bites}


def from_sparql(store: ox.Store, profile: Profile) -> tuple[PAIRS, PAIRS]:
    graph = ox.NamedNode(str(PROFILE_GRAPH))
    store.remove_graph(graph)
    true = ox.Literal("true", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))
    for s, p, o in profile_graph(profile.facts, profile.in_place):
        value = true if str(o) == "true" else ox.Literal("false", datatype=true.datatype)
        store.add(ox.Quad(ox.NamedNode(str(s)), ox.NamedNode(str(p)), value, graph))
    found = []
    for which in ("certain", "possible"):
        rows = store.query(query(f"{which}.rq"))
        found.append({tuple(str(row[v].value).rpartition("/")[2] for v in ("solution", "limitation")) for row in rows})
    return found[0], found[1]


def loaded(catalogue: Catalogue, folder: Path) -> tuple[Any, ox.Store]:
    write_sqlite(catalogue, folder / "c.sqlite")
    store = ox.Store()
    store.bulk_load(FORMATS["nt"](catalogue), format=ox.RdfFormat.N_TRIPLES)
    return connect(f"sqlite:///{folder / 'c.sqlite'}"), store


def verdicts(pairs: tuple[PAIRS, PAIRS], catalogue: Catalogue, in_place: frozenset[str]) -> dict[str, str]:
    """Verdicts as they follow from the two answers alone."""
    blocking = {x.id for x in catalogue.limitations if x.effect == "blocks"}
    found = {}
    for s in catalogue.solutions:
        if s.retired is None:
            certain, possible = (
                {limitation for owner, limitation in held if owner == s.id} & blocking for held in pairs
            )
            found[s.id] = "feasible" if s.id in in_place or not possible else "blocked" if certain else "undecided"
    return found


def live(pairs: PAIRS, catalogue: Catalogue) -> PAIRS:
    """Without retired solutions, on which nobody asks for a verdict, and what is inherited from them."""
    retired = {s.id for s in catalogue.solutions if s.retired is not None}
    return {(s, x) for s, x in pairs if s not in retired and x.partition(".")[0] not in retired}


def make_true(raw: dict[str, Any], limitation: Limitation, catalogue: Catalogue) -> None:
    """Change a random profile so that the limitation certainly bites; three rare facts seldom meet by chance."""
    vocabulary = catalogue.vocabulary
    for literal in limitation.when.clauses[0].literals:
        facet, _, value = literal.concept.partition(".")
        if vocabulary.ordered(facet):
            bounds = raw.get(facet) if isinstance(raw.get(facet), dict) and raw.get(f"forced {facet}") else {}
            below = vocabulary.values(facet)[vocabulary.values(facet).index(value) - 1]
            raw[facet] = {**bounds, "at_least": value} if literal.holds else {**bounds, "at_most": below}
            raw[f"forced {facet}"] = True
        else:
            held = raw.get(facet, {"has": [], "lacks": []})
            held = {"has": list(held), "lacks": []} if isinstance(held, list) else {k: list(v) for k, v in held.items()}
            for side in ("has", "lacks"):
                held[side] = [v for v in held.get(side, []) if v != value]
            held["has" if literal.holds else "lacks"].append(value)
            raw[facet] = held
    for key in [k for k in raw if k.startswith("forced ")]:
        del raw[key]


def test_engine_sql_and_sparql_agree_on_random_profiles(
    catalogue: Catalogue, compiled: Compiled, tmp_path: Path
) -> None:
    connection, store = loaded(catalogue, tmp_path)
    rng = random.Random(20261122)
    states: dict[str, set[str]] = defaultdict(set)
    seen: Counter[str] = Counter()
    always = {x.id for x in catalogue.limitations if x.when.always}
    for number in range(1000):
        raw = random_profile(catalogue, rng, known=[0.5, 0.8, 0.95, 1.0][number % 4])
        if number % 3 == 0:
            make_true(raw, catalogue.limitations[number // 3 % len(catalogue.limitations)], catalogue)
        profile = profile_from(raw, catalogue)
        ours = from_engine(compiled, profile)
        text = json.dumps(raw)
        assert (set(bites(connection, "certain", text)), set(bites(connection, "possible", text))) == ours, raw
        assert from_sparql(store, profile) == ours, raw
        known = Known(compiled, profile)
        rulings = {s: r.verdict for s, r in rule(compiled, known).items()}
        assert rulings == verdicts(ours, catalogue, known.in_place)
        seen.update(rulings.values())
        for x in catalogue.limitations:
            pair = (x.solution, x.id)
            states[x.id].add("certain" if pair in ours[0] else "possible" if pair in ours[1] else "excluded")
    connection.close()
    total = sum(seen.values())
    assert min(seen[v] for v in ("feasible", "undecided", "blocked")) >= 0.1 * total, seen
    every = {"certain", "possible", "excluded"}
    assert [i for i, held in states.items() if held != (every if i not in always else {"certain"})] == []


@given(catalogues(st.just("x")), st.integers(0, 2**32))
def test_engine_sql_and_sparql_agree_on_any_catalogue(generated: Catalogue, seed: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        connection, store = loaded(generated, Path(folder))
        compiled = Compiled(generated)
        rng = random.Random(seed)
        for _ in range(4):
            raw = random_profile(generated, rng)
            profile = profile_from(raw, generated)
            ours = from_engine(compiled, profile)
            by_sql = (
                set(bites(connection, "certain", json.dumps(raw))),
                set(bites(connection, "possible", json.dumps(raw))),
            )
            for found in (by_sql, from_sparql(store, profile)):
                assert tuple(live(p, generated) for p in found) == tuple(live(p, generated) for p in ours), raw
        connection.close()


def more_known(profile: Profile, compiled: Compiled, rng: random.Random) -> Profile:
    """A profile that only fills in what was unknown, consistently: levels stay ordered."""
    facts = dict(profile.facts)
    vocabulary = compiled.vocabulary
    for facet in vocabulary.facets:
        values = vocabulary.values(facet)
        unknown = [v for v in values if f"{facet}.{v}" not in facts]
        if not unknown or rng.random() < 0.4:
            continue
        if vocabulary.ordered(facet):
            reached = rng.randint(0, len(unknown))
            facts |= {f"{facet}.{v}": at < reached for at, v in enumerate(unknown)}
        else:
            facts |= {f"{facet}.{v}": rng.random() < 0.5 for v in unknown if rng.random() < 0.7}
    return Profile(facts=facts, severities=profile.severities, in_place=profile.in_place, prefer=profile.prefer)


def more_means(profile: Profile, compiled: Compiled, rng: random.Random) -> Profile:
    """The same organisation with more money, people, skills, infrastructure, time or labels."""
    facts = dict(profile.facts)
    vocabulary = compiled.vocabulary
    for scheme in vocabulary.schemes.values():
        if not scheme.more_helps:
            continue
        lacking = [v for v in vocabulary.values(scheme.id) if facts.get(f"{scheme.id}.{v}") is False]
        if scheme.order == "ordered":
            facts |= {f"{scheme.id}.{v}": True for v in lacking[: rng.randint(0, len(lacking))]}
        else:
            facts |= {f"{scheme.id}.{v}": True for v in lacking if rng.random() < 0.5}
    for scheme in vocabulary.schemes.values():
        if scheme.more_helps and scheme.order == "ordered":
            known = [v for v in vocabulary.values(scheme.id) if facts.get(f"{scheme.id}.{v}") is True]
            for v in vocabulary.values(scheme.id)[
                : max((vocabulary.values(scheme.id).index(k) + 1 for k in known), default=0)
            ]:
                facts[f"{scheme.id}.{v}"] = True
    return Profile(facts=facts, severities=profile.severities, in_place=profile.in_place, prefer=profile.prefer)


ORDER = {"blocked": 0, "undecided": 1, "feasible": 2}


def check_knowledge(compiled: Compiled, before: Profile, after: Profile) -> None:
    first, second = (rule(compiled, Known(compiled, p)) for p in (before, after))
    for solution, ruling in first.items():
        if ruling.verdict != "undecided":
            assert second[solution].verdict == ruling.verdict, solution
    for challenge in compiled.challenges:
        earlier, later = availability(compiled, first, challenge), availability(compiled, second, challenge)
        if earlier.availability != "undecided":
            assert later.availability == earlier.availability, challenge
        assert LEVELS.index(earlier.low) <= LEVELS.index(later.low)
        assert LEVELS.index(later.high) <= LEVELS.index(earlier.high)
    scores = {r.solution: r for r in recommend(compiled, before).recommendations}
    for r in recommend(compiled, after).recommendations:
        earlier_score = scores[r.solution]
        assert earlier_score.worst <= r.worst <= r.score <= earlier_score.score, r.solution


def check_means(compiled: Compiled, before: Profile, after: Profile) -> None:
    first, second = (rule(compiled, Known(compiled, p)) for p in (before, after))
    for solution, ruling in first.items():
        assert ORDER[second[solution].verdict] >= ORDER[ruling.verdict], solution
        for challenge, level in ruling.high.items():
            assert LEVELS.index(second[solution].high[challenge]) >= LEVELS.index(level)
            assert LEVELS.index(second[solution].low[challenge]) >= LEVELS.index(ruling.low[challenge])


def test_knowing_more_settles_and_never_unsettles_random_profiles(catalogue: Catalogue, compiled: Compiled) -> None:
    rng = random.Random(5)
    for _ in range(60):
        profile = profile_from(random_profile(catalogue, rng), catalogue)
        check_knowledge(compiled, profile, more_known(profile, compiled, rng))


def test_having_more_never_takes_a_solution_away_random_profiles(catalogue: Catalogue, compiled: Compiled) -> None:
    rng = random.Random(6)
    for _ in range(60):
        profile = profile_from(random_profile(catalogue, rng), catalogue)
        check_means(compiled, profile, more_means(profile, compiled, rng))


@given(catalogues(st.just("x")), st.integers(0, 2**32))
def test_both_monotonicities_hold_in_any_catalogue(generated: Catalogue, seed: int) -> None:
    compiled, rng = Compiled(generated), random.Random(seed)
    for _ in range(5):
        profile = profile_from(random_profile(generated, rng), generated)
        check_knowledge(compiled, profile, more_known(profile, compiled, rng))
        check_means(compiled, profile, more_means(profile, compiled, rng))


def as_json(compiled: Compiled, profile: Profile) -> str:
    return json.dumps(asdict(recommend(compiled, profile)), ensure_ascii=False)


def test_contributions_add_up_on_a_fixed_scale_random_profiles(catalogue: Catalogue, compiled: Compiled) -> None:
    rng = random.Random(8)
    for _ in range(40):
        raw = random_profile(catalogue, rng) | {"prefer": {"tool": 0.7, "quick": 0.3}}
        answer = recommend(compiled, profile_from(raw, catalogue))
        for r in answer.recommendations:
            assert sum(round(c.value * MILLION) for c in r.contributions) == round(r.score * MILLION)
            assert sum(round(c.worst * MILLION) for c in r.contributions) == round(r.worst * MILLION)
            assert 0 <= r.worst <= r.score <= 1
            assert all(c.words for c in r.contributions)
        keys = [(r.verdict == "undecided", -r.score, r.solution) for r in answer.recommendations]
        assert keys == sorted(keys)


def shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        items = [(k, shuffled(v, rng)) for k, v in value.items()]
        rng.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        held = list(value)
        rng.shuffle(held)
        return held
    return value


def test_the_order_of_the_input_never_matters_random_profiles(catalogue: Catalogue, compiled: Compiled) -> None:
    rng = random.Random(9)
    mixed = {
        name: tuple(rng.sample(getattr(catalogue, name), len(getattr(catalogue, name))))
        for name in ("solutions", "addressings", "limitations", "challenges", "articles", "criteria")
    }
    again = Compiled(catalogue.model_copy(update=mixed))
    for _ in range(20):
        raw = random_profile(catalogue, rng)
        first = as_json(compiled, profile_from(raw, catalogue))
        assert as_json(compiled, profile_from(shuffled(raw, rng), catalogue)) == first
        assert as_json(again, profile_from(raw, catalogue)) == first


@pytest.mark.parametrize("seed", range(4))
def test_another_solution_never_changes_a_verdict_or_a_score(
    seed: int, catalogue: Catalogue, compiled: Compiled
) -> None:
    rng = random.Random(seed)
    needed = {p for s in catalogue.solutions for p in s.prerequisites}
    gone = rng.choice([s.id for s in catalogue.solutions if s.id not in needed])
    rest = {
        "solutions": tuple(s for s in catalogue.solutions if s.id != gone),
        "addressings": tuple(a for a in catalogue.addressings if a.solution != gone),
        "limitations": tuple(x for x in catalogue.limitations if x.solution != gone),
    }
    fewer = Compiled(catalogue.model_copy(update=rest))
    for _ in range(10):
        raw = random_profile(catalogue, rng)
        raw["in_place"] = [s for s in raw["in_place"] if s != gone]
        profile = profile_from(raw, catalogue)
        held = {
            r.solution: (r.verdict, r.score, r.worst)
            for r in recommend(compiled, profile).recommendations
            if r.solution != gone
        }
        assert {r.solution: (r.verdict, r.score, r.worst) for r in recommend(fewer, profile).recommendations} == held
