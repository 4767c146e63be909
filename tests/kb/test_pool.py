from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from kb.context import context
from kb.export import FORMATS
from kb.pool import QueryPool
from kb.records import Catalogue
from kb.worker import Formats, Limits, QueryError

BOTH = Formats("json", "turtle")
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
CRASH = "ASK { FILTER(" + "(" * 30_000 + "1" + ")" * 30_000 + ") }"
T = TypeVar("T")


@pytest.fixture(scope="module")
def triples(catalogue: Catalogue) -> bytes:
    return FORMATS["nt"](catalogue)


def with_pool(
    triples: bytes,
    work: Callable[[QueryPool], Awaitable[T]],
    *,
    workers: int = 2,
    patience: float | None = None,
    **limits: float,
) -> T:
    """Do something with a pool, and hold that it leaves no process behind."""

    async def main() -> T:
        before = children()
        of = Limits(**{"seconds": 1.0, "rows": 10_000, "megabytes": 1024, **limits})  # type: ignore[arg-type]
        pool = QueryPool(triples, context(), workers=workers, limits=of, patience=patience)
        await pool.start()
        try:
            while await failure(pool.ask("ASK {}", BOTH)) == "unavailable":
                pass  # the first worker is still being loaded
            return await work(pool)
        finally:
            await pool.close()
            assert children() == before

    return asyncio.run(main())


def children(of: int | None = None) -> set[int]:
    """Worker processes of this process, or of another one."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, status = (folder / "cmdline").read_bytes(), (folder / "stat").read_text()
        except OSError:
            continue
        if b"kb.worker" in command and int(status.rpartition(")")[2].split()[1]) == (of or os.getpid()):
            found.add(int(folder.name))
    return found


async def settled(workers: int) -> None:
    """Wait until so many workers are there."""
    for _ in range(200):
        if len(children()) == workers:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{len(children())} workers")


async def failure(work: Awaitable[object]) -> str:
    try:
        await work
    except QueryError as error:
        return error.type
    return "answered"


def test_many_queries_at_once_are_answered_each_with_its_own_answer(triples: bytes) -> None:
    async def work(pool: QueryPool) -> None:
        answers = await asyncio.gather(*(pool.ask(f"SELECT ({n} AS ?n) {{}}", BOTH, str(n)) for n in range(60)))
        assert [f'"value":"{n}"'.encode() in answer.body for n, answer in enumerate(answers)] == [True] * 60

    with_pool(triples, work)


@pytest.mark.parametrize("bomb", [CROSS, CRASH])
def test_a_worker_that_was_lost_is_replaced(bomb: str, triples: bytes) -> None:
    async def work(pool: QueryPool) -> None:
        await settled(2)
        before = children()
        assert await failure(pool.ask(bomb, BOTH)) == "query-timeout"
        while len(children() - before) < 1:
            await asyncio.sleep(0.02)
        assert len(children()) == 2
        assert (await asyncio.gather(*(pool.ask("ASK {}", BOTH) for _ in range(60))))[-1].body

    with_pool(triples, work)


def test_a_worker_killed_while_it_waits_costs_nobody_an_answer(triples: bytes) -> None:
    async def work(pool: QueryPool) -> None:
        await settled(2)
        await asyncio.sleep(0.5)
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.1)
        assert (await pool.ask("ASK {}", BOTH)).body

    with_pool(triples, work, patience=20)


def test_an_asker_who_leaves_takes_no_worker_along(triples: bytes) -> None:
    async def work(pool: QueryPool) -> None:
        for _ in range(3):
            running = [asyncio.create_task(pool.ask(CROSS, BOTH)) for _ in range(4)]
            await asyncio.sleep(0.1)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        started = time.perf_counter()
        await asyncio.gather(*(pool.ask("ASK {}", BOTH) for _ in range(4)))
        assert time.perf_counter() - started < 30, "half of what the cancelled queries were allowed"
        await settled(2)

    with_pool(triples, work, seconds=60)


def test_who_asks_little_is_not_kept_waiting_by_who_asks_much(triples: bytes) -> None:
    async def work(pool: QueryPool) -> None:
        greedy = [asyncio.create_task(failure(pool.ask(CROSS, BOTH, "greedy"))) for _ in range(8)]
        await asyncio.sleep(0.05)
        await pool.ask("ASK {}", BOTH, "modest")
        assert sum(task.done() for task in greedy) <= 2
        for task in greedy:
            task.cancel()
        await asyncio.gather(*greedy, return_exceptions=True)

    with_pool(triples, work, workers=1, patience=30)


def test_who_waits_too_long_or_behind_too_many_is_told_to_come_back(triples: bytes) -> None:
    async def work(pool: QueryPool) -> None:
        first = asyncio.create_task(failure(pool.ask(CROSS, BOTH)))
        await asyncio.sleep(0.05)
        started = time.perf_counter()
        waiting = [asyncio.create_task(failure(pool.ask("ASK {}", BOTH))) for _ in range(66)]
        done, _ = await asyncio.wait(waiting, timeout=0.1)
        assert [task.result() for task in done] == ["unavailable"] * 2
        assert await asyncio.gather(*waiting) == ["unavailable"] * 66
        assert 0.4 < time.perf_counter() - started < 30
        assert await failure(pool.ask("ASK {}", BOTH, "another")) == "unavailable"
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    with_pool(triples, work, workers=1, patience=0.5, seconds=60)


def test_the_event_loop_goes_on_while_bombs_go_off(triples: bytes) -> None:
    async def work(pool: QueryPool) -> None:
        await settled(2)
        await asyncio.sleep(0.5)
        bombs = [asyncio.create_task(failure(pool.ask(b, BOTH, str(n)))) for n, b in enumerate([CROSS, CRASH] * 3)]
        gaps, last = [], time.perf_counter()
        while not all(bomb.done() for bomb in bombs):
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now
        assert {bomb.result() for bomb in bombs} == {"query-timeout"}
        assert sorted(gaps)[int(len(gaps) * 0.99)] < 0.1

    with_pool(triples, work, seconds=0.5, patience=20)


def test_a_pool_that_is_closed_gently_finishes_what_it_was_asked(triples: bytes) -> None:
    async def work(pool: QueryPool) -> None:
        asked = asyncio.create_task(pool.ask("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?c }", BOTH))
        await asyncio.sleep(0)
        await pool.close(grace=60)
        assert (await asked).body

    with_pool(triples, work, seconds=60)


def test_a_pool_that_is_closed_while_it_starts_leaves_nothing(triples: bytes) -> None:
    async def main() -> None:
        for pause in (0, 0.01, 0.05, 0.2):
            pool = QueryPool(triples, context(), workers=3)
            await pool.start()
            await asyncio.sleep(pause)
            await pool.close()
            await asyncio.sleep(0.05)
            assert children() == set()

    asyncio.run(main())


def test_no_worker_outlives_a_server_that_was_killed(triples: bytes, tmp_path: Path) -> None:
    (tmp_path / "data.nt").write_bytes(triples)
    script = f"""
