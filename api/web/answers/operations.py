"""What can be asked by POST, each with its path, its requests and its answers: routes and documentation are made from this one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import TypeAdapter

from api.web.answers.desk import Desk, Report
from api.web.answers.models import (
    ExplanationRequest,
    Front,
    Matched,
    MatchRequest,
    PlanRequest,
    ProfileComparison,
    QuestionRequest,
    RecommendationRequest,
    ReleaseComparison,
    Request,
)
from engine.answer import Answer
from engine.comparison import Comparison
from engine.explanation import Explanation
from engine.plan import Plan
from engine.questions import Interview


@dataclass(frozen=True)
class Operation:
    """One thing to ask.

    `requests` are the forms that a request may have, `answers` those of its answer. `slow` ones wait in a line of their own.
    """

    path: str
    id: str
    summary: str
    description: str
    requests: tuple[type[Request], ...]
    answers: tuple[type[Any], ...]
    answer: Callable[[Desk, Any, Report], Any]
    slow: bool = False

    def form(self, value: Any) -> type[Request]:
        """Which of the forms a request has."""
        if len(self.requests) > 1 and isinstance(value, dict) and isinstance(value.get("a"), str):
            return self.requests[1]
        return self.requests[0]


OPERATIONS = (
    Operation(
        "/v1/match",
        "match_text",
        "Find the challenges that plain words speak of",
        "All challenges in order of how well the words fit them. At most one is `confident`: well enough to act upon.",
        (MatchRequest,),
        (Matched,),
        lambda desk, asked, _: desk.match(asked),
    ),
    Operation(
        "/v1/recommendations",
        "recommend",
        "Say what an organisation can do about its data problems, what it cannot, and why",
        "Solutions that are feasible, best first, then those that may be; those that are blocked, with reasons; what to find out. "
        "A `problem` in words counts as a challenge of severity 3, marked `assumed`, if the match is confident. Where `Content-Location` "
        "comes with the answer, it is the address at which the same answer can be linked and cached.",
        (RecommendationRequest,),
        (Answer,),
        lambda desk, asked, _: desk.recommend(asked),
    ),
    Operation(
        "/v1/explanations",
        "explain_solution",
        "Explain a solution's verdict for an organisation",
        "What clashes, every smallest set of changes that would unlock it, and the nearest alternatives.",
        (ExplanationRequest,),
        (Explanation,),
        lambda desk, asked, _: desk.explain(asked),
    ),
    Operation(
        "/v1/comparisons",
        "compare",
        "Compare two organisations, or two releases of the catalogue for one organisation",
        "What differs, which challenges are met better or worse, and every solution that became feasible, blocked or undecided or moved, "
        "with the facts or limitations that did it. `a` and `b` are two profiles, or the versions of two releases.",
        (ProfileComparison, ReleaseComparison),
        (Comparison,),
        lambda desk, asked, _: desk.compare(asked),
    ),
    Operation(
        "/v1/plans",
        "make_plan",
        "Make a roadmap within money and time",
        "What to choose, what to gain for it, and when. Limits that are not given are the upper bounds of the profile's tiers, and "
        "`limits.assumed` says so. With `pareto`, the front of money against coverage instead.",
        (PlanRequest,),
        (Plan, Front),
        lambda desk, asked, report: desk.plan(asked, report),
        slow=True,
    ),
    Operation(
        "/v1/questions",
        "next_question",
        "Ask the question that bears most on the first solutions",
        "The next question with its reason, or that the first `top` are settled. Put each answer into the profile, name the facet in "
        "`answered` if it is not known, and ask again.",
        (QuestionRequest,),
        (Interview,),
        lambda desk, asked, _: desk.ask(asked),
    ),
)  # fmt: skip

ADAPTERS: Mapping[type[Any], TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for operation in OPERATIONS for kind in operation.answers
}


def to_json(answer: Any) -> bytes:
    """An answer as JSON, in one pass over the dataclasses."""
    return orjson.dumps(answer)
