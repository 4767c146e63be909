"""Puts the HTTP face together: routes over the shelf's publication, and one shape for whatever fails."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from api.publication import Shelf
from api.settings import Settings, read_settings
from api.web import answers, document, linked, operations, reads, sessions, site, sparql, sparql_document
from api.web.answers.desk import Desks
from api.web.frozen import App, Frozen, Library, Makers, Message, Receive, Scope, Send
from api.web.guard import Guard
from api.web.logs import AccessLog, event, told
from api.web.metrics import Metrics
from api.web.pools import Pools
from api.web.problems import MEDIA_TYPE, Fault, Problem, for_status, pointer
from api.web.rows import Rows
from api.workspace.opening import open_workspace
from kb.home import build_folder, default_data


def create_app(settings: Settings | None = None, shelf: Shelf | None = None) -> App:
    """The whole application, for any ASGI server.

    Args:
        settings: read from the environment unless given.
        shelf: of the build beside the settings' catalogue unless given.

    Raises:
        UnsettledError: if there is no whole build.
        WorkspaceError: if the database of the planning sessions cannot be used.
    """
    settings = settings or read_settings()
    data = settings.data or default_data()
    shelf = shelf or Shelf(build_folder(data))
    metrics = Metrics() if settings.metrics else None
    pools = Pools(settings)
    framework = _framework(settings, shelf, pools, metrics)
    desk = Desks(lambda: shelf.current, data)

    def makers(rows: Rows) -> Makers:
        def fill(made: document.Document) -> None:
            answers.describe(made, rows.publication, data)
            sparql_document.describe(made, rows.publication, settings)
            sessions.describe(made, rows.publication, data)

        shown = site.pages(rows, shelf.folder)
        return {
            **site.redirects(shown),
            **shown,
            **reads.pages(rows, data),
            **linked.pages(rows, settings, data, site.records(shown)),
            **document.pages(rows, settings, framework, fill),
        }

    library = Library(shelf, makers)

    def count(outcome: str) -> None:
        if metrics is not None:
            metrics.queries.labels(outcome).inc()

    routers = (
        reads.router(library, data),
        linked.router(library),
        answers.router(desk, settings),
        sparql.router(shelf, settings, pools.of, count),
        operations.router(settings, shelf, metrics, {"sparql": lambda: pools.able(shelf.current)}),
        *([sessions.router(open_workspace(settings), desk, settings)] if settings.sessions else []),
    )
    for router in routers:
        framework.include_router(router)
    framework.state.pages = library
    framework.state.routes = [route for router in routers for route in router.routes]
    return Guard(Frozen(HeadAsGet(framework), library), settings, metrics, AccessLog(settings.access_log))


def _framework(settings: Settings, shelf: Shelf, pools: Pools, metrics: Metrics | None) -> FastAPI:
    async def settle() -> None:
        # A release is many objects that stay: without this, the collector goes through them all again and again.
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        if metrics is not None:
            metrics.show(shelf.current.version, shelf.current.digest)
        if settings.sparql:
            await pools.of(shelf.current)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # Neither is waited for: reads and answers need no SPARQL workers, and a query waits for its own.
        tasks = [asyncio.create_task(settle())]
        tasks.append(asyncio.create_task(_refresh(shelf, settings.refresh_seconds, settle)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await pools.close()

    return FastAPI(
        title="Provender",
        # Document and pages are our own: FastAPI's pages load scripts from another host.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        telemetry={"tracing": False, "metrics": False},
        lifespan=lifespan,
        exception_handlers={
            Problem: _tell,
            HTTPException: _tell_status,
            RequestValidationError: _tell_input,
            Exception: _tell_unforeseen,
        },
    )


async def _refresh(shelf: Shelf, seconds: float, then: Callable[[], Awaitable[None]]) -> None:
    """Look for a newer build every so often, off the event loop."""
    while True:
        await asyncio.sleep(seconds)
        try:
            if await asyncio.to_thread(shelf.refresh):
                event("reloaded", changed=True, catalogue=shelf.current.version, digest=shelf.current.digest)
                await then()
        except Exception as error:
            # A build that cannot be read must not end the looking: the next one may be sound.
            event("not-reloaded", "error", failure=told(error))


class HeadAsGet:
    """Lets every GET route answer HEAD, with the same headers and no body."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        inner = {**scope, "method": "GET", "provender.head": True}
        try:
            await self._app(inner, receive, without_body)
        finally:
            # Those outside count by route.
            scope.update({name: value for name, value in inner.items() if name not in scope})


def _told(problem: Problem) -> Response:
    """A problem as a response; never cached."""
    return Response(problem.body(), problem.status, {"Cache-Control": "no-store", **problem.headers}, MEDIA_TYPE)


async def _tell(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return _told(problem)


async def _tell_status(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = _methods(request)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": allowed})
        return _told(
            Problem(
                "method-not-allowed",
                f"{request.method} does not work here; use one of {allowed}.",
                headers={"Allow": allowed},
            )
        )
    if error.status_code == 404:
        page = site.missing(request.app.state.pages, request.headers.get("accept"))
        if page is not None:
            return Response(page, 404, {"Cache-Control": "no-store", "Vary": "Accept"}, "text/html; charset=utf-8")
        return _told(Problem("not-found", "There is nothing at this address; /v1/catalogue links to what there is."))
    return _told(for_status(error.status_code, headers=error.headers))


def _methods(request: Request) -> str:
    """Every method that some route has for this path."""
    found = {"OPTIONS"}
    for route in request.app.state.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return ", ".join(sorted(found | {"HEAD"} if "GET" in found else found))


async def _tell_input(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = tuple(Fault(pointer(one["loc"][1:]), "does not hold") for one in error.errors())
    return _told(Problem("invalid-input", f"{len(faults)} parts of the request do not hold; see `errors`.", faults))


async def _tell_unforeseen(request: Request, _: Exception) -> Response:
    # The exception goes on to the guard, which logs it under this id.
    reference = request.scope.get("state", {}).get("request_id", "unknown")
    return _told(Problem("internal-error", f"This is our fault; it is logged as {reference}."))
