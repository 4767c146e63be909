"""Stands in front of everything: limits on what comes in, headers on what goes out, a count and a log line for each request."""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from api.settings import Settings
from api.web.limits import Clients, bucket, rates
from api.web.logs import AccessLog, event, told
from api.web.metrics import Metrics
from api.web.problems import MEDIA_TYPE, Fault, Problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
Pairs = list[tuple[bytes, bytes]]

SITE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
DATA_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
"""For what is no page: nothing in it is loaded or run, even if a browser is made to show it."""

EXPOSED = "Content-Location, ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Provender-Truncated, Repr-Digest, X-Request-Id"
_OPEN = [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", EXPOSED.encode())]
_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (b"access-control-allow-headers", b"Accept, Accept-Language, Content-Type, If-None-Match, X-Request-Id"),
    (b"access-control-max-age", b"86400"),
    (b"vary", b"Access-Control-Request-Method, Access-Control-Request-Headers"),
]
ANSWERS = ("match", "recommendations", "explanations", "comparisons", "plans", "questions")
_TOKEN = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_STRINGS = re.compile(rb'(?s)"(?:[^"\\]++|\\.)*+"?')
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))
_LINGER = 2.0
"""Seconds for which the rest of a refused body is read and dropped, so that the client sees the answer and not a broken connection."""


@dataclass(frozen=True)
class Kind:
    """What a group of addresses has in common.

    Args:
        name: as logs and metrics say it.
        rate: which limit counts its requests.
        public: whether pages of any origin may read it.
        policy: its content security policy.
        referrer: its referrer policy.
    """

    name: str
    rate: str | None = None
    public: bool = False
    policy: str = DATA_POLICY
    referrer: str = "no-referrer"

    def headers(self, https: bool) -> Pairs:
        """What goes out with every response of the kind."""
        made = {
            "content-security-policy": self.policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": self.referrer,
            "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "cross-origin" if self.public else "same-origin",
        }
        if https:
            made["strict-transport-security"] = "max-age=31536000"
        return [(n.encode(), v.encode()) for n, v in made.items()] + (_OPEN if self.public else [])


SITE = Kind("site", policy=SITE_POLICY, referrer="same-origin")
_DATA, _PAGES = Kind("data", public=True), Kind("data", public=True, policy=SITE_POLICY)
_QUERY, _OPERATIONS = Kind("query", "queries", public=True, policy=SITE_POLICY), Kind("operations")
FIRST: Mapping[str, Kind] = {
    "v1": _DATA, "exports": _DATA, ".well-known": _DATA, "context.jsonld": _DATA, "openapi.json": _DATA, "ontology": _DATA, "id": _PAGES,
    "sparql": _QUERY, "health": _OPERATIONS, "metrics": _OPERATIONS,
}  # fmt: skip
"""Kinds by the first part of the path; anything else is the site."""
SECOND: Mapping[str, Kind] = {
    **dict.fromkeys(ANSWERS, Kind("answer", "answers", public=True)),
    "queries": _QUERY, "sessions": Kind("session"), "admin": Kind("admin", "admin"),
}  # fmt: skip
"""Kinds by the part of the path after `/v1/`, where it is not plain data."""


def kind_of(path: str, first: Mapping[str, Kind] = FIRST) -> tuple[Kind, list[str]]:
    """The kind of an address, and its first parts."""
    parts = path.split("/", 3)
    kind = first.get(parts[1], SITE) if len(parts) > 1 else SITE
    if parts[1:2] == ["v1"] and len(parts) > 2:
        kind = SECOND.get(parts[2], kind)
    return kind, parts


