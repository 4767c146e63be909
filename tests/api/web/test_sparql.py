"""The SPARQL endpoint and the stored queries, over real HTTP."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import brotli
import httpx
import pyoxigraph as ox
import pytest
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from SPARQLWrapper import JSON, SPARQLWrapper

from api.build import build
from kb.cookbook import stored_queries
from kb.records import Catalogue
from tests.api.web.conftest import Running
from tests.conftest import DATA, EDITION, ROOT
from tests.serving import Server

ROWS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON, "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}  # fmt: skip
GRAPHS = {
    "text/turtle": ("turtle", ox.RdfFormat.TURTLE), "application/ld+json": ("json-ld", ox.RdfFormat.JSON_LD),
    "application/n-triples": ("nt", ox.RdfFormat.N_TRIPLES), "application/rdf+xml": ("xml", ox.RdfFormat.RDF_XML),
}  # fmt: skip
LABELS = (
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT ?label { <challenge/data-drift> skos:prefLabel ?label }"
)
DRIFT = "DESCRIBE <challenge/data-drift>"
QUERIES = stored_queries(DATA)


def kind(response: httpx.Response) -> str:
    """The last part of a problem's type."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    told = response.json()
    assert told["status"] == response.status_code
    assert not re.search(r"Traceback|File \"|/kb/|pyoxigraph|pydantic", response.text)
    return str(told["type"]).rpartition("/")[2]


def endpoint(server: Server) -> str:
    return f"{str(server.base_url).rstrip('/')}/sparql"


def ask(server: Server, query: str, accept: str | None = None, **parameters: str) -> httpx.Response:
    headers = {} if accept is None else {"Accept": accept}
    return server.get("/sparql", params={"query": query, **parameters}, headers=headers)


def until_there_is_a_worker(server: Server) -> None:
    """Where queries may take a moment only, those that come before the first worker is loaded are turned away."""
    deadline = time.monotonic() + 15
    while ask(server, "ASK {}").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


# Formats


def test_json_and_turtle_are_given_unless_something_else_is_asked(server: Server, catalogue: Catalogue) -> None:
    rows = ask(server, LABELS)
    assert rows.headers["content-type"] == "application/sparql-results+json"
    label = next(c.label for c in catalogue.challenges if c.id == "data-drift")
    assert rows.json()["results"]["bindings"] == [{"label": {"type": "literal", "value": label, "xml:lang": "en"}}]
    graph = ask(server, DRIFT)
    assert graph.headers["content-type"] == "text/turtle; charset=utf-8"
    assert graph.text.startswith("@prefix")
    assert "vary" in rows.headers
    assert "accept" in rows.headers["vary"].lower()


@pytest.mark.parametrize("media_type", ROWS)
def test_rows_are_the_same_in_every_format(media_type: str, server: Server) -> None:
    query = "SELECT ?s ?o { ?s <http://www.w3.org/2004/02/skos/core#definition> ?o } ORDER BY ?s ?o"
    response = ask(server, query, media_type)
    assert response.headers["content-type"].partition(";")[0] == media_type
    read = ox.parse_query_results(response.content, format=ROWS[media_type])
    assert isinstance(read, ox.QuerySolutions)
    expected = ask(server, query).json()["results"]["bindings"]
    assert [(row["s"].value, row["o"].value) for row in read] == [(r["s"]["value"], r["o"]["value"]) for r in expected]
    assert expected


@pytest.mark.parametrize("media_type", GRAPHS)
@pytest.mark.parametrize("query", [DRIFT, "CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?s { <solution/dropout> <solution/dropout#effort> } ?s ?p ?o }"])  # fmt: skip
def test_both_libraries_read_every_graph_as_the_same(media_type: str, query: str, server: Server) -> None:
    response = ask(server, query, media_type)
    assert response.headers["content-type"].partition(";")[0] == media_type
    name, own = GRAPHS[media_type]
    expected = ask(server, query, "application/n-triples").text
    assert isomorphic(Graph().parse(data=response.content, format=name), Graph().parse(data=expected, format="nt"))
    assert {str(q.triple) for q in ox.parse(response.content, format=own)} == {
        str(q.triple) for q in ox.parse(expected, format=ox.RdfFormat.N_TRIPLES)
    }
    assert len(expected.splitlines()) > 5


