"""Tails the logs of the sessions that somebody follows here, and hands on what is new.

Every process does so for itself, by one query for all its sessions, so that it makes no difference which process wrote an event.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from api.sessions import events as e
from api.sessions.fold import apply, fold
from api.sessions.state import Record, State
from api.sessions.view import Told, tell_all
from api.web.logs import event, told
from api.workspace.store import NoAccessError, Workspace

_RECENT = 512
"""Events of a session that are kept ready for those who come back."""
_QUEUE = 256
"""Events that may wait for a follower; one who is slower is let go, and resumes from what it has."""
_STREAMS = 8
"""Streams that one person may have; the oldest gives way to another."""
_REST = 0.01
"""Seconds between two looks at least, so that one finds what several people wrote."""
_PRESENCE = 5.0
"""Seconds after which it is looked whether the sessions are still there."""


@dataclass(frozen=True)
class End:
    """Why a stream ends, in a word."""

    why: str


class Follower:
    """Somebody who follows a session.

    Args:
        session: which.
        person: who.
        state: the session when they began; all events after it wait in the queue.
    """

    def __init__(self, session: str, person: str, state: State) -> None:
        self.session, self.person, self.state = session, person, state
        self._queue: asyncio.Queue[Told | End] = asyncio.Queue()
        self._ended = False

    def give(self, what: Told | End) -> None:
        """Put something into the queue; nothing follows an end."""
        if self._ended:
            return
        if self._queue.qsize() >= _QUEUE:
            while not self._queue.empty():
                self._queue.get_nowait()
            what = End("slow")
        self._ended = isinstance(what, End)
        self._queue.put_nowait(what)

    async def next(self) -> list[Told | End]:
        """All that waits, in order; waits for something. A busy server so sends more at a time, not later and later."""
        found = [await self._queue.get()]
        while not self._queue.empty():
            found.append(self._queue.get_nowait())
        return found


class _Room:
    """A session that is followed here."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.recent: deque[Told] = deque(maxlen=_RECENT)
        self.followers: list[Follower] = []

    def feed(self, records: Iterable[Record]) -> None:
        for record in records:
            if record.seq <= self.state.seq:
                continue
            before, self.state = self.state, apply(self.state, record)
            held = Told(record, before, self.state)
            self.recent.append(held)
            over = record.event.person if isinstance(record.event, (e.Removal, e.Access)) else None
            for follower in self.followers:
                follower.give(held)
                if follower.person == over:
                    follower.give(End("access"))

    def end(self, why: str) -> None:
        for follower in self.followers:
            follower.give(End(why))


class Hub:
    """Follows logs for this process.

    Args:
        workspace: where the logs are.
        seconds: how often it is looked for news.
    """

    def __init__(self, workspace: Workspace, seconds: float) -> None:
        self._workspace, self._seconds = workspace, seconds
        self._rooms: dict[str, _Room] = {}
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tail")
        self._looked = 0.0
        self._failing = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tails as long as the context lasts."""
        task = asyncio.create_task(self._tail())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            for room in self._rooms.values():
                room.end("stopping")
            self._thread.shutdown(wait=False, cancel_futures=True)

    def wake(self) -> None:
        """Look for news at once, since something was written here."""
        self._wake.set()

    @contextlib.asynccontextmanager
    async def follow(self, session: str, person: str, seen: State) -> AsyncIterator[Follower]:
        """Follow a session, from a state that was just read or a later one.

        What is followed here is told a moment after it was written, so that it may not know yet that the person came in.
        """
        room = self._rooms.setdefault(session, _Room(seen))
        made = Follower(session, person, max(seen, room.state, key=lambda state: state.seq))
        mine = [f for f in room.followers if f.person == person]
        for oldest in mine[: len(mine) + 1 - _STREAMS]:
            oldest.give(End("replaced"))
            room.followers.remove(oldest)
        room.followers.append(made)
        self._wake.set()
        try:
            yield made
        finally:
            if made in room.followers:
                room.followers.remove(made)
            if not room.followers and self._rooms.get(session) is room:
                del self._rooms[session]

    async def since(self, follower: Follower, after: int) -> list[Told] | None:
        """What happened after an event and before somebody began to follow; nothing if the log never came that far."""
        until = follower.state.seq
        if after <= until:
            room = self._rooms.get(follower.session)
            kept = [] if room is None else [t for t in room.recent if after < t.record.seq <= until]
            if len(kept) == until - after:
                return kept
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._read, follower.session, after, until)

    def _read(self, session: str, after: int, until: int) -> list[Told] | None:
        if (
            after > until
        ):  # written by another process a moment ago, or before the workspace was restored to an earlier moment
            return [] if self._workspace.state(session).seq >= after else None
        return read_told(self._workspace, session, after, until)

    async def _tail(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._seconds if self._rooms else None)
            self._wake.clear()
            known = {session: room.state.seq for session, room in self._rooms.items()}
            try:
                news = await loop.run_in_executor(self._thread, self._workspace.news, known)
                gone: set[str] = set()
                if loop.time() - self._looked > _PRESENCE:
                    self._looked = loop.time()
                    gone = set(known) - await loop.run_in_executor(self._thread, self._workspace.present, list(known))
                self._failing = False
            except Exception as error:  # the database is away, or an event is of a kind that only a newer version knows
                if not self._failing:
                    event("tail-failed", "error", failure=told(error))
                self._failing = True
                await asyncio.sleep(1)
                continue
            for session, records in news.items():
                self._feed(session, records)
            for session in gone:
                if session in self._rooms:
                    self._rooms.pop(session).end("deleted")
            await asyncio.sleep(_REST)

    def _feed(self, session: str, records: list[Record]) -> None:
        room = self._rooms.get(session)
        if room is None:
            return
        try:
            room.feed(records)
        except Exception as error:
            event("tail-failed", "error", failure=told(error))
            del self._rooms[session]
            room.end("slow")  # they come back, and begin with the state as it is


def read_told(workspace: Workspace, session: str, after: int, most: int) -> list[Told]:
    """Events from the log, each with what it changed: those after one of them, up to another."""
    log = workspace.log(session, 0, most)
    if not log:
        raise NoAccessError
    return tell_all(log[after:], fold(log[:after]))
