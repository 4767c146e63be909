"""Linked data over HTTP: every format says the same, the whole is the sum of its records, and checksums hold."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import bibtexparser
import pyoxigraph as ox
import pytest
from rdflib import DCAT, RDF, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import FOAF, VOID

from api.publication import Publication
from api.settings import Settings
from api.web.linked import KINDS, Linked
from api.web.rows import Rows
from kb.csl import csl_item, to_csl
from kb.graph import record_triples, to_triples
from kb.home import BUNDLE
from kb.normal import from_object
from tests.serving import Server

BASE = "https://w3id.org/provender/"
RDFLIB = {"text/turtle": "turtle", "application/ld+json": "json-ld", "application/n-triples": "nt"}
OXIGRAPH = {
    "text/turtle": ox.RdfFormat.TURTLE, "application/ld+json": ox.RdfFormat.JSON_LD, "application/n-triples": ox.RdfFormat.N_TRIPLES,
}  # fmt: skip
SUFFIXES = {
    "text/html": "html", "text/turtle": "ttl", "application/ld+json": "jsonld", "application/n-triples": "nt", "application/json": "json",
}  # fmt: skip


def bare(media_type: str) -> str:
    return media_type.partition(";")[0]


def with_rdflib(body: bytes, media_type: str) -> Graph:
    return Graph().parse(data=body, format=RDFLIB[media_type])


def with_oxigraph(body: bytes, media_type: str) -> set[str]:
    return {str(quad.triple) for quad in ox.parse(body, format=OXIGRAPH[media_type])}


def examples(publication: Publication) -> list[str]:
    held = Rows(publication).records
    special = {"solution": "federated-averaging", "concept": "budget.small", "article": "munappy2022"}
    return [f"{kind}/{special.get(kind) or next(iter(held[kind]))}" for kind in KINDS]


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_says_the_same(server: Server, publication: Publication, kind: str) -> None:
    (path,) = [p for p in examples(publication) if p.startswith(f"{kind}/")]
    graphs, sets = [], []
    for media_type in RDFLIB:
        response = server.get(f"/id/{path}", headers={"Accept": media_type})
        assert bare(response.headers["content-type"]) == media_type
        assert response.headers["vary"].startswith("Accept")
        assert server.get(f"/id/{path}.{SUFFIXES[media_type]}").content == response.content
        graphs.append(with_rdflib(response.content, media_type))
        sets.append(with_oxigraph(response.content, media_type))
    assert isomorphic(graphs[0], graphs[1])
    assert isomorphic(graphs[0], graphs[2])
    assert sets[0] == sets[1] == sets[2]
    assert len(sets[0]) == len(graphs[0]) > 6
    record, document = URIRef(f"{BASE}{path}"), URIRef(f"{BASE}id/{path}")
    assert (document, RDF.type, FOAF.Document) in graphs[0]
    assert (document, FOAF.primaryTopic, record) in graphs[0]
    assert (document, VOID.inDataset, URIRef(f"{BASE}edition/{publication.version}")) in graphs[0]


def test_a_record_has_all_its_triples(publication: Publication) -> None:
    linked = Linked(Rows(publication), Settings())
    for kind in ("solution", "limitation", "challenge"):
        for record in getattr(publication.catalogue, f"{kind}s")[::12]:
            body = linked.record_as(kind, record.id, "text/turtle").choose(None).content().body
            assert set(record_triples(record)) <= set(with_rdflib(body, "text/turtle"))


def test_the_records_add_up_to_the_whole(publication: Publication) -> None:
    linked, held = Linked(Rows(publication), Settings()), Rows(publication).records
    lines: list[bytes] = []
    for kind in KINDS:
        for identity in held[kind]:
            of = linked.record_as(kind, identity, "application/n-triples").choose(None).content().body.splitlines()
            assert sum(f"<{BASE}id/".encode() in line for line in of) == 4
            lines += [line for line in of if not line.startswith(f"<{BASE}id/".encode())]
    assert sorted(lines) == sorted(publication.files["provender.nt"].splitlines())


def test_turtle_and_json_ld_of_every_record_are_its_triples(publication: Publication) -> None:
    linked, held = Linked(Rows(publication), Settings()), Rows(publication).records
    for kind in KINDS:
        for identity in held[kind]:
            page = linked.record(kind, identity)
            said = [with_oxigraph(page.choose(name).content().body, name) for name in OXIGRAPH]
            assert said[0] == said[1] == said[2], identity


def test_exported_graphs_say_what_the_catalogue_says(server: Server, publication: Publication) -> None:
    wanted = {(str(s), str(p), o.n3()) for s, p, o in to_triples(publication.catalogue)}
    found = with_rdflib(server.get("/exports/provender.ttl").content, "text/turtle")
    assert {(str(s), str(p), o.n3()) for s, p, o in found} == wanted


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"), ("*/*", "text/html"), (None, "text/html"),
        ("text/turtle, application/rdf+xml;q=0.5", "text/turtle"), ("application/ld+json", "application/ld+json"),
        ("application/json", "application/json"), ("application/n-triples;q=0.9, text/turtle;q=0.1", "application/n-triples"),
    ],
)  # fmt: skip
def test_a_record_is_given_as_it_is_wanted(server: Server, accept: str | None, chosen: str) -> None:
    response = server.get("/id/solution/dropout", headers={"Accept": accept} if accept else {})
    assert bare(response.headers["content-type"]) == chosen
    assert response.headers["content-location"] == f"/id/solution/dropout.{SUFFIXES[chosen]}"
    links = re.findall(r'<([^>]+)>; rel="alternate"; type="([^"]+)"', response.headers["link"])
    assert {media_type for _, media_type in links} == set(SUFFIXES) - {chosen}
    for where, media_type in links:
        other = server.get(where, headers={"Accept": "image/png"})  # a suffix asks for itself
        assert (other.status_code, bare(other.headers["content-type"])) == (200, media_type)


def test_the_json_of_a_record_is_that_of_its_list(server: Server) -> None:
    for kind, path in (("solution", "/v1/solutions/dropout"), ("concept", "/v1/vocabulary/budget.small")):
        identity = path.rpartition("/")[2]
        assert server.get(f"/id/{kind}/{identity}.json").json() == server.get(path).json()
    addressing = server.get("/id/addressing/dropout.overfitting.json").json()
    assert (addressing["item"]["coverage"], addressing["derived"]["evidence_level"]) == ("partial", "benchmark")


@pytest.mark.parametrize(
    ("path", "accept", "status", "told"),
    [
        ("/id/solution/dropout", "image/png", 406, "text/turtle"), ("/.well-known/void", "image/png", 406, "application/ld+json"),
        ("/v1/articles/munappy2022", "text/turtle", 406, "application/x-bibtex"), ("/id/solution/dropot", None, 404, "did you mean dropout"),
        ("/id/solution/dropot.ttl", None, 404, "did you mean dropout"), ("/id/solutions/dropout", None, 404, "did you mean solution"),
        ("/exports/provender.tll", None, 404, "did you mean provender.ttl"), ("/exports/..%2f..%2fetc%2fpasswd", None, 404, "nothing"),
        ("/id/solution/dropout?x=1", None, 400, "no parameter 'x'"), ("/exports/?x=1", None, 400, "no parameter 'x'"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told(server: Server, path: str, accept: str | None, status: int, told: str) -> None:
    response = server.get(path, headers={"Accept": accept} if accept else {})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert told in response.json()["detail"]


# A page for people


class Checked(HTMLParser):
    """Notes tags, links and text; fails on anything that would be loaded or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        assert tag not in ("script", "style", "link", "img", "iframe", "object", "form"), tag
        assert not any(name.startswith("on") or name in ("style", "src") for name in held), held
        self.tags.append(tag)
        self.attributes.setdefault(tag, held)
        if tag == "a":
            self.links.append(held["href"] or "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_a_record_is_plain_and_leads_on(server: Server, publication: Publication, kind: str) -> None:
    (path,) = [p for p in examples(publication) if p.startswith(f"{kind}/")]
    response = server.get(f"/id/{path}.html")
    page = Checked(response.text)
    assert page.attributes["html"]["lang"] == "en"
    assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("title") == 1
    assert f"{BASE}{path}" in page.text
    for link in page.links:
        assert link.startswith("http") or server.get(link).status_code == 200, link
    assert {f"/id/{path}.{suffix}" for suffix in ("ttl", "jsonld", "nt", "json")} <= set(page.links)
    assert "unsafe-inline" not in response.headers["content-security-policy"]


def test_a_retired_record_stays_and_says_what_replaced_it(publication: Publication) -> None:
    bundle = json.loads(publication.files[BUNDLE])
    for solution in bundle["solutions"]:
        if solution["id"] == "dropout":
            solution["label"] = "<script>alert('&')</script>"
            solution["retired"] = {
                "on": "2026-11-22",
                "why": "Others <i>do</i> better.",
                "replaced_by": "transfer-learning",
            }
    changed = {**publication.files, BUNDLE: json.dumps(bundle).encode()}
    linked = Linked(Rows(replace(publication, files=changed, catalogue=from_object(bundle))), Settings())
    content = linked.record("solution", "dropout").choose("text/html").content()
    page = Checked(content.body.decode())
    assert "Retired on 2026-11-22: Others <i>do</i> better. It is replaced by transfer-learning" in page.text
    assert "<script>alert('&')</script>" in page.text
    assert "/id/solution/transfer-learning" in page.links
    assert '</id/solution/transfer-learning>; rel="successor-version"' in dict(content.headers)["link"]


# Exports


def test_exports_are_listed_and_hold_their_checksums(server: Server, publication: Publication) -> None:
    body = server.get("/exports/").json()
    assert server.get("/exports").json() == body
    assert {item["name"] for item in body["items"]} == {*publication.files, "SHA256SUMS"}
    assert (body["catalogue"], body["digest"]) == (publication.version, publication.digest)
    listed = server.get("/exports/SHA256SUMS")
    assert hashlib.sha256(listed.content).hexdigest() == publication.digest
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in listed.text.splitlines())}
    for item in body["items"]:
        response = server.get(item["url"], headers={"Accept-Encoding": "identity"})
        digest = hashlib.sha256(response.content)
        assert (len(response.content), digest.hexdigest()) == (item["bytes"], item["sha256"])
        assert digest.hexdigest() == sums.get(item["name"], digest.hexdigest())
        assert response.headers["repr-digest"] == f"sha-256=:{_base64(digest.digest())}:"
        assert response.headers["content-type"] == item["media_type"]
        saved = item["name"].endswith((".csv", ".xlsx", ".sqlite", ".bib"))
        assert response.headers.get("content-disposition", "") == (
            f'attachment; filename="{item["name"]}"' if saved else ""
        )