def test_json_ld_embeds_the_projects_own_context(server: Server) -> None:
    said = ask(server, DRIFT, "application/ld+json").json()
    assert said["@context"] == server.get("/context.jsonld").json()["@context"]


@pytest.mark.parametrize(
    ("accept", "query", "expected"),
    [
        ("text/csv;q=0.5, application/sparql-results+xml", "ASK {}", "application/sparql-results+xml"),
        ("text/csv, */*;q=0.1", "ASK {}", "text/csv; charset=utf-8"),
        ("application/json", "ASK {}", "application/json"),
        ("text/turtle, text/csv;q=0.3", "ASK {}", "text/csv; charset=utf-8"),
        ("text/*;q=0.9, application/sparql-results+json;q=0.2", "ASK {}", "text/csv; charset=utf-8"),
        ("text/csv, application/n-triples", DRIFT, "application/n-triples"),
        ("application/*", DRIFT, "application/ld+json"),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "ASK {}", "application/sparql-results+json"),
    ],
)  # fmt: skip
def test_the_format_follows_what_is_accepted(accept: str, query: str, expected: str, server: Server) -> None:
    assert ask(server, query, accept).headers["content-type"] == expected


@pytest.mark.parametrize(
    ("accept", "query"),
    [
        ("image/png", "ASK {}"),
        ("text/turtle", "ASK {}"),
        ("text/csv", DRIFT),
        ("application/sparql-results+json;q=0", "SELECT * {}"),
    ],
)
def test_what_cannot_be_given_is_not_acceptable(accept: str, query: str, server: Server) -> None:
    response = ask(server, query, accept)
    assert (response.status_code, kind(response)) == (406, "not-acceptable")
    assert "json" in response.json()["detail"] or "turtle" in response.json()["detail"]


def test_a_format_that_there_is_not_is_told_with_and_without_a_query(server: Server) -> None:
    for query in ({}, {"query": "ASK {}"}):
        refused = server.get("/sparql", params={**query, "format": "turtel"}).json()
        assert [fault["pointer"] for fault in refused["errors"]] == ["/format"]
        assert "did you mean turtle" in refused["detail"]


def test_a_link_can_say_the_format(server: Server) -> None:
    assert ask(server, "ASK {}", "application/json", format="csv").text == "true\n"
    assert ask(server, DRIFT, format="nt").headers["content-type"] == "application/n-triples"
    wrong = ask(server, "ASK {}", format="jsn")
    assert (wrong.status_code, kind(wrong)) == (422, "invalid-input")
    assert "did you mean json" in wrong.json()["errors"][0]["detail"]


# What is cut, cached and refused


def test_what_is_cut_says_so(running: Running) -> None:
    with running(PROVENDER_SPARQL_ROWS=5, PROVENDER_SPARQL_WORKERS=1) as server:
        for accept in (*ROWS, "text/csv", *GRAPHS):
            form = "CONSTRUCT { ?s ?p ?o }" if accept in GRAPHS else "SELECT ?s ?p ?o"
            whole, cut = (ask(server, f"{form} WHERE {{ ?s ?p ?o }} LIMIT {n}", accept) for n in (5, 6))
            assert "provender-truncated" not in whole.headers
            assert cut.headers["provender-truncated"] == "true"
            assert ("truncated" in cut.text) is (accept not in ("text/csv", "text/tab-separated-values"))
            if accept in GRAPHS:
                assert len(Graph().parse(data=cut.content, format=GRAPHS[accept][0])) == 5
            elif accept in ROWS:
                assert len(list(ox.parse_query_results(cut.content, format=ROWS[accept]))) == 5  # type: ignore[arg-type]
        wrapper = SPARQLWrapper(endpoint(server), returnFormat=JSON)
        wrapper.setQuery("SELECT * { ?s ?p ?o }")
        read: Any = wrapper.queryAndConvert()
        assert len(read["results"]["bindings"]) == 5


