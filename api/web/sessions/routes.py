"""Routes of the planning sessions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from api.sessions import rules
from api.settings import Settings
from api.web.answers.desk import Desk
from api.web.answers.reading import JSON, envelope, from_json, parameters, read_body, refused
from api.web.answers.workers import Workers
from api.web.logs import event, told
from api.web.problems import Fault, Problem, pointer
from api.web.sessions import invitation, stream
from api.web.sessions.access import Access, key, token
from api.web.sessions.advice import Advice
from api.web.sessions.advised import ADVISED
from api.web.sessions.formats import FORMATS
from api.web.sessions.hub import Hub
from api.web.sessions.models import CreateRequest, JoinRequest, Nothing
from api.web.sessions.record import context, record
from api.web.sessions.service import MOST_EVENTS, Service, Visit
from api.workspace.database import WorkspaceError, settings_in_effect
from api.workspace.store import FullError, KeyReusedError, NoAccessError, NoCodeError, Workspace


class _Id(StringConvertor):
    """The id of a session in an address. `join` is none, and answers methods of its own alone."""

    regex = "(?!join(?:/|$))[^/]+"


register_url_convertor("session", _Id())
T = TypeVar("T")
FRESH = {"Cache-Control": "no-store"}
SVG = "image/svg+xml"
_PURGE = 3600.0
_TOKEN = HTTPBearer(auto_error=False, scheme_name="SessionToken", description="The token of a person in a session.")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_TOKEN)]
"""Declares the header for the documentation; `access.token` reads it."""


def router(workspace: Workspace, desk: Callable[[], Desk], settings: Settings) -> APIRouter:
    """The routes.

    Args:
        workspace: where sessions are; its tables are up to date.
        desk: gives the releases of the catalogue.
        settings: rates and limits.
    """
    service, hub, access = (
        Service(workspace, desk, settings),
        Hub(workspace, settings.session_poll_seconds),
        Access(settings),
    )
    workers, advisers = Workers("sessions", 6, settings.answer_seconds), Workers("advice", 2, settings.answer_seconds)
    advice = Advice(desk)

    async def run(work: Callable[[], T], by: Workers = workers) -> T:
        try:
            return await by.run(work)
        except Exception as error:
            raise _problem(error) from None

    async def visit(request: Request, session: str) -> Visit:
        return await run(lambda: service.visit(session, token(request)))

    async def body(request: Request) -> Any:
        parameters(request, ())
        return from_json(await read_body(request, settings.body_bytes))

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        await asyncio.to_thread(_say_settings, workspace)
        purging = asyncio.create_task(_purge(workspace))
        async with hub.running():
            yield
        purging.cancel()
        await asyncio.gather(purging, return_exceptions=True)
        workers.close()
        advisers.close()
        workspace.engine.dispose()

    made = APIRouter(prefix="/v1/sessions", tags=["sessions"], lifespan=lifespan)

    @made.post(
        "", operation_id="create_session", summary="Begin a planning session", status_code=201, response_model=None
    )
    async def create_session(request: Request) -> Response:
        """Whoever begins it is its facilitator. It stands on the current release of the catalogue until a facilitator goes over to another
        one.
        """
        counted = access.count("sessions", request)
        asked, once = envelope(CreateRequest, await body(request)), key(request)
        entry = await run(lambda: service.create(asked, once))
        return _json(entry, 201, {**counted, "Location": entry.url})

    @made.post(
        "/join", operation_id="join_session", summary="Come in by a join code", status_code=201, response_model=None
    )
    async def join_session(request: Request) -> Response:
        """No account is needed. Keep the token: it is shown once, and the same name cannot join again."""
        counted = access.count("joins", request)
        asked, once = envelope(JoinRequest, await body(request)), key(request)
        entry = await run(lambda: service.join(asked, once))
        hub.wake()
        return _json(entry, 201, {**counted, "Location": entry.url})

    @made.get(
        "/{session:session}", operation_id="read_session", summary="Read a session as it stands", response_model=None
    )
    async def read_session(request: Request, session: str, _: Bearer) -> Response:
        """All that you may see: nothing of others' ratings before a round is revealed, and then only what at least three said together."""
        parameters(request, ())
        found = await visit(request, session)
        return _json(service.snapshot(found))

    @made.delete(
        "/{session:session}",
        operation_id="delete_session",
        summary="Delete a session",
        status_code=204,
        response_model=None,
    )
    async def delete_session(request: Request, session: str, _: Bearer) -> Response:
        """Only the facilitator can. It is gone for good, from everything but backups."""
        parameters(request, ())
        found = await visit(request, session)

        def work() -> None:
            rules.check_facilitator(found.state, found.person)
            try:
                workspace.delete([session])
            except WorkspaceError as error:  # it is deleted, and its text is scrubbed away within the hour
                event("scrub-failed", "error", message=str(error))

        await run(work)
        return Response(status_code=204, headers=FRESH)

    @made.post(
        "/{session:session}/events",
        operation_id="send_event",
        summary="Do something in a session",
        status_code=201,
        response_model=None,
    )
    async def send_event(request: Request, session: str, _: Bearer) -> Response:
        """What is sent is put into the log, or refused as a whole. `seen` is the `seq` of what you had before you: if somebody has changed
        the same thing since, problem `conflict` tells what happened. With an `Idempotency-Key`, sending it again is safe.
        """
        parameters(request, ())
        raw, once = await read_body(request, settings.body_bytes), key(request)

        def work() -> tuple[dict[str, str], dict[str, Any], bool]:
            person = service.person(session, token(request))
            counted = access.count("events", request, f"{session}/{person}")
            return counted, *service.send(session, person, from_json(raw), once)

        counted, happened, again = await run(work)
        hub.wake()
        return _json(happened, 200 if again else 201, counted)

    @made.get(
        "/{session:session}/events",
        operation_id="read_events",
        summary="Read what happened, or follow it",
        response_model=None,
    )
    async def read_events(request: Request, session: str, _: Bearer) -> Response:
        """With `Accept: text/event-stream`, a stream of server-sent events: first `state` with the whole session, then `event` for each
        that follows. With `Last-Event-ID` or `after` it goes on behind that event instead. `end` says why the server ends it.
        """
        given = parameters(request, ("after", "limit"))
        after, limit = _whole(given, "after", 0, 2**31), _whole(given, "limit", 1, MOST_EVENTS)
        found = await visit(request, session)
        if request.scope.get("provender.head") or not _wants_stream(request):
            return _json(await run(lambda: service.log(found, after or 0, limit or MOST_EVENTS)))
        resumed = request.headers.get("last-event-id", "")
        if resumed.isdecimal() and len(resumed) < 11:
            after = int(resumed)
        return stream.response(hub, found, after, settings.session_heartbeat_seconds, lambda: visit(request, session))

    @made.post("/{session:session}/people/{person}/token", operation_id="renew_token", summary="Give somebody a new token", status_code=201,
               response_model=None)  # fmt: skip
    async def renew_token(request: Request, session: str, person: str, _: Bearer) -> Response:
        """All that this person had before end. For those who lost theirs, or fear that somebody else has it."""
        envelope(Nothing, await body(request))
        found = await visit(request, session)
        counted = access.count("events", request, f"{session}/{found.person}")
        entry = await run(lambda: service.renew(found, person))
        hub.wake()
        return _json(entry, 201, counted)

    def inviting(request: Request, found: Visit) -> tuple[str, str | None, str | None]:
        rules.check_leading(found.state, found.person)
        code = workspace.code(found.session)
        return code, *invitation.base_url(settings, request.scope["server"][1])

    @made.get(
        "/{session:session}/invitation",
        operation_id="read_invitation",
        summary="Read the join code and link",
        response_model=None,
    )
    async def read_invitation(request: Request, session: str, _: Bearer) -> Response:
        """For the facilitator and co-facilitators. The link carries an address that phones can reach; if there is none, `why` says what to
        do.
        """
        parameters(request, ())
        found = await visit(request, session)
        code, base, why = await run(lambda: inviting(request, found))
        return _json({"code": invitation.shown(code), "link": base and invitation.link(base, code), "why": why})

    @made.post(
        "/{session:session}/invitation",
        operation_id="renew_invitation",
        summary="Replace the join code",
        response_model=None,
    )
    async def renew_invitation(request: Request, session: str, _: Bearer) -> Response:
        """The code before no longer lets anybody in; those who are in stay."""
        envelope(Nothing, await body(request))
        found = await visit(request, session)
        counted = access.count("events", request, f"{session}/{found.person}")

        def work() -> tuple[str, str | None, str | None]:
            rules.check_leading(found.state, found.person)
            workspace.recode(session)
            return inviting(request, found)

        code, base, why = await run(work)
        return _json(
            {"code": invitation.shown(code), "link": base and invitation.link(base, code), "why": why}, 200, counted
        )

    @made.get(
        "/{session:session}/invitation.svg",
        operation_id="read_invitation_code",
        summary="Read the link as a QR code",
        response_model=None,
    )
    async def read_invitation_code(request: Request, session: str, _: Bearer) -> Response:
        """Problem `not-now` if there is no address that phones can reach."""
        parameters(request, ())
        found = await visit(request, session)

        def work() -> bytes:
            code, base, why = inviting(request, found)
            if base is None:
                raise rules.NotNow(str(why))
            return invitation.qr(invitation.link(base, code))

        return Response(await run(work), media_type=SVG, headers=FRESH)

    def advised(path: str, id_: str, summary: str, description: str, make: Callable[[Visit], bytes]) -> None:
        async def handler(request: Request, session: str, _: Bearer) -> Response:
            parameters(request, ())
            found = await visit(request, session)
            return Response(await run(lambda: make(found), by=advisers), 200, FRESH, JSON)

        told = {"operation_id": id_, "summary": summary, "description": description}
        made.add_api_route(f"/{{session:session}}/{path}", handler, methods=["GET"], response_model=None, **told)  # type: ignore[arg-type]

    for one in ADVISED:
        advised(one.path, one.id, one.summary, one.description, partial(one.answer, service, advice))

    @made.get(
        "/{session:session}/record",
        operation_id="read_record",
        summary="Take the decision record away",
        response_model=None,
    )
    async def read_record(request: Request, session: str, _: Bearer) -> Response:
        """What was decided and why, on which release, by whom, and who does not agree. `format` is one of markdown, json, csv, xlsx."""
        given = parameters(request, ("format",))
        if given.get("format", "json") not in FORMATS:
            raise refused([Fault("/format", f"is one of {', '.join(FORMATS)}")])
        found = await visit(request, session)
        media_type, ending, write = FORMATS[given.get("format", "json")]

        def work() -> bytes:
            edition = service.edition(found.state)
            return write(record(session, found.state, edition, advice), context(edition, found.state.title))

        name = {"Content-Disposition": f'attachment; filename="decisions.{ending}"'}
        return Response(await run(work, by=advisers), 200, {**FRESH, **name}, media_type)

    return made


