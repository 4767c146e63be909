"""A small session that is really held, in memory, on the release that is served: from it come the examples of the documentation."""

from __future__ import annotations

from typing import Any

from api.sessions import events as e
from api.sessions.state import Record
from api.web.answers.desk import Desk

_AT = 1_796_000_000_000


def held(desk: Desk) -> list[Record]:
    """The log of three people, from the session's creation to a decision with a dissent."""
    challenges = sorted(desk.current.challenges)[:2]
    solution = next(iter(desk.current.compiled.options))
    first = challenges[0]
    did: list[tuple[str, e.Event]] = [
        (
            "p1",
            e.Creation(
                title="Roadmap for the next year",
                name="Ada",
                catalogue=desk.publication.version,
                profile={"challenges": dict.fromkeys(challenges, 3)},
            ),
        ),
        ("p2", e.Arrival(name="Bo")),
        ("p3", e.Arrival(name="Cy")),
        ("p1", e.Rating(kind="rating", challenge=first, severity=2)),
        ("p2", e.Rating(kind="rating", challenge=first, severity=5, comment="It stopped us for two weeks in March.")),
        ("p3", e.Rating(kind="rating", challenge=first, severity=4)),
        ("p1", e.Reveal(kind="reveal", seen=6)),
        ("p1", e.Decision(kind="decision", solution=solution, decision="trial", owner="Bo", date="2027-03-31", seen=7)),
        ("p3", e.Dissent(kind="dissent", solution=solution, reason="It is too early.")),
    ]
    return [Record(seq, _AT + seq * 60_000, by, event) for seq, (by, event) in enumerate(did, 1)]


def sent(record: Record) -> dict[str, Any]:
    """What a record's event was sent as."""
    seen = {"seen": record.seq - 1} if "seen" in type(record.event).model_fields else {}
    return {**e.kept(record.event), "kind": record.event.kind, **seen}
