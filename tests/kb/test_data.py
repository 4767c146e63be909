"""What the catalogue promises of its content, asserted on the data."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest

from engine.compiled import Compiled
from engine.recommendation import recommend
from engine.verdicts import Known, rule
from kb.gaps import find_gaps
from kb.profiles import read_profile
from kb.records import Catalogue
from tests.conftest import DATA

PROFILES = sorted((DATA / "profiles").glob("*.yaml"))


def test_counts(catalogue: Catalogue) -> None:
    assert len(catalogue.challenges) == 20
    assert len(catalogue.solutions) == 48
    assert len({s.article for s in catalogue.solutions}) == 48
    assert len(catalogue.limitations) > 150
    assert len(PROFILES) >= 6


def test_the_counts_of_the_study_are_those_of_the_catalogue(catalogue: Catalogue) -> None:
    assert len(catalogue.vocabulary.values("factor")) == 4
    assert all(c.basis == "study-abstract" for c in catalogue.concepts if c.scheme == "factor")


def test_bases_of_the_challenges(catalogue: Catalogue) -> None:
    secondary = {c.id for c in catalogue.challenges if c.basis == "study-secondary"}
    assert secondary == {"lack-of-labelled-data", "data-granularity", "sharing-and-tracking"}
    assert all(c.basis == "reconstructed" for c in catalogue.challenges if c.id not in secondary)
    assert all(
        r.basis == "curated" for name in ("solutions", "addressings", "limitations") for r in getattr(catalogue, name)
    )


def test_no_program_has_signed_a_review(catalogue: Catalogue) -> None:
    assert all(r.reviewed.by is None for r in (*catalogue.challenges, *catalogue.solutions))
    said = " ".join(catalogue.edition.honesty)
    assert "No human expert has reviewed a record yet" in said
    assert "literature ends in 2022" in said
    assert "full text has not been seen" in said


def test_every_challenge_has_three_solutions_and_six_symptoms_from_each_side(catalogue: Catalogue) -> None:
    addressed = Counter(a.challenge for a in catalogue.addressings)
    for challenge in catalogue.challenges:
        assert addressed[challenge.id] >= 3, challenge.id
        assert len(challenge.symptoms) >= 6, challenge.id
        assert {s.role for s in challenge.symptoms} == {"engineer", "manager", "operator"}, challenge.id
        assert len(challenge.also) >= 3, challenge.id
        assert challenge.links, challenge.id
        assert challenge.consequences, challenge.id


def test_methods_tools_processes_and_platforms_all_occur(catalogue: Catalogue) -> None:
    kinds = Counter(s.kind for s in catalogue.solutions)
    assert min(kinds[k] for k in ("method", "tool", "process", "platform")) >= 3


def test_every_solution_is_described_in_full(catalogue: Catalogue) -> None:
    limitations = defaultdict(list)
    for x in catalogue.limitations:
        limitations[x.solution].append(x)
    for solution in catalogue.solutions:
        assert len(solution.how_it_works) >= 3, solution.id
        held = limitations[solution.id]
        assert len(held) >= 3, solution.id
        assert {x.effect for x in held} == {"blocks", "reduces", "warns"}, solution.id
        evidence = [e for a in catalogue.addressings if a.solution == solution.id for e in a.evidence]
        assert any(e.kind != "argument" for e in [*evidence, *(e for x in held for e in x.evidence)]), solution.id


def test_factors_and_effects_are_all_represented(catalogue: Catalogue) -> None:
    total = len(catalogue.limitations)
    factors = Counter(x.factor for x in catalogue.limitations)
    effects = Counter(x.effect for x in catalogue.limitations)
    assert min(factors[f] for f in catalogue.vocabulary.values("factor")) >= 0.15 * total
    assert min(effects[e] for e in catalogue.vocabulary.values("effect")) >= 0.15 * total


def test_no_condition_and_effect_serves_more_than_five_limitations(catalogue: Catalogue) -> None:
    pairs = Counter((x.when, x.effect) for x in catalogue.limitations)
    assert max(pairs.values()) <= 5


def test_figures_stand_only_where_they_were_seen(catalogue: Catalogue) -> None:
    """A digit in a sentence of ours would be a figure without a source; names such as GPT-2 or W3C are none."""
    figure = re.compile(r"(?<![\w-])\d+(?:[.,]\d+)?\s*(?:%|per cent|percent|times|×|x\b|fold)")
    for solution in catalogue.solutions:
        for text in (solution.summary, *solution.how_it_works, solution.done_when):
            assert not figure.search(text), (solution.id, text)
    for a in catalogue.addressings:
        assert not figure.search(a.how + a.remains), a.id
    for x in catalogue.limitations:
        assert not figure.search(x.says), x.id


def test_implementations_name_when_they_were_checked(catalogue: Catalogue) -> None:
    found = [i for s in catalogue.solutions for i in s.implementations]
    assert found
    assert all(i.released <= i.checked == catalogue.edition.implementations_checked for i in found)


def _grams(text: str, length: int = 8) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def test_nothing_is_pasted_between_records(catalogue: Catalogue) -> None:
    held: dict[tuple[str, ...], str] = {}
    texts = [(c.id, s.says) for c in catalogue.challenges for s in c.symptoms]
    texts += [(x.id, x.says) for x in catalogue.limitations]
    for owner, text in texts:
        for gram in _grams(text):
            assert held.setdefault(gram, owner) == owner, (" ".join(gram), held[gram], owner)


def test_every_facet_value_is_used(catalogue: Catalogue) -> None:
    """By a condition or a context; the lowest level of an ordered facet is what `below` the next one means."""
    vocabulary = catalogue.vocabulary
    used = {literal.concept for x in catalogue.limitations for c in x.when.clauses for literal in c.literals}
    for solution in catalogue.solutions:
        for context in solution.validated_in:
            used |= {f"{f}.{getattr(context, f)}" for f in ("modality", "task", "domain", "deployment")}
    unused = [
        concept.id
        for concept in catalogue.concepts
        if vocabulary.schemes[concept.scheme].use == "facet"
        and concept.id not in used
        and not (concept.rank == 0 and vocabulary.ordered(concept.scheme))
    ]
    assert unused == []


def test_every_concept_has_a_definition_of_its_own(catalogue: Catalogue) -> None:
    texts = [(c.scheme, c.definition) for c in catalogue.concepts]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("file", PROFILES, ids=lambda f: f.stem)
def test_each_example_organisation_can_do_some_things_and_not_others(
    file, catalogue: Catalogue, compiled: Compiled
) -> None:
    profile, raw = read_profile(file, catalogue)
    assert raw["fictional"] is True
    verdicts = Counter(r.verdict for r in rule(compiled, Known(compiled, profile)).values())
    assert 0.2 * 48 <= verdicts["feasible"] <= 0.8 * 48


def test_every_solution_is_feasible_for_one_organisation_and_not_for_another(
    catalogue: Catalogue, compiled: Compiled
) -> None:
    seen = defaultdict(set)
    for file in PROFILES:
        profile, _ = read_profile(file, catalogue)
        for solution, ruling in rule(compiled, Known(compiled, profile)).items():
            seen[solution].add(ruling.verdict == "feasible")
    assert [s for s, held in seen.items() if held != {True, False}] == []


def test_no_two_organisations_share_their_top_five(catalogue: Catalogue, compiled: Compiled) -> None:
    tops = {}
    for file in PROFILES:
        profile, _ = read_profile(file, catalogue)
        tops[file.stem] = frozenset(r.solution for r in recommend(compiled, profile).recommendations[:5])
    assert len(set(tops.values())) == len(tops)


def test_weights_add_up_to_one(catalogue: Catalogue) -> None:
    assert sum(round(c.weight * 1000) for c in catalogue.criteria) == 1000


def test_gaps_are_where_nothing_good_was_validated(catalogue: Catalogue) -> None:
    gaps = find_gaps(catalogue)
    good = {a.challenge for a in catalogue.addressings if a.coverage != "partial"}
    assert set(gaps.partial) == {c.id for c in catalogue.challenges} - good
    for challenge, cells in gaps.validated.items():
        for cell in cells:
            facet, _, value = cell.partition(".")
            assert any(
                a.challenge == challenge
                and a.coverage != "partial"
                and s.id == a.solution
                and getattr(c, facet) == value
                for a in catalogue.addressings
                for s in catalogue.solutions
                for c in s.validated_in
            )
    assert all(not set(gaps.validated[c]) & set(gaps.missing[c]) for c in gaps.missing)


def test_every_article_is_cited(catalogue: Catalogue) -> None:
    cited = {catalogue.edition.study}
    for s in catalogue.solutions:
        cited |= {s.article, *s.references, *(context.source for context in s.validated_in)}
    for x in (*catalogue.addressings, *catalogue.limitations):
        cited |= {e.source for e in x.evidence if e.source is not None}
    assert {a.id for a in catalogue.articles} == cited
