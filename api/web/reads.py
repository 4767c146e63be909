"""`GET /v1/…`: the catalogue, its lists and its records."""

from __future__ import annotations

import gzip
import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.web.frozen import Content, Library, Makers, Page, PageResponse, Pages
from api.web.problems import Fault, Problem
from api.web.rows import LISTINGS, RETIRED, Listing, Row, Rows, url
from kb.iri import BASE
from kb.records import nearest

JSON = "application/json"
LIMIT, LARGEST_LIMIT, LONGEST_TEXT = 50, 200, 200
_SHOWN = 100
"""How much of a wrong word is repeated, and looked for among the right ones."""


def to_json(value: Any) -> bytes:
    """JSON as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# What is asked


@dataclass(frozen=True)
class Query:
    """A list as it is asked for; what is left out has the value it has by itself."""

    filters: Mapping[str, str]
    text: str = ""
    retired: str = RETIRED[0]
    sort: str = "id"
    limit: int = LIMIT
    offset: int = 0
    fields: tuple[str, ...] = ()
    include: tuple[str, ...] = ()

    def address(self, rows: Rows, listing: Listing, offset: int) -> str:
        """Where another part of the same list is."""
        plain = Query({})
        said: dict[str, Any] = dict(self.filters)
        said |= {
            name: value
            for name in ("text", "retired", "sort", "limit")
            if (value := getattr(self, name)) != getattr(plain, name)
        }
        said |= {name: ",".join(value) for name in ("fields", "include") if (value := getattr(self, name))}
        if offset:
            said["cursor"] = self.cursor(rows, listing, offset)
        return f"{listing.path}?{urlencode(said)}" if said else listing.path

    def cursor(self, rows: Rows, listing: Listing, offset: int) -> str:
        """Stands for a place in this list of this release, and for none in another."""
        of = [listing.name, sorted(self.filters.items()), self.text, self.retired, self.sort, offset]
        check = hashlib.sha256(to_json([rows.publication.digest, of])).hexdigest()[:16]
        return urlsafe_b64encode(f"{rows.publication.digest[:16]}.{offset}.{check}".encode()).decode().rstrip("=")


def parameters(query: bytes, allowed: Sequence[str]) -> dict[str, str]:
    """The parameters of a query string, each given once.

    Raises:
        Problem: for one that is unknown, given twice, or not written in UTF-8.
    """
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError:
        raise Problem(
            "bad-request",
            "The query string cannot be read; write it in UTF-8, percent-encoded, with at most 50 parameters.",
        ) from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in allowed:
            told = nearest(name[:_SHOWN], allowed) if allowed else "none is known here"
            raise Problem(
                "unknown-parameter",
                f"There is no parameter {name[:_SHOWN]!r} here; {told}",
                extra={"parameter": name[:_SHOWN]},
            )
        if name in found:
            raise Problem(
                "bad-request", f"The parameter `{name}` is given twice; give it once.", extra={"parameter": name}
            )
        found[name] = value
    return found


LIST_PARAMETERS = ("text", "retired", "sort", "limit", "cursor", "fields", "include")


def read_query(rows: Rows, listing: Listing, query: bytes) -> Query:
    """What a query string asks of a list.

    Raises:
        Problem: naming every parameter that does not hold, with the nearest valid value.
    """
    given = parameters(query, [*listing.filters, *LIST_PARAMETERS])
    faults: list[Fault] = []

    def one_of(name: str, valid: Sequence[str]) -> str:
        value = given[name]
        if value not in valid:
            faults.append(Fault(f"/{name}", f"{value[:_SHOWN]!r} is none of its values; {_nearest(value, valid)}"))
        return value

    def some_of(name: str, valid: Sequence[str]) -> tuple[str, ...]:
        values = tuple(dict.fromkeys(given[name].split(","))) if name in given else ()
        wrong = [v for v in values if v not in valid]
        faults.extend(
            Fault(f"/{name}", f"{v[:_SHOWN]!r} is none of its values; {_nearest(v, valid)}") for v in wrong[:10]
        )
        return values

    filters = {name: one_of(name, rows.choices(listing, name)) for name in listing.filters if name in given}
    made = Query(
        filters,
        text=given.get("text", ""),
        retired=one_of("retired", RETIRED) if "retired" in given else RETIRED[0],
        sort=one_of("sort", sorts(listing)) if "sort" in given else "id",
        limit=_limit(given["limit"], faults) if "limit" in given else LIMIT,
        fields=some_of("fields", rows.fields(listing)),
        include=some_of("include", listing.includes),
    )
    if len(made.text) > LONGEST_TEXT:
        faults.append(Fault("/text", f"has {len(made.text)} characters; at most {LONGEST_TEXT} are looked for"))
    if faults:
        names = sorted({f.pointer[1:] for f in faults})
        raise Problem(
            "invalid-input", f"{_listed(names)} {'does' if len(names) == 1 else 'do'} not hold; see `errors`.", faults
        )
    if "cursor" in given:
        made = Query(**{**vars(made), "offset": _offset(rows, listing, made, given["cursor"])})
    return made


def sorts(listing: Listing) -> list[str]:
    """The values of `sort`."""
    return [sign + name for name in listing.sorts for sign in ("", "-")]


def _nearest(value: str, valid: Sequence[str]) -> str:
    told = nearest(value[:_SHOWN], valid)
    # With long lists of ids only near ones are of use.
    return told if len(told) < 600 else f"{told[:500].rpartition(',')[0]} …"


def _limit(value: str, faults: list[Fault]) -> int:
    if value.isascii() and value.isdigit() and len(value) < 10 and 1 <= int(value) <= LARGEST_LIMIT:
        return int(value)
    faults.append(Fault("/limit", f"is a whole number from 1 to {LARGEST_LIMIT}, not {value[:_SHOWN]!r}"))
    return LIMIT


def _offset(rows: Rows, listing: Listing, query: Query, cursor: str) -> int:
    try:
        build, place, _ = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").split(".")
        offset = int(place) if place.isdigit() and len(place) < 10 else -1
    except ValueError:
        build, offset = "", -1
    first = query.address(rows, listing, 0)
    if offset >= 0 and query.cursor(rows, listing, offset) == cursor:
        return offset
    if offset >= 0 and build != rows.publication.digest[:16]:
        told = f"This page was one of another release; the catalogue is now {rows.version}. Begin again at {first}"
    else:
        told = f"No list gave this cursor for these parameters. Begin again at {first}"
    raise Problem("no-such-page", told, extra={"catalogue": rows.version, "first": first})


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# What is answered


def listing_content(rows: Rows, listing: Listing, query: bytes = b"") -> Content:
    """A page of a list.

    Raises:
        Problem: if the query string does not hold.
    """
    asked = read_query(rows, listing, query)
    found = rows.chosen(listing, asked.filters, asked.text, asked.retired)
    if asked.sort != "id":
        found.sort(key=rows.sort_key(listing, asked.sort.lstrip("-")), reverse=asked.sort.startswith("-"))
    total, end = len(found), asked.offset + asked.limit
    page = found[asked.offset : end]
    kind = listing.kinds[0]
    wanted = ("id", "iri", "url", *(asked.fields or (*listing.slim, "citations")), "retired")
    shown = [rows.shown(kind, record) for record in page]
    following = asked.address(rows, listing, end) if end < total else None
    body: Row = {
        "catalogue": rows.version,
        "total": total,
        "items": [{name: row[name] for name in wanted if name in row} for row in shown],
        "next": following,
    }
    if asked.include:
        body["included"] = rows.included(listing, [(kind, r) for r in page], asked.include)
    links = {"first": asked.address(rows, listing, 0)}
    if asked.offset:
        links["prev"] = asked.address(rows, listing, max(0, asked.offset - asked.limit))
    if following:
        links["next"] = following
    links["last"] = asked.address(rows, listing, max(0, total - 1) // asked.limit * asked.limit)
    return Content(
        JSON, to_json(body), (("link", ", ".join(f'<{where}>; rel="{rel}"' for rel, where in links.items())),)
    )


def record_content(rows: Rows, listing: Listing, identity: str, query: bytes = b"") -> Content:
    """A record.

    Raises:
        Problem: if there is none of this id, naming the nearest, or the query string does not hold.
    """
    found = rows.find(listing, identity)
    if found is None:
        raise missing(rows, listing, identity)
    given = parameters(query, ("include",))
    include = tuple(dict.fromkeys(given["include"].split(","))) if "include" in given else ()
    wrong = [name for name in include if name not in listing.includes]
    if wrong:
        faults = [
            Fault("/include", f"{name[:_SHOWN]!r} is none of its values; {nearest(name[:_SHOWN], listing.includes)}")
            for name in wrong[:10]
        ]
        raise Problem("invalid-input", "`include` does not hold; see `errors`.", faults)
    body = record_body(rows, *found)
    if include:
        body["included"] = rows.included(listing, [found], include)
    about = f"/id/{found[0]}/{identity}"
    return Content(
        JSON, to_json(body), (("link", f'<{about}>; rel="describedby", <{listing.path}>; rel="collection"'),)
    )


def record_body(rows: Rows, kind: str, record: Row) -> Row:
    """A record with what is worked out for it, what it cites, and where else it is."""
    identity = record["id"]
    shown = f"/id/{kind}/{identity}"
    links = {"self": url(kind, identity), "about": shown, "turtle": f"{shown}.ttl", "json_ld": f"{shown}.jsonld"}
    if kind == "article":
        links |= {"bibtex": f"/v1/articles/{identity}.bib", "csl_json": f"/v1/articles/{identity}.csl.json"}
    return {
        "catalogue": rows.version,
        "kind": kind,
        "iri": f"{BASE}{kind}/{identity}",
        "item": record,
        "derived": rows.derived(kind, record),
        "citations": rows.citations(kind, record),
        "links": links,
    }


def missing(rows: Rows, listing: Listing, identity: str) -> Problem:
    """The problem that a list has no record of this id."""
    ids = [i for kind in listing.kinds for i in rows.records[kind]]
    return not_found(listing.kinds[0], identity, ids, listing.path)


def not_found(kind: str, identity: str, ids: Sequence[str], path: str) -> Problem:
    """The problem that there is no record of this id, naming the nearest ids."""
    told = nearest(identity[:_SHOWN], ids)
    if not told.startswith("did you mean"):
        told = f"{path} lists what there is"
    return Problem("not-found", f"There is no {kind} {identity[:_SHOWN]!r}; {told}")


def catalogue_content(rows: Rows) -> Content:
    """The catalogue as a whole."""
    edition = rows.bundle["edition"]
    study = rows.records["article"][edition["study"]]
    lists = {name: listing.path for name, listing in LISTINGS.items()}
    body = {
        "catalogue": rows.version,
        "iri": f"{BASE}edition/{rows.version}",
        "digest": rows.publication.digest,
        "edition": edition,
        "counts": {name: len(getattr(rows.catalogue, name)) for name in _COUNTED},
        "honesty": edition["honesty"],
        "citations": rows.citations("article", study),
        "links": {
            **lists,
            "releases": "/v1/releases",
            "exports": "/exports/",
            "description": "/.well-known/void",
            "context": "/context.jsonld",
            "ontology": "/ontology",
            "openapi": "/openapi.json",
            "documentation": "/docs/api",
        },
    }
    return Content(JSON, to_json(body))


_COUNTED = ("challenges", "solutions", "addressings", "limitations", "articles", "schemes", "concepts", "criteria")


def releases(rows: Rows) -> list[str]:
    """The versions that were kept when this catalogue was built, newest first."""
    found = dict.fromkeys(entry["version"] for entry in json.loads(rows.publication.files["changelog.json"]))
    return list(found)


def releases_content(rows: Rows) -> Content:
    """The kept releases."""
    items = [{"version": v, "iri": f"{BASE}edition/{v}", "url": f"/v1/releases/{v}"} for v in releases(rows)]
    body = {
        "catalogue": rows.version,
        "total": len(items),
        "items": items,
        "next": None,
        "changelog": "/exports/changelog.json",
    }
    return Content(JSON, to_json(body))


def release_content(rows: Rows, data: Path, version: str) -> Content:
    """A kept release, whole, in its normal form.

    Raises:
        Problem: if it is not kept.
    """
    file = data / "releases" / f"{version}.json.gz"
    if version not in releases(rows) or not file.is_file():
        raise not_found("release", version, releases(rows), "/v1/releases")
    return Content(JSON, gzip.decompress(file.read_bytes()))


# Where it is


def pages(rows: Rows, data: Path) -> Makers:
    """A page for everything that needs no query string.

    Args:
        rows: of the publication.
        data: folder of the catalogue, in which releases are kept.
    """
    made: dict[str, Any] = {
        "/v1/catalogue": _page("/v1/catalogue", partial(catalogue_content, rows)),
        "/v1/releases": _page("/v1/releases", partial(releases_content, rows)),
    }
    for version in releases(rows):
        made[f"/v1/releases/{version}"] = _page("/v1/releases/{version}", partial(release_content, rows, data, version))
    for listing in LISTINGS.values():
        made[listing.path] = _page(listing.path, partial(listing_content, rows, listing))
        if listing.name == "articles":
            continue  # these come in formats of their own; see `linked`
        for kind in listing.kinds:
            for identity in rows.records[kind]:
                made[f"{listing.path}/{identity}"] = _page(
                    f"{listing.path}/{{id}}", partial(record_content, rows, listing, identity)
                )
    return made


def _page(route: str, make: Any) -> Any:
    return lambda: Page(route, {JSON: make})


def router(library: Library, data: Path) -> APIRouter:
    """The routes; whatever has no query string is served before it comes here, if it is there at all.

    Args:
        library: gives the pages to answer from.
        data: folder of the catalogue, in which releases are kept.
    """
    made = APIRouter()

    def kept(request: Request, route: str, make: Any) -> Response:
        held: Pages = library.current
        path, query = request.scope["path"], request.scope["query_string"]
        page = held.find(path, query) or held.keep(route, path, query, make(held.rows, query))
        return PageResponse(page)

    def plain(route: str, operation: str, summary: str, make: Any, tag: str = "catalogue") -> None:
        async def handler(request: Request) -> Response:
            parameters(request.scope["query_string"], ())
            return kept(request, route, lambda rows, _: make(rows, request.path_params))

        made.add_api_route(route, handler, operation_id=operation, summary=summary, tags=[tag], response_model=None)

    plain("/v1/catalogue", "get_catalogue", "Read what this catalogue is", lambda rows, _: catalogue_content(rows))
    plain("/v1/releases", "list_releases", "List the kept releases", lambda rows, _: releases_content(rows), "releases")
    plain(
        "/v1/releases/{version}", "get_release", "Read a kept release",
        lambda rows, path: release_content(rows, data, path["version"]), "releases",
    )  # fmt: skip
    for listing in LISTINGS.values():
        made.add_api_route(
            listing.path, _list_handler(listing, kept), operation_id=f"list_{listing.name}", tags=["catalogue"],
            summary=f"List {listing.what}", response_model=None,
        )  # fmt: skip
        made.add_api_route(
            f"{listing.path}/{{id}}", _record_handler(listing, kept), operation_id=f"get_{singular(listing)}", tags=["catalogue"],
            summary=f"Read one of the {listing.what}", response_model=None,
        )  # fmt: skip
    return made


def singular(listing: Listing) -> str:
    """What one record of a list is called in operation ids."""
    return listing.kinds[0] if len(listing.kinds) == 1 else "vocabulary_entry"


def _list_handler(listing: Listing, kept: Any) -> Any:
    async def handler(request: Request) -> Response:
        return cast(Response, kept(request, listing.path, lambda rows, query: listing_content(rows, listing, query)))

    return handler


def _record_handler(listing: Listing, kept: Any) -> Any:
    async def handler(request: Request) -> Response:
        identity = request.path_params["id"]
        return cast(
            Response,
            kept(request, f"{listing.path}/{{id}}", lambda rows, query: record_content(rows, listing, identity, query)),
        )

    return handler
