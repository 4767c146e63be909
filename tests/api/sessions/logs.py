"""Random sessions: people who send whatever comes to mind, of which the rules let some into the log."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from api.sessions import events as e
from api.sessions import rules
from api.sessions.fold import apply
from api.sessions.state import EMPTY, Record, State

CHALLENGES, SOLUTIONS, RELEASES = ("c1", "c2", "c3"), ("s1", "s2"), ("2026.1", "2026.2")
FIELDS = ("budget", "skills")
START = 1_800_000_000_000


def _check(name: str, value: Any) -> None:
    if name not in FIELDS:
        raise rules.Invalid([(("field",), "is no facet")])


NAMES = rules.Names(CHALLENGES, SOLUTIONS, RELEASES, _check, lambda wrong, among: f"nearest to {wrong}")


@dataclass
class Session:
    """A session in memory."""

    log: list[Record] = field(default_factory=list)
    state: State = EMPTY

    def put(self, by: str, event: e.Event) -> Record:
        """Take an event in without asking the rules, as what is in a log is taken."""
        record = Record(self.state.seq + 1, START + 1000 * self.state.seq, by, event)
        self.state = apply(self.state, record)
        self.log.append(record)
        return record

    def send(self, by: str, kind: str, **members: Any) -> Record:
        """Take an event in if the rules let it, with `seen` as of now unless given."""
        model = e.SENT[kind]
        if "seen" in model.model_fields:
            members.setdefault("seen", self.state.seq)
        event = model.model_validate({"kind": kind, **members})
        rules.check(self.state, by, event, NAMES)
        return self.put(by, event)

    def join(self, name: str) -> str:
        """Let somebody in."""
        person = rules.check_arrival(self.state, name)
        self.put(person, e.Arrival(name=name))
        return person


def begun(people: int = 1, **members: Any) -> Session:
    """A session with so many people, of whom `p1` is the facilitator."""
    session = Session()
    session.put("p1", e.Creation(title="Plan", name="Ada", catalogue=RELEASES[0], **members))
    for n in range(2, people + 1):
        session.join(f"Person {n}")
    return session


def session_of(rng: random.Random, length: int) -> Session:
    """A random session of about so many events."""
    profile = rng.choice([{}, {"challenges": {"c1": 4}, "budget": "small", "label": "x"}])
    session = begun(rng.randint(1, 5), anonymous=rng.random() < 0.8, agree=rng.choice([None, 2]), profile=profile)
    for kind, members in _whims(rng, length):
        people = list(session.state.people)
        if session.state.closed_at is not None:
            session.send(_leader(session.state), "reopening")
            continue
        if kind == "arrival":
            session.join(f"Late {len(people)}")
            continue
        if kind == "access":
            session.put("p1", e.Access(person=rng.choice(people)))
            continue
        by = rng.choice([*people, *(_leader(session.state),) * len(people)])
        seen = max(0, session.state.seq - rng.choice([0, 0, 0, 1, 5]))
        fit = {name: value for name, value in members.items() if name in e.SENT[kind].model_fields}
        if "seen" in e.SENT[kind].model_fields:
            fit["seen"] = seen
        if kind in ("role", "removal"):
            fit["person"] = rng.choice(people)
        if kind == "undo":
            fit["event"] = rng.choice(list(session.state.before) or [1])
        try:
            session.send(by, kind, **fit)
        except rules.Refusal:
            continue
    return session


def _leader(state: State) -> str:
    return next(key for key, person in state.people.items() if person.role == "facilitator")


def _whims(rng: random.Random, length: int) -> Iterator[tuple[str, dict[str, Any]]]:
    often = ["rating"] * 12 + ["proposal", "acceptance", "decision", "undo", "reveal", "override"] * 2
    kinds = [*often, *e.SENT, "arrival", "access"]
    for _ in range(length):
        yield (
            rng.choice(kinds),
            {
                "challenge": rng.choice(CHALLENGES),
                "challenges": rng.choice([None, [rng.choice(CHALLENGES)]]),
                "severity": rng.choice([None, 0, 1, 2, 3, 4, 5]),
                "comment": rng.choice([None, f"word {rng.randrange(10**9)}"]),
                "seconds": rng.choice([60, 90]),
                "field": rng.choice(FIELDS),
                "value": rng.choice([None, "small", "large", ["a", "b"]]),
                "euros": rng.choice([None, 1000.0]),
                "weeks": rng.choice([None, 26.0]),
                "solution": rng.choice(SOLUTIONS),
                "choice": rng.choice([None, "in"]),
                "quarter": rng.choice([None, 2]),
                "decision": rng.choice(["adopt", "trial", "hold", "reject"]),
                "owner": rng.choice([None, "Bo"]),
                "date": rng.choice([None, "2027-03-31"]),
                "reason": rng.choice([None, "because"]),
                "withdrawn": rng.random() < 0.3,
                "role": rng.choice(["facilitator", "co-facilitator", "participant"]),
                "catalogue": rng.choice(RELEASES),
            },
        )