def deeper_than(body: bytes, limit: int) -> bool:
    """Whether JSON nests deeper than a limit, in linear time and without parsing it.

    What is not well-formed may pass with up to twice the depth; a parser refuses it anyhow.

    >>> deeper_than(b'[[["]]]"]]]', 2), deeper_than(b'[[], [], [[]]]', 3)
    (True, False)
    """
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    left = _STRINGS.sub(b"", body).translate(_BRACKETS, _OTHERS)
    for _ in range(limit):  # each round takes off the innermost level
        shorter = left.replace(b"[]", b"")
        if len(shorter) == len(left):
            break
        left = shorter
    return b"[]" in left or left.count(b"[") > limit


class Guard:
    """ASGI middleware, the outermost; what it does and why stands in `site/pages/security.md`.

    It also sets `scope["state"]["request_id"]`, believes a configured proxy about the scheme, and reads the whole body before the
    application is called. A layer that answers without FastAPI's router may name its route template in `scope["provender.route"]`.

    Args:
        app: what is guarded.
        settings: the limits.
        metrics: where requests are counted; nowhere if it is left out.
        log: where they are logged.
        kinds: kinds by the first part of the path.
    """

    def __init__(
        self,
        app: App,
        settings: Settings,
        metrics: Metrics | None = None,
        log: AccessLog | None = None,
        kinds: Mapping[str, Kind] = FIRST,
    ) -> None:
        self.app = app
        self._settings = settings
        self._metrics = metrics
        self._log = log or AccessLog(settings.access_log)
        self._logged = self._log.wanted and settings.log_level in ("debug", "info")
        self._kinds = kinds
        self._clients = Clients(settings.trusted_proxies, settings.forwarded_header)
        self._proxied = bool(settings.trusted_proxies)
        self._rates = rates(settings)
        https = (settings.public_url or "").startswith("https:")
        everything = {SITE, *kinds.values(), *SECOND.values()}
        self._headers = {kind: kind.headers(https) for kind in everything}
        self._ids = (f"{process}-{n:x}" for process in [secrets.token_hex(5)] for n in itertools.count(1))

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":  # ends when the server does
                await self.app(scope, receive, send)
                self._log.flush()
            return
        begun = perf_counter()
        if self._metrics is not None:
            self._metrics.began()
        kind, parts = kind_of(scope["path"], self._kinds)
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id")
        request_id = given.decode() if given and _TOKEN.fullmatch(given) else next(self._ids)
        scope.setdefault("state", {})["request_id"] = request_id
        extra = [*self._headers[kind], (b"x-request-id", request_id.encode())]
        status = size = 0

        async def sending(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), *extra]}
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            if self._proxied and self._clients.is_proxy(_peer(scope)):
                scope["scheme"] = self._clients.scheme(scope["headers"]) or scope["scheme"]
            if scope["method"] == "OPTIONS" and kind.public and _is_preflight(headers):
                await sending({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
                await sending({"type": "http.response.body"})
                return
            if b"host" not in headers and scope["http_version"] == "1.1":
                raise Problem("bad-request", "HTTP/1.1 asks for a Host header.", headers=_CLOSE)
            if kind.rate is not None or scope["query_string"]:
                extra.extend(self._count(scope, kind))
            if _has_body(headers):
                body = await self._body(headers, receive)
                if body is None:
                    return  # the client has gone
                if kind.name != "query":
                    self._check_json(body)
                receive = _replay(body, receive)
            await self.app(scope, receive, sending)
            if not status:
                raise RuntimeError("nothing was answered")
        except Problem as problem:
            if not status:
                await self._refuse(problem, headers, receive, sending)
        except asyncio.CancelledError:  # the server stops and has waited long enough
            if not status:
                await respond(Problem("unavailable", "The server is stopping; ask again.", headers=_GONE), sending)
        except Exception as error:
            event("failure", "error", id=request_id, method=scope["method"], failure=told(error))
            if not status:
                await respond(Problem("internal-error", f"This is our fault; it is logged as {request_id}."), sending)
        finally:
            self._note(scope, kind, parts, status or 499, perf_counter() - begun, size, request_id)

    def _count(self, scope: Mapping[str, Any], kind: Kind) -> Pairs:
        """Count a request against its client's limit, if it has one; give the headers that tell of it."""
        counted = kind.rate or ("lists" if kind.name == "data" else "")
        rate = self._rates.get(counted)
        if rate is None or scope["method"] == "OPTIONS":
            return []
        return rate.hit(bucket(self._clients.address(_peer(scope), scope["headers"])))

    async def _body(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes | None:
        """The whole body, held against its limits; nothing if the client goes before it is there."""
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise Problem("unsupported-media-type", "Bodies are taken as they are; send it without Content-Encoding.")
        most, seconds = self._settings.body_bytes, self._settings.body_seconds
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            raise Problem("bad-request", "Content-Length is no number.", headers=_CLOSE)
        if int(length) > most:
            raise self._too_large()
        parts, size = [], 0
        try:
            async with asyncio.timeout(seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > most:
                        raise self._too_large()
                    if not message.get("more_body"):
                        return b"".join(parts)
        except TimeoutError:
            raise Problem("request-timeout", f"The body was not here after {seconds:g} s.", headers=_CLOSE) from None

    def _too_large(self) -> Problem:
        return Problem("too-large", f"A body may have {self._settings.body_bytes:,} bytes.", headers=_CLOSE)

    def _check_json(self, body: bytes) -> None:
        if b"\0" in body:  # UTF-16 or UTF-32, in which brackets and quotes cannot be told byte by byte
            raise Problem("bad-request", "The body has a NUL byte in it; JSON is sent in UTF-8.")
        if deeper_than(body, self._settings.json_depth):
            text = f"The body may nest {self._settings.json_depth} levels deep."
            raise Problem("invalid-input", text, errors=[Fault("", text)])

    async def _refuse(self, problem: Problem, headers: Mapping[bytes, bytes], receive: Receive, send: Send) -> None:
        """Answer at once, then read on for a moment, so that the answer is not lost in a reset connection."""
        if problem.type == "request-timeout" or headers.get(b"expect") or not _has_body(headers):
            await respond(problem, send)
            return
        await respond(problem, send, more=True)
        try:
            async with asyncio.timeout(_LINGER):
                while (await receive()).get("more_body"):
                    pass
        except TimeoutError:
            pass
        await send({"type": "http.response.body"})

    def _note(
        self,
        scope: MutableMapping[str, Any],
        kind: Kind,
        parts: list[str],
        status: int,
        seconds: float,
        size: int,
        id_: str,
    ) -> None:
        method = scope["method"]
        if self._metrics is not None:
            self._metrics.ended(_route(scope, kind, parts, status), kind.name, status, seconds)
        if self._logged:
            self._log.add(method, scope["path"], kind.name, status, seconds, 0 if method == "HEAD" else size, id_)


_GONE = {"Retry-After": "1", "Connection": "close", "Cache-Control": "no-store"}
_CLOSE = {"Connection": "close", "Cache-Control": "no-store"}


async def respond(problem: Problem, send: Send, more: bool = False) -> None:
    """Send a problem.

    Args:
        problem: which.
        send: where to.
        more: whether an empty last part follows later.
    """
    body = problem.body()
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(n.lower().encode(), v.encode()) for n, v in problem.headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": more})


def _peer(scope: Mapping[str, Any]) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _has_body(headers: Mapping[bytes, bytes]) -> bool:
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def _is_preflight(headers: Mapping[bytes, bytes]) -> bool:
    return b"origin" in headers and b"access-control-request-method" in headers


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def receiving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


def _route(scope: Mapping[str, Any], kind: Kind, parts: list[str], status: int) -> str:
    """A template out of a bounded set, whatever a client asks for."""
    named = scope.get("provender.route")
    if named is not None:
        return str(named)
    path = getattr(scope.get("route"), "path", None)
    if path is not None:
        return str(path)
    if status >= 400 or kind.name == "site":
        return kind.name if kind is SITE else f"{kind.name}: none"
    return "/".join(parts[:3]) + ("/{id}" if len(parts) > 3 else "")
