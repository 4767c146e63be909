"""The SPARQL service description of the endpoint: what it understands, what it gives, and what it does not do."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

import pyoxigraph as ox

from api.publication import Publication
from api.settings import Settings
from kb import results
from kb.iri import BASE

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_PREFIXES = {"sd": _SD, "formats": _FORMATS}
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_RESULTS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle", "JSON-LD", "N-Triples",
    "RDF_XML",
)  # fmt: skip


def features(settings: Settings) -> dict[str, str]:
    """What is particular to this endpoint, by the name under which it is described."""
    return {
        "read-only": "Queries only: no updates, no SERVICE, and one data set, so that FROM and graph parameters are refused.",
        "time-limit": f"A query is stopped after {settings.sparql_seconds:g} s of running; that is problem query-timeout.",
        "truncated": f"An answer has at most {settings.sparql_rows:,} rows or triples, and {results.BYTES // 1024**2} MB of "
        "values; one that is cut off has the header Provender-Truncated: true.",
    }


def described(publication: Publication, settings: Settings, endpoint: str, format_: str) -> bytes:
    """The service description.

    Args:
        publication: what is queried.
        settings: the limits.
        endpoint: address of the endpoint.
        format_: one of `kb.results.GRAPH_FORMATS`, or ``html``.
    """
    if format_ == "html":
        return _page(publication, described(publication, settings, endpoint, "turtle").decode()).encode()
    context = {**json.loads(publication.files["context.jsonld"])["@context"], **_PREFIXES}
    triples = _triples(publication, settings, endpoint)
    return results.write_graph(triples, format_, results.Limits(len(triples)), context)[0]


def _triples(publication: Publication, settings: Settings, endpoint: str) -> list[ox.Triple]:
    node = ox.NamedNode
    service, dataset, graph = node(endpoint), node(f"{endpoint}#dataset"), node(f"{endpoint}#graph")
    edition = publication.catalogue.edition
    dcterms, void = "http://purl.org/dc/terms/", "http://rdfs.org/ns/void#"
    say: dict[tuple[ox.NamedNode, str], Sequence[ox.NamedNode | ox.Literal]] = {
        (service, _TYPE): [node(f"{_SD}Service")],
        (service, f"{_SD}endpoint"): [service],
        (service, f"{_SD}supportedLanguage"): [node(f"{_SD}SPARQL11Query")],
        (service, f"{_SD}resultFormat"): [node(_FORMATS + name) for name in _RESULTS],
        (service, f"{_SD}defaultDataset"): [dataset],
        (service, f"{_SD}feature"): [node(f"{BASE}sparql#{name}") for name in features(settings)],
        (service, f"{dcterms}title"): [ox.Literal(f"SPARQL endpoint of {edition.title}")],
        (dataset, _TYPE): [node(f"{_SD}Dataset")],
        (dataset, f"{_SD}defaultGraph"): [graph],
        (graph, _TYPE): [node(f"{_SD}Graph"), node(f"{void}Dataset")],
        (graph, f"{void}triples"): [ox.Literal(publication.files["provender.nt"].count(b"\n"))],
        (graph, f"{void}uriSpace"): [ox.Literal(BASE)],
        (graph, f"{dcterms}source"): [node(f"{BASE}edition/{edition.id}")],
        (graph, f"{dcterms}license"): [node(str(edition.licence))],
    }
    for name, text in features(settings).items():
        feature = node(f"{BASE}sparql#{name}")
        say[feature, _TYPE] = [node(f"{_SD}Feature")]
        say[feature, f"{dcterms}description"] = [ox.Literal(text)]
    return [ox.Triple(s, node(p), o) for (s, p), objects in say.items() for o in objects]


def _page(publication: Publication, turtle: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>SPARQL endpoint</title><h1>SPARQL endpoint</h1>'
        f"<p>Catalogue {html.escape(publication.version)}. Send a query as <code>?query=</code> or by POST; "
        '<a href="/v1/queries">stored queries</a> are examples.</p>'
        f"<pre>{html.escape(turtle)}</pre></html>\n"
    )
