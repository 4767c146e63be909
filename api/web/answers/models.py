"""What may be asked: the requests, without the profile, which has a schema of its own that the vocabulary gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from engine.matching import Match
from engine.plan import Limits, Point
from engine.questions import TOP
from engine.recommendation import MARGIN
from kb.records.profile import MAX_PROBLEM

ProfileMember = Annotated[
    dict[str, Any], Field(description="The organisation, as in a profile file; `{}` if nothing is known.")
]
Amount = Annotated[float | None, Field(ge=0, le=1e9)]


class Request(BaseModel):
    """A request as a whole; what it does not name is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class MatchRequest(Request):
    """Words to find challenges for."""

    text: Annotated[str, Field(min_length=1, max_length=MAX_PROBLEM, description="What goes wrong, in plain words.")]
    top: Annotated[int | None, Field(ge=1, le=1000, description="How many challenges to name; all unless given.")] = (
        None
    )


class RecommendationRequest(Request):
    """An organisation to find solutions for."""

    profile: ProfileMember
    weights: Annotated[
        dict[str, float] | None,
        Field(
            description="What criteria count for, where not as the catalogue has it; the others are scaled so that all add up to one."
        ),
    ] = None
    margin: Annotated[
        float,
        Field(ge=0, le=1, description="By how much a solution must lead to be a clear winner, and a weight may move."),
    ] = MARGIN
    first: Annotated[
        int | None,
        Field(
            ge=0,
            le=1000,
            description="How many recommendations and blocked solutions to tell, the best of each; all unless given. All are counted.",
        ),
    ] = None


class ExplanationRequest(Request):
    """A solution to explain to an organisation."""

    profile: ProfileMember
    solution: Annotated[str, Field(description="Id of a solution.")]


class ProfileComparison(Request):
    """Two organisations to compare."""

    a: Annotated[dict[str, Any], Field(description="The organisation before, or the first one.")]
    b: Annotated[dict[str, Any], Field(description="The organisation after, or the second one.")]


class ReleaseComparison(Request):
    """Two kept releases of the catalogue to compare, for one organisation."""

    a: Annotated[str, Field(description="Version of the release before.")]
    b: Annotated[str, Field(description="Version of the release after.")]
    profile: ProfileMember = {}


class PlanRequest(Request):
    """An organisation to make a roadmap for; limits that are not given come from its tiers."""

    profile: ProfileMember
    euros: Annotated[Amount, Field(description="Money in all.")] = None
    person_weeks: Annotated[float | None, Field(ge=0, le=1e6, description="Working time in all.")] = None
    weeks: Annotated[float | None, Field(ge=0, le=1040, description="Time in all.")] = None
    parallel: Annotated[
        int | None, Field(ge=1, le=100, description="How many things may be under way at once; 3 unless given.")
    ] = None
    pareto: Annotated[bool, Field(description="Give the front of money against coverage instead of one plan.")] = False


class QuestionRequest(Request):
    """An interview, as far as it has come."""

    profile: ProfileMember
    answered: Annotated[
        list[str],
        Field(max_length=200, description="Facets that were asked for and are not to be asked again, known or not."),
    ] = []
    top: Annotated[int, Field(ge=1, le=48, description="How many of the first solutions have to be settled.")] = TOP


@dataclass(frozen=True)
class Matched:
    """Challenges that words speak of, best first; at most one is `confident`, that is, good enough to act upon."""

    text: str
    catalogue: str
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class Front:
    """Money against coverage, dearest first."""

    catalogue: str
    limits: Limits
    points: tuple[Point, ...]
