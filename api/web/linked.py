"""Linked data: a page per record in every format, the exports, and the description of the data set."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.build import INDEX, SUMS
from api.settings import Settings
from api.web.frozen import Content, Headers, Library, Makers, Page, PageResponse
from api.web.problems import Problem
from api.web.rdf import JSON_LD, N_TRIPLES, SUFFIXES, TURTLE, Graph, literal, node, triple
from api.web.reads import JSON, not_found, parameters, record_body, record_content, to_json
from api.web.rows import LISTINGS, Row, Rows
from kb.csl import MEDIA_TYPE as CSL
from kb.csl import csl_json
from kb.home import BUNDLE
from kb.iri import BASE
from kb.records import nearest

HTML, BIBTEX, CSV = "text/html", "application/x-bibtex", "text/csv"
KINDS = ("challenge", "solution", "addressing", "limitation", "article", "concept", "scheme", "criterion", "edition")
_SUFFIXES = {HTML: "html", **SUFFIXES, JSON: "json"}
_CITED_AS = {BIBTEX: "bib", CSL: "csl.json"}
_NAMES = {
    HTML: "a page", TURTLE: "Turtle", JSON_LD: "JSON-LD", N_TRIPLES: "N-Triples", JSON: "JSON", BIBTEX: "BibTeX", CSL: "CSL-JSON",
}  # fmt: skip
_MEDIA_TYPES = {
    "ttl": f"{TURTLE}; charset=utf-8", "jsonld": JSON_LD, "nt": N_TRIPLES, "csl.json": CSL, "schema.json": "application/schema+json",
    "json": JSON, "csv": f"{CSV}; charset=utf-8; header=present", "bib": f"{BIBTEX}; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "sqlite": "application/vnd.sqlite3",
}  # fmt: skip
_SAVED = ("csv", "bib", "xlsx", "sqlite")
"""Files that a browser shall save and not show."""
_WHAT = {
    BUNDLE: "The whole catalogue in its normal form",
    INDEX: "The fitted matcher",
    "provender.ttl": "The whole catalogue as Turtle",
    "provender.jsonld": "The whole catalogue as JSON-LD",
    "provender.nt": "The whole catalogue as N-Triples",
    "provender.xlsx": "The tables as a workbook",
    "provender.bib": "The articles as BibTeX",
    "provender.csl.json": "The articles as CSL-JSON",
    "catalogue.sqlite": "The whole catalogue as a database",
    "context.jsonld": "The JSON-LD context",
    "schema.json": "JSON Schema of the catalogue",
    "answer.schema.json": "JSON Schema of an answer",
    "changelog.json": "What changed from release to release",
    SUMS: "SHA-256 of every file",
}


class Linked:
    """What is published as linked data of one publication.

    Args:
        rows: of the publication.
        settings: where others reach this server, and whether it answers SPARQL.
        shown: records by kind and id that have a page of the site, and where it is.
    """

    def __init__(self, rows: Rows, settings: Settings, shown: Mapping[tuple[str, str], str] | None = None) -> None:
        self._rows = rows
        self._shown = shown or {}
        self._settings = settings
        self._graph = Graph(rows.publication)
        self._home = (settings.public_url or BASE).rstrip("/")
        self._edition: Row = rows.bundle["edition"]

    # Records

    def record(self, kind: str, identity: str) -> Page:
        """A record in every format, to choose from."""
        return Page("/id/{kind}/{id}", self._record_offers(kind, identity))

    def record_as(self, kind: str, identity: str, media_type: str) -> Page:
        """A record in one format."""
        return Page("/id/{kind}/{id}", {media_type: self._record_offers(kind, identity)[media_type]})

    def _record_offers(self, kind: str, identity: str) -> dict[str, Callable[[], Content]]:
        document = partial(self._graph.document, kind, identity, self._edition["licence"], self._rows.version)
        headers = {name: self._headers(kind, identity, name) for name in _SUFFIXES}
        return {
            HTML: lambda: self._for_people(kind, identity, headers[HTML]),
            **self._graph.offers(document, headers),
            JSON: lambda: Content(
                JSON, to_json(record_body(self._rows, kind, self._record(kind, identity))), headers[JSON]
            ),
        }

    def _for_people(self, kind: str, identity: str, headers: Headers) -> Content:
        """The site's page, or a plain one if there is none."""
        where = self._shown.get((kind, identity))
        if where is None:
            return Content(f"{HTML}; charset=utf-8", self._html(kind, identity), headers)
        links = tuple(h for h in headers if h[0] != "content-location")
        return Content(f"{HTML}; charset=utf-8", b"", (("location", where), *links), status=303)

    def _record(self, kind: str, identity: str) -> Row:
        return self._rows.records[kind][identity]

    def _headers(self, kind: str, identity: str, media_type: str) -> Headers:
        """Where exactly this is, and the other formats that there are."""
        here = f"/id/{kind}/{identity}"
        links = [
            _link(f"{here}.{suffix}", "alternate", name) for name, suffix in _SUFFIXES.items() if name != media_type
        ]
        if kind == "article":
            links += [
                _link(f"/v1/articles/{identity}.{suffix}", "alternate", name) for name, suffix in _CITED_AS.items()
            ]
        links.append(f'<{BASE}{kind}/{identity}>; rel="about"')
        successor = self._record(kind, identity).get("retired", {}).get("replaced_by")
        if successor:
            links.append(f'</id/{kind}/{successor}>; rel="successor-version"')
        return (("content-location", f"{here}.{_SUFFIXES[media_type]}"), ("link", ", ".join(links)))

    def _html(self, kind: str, identity: str) -> bytes:
        """A plain page: what it is, and where its data are."""
        record, said = self._record(kind, identity), html.escape
        here = f"/id/{kind}/{identity}"
        label = str(record.get("label") or record.get("title") or identity)
        text = next(
            (
                str(record[name])
                for name in ("definition", "summary", "says", "how", "description", "why")
                if name in record
            ),
            "",
        )
        formats = [(f"{here}.{suffix}", _NAMES[name]) for name, suffix in _SUFFIXES.items() if name != HTML]
        if kind == "article":
            formats += [(f"/v1/articles/{identity}.{suffix}", _NAMES[name]) for name, suffix in _CITED_AS.items()]
            text = f"{', '.join(record['authors'])} ({record['year']})"
        lines = [
            f"<h1>{said(label)}</h1>",
            f"<p>{said(kind.capitalize())} of the Provender catalogue {said(self._rows.version)}</p>",
        ]
        if "retired" in record:
            retired, new = record["retired"], record["retired"].get("replaced_by")
            instead = f' It is replaced by <a href="/id/{kind}/{said(new)}">{said(new)}</a>.' if new else ""
            lines.append(f"<p><strong>Retired on {said(retired['on'])}:</strong> {said(retired['why'])}{instead}</p>")
        lines += [f"<p>{said(text)}</p>"] if text else []
        facts = {
            "Identifier": f"{BASE}{kind}/{identity}",
            **{k.replace("_", " ").capitalize(): record[k] for k in _FACTS if k in record},
        }
        lines.append("<dl>" + "".join(f"<dt>{said(k)}</dt><dd>{said(str(v))}</dd>" for k, v in facts.items()) + "</dl>")
        cited = [c for c in self._rows.citations(kind, record) if kind != "article" or c["url"]]
        if cited:
            lines.append("<h2>Sources</h2><ul>" + "".join(f"<li>{_cited(c)}</li>" for c in cited) + "</ul>")
        lines.append("<h2>This record as data</h2><ul>")
        lines += [f'<li><a href="{said(where)}">{said(name)}</a></li>' for where, name in formats]
        lines.append("</ul>")
        return page(f"{label} – Provender", "\n".join(lines))

    # Articles

    def article(self, identity: str) -> Page:
        """An article as JSON, BibTeX or CSL-JSON."""
        return Page("/v1/articles/{id}", self._article_offers(identity))

    def article_as(self, identity: str, media_type: str) -> Page:
        """An article in one format."""
        return Page("/v1/articles/{id}", {media_type: self._article_offers(identity)[media_type]})

    def _article_offers(self, identity: str) -> dict[str, Callable[[], Content]]:
        here = f"/v1/articles/{identity}"
        alternates = {name: _link(f"{here}.{suffix}", "alternate", name) for name, suffix in _CITED_AS.items()}

        def headers(media_type: str) -> Headers:
            others = [link for name, link in alternates.items() if name != media_type]
            return (("content-location", f"{here}.{_CITED_AS[media_type]}"), ("link", ", ".join(others)))

        def as_json() -> Content:
            plain = record_content(self._rows, LISTINGS["articles"], identity)
            (name, links), *_ = plain.headers
            return Content(JSON, plain.body, ((name, ", ".join([links, *alternates.values()])),))

        return {
            JSON: as_json,
            BIBTEX: lambda: Content(f"{BIBTEX}; charset=utf-8", self._bibtex[identity], headers(BIBTEX)),
            CSL: lambda: Content(
                CSL, csl_json([a for a in self._rows.catalogue.articles if a.id == identity]), headers(CSL)
            ),
        }

    @cached_property
    def _bibtex(self) -> Mapping[str, bytes]:
        """Entries of the bibliography by id."""
        text = self._rows.publication.files["provender.bib"].decode()
        entries = re.findall(r"^@\w+\{([^,\s]+),\n.*?^\}\n", text, re.MULTILINE | re.DOTALL)
        bodies = re.finditer(r"^@\w+\{[^,\s]+,\n.*?^\}\n", text, re.MULTILINE | re.DOTALL)
        return {identity: found.group().encode() for identity, found in zip(entries, bodies, strict=True)}

    # Exports

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """Every built file by name, the checksums among them."""
        publication = self._rows.publication
        sums = "".join(f"{digest}  {name}\n" for name, digest in publication.sums.items())
        return {**publication.files, SUMS: sums.encode()}

    def export(self, name: str) -> Page:
        """A built file."""
        kind = _kind(name)
        saved = (("content-disposition", f'attachment; filename="{name}"'),) if kind in _SAVED else ()
        content = Content(_media_type(name), self.files[name], saved, digest=True)
        return Page("/exports/{file}", {content.media_type: lambda: content})

    def exports(self) -> Content:
        """The list of the built files."""
        items: list[Row] = [
            {
                "name": name, "url": f"/exports/{name}", "media_type": _media_type(name), "bytes": len(content),
                "sha256": self._rows.publication.sums.get(name) or hashlib.sha256(content).hexdigest(),
                "what": _WHAT.get(name) or f"The table of {name.removesuffix('.csv')}",
            }
            for name, content in self.files.items()
        ]  # fmt: skip
        links = [_link(item["url"], "item", item["media_type"].partition(";")[0]) for item in items]
        body = {
            "catalogue": self._rows.version,
            "digest": self._rows.publication.digest,
            "total": len(items),
            "items": items,
            "next": None,
        }
        return Content(JSON, to_json(body), (("link", ", ".join(links)),))

    # The data set

    def description(self) -> Page:
        """What the data set is and where it is (DCAT and VoID)."""
        return Page("/.well-known/void", self._graph.offers(lambda: list(self._described()), {}))

    def _described(self) -> Iterator[bytes]:
        dcat, dcterms, void = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/", "http://rdfs.org/ns/void#"
        foaf, spdx, a = (
            "http://xmlns.com/foaf/0.1/",
            "http://spdx.org/rdf/terms#",
            "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
        )
        xsd = "http://www.w3.org/2001/XMLSchema#"
        rows, edition, home = self._rows, self._edition, self._home
        about, dataset = f"{BASE}.well-known/void", f"{BASE}edition/{rows.version}"
        lines = self._graph.lines

        def of(subject: str, **said: Any) -> Iterator[bytes]:
            for name, value in said.items():
                prefix, _, local = name.partition("_")
                way = (
                    a
                    if name == "a"
                    else {"dcat": dcat, "dcterms": dcterms, "void": void, "foaf": foaf, "spdx": spdx}[prefix] + local
                )
                for one in value if isinstance(value, list) else [value]:
                    yield triple(subject, way, one)

        yield from of(
            about, a=[node(void + "DatasetDescription"), node(foaf + "Document")], foaf_primaryTopic=node(dataset)
        )
        licence = node(edition["licence"])
        examples = [
            node(f"{BASE}{listing.kinds[0]}/{listing.example}")
            for listing in LISTINGS.values()
            if listing.example in rows.listed(listing)
        ]
        yield from of(
            dataset,
            a=[node(dcat + "Dataset"), node(void + "Dataset")],
            dcterms_title=literal(edition["title"], language="en"),
            dcterms_description=literal(edition["description"], language="en"),
            dcterms_license=licence,
            dcterms_source=node(f"{BASE}article/{edition['study']}"),
            dcat_version=literal(rows.version),
            dcat_landingPage=node(f"{home}/v1/catalogue"),
            void_uriSpace=literal(BASE),
            void_exampleResource=examples,
            void_vocabulary=[node(v) for v in _VOCABULARIES],
            void_triples=literal(sum(map(len, lines.values()))),
            void_entities=literal(sum(len(held) for held in rows.records.values())),
            void_distinctSubjects=literal(len({line.partition(b" ")[0] for held in lines.values() for line in held})),
            void_properties=literal(len({line.split(b" ", 2)[1] for held in lines.values() for line in held})),
            void_dataDump=[node(f"{home}/exports/provender.{suffix}") for suffix in ("ttl", "jsonld", "nt")],
        )
        api = f"{about}#api"
        yield from of(
            api, a=node(dcat + "DataService"), dcterms_title=literal("REST API", language="en"),
            dcat_endpointURL=node(f"{home}/v1/catalogue"),
            dcat_endpointDescription=node(f"{home}/openapi.json"), dcat_servesDataset=node(dataset),
        )  # fmt: skip
        if self._settings.sparql:
            yield from of(dataset, void_sparqlEndpoint=node(f"{home}/sparql"))
            yield from of(
                f"{about}#sparql", a=node(dcat + "DataService"), dcterms_title=literal("SPARQL endpoint", language="en"),
                dcat_endpointURL=node(f"{home}/sparql"), dcterms_conformsTo=node("https://www.w3.org/TR/sparql11-protocol/"),
                dcat_servesDataset=node(dataset),
            )  # fmt: skip
        for name, content in self.files.items():
            copy, checksum, media = f"{about}#{name}", f"{about}#{name}-checksum", _media_type(name).partition(";")[0]
            yield from of(dataset, dcat_distribution=node(copy))
            yield from of(
                copy, a=node(dcat + "Distribution"), dcterms_title=literal(name), dcterms_license=licence,
                dcterms_description=literal(_WHAT.get(name) or f"The table of {name.removesuffix('.csv')}", language="en"),
                dcat_downloadURL=node(f"{home}/exports/{name}"), dcat_mediaType=node(f"https://www.iana.org/assignments/media-types/{media}"),
                dcat_byteSize=literal(len(content), xsd + "nonNegativeInteger"), spdx_checksum=node(checksum),
            )  # fmt: skip
            yield from of(
                checksum, a=node(spdx + "Checksum"), spdx_algorithm=node(spdx + "checksumAlgorithm_sha256"),
                spdx_checksumValue=literal(hashlib.sha256(content).hexdigest(), xsd + "hexBinary"),
            )  # fmt: skip


