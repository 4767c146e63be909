"""Answers that depend on the release alone: made into bytes once, and served without waking the framework.

A page is what is at one path, in one or several media types. It is made when it is first asked for, compressed when that is first asked
for, and then only looked up. Answers to query strings are pages as well, of which the latest are kept.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import brotli
from starlette.responses import Response

from api.publication import Publication, Shelf
from api.web.coding import SMALLEST
from api.web.negotiation import encoding, matches, media_type
from api.web.problems import Problem
from api.web.rows import Rows

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = tuple[tuple[str, str], ...]

CACHE_CONTROL = "public, max-age=300"
KEPT_BYTES, KEPT_LARGEST = 16 * 1024**2, 1024**2
_BROTLI_QUALITY, _GZIP_LEVEL = 5, 6
_PACKED = (
    "application/vnd.openxmlformats",
    "image/",
)
_OF_THE_BODY = {"content-type", "content-length", "content-encoding", "content-disposition", "repr-digest", "link"}


@dataclass(frozen=True)
class Content:
    """A body, its media type, headers that go with it, and the status if it is not what was asked for."""

    media_type: str
    body: bytes
    headers: Headers = ()
    digest: bool = False
    status: int = 200


@dataclass(frozen=True)
class Reply:
    """One body in one coding with all its headers, and the headers of the answer that it has not changed."""

    etag: str
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    unchanged: tuple[tuple[bytes, bytes], ...]
    status: int = 200


class Representation:
    """A page in one media type; each coding of it is made once."""

    def __init__(self, make: Callable[[], Content], vary: tuple[str, ...]) -> None:
        self._make = make
        self._vary = vary
        self._content: Content | None = None
        self._replies: dict[str, Reply] = {}

    def made(self, coding: str) -> Reply | None:
        """The reply in a coding, if it was made before."""
        return self._replies.get(coding)

    def content(self) -> Content:
        """The content itself."""
        if self._content is None:
            self._content = self._make()
        return self._content

    def reply(self, coding: str) -> Reply:
        """The reply in a coding, or as it is where a coding gains nothing."""
        if coding not in self._replies:
            self._replies[coding] = self._coded(coding)
        return self._replies[coding]

    def _coded(self, coding: str) -> Reply:
        content = self.content()
        body = content.body
        squeezable = len(body) >= SMALLEST and not content.media_type.startswith(_PACKED)
        if coding != "identity":
            if not squeezable:
                return self.reply("identity")
            body = _compress(body, coding)
        tag = hashlib.sha256(content.body).hexdigest()[:32]
        etag = f'"{tag}"' if coding == "identity" else f'"{tag}-{coding}"'
        vary = (*self._vary, *(("Accept-Encoding",) if squeezable else ()))
        headers = [
            ("content-type", content.media_type),
            ("content-length", str(len(body))),
            ("etag", etag),
            ("cache-control", CACHE_CONTROL),
            *((("vary", ", ".join(vary)),) if vary else ()),
            *((("content-encoding", coding),) if coding != "identity" else ()),
            *content.headers,
        ]
        if content.digest:
            # RFC 9530: of the representation as it is sent, coding included.
            headers.append(("repr-digest", f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"))
        raw = tuple((name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers)
        return Reply(etag, body, raw, tuple(h for h in raw if h[0].decode() not in _OF_THE_BODY), content.status)


def _compress(body: bytes, coding: str) -> bytes:
    if coding == "br":
        made: bytes = brotli.compress(body, quality=_BROTLI_QUALITY)
        return made
    return gzip.compress(body, compresslevel=_GZIP_LEVEL, mtime=0)


class Page:
    """What is at one path: media types to choose from, the preferred one first.

    A page with a single one is given whatever the client would rather have; where there is a choice, it must want one of them.
    `route` is the template of the path, by which requests are counted. If it is `scripted`, a query string is for the scripts in it and
    changes nothing here.
    """

    def __init__(self, route: str, offers: Mapping[str, Callable[[], Content]], scripted: bool = False) -> None:
        vary = ("Accept",) if len(offers) > 1 else ()
        self.route = route
        self.scripted = scripted
        self.offers = tuple(offers)
        self._held = {name: Representation(make, vary) for name, make in offers.items()}

    @classmethod
    def of(cls, route: str, content: Content) -> Page:
        """A page with one content that is at hand."""
        return cls(route, {content.media_type: lambda: content})

    def choose(self, accept: str | None) -> Representation:
        """The representation to give.

        Raises:
            Problem: if none of those offered is accepted.
        """
        if len(self.offers) == 1:
            return self._held[self.offers[0]]
        chosen = media_type(accept, self.offers)
        if chosen is None:
            raise Problem(
                "not-acceptable",
                f"there is {', '.join(self.offers)} here; accept one of them",
                headers={"Vary": "Accept"},
                extra={"offered": list(self.offers)},
            )
        return self._held[chosen]


async def serve(page: Page, scope: Scope, send: Send) -> None:
    """Answer a GET or HEAD request with a page, or say that it has not changed."""
    accept = accepted = known = None
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = _joined(accepted, value)
        elif name == b"accept":
            accept = _joined(accept, value)
        elif name == b"if-none-match":
            known = _joined(known, value)
    chosen, coding = page.choose(accept), encoding(accepted)
    reply = chosen.made(coding)
    if reply is None:
        # The first to ask waits until it is made; nobody else does.
        reply = await asyncio.to_thread(chosen.reply, coding)
    if known is not None and reply.status == 200 and matches(known, reply.etag):
        await send({"type": "http.response.start", "status": 304, "headers": list(reply.unchanged)})
        await send({"type": "http.response.body", "body": b""})
        return
    # The list is copied: whoever stands around this may add headers of its own.
    await send({"type": "http.response.start", "status": reply.status, "headers": list(reply.headers)})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else reply.body})


def _joined(before: str | None, value: bytes) -> str:
    text = value.decode("latin-1")
    return text if before is None else f"{before},{text}"


class PageResponse(Response):
    """A page as a route's answer."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send it."""
        await serve(self._page, scope, send)


