"""What the engine says to a session: options, the roadmap with what its overrides cost, and what has changed in the catalogue since."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from api.hearing import heard
from api.sessions.results import profile
from api.sessions.rules import NotNow
from api.sessions.state import Bounds, Overridden, State
from api.web.answers.desk import Desk, Edition
from api.web.problems import Problem
from engine import compare, interview, recommend
from engine.answer import Answer
from engine.comparison import Comparison
from engine.plan import ImpossibleError, Plan, Planner, Wishes, limits_of, plan
from engine.questions import Interview
from engine.verdicts import Known, rule
from kb.normal import to_object
from kb.records.profile import Profile
from kb.release import Change, diff

T = TypeVar("T")
_KEPT = 64
_MOST_COSTED = 12


@dataclass(frozen=True)
class Options:
    """What the session's organisation can do, as far as it is settled.

    `dropped` are challenges that the room rated and the release does not have.
    """

    seq: int
    profile: Mapping[str, Any]
    dropped: tuple[str, ...]
    answer: Answer
    question: Interview


@dataclass(frozen=True)
class Cost:
    """What an override costs: what lifting it alone would add to the gain (0 to 1), and to the money spent; both of plans that are at most
    1 % short of the best. Nothing is said of more than a dozen overrides one by one.
    """

    solution: str
    gain: float
    euros: float
    last_quarter: int


@dataclass(frozen=True)
class Unmet:
    """An override that the roadmap could not keep, and why."""

    solution: str
    why: str


@dataclass(frozen=True)
class Roadmap:
    """The roadmap with the room's overrides, the one without them, and what each of them costs."""

    seq: int
    profile: Mapping[str, Any]
    plan: Plan
    without_overrides: Plan
    costs: tuple[Cost, ...]
    unmet: tuple[Unmet, ...]


@dataclass(frozen=True)
class Revisited:
    """A decision, and what became of its solution: fields of its records that changed, and its verdict for the session's organisation."""

    solution: str
    decision: str
    changed: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True)
class Changes:
    """What has changed in the catalogue since the session's release."""

    seq: int
    pinned: str
    current: str
    changes: tuple[Change, ...]
    comparison: Comparison
    decisions: tuple[Revisited, ...]


class Advice:
    """Asks the engine, and keeps the latest answers: after an event, everybody in a room asks for the same.

    Args:
        desk: gives the releases.
    """

    def __init__(self, desk: Callable[[], Desk]) -> None:
        self._desk = desk
        self._answers, self._plans, self._changes = _Latest(), _Latest(), _Latest()

    def options(self, state: State, edition: Edition) -> Options:
        """Feasible, undecided and blocked solutions with unlocks, and the next question."""
        held, dropped = self._profile(state, edition)
        answer, question = self._answers.get(
            (edition.catalogue.edition.id, _key(held)), lambda: self._answer(edition, held)
        )
        return Options(state.seq, held, dropped, answer, question)

    def roadmap(self, state: State, edition: Edition) -> Roadmap:
        """A roadmap within the room's limits, around its overrides."""
        held, _ = self._profile(state, edition)
        bounds, overrides = state.subjects.get("limits") or Bounds(), state.of("override")
        key = (
            edition.catalogue.edition.id,
            _key(held),
            bounds,
            tuple(sorted((s, o.choice, o.quarter, o.seq) for s, o in overrides.items())),
        )
        made, free, costs, unmet = self._plans.get(key, lambda: self._plan(edition, held, bounds, overrides))
        return Roadmap(state.seq, held, made, free, costs, unmet)

    def changes(self, state: State, edition: Edition) -> Changes:
        """What has changed since, in the catalogue and for the room's decisions."""
        current = self._desk().current
        held, _ = self._profile(state, edition)
        decisions = {solution: made.decision for solution, made in state.of("decision").items()}
        pinned, newest = edition.catalogue.edition.id, current.catalogue.edition.id
        key = (pinned, newest, self._desk().publication.digest, _key(held), _key(decisions))
        changes, comparison, revisited = self._changes.get(key, lambda: _changes(edition, current, held, decisions))
        return Changes(state.seq, pinned, newest, changes, comparison, revisited)

    def _profile(self, state: State, edition: Edition) -> tuple[dict[str, Any], tuple[str, ...]]:
        held = profile(state)
        rated: Mapping[str, int] = held["challenges"]  # type: ignore[assignment]
        dropped = tuple(c for c in rated if c not in edition.challenges)
        return {**held, "challenges": {c: s for c, s in rated.items() if c not in dropped}}, dropped

    def _heard(self, edition: Edition, asked: Profile) -> tuple[tuple[str, ...], str | None]:
        # Only the current release has a fitted index; an older one is given what of its answer it knows.
        assumed, resembles = heard(self._desk().publication.index, asked.problem)
        known = tuple(c for c in assumed if c in edition.challenges)
        return known, resembles if resembles in edition.challenges else None

    def _answer(self, edition: Edition, held: Mapping[str, Any]) -> tuple[Answer, Interview]:
        asked = _parsed(edition, held)
        assumed, resembles = self._heard(edition, asked)
        answer = recommend(edition.compiled, asked, assumed, resembles=resembles)
        return answer, interview(edition.compiled, asked, assumed, frozenset())

    def _plan(
        self, edition: Edition, held: Mapping[str, Any], bounds: Bounds, overrides: Mapping[str, Overridden]
    ) -> tuple[Plan, Plan, tuple[Cost, ...], tuple[Unmet, ...]]:
        asked = _parsed(edition, held)
        assumed, _ = self._heard(edition, asked)
        planner = Planner(edition.compiled, asked, limits_of(edition.compiled, asked, **asdict(bounds)), assumed)
        free = plan(planner)
        if not overrides:
            return free, free, (), ()
        made, held_to, unmet = _around(planner, overrides)
        costs = []
        for solution in held_to if len(held_to) <= _MOST_COSTED else ():
            other = (
                plan(planner.wished(_wishes({s: o for s, o in held_to.items() if s != solution})))
                if len(held_to) > 1
                else free
            )
            costs.append(
                Cost(solution, round(other.gain - made.gain, 6), other.euros - made.euros, _last(made) - _last(other))
            )
        return made, free, tuple(costs), unmet