_FACTS = (
    "phase", "kind", "solution", "challenge", "coverage", "factor", "effect", "scheme", "use", "order", "weight", "article", "venue", "doi",
    "arxiv", "licence", "basis",
)  # fmt: skip
_VOCABULARIES = (
    f"{BASE}ontology", "http://www.w3.org/2004/02/skos/core#", "http://purl.org/dc/terms/", "http://www.w3.org/ns/prov#",
    "http://purl.org/spar/cito/", "http://purl.org/spar/fabio/", "https://schema.org/", "http://www.w3.org/ns/dcat#",
)  # fmt: skip


def page(title: str, body: str) -> bytes:
    """A page that loads nothing: no script, no style, no image."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
</head>
<body>
<nav aria-label="Provender"><a href="/v1/catalogue">Catalogue</a> · <a href="/exports/">Exports</a> · <a href="/docs/api">API</a></nav>
<main>
{body}
</main>
</body>
</html>
""".encode()


def _cited(citation: Row) -> str:
    name = html.escape(citation["cite"])
    return f'<a href="{html.escape(citation["url"])}">{name}</a>' if citation["url"] else name


def _link(where: str, relation: str, media_type: str) -> str:
    return f'<{where}>; rel="{relation}"; type="{media_type}"'


def _kind(name: str) -> str:
    """The longest known ending of a file's name."""
    return next((ending for ending in sorted(_MEDIA_TYPES, key=len, reverse=True) if name.endswith(f".{ending}")), "")


