"""The store, on SQLite and on PostgreSQL: what is in the log, in which order, and what is refused."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from sqlalchemy import text

from api.sessions import events as e
from api.sessions import rules
from api.sessions.fold import fold
from api.sessions.state import DAY, State
from api.workspace.database import DURABLE, WorkspaceError, check_durable, reading, settings_in_effect, writing
from api.workspace.store import Entered, FullError, KeyReusedError, NoAccessError, NoCodeError, Workspace
from tests.api.sessions.logs import NAMES
from tests.api.workspace.conftest import Place

CREATION = e.Creation(title="Plan", name="Ada", catalogue="2026.1")


def rating(severity: int | None = 3, comment: str | None = None) -> e.Rating:
    return e.Rating(kind="rating", challenge="c1", severity=severity, comment=comment)


def join(workspace: Workspace, entered: Entered, name: str, key: str | None = None) -> Entered:
    return workspace.join(entered.code, e.Arrival(name=name), lambda s: rules.check_arrival(s, name), key)


def let(_: State) -> None:
    """Refuse nothing."""


def test_the_settings_in_effect_are_those_that_keep_what_is_acknowledged(workspace: Workspace) -> None:
    with workspace.engine.connect() as one, workspace.engine.connect() as other:
        name = workspace.engine.dialect.name
        for connection in (one, other):
            assert settings_in_effect(connection) == DURABLE[name]
        key, value = ("synchronous", "1") if name == "sqlite" else ("synchronous_commit", "off")
        one.rollback()
        driver = one.connection.driver_connection  # past the engine, which would begin a transaction first
        assert driver is not None
        driver.execute(f"PRAGMA {key}={value}" if name == "sqlite" else f"SET {key} TO {value}")
        with pytest.raises(WorkspaceError, match=key):
            check_durable(one)
        one.invalidate()


def test_many_writers_leave_no_gap_and_lose_nothing(workspace: Workspace, place: Place) -> None:
    entered, other = workspace.create(CREATION), place.open()
    before = threading.Barrier(8)

    def write(n: int) -> list[int]:
        store = (workspace, other)[n % 2]
        before.wait()
        return [store.append(entered.session, "p1", rating(comment=f"{n} {i}"), let).record.seq for i in range(10)]

    with ThreadPoolExecutor(8) as pool:
        acknowledged = sorted(seq for found in pool.map(write, range(8)) for seq in found)
    log = workspace.log(entered.session)
    assert [r.seq for r in log] == list(range(1, 82))
    assert acknowledged == list(range(2, 82))
    assert len({r.event.comment for r in log if isinstance(r.event, e.Rating)}) == 80
    assert workspace.state(entered.session) == other.state(entered.session) == fold(log)
    assert all(a.at <= b.at for a, b in pairwise(log)) or workspace.engine.dialect.name == "postgresql"
    other.engine.dispose()


def test_of_two_who_change_the_same_thing_at_once_one_is_told(workspace: Workspace) -> None:
    entered = workspace.create(CREATION)
    before = threading.Barrier(2)

    def decide(decision: str) -> int | None:
        event = e.SENT["decision"].model_validate(
            {"kind": "decision", "solution": "s1", "decision": decision, "seen": 1}
        )
        before.wait()
        try:
            workspace.append(entered.session, "p1", event, lambda s: rules.check(s, "p1", event, NAMES))
        except rules.Stale as stale:
            return stale.after
        return None

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(decide, ("adopt", "reject"))) == {None, 1}
    assert len(workspace.log(entered.session)) == 2


def test_the_same_key_does_a_thing_once(workspace: Workspace) -> None:
    entered = workspace.create(CREATION, "k" * 22)
    again = workspace.create(CREATION, "k" * 22)
    assert (again.session, again.code, again.person) == (entered.session, entered.code, "p1")
    for answer in (entered, again):  # the answer that its sender gets may be either
        assert workspace.person(entered.session, answer.token) == "p1"
    with pytest.raises(KeyReusedError):
        workspace.create(e.Creation(title="Other", name="Ada", catalogue="2026.1"), "k" * 22)

    joined, twice = (join(workspace, entered, "Bo", "j" * 22) for _ in range(2))
    assert (joined.person, twice.person, joined.seq, twice.seq) == ("p2", "p2", 2, 2)
    with pytest.raises(KeyReusedError):
        join(workspace, entered, "Cy", "j" * 22)

    first = workspace.append(entered.session, "p2", rating(4), let, "e" * 22)
    workspace.append(entered.session, "p2", rating(1), let)
    second = workspace.append(entered.session, "p2", rating(4), let, "e" * 22)
    assert (first.again, second.again) == (False, True)
    assert (second.record, second.before) == (first.record, first.before)
    with pytest.raises(KeyReusedError):
        workspace.append(entered.session, "p2", rating(5), let, "e" * 22)
    assert workspace.append(entered.session, "p1", rating(5), let, "e" * 22).again is False  # another person's key
    assert len(workspace.log(entered.session)) == 5


def test_many_who_retry_at_once_with_one_key_do_it_once(workspace: Workspace) -> None:
    before = threading.Barrier(6)

    def create(_: int) -> str:
        before.wait()
        return workspace.create(CREATION, "k" * 22).session

    with ThreadPoolExecutor(6) as pool:
        (session,) = set(pool.map(create, range(6)))
    assert workspace.ids() == [session]

    def append(_: int) -> int:
        before.wait()
        return workspace.append(session, "p1", rating(), let, "e" * 22).record.seq

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(append, range(6))) == {2}


def test_what_is_refused_leaves_nothing_behind(workspace: Workspace) -> None:
    entered = workspace.create(CREATION)

    def refuse(_: State) -> None:
        raise rules.NotNow("no")

    with pytest.raises(rules.NotNow):
        workspace.append(entered.session, "p1", rating(), refuse, "e" * 22)
    with pytest.raises(NoAccessError):
        workspace.append("x" * 22, "p1", rating(), let)
    with pytest.raises(NoCodeError):
        workspace.join("AAAAAAAAAA", e.Arrival(name="Bo"), lambda _: "p2")
    assert len(workspace.log(entered.session)) == 1
    assert workspace.append(entered.session, "p1", rating(), let, "e" * 22).again is False


def test_tokens_are_kept_as_hashes_and_end_when_they_are_told_to(workspace: Workspace) -> None:
    entered = workspace.create(CREATION)
    joined = join(workspace, entered, "Bo")
    with reading(workspace.engine) as connection:
        rows = str(connection.execute(text("SELECT * FROM tokens")).all())
    assert entered.token not in rows
    assert len(entered.token) >= 43
    other = workspace.create(CREATION)
    for session, token in ((entered.session, other.token), (other.session, entered.token), (entered.session, "")):
        with pytest.raises(NoAccessError):
            workspace.person(session, token)
    renewed = workspace.renew(entered.session, "p1", "p2", let)
    with pytest.raises(NoAccessError):
        workspace.person(entered.session, joined.token)
    assert workspace.person(entered.session, renewed.token) == "p2"
    workspace.append(entered.session, "p1", e.Removal(kind="removal", person="p2", seen=9), let)
    with pytest.raises(NoAccessError):
        workspace.person(entered.session, renewed.token)
    code = workspace.recode(entered.session)
    with pytest.raises(NoCodeError):
        join(workspace, entered, "Cy")
    assert workspace.join(code.lower(), e.Arrival(name="Cy"), lambda _: "p3").person == "p3"


def test_a_full_log_takes_a_closing_and_nothing_else(place: Place) -> None:
    workspace = place.open(most_events=3)
    entered = workspace.create(CREATION)
    for _ in range(2):
        workspace.append(entered.session, "p1", rating(), let)
    with pytest.raises(FullError):
        workspace.append(entered.session, "p1", rating(), let)
    assert workspace.append(entered.session, "p1", e.Closing(kind="closing", seen=3), let).record.seq == 4
    workspace.engine.dispose()


def test_what_has_expired_opens_to_nobody_and_is_deleted(place: Place) -> None:
    now = [1_800_000_000_000]
    workspace = place.open(lambda: now[0])
    short = workspace.create(CREATION.model_copy(update={"retention_days": 1}))
    long = workspace.create(CREATION.model_copy(update={"retention_days": 30}))
    now[0] += 2 * DAY
    with pytest.raises(NoAccessError):
        workspace.state(short.session)
    with pytest.raises(NoCodeError):
        join(workspace, short, "Bo")
    assert workspace.state(long.session).title == "Plan"
    assert workspace.purge() == [short.session]
    assert workspace.ids() == [long.session]
    assert workspace.purge() == []
    workspace.engine.dispose()


def test_a_state_that_is_remembered_gives_way_to_another_log(workspace: Workspace, place: Place) -> None:
    entered, other = workspace.create(CREATION), place.open()
    for store in (workspace, other):
        assert store.append(entered.session, "p1", rating(), let).record.seq == store.state(entered.session).seq
    other.delete([entered.session])
    with pytest.raises(NoAccessError):
        workspace.state(entered.session)
    other.engine.dispose()


def test_news_come_in_one_query_for_many_sessions(workspace: Workspace) -> None:
    one, two, quiet = (workspace.create(CREATION) for _ in range(3))
    for entered in (one, two, two):
        workspace.append(entered.session, "p1", rating(), let)
    news = workspace.news({one.session: 1, two.session: 2, quiet.session: 1, "gone": 0})
    assert {s: [r.seq for r in found] for s, found in news.items()} == {one.session: [2], two.session: [3]}
    assert workspace.news({}) == {}
    assert workspace.present([one.session, "gone"]) == {one.session}


def test_a_writer_waits_for_another_instead_of_failing(workspace: Workspace) -> None:
    entered = workspace.create(CREATION)
    with ThreadPoolExecutor(1) as pool:
        with writing(workspace.engine) as connection:
            connection.execute(text("UPDATE sessions SET join_code = join_code"))
            waiting = pool.submit(workspace.append, entered.session, "p1", rating(), let)
            with pytest.raises(TimeoutError):
                waiting.result(0.2)
        assert waiting.result(10).record.seq == 2
