"""The OpenAPI document: what FastAPI knows of the routes, with the values, models and examples of the release that is served."""

from __future__ import annotations

import copy
import html
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from api.settings import Settings
from api.web import linked, reads
from api.web.frozen import Content, Makers, Page
from api.web.linked import BIBTEX, CSV, HTML, KINDS
from api.web.problems import MEDIA_TYPE, SCHEMA, TYPES, Problem
from api.web.rdf import JSON_LD, N_TRIPLES, TURTLE
from api.web.reads import JSON, LARGEST_LIMIT, LIMIT, LONGEST_TEXT, to_json
from api.web.rows import LISTINGS, LISTS, RETIRED, Listing, Rows
from kb.csl import MEDIA_TYPE as CSL
from kb.records import TYPES as RECORDS

Document = dict[str, Any]
Describe = Callable[[Document], None]
VERSION = "1.0.0"
"""Of the API, not of the catalogue; what may change under which number is promised in the docs."""
SCHEMAS = "#/components/schemas/"
METHODS = ("get", "post", "put", "patch", "delete")
_TAGS = {
    "catalogue": "The catalogue's records: lists with filters, sorting and paging, and single records with what they are related to.",
    "releases": "Earlier releases of the catalogue, kept whole.",
    "linked data": "The same records as RDF, BibTeX and CSL-JSON, the whole catalogue in every format, and its description.",
    "answers": "What an organisation can do: matches, recommendations, explanations, comparisons, roadmaps, interview questions.",
    "sparql": "SPARQL 1.1 over the catalogue, and stored queries.",
    "sessions": "Planning sessions: people rate, see together what is feasible, plan and decide. For those who have a session's token.",
    "operations": "For those who run the server.",
}
_ABOUT = (
    "Which data-management solutions for deep learning are feasible for an organisation, why, and why not. Reading and asking is open to "
    "everybody, without a key; planning sessions are open to those in them. Every "
    "answer names the catalogue's version; errors are problems after RFC 9457, of one shape."
)
_STRING: Document = {"type": "string"}
_STRINGS: Document = {"type": "array", "items": _STRING}


def pages(rows: Rows, settings: Settings, framework: FastAPI, others: Describe) -> Makers:
    """The document, and a page that lists its operations.

    Args:
        rows: of the publication.
        settings: of the server.
        framework: knows the routes.
        others: fills in what further parts know of theirs.
    """
    made: list[Document] = []

    def document() -> Document:
        if not made:
            made.append(describe(rows, settings, framework, others))
        return made[0]

    return {
        "/openapi.json": lambda: Page("/openapi.json", {JSON: lambda: Content(JSON, to_json(document()))}),
        "/docs/api": lambda: Page("/docs/api", {HTML: lambda: Content(f"{HTML}; charset=utf-8", _listed(document()))}),
    }


def describe(rows: Rows, settings: Settings, framework: FastAPI, others: Describe) -> Document:
    """The document of a release."""
    made: Document = copy.deepcopy(framework.openapi())  # FastAPI keeps it
    made["info"] = {
        "title": "Provender",
        "version": VERSION,
        "summary": "Which data-management solutions for deep learning are feasible for your organisation, why, and why not.",
        "description": _ABOUT,
        "license": {
            "name": "Apache-2.0 (program), CC-BY-4.0 (catalogue)",
            "url": "https://creativecommons.org/licenses/by/4.0/",
        },
    }
    made["servers"] = [{"url": (settings.public_url or "").rstrip("/") or "/"}]
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's shape of errors, which is never given
        schemas.pop(name, None)
    schemas |= {"Problem": SCHEMA, **_schemas(rows)}
    for listing in LISTINGS.values():
        _list(made["paths"][listing.path]["get"], rows, listing)
        _record(made["paths"][f"{listing.path}/{{id}}"]["get"], rows, listing)
    _others_of_v1(made["paths"], rows)
    _linked(made["paths"], rows, settings)
    others(made)
    for _, operation in operations(made):
        _completed(operation)
    used = {tag for _, operation in operations(made) for tag in operation.get("tags", ())}
    made["tags"] = [{"name": name, "description": text} for name, text in _TAGS.items() if name in used]
    return made


