"""Who may do what, and when: refuses an event before it enters a log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from api.sessions import events as e
from api.sessions.events import FEWEST_RATERS, MOST_PEOPLE
from api.sessions.fold import subject
from api.sessions.results import result
from api.sessions.state import State

LEADING = ("facilitator", "co-facilitator")
_BY_ANYBODY = (e.Rating, e.Proposal, e.Dissent)


class Refusal(Exception):
    """The event does not enter the log; says why."""


class Forbidden(Refusal):
    """This person may not do it."""


class NotNow(Refusal):
    """It does not fit how the session stands."""


class Stale(Refusal):
    """What it changes was changed by an event that the sender had not seen; `after` is what they had seen."""

    def __init__(self, message: str, after: int) -> None:
        super().__init__(message)
        self.after = after


class Invalid(Refusal):
    """A member does not hold: each with its place in the event and what is wrong."""

    def __init__(self, faults: Sequence[tuple[tuple[str | int, ...], str]]) -> None:
        super().__init__("; ".join(text for _, text in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Names:
    """What the session's catalogue knows.

    Args:
        challenges: ids that may be rated.
        solutions: ids that may be decided on.
        releases: versions that the session may go over to.
        check: raises `Invalid` for a field of a profile whose value does not hold; is given the field and the value.
        nearest: says which of some names is meant by a wrong one.
    """

    challenges: Collection[str]
    solutions: Collection[str]
    releases: Collection[str]
    check: Callable[[str, Any], None]
    nearest: Callable[[str, Collection[str]], str]


def check_arrival(state: State, name: str) -> str:
    """Refuse an arrival, or give the new person's id.

    Raises:
        Refusal: if the session takes nobody more, or has somebody of that name.
    """
    if state.closed_at is not None:
        raise NotNow("The session is closed; its facilitator can reopen it.")
    if len(state.present) >= MOST_PEOPLE:
        raise NotNow(f"There are {MOST_PEOPLE} people in the session, as many as it takes.")
    if any(held.name.casefold() == name.casefold() for held in state.present.values()):
        raise NotNow(
            f"Somebody called {name} is here already; join by another name, or ask the facilitator to let you in again."
        )
    return f"p{len(state.people) + 1}"


def check_access(state: State, by: str, person: str) -> None:
    """Refuse to give somebody a new token: people may ask for their own, the facilitator for anybody's, co-facilitators for participants'.

    Raises:
        Refusal: if it may not be.
    """
    asked = state.people.get(person)
    if asked is None or asked.removed:
        raise Invalid([(("person",), f"there is nobody {person!r} in the session")])
    role = state.people[by].role
    if by != person and role != "facilitator" and not (role == "co-facilitator" and asked.role == "participant"):
        raise Forbidden(
            "A new token is for oneself, by the facilitator for anybody, and by co-facilitators for participants."
        )


def check_leading(state: State, by: str) -> None:
    """Refuse anybody but the facilitator and co-facilitators.

    Raises:
        Forbidden: if it is somebody else.
    """
    if state.people[by].role not in LEADING:
        raise Forbidden("Only the facilitator and co-facilitators can do this.")


def check_facilitator(state: State, by: str) -> None:
    """Refuse anybody but the facilitator.

    Raises:
        Forbidden: if it is somebody else.
    """
    if state.people[by].role != "facilitator":
        raise Forbidden("Only the facilitator can do this.")


def check(state: State, by: str, event: e.Event, names: Names) -> None:
    """Refuse an event, or do nothing.

    Args:
        state: of the session.
        by: who sends it.
        event: what was sent.
        names: what the session's catalogue knows.

    Raises:
        Refusal: if it may not enter the log.
    """
    _allowed(state, by, event)
    if state.closed_at is not None and not isinstance(event, e.Reopening):
        raise NotNow("The session is closed; its facilitator can reopen it.")
    about, seen = subject(event), getattr(event, "seen", None)
    if about is not None and seen is not None and state.touched.get(about, 0) > seen:
        raise Stale(f"Event {state.touched[about]} changed this since; see `since`, then decide anew.", seen)
    _hold(state, event, names)


def _allowed(state: State, by: str, event: e.Event) -> None:
    if by not in state.present:
        raise Forbidden("You were shown out of this session.")
    if isinstance(event, _BY_ANYBODY):
        return
    if isinstance(event, e.RoleGiven):
        check_facilitator(state, by)
    else:
        check_leading(state, by)


def _known(where: str, name: str, known: Collection[str], what: str, names: Names) -> None:
    if name not in known:
        raise Invalid([((where,), f"there is no {what} {name!r}; {names.nearest(name, known)}")])


def _hold(state: State, event: e.Event, names: Names) -> None:
    match event:
        case e.Rating():
            _known("challenge", event.challenge, names.challenges, "challenge", names)
            if event.round not in (None, state.round.number):
                raise NotNow(f"Round {event.round} is over, or not open yet; round {state.round.number} is the latest.")
            if state.round.revealed_at is not None:
                raise NotNow(f"Round {state.round.number} was revealed; wait until the facilitator opens another.")
            if state.round.challenges is not None and event.challenge not in state.round.challenges:
                raise NotNow(f"{event.challenge} is not rated in this round.")
        case e.Round():
            for at, challenge in enumerate(event.challenges or ()):
                if challenge not in names.challenges:
                    text = f"there is no challenge {challenge!r}; {names.nearest(challenge, names.challenges)}"
                    raise Invalid([(("challenges", at), text)])
            if state.round.revealed_at is None:
                raise NotNow(f"Round {state.round.number} is open; reveal it first, or set its timer.")
        case e.Timer() | e.Reveal() if state.round.revealed_at is not None:
            raise NotNow(f"Round {state.round.number} was revealed already.")
        case e.Reveal() if not any(result(given, True) for given in state.round.ratings.values()):
            raise NotNow(f"No challenge was judged by {FEWEST_RATERS} people yet, and fewer are never shown.")
        case e.Proposal() | e.Acceptance():
            names.check(event.field, event.value)
        case e.Override() | e.Decision():
            _known("solution", event.solution, names.solutions, "solution", names)
            if isinstance(event, e.Override) and event.choice == "out" and event.quarter is not None:
                raise Invalid([(("quarter",), "does not go with `out`: what is left out has no quarter")])
        case e.Dissent():
            _dissent(state, event, names)
        case e.Undo():
            _undo(state, event)
        case e.RoleGiven() | e.Removal():
            _person(state, event)
        case e.Edition():
            _known("catalogue", event.catalogue, names.releases, "release", names)
        case e.Reopening() if state.closed_at is None:
            raise NotNow("The session is not closed.")


def _dissent(state: State, event: e.Dissent, names: Names) -> None:
    _known("solution", event.solution, names.solutions, "solution", names)
    if f"decision/{event.solution}" not in state.subjects:
        raise NotNow("There is no decision on this solution to dissent from.")


def _undo(state: State, event: e.Undo) -> None:
    if event.event > state.seq:
        raise Invalid([(("event",), f"there is no event {event.event}; the last is {state.seq}")])
    if event.event not in state.before:
        possible = ", ".join(map(str, sorted(state.before, reverse=True)[:5])) or "none"
        raise NotNow(
            f"Event {event.event} cannot be undone, or its subject was changed since; what can be: {possible}."
        )


def _person(state: State, event: e.RoleGiven | e.Removal) -> None:
    person = state.people.get(event.person)
    if person is None or person.removed:
        raise Invalid([(("person",), f"there is nobody {event.person!r} in the session")])
    if person.role == "facilitator":
        raise NotNow("The facilitator stays until the session is handed over: give somebody the role facilitator.")
