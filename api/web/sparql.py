"""SPARQL 1.1 Protocol at /sparql, and the stored queries at /v1/queries."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.publication import Publication, Shelf
from api.settings import Settings
from api.web import service
from api.web.coding import SMALLEST, coded
from api.web.frozen import CACHE_CONTROL
from api.web.limits import Clients, bucket
from api.web.negotiation import encoding, matches, media_type
from api.web.problems import Fault, Problem
from kb import cookbook
from kb.cookbook import ParameterError, StoredQuery
from kb.home import default_data
from kb.pool import QueryPool
from kb.records import nearest
from kb.refusal import mentions
from kb.worker import QUERY_BYTES, Answer, Formats, QueryError

PoolOf = Callable[[Publication], Awaitable[QueryPool]]
Count = Callable[[str], object]

ROWS: Mapping[str, str] = {
    "application/sparql-results+json": "json", "application/json": "json", "application/sparql-results+xml": "xml",
    "text/csv": "csv", "text/tab-separated-values": "tsv",
}  # fmt: skip
GRAPHS: Mapping[str, str] = {
    "text/turtle": "turtle", "application/ld+json": "json-ld", "application/n-triples": "n-triples",
    "application/rdf+xml": "rdf-xml", "application/json": "json-ld",
}  # fmt: skip
_SERVICE = {
    "text/turtle": "turtle",
    "text/html": "html",
    **{k: v for k, v in GRAPHS.items() if k != "application/json"},
}
QUERY, FORM, UPDATE = "application/sparql-query", "application/x-www-form-urlencoded", "application/sparql-update"
FORMATS: Mapping[str, Formats] = {
    "json": Formats("json", "json-ld"), "xml": Formats("xml", "rdf-xml"), "csv": Formats("csv", None), "tsv": Formats("tsv", None),
    **dict.fromkeys(("turtle", "ttl"), Formats(None, "turtle")), **dict.fromkeys(("json-ld", "jsonld"), Formats(None, "json-ld")),
    **dict.fromkeys(("n-triples", "ntriples", "nt"), Formats(None, "n-triples")),
    **dict.fromkeys(("rdf+xml", "rdf-xml", "rdf"), Formats(None, "rdf-xml")),
}  # fmt: skip
"""What `format` may be; it goes before Accept, for links and for clients that cannot set headers."""
_FORMAT_NAMES = ("format", "output", "results")
_DATASET = ("default-graph-uri", "named-graph-uri")
_UPDATE = ("update", "using-graph-uri", "using-named-graph-uri")
_KNOWN = ("query", *_FORMAT_NAMES, *_DATASET, *_UPDATE)
_NEVER_TWICE_THE_SAME = ("RAND", "NOW", "UUID", "BNODE")
LONG = 65_536
"""Bytes above which an answer is compressed beside the event loop."""
_OFF = "SPARQL is switched off here; /exports/ has the whole catalogue."


@dataclass(frozen=True)
class _Accepted:
    """How the client wants an answer written, and the media types that it then gets."""

    formats: Formats
    rows: str | None
    graph: str | None

    def type_of(self, answer: Answer) -> str:
        chosen = (self.graph if answer.form == "graph" else self.rows) or ""
        return f"{chosen}; charset=utf-8" if chosen.startswith("text/") else chosen


def queries_of(release: Publication, settings: Settings) -> Mapping[str, StoredQuery]:
    """The stored queries that a release was built with."""
    content = release.files.get(cookbook.FILE)
    if content is not None:
        return cookbook.from_json(content)
    return cookbook.stored_queries(settings.data or default_data())


def router(shelf: Shelf, settings: Settings, pool_of: PoolOf, count: Count = lambda _: None) -> APIRouter:
    """The routes.

    Args:
        shelf: whose publication is queried.
        settings: the limits, and whether there is an endpoint at all.
        pool_of: finds the workers of a publication, such as `api.web.pools.Pools.of`.
        count: told what became of each query: `answered`, or the type of the problem.
    """
    routes = APIRouter(tags=["sparql"])
    clients = Clients(settings.trusted_proxies, settings.forwarded_header)
    kept: list[tuple[str, Mapping[str, StoredQuery]]] = []

    def publication() -> Publication:
        if not settings.sparql:
            raise Problem("not-found", _OFF)
        return shelf.current

    def stored(release: Publication) -> Mapping[str, StoredQuery]:
        if not kept or kept[0][0] != release.digest:
            kept[:] = [(release.digest, queries_of(release, settings))]
        return kept[0][1]

    async def run(request: Request, release: Publication, query: str, accepted: _Accepted, steady: bool) -> Response:
        peer = request.client.host if request.client else ""
        client = bucket(clients.address(peer, request.scope["headers"]))
        try:
            pool = await pool_of(release)
            answer = await pool.ask(query, accepted.formats, client)
        except QueryError as error:
            problem = problem_of(error, settings)
            count(problem.type)
            raise problem from None
        count("answered")
        headers = {"Provender-Truncated": "true"} if answer.truncated else {}
        return await _response(request, answer.body, accepted.type_of(answer), headers, steady)

    @routes.get("/sparql", operation_id="query_by_get", summary="Ask a SPARQL query, or for the service description")
    async def query_by_get(request: Request) -> Response:
        release = publication()
        fields = _fields(request.scope["query_string"])
        query = asked(fields, required=False)
        if query is None:
            return await describe(request, release, fields)
        return await run(request, release, query, _accepted(request, fields), _is_steady(query))

    @routes.post("/sparql", operation_id="query_by_post", summary="Ask a SPARQL query")
    async def query_by_post(request: Request) -> Response:
        release = publication()
        fields = _fields(request.scope["query_string"])
        fields += await _posted(request)
        query = asked(fields) or ""
        return await run(request, release, query, _accepted(request, fields), steady=False)

    async def describe(request: Request, release: Publication, fields: Sequence[tuple[str, str]]) -> Response:
        wanted = _wanted(fields)
        if wanted is not None and wanted.graph is not None:
            chosen = next(name for name, format_ in GRAPHS.items() if format_ == wanted.graph)
        else:
            found = media_type(_header(request, "accept"), tuple(_SERVICE))
            if found is None:
                raise Problem("bad-request", "query is missing: say what you ask, as ?query=… or by POST.")
            chosen = found
        endpoint = f"{settings.public_url or str(request.base_url).rstrip('/')}/sparql"
        try:
            body = service.described(release, settings, endpoint, _SERVICE[chosen])
        except ValueError:
            raise Problem("bad-request", "The Host header is no host.") from None
        kind = f"{chosen}; charset=utf-8" if chosen.startswith("text/") else chosen
        return await _response(request, body, kind, {}, steady=True)

    @routes.get("/v1/queries", operation_id="list_queries", summary="List the stored queries")
    async def list_queries(request: Request) -> Response:
        release = publication()
        for name, _ in _fields(request.scope["query_string"]):
            raise _unknown(name, "none is known here")
        body = json.dumps(listed(release, stored(release)), ensure_ascii=False).encode()
        return await _response(request, body, "application/json", {}, steady=True)

    @routes.get("/v1/queries/{name}", operation_id="run_query", summary="Run a stored query")
    async def run_query(request: Request, name: str) -> Response:
        release = publication()
        queries = stored(release)
        if name not in queries:
            raise Problem("not-found", f"There is no query of this name; {nearest(name[:80], queries)}")
        query = queries[name]
        fields = _fields(request.scope["query_string"])
        given: dict[str, list[str]] = {}
        for key, value in fields:
            if key not in _FORMAT_NAMES:
                given.setdefault(key, []).append(value)
        takes = (*ROWS, *GRAPHS, QUERY)
        as_text = media_type(_header(request, "accept"), takes) == QUERY
        try:
            text = query.text if as_text and not given else query.bound(given, release.catalogue)
        except ParameterError as error:
            raise told(error, query) from None
        if as_text:
            return await _response(request, text.encode(), f"{QUERY}; charset=utf-8", {}, steady=True)
        return await run(request, release, text, _accepted(request, fields), steady=True)

    return routes


def listed(release: Publication, queries: Mapping[str, StoredQuery]) -> dict[str, object]:
    """The list of stored queries, as it is given."""
    items = [
        {**query.model_dump(mode="json", exclude={"text"}), "url": f"/v1/queries/{name}"}
        for name, query in queries.items()
    ]
    return {"catalogue": release.version, "total": len(items), "items": items, "next": None}


def told(error: ParameterError, query: StoredQuery) -> Problem:
    """A parameter of a stored query that does not hold, as a problem."""
    name = error.name[:60]
    if name not in query.parameters:
        return _unknown(name, nearest(name, (*query.parameters, "format")))
    return Problem("invalid-input", _sentence(error.detail), [Fault(f"/{name}", error.detail)])


def _unknown(name: str, hint: str) -> Problem:
    return Problem(
        "unknown-parameter", f"There is no parameter {name[:60]!r} here; {hint}.", extra={"parameter": name[:60]}
    )


def _fields(raw: bytes) -> list[tuple[str, str]]:
    """The fields of a query string or form.

    Raises:
        Problem: if they are not UTF-8, or too many.
    """
    try:
        return parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except UnicodeDecodeError:
        raise Problem("bad-request", "The parameters are not UTF-8; write them as percent-encoded UTF-8.") from None
    except ValueError:
        raise Problem("bad-request", "There are more than 100 parameters.") from None


async def _posted(request: Request) -> list[tuple[str, str]]:
    """What was posted, as fields.

    Raises:
        Problem: if its media type is none of the protocol's.
    """
    header = _header(request, "content-type") or ""
    kind, _, parameters = header.partition(";")
    kind = kind.strip().lower()
    if kind == UPDATE:
        raise Problem("query-refused", "This would be an update; the catalogue is read-only.")
    if kind not in (QUERY, FORM):
        said = f"not {kind[:80]}" if kind else "and Content-Type says which"
        raise Problem("unsupported-media-type", f"A query is posted as {QUERY} or {FORM}, {said}.")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ("utf-8", "utf8", "us-ascii"):
            raise Problem("unsupported-media-type", "A query is posted in UTF-8.")
    limit = QUERY_BYTES if kind == QUERY else 4 * QUERY_BYTES
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Problem("too-large", f"The query is longer than {QUERY_BYTES:,} bytes; ask for less at a time.")
    if kind == FORM:
        return _fields(body)
    try:
        return [("query", body.decode("utf-8"))]
    except UnicodeDecodeError:
        raise Problem("bad-request", "The query is not UTF-8.") from None


def asked(fields: Sequence[tuple[str, str]], required: bool = True) -> str | None:
    """The one query among the fields.

    Raises:
        Problem: if there is none or there are several, or something else is asked that is not done here.
    """
    for name, _ in fields:
        if name in _UPDATE:
            raise Problem("query-refused", f"{name} belongs to an update; the catalogue is read-only.")
        if name in _DATASET:
            raise Problem(
                "query-refused",
                f"{name} names a data set; there is one data set here, and every query is about it. Leave it out.",
            )
        if name not in _KNOWN:
            raise _unknown(name, nearest(name[:60], ("query", "format")))
    queries = [value for name, value in fields if name == "query"]
    if len(queries) > 1:
        raise Problem("bad-request", "query is given more than once; ask one at a time.")
    if required and not queries:
        raise Problem("bad-request", "query is missing: say what you ask.")
    return queries[0] if queries else None


def _wanted(fields: Sequence[tuple[str, str]]) -> Formats | None:
    """The format that is asked for by name, if one is.

    Raises:
        Problem: if there is none of that name.
    """
    wanted = next((value for name, value in fields if name in _FORMAT_NAMES), None)
    if wanted is None:
        return None
    formats = FORMATS.get(wanted.lower())
    if formats is None:
        detail = f"{wanted[:40]!r} is none of its values; {nearest(wanted[:40], FORMATS)}"
        raise Problem("invalid-input", f"`format`: {detail}.", [Fault("/format", detail)])
    return formats


def _accepted(request: Request, fields: Sequence[tuple[str, str]]) -> _Accepted:
    """How the answer is to be written.

    Raises:
        Problem: if no format is taken, or there is none of that name.
    """
    formats = _wanted(fields)
    if formats is not None:
        rows = next((name for name, format_ in ROWS.items() if format_ == formats.rows), None)
        graph = next((name for name, format_ in GRAPHS.items() if format_ == formats.graph), None)
        return _Accepted(formats, rows, graph)
    accept = _header(request, "accept")
    rows, graph = media_type(accept, tuple(ROWS)), media_type(accept, tuple(GRAPHS))
    if rows is None and graph is None:
        known = ", ".join(dict.fromkeys((*ROWS, *GRAPHS)))
        raise Problem("not-acceptable", f"An answer is given as one of {known}; accept one of them.")
    return _Accepted(Formats(ROWS.get(rows or ""), GRAPHS.get(graph or "")), rows, graph)


def _header(request: Request, name: str) -> str | None:
    """All lines of a header as one."""
    lines = request.headers.getlist(name)
    return ",".join(lines) if lines else None


def _is_steady(query: str) -> bool:
    """Whether the same query has the same answer as long as the catalogue is the same."""
    return not mentions(query, *_NEVER_TWICE_THE_SAME)


async def _response(request: Request, body: bytes, kind: str, headers: Mapping[str, str], steady: bool) -> Response:
    coding = encoding(_header(request, "accept-encoding")) if len(body) >= SMALLEST else "identity"
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}{"" if coding == "identity" else f"-{coding}"}"'
    made = {"Vary": "Accept, Accept-Encoding", **headers}
    if steady:
        made |= {"ETag": tag, "Cache-Control": CACHE_CONTROL}
        known = _header(request, "if-none-match")
        if known is not None and matches(known, tag):
            return Response(status_code=304, headers=made)
    else:
        made["Cache-Control"] = "no-store"
    if coding != "identity":
        made["Content-Encoding"] = coding
        body = await asyncio.to_thread(coded, body, coding) if len(body) > LONG else coded(body, coding)
    return Response(body, headers={**made, "Content-Type": kind})


def problem_of(error: QueryError, settings: Settings) -> Problem:
    """Why a query was not answered, as a problem."""
    extra = {"line": error.line, "column": error.column} if error.line is not None else {}
    waits = {"query-timeout": settings.sparql_seconds, "unavailable": 1.0}
    headers = {"Retry-After": str(math.ceil(waits[error.type]))} if error.type in waits else {}
    return Problem(error.type, _sentence(error.detail), headers=headers, extra=extra)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith(("?", ".", "…")) else ".")