def operations(made: Document) -> Iterator[tuple[str, Document]]:
    """Every operation of a document, with its method and path."""
    for path, held in made["paths"].items():
        yield from ((f"{method.upper()} {path}", operation) for method, operation in held.items() if method in METHODS)


# Lists and records


def _name(listing: Listing) -> str:
    return "Vocabulary" if listing.name == "vocabulary" else listing.kinds[0].capitalize()


def _schemas(rows: Rows) -> Document:
    kinds = [(of, "validation") for of in RECORDS.values()]
    _, found = models_json_schema(kinds, ref_template=SCHEMAS + "{model}")  # type: ignore[arg-type]
    held: Document = found["$defs"]
    held["Citation"] = _object(
        "An article, how people call it, and where it is.",
        article=_STRING,
        cite=_STRING,
        url={"type": ["string", "null"]},
    )
    held["SchemeWithConcepts"] = copy.deepcopy(held["Scheme"])
    held["SchemeWithConcepts"]["title"] = "SchemeWithConcepts"
    held["SchemeWithConcepts"]["properties"]["concepts"] = _many("Concept")
    for listing in LISTINGS.values():
        name, derived = _name(listing), {field: _DERIVED[field] for field in listing.derived}
        record = held[RECORDS[listing.kinds[0]].__name__]["properties"]
        place = {"id": _STRING, "iri": {"type": "string", "format": "uri"}, "url": _STRING}
        held[f"{name}Row"] = {
            "type": "object", "title": f"{name}Row", "required": list(place), "additionalProperties": False,
            "description": "What a list shows of a record; `fields` chooses.",
            "properties": {**record, **place, **derived, "citations": _many("Citation")},
        }  # fmt: skip
        included = {
            "type": "object", "title": f"{name}Included", "additionalProperties": False, "description": "What `include` asked for.",
            "properties": {along: _many(RECORDS[LISTS[along]].__name__) for along in listing.includes},
        }  # fmt: skip
        held[f"{name}Included"] = included
        held[f"{name}List"] = _object(
            "A page of a list.", optional=("included",), title=f"{name}List", catalogue=_STRING, total={"type": "integer", "minimum": 0},
            items=_many(f"{name}Row"), next={"type": ["string", "null"]}, included={"$ref": f"{SCHEMAS}{name}Included"},
        )  # fmt: skip
        items = [{"$ref": SCHEMAS + RECORDS[kind].__name__} for kind in listing.kinds]
        if listing.name == "vocabulary":
            items[0] = {"$ref": f"{SCHEMAS}SchemeWithConcepts"}
        held[f"{name}Record"] = _object(
            "A record.", optional=("included",), title=f"{name}Record", catalogue=_STRING,
            kind={"type": "string", "enum": list(listing.kinds)}, iri={"type": "string", "format": "uri"},
            item=items[0] if len(items) == 1 else {"anyOf": items},
            derived={"type": "object", "properties": derived, "description": "What is worked out and not written in the record."},
            citations=_many("Citation"), links={"type": "object", "additionalProperties": _STRING},
            included={"$ref": f"{SCHEMAS}{name}Included"},
        )  # fmt: skip
    return held


_DERIVED: Mapping[str, Document] = {
    "availability": {"type": "string", "description": "The best stated coverage of any solution; `none` if there is none."},
    "challenges": {
        "type": "array", "description": "The challenges that it addresses, and how far.",
        "items": {"type": "object", "required": ["challenge", "coverage"], "properties": {"challenge": _STRING, "coverage": _STRING}},
    },
    "bites_if": {"type": "string", "description": "The condition in words."},
    "evidence_level": {"type": "string", "description": "The strongest kind among the evidence that supports it."},
    "cited_by": {**_STRINGS, "description": "The solutions that cite it."},
    "values": {**_STRINGS, "description": "Its values, lowest first where they are ordered."},
}  # fmt: skip