Makers = Mapping[str, Callable[[], Page]]


class Pages:
    """All pages of one publication by path, and those of the latest query strings."""

    def __init__(self, rows: Rows, makers: Makers) -> None:
        self.rows = rows
        self._makers = makers
        self._made: dict[str, Page] = {}
        self._kept: OrderedDict[tuple[str, bytes], tuple[Page, int]] = OrderedDict()
        self._bytes = 0

    @property
    def paths(self) -> Iterable[str]:
        """Every path at which there is a page."""
        return self._makers.keys()

    def find(self, path: str, query: bytes = b"") -> Page | None:
        """The page at a path, or the one that was kept for a query string."""
        if query:
            kept = self._kept.get((path, query))
            if kept is not None:
                self._kept.move_to_end((path, query))
                return kept[0]
            page = self.find(path)
            return page if page is not None and page.scripted else None
        page = self._made.get(path)
        if page is None and path in self._makers:
            page = self._made[path] = self._makers[path]()
        return page

    def keep(self, route: str, path: str, query: bytes, content: Content) -> Page:
        """A page of the answer to a query string; kept until others were wanted more lately."""
        page, size = Page.of(route, content), len(content.body) + len(query)
        if size <= KEPT_LARGEST and (path, query) not in self._kept:
            self._kept[path, query] = (page, size)
            self._bytes += size
            while self._bytes > KEPT_BYTES:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._bytes -= dropped
        return page


class Library:
    """Gives the pages of the publication that is current; a request reads `current` once and keeps to what it got."""

    def __init__(self, shelf: Shelf, makers: Callable[[Rows], Makers]) -> None:
        self._shelf = shelf
        self._makers = makers
        self._held = self._open(shelf.current)

    def _open(self, publication: Publication) -> Pages:
        rows = Rows(publication)
        return Pages(rows, self._makers(rows))

    @property
    def current(self) -> Pages:
        """The pages of the shelf's current publication."""
        held, publication = self._held, self._shelf.current
        if held.rows.publication is not publication:
            held = self._held = self._open(publication)
        return held


class Frozen:
    """Answers at once what there is a page for, and leaves the rest to the application behind it."""

    def __init__(self, app: App, library: Library) -> None:
        self._app = app
        self._library = library

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            page = self._library.current.find(scope["path"], scope["query_string"])
            if page is not None:
                scope["provender.route"] = page.route
                await serve(page, scope, send)
                return
        await self._app(scope, receive, send)
