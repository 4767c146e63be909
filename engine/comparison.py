"""What changes between two organisations, or between two editions of the catalogue, and because of what."""

from __future__ import annotations

from dataclasses import dataclass

from engine.compiled import Compiled
from engine.recommendation import recommend
from engine.verdicts import Known, Ruling, rule
from kb.records.profile import Profile
from kb.records.words import literal_in_words


@dataclass(frozen=True)
class Shift:
    """A solution whose verdict, score or place changed; `because` names the facts or limitations that did it."""

    solution: str
    label: str
    change: str
    before: str
    after: str
    score_before: float | None
    score_after: float | None
    place_before: int | None
    place_after: int | None
    because: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Two answers side by side: what differs in what is known, which challenges changed, which solutions."""

    before: str
    after: str
    differences: tuple[str, ...]
    availability: tuple[tuple[str, str, str], ...]
    shifts: tuple[Shift, ...]


def compare(first: tuple[Compiled, Profile], second: tuple[Compiled, Profile]) -> Comparison:
    """Compare two cases; either the organisations or the editions may differ, or both.

    Args:
        first: a catalogue and an organisation.
        second: another catalogue, another organisation, or both.

    Returns:
        Availability that changed as (challenge, before, after), and every solution that became feasible, blocked or undecided, was
        added or retired, or moved in the ranking.
    """
    answers = [recommend(*case) for case in (first, second)]
    rulings = [rule(compiled, Known(compiled, profile)) for compiled, profile in (first, second)]
    places = [{r.solution: at for at, r in enumerate(a.recommendations, 1)} for a in answers]
    scores = [{r.solution: r.score for r in a.recommendations} for a in answers]
    changed = _facts(first[1], second[1])
    shifts = []
    for solution in sorted(rulings[0].keys() | rulings[1].keys()):
        was, now = (r.get(solution) for r in rulings)
        held = was or now
        before, after = (r.verdict if r else "not there" for r in (was, now))
        at = [p.get(solution) for p in places]
        value = [s.get(solution) for s in scores]
        if before == after and at[0] == at[1] and value[0] == value[1]:
            continue
        assert held is not None
        kind = f"became {after}" if before != after else "moved" if at[0] != at[1] else "scored differently"
        because = _because(first, second, was, now, changed) if before != after else _moved(was, now)
        shifts.append(
            Shift(solution, held.option.solution.label, kind, before, after, value[0], value[1], at[0], at[1], because)
        )
    states = [{c.id: c.availability for c in a.challenges} for a in answers]
    challenges = sorted(states[0].keys() | states[1].keys())
    availability = tuple(
        (c, states[0].get(c, "not named"), states[1].get(c, "not named"))
        for c in challenges
        if states[0].get(c) != states[1].get(c)
    )
    vocabulary = second[0].vocabulary
    differences = [
        _said(c, b, vocabulary) + " (before: " + _said(c, a, vocabulary) + ")" for c, (a, b) in sorted(changed.items())
    ]
    if first[0].version != second[0].version:
        differences.insert(0, f"catalogue {second[0].version} (before: {first[0].version})")
    order = {
        "became blocked": 0,
        "became feasible": 1,
        "became undecided": 2,
        "became not there": 3,
        "moved": 4,
        "scored differently": 5,
    }
    shifts.sort(key=lambda s: (order[s.change], s.place_after or 999, s.solution))
    return Comparison(first[0].version, second[0].version, tuple(differences), availability, tuple(shifts))


def _facts(before: Profile, after: Profile) -> dict[str, tuple[bool | None, bool | None]]:
    names = before.facts.keys() | after.facts.keys()
    return {n: (before.facts.get(n), after.facts.get(n)) for n in names if before.facts.get(n) != after.facts.get(n)}


def _said(concept: str, holds: bool | None, vocabulary: object) -> str:
    from kb.records import Vocabulary

    assert isinstance(vocabulary, Vocabulary)
    if concept not in vocabulary.concepts:
        return f"{concept} is gone"
    words = literal_in_words(concept, holds if holds is not None else True, vocabulary)
    return words if holds is not None else f"not known whether {words}"


def _because(
    first: tuple[Compiled, Profile],
    second: tuple[Compiled, Profile],
    was: Ruling | None,
    now: Ruling | None,
    changed: dict[str, tuple[bool | None, bool | None]],
) -> tuple[str, ...]:
    """The changed facts on which a blocking limitation of either side turns, or the limitations that only one edition has."""
    if was is None or now is None:
        return ("added to the catalogue",) if was is None else ("retired from the catalogue",)
    reasons: list[str] = []
    bites = [
        {b.rule.limitation.id: b.rule.limitation for b in r.bites if b.rule.limitation.effect == "blocks"}
        for r in (was, now)
    ]
    for limitation_id in sorted(bites[0].keys() ^ bites[1].keys() | (bites[0].keys() & bites[1].keys())):
        limitation = bites[1].get(limitation_id) or bites[0][limitation_id]
        turned = sorted({x.concept for clause in limitation.when.clauses for x in clause.literals} & changed.keys())
        reasons += [f"{limitation_id}: {_said(c, changed[c][1], second[0].vocabulary)}" for c in turned]
        if (
            not turned
            and first[0].version != second[0].version
            and (limitation_id in bites[0]) != (limitation_id in bites[1])
        ):
            reasons.append(
                f"{limitation_id} is {'new or changed' if limitation_id in bites[1] else 'gone or changed'} in the catalogue"
            )
    in_place = sorted(set(first[1].in_place) ^ set(second[1].in_place))
    reasons += [f"{s} is {'now' if s in second[1].in_place else 'no longer'} in place" for s in in_place]
    return tuple(dict.fromkeys(reasons))


def _moved(was: Ruling | None, now: Ruling | None) -> tuple[str, ...]:
    if was is None or now is None:
        return ()
    return tuple(
        f"coverage of {c}: {was.high.get(c, 'none')} to {now.high[c]}"
        for c in sorted(now.high)
        if was.high.get(c) != now.high[c]
    )