def test_a_steady_answer_is_cached_and_an_unsteady_one_is_not(server: Server) -> None:
    first = ask(server, LABELS)
    assert re.fullmatch('"[0-9a-f]{32}"', first.headers["etag"])
    assert first.headers["cache-control"] == "public, max-age=300"
    again = server.get("/sparql", params={"query": LABELS}, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for header in ("etag", "cache-control", "vary"):
        assert again.headers[header] == first.headers[header]
    assert ask(server, LABELS, "text/csv").headers["etag"] != first.headers["etag"]
    for word in ("NOW()", "rand()", "STRUUID()", "BNODE()"):
        assert ask(server, f"SELECT ({word} AS ?x) {{}}").headers["cache-control"] == "no-store"
    assert server.post("/sparql", data={"query": LABELS}).headers["cache-control"] == "no-store"
    head = server.head("/sparql", params={"query": LABELS})
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])


@pytest.mark.parametrize("query", [DRIFT, "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"])
def test_an_answer_is_compressed_where_that_is_wanted(query: str, server: Server) -> None:
    unpack = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
    bodies, tags, sizes = set(), set(), []
    for coding in unpack:
        with server.stream("GET", "/sparql", params={"query": query}, headers={"Accept-Encoding": coding}) as response:
            raw = b"".join(response.iter_raw())
        assert response.status_code == 200
        assert response.headers.get("content-encoding", "identity") == coding
        assert response.headers["vary"] == "Accept, Accept-Encoding"
        assert int(response.headers["content-length"]) == len(raw)
        bodies.add(unpack[coding](raw))
        tags.add(response.headers["etag"])
        sizes.append(len(raw))
    assert (len(bodies), len(tags)) == (1, 3)
    assert max(sizes[1:]) < sizes[0]


def test_a_short_answer_is_sent_as_it_is(server: Server) -> None:
    assert "content-encoding" not in ask(server, "ASK {}").headers


@pytest.mark.parametrize(
    ("parameters", "expected", "detail"),
    [
        ([("query", "ASK {}"), ("default-graph-uri", "http://x/")], "query-refused", "one data set"),
        ([("query", "ASK {}"), ("named-graph-uri", "http://x/")], "query-refused", "one data set"),
        ([("query", "ASK {}"), ("query", "ASK {}")], "bad-request", "more than once"),
        ([("query", "ASK {}"), ("qury", "ASK {}")], "unknown-parameter", "did you mean query"),
        ([("update", "DROP ALL")], "query-refused", "read-only"),
        ([("query", "ASK {}"), ("using-graph-uri", "x")], "query-refused", "read-only"),
        ([("query", "SELECT * { SERVICE <http://x/> {} }")], "query-refused", "SERVICE"),
        ([("query", "SELECT * FROM <http://x/> {}")], "query-refused", "FROM"),
        ([("query", "INSERT DATA { <a> <b> 1 }")], "query-refused", "INSERT"),
    ],
)
def test_what_is_refused_is_told_why(
    parameters: list[tuple[str, str]], expected: str, detail: str, server: Server
) -> None:
    response = server.get("/sparql", params=tuple(parameters))
    assert (response.status_code, kind(response)) == (400, expected)
    assert detail in response.json()["detail"]


def test_a_malformed_query_is_told_with_its_place(server: Server) -> None:
    response = server.post("/sparql", data={"query": "SELECT * {\n  ?s skos:prefLabel ?o }"})
    told = response.json()
    assert (kind(response), told["line"]) == ("query-malformed", 2)
    assert told["column"] > 5
    assert "Prefix not found" in told["detail"]


