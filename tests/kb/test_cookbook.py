from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph, URIRef

from engine import Compiled
from engine.verdicts import Known, rule
from kb.cookbook import Parameter, ParameterError, StoredQuery, from_json, stored_queries, to_json
from kb.export import FORMATS
from kb.faults import CatalogueError
from kb.graph import BASE
from kb.profiles import profile_from
from kb.records import Catalogue
from kb.refusal import refused
from tests.conftest import DATA, ROOT

QUERIES = stored_queries(DATA)


@pytest.fixture(scope="module")
def store(catalogue: Catalogue) -> ox.Store:
    made = ox.Store()
    made.bulk_load(FORMATS["nt"](catalogue), format=ox.RdfFormat.N_TRIPLES)
    return made


def rows(store: ox.Store, query: str) -> list[dict[str, str]]:
    answer = store.query(query, base_iri=BASE)
    assert isinstance(answer, ox.QuerySolutions)
    names = [variable.value for variable in answer.variables]
    return [{n: row[n].value.rpartition("/")[2] for n in names if row[n] is not None} for row in answer]


def run(store: ox.Store, catalogue: Catalogue, name: str, **given: str) -> list[dict[str, str]]:
    return rows(store, QUERIES[name].bound({key: [value] for key, value in given.items()}, catalogue))


def test_there_is_a_cookbook_and_a_build_can_carry_it() -> None:
    assert len(QUERIES) >= 12
    assert from_json(to_json(QUERIES)) == QUERIES


@pytest.mark.parametrize("name", QUERIES)
def test_each_query_finds_something_with_its_example_and_in_a_fixed_order(
    name: str, store: ox.Store, catalogue: Catalogue
) -> None:
    query = QUERIES[name]
    example = {key: [str(parameter.example)] for key, parameter in query.parameters.items()}
    assert query.bound(example, catalogue) == query.text, "the text runs about its example"
    assert refused(query.text) is None
    found = store.query(query.text, base_iri=BASE)
    assert len(list(found)) > 0  # type: ignore[arg-type]
    least = {key: value for key, value in example.items() if query.parameters[key].omitted == "refused"}
    assert len(list(store.query(query.bound(least, catalogue), base_iri=BASE))) > 0  # type: ignore[arg-type]
    assert "CONSTRUCT" in query.text or "ORDER BY" in query.text


@pytest.mark.parametrize("name", QUERIES)
def test_each_query_asks_for_what_there_is(name: str, store: ox.Store) -> None:
    """A misspelt property finds nothing and says nothing; so every name must be declared or occur in the graph."""
    text = QUERIES[name].text
    prefixes = dict(re.findall(r"PREFIX (\w+): <([^>]+)>", text))
    used = {prefixes[p] + local for p, local in re.findall(r"\b(\w+):(\w+)", re.sub(r"<[^>]*>", "", text))}
    used |= set(re.findall(rf"<({re.escape(BASE)}(?!ontology)[^>]+)>", text))
    declared = set(Graph().parse(DATA / "ontology" / "ontology.ttl").subjects())
    for iri in used:
        if URIRef(iri) in declared:
            continue
        node = f"<{iri}>"
        assert store.query(f"ASK {{ {{ ?s {node} ?o }} UNION {{ ?s ?p {node} }} UNION {{ {node} ?p ?o }} }}"), iri


