from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph
from rdflib.compare import isomorphic

from kb.context import context
from kb.export import FORMATS
from kb.graph import BASE, PV
from kb.records import Catalogue
from kb.results import CUT, GRAPH_FORMATS, Limits, UnwritableError, write_boolean, write_graph, write_rows

NATIVE = {
    "json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML, "csv": ox.QueryResultsFormat.CSV, "tsv": ox.QueryResultsFormat.TSV,
}  # fmt: skip
RDF = {
    "turtle": ("turtle", ox.RdfFormat.TURTLE), "json-ld": ("json-ld", ox.RdfFormat.JSON_LD),
    "n-triples": ("nt", ox.RdfFormat.N_TRIPLES), "rdf-xml": ("xml", ox.RdfFormat.RDF_XML),
}  # fmt: skip
ALL = Limits(1_000_000)
CONTEXT = context()
EVERY_TERM = """
SELECT ?iri ?text ?tagged ?directed ?integer ?decimal ?double ?odd ?flag ?day ?triple ?none {
  VALUES (?iri ?text ?tagged ?directed ?integer ?decimal ?double ?odd ?flag ?day) {
    (<http://x/?a=1&b=2> 'a,"<\\n\\t\\\\&é\\u2028' 'x'@en-gb 'x'@ar--rtl 12 1.50 -1.5e3 "01a"^^<http://www.w3.org/2001/XMLSchema#integer> true
     "2026-11-22"^^<http://www.w3.org/2001/XMLSchema#date>)
    (UNDEF '' UNDEF UNDEF UNDEF UNDEF UNDEF UNDEF false UNDEF)
  }
  BIND(<<( <http://a/> <http://b/> ?text )>> AS ?triple)
}"""


@pytest.fixture(scope="module")
def store(catalogue: Catalogue) -> ox.Store:
    made = ox.Store()
    made.bulk_load(FORMATS["nt"](catalogue), format=ox.RdfFormat.N_TRIPLES)
    return made


@pytest.mark.parametrize("format_", NATIVE)
@pytest.mark.parametrize(
    "query",
    [EVERY_TERM.replace(" ?triple ?none", " ?none"), "SELECT ?a {}", "SELECT ?a ?b { VALUES ?a {} }", "SELECT * {}", "SELECT ?s ?o { ?s <https://w3id.org/provender/ontology#says> ?o } ORDER BY ?s ?o"],
)  # fmt: skip
def test_rows_are_written_as_the_engine_itself_writes_them(store: ox.Store, query: str, format_: str) -> None:
    body, cut = write_rows(_rows(store, query), format_, ALL)
    assert not cut
    native = _rows(store, query).serialize(format=NATIVE[format_]) or b""
    if format_ == "csv":
        native = native.replace(b"a\r\n\r\n", b'a\r\n""\r\n')  # an empty row must not be lost
    assert body == native.replace(b"&apos;", b"'").replace(b"&#10;", b"\n").replace(b"&#9;", b"\t")


@pytest.mark.parametrize("format_", ["json", "xml", "tsv"])
def test_rows_are_read_back_the_same(store: ox.Store, format_: str) -> None:
    body, _ = write_rows(_rows(store, EVERY_TERM), format_, ALL)
    read = ox.parse_query_results(body, format=NATIVE[format_])
    assert isinstance(read, ox.QuerySolutions)
    assert [tuple(row) for row in read] == [tuple(row) for row in _rows(store, EVERY_TERM)]


@pytest.mark.parametrize("format_", NATIVE)
def test_rows_that_are_too_many_are_cut_and_that_is_said(store: ox.Store, format_: str) -> None:
    query = "SELECT ?s ?p ?o { ?s ?p ?o }"
    assert write_rows(_rows(store, query + " LIMIT 7"), format_, Limits(7))[1] is False
    body, cut = write_rows(_rows(store, query + " LIMIT 8"), format_, Limits(7))
    assert cut
    assert (CUT in body.decode()) is (format_ in ("json", "xml"))
    if format_ != "csv":
        read = ox.parse_query_results(body, format=NATIVE[format_])
        assert isinstance(read, ox.QuerySolutions)
        assert len(list(read)) == 7


def test_an_answer_of_few_but_huge_rows_is_cut_too(store: ox.Store) -> None:
    query = f"SELECT ?x {{ VALUES ?x {{ '{'a' * 600}' '{'b' * 600}' }} }}"
    assert json.loads(write_rows(_rows(store, query), "json", Limits(10, 1_000))[0])["results"]["bindings"][1:] == []
    assert write_rows(_rows(store, query), "json", Limits(10, 1_200))[1] is False


def test_yes_and_no_are_written_in_each_format(store: ox.Store) -> None:
    yes, no = store.query("ASK {}"), store.query("ASK { <a:a> <b:b> <c:c> }")
    assert isinstance(yes, ox.QueryBoolean)
    assert isinstance(no, ox.QueryBoolean)
    assert json.loads(write_boolean(yes, "json")) == {"head": {}, "boolean": True}
    assert b"<boolean>false</boolean>" in write_boolean(no, "xml")
    assert (write_boolean(yes, "csv"), write_boolean(no, "tsv")) == (b"true\n", b"false\n")


