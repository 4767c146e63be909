"""The W3C's tests of the SPARQL 1.1 Protocol (`protocol/manifest.ttl` in w3c/rdf-tests), in our words and named after theirs.

Passed: query_get, query_post_form, query_post_direct, query_content_type_select, query_content_type_ask, query_content_type_describe,
query_content_type_construct, bad_query_method, bad_multiple_queries, bad_query_wrong_media_type, bad_query_missing_form_type,
bad_query_missing_direct_type, bad_query_non_utf8, bad_query_syntax. Several of these name a default graph in the address, whose
content does not matter to them; here it is left out, because a data set is refused.

Not applicable, since the protocol leaves it to a service which data sets it lets a client name, and there is one here:
query_dataset_default_graphs_get, query_dataset_default_graphs_post, query_dataset_named_graphs_get, query_dataset_named_graphs_post,
query_dataset_full, query_multiple_dataset. They are asked, and are refused with a reason.

Not applicable, since there are no updates: update_dataset_default_graph, update_dataset_default_graphs, update_dataset_named_graphs,
update_dataset_full, update_post_form, update_post_direct, update_base_uri. They are asked, and are refused. The tests of bad updates
(bad_update_get, bad_multiple_updates, bad_update_wrong_media_type, bad_update_missing_form_type, bad_update_non_utf8, bad_update_syntax,
bad_update_dataset_conflict) want a client error and get one, as every update does.
"""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
from rdflib import Graph

from tests.serving import Server

FORM, QUERY, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
DEFAULT, NAMED = f"default-graph-uri={quote(DATA, safe='{}')}", f"named-graph-uri={quote(DATA, safe='{}')}"


def post(server: Server, body: str | bytes, media_type: str | None, parameters: str = "") -> httpx.Response:
    headers = {} if media_type is None else {"Content-Type": media_type}
    content = body.encode() if isinstance(body, str) else body
    return server.post(f"/sparql{parameters}", content=content, headers=headers)


def is_refused(response: httpx.Response, detail: str) -> bool:
    said = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code == 400 and said["type"].endswith("/query-refused") and detail in said["detail"]


def test_query_get(server: Server) -> None:
    assert server.get("/sparql?query=ASK%20%7B%7D").json()["boolean"] is True


def test_query_post_form(server: Server) -> None:
    assert post(server, "query=ASK%20%7B%7D", FORM).json()["boolean"] is True


def test_query_post_direct(server: Server) -> None:
    assert post(server, "ASK {}", QUERY).json()["boolean"] is True


def test_query_content_type_select(server: Server) -> None:
    response = post(server, "SELECT (1 AS ?value) {}", QUERY)
    assert response.headers["content-type"].partition(";")[0] in (
        "application/sparql-results+xml", "application/sparql-results+json", "text/tab-separated-values", "text/csv",
    )  # fmt: skip


def test_query_content_type_ask(server: Server) -> None:
    response = post(server, "ASK {}", QUERY)
    assert response.headers["content-type"] in ("application/sparql-results+xml", "application/sparql-results+json")


def test_query_content_type_describe(server: Server) -> None:
    response = post(server, "DESCRIBE <http://example.org/>", QUERY)
    assert response.headers["content-type"].partition(";")[0] in (
        "application/rdf+xml", "application/rdf+json", "text/turtle", "application/n-triples",
    )  # fmt: skip


def test_query_content_type_construct(server: Server) -> None:
    response = post(server, "CONSTRUCT { <s> <p> 1 } WHERE {}", QUERY)
    assert response.headers["content-type"].partition(";")[0] == "text/turtle"
    assert len(Graph().parse(data=response.text, format="turtle")) == 1


def test_bad_query_method(server: Server) -> None:
    response = server.put("/sparql?query=ASK%20%7B%7D")
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]


def test_bad_multiple_queries(server: Server) -> None:
    assert server.get("/sparql?query=ASK%20%7B%7D&query=SELECT%20%2A%20%7B%7D").status_code == 400
    assert post(server, "query=ASK%20%7B%7D&query=SELECT%20%2A%20%7B%7D", FORM).status_code == 400
    assert post(server, "ASK {}", QUERY, "?query=ASK%20%7B%7D").status_code == 400


def test_bad_query_wrong_media_type(server: Server) -> None:
    assert post(server, "ASK {}", "text/plain").status_code == 415


