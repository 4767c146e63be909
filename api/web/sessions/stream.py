"""The event stream of a session: server-sent events that can be resumed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import lru_cache

from sse_starlette import EventSourceResponse, ServerSentEvent

from api.sessions.view import Told
from api.web.problems import Problem
from api.web.sessions.hub import End, Follower, Hub
from api.web.sessions.service import Visit, snapshot
from api.workspace.store import NoAccessError

MEDIA_TYPE = "text/event-stream"
_RETRY = 1000
"""Milliseconds after which a browser comes back."""


def response(
    hub: Hub, visit: Visit, after: int | None, heartbeat: int, still: Callable[[], Awaitable[object]]
) -> EventSourceResponse:
    """The stream.

    Args:
        hub: hands on what happens.
        visit: who follows what.
        after: the last event that they have; nothing if they want to begin with the state.
        heartbeat: seconds of silence after which a comment is sent.
        still: raises if the token does not open the session any more.
    """
    return EventSourceResponse(
        _messages(hub, visit, after, still),
        ping=heartbeat,
        ping_message_factory=lambda: ServerSentEvent(comment="still here"),
        headers={"Cache-Control": "no-store"},
    )


async def _messages(
    hub: Hub, visit: Visit, after: int | None, still: Callable[[], Awaitable[object]]
) -> AsyncIterator[ServerSentEvent | bytes]:
    try:
        async for message in _followed(hub, visit, after, still):
            yield message
    except (NoAccessError, Problem) as error:  # the answer has begun, so that no status can say it
        yield _end("access" if isinstance(error, NoAccessError) else "unavailable")


async def _followed(
    hub: Hub, visit: Visit, after: int | None, still: Callable[[], Awaitable[object]]
) -> AsyncIterator[ServerSentEvent | bytes]:
    async with hub.follow(visit.session, visit.person, visit.state) as follower:
        await still()  # it could have ended between the first look and now, and then nothing would tell
        last = follower.state.seq
        if after is None:
            yield _state(follower)
        else:
            missed = await hub.since(follower, after)
            if missed is None:
                yield _state(follower)
            else:
                yield ServerSentEvent(comment="resumed", retry=_RETRY)
                for one in missed:
                    yield _event(one, visit.person == one.record.by)
                last = max(last, after)
        while True:
            happened = await follower.next()
            new = [one for one in happened if isinstance(one, Told) and one.record.seq > last]
            if new:
                yield b"".join(_event(one, visit.person == one.record.by) for one in new)
            if isinstance(happened[-1], End):
                yield _end(happened[-1].why)
                return


def _end(why: str) -> ServerSentEvent:
    return ServerSentEvent(json.dumps({"why": why}), event="end")


def _state(follower: Follower) -> ServerSentEvent:
    shown = snapshot(follower.session, follower.state, follower.person)
    return ServerSentEvent(
        json.dumps(shown.__dict__, ensure_ascii=False), event="state", id=str(shown.seq), retry=_RETRY
    )


@lru_cache(1024)
def _event(told: Told, own: bool) -> bytes:
    """An event for whoever did it, or for all others; made once for these."""
    text = told.text(told.record.by if own else None)
    return ServerSentEvent(text, event="event", id=str(told.record.seq)).encode()
