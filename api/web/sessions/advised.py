"""What a session's members can ask the engine: routes and documentation are made from this one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from api.web.sessions.advice import Advice, Changes, Options, Roadmap
from api.web.sessions.service import Service, Visit


@dataclass(frozen=True)
class Advised:
    """One thing to ask: its path below the session's, and what answers."""

    path: str
    id: str
    summary: str
    description: str
    kind: type[Any]
    ask: Callable[[Advice], Callable[..., Any]]

    @property
    def adapter(self) -> TypeAdapter[Any]:
        """Writes the answer, and knows its schema."""
        return _ADAPTERS[self.kind]

    def answer(self, service: Service, advice: Advice, visit: Visit) -> bytes:
        """The answer as JSON."""
        made = self.ask(advice)(visit.state, service.edition(visit.state))
        content: bytes = self.adapter.dump_json(made)
        return content


ADVISED = (
    Advised(
        "options",
        "read_options",
        "Say what the session's organisation can do",
        "The recommendation for the shared profile, with the revealed medians as severities, on the session's release; and the question "
        "that bears most on the first solutions.",
        Options,
        lambda advice: advice.options,
    ),
    Advised(
        "roadmap",
        "read_roadmap",
        "Make the session's roadmap, and say what its overrides cost",
        "A plan within the room's limits that keeps its overrides, the plan without them, and what each override costs. One that cannot be "
        "kept is in `unmet`, with the reason.",
        Roadmap,
        lambda advice: advice.roadmap,
    ),
    Advised(
        "changes",
        "read_changes",
        "Say what has changed in the catalogue since",
        "Records that differ between the session's release and the current one, what this changes for the organisation, and what became of "
        "the solutions on which the room decided.",
        Changes,
        lambda advice: advice.changes,
    ),
)
_ADAPTERS = {one.kind: TypeAdapter(one.kind) for one in ADVISED}
