"""The SPARQL endpoint by other people's clients: SPARQLWrapper, rdflib and curl."""

from __future__ import annotations

import json
import subprocess
from typing import Any
from urllib.error import HTTPError

import pytest
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from kb.graph import BASE, PV
from kb.records import Catalogue
from tests.api.web.test_sparql import DRIFT, ask, endpoint
from tests.serving import Server


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("format_", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_asks_for_rows(format_: str, method: str, server: Server, catalogue: Catalogue) -> None:
    wrapper = SPARQLWrapper(endpoint(server), returnFormat=format_)
    wrapper.setMethod(method)
    wrapper.setQuery(f"SELECT ?c {{ ?c a <{PV.Challenge}> }}")
    found: Any = wrapper.queryAndConvert()
    if format_ == JSON:
        assert len(found["results"]["bindings"]) == len(catalogue.challenges)
    elif format_ == XML:
        assert len(found.getElementsByTagName("result")) == len(catalogue.challenges)
    else:
        assert len(found.decode().split()) == 1 + len(catalogue.challenges)


@pytest.mark.parametrize("format_", [TURTLE, JSONLD, RDFXML])
def test_sparqlwrapper_asks_for_graphs(format_: str, server: Server) -> None:
    wrapper = SPARQLWrapper(endpoint(server), returnFormat=format_)
    wrapper.setQuery(f"DESCRIBE <{BASE}challenge/data-drift>")
    found: Any = wrapper.queryAndConvert()
    graph = found if isinstance(found, Graph) else Graph().parse(data=found, format="turtle")
    assert isomorphic(graph, Graph().parse(data=ask(server, DRIFT).text, format="turtle"))


def test_sparqlwrapper_posts_the_query_itself_and_is_told_what_is_wrong(server: Server) -> None:
    wrapper = SPARQLWrapper(endpoint(server), returnFormat=JSON)
    wrapper.setMethod("POST")
    wrapper.setRequestMethod("postdirectly")
    wrapper.setQuery("ASK {}")
    said: Any = wrapper.queryAndConvert()
    assert said["boolean"] is True
    wrapper.setQuery("SELECT * { ?s ?p ?o } ORDER BY")
    with pytest.raises((SPARQLWrapperException, HTTPError)):
        wrapper.query()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_rdflib_uses_it_as_a_store(method: str, format_: str, server: Server, catalogue: Catalogue) -> None:
    graph = Graph(SPARQLStore(endpoint(server), method=method, returnFormat=format_))
    rows = list(graph.query("SELECT ?c { ?c a pv:Challenge }", initNs={"pv": PV}))
    assert len(rows) == len(catalogue.challenges)
    assert bool(graph.query("ASK { ?c a pv:Solution }", initNs={"pv": PV}))
    subject = URIRef(f"{BASE}challenge/data-drift")
    assert len(list(graph.triples((subject, None, None)))) == len(
        list(Graph().parse(data=ask(server, DRIFT).text, format="turtle").triples((subject, None, None)))
    )


def test_rdflib_gets_a_graph(server: Server) -> None:
    graph = Graph(SPARQLStore(endpoint(server)))
    found = graph.query(f"CONSTRUCT WHERE {{ <{BASE}challenge/data-drift> ?p ?o }}").graph
    assert found is not None
    assert len(found) > 5


@pytest.mark.parametrize(
    "arguments",
    [
        ["--get", "--data-urlencode", "query=ASK {}"],
        ["--data-urlencode", "query=ASK {}"],
        ["-H", "Content-Type: application/sparql-query", "--data-binary", "ASK {}"],
        ["-H", "Content-Type: application/sparql-query; charset=UTF-8", "--data-binary", "ASK { FILTER('é' = 'é') }"],
    ],
)
def test_curl(arguments: list[str], server: Server) -> None:
    done = subprocess.run(["curl", "-sS", "--fail", endpoint(server), *arguments], capture_output=True, check=True)
    assert json.loads(done.stdout) == {"head": {}, "boolean": True}