def _object(
    description: str, optional: Sequence[str] = (), title: str | None = None, **properties: Document
) -> Document:
    made = {"type": "object", "description": description, "properties": properties}
    return {**made, "required": [p for p in properties if p not in optional], **({"title": title} if title else {})}


def _many(name: str) -> Document:
    return {"type": "array", "items": {"$ref": SCHEMAS + name}}


def _list(operation: Document, rows: Rows, listing: Listing) -> None:
    filters = [
        _parameter(name, text, {"type": "string", "enum": list(rows.choices(listing, name))})
        for name, text in listing.filters.items()
    ]
    several = {"style": "form", "explode": False}
    operation["parameters"] = [
        *filters,
        _parameter("text", "Words, each of which must begin a word of the record; case and accents do not matter.",
                   {"type": "string", "maxLength": LONGEST_TEXT}),
        _parameter("retired", "Whether to list retired records.", {"type": "string", "enum": list(RETIRED), "default": RETIRED[0]}),
        _parameter("sort", "What to sort by, `-` for descending; equal ones by id.",
                   {"type": "string", "enum": reads.sorts(listing), "default": "id"}),
        _parameter("limit", "How many to give at most.", {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": LIMIT}),
        _parameter("cursor", "Where to go on, as `next` gives it; good for one release.", _STRING),
        {**_parameter("fields", "Which fields to show instead of the usual ones.", _some_of(rows.fields(listing))), **several},
        {**_parameter("include", "What to send along.", _some_of(listing.includes)), **several},
    ]  # fmt: skip
    operation["description"] = (
        f"Searched are names, definitions and what is said. Shown are {', '.join(listing.slim)} unless `fields` says otherwise."
    )
    first = reads.listing_content(rows, listing, b"limit=2")
    wrong = f"{next(iter(listing.filters))}=nonsense&limit=1000".encode()
    operation["responses"] = {
        "200": _found(
            JSON,
            {"$ref": f"{SCHEMAS}{_name(listing)}List"},
            json.loads(first.body),
            Link="Pages: first, prev, next, last.",
        ),
        "400": _problem(lambda: reads.listing_content(rows, listing, b"lmit=2")),
        "404": _problem(lambda: reads.listing_content(rows, listing, b"cursor=nonsense")),
        "422": _problem(lambda: reads.listing_content(rows, listing, wrong)),
    }


def _record(operation: Document, rows: Rows, listing: Listing) -> None:
    operation["parameters"] = [
        _path("id", "Its id.", listing.example),
        {
            **_parameter("include", "What to send along.", _some_of(listing.includes)),
            "style": "form", "explode": False,
        },
    ]  # fmt: skip
    example = listing.example if rows.find(listing, listing.example) else next(iter(rows.listed(listing)), "")
    content = json.loads(reads.record_content(rows, listing, example).body)
    operation["responses"] = {
        "200": _found(JSON, {"$ref": f"{SCHEMAS}{_name(listing)}Record"}, content),
        "400": _problem(lambda: reads.record_content(rows, listing, example, b"inclde=articles")),
        "404": _problem(lambda: reads.record_content(rows, listing, f"{example[:-1]}x")),
        "422": _problem(lambda: reads.record_content(rows, listing, example, b"include=nonsense")),
    }
    if listing.name == "articles":
        held = linked.Linked(rows, Settings())
        for media_type in (BIBTEX, CSL):
            body = held.article_as(example, media_type).choose(None).content().body.decode()
            operation["responses"]["200"]["content"][media_type] = {
                "schema": {"type": "string"}
                if media_type == BIBTEX
                else {"type": "array", "items": {"type": "object"}},
                "example": body if media_type == BIBTEX else json.loads(body),
            }
        operation["responses"]["406"] = _problem(lambda: held.article(example).choose("image/png"))
        operation["description"] = (
            "As BibTeX or CSL-JSON too: ask with `Accept`, or add `.bib` or `.csl.json` to the id."
        )


def _others_of_v1(paths: Document, rows: Rows) -> None:
    loose = {"type": "object"}
    catalogue = json.loads(reads.catalogue_content(rows).body)
    paths["/v1/catalogue"]["get"]["responses"] = {
        "200": _found(
            JSON, {**loose, "required": ["catalogue", "digest", "edition", "counts", "honesty", "links"]}, catalogue
        )
    }
    releases = json.loads(reads.releases_content(rows).body)
    entry = _object("A kept release.", version=_STRING, iri=_STRING, url=_STRING)
    paths["/v1/releases"]["get"]["responses"] = {
        "200": _found(
            JSON,
            _object(
                "The kept releases, newest first.", catalogue=_STRING, total={"type": "integer"}, next={"type": "null"},
                items={"type": "array", "items": entry}, changelog=_STRING,
            ),
            releases,
        )
    }  # fmt: skip
    release = paths["/v1/releases/{version}"]["get"]
    version = next((held["version"] for held in releases["items"]), rows.version)
    release["parameters"] = [_path("version", "Its version.", version)]
    release["responses"] = {
        "200": _found(
            JSON, {**loose, "required": ["version", "edition"]}, {"version": version, "edition": rows.bundle["edition"]}
        ),
        "404": _told(reads.not_found("release", "1999.1.1", reads.releases(rows), "/v1/releases")),
    }


# Linked data


def _linked(paths: Document, rows: Rows, settings: Settings) -> None:
    held = linked.Linked(rows, settings)
    text = {"schema": _STRING}
    rdf = {TURTLE: text, JSON_LD: {"schema": {"type": "object"}}, N_TRIPLES: text}
    kind, identity = "solution", next(iter(rows.records["solution"]), "")
    record = paths["/id/{kind}/{id}"]["get"]
    record["parameters"] = [
        {**_path("kind", "What sort of record it is.", kind), "schema": {"type": "string", "enum": list(KINDS)}},
        _path("id", "Its id; `.ttl`, `.jsonld`, `.nt`, `.json` or `.html` after it ask for one format.", identity),
    ]
    shown = held.record(kind, identity)
    body = shown.choose(TURTLE).content().body.decode()
    example = json.loads(shown.choose(JSON).content().body)
    record["responses"] = {
        "200": {
            **_found(JSON, {"type": "object"}, example, Link="The other formats."),
            "content": {
                HTML: text,
                **rdf,
                TURTLE: {**text, "example": body},
                JSON: {"schema": {"type": "object"}, "example": example},
            },
        },
        "404": _told(reads.not_found(kind, f"{identity}x", list(rows.records[kind]), "/v1/solutions")),
        "406": _problem(lambda: shown.choose("image/png")),
    }
    exports = json.loads(held.exports().body)
    entry = _object(
        "A file.",
        name=_STRING,
        url=_STRING,
        media_type=_STRING,
        bytes={"type": "integer"},
        sha256=_STRING,
        what=_STRING,
    )
    paths["/exports/"]["get"]["responses"] = {
        "200": _found(
            JSON,
            _object(
                "The files.", catalogue=_STRING, digest=_STRING, total={"type": "integer"}, next={"type": "null"},
                items={"type": "array", "items": entry},
            ),
            {**exports, "items": exports["items"][:3]},
        )
    }  # fmt: skip
    export = paths["/exports/{file}"]["get"]
    export["parameters"] = [_path("file", "Its name, as the list of exports gives it.", "solutions.csv")]
    kinds = {item["media_type"].partition(";")[0] for item in exports["items"]}
    binary = {"schema": {"type": "string", "format": "binary"}}
    export["responses"] = {
        "200": {
            "description": "The file.",
            "content": {
                name: {} if name.endswith("json") else text if name in (CSV, TURTLE) else binary
                for name in sorted(kinds)
            },
            "headers": {
                "Repr-Digest": {"description": "SHA-256 of the file as it is sent (RFC 9530).", "schema": _STRING}
            },
        },
        "404": _told(reads.not_found("export", "provender.tll", list(held.files), "/exports/")),
    }
    export["responses"]["200"]["content"][CSV] = {
        **text,
        "example": "\n".join(held.files["solutions.csv"].decode().splitlines()[:2]),
    }
    described = held.description().choose(TURTLE).content().body.decode()
    paths["/.well-known/void"]["get"]["responses"] = {
        "200": {"description": "DCAT and VoID.", "content": {**rdf, TURTLE: {**text, "example": described}}},
        "406": _problem(lambda: held.description().choose("image/png")),
    }
    context = json.loads(held.files["context.jsonld"])
    paths["/context.jsonld"]["get"]["responses"] = {"200": _found(JSON_LD, {"type": "object"}, context)}
    for path in ("/ontology", "/ontology/shapes"):
        paths[path]["get"]["responses"] = {"200": {"description": "Turtle.", "content": {TURTLE: text}}}


# Parts


def _parameter(name: str, description: str, schema: Mapping[str, Any]) -> Document:
    return {"name": name, "in": "query", "description": description, "schema": dict(schema)}


def _path(name: str, description: str, example: str) -> Document:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }


def _some_of(values: Sequence[str]) -> Document:
    return {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(values)}}


