"""Describes the SPARQL endpoint and each stored query in the OpenAPI document, with answers of the release that is served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox

from api.publication import Publication
from api.settings import Settings
from api.web import service
from api.web.problems import MEDIA_TYPE, TYPES, Problem
from api.web.sparql import FORM, FORMATS, GRAPHS, QUERY, ROWS, asked, listed, problem_of, queries_of, told
from kb import results, worker
from kb.cookbook import WORD, Parameter, ParameterError, StoredQuery
from kb.iri import BASE
from kb.worker import Limits, QueryError

Document = dict[str, Any]
EXAMPLE = """\
PREFIX pv: <https://w3id.org/provender/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?challenge ?label WHERE { ?challenge a pv:Challenge ; skos:prefLabel ?label } ORDER BY ?label LIMIT 2"""
_SHOWN = 2
_QUERY_SCHEMA = {"type": "string", "format": "sparql", "description": "SPARQL 1.1 SELECT, ASK, CONSTRUCT or DESCRIBE."}
_FORMAT = {
    "name": "format", "in": "query", "description": "Goes before `Accept`, for links and for clients that cannot set it.",
    "schema": {"type": "string", "enum": list(FORMATS)},
}  # fmt: skip
_CUT = {"description": "`true` if there was more than may be given.", "schema": {"type": "string", "enum": ["true"]}}


def describe(document: Document, release: Publication, settings: Settings) -> None:
    """Describe the operations in a document that already lists them; each stored query becomes one of its own.

    Args:
        document: an OpenAPI document; changed in place.
        release: the publication that is current.
        settings: the limits. Where SPARQL is switched off, the operations are taken out of the document.
    """
    paths = document["paths"]
    if not settings.sparql:
        for path in ("/sparql", "/v1/queries", "/v1/queries/{name}"):
            paths.pop(path, None)
        return
    held = _Examples(release)
    queries = queries_of(release, settings)
    about = "SPARQL 1.1 Protocol, queries only. " + " ".join(service.features(settings).values())
    by_get, by_post = paths["/sparql"]["get"], paths["/sparql"]["post"]
    by_get |= {
        "description": f"{about} Without `query`, the service description is given.",
        "parameters": [{"name": "query", "in": "query", "schema": _QUERY_SCHEMA, "example": EXAMPLE}, _FORMAT],
        "responses": {"200": held.answer(EXAMPLE, "text/html"), **_failures(settings, held)},
    }
    form = {
        "type": "object",
        "required": ["query"],
        "properties": {"query": _QUERY_SCHEMA},
        "additionalProperties": False,
    }
    by_post |= {
        "description": about,
        "parameters": [_FORMAT],
        "requestBody": {
            "required": True,
            "content": {
                QUERY: {"schema": _QUERY_SCHEMA, "example": EXAMPLE},
                FORM: {"schema": form, "example": {"query": EXAMPLE}},
            },
        },
        "responses": {
            "200": held.answer(EXAMPLE),
            **_failures(settings, held),
            "415": _told(Problem("unsupported-media-type", f"A query is posted as {QUERY} or {FORM}, not text/plain.")),
        },
    }
    all_of_them = listed(release, queries)
    paths["/v1/queries"]["get"] |= {
        "description": "Each with what it is for and its parameters; run one at its `url`.",
        "responses": {"200": _list(all_of_them)},
    }
    template = paths.pop("/v1/queries/{name}")["get"]
    for name, query in queries.items():
        paths[f"/v1/queries/{name}"] = {"get": {**template, **_stored(query, release, settings, held)}}


def _list(example: Mapping[str, Any]) -> Document:
    text = {"type": "string"}
    item = {
        "type": "object", "required": ["name", "title", "description", "parameters", "url"],
        "properties": {"name": text, "title": text, "description": text, "parameters": {"type": "object"}, "url": text},
    }  # fmt: skip
    properties = {
        "catalogue": text, "total": {"type": "integer"}, "next": {"type": "null"},
        "items": {"type": "array", "items": item},
    }  # fmt: skip
    schema = {"type": "object", "required": list(properties), "properties": properties}
    shown = {**example, "items": example["items"][:_SHOWN]}
    return {"description": "The queries.", "content": {"application/json": {"schema": schema, "example": shown}}}


def _stored(query: StoredQuery, release: Publication, settings: Settings, held: _Examples) -> Document:
    failures = _failures(settings, held)
    try:
        query.bound({"colour": ["red"]}, release.catalogue)
    except ParameterError as error:
        failures["400"] = _told(told(error, query))
    failures = {status: failures[status] for status in ("400", "406", "422", "503")}
    required = [name for name, parameter in query.parameters.items() if parameter.omitted == "refused"]
    if query.parameters:
        name = (required or list(query.parameters))[0]
        try:
            query.bound({name: ["!"]}, release.catalogue)
        except ParameterError as error:
            failures["422"] = _told(told(error, query))
    return {
        "operationId": "run_" + query.name.replace("-", "_"),
        "summary": query.title,
        "description": f"{query.description} With `Accept: {QUERY}` the query itself is given.",
        "parameters": [*(_parameter(n, p, release) for n, p in query.parameters.items()), _FORMAT],
        "responses": {"200": held.answer(query.text, QUERY), **failures},
    }


