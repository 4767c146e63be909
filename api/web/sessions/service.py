"""What can be done with sessions, for one who has a token: from the workspace, told as that person may see it.

All of it blocks; run it in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from api.sessions import events as e
from api.sessions import rules
from api.sessions.fold import ASIDE
from api.sessions.state import State
from api.sessions.view import Told, seen_by, stamp
from api.settings import Settings
from api.web.answers.desk import Desk, Edition
from api.web.answers.reading import envelope, refused, shortened
from api.web.problems import Fault, Problem, pointer
from api.web.sessions.hub import read_told
from api.web.sessions.models import CreateRequest, Entry, JoinRequest, Snapshot
from api.workspace.store import Entered, NoAccessError, Workspace
from kb.records import nearest

MOST_EVENTS = 500
"""Events of one page of a log."""


@dataclass(frozen=True)
class Visit:
    """Somebody with a token that holds, and the session as it stands."""

    session: str
    person: str
    state: State


class Service:
    """Answers for one server.

    Args:
        workspace: where sessions are.
        desk: gives the releases of the catalogue.
        settings: how long sessions are kept.
    """

    def __init__(self, workspace: Workspace, desk: Callable[[], Desk], settings: Settings) -> None:
        self.workspace, self.desk, self._settings = workspace, desk, settings

    def visit(self, session: str, token: str | None) -> Visit:
        """Let somebody in by their token.

        Raises:
            NoAccessError: if it does not open this session.
        """
        if not token:
            raise NoAccessError
        person, state = self.workspace.enter(session, token)
        if person not in state.present:
            raise NoAccessError
        return Visit(session, person, state)

    def create(self, asked: CreateRequest, key: str | None) -> Entry:
        """Begin a session."""
        desk = self.desk()
        desk.current.profile(asked.profile)
        profile = {name: value for name, value in asked.profile.items() if value is not None}
        given = asked.model_dump(exclude={"profile", "retention_days"}, exclude_unset=True)
        days = min(asked.retention_days or self._settings.session_days, self._settings.session_days)
        creation = e.Creation(**given, profile=profile, catalogue=desk.publication.version, retention_days=days)
        return _entry(self.workspace.create(creation, key))

    def join(self, asked: JoinRequest, key: str | None) -> Entry:
        """Come in by a join code."""
        arrival = e.Arrival(name=asked.name)
        return _entry(self.workspace.join(asked.code, arrival, lambda s: rules.check_arrival(s, asked.name), key))

    def renew(self, visit: Visit, person: str) -> Entry:
        """Give somebody a new token."""

        def check(state: State) -> None:
            rules.check_access(state, visit.person, person)

        check(visit.state)  # before the name goes into an event
        return _entry(self.workspace.renew(visit.session, visit.person, person, check))

    def snapshot(self, visit: Visit) -> Snapshot:
        """The session as somebody sees it."""
        return snapshot(visit.session, visit.state, visit.person)

    def log(self, visit: Visit, after: int, most: int) -> dict[str, Any]:
        """A part of the log as somebody sees it."""
        last = visit.state.seq
        told = read_told(self.workspace, visit.session, after, min(after + most, last)) if after < last else []
        held = [one.to(visit.person) for one in told]
        return {"session": visit.session, "seq": last, "events": held, "more": after + len(held) < last}

    def person(self, session: str, token: str | None) -> str:
        """Whom a token stands for in a session.

        Raises:
            NoAccessError: if it does not open this session.
        """
        if not token:
            raise NoAccessError
        return self.workspace.person(session, token)

    def send(self, session: str, person: str, value: Any, key: str | None) -> tuple[dict[str, Any], bool]:
        """Take an event into the log.

        Returns:
            The event as its sender sees it, and whether it had come before.

        Raises:
            NoAccessError: if the session has expired or was deleted.
            Refusal: if it may not be.
            Problem: if it does not hold, or somebody changed the same since.
        """
        event = _event(value)

        def check(state: State) -> None:
            rules.check(state, person, event, self._names(state))
            if isinstance(event, e.Edition):
                self._check_edition(state, event)

        try:
            done = self.workspace.append(session, person, event, check, key)
        except rules.Stale as stale:
            happened = self._since(session, person, stale.after)
            raise Problem(
                "conflict", str(stale), headers={"Cache-Control": "no-store"}, extra={"since": happened}
            ) from None
        return Told(done.record, done.before, done.after).to(person), done.again

    def _since(self, session: str, person: str, after: int) -> list[dict[str, Any]]:
        """What somebody had not seen when they sent an event, as they may see it; the latest hundred."""
        last = self.workspace.state(session).seq
        told: list[Told] = read_told(self.workspace, session, max(after, last - 100), last)
        return [one.to(person) for one in told]

    def edition(self, state: State) -> Edition:
        """The release that a session stands on.

        Raises:
            NotNow: if it is kept no longer.
        """
        desk = self.desk()
        try:
            return desk.edition(state.catalogue)
        except KeyError:
            raise rules.NotNow(
                f"Release {state.catalogue} of the catalogue, on which the session stands, is not kept here; a facilitator can go over "
                f"to {desk.publication.version} by an event of kind `edition`."
            ) from None

    def _names(self, state: State) -> rules.Names:
        try:
            edition = self.edition(state)
        except rules.NotNow:
            edition = self.desk().current  # so that the session can still be closed, or go over to another release
        return names(edition, self.desk().releases)

    def _check_edition(self, state: State, event: e.Edition) -> None:
        from api.sessions.results import profile

        held = {name: value for name, value in profile(state).items() if name not in ASIDE}
        try:
            self.desk().edition(event.catalogue).profile(held, ("profile",))
        except Problem as problem:
            told = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in problem.errors)
            raise rules.NotNow(f"What the profile says does not hold in release {event.catalogue}: {told}") from None


def snapshot(session: str, state: State, person: str) -> Snapshot:
    """A session as somebody sees it."""
    return Snapshot.model_construct(
        session=session, seq=state.seq, expires_at=stamp(state.expires), state=seen_by(state, person)
    )


def names(edition: Edition, releases: Collection[str]) -> rules.Names:
    """What events may name that go into a session on this release."""

    def check(field: str, value: Any) -> None:
        if field in ASIDE:
            raise rules.Invalid(
                [(("field",), "is rated or set elsewhere; give a facet, in_place, tried, prefer or problem")]
            )
        try:
            edition.profile({field: value}, ())
        except Problem as problem:
            # The one member of this profile is not where the sender wrote it.
            head = pointer((field,))
            known = not any("is no facet" in fault.detail for fault in problem.errors)
            found = [
                Fault(f"/value{f.pointer.removeprefix(head)}" if known else "/field", f.detail) for f in problem.errors
            ]
            raise refused(found) from None

    def nearest_to(wrong: str, among: Collection[str]) -> str:
        return shortened(nearest(wrong[:100], among))

    return rules.Names(edition.challenges, edition.compiled.options, releases, check, nearest_to)


def _event(value: Any) -> e.Event:
    kind = value.get("kind") if isinstance(value, dict) else None
    if isinstance(value, dict) and kind not in e.SENT:
        said = "is missing" if kind is None else f"is no kind of event; {nearest(str(kind)[:100], e.SENT)}"
        raise refused([Fault("/kind", said)])
    return envelope(e.SENT.get(str(kind), e.Timer), value)


def _entry(entered: Entered) -> Entry:
    return Entry(
        session=entered.session,
        person=entered.person,
        token=entered.token,
        seq=entered.seq,
        url=f"/v1/sessions/{entered.session}",
    )