def test_lists_agree_with_the_records(store: ox.Store, catalogue: Catalogue) -> None:
    live = {s.id for s in catalogue.solutions if s.retired is None}
    challenges = {c.id for c in catalogue.challenges if c.retired is None}
    assert {row["challenge"] for row in run(store, catalogue, "challenges")} == challenges
    for challenge in challenges:
        expected = {a.solution for a in catalogue.addressings if a.challenge == challenge} & live
        assert {
            row["solution"] for row in run(store, catalogue, "solutions-for-challenge", challenge=challenge)
        } == expected
    best = {
        c: [a.coverage for a in catalogue.addressings if a.challenge == c and a.solution in live] for c in challenges
    }
    gaps = {c for c, coverages in best.items() if set(coverages) <= {"partial"}}
    assert {row["challenge"] for row in run(store, catalogue, "challenges-without-substantial-solution")} == gaps
    direct = {(s.id, p) for s in catalogue.solutions for p in s.prerequisites}
    chain = run(store, catalogue, "prerequisite-chain")
    assert {(r["solution"], r["required"]) for r in chain if r["direct"] == "true"} == direct
    links = {(c.id, x.to, x.why) for c in catalogue.challenges for x in c.links}
    assert len(run(store, catalogue, "links-between-challenges")) == len(links)


def test_blocking_by_one_lack_agrees_with_the_records(store: ox.Store, catalogue: Catalogue) -> None:
    expected = set()
    for x in catalogue.limitations:
        for clause in x.when.atoms():
            if x.effect == "blocks" and x.retired is None and ("skills.statistics", False) in clause:
                expected.add((x.id, "true" if len(clause) == 1 else "false"))
    found = run(store, catalogue, "blocked-by-lack", means="skills.statistics")
    assert {(row["limitation"], row["alone"]) for row in found} == expected
    assert expected


def test_what_is_blocked_agrees_with_the_engine(store: ox.Store, catalogue: Catalogue, compiled: Compiled) -> None:
    """Random facts: what the two queries list is what the engine calls blocked, and what it does not call feasible."""
    rng = random.Random(4)
    vocabulary = catalogue.vocabulary
    seen = set()
    for _ in range(25):
        raw: dict[str, object] = {}
        has, lacks = [], []
        for facet in vocabulary.facets:
            values = vocabulary.values(facet)
            if vocabulary.schemes[facet].omitted_means_no:
                lacks += [f"{facet}.{value}" for value in values]
                raw[facet] = []
            elif rng.random() < 0.5:
                continue
            elif vocabulary.ordered(facet):
                at = rng.randrange(len(values))
                raw[facet] = values[at]
                has.append(f"{facet}.{values[at]}")
                lacks += [f"{facet}.{value}" for value in values[at + 1 : at + 2]]
            else:
                held = [value for value in values if rng.random() < 0.4]
                raw[facet] = {"has": held, "lacks": [value for value in values if value not in held]}
                has += [f"{facet}.{value}" for value in held]
                lacks += [f"{facet}.{value}" for value in values if value not in held]
        given = {"has": has, "lacks": lacks}
        rulings = rule(compiled, Known(compiled, profile_from(raw, catalogue)))
        blocked = {name for name, ruling in rulings.items() if ruling.verdict == "blocked"}
        feasible = {name for name, ruling in rulings.items() if ruling.verdict == "feasible"}
        if not has or not lacks or len(has) > 50 or len(lacks) > 50:
            continue
        certain = {row["solution"] for row in rows(store, QUERIES["certainly-blocked"].bound(given, catalogue))}
        possible = {row["solution"] for row in rows(store, QUERIES["possibly-blocked"].bound(given, catalogue))}
        everything = {s.id for s in catalogue.solutions if s.retired is None}
        assert certain == blocked
        assert everything - possible == feasible
        seen.add((bool(certain), bool(everything - possible)))
    assert (True, True) in seen


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("solutions-for-challenge", {}, "challenge is missing"),
        ("solutions-for-challenge", {"chalenge": ["data-drift"]}, "did you mean challenge"),
        ("solutions-for-challenge", {"challenge": ["data-drif"]}, "did you mean data-drift"),
        ("solutions-for-challenge", {"challenge": ["data-drift", "overfitting"]}, "given 2 times"),
        ("solutions-for-challenge", {"challenge": ["data-drift> } DROP ALL #"]}, "no such challenge"),
        ("solutions-for-challenge", {"challenge": ["../article/munappy2022"]}, "no such challenge"),
        ("challenges", {"phase": ["deploymnt"]}, "did you mean deployment"),
        ("certainly-blocked", {"lacks": ["skills.statistics,skills.non"]}, "no such fact"),
        ("certainly-blocked", {"lacks": ["coverage.partial"]}, "no such fact"),
        ("certainly-blocked", {"lacks": ["skills.statistics," * 51]}, "at most 50"),
        ("articles-most-relied-on", {"least": ["5 } # "]}, "whole number"),
        ("articles-most-relied-on", {"least": ["-1"]}, "whole number"),
        ("articles-most-relied-on", {"least": ["٣"]}, "whole number"),
        ("articles-most-relied-on", {"least": ["9" * 400]}, "whole number"),
        ("named-like", {"word": ['" } SERVICE <http://x/> { #']}, "a word or a few"),
        ("named-like", {"word": ["a\\"]}, "a word or a few"),
        ("named-like", {"word": ["a\nb"]}, "a word or a few"),
        ("named-like", {"word": [""]}, "a word or a few"),
        ("named-like", {"word": ["a" * 100]}, "a word or a few"),
    ],
)
def test_a_value_that_does_not_hold_is_refused(
    name: str, given: dict[str, list[str]], message: str, catalogue: Catalogue
) -> None:
    with pytest.raises(ParameterError, match=message):
        QUERIES[name].bound(given, catalogue)