def _media_type(name: str) -> str:
    return _MEDIA_TYPES.get(_kind(name), "text/plain; charset=utf-8")


# Where it is


def pages(rows: Rows, settings: Settings, data: Path, shown: Mapping[tuple[str, str], str] | None = None) -> Makers:
    """A page for every record in every format, every export, and the data set.

    Args:
        rows: of the publication.
        settings: of the server.
        data: folder of the catalogue, in which the ontology is.
        shown: records by kind and id that have a page of the site, to which people are led.
    """
    linked = Linked(rows, settings, shown)
    made: dict[str, Callable[[], Page]] = {}
    for kind in KINDS:
        for identity in rows.records[kind]:
            made[f"/id/{kind}/{identity}"] = partial(linked.record, kind, identity)
            for media_type, suffix in _SUFFIXES.items():
                made.setdefault(
                    f"/id/{kind}/{identity}.{suffix}", partial(linked.record_as, kind, identity, media_type)
                )
    for identity in rows.records["article"]:
        made[f"/v1/articles/{identity}"] = partial(linked.article, identity)
        for media_type, suffix in _CITED_AS.items():
            made[f"/v1/articles/{identity}.{suffix}"] = partial(linked.article_as, identity, media_type)
    for name in linked.files:
        made[f"/exports/{name}"] = partial(linked.export, name)
    made["/exports/"] = made["/exports"] = lambda: Page("/exports/", {JSON: linked.exports})
    made["/.well-known/void"] = linked.description
    made["/context.jsonld"] = partial(linked.export, "context.jsonld")
    for path, name in (("/ontology", "ontology"), ("/ontology/shapes", "shapes")):
        file = data / "ontology" / f"{name}.ttl"
        if file.is_file():
            content = Content(_MEDIA_TYPES["ttl"], file.read_bytes())
            made[path] = partial(Page.of, path, content)
    return made