def _base64(raw: bytes) -> str:
    from base64 import b64encode

    return b64encode(raw).decode()


def test_the_digest_is_of_what_is_sent(server: Server) -> None:
    with server.stream("GET", "/exports/provender.nt", headers={"Accept-Encoding": "br"}) as response:
        raw = b"".join(response.iter_raw())
    assert response.headers["content-encoding"] == "br"
    assert len(raw) < 1_000_000
    told = response.headers["repr-digest"].removeprefix("sha-256=:").removesuffix(":")
    assert b64decode(told) == hashlib.sha256(raw).digest()


def test_the_data_set_is_described(server: Server, publication: Publication) -> None:
    answers = {name: server.get("/.well-known/void", headers={"Accept": name}).content for name in RDFLIB}
    graph = with_rdflib(answers["text/turtle"], "text/turtle")
    for name, body in answers.items():
        assert isomorphic(graph, with_rdflib(body, name))
        assert with_oxigraph(body, name) == with_oxigraph(answers["text/turtle"], "text/turtle")
    dataset = URIRef(f"{BASE}edition/{publication.version}")
    assert (dataset, VOID.triples, Literal(len(publication.files["provender.nt"].splitlines()))) in graph
    assert graph.value(dataset, VOID.sparqlEndpoint) == URIRef(f"{BASE}sparql")
    assert len(list(graph.objects(dataset, VOID.vocabulary))) > 5
    for example in graph.objects(dataset, VOID.exampleResource):
        kind, _, identity = str(example).removeprefix(BASE).partition("/")
        assert server.get(f"/id/{kind}/{identity}").status_code == 200
    spdx = "http://spdx.org/rdf/terms#"
    copies = list(graph.objects(dataset, DCAT.distribution))
    assert len(copies) == len(publication.files) + 1
    for copy in copies:
        where = str(graph.value(copy, DCAT.downloadURL)).removeprefix(BASE.rstrip("/"))
        content = server.get(where).content
        assert int(str(graph.value(copy, DCAT.byteSize))) == len(content)
        checksum = graph.value(copy, URIRef(spdx + "checksum"))
        assert str(graph.value(checksum, URIRef(spdx + "checksumValue"))) == hashlib.sha256(content).hexdigest()
        assert str(graph.value(copy, DCAT.mediaType)).endswith(bare(server.head(where).headers["content-type"]))