def _say_settings(workspace: Workspace) -> None:
    """Log the settings on which durability rests, as this process's database says them."""
    with workspace.engine.connect() as connection:
        event("workspace-opened", database=workspace.engine.dialect.name, settings=settings_in_effect(connection))


async def _purge(workspace: Workspace) -> None:
    """Delete what has expired, every hour; each process does, and whoever comes second finds nothing."""
    while True:
        try:
            gone = await asyncio.to_thread(workspace.purge)
            if gone:
                event("purged", sessions=len(gone))
        except (SQLAlchemyError, WorkspaceError) as error:
            event("purge-failed", "error", failure=told(error))
        await asyncio.sleep(_PURGE)


def _problem(error: Exception) -> Exception:
    """What is told if this happened; itself if it should not have."""
    match error:
        case NoAccessError():
            return Problem(
                "unauthorised", "Send a token of this session as a bearer token; this one, or none, does not open it.",
                headers={**FRESH, "WWW-Authenticate": "Bearer"},
            )  # fmt: skip
        case NoCodeError():
            return Problem(
                "not-found", "No session has this join code; look whether it is typed as it is shown.", headers=FRESH
            )
        case KeyReusedError():
            return Problem("key-reused", "Take a new Idempotency-Key for something new.", headers=FRESH)
        case FullError():
            return Problem("session-full", "The log of this session is full; it can only be closed.", headers=FRESH)
        case rules.Forbidden():
            return Problem("forbidden", str(error), headers=FRESH)
        case rules.NotNow():
            return Problem("not-now", str(error), headers=FRESH)
        case rules.Invalid():
            return refused([Fault(pointer(where), text) for where, text in error.faults])
        case SQLAlchemyError():
            event("workspace-failed", "error", failure=told(error))
            return Problem(
                "unavailable",
                "The sessions' database does not answer; try again.",
                headers={**FRESH, "Retry-After": "2"},
            )
    return error


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    held = value.__dict__ if isinstance(value, BaseModel) else value
    content = json.dumps(held, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status, {**FRESH, **(headers or {})}, JSON)


def _whole(given: dict[str, str], name: str, low: int, high: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 11 and low <= int(text) <= high):
        raise refused([Fault(f"/{name}", f"is a whole number from {low} to {high:,}")])
    return int(text)


def _wants_stream(request: Request) -> bool:
    kinds = [part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")]
    return stream.MEDIA_TYPE in kinds