import asyncio
from pathlib import Path
from kb.pool import QueryPool
from kb.worker import Formats, Limits, QueryError
async def main():
    pool = QueryPool(Path({str(tmp_path / "data.nt")!r}).read_bytes(), {{"@base": "https://w3id.org/provender/"}}, limits=Limits(1.0, 10, 1024))
    await pool.start()
    while True:
        try:
            await pool.ask("ASK {{}}", Formats("json", None))
            break
        except QueryError:
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    print("ready", flush=True)
    await pool.ask({CROSS!r}, Formats("json", None))
asyncio.run(main())
"""
    server = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    time.sleep(0.2)
    orphans = children(server.pid)
    assert len(orphans) == 2
    server.kill()
    server.wait()
    server.stdout.close()
    deadline = time.monotonic() + 30
    while any(_lives(pid) for pid in orphans):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _lives(pid: int) -> bool:
    try:
        return b"kb.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def test_a_pool_says_when_no_worker_can_be_started(triples: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def until(pool: QueryPool, able: bool) -> None:
        async with asyncio.timeout(20):
            while pool.able != able:
                await asyncio.sleep(0.02)

    async def main() -> None:
        pool = QueryPool(triples, context(), workers=2)
        assert pool.able, "nothing has failed yet"
        with monkeypatch.context() as patched:
            patched.setattr("kb.pool.COMMAND", (sys.executable, "-c", "raise SystemExit(1)"))
            await pool.start()
            try:
                await until(pool, False)
                patched.undo()
                await until(pool, True)
                assert await failure(pool.ask("ASK {}", BOTH)) == "answered"
            finally:
                await pool.close()

    asyncio.run(main())
