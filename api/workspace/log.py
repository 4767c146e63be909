"""Reads logs from the database, and remembers the states that follow from them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, or_, select

from api.sessions import events as e
from api.sessions.fold import fold
from api.sessions.state import EMPTY, Record, State
from api.workspace.tables import EVENTS

COLUMNS = (EVENTS.c.seq, EVENTS.c.at, EVENTS.c.by, EVENTS.c.kind, EVENTS.c.data)
"""What makes a record."""
_KEPT = 256


def record_of(row: Any) -> Record:
    """The record that a row with `COLUMNS` holds."""
    return Record(row.seq, row.at, row.by, e.read(row.kind, row.data))


def read_log(connection: Connection, session: str, after: int = 0, most: int | None = None) -> list[Record]:
    """Events of a session after one of them, in order."""
    asked = select(*COLUMNS).where(EVENTS.c.session == session, EVENTS.c.seq > after).order_by(EVENTS.c.seq).limit(most)
    return [record_of(row) for row in connection.execute(asked)]


def read_news(connection: Connection, known: Mapping[str, int]) -> dict[str, list[Record]]:
    """Events of some sessions, at least one, after the last ones that are known, in one query; sessions without news are left out."""
    given: dict[str, object] = {}
    for n, (session, seq) in enumerate(known.items()):
        given |= {f"session{n}": session, f"seq{n}": seq}
    found: dict[str, list[Record]] = {}
    for row in connection.execute(_news(len(known)), given):
        found.setdefault(row.session, []).append(record_of(row))
    return found


@lru_cache
def _news(sessions: int) -> Select[Any]:
    """The question for so many sessions; put together once, since that takes far longer than the answer."""
    after = (
        and_(EVENTS.c.session == bindparam(f"session{n}"), EVENTS.c.seq > bindparam(f"seq{n}")) for n in range(sessions)
    )
    return select(EVENTS.c.session, *COLUMNS).where(or_(*after)).order_by(EVENTS.c.session, EVENTS.c.seq)


class States:
    """The states of the sessions that were asked for last, for threads that share them; the log has the last word."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, State] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, connection: Connection, session: str) -> State:
        """The state by the log: what is remembered, if the log still says so, and what came since."""
        with self._lock:
            known = self._held.get(session, EMPTY)
        found = read_log(connection, session, max(0, known.seq - 1))
        if known.seq:
            if found and (found[0].seq, found[0].at) == (known.seq, known.last):
                return fold(found[1:], known)
            found = read_log(connection, session)  # deleted, or restored to an earlier moment
        return fold(found)

    def keep(self, session: str, state: State) -> None:
        """Remember a state that is in the log for good; an empty one is forgotten."""
        with self._lock:
            if state.seq:
                self._held[session] = state
                self._held.move_to_end(session)
            else:
                self._held.pop(session, None)
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)
