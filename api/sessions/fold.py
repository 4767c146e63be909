"""From a log to a state: `apply` takes one event in, `fold` all of them. What is in a log is never refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from api.sessions import events as e
from api.sessions.state import (
    EMPTY,
    NOTHING,
    Bounds,
    Decided,
    Fact,
    Given,
    Held,
    Overridden,
    Person,
    Proposed,
    Record,
    RoundState,
    State,
)

ASIDE = ("challenges", "id", "label", "about", "fictional")
"""Members of a profile that are no fields of the shared one: challenges are rated, the others name it."""


def fold(records: Iterable[Record], state: State = EMPTY) -> State:
    """The state after some more events."""
    return reduce(apply, records, state)


def apply(state: State, record: Record) -> State:
    """The state after one more event.

    Raises:
        ValueError: if the event is not the next one.
    """
    if record.seq != state.seq + 1:
        raise ValueError(f"event {record.seq} does not follow {state.seq}")
    state = replace(state, seq=record.seq, last=record.at)
    return _APPLY[type(record.event)](state, record, record.event)


def subject(event: e.Event) -> str | None:
    """What an event changes, for those that can be in conflict; an undo changes what the undone event did.

    >>> subject(e.Limits(kind="limits", seen=3))
    'limits'
    """
    match event:
        case e.Round() | e.Timer() | e.Reveal():
            return "round"
        case e.Proposal() | e.Acceptance():
            return f"profile/{event.field}"
        case e.Limits():
            return "limits"
        case e.Override():
            return f"override/{event.solution}"
        case e.Decision() | e.Dissent():
            return f"decision/{event.solution}"
        case e.RoleGiven() | e.Removal():
            return "people"
        case e.Edition():
            return "edition"
        case e.Closing() | e.Reopening():
            return "session"
    return None


def _with(held: Mapping[Any, Any], key: Any, value: Any) -> Mapping[Any, Any]:
    return {**held, key: value}


def _touch(state: State, name: str) -> State:
    return replace(state, touched=_with(state.touched, name, state.seq))


def _set(state: State, name: str, value: Any) -> State:
    """Give a subject another value, and keep the one before for an undo."""
    before = state.subjects.get(name)
    left = {seq: held for seq, held in state.before.items() if held[0] != name}  # only the latest can be undone
    subjects = {key: held for key, held in state.subjects.items() if key != name}
    if value is not None:
        subjects[name] = value
    return _touch(replace(state, subjects=subjects, before={**left, state.seq: (name, before)}), name)


def _creation(state: State, record: Record, event: e.Creation) -> State:
    facts = {
        f"profile/{name}": Fact(Held(value, record.seq, record.by))
        for name, value in event.profile.items()
        if name not in ASIDE and value is not None
    }
    return replace(
        state,
        began=record.at,
        title=event.title,
        catalogue=event.catalogue,
        anonymous=event.anonymous,
        agree=event.agree,
        retention_days=event.retention_days,
        people={record.by: Person(record.by, event.name, "facilitator", record.at)},
        severities=dict(event.profile.get("challenges") or {}),
        rounds=(RoundState(1, record.at),),
        subjects=facts,
    )


def _arrival(state: State, record: Record, event: e.Arrival) -> State:
    person = Person(record.by, event.name, "participant", record.at)
    return replace(state, people=_with(state.people, record.by, person))


def _in_round(state: State, **changes: Any) -> State:
    return replace(state, rounds=(*state.rounds[:-1], replace(state.round, **changes)))


def _rating(state: State, record: Record, event: e.Rating) -> State:
    ratings = state.round.ratings
    given = _with(ratings.get(event.challenge, NOTHING), record.by, Given(event.severity, event.comment))
    return _in_round(state, ratings=_with(ratings, event.challenge, given))


def _round(state: State, record: Record, event: e.Round) -> State:
    challenges = None if event.challenges is None else tuple(dict.fromkeys(event.challenges))
    ends = None if event.seconds is None else record.at + event.seconds * 1000
    made = RoundState(state.round.number + 1, record.at, challenges, ends)
    return _touch(replace(state, rounds=(*state.rounds, made)), "round")


def _timer(state: State, record: Record, event: e.Timer) -> State:
    return _touch(_in_round(state, ends_at=record.at + event.seconds * 1000), "round")


def _reveal(state: State, record: Record, _: e.Reveal) -> State:
    return _touch(_in_round(state, revealed_at=record.at), "round")


def _proposal(state: State, record: Record, event: e.Proposal) -> State:
    name = f"profile/{event.field}"
    fact = state.subjects.get(name) or Fact()
    proposals = {person: held for person, held in fact.proposals.items() if person != record.by}
    if event.value is not None:
        proposals[record.by] = Proposed(event.value, event.comment, record.seq)
    agreed = state.agree is not None and len(proposals) >= state.agree
    if agreed and all(held.value == event.value for held in proposals.values()):
        return _set(state, name, Fact(Held(event.value, record.seq, None)))
    # What was settled before can no longer be undone alone: somebody has spoken since.
    left = {seq: held for seq, held in state.before.items() if held[0] != name}
    changed = _with(state.subjects, name, Fact(fact.held, proposals))
    return _touch(replace(state, subjects=changed, before=left), name)


def _acceptance(state: State, record: Record, event: e.Acceptance) -> State:
    held = None if event.value is None else Held(event.value, record.seq, record.by)
    return _set(state, f"profile/{event.field}", Fact(held))


def _limits(state: State, _: Record, event: e.Limits) -> State:
    return _set(state, "limits", Bounds(event.euros, event.person_weeks, event.weeks, event.parallel))


def _override(state: State, record: Record, event: e.Override) -> State:
    lifted = event.choice is None and event.quarter is None
    value = None if lifted else Overridden(event.choice, event.quarter, record.seq)
    return _set(state, f"override/{event.solution}", value)


def _decision(state: State, record: Record, event: e.Decision) -> State:
    made = Decided(event.decision, event.owner, event.date, event.reason, record.by, record.at, record.seq)
    return _set(state, f"decision/{event.solution}", made)


def _dissent(state: State, record: Record, event: e.Dissent) -> State:
    name = f"decision/{event.solution}"
    decided = state.subjects[name]
    dissents = {person: why for person, why in decided.dissents.items() if person != record.by}
    if not event.withdrawn:
        dissents[record.by] = event.reason
    changed = _with(state.subjects, name, replace(decided, dissents=dissents))
    left = {seq: held for seq, held in state.before.items() if held[0] != name}
    return _touch(replace(state, subjects=changed, before=left), name)


def _undo(state: State, _: Record, event: e.Undo) -> State:
    name, before = state.before[event.event]
    return _set(state, name, before)


def _role(state: State, record: Record, event: e.RoleGiven) -> State:
    people = dict(state.people)
    if event.role == "facilitator":
        people = {
            key: replace(held, role="co-facilitator") if held.role == "facilitator" else held
            for key, held in people.items()
        }
    people[event.person] = replace(people[event.person], role=event.role)
    return _touch(replace(state, people=people), "people")


def _removal(state: State, _: Record, event: e.Removal) -> State:
    person = replace(state.people[event.person], removed=True, role="participant")
    ratings = {
        challenge: {by: given for by, given in held.items() if by != event.person}
        for challenge, held in state.round.ratings.items()
    }
    if state.round.revealed_at is None:
        state = _in_round(state, ratings={challenge: held for challenge, held in ratings.items() if held})
    facts = {
        key: Fact(held.held, {by: value for by, value in held.proposals.items() if by != event.person})
        for key, held in state.subjects.items()
        if isinstance(held, Fact) and event.person in held.proposals
    }
    for name in facts:
        state = _touch(state, name)
    people = _with(state.people, event.person, person)
    return _touch(replace(state, people=people, subjects={**state.subjects, **facts}), "people")


def _access(state: State, _: Record, __: e.Access) -> State:
    return state


def _edition(state: State, _: Record, event: e.Edition) -> State:
    return _touch(replace(state, catalogue=event.catalogue), "edition")


def _closing(state: State, record: Record, _: e.Closing) -> State:
    return _touch(replace(state, closed_at=record.at), "session")


def _reopening(state: State, _: Record, __: e.Reopening) -> State:
    return _touch(replace(state, closed_at=None), "session")


_APPLY: Mapping[type[e.Event], Callable[[State, Record, Any], State]] = {
    e.Creation: _creation, e.Arrival: _arrival, e.Rating: _rating, e.Round: _round, e.Timer: _timer, e.Reveal: _reveal,
    e.Proposal: _proposal, e.Acceptance: _acceptance, e.Limits: _limits, e.Override: _override, e.Decision: _decision,
    e.Dissent: _dissent, e.Undo: _undo, e.RoleGiven: _role, e.Removal: _removal, e.Access: _access, e.Edition: _edition,
    e.Closing: _closing, e.Reopening: _reopening,
}  # fmt: skip
