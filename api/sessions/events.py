"""What can happen in a session: one model for each kind of event. What is sent to the server is what is kept in the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_PEOPLE = 100
FEWEST_RATERS = 3
"""Results of a round are shown only where so many have judged: of two, each would know what the other said."""

Name = Annotated[
    str, Field(min_length=1, max_length=60, pattern=r"^\S(.*\S)?$", description="What others call this person.")
]
Note = Annotated[str, Field(min_length=1, max_length=2000)]
PersonId = Annotated[str, Field(pattern=r"^p[1-9][0-9]{0,5}$", description="Somebody in the session, such as `p3`.")]
Seen = Annotated[
    int,
    Field(
        ge=0,
        le=2**31,
        description="The `seq` of the session as the sender saw it. If what this event changes was changed since, nothing is done and "
        "problem `conflict` tells what happened.",
    ),
]
Challenge = Annotated[str, Field(max_length=100, description="Id of a challenge.")]
Solution = Annotated[str, Field(max_length=100, description="Id of a solution.")]
Role = Literal["facilitator", "co-facilitator", "participant"]


class Event(BaseModel):
    """Something that happened. Members that are not named here are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    kind: str


class Creation(Event):
    """The session began; always the first event."""

    kind: Literal["creation"] = "creation"
    title: Annotated[str, Field(min_length=1, max_length=200, description="What is planned.")]
    name: Name
    catalogue: Annotated[
        str, Field(max_length=40, description="The release of the catalogue that all answers come from.")
    ]
    profile: Annotated[
        dict[str, Any], Field(description="The organisation as far as it is known, as in a profile file.")
    ] = {}
    anonymous: Annotated[bool, Field(description="Whether nobody learns who gave which rating.")] = True
    agree: Annotated[
        int | None,
        Field(
            ge=2,
            le=MOST_PEOPLE,
            description="So many equal proposals, and no other, are accepted without the facilitator.",
        ),
    ] = None
    retention_days: Annotated[
        int, Field(ge=1, le=3650, description="Days after the last event until the session is deleted.")
    ] = 365


class Arrival(Event):
    """Somebody joined."""

    kind: Literal["arrival"] = "arrival"
    name: Name


class Rating(Event):
    """How bad a challenge is, in the view of whoever sends it; a later one of the same round replaces it."""

    kind: Literal["rating"]
    challenge: Challenge
    severity: Annotated[
        int | None,
        Field(
            ge=0,
            le=5,
            description="0: not our problem; 1 minor, 2 noticeable, 3 serious, 4 severe, 5 critical; null: I can't judge.",
        ),
    ]
    comment: Annotated[Note | None, Field(description="Why; shown to others without a name where people disagree.")] = (
        None
    )
    round: Annotated[
        int | None,
        Field(
            ge=1,
            le=2**31,
            description="The round that is meant: what comes late, from a phone that slept, is refused then.",
        ),
    ] = None


class Round(Event):
    """A new round of rating begins. The first is open from the start, so that people can rate ahead of the meeting."""

    kind: Literal["round"]
    challenges: Annotated[
        list[Challenge] | None,
        Field(min_length=1, max_length=200, description="What to rate; everything unless given."),
    ] = None
    seconds: Annotated[int | None, Field(ge=10, le=86_400, description="For how long the timer runs.")] = None
    seen: Seen


class Timer(Event):
    """The facilitator sets a clock for the round that is open. It reminds; ratings count until the reveal."""

    kind: Literal["timer"]
    seconds: Annotated[int, Field(ge=10, le=86_400, description="From now on.")]
    seen: Seen


class Reveal(Event):
    """The round ends and its results are shown. It cannot be undone: nobody forgets what was seen."""

    kind: Literal["reveal"]
    seen: Seen


class Proposal(Event):
    """What somebody takes to be true of the organisation; it replaces the sender's earlier one for this field."""

    kind: Literal["proposal"]
    field: Annotated[str, Field(max_length=60, description="A facet, or `in_place`, `tried`, `prefer`, `problem`.")]
    value: Annotated[Any, Field(description="As in a profile file; null takes the sender's proposal back.")]
    comment: Note | None = None


class Acceptance(Event):
    """The facilitator settles a field of the profile, and with it all proposals for it."""

    kind: Literal["acceptance"]
    field: Annotated[str, Field(max_length=60, description="A facet, or `in_place`, `tried`, `prefer`, `problem`.")]
    value: Annotated[Any, Field(description="As in a profile file; null: it is not known.")]
    seen: Seen


