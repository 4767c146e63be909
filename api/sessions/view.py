"""What a person may see of a session: its state, and the events of its log with how each changed that state.

State and changes hold nothing that its reader may not know: of a rating only that it was given, until its round is revealed, and then
only what enough people said together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from api.sessions import events as e
from api.sessions.fold import apply
from api.sessions.once import once
from api.sessions.results import results, severities
from api.sessions.state import Bounds, Decided, Given, Person, Record, RoundState, State

View = dict[str, Any]


def stamp(milliseconds: int) -> str:
    """A time in UTC.

    >>> stamp(250)
    '1970-01-01T00:00:00.250Z'
    """
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def told(value: Any) -> Any:
    """Without the members that are nothing: a merge patch (RFC 7396) could not say them."""
    if isinstance(value, Mapping):
        return {key: told(held) for key, held in value.items() if held is not None}
    if isinstance(value, (list, tuple)):
        return [told(held) for held in value]
    return value


@once
def _members(held: Any) -> View:
    """What a part of the state says, by name."""
    made: View = told(asdict(held))
    return made


@once
def _person(held: Person) -> View:
    removed = {"removed": True} if held.removed else {}
    return {"name": held.name, "role": held.role, "joined_at": stamp(held.joined_at), **removed}


@once
def _decided(held: Decided) -> View:
    dissents = {person: told({"reason": why}) for person, why in held.dissents.items()}
    return {**_members(held), "at": stamp(held.at), "dissents": dissents}


@once
def common(state: State) -> View:
    """What everybody in a session sees, whoever they are."""
    made: View = {
        "title": state.title,
        "catalogue": state.catalogue,
        "anonymous": state.anonymous,
        "agree": state.agree,
        "retention_days": state.retention_days,
        "closed_at": None if state.closed_at is None else stamp(state.closed_at),
        "round": len(state.rounds),
        "people": {key: _person(held) for key, held in state.people.items()},
        "rounds": {str(held.number): _round(held, state.anonymous) for held in state.rounds},
        "severities": severities(state),
        "profile": {},
        "proposals": {},
        "limits": _members(state.subjects.get("limits") or Bounds()),
        "overrides": {name: _members(held) for name, held in state.of("override").items()},
        "decisions": {name: _decided(held) for name, held in state.of("decision").items()},
        "undoable": {name: seq for seq, (name, _) in state.before.items()},
    }
    for name, fact in state.of("profile").items():
        if fact.held is not None:
            made["profile"][name] = _members(fact.held)
        if fact.proposals:
            made["proposals"][name] = {person: _members(held) for person, held in fact.proposals.items()}
    return {key: held for key, held in made.items() if held is not None}


@once
def _round(round_: RoundState, anonymous: bool) -> View:
    rated = {challenge: dict.fromkeys(given, True) for challenge, given in round_.ratings.items()}
    made: View = {
        "opened_at": stamp(round_.opened_at),
        "challenges": round_.challenges and list(round_.challenges),
        "ends_at": None if round_.ends_at is None else stamp(round_.ends_at),
        "rated": rated,
    }
    if round_.revealed_at is not None:
        made["revealed_at"] = stamp(round_.revealed_at)
        made["results"] = {
            challenge: {"too_few": True} if held is None else _members(held)
            for challenge, held in results(round_, anonymous).items()
        }
    return {key: held for key, held in made.items() if held is not None}


def own(state: State, person: str) -> View:
    """What only a person themself sees: their ratings, by round and challenge. One without `severity` says *can't judge*."""
    ratings: View = {}
    for round_ in state.rounds:
        mine = {c: given[person] for c, given in round_.ratings.items() if person in given}
        if mine:
            ratings[str(round_.number)] = {challenge: _given(held) for challenge, held in mine.items()}
    return {"person": person, "ratings": ratings}


def _given(held: Given) -> View:
    return {k: v for k, v in (("severity", held.severity), ("comment", held.comment)) if v is not None}


def _me(state: State, person: str) -> View:
    return {"me": own(state, person)} if person in state.people else {}


def seen_by(state: State, person: str) -> View:
    """The whole state as a person sees it."""
    return {**common(state), **_me(state, person)}


def patch(before: View, after: View) -> View:
    """The JSON Merge Patch (RFC 7396) that makes one view the other.

    >>> patch({"a": 1, "b": {"c": 1, "d": 2}}, {"b": {"c": 1, "d": 3}})
    {'a': None, 'b': {'d': 3}}
    """
    made: View = {key: None for key in before if key not in after}
    for key, value in after.items():
        old = before.get(key)
        if key not in before or (old is not value and old != value):
            both = isinstance(old, dict) and isinstance(value, dict)
            made[key] = patch(old, value) if both else value  # type: ignore[arg-type]
    return made


def patched(before: View, change: View) -> View:
    """A view with a JSON Merge Patch put in; what every reader of the event stream does."""
    made = dict(before)
    for key, value in change.items():
        if value is None:
            made.pop(key, None)
        elif isinstance(value, dict):
            old = made.get(key)
            made[key] = patched(old if isinstance(old, dict) else {}, value)
        else:
            made[key] = value
    return made


def data(record: Record, reader: str | None) -> View:
    """What a reader may know of an event itself: of somebody else's rating only the challenge."""
    held = e.kept(record.event)
    if isinstance(record.event, e.Rating) and record.by != reader:
        return {"challenge": record.event.challenge}
    return held


class Told:
    """An event as it is told: to whoever did it with their own view's change, to all others without.

    Args:
        record: the event.
        before: the session as it was.
        after: the session with the event.
    """

    def __init__(self, record: Record, before: State, after: State) -> None:
        self.record = record
        self._change = patch(common(before), common(after))
        self._mine = patch(_me(before, record.by), _me(after, record.by))

    def to(self, reader: str | None) -> View:
        """The event for a reader."""
        change = {**self._change, **self._mine} if reader == self.record.by else self._change
        return {
            "seq": self.record.seq,
            "at": stamp(self.record.at),
            "by": self.record.by,
            "kind": self.record.event.kind,
            "data": data(self.record, reader),
            "patch": change,
        }

    def text(self, reader: str | None) -> str:
        """The event for a reader, as JSON."""
        return json.dumps(self.to(reader), ensure_ascii=False, separators=(",", ":"))


def tell_all(records: Iterable[Record], state: State) -> list[Told]:
    """Several events in a row, of which the first follows a state."""
    made = []
    for record in records:
        after = apply(state, record)
        made.append(Told(record, state, after))
        state = after
    return made
