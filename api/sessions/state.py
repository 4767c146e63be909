"""What a session is after some events. Immutable: each event makes a new state, which shares what did not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from api.sessions.events import Event, Role

NOTHING: Mapping[Any, Any] = MappingProxyType({})
DAY = 86_400_000


@dataclass(frozen=True)
class Record:
    """An entry of the log.

    Args:
        seq: its place, from 1 without a gap.
        at: when, in milliseconds since 1970 (UTC).
        by: the person who did it.
        event: what it was.
    """

    seq: int
    at: int
    by: str
    event: Event


@dataclass(frozen=True)
class Person:
    """Somebody in the session."""

    id: str
    name: str
    role: Role
    joined_at: int
    removed: bool = False


@dataclass(frozen=True)
class Given:
    """A rating as it was given."""

    severity: int | None
    comment: str | None


@dataclass(frozen=True)
class RoundState:
    """A round of rating; `ratings` by challenge and person, `challenges` nothing if all may be rated."""

    number: int
    opened_at: int
    challenges: tuple[str, ...] | None = None
    ends_at: int | None = None
    revealed_at: int | None = None
    ratings: Mapping[str, Mapping[str, Given]] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """A value of the profile, and since which event it is held; `by` is nothing if the room's agreement settled it."""

    value: Any
    seq: int
    by: str | None


@dataclass(frozen=True)
class Proposed:
    """A value that somebody proposed."""

    value: Any
    comment: str | None
    seq: int


@dataclass(frozen=True)
class Fact:
    """All about one field of the profile: what is held, and what is proposed by whom."""

    held: Held | None = None
    proposals: Mapping[str, Proposed] = field(default_factory=dict)


@dataclass(frozen=True)
class Decided:
    """The standing decision on a solution; `dissents` by person, with the reason where one was given."""

    decision: str
    owner: str | None
    date: str | None
    reason: str | None
    by: str
    at: int
    seq: int
    dissents: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """A session.

    `touched` says for each subject which event changed it last; `before` what a subject was before an event that can be undone.
    """

    seq: int = 0
    began: int = 0
    last: int = 0
    title: str = ""
    catalogue: str = ""
    anonymous: bool = True
    agree: int | None = None
    retention_days: int = 365
    people: Mapping[str, Person] = field(default_factory=dict)
    severities: Mapping[str, int] = field(default_factory=dict)
    rounds: tuple[RoundState, ...] = ()
    subjects: Mapping[str, Any] = field(default_factory=dict)
    touched: Mapping[str, int] = field(default_factory=dict)
    before: Mapping[int, tuple[str, Any]] = field(default_factory=dict)
    closed_at: int | None = None

    @property
    def round(self) -> RoundState:
        """The latest round."""
        return self.rounds[-1]

    @property
    def expires(self) -> int:
        """When the session may be deleted, in milliseconds since 1970."""
        return self.last + self.retention_days * DAY

    @property
    def present(self) -> Mapping[str, Person]:
        """Those who were not shown out."""
        return {key: person for key, person in self.people.items() if not person.removed}

    def of(self, kind: str) -> dict[str, Any]:
        """Subjects of a kind by name: `profile`, `override`, `decision`."""
        head = f"{kind}/"
        return {key[len(head) :]: held for key, held in self.subjects.items() if key.startswith(head)}


@dataclass(frozen=True)
class Bounds:
    """What the roadmap may use, where the room said so."""

    euros: float | None = None
    person_weeks: float | None = None
    weeks: float | None = None
    parallel: int | None = None


@dataclass(frozen=True)
class Overridden:
    """How the room overrides the roadmap for a solution."""

    choice: str | None
    quarter: int | None
    seq: int


EMPTY = State()
