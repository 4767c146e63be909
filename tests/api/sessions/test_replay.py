"""Whatever happens in a session: the log gives its state, and the changes that are told give what each reader sees."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.sessions import events as e
from api.sessions.fold import apply, fold
from api.sessions.state import EMPTY, Record
from api.sessions.view import Told, data, patch, patched, seen_by
from tests.api.sessions.logs import begun, session_of

SEEDS = st.integers(0, 2**32)


@given(SEEDS, st.integers(0, 120))
def test_replaying_any_random_log_gives_the_same_state_at_once_or_in_parts(seed: int, cut: int) -> None:
    log = session_of(random.Random(seed), 120).log
    state = EMPTY
    for record in log:
        state = apply(state, record)
    assert fold(log) == state
    assert fold(log[cut:], fold(log[:cut])) == state


@given(SEEDS)
def test_a_random_log_survives_being_kept_as_json(seed: int) -> None:
    session = session_of(random.Random(seed), 120)
    kept = [(r.seq, r.at, r.by, r.event.kind, json.dumps(e.kept(r.event))) for r in session.log]
    read = [Record(seq, at, by, e.read(kind, json.loads(held))) for seq, at, by, kind, held in kept]
    assert fold(read) == session.state


@given(SEEDS)
def test_random_changes_add_up_to_what_each_reader_sees(seed: int) -> None:
    log = session_of(random.Random(seed), 60).log
    state = fold(log[:1])
    readers = [*fold(log).people, "p9"]
    views = {reader: seen_by(state, reader) for reader in readers}
    for record in log[1:]:
        before, state = state, apply(state, record)
        told = Told(record, before, state)
        for reader in readers:
            if reader in state.people and reader not in state.present:
                continue  # their access has ended
            one = json.loads(told.text(reader))
            assert one["seq"] == record.seq
            assert one["data"] == data(record, reader)
            views[reader] = patched(views[reader], one["patch"])
            # Of a state that shares nothing with the one before it, so that nothing can be kept from there.
            afresh = fold(log[: record.seq])
            assert views[reader] == json.loads(json.dumps(seen_by(afresh, reader)))


def test_a_gap_or_a_repetition_is_refused() -> None:
    session = begun()
    for seq in (1, 3):
        with pytest.raises(ValueError, match="does not follow 1"):
            apply(session.state, replace(session.log[0], seq=seq))


@given(SEEDS)
def test_a_random_undo_gives_back_what_was_before(seed: int) -> None:
    session = session_of(random.Random(seed), 60)
    for seq, (name, before) in session.state.before.items():
        undone = apply(session.state, Record(session.state.seq + 1, 0, "p1", e.Undo(kind="undo", event=seq)))
        assert undone.subjects.get(name) == before
        again = apply(undone, Record(undone.seq + 1, 0, "p1", e.Undo(kind="undo", event=undone.seq)))
        assert again.subjects == session.state.subjects


_JSON = st.recursive(
    st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.text(max_size=2), inner, max_size=3),
)
_OBJECTS = st.dictionaries(st.text(max_size=2), _JSON, max_size=4)


@given(_OBJECTS, _OBJECTS)
def test_the_patch_between_any_two_views_makes_one_the_other(
    before: dict[str, object], after: dict[str, object]
) -> None:
    assert patched(before, patch(before, after)) == after
