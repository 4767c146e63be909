"""What is sent to the sessions' routes, and what they answer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from api.sessions.events import Creation, Name
from api.web.answers.models import ProfileMember, Request

Title = Annotated[str, Field(min_length=1, max_length=200, description="What is planned.")]
_CREATION = Creation.model_fields


class CreateRequest(Request):
    """A session to begin, and who begins it."""

    title: Title
    name: Name
    profile: ProfileMember = Field(default_factory=dict)
    anonymous: Annotated[bool, Field(description="Whether nobody learns who gave which rating.")] = True
    agree: Annotated[
        int | None,
        Field(ge=2, le=100, description="So many equal proposals, and no other, are accepted without the facilitator."),
    ] = None
    retention_days: Annotated[
        int | None,
        Field(
            ge=1,
            le=3650,
            description="Days after the last event until the session is deleted; as many as this server keeps sessions unless given, and "
            "never more.",
        ),
    ] = None


class JoinRequest(Request):
    """Somebody who comes in."""

    code: Annotated[
        str, Field(min_length=1, max_length=40, description="The join code; case, spaces and dashes do not matter.")
    ]
    name: Name


class Nothing(Request):
    """No member; `{}`."""


class Entry(BaseModel):
    """The way into a session."""

    session: Annotated[str, Field(description="Its id.")]
    person: Annotated[str, Field(description="Who you are in it.")]
    token: Annotated[
        str, Field(description="Shown once. Send it as `Authorization: Bearer …`; whoever has it is this person.")
    ]
    seq: Annotated[int, Field(description="The event by which you came in.")]
    url: Annotated[str, Field(description="Where the session is.")]


class Snapshot(BaseModel):
    """A session as you may see it."""

    session: str
    seq: Annotated[int, Field(description="The last event that it shows.")]
    expires_at: Annotated[str, Field(description="When it will be deleted, unless something happens before.")]
    state: Annotated[dict[str, Any], Field(description="All that you may see; `patch` of later events changes it.")]


class Happening(BaseModel):
    """An event as you may see it."""

    seq: Annotated[int, Field(description="Its place in the log: from 1, without gaps.")]
    at: Annotated[str, Field(description="When, in UTC.")]
    by: Annotated[str, Field(description="Who did it.")]
    kind: Annotated[str, Field(description="What was done.")]
    data: Annotated[dict[str, Any], Field(description="What was sent; of others' ratings only the challenge.")]
    patch: Annotated[dict[str, Any], Field(description="What it changed in `state`: a JSON Merge Patch (RFC 7396).")]


class Happenings(BaseModel):
    """A part of the log."""

    session: str
    seq: Annotated[int, Field(description="The last event that there is.")]
    events: list[Happening]
    more: Annotated[bool, Field(description="Whether there are events after these; ask again with `after`.")]


class Invitation(BaseModel):
    """How people get in."""

    code: Annotated[str, Field(description="The join code, in two halves.")]
    link: Annotated[str | None, Field(description="An address that phones can reach, with the code behind its `#`.")]
    why: Annotated[str | None, Field(description="If there is no such address: why, and what to do.")]