def router(library: Library) -> APIRouter:
    """The routes; they are there to say what went wrong, for what is right is served before it comes here.

    Args:
        library: gives the pages to answer from.
    """
    made = APIRouter(tags=["linked data"])

    def add(
        path: str, operation: str, summary: str, missing: Callable[[Request, Rows], Problem], shown: bool = True
    ) -> None:
        async def handler(request: Request) -> Response:
            parameters(request.scope["query_string"], ())
            held = library.current
            found = held.find(request.scope["path"])
            if found is None:
                raise missing(request, held.rows)
            return PageResponse(found)

        made.add_api_route(
            path, handler, operation_id=operation, summary=summary, response_model=None, include_in_schema=shown
        )

    add("/id/{kind}/{id}", "get_linked_record", "Read a record as linked data", _no_record)
    add("/exports/", "list_exports", "List the files with the whole catalogue", _nothing)
    add("/exports", "list_exports_too", "List the files with the whole catalogue", _nothing, shown=False)
    add("/exports/{file}", "get_export", "Download the whole catalogue in one of its formats", _no_export)
    add("/.well-known/void", "describe_dataset", "Read what the data set is and where it is", _nothing)
    add("/context.jsonld", "get_context", "Read the JSON-LD context", _nothing)
    add("/ontology", "get_ontology", "Read the ontology", _nothing)
    add("/ontology/shapes", "get_shapes", "Read the SHACL shapes", _nothing)
    return made


def _no_record(request: Request, rows: Rows) -> Problem:
    kind, identity = request.path_params["kind"], request.path_params["id"]
    if kind not in KINDS:
        return Problem("not-found", f"There is no kind of record called {kind[:100]!r}; {nearest(kind[:100], KINDS)}")
    suffix = next((s for s in _SUFFIXES.values() if identity.endswith(f".{s}")), "")
    plural = next((listing.path for listing in LISTINGS.values() if kind in listing.kinds), "/exports/catalogue.json")
    return not_found(kind, identity.removesuffix(f".{suffix}"), list(rows.records[kind]), plural)


def _no_export(request: Request, rows: Rows) -> Problem:
    files: Sequence[str] = [*rows.publication.files, SUMS]
    return not_found("export", request.path_params["file"], files, "/exports/")


def _nothing(request: Request, rows: Rows) -> Problem:
    return Problem("not-found", "This is not part of the release that is served.")
