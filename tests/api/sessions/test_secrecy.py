"""What nobody may learn: if it had been otherwise, all that others are told would still be the same to the byte."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.sessions import events as e
from api.sessions.fold import fold
from api.sessions.results import results
from api.sessions.rules import NotNow
from api.sessions.state import EMPTY, Record
from api.sessions.view import seen_by, tell_all
from tests.api.sessions.logs import Session, begun, session_of

SEEDS = st.integers(0, 2**32)


def _told(log: list[Record], reader: str) -> str:
    """Everything that a reader is ever told: every event with its change, and the state as it is at the end."""
    told = [one.text(reader) for one in tell_all(log, EMPTY)]
    return "\n".join([*told, json.dumps(seen_by(fold(log), reader))])


def _otherwise(record: Record) -> Record:
    """The same event; a rating with another severity and comment."""
    event = record.event
    if not isinstance(event, e.Rating):
        return record
    severity = None if event.severity is None else 5 - event.severity
    comment = None if event.comment is None else event.comment[::-1]
    changed = e.Rating(kind="rating", challenge=event.challenge, severity=severity, comment=comment)
    return replace(record, event=changed)


@given(SEEDS)
def test_a_random_rating_is_hidden_until_its_round_is_revealed(seed: int) -> None:
    log = session_of(random.Random(seed), 80).log
    revealed = max((r.seq for r in log if isinstance(r.event, e.Reveal)), default=0)
    changed = [r if r.seq <= revealed else _otherwise(r) for r in log]
    whose = {r.by for r in log[revealed:] if isinstance(r.event, e.Rating)}
    for reader in {*fold(log).people, "p9"} - whose:
        assert _told(changed, reader) == _told(log, reader)


@given(SEEDS)
def test_random_results_are_never_those_of_fewer_than_three(seed: int) -> None:
    session = session_of(random.Random(seed), 80)
    for round_ in session.state.rounds:
        for challenge, found in results(round_, session.state.anonymous).items():
            judged = [g.severity for g in round_.ratings[challenge].values() if g.severity is not None]
            assert (found is None) == (len(judged) < 3)
            if found is not None:
                assert found.judged == len(judged) == sum(found.histogram)
                assert min(judged) <= found.low <= found.median <= found.high <= max(judged)


def _rated(severities: list[tuple[int | None, str | None]], anonymous: bool = True) -> Session:
    session = begun(len(severities), anonymous=anonymous)
    for person, (severity, comment) in zip(list(session.state.people), severities, strict=True):
        session.send(person, "rating", challenge="c1", severity=severity, comment=comment)
    for person in list(session.state.people)[:3]:
        session.send(person, "rating", challenge="c2", severity=3)
    session.send("p1", "reveal")
    return session


def test_two_who_judged_are_not_told_of_though_the_round_is_revealed() -> None:
    said = [(1, "quiet"), (5, "loud"), (None, "no idea"), (None, None)]
    session, other = _rated(said), _rated([(5, "loud"), (3, "x"), (None, "y"), (None, None)])
    assert _told(session.log, "p4") == _told(other.log, "p4")
    assert seen_by(session.state, "p4")["rounds"]["1"]["results"]["c1"] == {"too_few": True}
    assert "quiet" not in _told(session.log, "p4")
    assert "quiet" in _told(session.log, "p1")  # their own


def test_who_rated_how_is_not_told_where_ratings_are_anonymous() -> None:
    said: list[tuple[int | None, str | None]] = [(1, "low"), (5, "high"), (3, None), (2, None)]
    swapped = [said[1], said[0], *said[2:]]
    assert _told(_rated(said).log, "p4") == _told(_rated(swapped).log, "p4")
    assert _told(_rated(said, False).log, "p4") != _told(_rated(swapped, False).log, "p4")


def test_comments_are_shown_where_people_disagree_and_only_there() -> None:
    apart = seen_by(_rated([(1, "low"), (3, None), (3, None)]).state, "p3")["rounds"]["1"]["results"]["c1"]
    near = seen_by(_rated([(2, "low"), (3, None), (3, None)]).state, "p3")["rounds"]["1"]["results"]["c1"]
    assert (apart["disagree"], apart["comments"]) == (True, [{"comment": "low", "severity": 1}])
    assert (near["disagree"], near["comments"]) == (False, [])


def test_medians_become_severities_and_zero_is_no_problem() -> None:
    session = begun(3, profile={"challenges": {"c1": 5, "c3": 2}})
    for person, severity in (("p1", 0), ("p2", 0), ("p3", 1)):
        session.send(person, "rating", challenge="c1", severity=severity)
    for person, severity in (("p1", 2), ("p2", 3), ("p3", 3)):
        session.send(person, "rating", challenge="c2", severity=severity)
    assert seen_by(session.state, "p1")["severities"] == {"c1": 5, "c3": 2}
    session.send("p1", "reveal")
    assert seen_by(session.state, "p1")["severities"] == {"c2": 3, "c3": 2}


def test_who_was_shown_out_no_longer_counts_in_an_open_round() -> None:
    session = begun(4)
    for person in ("p2", "p3", "p4"):
        session.send(person, "rating", challenge="c1", severity=4)
    session.send("p1", "removal", person="p4")
    with pytest.raises(NotNow, match="No challenge was judged by 3"):
        session.send("p1", "reveal")
