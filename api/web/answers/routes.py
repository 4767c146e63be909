"""Routes of the answers: reads the request, has the answer computed beside the event loop, sends it."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import codec, strict
from api.settings import Settings
from api.web.answers.desk import Desk
from api.web.answers.models import RecommendationRequest
from api.web.answers.operations import OPERATIONS, Operation, to_json
from api.web.answers.reading import JSON, envelope, from_json, parameters, read_body, refused
from api.web.answers.workers import Workers
from api.web.coding import coded
from api.web.frozen import CACHE_CONTROL
from api.web.negotiation import encoding, matches
from api.web.problems import Fault, Problem

PATH = "/v1/recommendations"
LINKABLE = ("profile", "weights", "margin", "first")
WEIGHT = r"(?:0(?:\.[0-9]+)?|1(?:\.0+)?|[1-9](?:\.[0-9]+)?e-[0-9]+)"
LONGEST_LINK = 2000
"""Longer ones are valid, but proxies and browsers may refuse them, so they are not offered."""

Handler = Callable[[Request], Awaitable[Response]]


def router(desk: Callable[[], Desk], settings: Settings) -> APIRouter:
    """The routes.

    Args:
        desk: gives whoever answers from the current publication.
        settings: how long and how large things may be.
    """
    quick, slow = (Workers(name, 2, settings.answer_seconds) for name in ("answers", "plans"))

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        yield
        quick.close()
        slow.close()

    def post(operation: Operation) -> Handler:
        workers = slow if operation.slow else quick

        async def handler(request: Request) -> Response:
            parameters(request, ())
            body = await read_body(request, settings.body_bytes)
            by, limit = desk(), time.monotonic() + settings.answer_seconds
            coding = encoding(request.headers.get("accept-encoding"))
            return await workers.run(lambda: _posted(operation, by, body, coding, limit))

        return handler

    async def linked(request: Request) -> Response:
        given = parameters(request, LINKABLE)
        by, known = desk(), request.headers.get("if-none-match")
        coding = encoding(request.headers.get("accept-encoding"))
        return await quick.run(lambda: _linked(by, given, coding, known))

    made = APIRouter(lifespan=lifespan, tags=["answers"])
    for operation in OPERATIONS:
        made.add_api_route(
            operation.path,
            post(operation),
            methods=["POST"],
            operation_id=operation.id,
            summary=operation.summary,
            description=operation.description,
            response_model=None,
        )
    linking = {"operation_id": "get_recommendation", "summary": "Recommend for a profile that is part of the address"}
    made.add_api_route(PATH, linked, methods=["GET"], description=_LINKED, response_model=None, **linking)  # type: ignore[arg-type]
    return made


_LINKED = (
    "The same answer as by POST, with an ETag, so that it can be linked and cached. `profile` is the profile as one word, as "
    "`Content-Location` of the POST gives it. This server logs the path and never the query; proxies on the way may log both."
)


def _posted(operation: Operation, desk: Desk, body: bytes, coding: str, limit: float) -> Response:
    def report(_: str) -> None:
        if time.monotonic() > limit:
            raise Problem("answer-timeout", "It took too long.")

    value = from_json(body)
    try:
        asked = envelope(operation.form(value), value)
        answer = operation.answer(desk, asked, report)
    except RecursionError:
        raise Problem("bad-request", "The body is nested too deeply.") from None
    headers = {"Cache-Control": "no-store"}
    if isinstance(asked, RecommendationRequest):
        link = address(asked, desk.publication.version)
        if len(link) <= LONGEST_LINK:
            headers["Content-Location"] = link
    return _sent(answer, coding, headers)


def _linked(desk: Desk, given: dict[str, str], coding: str, known: str | None) -> Response:
    try:
        asked = linked_request(given)
        desk.current.profile(asked.profile)
    except RecursionError:
        raise Problem("bad-request", "The profile is nested too deeply.") from None
    of = "\n".join((desk.publication.digest, version("provender"), address(asked, "0"), coding))
    etag = f'"{hashlib.sha256(of.encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": CACHE_CONTROL, "ETag": etag}
    if known is not None and matches(known, etag):
        return Response(status_code=304, headers={**headers, "Vary": "Accept-Encoding"})
    return _sent(desk.recommend(asked), coding, headers)


def _sent(answer: Any, coding: str, headers: dict[str, str]) -> Response:
    told = {} if coding == "identity" else {"Content-Encoding": coding}
    body = coded(to_json(answer), coding)
    return Response(body, media_type=JSON, headers={**headers, **told, "Vary": "Accept-Encoding"})


def address(asked: RecommendationRequest, catalogue: str) -> str:
    """The one address of an answer."""
    parts = [f"profile={codec.encode(asked.profile, catalogue)}"]
    if asked.weights:
        parts.append("weights=" + ",".join(f"{name}:{asked.weights[name]!r}" for name in sorted(asked.weights)))
    if asked.margin != RecommendationRequest.model_fields["margin"].default:
        parts.append(f"margin={asked.margin!r}")
    if asked.first is not None:
        parts.append(f"first={asked.first}")
    return f"{PATH}?{'&'.join(parts)}"


def linked_request(given: dict[str, str]) -> RecommendationRequest:
    """The request that an address stands for."""
    if "profile" not in given:
        raise refused([Fault("/profile", "is missing; it is a profile as one word, such as 1.2026.11.1.e30")])
    try:
        value: dict[str, Any] = {"profile": codec.decode(given["profile"]).profile}
    except codec.CodeError as error:
        raise Problem("bad-request", f"The profile in the address cannot be read: {error}.") from None
    for name in ("margin", "first"):
        if name in given:
            value[name] = _number(name, given[name])
    if "weights" in given:
        parts = [part.partition(":") for part in given["weights"].split(",")]
        if not all(re.fullmatch(WEIGHT, weight) for _, _, weight in parts) or len({n for n, _, _ in parts}) < len(
            parts
        ):
            raise refused([Fault("/weights", "is written depth:0.5,cost:0.1, each criterion once, from 0 to 1")])
        value["weights"] = {name: float(weight) for name, _, weight in parts}
    return envelope(RecommendationRequest, value)


def _number(name: str, text: str) -> float:
    try:
        value = strict.loads(text.encode())
    except (strict.StrictError, UnicodeEncodeError):
        value = None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise refused([Fault(f"/{name}", "is a number")])
    return value