class _Latest:
    """Answers by what they depend on; whoever asks for one that is being made waits for it."""

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock, self._making = threading.Lock(), threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        found = self._found(key)
        if found is None:
            with self._making:
                found = self._found(key)
                if found is None:
                    found = make()
                    with self._lock:
                        self._held[key] = found
                        while len(self._held) > _KEPT:
                            self._held.popitem(last=False)
        made: T = found
        return made

    def _found(self, key: Hashable) -> Any:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _parsed(edition: Edition, held: Mapping[str, Any]) -> Profile:
    try:
        return edition.profile(held)
    except Problem as problem:
        told = "; ".join(f"{fault.pointer.removeprefix('/profile/')} {fault.detail}" for fault in problem.errors)
        raise NotNow(f"What the profile says does not hold in release {edition.catalogue.edition.id}: {told}") from None


def _wishes(overrides: Mapping[str, Overridden]) -> Wishes:
    return Wishes(
        frozenset(s for s, o in overrides.items() if o.choice == "in"),
        frozenset(s for s, o in overrides.items() if o.choice == "out"),
        {s: o.quarter for s, o in overrides.items() if o.quarter is not None},
    )


def _around(
    planner: Planner, overrides: Mapping[str, Overridden]
) -> tuple[Plan, Mapping[str, Overridden], tuple[Unmet, ...]]:
    """The roadmap that keeps the overrides; where they do not fit together, the latest ones give way."""
    unmet: list[Unmet] = []
    held = dict(sorted(overrides.items()))
    for solution, override in overrides.items():
        if override.choice == "in" and solution not in planner.solutions:
            del held[solution]
            unmet.append(Unmet(solution, _why_not(planner, solution)))
    while True:
        try:
            return plan(planner.wished(_wishes(held))), held, tuple(unmet)
        except ImpossibleError:
            latest = max((s for s, o in held.items() if o.choice == "in"), key=lambda s: held[s].seq)
            del held[latest]
            unmet.append(Unmet(latest, "does not fit into the limits beside what else is to be kept or left out"))


def _why_not(planner: Planner, solution: str) -> str:
    if solution in planner.known.in_place:
        return "is in place already"
    ruling = planner.rulings.get(solution)
    if ruling is None:
        return "is not in this release of the catalogue"
    if not set(planner.severities) & set(ruling.option.addressings):
        return "addresses none of the challenges"
    return {
        "blocked": "is blocked, and nothing that money buys unlocks it",
        "undecided": "is undecided: it depends on what is not known",
    }.get(ruling.verdict, "covers none of the challenges for sure")


def _last(made: Plan) -> int:
    return max((step.last for step in made.steps), default=0)


def _changes(
    pinned: Edition, current: Edition, held: Mapping[str, Any], decisions: Mapping[str, str]
) -> tuple[tuple[Change, ...], Comparison, tuple[Revisited, ...]]:
    changes = tuple(diff(to_object(pinned.catalogue), to_object(current.catalogue)))
    # What is in place or was tried may not be in both releases; comparisons leave it out.
    known = {k: v for k, v in held.items() if k not in ("in_place", "tried")}
    rated = {c: s for c, s in known["challenges"].items() if c in current.challenges}
    asked = [_parsed(pinned, known), _parsed(current, {**known, "challenges": rated})]
    verdicts = [
        {s: r.verdict for s, r in rule(e.compiled, Known(e.compiled, p)).items()}
        for e, p in zip((pinned, current), asked, strict=True)
    ]
    revisited = [
        Revisited(solution, decision, _touching(solution, changes), *(v.get(solution, "not there") for v in verdicts))
        for solution, decision in sorted(decisions.items())
    ]
    return changes, compare((pinned.compiled, asked[0]), (current.compiled, asked[1])), tuple(revisited)


def _touching(solution: str, changes: Sequence[Change]) -> tuple[str, ...]:
    """What changed in a solution's own record, its addressings and its limitations."""
    found = []
    for change in changes:
        if change.id == solution:
            found += [f"{change.change}: {field}" for field in change.fields] or [change.change]
        elif change.kind in ("addressing", "limitation") and change.id.startswith(f"{solution}."):
            found.append(f"{change.kind} {change.id} {change.change}")
    return tuple(found)
