from __future__ import annotations

import pytest
from rdflib import OWL, RDF, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import PROV, SKOS

from kb.graph import BASE, CITO, PV, iri, to_graph
from kb.ontology import ontology, shapes, violations
from kb.records import Catalogue
from tests.conftest import DATA

SHAPES = DATA / "ontology" / "shapes.ttl"


@pytest.fixture(scope="module")
def graph(catalogue: Catalogue) -> Graph:
    return to_graph(catalogue)


def test_the_kept_ontology_and_shapes_are_those_of_the_record_types() -> None:
    assert set(Graph().parse(DATA / "ontology" / "ontology.ttl")) == set(ontology()), "run `make ontology`"
    assert isomorphic(Graph().parse(SHAPES), shapes()), "run `make ontology`"


def test_the_graph_keeps_to_the_shapes(graph: Graph) -> None:
    assert violations(graph, SHAPES) == []


@pytest.mark.parametrize(
    ("subject", "way", "value"),
    [
        ("solution/dropout", PV.lable, Literal("misspelt property")),
        ("solution/dropout", PV.kind, URIRef(BASE + "concept/phase.deployment")),
        ("solution/dropout", SKOS.prefLabel, Literal("second label", lang="en")),
        ("limitation/dropout.x", RDF.type, PV.Limitation),
        ("addressing/dropout.overfitting", PV.challenge, URIRef(BASE + "challenge/nothing")),
    ],
)
def test_the_shapes_catch_what_is_wrong(catalogue: Catalogue, subject: str, way: URIRef, value: object) -> None:
    graph = to_graph(catalogue)
    graph.add((URIRef(BASE + subject), way, value))
    assert violations(graph, SHAPES)


def test_every_term_of_ours_is_declared(graph: Graph) -> None:
    used = {p for p in graph.predicates() if str(p).startswith(str(PV))} | {
        o for o in graph.objects(None, RDF.type) if str(o).startswith(str(PV))
    }
    declared = set(ontology().subjects(RDF.type, None))
    assert used - declared == set()


def test_iris_start_with_the_one_constant_and_none_is_blank(graph: Graph) -> None:
    assert all(isinstance(s, URIRef) and str(s).startswith("https://w3id.org/provender/") for s in graph.subjects())
    assert all(isinstance(o, (URIRef, Literal)) for o in graph.objects())


def test_shortcuts_and_citations_follow_from_the_records(catalogue: Catalogue, graph: Graph) -> None:
    for a in catalogue.addressings:
        assert (iri("solution", a.solution), PV.addresses, iri("challenge", a.challenge)) in graph
    cited = {(s, o) for s, o in graph.subject_objects(CITO.citesAsEvidence)}
    assert cited == {
        (iri(x.kind_, x.id), iri("article", e.source))
        for x in (*catalogue.addressings, *catalogue.limitations)
        for e in x.evidence
        if e.source is not None
    }


def test_attestation_is_in_the_graph(catalogue: Catalogue, graph: Graph) -> None:
    study = iri("article", catalogue.edition.study)
    attested = set(graph.subjects(PROV.hadPrimarySource, study))
    assert iri("challenge", "data-granularity") in attested
    assert iri("concept", "factor.cost") in attested
    assert iri("challenge", "data-drift") not in attested
    assert (iri("challenge", "data-drift"), PROV.wasInfluencedBy, study) in graph


def test_the_version_is_in_the_graph(catalogue: Catalogue, graph: Graph) -> None:
    assert (iri("edition", catalogue.edition.id), OWL.versionInfo, Literal(catalogue.edition.id)) in graph