def _parameter(name: str, parameter: Parameter, release: Publication) -> Document:
    schema: Document = {"type": "string", "minLength": 1, "maxLength": 80}
    if parameter.kind == "integer":
        schema = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
    elif parameter.kind == "word":
        schema = {"type": "string", "pattern": f"^{WORD}$"}
    elif values := parameter.values(release.catalogue):
        only = f"{parameter.schemes[0]}." if len(parameter.schemes) == 1 else ""
        schema = {"type": "string", "enum": [value.removeprefix(only) for value in values]}
    made: Document = {
        "name": name, "in": "query", "required": parameter.omitted == "refused", "schema": schema, "example": parameter.example,
        "description": parameter.says[0].upper() + parameter.says[1:] + ".",
    }  # fmt: skip
    if parameter.many:
        made |= {"schema": {"type": "array", "items": schema, "minItems": 1, "maxItems": 50}, "style": "form"}
        made |= {"explode": False, "example": [parameter.example]}
    return made


class _Examples:
    """Answers by the release; only texts of ours are asked, so that no worker is needed."""

    def __init__(self, release: Publication) -> None:
        self._store = ox.Store()
        self._store.bulk_load(release.files["provender.nt"], format=ox.RdfFormat.N_TRIPLES)
        self._context = json.loads(release.files["context.jsonld"])["@context"]

    def answer(self, query: str, *others: str) -> Document:
        """The description of an answer, with the first rows or triples of this one."""
        answer = self._store.query(query, base_iri=BASE)
        content: Document = {name: {} for name in dict.fromkeys((*ROWS, *GRAPHS, *others))}
        if isinstance(answer, ox.QuerySolutions):
            shown = json.loads(results.write_rows(answer, "json", results.Limits(_SHOWN))[0])
            shown["head"].pop("link", None)
            content["application/sparql-results+json"] = {"schema": {"type": "object"}, "example": shown}
        elif isinstance(answer, ox.QueryTriples):
            first = sorted(answer, key=str)[:_SHOWN]
            shown = results.write_graph(first, "turtle", results.Limits(_SHOWN), self._context)[0].decode()
            content["text/turtle"] = {"schema": {"type": "string"}, "example": shown}
        headers = {
            "Provender-Truncated": _CUT,
            "ETag": {"description": "Changes with the content.", "schema": {"type": "string"}},
        }
        return {"description": "The answer.", "content": content, "headers": headers}

    def malformed(self) -> QueryError:
        """What is told of a query with a slip in it."""
        try:
            self._store.query("SELECT ?label WHERE { ?challenge skos:prefLabel ?label }")
        except SyntaxError as error:
            said = worker.malformed(str(error))
            return QueryError(said["error"], said["detail"], said["line"], said["column"])
        raise AssertionError("an example of a failure did not fail")


def _failures(settings: Settings, held: _Examples) -> Document:
    limits = Limits(settings.sparql_seconds, settings.sparql_rows, settings.sparql_megabytes)
    errors = [held.malformed(), worker.too_slow(limits)]
    for wrong in ("SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }", " " * (worker.QUERY_BYTES + 1)):
        try:
            worker.check(wrong)
        except QueryError as error:
            errors.append(error)
    problems = [problem_of(error, settings) for error in errors]
    for fields in ([("query", ""), ("query", "")], [("qery", "")], [("default-graph-uri", "")]):
        try:
            asked(fields)
        except Problem as wrong_fields:
            problems.append(wrong_fields)
    problems += [
        Problem("not-acceptable", "An answer is given as one of " + ", ".join(dict.fromkeys((*ROWS, *GRAPHS))) + "."),
        Problem("invalid-input", "`format`: 'jsn' is none of its values; did you mean json?"),
        Problem("unavailable", "Too many queries are waiting already; ask again in a moment."),
    ]
    made: Document = {}
    for problem in problems:
        one = _told(problem)
        name = problem.type
        if str(problem.status) not in made:
            made[str(problem.status)] = {"description": one["description"], "content": {MEDIA_TYPE: {"examples": {}}}}
        made[str(problem.status)]["content"][MEDIA_TYPE]["examples"].setdefault(
            name, {"value": json.loads(problem.body())}
        )
    return made


def _told(problem: Problem) -> Document:
    example = {"example": json.loads(problem.body())}
    return {"description": TYPES[problem.type][1], "content": {MEDIA_TYPE: example}}