def test_the_description_names_where_the_server_is_reached(publication: Publication) -> None:
    elsewhere = Settings(public_url="https://example.org/", sparql=False)  # type: ignore[call-arg]
    body = Linked(Rows(publication), elsewhere).description().choose("text/turtle").content().body
    assert b"<https://example.org/exports/provender.ttl>" in body
    assert b"sparql" not in body


# Bibliographies


def test_articles_are_given_as_bibtex(server: Server, publication: Publication) -> None:
    whole = server.get("/exports/provender.bib").text
    for article in publication.catalogue.articles[::8]:
        response = server.get(f"/v1/articles/{article.id}", headers={"Accept": "application/x-bibtex"})
        assert bare(response.headers["content-type"]) == "application/x-bibtex"
        assert response.headers["vary"].startswith("Accept")
        assert server.get(f"/v1/articles/{article.id}.bib").text == response.text
        assert response.text in whole
        (entry,) = bibtexparser.parse_string(response.text).entries
        assert entry.key == article.id
        assert entry.fields_dict["author"].value == " and ".join(article.authors)
        assert f'</v1/articles/{article.id}.csl.json>; rel="alternate"' in response.headers["link"]


def test_articles_are_given_as_csl_json(server: Server, publication: Publication) -> None:
    media_type = "application/vnd.citationstyles.csl+json"
    for article in publication.catalogue.articles[::8]:
        response = server.get(f"/v1/articles/{article.id}", headers={"Accept": media_type})
        assert response.headers["content-type"] == media_type
        assert server.get(f"/v1/articles/{article.id}.csl.json").content == response.content
        assert response.json() == [csl_item(article)]
    held: list[dict[str, Any]] = json.loads(to_csl(publication.catalogue))
    assert [item["id"] for item in held] == [a.id for a in publication.catalogue.articles]
    (study,) = [item for item in held if item["id"] == "munappy2022"]
    assert study["DOI"] == "10.1016/j.jss.2022.111359"
    assert study["issued"] == {"date-parts": [[2022]]}
    assert study["author"][2] == {"family": "Olsson", "given": "Helena Holmström"}
    assert all(
        name.keys() <= {"family", "given", "literal", "non-dropping-particle"}
        for item in held
        for name in item["author"]
    )


# Context and ontology


def test_context_and_ontology_can_be_read(server: Server, publication: Publication) -> None:
    context = server.get("/context.jsonld")
    assert context.headers["content-type"] == "application/ld+json"
    assert context.json() == json.loads(publication.files["context.jsonld"])
    for path in ("/ontology", "/ontology/shapes"):
        response = server.get(path)
        assert bare(response.headers["content-type"]) == "text/turtle"
        graph = with_rdflib(response.content, "text/turtle")
        other = Graph()
        for triple in ox.parse(response.content, format=ox.RdfFormat.TURTLE):
            other.parse(data=f"{triple.triple} .", format="nt")
        assert len(graph) == len(other) > 100
