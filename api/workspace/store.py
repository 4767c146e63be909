"""Reads and writes logs. Every write is one transaction, and an event is there for good or not at all."""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.sessions import events as e
from api.sessions.fold import apply, fold
from api.sessions.state import DAY, EMPTY, Record, State
from api.workspace.database import reading, scrub, writing
from api.workspace.log import COLUMNS, States, read_log, read_news, record_of
from api.workspace.secret import code_of, hashed, new_code, new_token
from api.workspace.tables import EVENTS, SESSIONS, TOKENS

_TRIES = 5
T = TypeVar("T")


class NoAccessError(Exception):
    """The token does not open this session, or there is no such session; which of the two is not said."""


class NoCodeError(Exception):
    """No session has this join code."""


class KeyReusedError(Exception):
    """The idempotency key came before, with something else."""


class FullError(Exception):
    """The log has as many events as it may."""


@dataclass(frozen=True)
class Entered:
    """How somebody gets into a session; `token` is told once and kept by nobody but them."""

    session: str
    person: str
    token: str
    seq: int
    code: str


@dataclass(frozen=True)
class Appended:
    """An event that is in the log, and the states before and after it; `again` if it had come before by the same key."""

    record: Record
    before: State
    after: State
    again: bool


class Workspace:
    """The sessions of a database.

    Args:
        engine: from `database.open_engine`, migrated.
        most_events: how many events one log may have.
        now: gives the time in milliseconds since 1970.
    """

    def __init__(self, engine: Engine, most_events: int = 20_000, now: Callable[[], int] | None = None) -> None:
        self.engine, self._most = engine, most_events
        self.now = now or (lambda: time.time_ns() // 1_000_000)
        self._states, self._unclean = States(), False

    # Reading

    def person(self, session: str, token: str) -> str:
        """Whom a token stands for in a session; it ends when they are shown out.

        Raises:
            NoAccessError: if it stands for nobody there, any more or at all.
        """
        with reading(self.engine) as connection:
            return self._person(connection, session, token)

    def enter(self, session: str, token: str) -> tuple[str, State]:
        """Whom a token stands for in a session, and the session as it stands.

        Raises:
            NoAccessError: if it stands for nobody there, any more or at all, or the session has expired.
        """
        with reading(self.engine) as connection:
            person = self._person(connection, session, token)
            state = self._states.read(connection, session)
        return person, self._living(session, state)

    def _person(self, connection: Connection, session: str, token: str) -> str:
        digest = hashed(token)
        found = connection.execute(
            select(TOKENS.c.hash, TOKENS.c.session, TOKENS.c.person).where(
                TOKENS.c.hash == digest, TOKENS.c.revoked_at.is_(None)
            )
        ).first()
        if found is None or not (
            hmac.compare_digest(found.hash, digest) and hmac.compare_digest(found.session, session)
        ):
            raise NoAccessError
        return str(found.person)

    def state(self, session: str) -> State:
        """A session as it stands.

        Raises:
            NoAccessError: if there is none, or it has expired.
        """
        with reading(self.engine) as connection:
            state = self._states.read(connection, session)
        return self._living(session, state)

    def _living(self, session: str, state: State) -> State:
        self._states.keep(session, state)
        if not state.seq or state.expires < self.now():
            raise NoAccessError
        return state

    def peek(self, session: str) -> State | None:
        """A session as it stands, expired or not; nothing if there is none."""
        with reading(self.engine) as connection:
            state = self._states.read(connection, session)
        return state if state.seq else None

    def log(self, session: str, after: int = 0, most: int | None = None) -> list[Record]:
        """Events of a session after one of them, in order."""
        with reading(self.engine) as connection:
            return read_log(connection, session, after, most)

    def news(self, known: Mapping[str, int]) -> dict[str, list[Record]]:
        """Events of several sessions after the last ones that are known; sessions without news are left out."""
        with reading(self.engine) as connection:
            return read_news(connection, known) if known else {}

    def present(self, sessions: Sequence[str]) -> set[str]:
        """Those of some sessions that there are."""
        asked = select(SESSIONS.c.id).where(SESSIONS.c.id.in_(bindparam("ids", expanding=True)))
        with reading(self.engine) as connection:
            return set(connection.execute(asked, {"ids": list(sessions)}).scalars())

    def ids(self) -> list[str]:
        """Every session, in order of its id."""
        with reading(self.engine) as connection:
            return list(connection.execute(select(SESSIONS.c.id).order_by(SESSIONS.c.id)).scalars())

    def code(self, session: str) -> str:
        """The join code of a session.

        Raises:
            NoAccessError: if there is no such session.
        """
        with reading(self.engine) as connection:
            found = connection.execute(select(SESSIONS.c.join_code).where(SESSIONS.c.id == session)).scalar()
        if found is None:
            raise NoAccessError
        return str(found)

    # Writing

    def create(self, creation: e.Creation, key: str | None = None) -> Entered:
        """Begin a session. The same key again gives the same session, with another token for its facilitator.

        Raises:
            KeyReusedError: if the key came before with another creation.
        """
        made_with = None if key is None else hashed(f"create:{key}")
        sent = _digest(e.kept(creation))
        return self._repeated(lambda c: self._create(c, creation, made_with, sent))

    def _create(self, connection: Connection, creation: e.Creation, made_with: str | None, sent: str) -> Entered:
        if made_with is not None:
            known = connection.execute(
                select(SESSIONS.c.id, SESSIONS.c.join_code, EVENTS.c.sent)
                .join(EVENTS, (EVENTS.c.session == SESSIONS.c.id) & (EVENTS.c.seq == 1))
                .where(SESSIONS.c.made_with == made_with)
            ).first()
            if known is not None:
                if known.sent != sent:
                    raise KeyReusedError
                return self._let_in(connection, known.id, "p1", 1, known.join_code)
        session, code = secrets.token_urlsafe(16), new_code()
        connection.execute(insert(SESSIONS), {"id": session, "join_code": code, "made_with": made_with})
        self._insert(connection, session, 1, "p1", creation, None, sent)
        return self._let_in(connection, session, "p1", 1, code)

    def join(self, code: str, arrival: e.Arrival, admit: Callable[[State], str], key: str | None = None) -> Entered:
        """Let somebody in. The same key again gives the same person, with another token.

        Args:
            code: as it was typed.
            arrival: what goes into the log.
            admit: is given the state, and gives the new person's id or raises.
            key: the idempotency key.

        Raises:
            NoCodeError: if no session has this code.
            KeyReusedError: if the key came before with another arrival.
            FullError: if the log is full.
        """
        hashed_key = None if key is None else hashed(f"join:{key}")
        return self._repeated(lambda c: self._join(c, code_of(code), arrival, admit, hashed_key))

    def _join(
        self, connection: Connection, code: str, arrival: e.Arrival, admit: Callable[[State], str], key: str | None
    ) -> Entered:
        session = connection.execute(select(SESSIONS.c.id).where(SESSIONS.c.join_code == code)).scalar()
        if session is None:
            raise NoCodeError
        self._hold(connection, session)
        sent = _digest(e.kept(arrival))
        if key is not None:
            asked = select(EVENTS.c.by, EVENTS.c.seq, EVENTS.c.sent).where(
                EVENTS.c.session == session, EVENTS.c.kind == "arrival", EVENTS.c.key == key
            )
            known = connection.execute(asked).first()
            if known is not None:
                if known.sent != sent:
                    raise KeyReusedError
                return self._let_in(connection, session, known.by, known.seq, code)
        state = self._states.read(connection, session)
        if state.expires < self.now():
            raise NoCodeError
        person = admit(state)
        self._insert(connection, session, state.seq + 1, person, arrival, key, sent)
        return self._let_in(connection, session, person, state.seq + 1, code)

    def append(
        self, session: str, by: str, event: e.Event, check: Callable[[State], None], key: str | None = None
    ) -> Appended:
        """Put an event into the log, after all that were there before.

        Args:
            session: whose log.
            by: who does it.
            event: what is done.
            check: is given the state before the event, and raises if it may not be.
            key: the idempotency key; the same one again changes nothing and gives the event that is there.

        Raises:
            NoAccessError: if there is no such session, or it has expired.
            KeyReusedError: if the key came before with another event.
            FullError: if the log is full.
        """
        hashed_key = None if key is None else hashed(f"{by}:{key}")
        sent = None if key is None else _digest(event.model_dump())
        done = self._repeated(lambda c: self._append(c, session, by, event, check, hashed_key, sent))
        if not done.again:
            self._states.keep(session, done.after)
        return done

    def _append(
        self,
        connection: Connection,
        session: str,
        by: str,
        event: e.Event,
        check: Callable[[State], None],
        key: str | None,
        sent: str | None,
    ) -> Appended:
        self._hold(connection, session)
        state = self._states.read(connection, session)
        if not state.seq or state.expires < self.now():
            raise NoAccessError
        if key is not None:
            asked = select(*COLUMNS, EVENTS.c.sent).where(
                EVENTS.c.session == session, EVENTS.c.by == by, EVENTS.c.key == key
            )
            known = connection.execute(asked).first()
            if known is not None:
                if known.sent != sent:
                    raise KeyReusedError
                record, before = record_of(known), fold(read_log(connection, session, 0, known.seq - 1))
                return Appended(record, before, apply(before, record), True)
        check(state)
        record = self._insert(connection, session, state.seq + 1, by, event, key, sent)
        if isinstance(event, (e.Removal, e.Access)):
            connection.execute(
                update(TOKENS)
                .where(TOKENS.c.session == session, TOKENS.c.person == event.person, TOKENS.c.revoked_at.is_(None))
                .values(revoked_at=record.at)
            )
        return Appended(record, state, apply(state, record), False)

    def renew(self, session: str, by: str, person: str, check: Callable[[State], None]) -> Entered:
        """Give somebody a new token, and end all that they had.

        Raises:
            NoAccessError: if there is no such session.
        """

        def work(connection: Connection) -> Entered:
            done = self._append(connection, session, by, e.Access(person=person), check, None, None)
            return self._let_in(connection, session, person, done.record.seq, "")

        return self._repeated(work)

    def recode(self, session: str) -> str:
        """Give a session another join code; the one before no longer works.

        Raises:
            NoAccessError: if there is no such session.
        """
        code = new_code()
        with writing(self.engine) as connection:
            done = connection.execute(update(SESSIONS).where(SESSIONS.c.id == session).values(join_code=code))
            if not done.rowcount:
                raise NoAccessError
        return code

    def delete(self, sessions: Sequence[str]) -> None:
        """Delete sessions for good, also from the pages and journals of the database's files.

        Raises:
            WorkspaceError: if they are deleted, but their text may still be in the files; `purge` tries again.
        """
        if not sessions:
            return
        with writing(self.engine) as connection:
            for table, of in ((EVENTS, EVENTS.c.session), (TOKENS, TOKENS.c.session), (SESSIONS, SESSIONS.c.id)):
                connection.execute(delete(table).where(of.in_(sessions)))
        for session in sessions:
            self._states.keep(session, EMPTY)
        self._unclean = True
        self._clean()

    def purge(self) -> list[str]:
        """Delete what has expired; give the ids of what was.

        Raises:
            WorkspaceError: as `delete` does.
        """
        asked = select(EVENTS.c.session, func.max(EVENTS.c.at)).group_by(EVENTS.c.session)
        with reading(self.engine) as connection:
            # What was last touched today cannot have expired: the shortest retention is a day.
            stale = [session for session, last in connection.execute(asked) if last + DAY < self.now()]
            gone = [session for session in stale if self._states.read(connection, session).expires < self.now()]
        self.delete(gone)
        if self._unclean:
            self._clean()
        return gone

    def _clean(self) -> None:
        scrub(self.engine)
        self._unclean = False

    # Parts

    def _repeated(self, work: Callable[[Connection], T]) -> T:
        """Do it in a transaction; again if another process took the same place in the log."""
        for left in reversed(range(_TRIES)):
            try:
                with writing(self.engine) as connection:
                    return work(connection)
            except IntegrityError:
                if not left:
                    raise
        raise AssertionError

    def _hold(self, connection: Connection, session: str) -> None:
        """Keep other writers of this session out until the transaction ends; SQLite keeps all out by itself."""
        if self.engine.dialect.name != "sqlite":
            connection.execute(select(SESSIONS.c.id).where(SESSIONS.c.id == session).with_for_update())

    def _insert(
        self, connection: Connection, session: str, seq: int, by: str, event: e.Event, key: str | None, sent: str | None
    ) -> Record:
        if seq > self._most and not isinstance(event, e.Closing):
            raise FullError
        record = Record(seq, self.now(), by, event)
        connection.execute(
            insert(EVENTS),
            {
                "session": session, "seq": seq, "at": record.at, "by": by, "kind": event.kind, "data": e.kept(event),
                "key": key, "sent": sent,
            },
        )  # fmt: skip
        return record

    def _let_in(self, connection: Connection, session: str, person: str, seq: int, code: str) -> Entered:
        # Where a request is repeated, the token of the first answer holds too: the first request may be the one that comes last.
        token = new_token()
        connection.execute(
            insert(TOKENS), {"hash": hashed(token), "session": session, "person": person, "at": self.now()}
        )
        return Entered(session, person, token, seq, code)


def _digest(value: Any) -> str:
    return hashed(json.dumps(value, sort_keys=True))