def test_bad_query_missing_form_type(server: Server) -> None:
    assert post(server, "query=ASK%20%7B%7D", None).status_code == 415


def test_bad_query_missing_direct_type(server: Server) -> None:
    assert post(server, "ASK {}", None).status_code == 415


def test_bad_query_non_utf8(server: Server) -> None:
    text = "ASK { FILTER('é' = 'é') }"
    assert post(server, text.encode("utf-16"), f"{QUERY}; charset=UTF-16").status_code == 415
    assert post(server, text.encode("utf-16"), QUERY).status_code == 400
    assert post(server, text.encode("latin-1"), QUERY).status_code == 400
    assert server.get("/sparql?query=ASK%20%7B%20%22%E9%22%20%7D").status_code == 400


def test_bad_query_syntax(server: Server) -> None:
    response = server.get("/sparql?query=ASK%20%7B")
    assert (response.status_code, response.json()["type"].rpartition("/")[2]) == (400, "query-malformed")


@pytest.mark.parametrize(
    ("name", "parameters", "body"),
    [
        ("query_dataset_default_graphs_get", f"?query=ASK%7B%7D&{DEFAULT.format(1)}&{DEFAULT.format(2)}", None),
        ("query_dataset_default_graphs_post", f"?{DEFAULT.format(1)}&{DEFAULT.format(2)}", "ASK {}"),
        ("query_dataset_named_graphs_post", f"?{NAMED.format(1)}&{NAMED.format(2)}", "ASK { GRAPH ?g { ?s ?p ?o } }"),
        ("query_dataset_named_graphs_get", f"?query=ASK%7B%7D&{NAMED.format(1)}&{NAMED.format(2)}", None),
        ("query_dataset_full", f"?{DEFAULT.format(3)}&{NAMED.format(1)}", "ASK {}"),
        ("query_multiple_dataset", f"?{NAMED.format(1)}", f"ASK FROM <{DATA.format(3)}> {{}}"),
    ],
)
def test_a_data_set_named_by_the_client_is_refused_with_the_reason(
    name: str, parameters: str, body: str | None, server: Server
) -> None:
    response = server.get(f"/sparql{parameters}") if body is None else post(server, body, QUERY, parameters)
    assert is_refused(response, "there is one data set here"), name


@pytest.mark.parametrize(
    ("name", "body", "media_type", "parameters"),
    [
        ("update_dataset_default_graph", "DROP ALL", UPDATE, f"?using-graph-uri={DATA.format(1)}"),
        ("update_dataset_default_graphs", "CLEAR ALL", UPDATE, f"?using-graph-uri={DATA.format(1)}"),
        ("update_dataset_named_graphs", "CLEAR ALL", UPDATE, f"?using-named-graph-uri={DATA.format(1)}"),
        ("update_dataset_full", "CLEAR ALL", UPDATE, f"?using-graph-uri=x&using-named-graph-uri={DATA.format(1)}"),
        ("update_post_form", "update=CLEAR%20ALL", FORM, ""),
        ("update_post_direct", "CLEAR ALL", UPDATE, ""),
        ("update_base_uri", "BASE <http://example.org/> INSERT DATA { <a> <b> 1 }", UPDATE, ""),
        ("update_as_a_query", "INSERT DATA { <a> <b> 1 }", QUERY, ""),
        ("bad_multiple_updates", "update=CLEAR%20ALL&update=CLEAR%20ALL", FORM, ""),
        ("bad_update_non_utf8", "CLEAR ALL".encode("utf-16"), f"{UPDATE}; charset=UTF-16", ""),
        ("bad_update_syntax", "CLEAR XYZ", UPDATE, ""),
        ("bad_update_dataset_conflict", "update=CLEAR%20ALL", FORM, f"?using-named-graph-uri={DATA.format(1)}"),
    ],
)
def test_an_update_is_refused_with_the_reason(
    name: str, body: str | bytes, media_type: str, parameters: str, server: Server
) -> None:
    assert is_refused(post(server, body, media_type, parameters), "read-only"), name


def test_bad_updates_that_say_nothing_of_what_they_are(server: Server) -> None:
    assert is_refused(server.get("/sparql?update=CLEAR%20ALL"), "read-only")  # bad_update_get
    assert post(server, "CLEAR ALL", "text/plain").status_code == 415  # bad_update_wrong_media_type
    assert post(server, "update=CLEAR%20ALL", None).status_code == 415  # bad_update_missing_form_type