def test_a_value_with_odd_signs_stays_a_word(store: ox.Store, catalogue: Catalogue) -> None:
    for word in ("O'Neil & co", "C++ 1.5", "größe", "a-b"):
        assert f'"{word}"' in QUERIES["named-like"].bound({"word": [word]}, catalogue)
        run(store, catalogue, "named-like", word=word)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * {}", "leading comment"),
        ("# title: [\nSELECT * {}", "leading comment"),
        ("# title: A\nSELECT * {}", "description"),
        ("# title: A\n# description: B\n# colour: red\nSELECT * {}", "colour"),
        ("# title: A\n# description: B\n# parameters: {x: {kind: word, says: c, example: d}}\nSELECT * {}", "exactly one"),
        ("# title: A\n# description: B\n# parameters: {x: {kind: words, says: c, example: d}}\nSELECT * {}", "kind"),
        ("# title: A\n# description: B\n", "text"),
        ("# title: A\n# description: B\n# parameters: {X: {kind: word, says: c, example: d}}\nSELECT * { VALUES ?X { 'd' } }", "small letters"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_told_by_name(text: str, message: str, tmp_path: Path) -> None:
    shutil.copytree(DATA / "queries", tmp_path / "data" / "queries")
    (tmp_path / "data" / "queries" / "wrong.rq").write_text(text)
    with pytest.raises(CatalogueError) as told:
        stored_queries(tmp_path / "data")
    (fault,) = told.value.faults
    assert fault.file == "data/queries/wrong.rq"
    assert message in str(fault)


def test_a_catalogue_without_queries_has_none(tmp_path: Path) -> None:
    assert stored_queries(tmp_path) == {}


def test_a_parameter_of_several_values_takes_each_once(catalogue: Catalogue) -> None:
    parameter = Parameter(kind="fact", says="x", example="skills.statistics", many=True)
    twice = parameter.terms("x", ["skills.statistics,budget.small", "skills.statistics"], catalogue)
    assert twice == f"<{BASE}concept/skills.statistics> <{BASE}concept/budget.small>"


def test_the_cookbook_page_names_each_query_and_what_it_is_for() -> None:
    page = (ROOT / "site" / "pages" / "sparql.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### `([a-z-]+)`$", page, re.MULTILINE)
    assert headings == list(QUERIES)
    for query in QUERIES.values():
        assert query.title in page
        for name, parameter in query.parameters.items():
            assert f"`{name}`" in page, (query.name, name)
            assert str(parameter.example) in page


def test_a_query_that_is_no_model_is_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        StoredQuery.model_validate({"name": "../x", "title": "a", "description": "b", "text": "c"})