def test_a_slow_query_is_stopped_and_told_when_to_come_back(running: Running) -> None:
    with running(PROVENDER_SPARQL_SECONDS=0.3) as server:
        until_there_is_a_worker(server)
        response = ask(server, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
        assert (response.status_code, kind(response)) == (503, "query-timeout")
        assert int(response.headers["retry-after"]) >= 1
        until_there_is_a_worker(server)


def test_switched_off_nothing_runs(running: Running) -> None:
    with running(PROVENDER_SPARQL="false") as server:
        for response in (
            ask(server, "ASK {}"),
            server.post("/sparql", data={"query": "ASK {}"}),
            server.get("/sparql"),
            server.get("/v1/queries"),
            server.get("/v1/queries/challenges"),
        ):
            assert (response.status_code, kind(response)) == (404, "not-found")
            assert "switched off" in response.json()["detail"]
        assert not [
            path for path in server.get("/openapi.json").json()["paths"] if "queries" in path or "sparql" in path
        ]


# The description of the service


@pytest.mark.parametrize("media_type", GRAPHS)
def test_the_endpoint_describes_itself(media_type: str, server: Server) -> None:
    sd = "http://www.w3.org/ns/sparql-service-description#"
    response = server.get("/sparql", headers={"Accept": media_type})
    assert response.headers["content-type"].partition(";")[0] == media_type
    graph = Graph().parse(data=response.content, format=GRAPHS[media_type][0])
    service = URIRef(f"{str(server.base_url).rstrip('/')}/sparql")
    assert (service, URIRef(sd + "endpoint"), service) in graph
    assert (service, URIRef(sd + "supportedLanguage"), URIRef(sd + "SPARQL11Query")) in graph
    assert len(list(graph.objects(service, URIRef(sd + "resultFormat")))) == 8
    text = " ".join(map(str, graph.objects(None, URIRef("http://purl.org/dc/terms/description"))))
    assert "5 s" in text
    assert "10,000 rows" in text
    (triples,) = graph.objects(None, URIRef("http://rdfs.org/ns/void#triples"))
    counted = ask(server, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").json()["results"]["bindings"][0]["n"]["value"]
    assert str(triples) == counted


def test_a_browser_and_a_script_get_a_description_too(server: Server) -> None:
    page = server.get("/sparql", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "/v1/queries" in page.text
    assert server.get("/sparql").headers["content-type"] == "text/turtle; charset=utf-8"
    none = server.get("/sparql", headers={"Accept": "application/sparql-results+json"})
    assert (none.status_code, kind(none)) == (400, "bad-request")


def test_a_host_header_that_is_no_host_gets_no_iri(server: Server) -> None:
    for accept in GRAPHS:
        answer = server.get("/sparql", headers={"Host": "a>b<c", "Accept": accept})
        assert answer.status_code in (200, 400)
        assert "a>b" not in answer.text
        assert "a&gt;b" not in answer.text


def test_methods(server: Server) -> None:
    allowed = {"GET", "HEAD", "OPTIONS", "POST"}
    options = server.options("/sparql")
    assert set(options.headers["allow"].split(", ")) == allowed
    for method in ("PUT", "DELETE", "PATCH"):
        response = server.request(method, "/sparql")
        assert (response.status_code, kind(response)) == (405, "method-not-allowed")
        assert set(response.headers["allow"].split(", ")) == allowed


# Stored queries


def test_the_stored_queries_are_listed(server: Server, catalogue: Catalogue) -> None:
    response = server.get("/v1/queries")
    said = response.json()
    assert (said["catalogue"], said["total"], said["next"]) == (catalogue.edition.id, len(QUERIES), None)
    assert [item["name"] for item in said["items"]] == list(QUERIES)
    assert all(item["title"] and item["description"] for item in said["items"])
    again = server.get("/v1/queries", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304
    assert kind(server.get("/v1/queries?name=x")) == "unknown-parameter"


@pytest.mark.parametrize("name", QUERIES)
def test_each_stored_query_runs_as_it_would_by_hand(name: str, server: Server) -> None:
    query = QUERIES[name]
    example: Mapping[str, Any] = {key: parameter.example for key, parameter in query.parameters.items()}
    found = server.get(f"/v1/queries/{name}", params=example)
    assert found.status_code == 200, found.text
    assert found.content == ask(server, query.text).content
    assert found.headers["cache-control"] == "public, max-age=300"
    text = server.get(f"/v1/queries/{name}", headers={"Accept": "application/sparql-query"})
    assert text.headers["content-type"] == "application/sparql-query; charset=utf-8"
    assert text.text == query.text
    other = server.get(
        f"/v1/queries/{name}", params={**example, "format": "jsonld" if "CONSTRUCT" in query.text else "csv"}
    )
    assert other.headers["content-type"].partition(";")[0] in ("application/ld+json", "text/csv")


def test_a_stored_query_is_about_what_is_asked(server: Server, catalogue: Catalogue) -> None:
    response = server.get("/v1/queries/solutions-for-challenge?challenge=overfitting")
    found = {row["solution"]["value"].rpartition("/")[2] for row in response.json()["results"]["bindings"]}
    assert found == {a.solution for a in catalogue.addressings if a.challenge == "overfitting"}
    text = server.get(
        "/v1/queries/solutions-for-challenge?challenge=overfitting", headers={"Accept": "application/sparql-query"}
    )
    assert "challenge/overfitting" in text.text
    assert "data-drift" not in text.text


@pytest.mark.parametrize(
    ("path", "status", "expected", "detail"),
    [
        ("chalenges", 404, "not-found", "did you mean challenges"),
        ("solutions-for-challenge", 422, "invalid-input", "Challenge is missing"),
        ("solutions-for-challenge?challenge=data-drif", 422, "invalid-input", "did you mean data-drift"),
        ("solutions-for-challenge?challenge=a&challenge=b", 422, "invalid-input", "give it once"),
        ("solutions-for-challenge?chalenge=data-drift", 400, "unknown-parameter", "did you mean challenge"),
        ("articles-most-relied-on?least=many", 422, "invalid-input", "whole number"),
        ("named-like?word=%22%20%7D%20SERVICE", 422, "invalid-input", "letters, digits and spaces"),
        ("named-like?word=%FF", 400, "bad-request", "UTF-8"),
    ],
)
def test_what_does_not_hold_of_a_stored_query_is_told(
    path: str, status: int, expected: str, detail: str, server: Server
) -> None:
    response = server.get(f"/v1/queries/{path}")
    assert (response.status_code, kind(response)) == (status, expected)
    assert detail in response.json()["detail"]


def test_every_address_in_the_cookbook_works(server: Server) -> None:
    page = (ROOT / "site" / "pages" / "sparql.md").read_text(encoding="utf-8")
    addresses = re.findall(r"^`(/v1/queries/\S+)`$", page, re.MULTILINE)
    assert len(addresses) == len(QUERIES)
    for address in addresses:
        assert server.get(address).status_code == 200, address
    for block in re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        for line in block.strip().splitlines():
            command = line.replace("http://127.0.0.1:8000", str(server.base_url).rstrip("/"))
            assert command.startswith("curl '"), command
            done = subprocess.run(f"{command} -sS --fail", shell=True, capture_output=True, check=True)
            assert done.stdout
    for block in re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        exec(block.replace("http://127.0.0.1:8000", str(server.base_url).rstrip("/")), {})


def test_the_document_lists_each_stored_query_with_its_own_parameters(server: Server) -> None:
    paths = server.get("/openapi.json").json()["paths"]
    for name, query in QUERIES.items():
        operation = paths[f"/v1/queries/{name}"]["get"]
        names = [parameter["name"] for parameter in operation["parameters"]]
        assert names == [*query.parameters, "format"]
        content = operation["responses"]["200"]["content"]
        graph = "CONSTRUCT" in query.text
        example = content["text/turtle" if graph else "application/sparql-results+json"]["example"]
        assert example
        if not graph:
            assert example["results"]["bindings"], name
    assert "/v1/queries/{name}" not in paths
    example = paths["/sparql"]["get"]["parameters"][0]["example"]
    asked = ask(server, example).json()
    assert paths["/sparql"]["get"]["responses"]["200"]["content"]["application/sparql-results+json"]["example"] == asked
    assert {"400", "406", "413", "415", "503"} <= paths["/sparql"]["post"]["responses"].keys()


def test_a_new_build_is_queried_without_a_restart(running: Running, tmp_path: Path) -> None:
    """The release that answers is the one that is published: a new one is taken up, and its workers hold the new triples."""
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    list(build(data, tmp_path / "build"))
    title = "SELECT ?t { ?e a <https://w3id.org/provender/ontology#Edition> ; <http://purl.org/dc/terms/title> ?t }"
    with running(PROVENDER_DATA=data, PROVENDER_REFRESH_SECONDS=0.2) as server:
        assert "Renamed" not in ask(server, title).text
        source = (data / "catalogue.yaml").read_text().replace(EDITION, "2098.1.1", 1)
        (data / "catalogue.yaml").write_text(re.sub(r"(?m)^title: .*$", "title: Renamed", source))
        list(build(data, tmp_path / "build"))
        deadline = time.monotonic() + 15
        while "Renamed" not in ask(server, title).text:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(1.5)
        assert all("Renamed" in ask(server, title).text for _ in range(10))