def test_what_a_format_cannot_say_is_said(store: ox.Store) -> None:
    with pytest.raises(UnwritableError, match="control character"):
        write_rows(_rows(store, "SELECT ('\\u0001' AS ?x) {}"), "xml", ALL)
    odd = ox.Triple(ox.NamedNode("http://a/"), ox.NamedNode("http://a/1"), ox.Literal("x"))
    with pytest.raises(UnwritableError, match="property"):
        write_graph([odd], "rdf-xml", ALL, CONTEXT)
    nested = ox.Triple(ox.NamedNode("http://a/"), ox.NamedNode("http://a/b"), odd)
    with pytest.raises(UnwritableError, match="triple"):
        write_graph([nested], "json-ld", ALL, CONTEXT)


@pytest.mark.parametrize("format_", GRAPH_FORMATS)
def test_graphs_are_read_back_the_same_by_both_libraries(store: ox.Store, format_: str) -> None:
    triples = [quad.triple for quad in store]
    body, cut = write_graph(triples, format_, ALL, CONTEXT)
    assert not cut
    name, own = RDF[format_]
    assert {quad.triple for quad in ox.parse(body, format=own)} == set(triples)
    lines = "\n".join(f"{triple} ." for triple in triples)
    assert isomorphic(Graph().parse(data=body, format=name), Graph().parse(data=lines, format="nt"))
    assert body == write_graph(reversed(triples), format_, ALL, CONTEXT)[0], "the order of the triples shows"


def test_json_ld_speaks_the_words_of_the_embedded_context(store: ox.Store) -> None:
    answer: Any = store.query("DESCRIBE <https://w3id.org/provender/challenge/data-drift>")
    said = json.loads(write_graph(answer, "json-ld", ALL, CONTEXT)[0])
    assert said["@context"] == CONTEXT
    node = next(node for node in said["@graph"] if node["id"] == "challenge/data-drift")
    assert "concept/phase.post-deployment" in node["phase"]
    assert "pv:Challenge" in node["@type"]
    assert not any(key.startswith("http") for one in said["@graph"] for key in one)


@pytest.mark.parametrize("format_", GRAPH_FORMATS)
def test_a_graph_that_is_cut_says_so_and_can_be_read(store: ox.Store, format_: str) -> None:
    body, cut = write_graph((quad.triple for quad in store), format_, Limits(9), CONTEXT)
    assert cut
    assert b"truncated" in body
    assert len({quad.triple for quad in ox.parse(body, format=RDF[format_][1])}) == 9
    assert len(Graph().parse(data=body, format=RDF[format_][0])) == 9


_IRIS = st.one_of(
    st.sampled_from([
        BASE, f"{BASE}challenge/data-drift", f"{BASE}challenge/..", f"{BASE}challenge/a:b", f"{BASE}/x", f"{BASE}a/b/c", f"{BASE}a/b#c", f"{BASE}a/b?c",
        str(PV), f"{PV}challenge", f"{PV}label", f"{PV}//x", f"{PV}says", "pv:x", "type:x", "id:x", "challenge:x", "skos:prefLabel", "urn:a:b", "mailto:a@b", "http:x",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "http://www.w3.org/2004/02/skos/core#prefLabel", "http://purl.org/dc/terms/", "_:x:y",
    ]).filter(lambda iri: not iri.startswith("_")),
    st.text("abc:/#?.@%-_", min_size=1, max_size=8).map(lambda text: f"{BASE}{text}"),
    st.text("abc:/#?.@-_", min_size=1, max_size=8).map(lambda text: f"{PV}{text}"),
)  # fmt: skip
_NODES = _IRIS.filter(lambda iri: "%" not in iri and iri.count("#") < 2).map(ox.NamedNode)
_LITERALS = st.one_of(
    st.text(max_size=5).map(ox.Literal),
    st.text(max_size=5).map(lambda text: ox.Literal(text, language="en")),
    st.builds(
        lambda text, kind: ox.Literal(text, datatype=ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{kind}")),
        st.sampled_from(["1", "01", "-0", "1.5", "1E0", "true", "True", "", "9" * 30]),
        st.sampled_from(["integer", "double", "boolean", "decimal", "date"]),
    ),
    _NODES.map(lambda kind: ox.Literal("x", datatype=kind)),
)


@given(st.lists(st.builds(ox.Triple, _NODES, _NODES, st.one_of(_NODES, _LITERALS)), max_size=6))
def test_random_names_survive_json_ld(triples: list[ox.Triple]) -> None:
    body, _ = write_graph(triples, "json-ld", ALL, CONTEXT)
    assert {quad.triple for quad in ox.parse(body, format=ox.RdfFormat.JSON_LD)} == set(triples)


def _rows(store: ox.Store, query: str) -> ox.QuerySolutions:
    answer = store.query(query)
    assert isinstance(answer, ox.QuerySolutions)
    return answer