class Limits(Event):
    """What the roadmap may use; what is left out comes from the profile's tiers."""

    kind: Literal["limits"]
    euros: Annotated[float | None, Field(ge=0, le=1e9, description="Money in all.")] = None
    person_weeks: Annotated[float | None, Field(ge=0, le=1e6, description="Working time in all.")] = None
    weeks: Annotated[float | None, Field(ge=1, le=1040, description="Time in all.")] = None
    parallel: Annotated[int | None, Field(ge=1, le=100, description="How many things may be under way at once.")] = None
    seen: Seen


class Override(Event):
    """The room overrides the roadmap for one solution; without `choice` and `quarter` the override is lifted."""

    kind: Literal["override"]
    solution: Solution
    choice: Annotated[
        Literal["in", "out"] | None, Field(description="Keep it in, or leave it out, whatever that costs.")
    ] = None
    quarter: Annotated[int | None, Field(ge=1, le=80, description="The first quarter in which it may begin.")] = None
    seen: Seen


class Decision(Event):
    """What the room decided on a solution; a later one replaces it."""

    kind: Literal["decision"]
    solution: Solution
    decision: Literal["adopt", "trial", "hold", "reject"]
    owner: Annotated[str | None, Field(min_length=1, max_length=100, description="Who sees to it.")] = None
    date: Annotated[str | None, Field(pattern=r"^\d{4}-\d\d-\d\d$", description="By when, as 2027-03-31.")] = None
    reason: Note | None = None
    seen: Seen


class Dissent(Event):
    """Somebody does not agree with a decision, and wants that on record."""

    kind: Literal["dissent"]
    solution: Solution
    reason: Note | None = None
    withdrawn: Annotated[bool, Field(description="Takes the sender's dissent back.")] = False


class Undo(Event):
    """Takes back what an event changed, if nothing changed it since. The event stays in the log; an undo can be undone."""

    kind: Literal["undo"]
    event: Annotated[int, Field(ge=1, le=2**31, description="Its `seq`; one of the state's `undoable`.")]


class RoleGiven(Event):
    """Makes somebody co-facilitator, participant or facilitator; whoever hands the session over becomes co-facilitator."""

    kind: Literal["role"]
    person: PersonId
    role: Role
    seen: Seen


class Removal(Event):
    """Shows somebody out: their access ends, and their ratings in rounds not yet revealed no longer count."""

    kind: Literal["removal"]
    person: PersonId
    seen: Seen


class Access(Event):
    """Somebody got a new token, and all that they had before ended."""

    kind: Literal["access"] = "access"
    person: PersonId


class Edition(Event):
    """The session goes over to another release of the catalogue."""

    kind: Literal["edition"]
    catalogue: Annotated[str, Field(max_length=40, description="Its version.")]
    seen: Seen


class Closing(Event):
    """The session ends: it can be read and exported, and takes no more events but a reopening."""

    kind: Literal["closing"]
    seen: Seen


class Reopening(Event):
    """The session goes on."""

    kind: Literal["reopening"]
    seen: Seen


SENT: Mapping[str, type[Event]] = {
    "rating": Rating, "round": Round, "timer": Timer, "reveal": Reveal, "proposal": Proposal, "acceptance": Acceptance,
    "limits": Limits, "override": Override, "decision": Decision, "dissent": Dissent, "undo": Undo, "role": RoleGiven,
    "removal": Removal, "edition": Edition, "closing": Closing, "reopening": Reopening,
}  # fmt: skip
"""Kinds that are sent to `POST /v1/sessions/{id}/events`."""

KINDS: Mapping[str, type[Event]] = {"creation": Creation, "arrival": Arrival, "access": Access, **SENT}
"""Every kind there is in a log; the first three are written by operations of their own."""


def kept(event: Event) -> dict[str, Any]:
    """What the log keeps of an event besides its kind."""
    return event.model_dump(exclude_unset=True, exclude={"kind", "seen"})


def read(kind: str, data: Mapping[str, Any]) -> Event:
    """An event as the log keeps it.

    >>> read("rating", {"challenge": "data-drift", "severity": None})
    Rating(kind='rating', challenge='data-drift', severity=None, comment=None)
    """
    model = KINDS[kind]
    seen = {"seen": 0} if "seen" in model.model_fields else {}
    return model.model_validate({**data, **seen, "kind": kind})