def _found(media_type: str, schema: Document, example: Any, **headers: str) -> Document:
    said = {"ETag": "Changes with the content.", **headers}
    return {
        "description": "Found.",
        "content": {media_type: {"schema": schema, "example": example}},
        "headers": {name: {"description": text, "schema": _STRING} for name, text in said.items()},
    }


def _problem(failing: Callable[[], Any]) -> Document:
    """A problem as it is really told."""
    try:
        failing()
    except Problem as problem:
        return _told(problem)
    raise AssertionError("an example of a failure did not fail")


def _told(problem: Problem) -> Document:
    held = {"schema": {"$ref": f"{SCHEMAS}Problem"}, "example": json.loads(problem.body())}
    return {"description": TYPES[problem.type][1], "content": {MEDIA_TYPE: held}}


def _completed(operation: Document) -> None:
    """Add what may happen to any request."""
    responses = operation["responses"]
    unknown = _problem(
        lambda: reads.parameters(
            b"colour=red", [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"]
        )
    )
    responses.setdefault("400", unknown)
    responses.setdefault(
        "429", _told(Problem("too-many-requests", "Wait 12 seconds; RateLimit says how much is left."))
    )
    for status, held in list(responses.items()):
        if status[0] in "45" and MEDIA_TYPE in held.get("content", {}):
            held["content"][MEDIA_TYPE].setdefault("schema", {"$ref": f"{SCHEMAS}Problem"})
        elif status == "422":
            responses[status] = _told(Problem("invalid-input", "The request does not hold; see `errors`."))
    operation["responses"] = dict(sorted(responses.items()))


def _listed(made: Document) -> bytes:
    """A plain page with all operations; it loads nothing."""
    said = html.escape
    lines = ["<h1>The HTTP API of Provender</h1>", f"<p>{said(_ABOUT)}</p>"]
    lines.append('<p>Programs read <a href="/openapi.json">the OpenAPI document</a>.</p>')
    for tag in made["tags"]:
        lines += [f"<h2>{said(tag['name'].capitalize())}</h2>", f"<p>{said(tag['description'])}</p>", "<dl>"]
        for where, operation in operations(made):
            if tag["name"] in operation.get("tags", ()):
                lines.append(f"<dt><code>{said(where)}</code></dt><dd>{said(operation.get('summary', ''))}</dd>")
        lines.append("</dl>")
    return linked.page("API – Provender", "\n".join(lines))
