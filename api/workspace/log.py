"""Reads logs from the database, and remembers the states that follow from them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Integer, String, column, select, values

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
    names = column("session", String), column("seq", Integer)
    wanted = values(*names, name="known").data(list(known.items())).cte("wanted")
    asked = (
        select(EVENTS.c.session, *COLUMNS)
        .select_from(wanted.join(EVENTS, (EVENTS.c.session == wanted.c.session) & (EVENTS.c.seq > wanted.c.seq)))
        .order_by(EVENTS.c.session, EVENTS.c.seq)
    )
    found: dict[str, list[Record]] = {}
    for row in connection.execute(asked):
        found.setdefault(row.session, []).append(record_of(row))
    return found


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
