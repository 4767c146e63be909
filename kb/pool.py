"""Keeps SPARQL workers ready for a server: started before they are asked, killed when their time is up, and then replaced."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
import subprocess
import threading
from collections import OrderedDict, deque
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from kb.worker import (
    COMMAND,
    Answer,
    Formats,
    Limits,
    QueryError,
    brought_down,
    check,
    greeting,
    reply,
    request,
    too_slow,
)

log = logging.getLogger("provender")
_LOADING, _LOST = 30.0, 5.0
_LONGEST = 256 * 1024**2
_LINE, _LINE_OF_ONE = 256, 64
"""How many queries may wait, and how many of one client."""


@dataclass(frozen=True)
class _Worker:
    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def frame(self) -> bytes:
        (length,) = struct.unpack(">I", await self.reader.readexactly(4))
        if length > _LONGEST:
            raise ConnectionError
        return await self.reader.readexactly(length)


class _Line:
    """Hands free workers to those who wait: one client after the other in turn, the queries of each in their order.

    So a client with twenty slow queries delays another one's query by one of them, not by twenty.
    """

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._free: deque[_Worker] = deque()
        self._waiting: OrderedDict[str, deque[asyncio.Future[_Worker]]] = OrderedDict()

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    async def take(self, client: str) -> _Worker:
        """Wait for a worker.

        Raises:
            QueryError: at once, if too many wait already.
        """
        if self._free:
            return self._free.popleft()
        line = self._waiting.get(client, deque())
        if len(line) >= self._most_of_one or self.waiting >= self._most:
            raise QueryError("unavailable", "too many queries are waiting already; ask again in a moment")
        self._waiting[client] = line
        place: asyncio.Future[_Worker] = asyncio.get_running_loop().create_future()
        line.append(place)
        try:
            return await place
        except BaseException:
            if place.done() and not place.cancelled():
                self.give(place.result())  # it came at the very moment of giving up
            else:
                self._leave(client, place)
            raise

    def give(self, worker: _Worker) -> None:
        """Hand a worker to whoever is next, or keep it."""
        while self._waiting:
            client, line = self._waiting.popitem(last=False)
            place = line.popleft()
            if line:
                self._waiting[client] = line
            if not place.done():
                place.set_result(worker)
                return
        self._free.append(worker)

    def _leave(self, client: str, place: asyncio.Future[_Worker]) -> None:
        line = self._waiting.get(client)
        if line is not None:
            with contextlib.suppress(ValueError):
                line.remove(place)
            if not line:
                del self._waiting[client]


class QueryPool:
    """Workers over one release's triples; they live until it is closed.

    Args:
        triples: N-Triples.
        context: the JSON-LD context in which graphs are written.
        workers: how many.
        limits: what a query may use.
        patience: seconds for which a query waits for a worker; twice its own limit, and as long as a lost worker
            takes to be replaced, unless given.
    """

    def __init__(
        self,
        triples: bytes,
        context: Mapping[str, Any],
        *,
        workers: int = 2,
        limits: Limits | None = None,
        patience: float | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._patience = max(2 * self.limits.seconds, _LOST) if patience is None else patience
        self._greeting = greeting(triples, context, self.limits)
        self._workers = workers
        self._line = _Line(_LINE, _LINE_OF_ONE)
        self._asked = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._closed = False
        self._failing = 0
        self._lock = threading.Lock()
        # Starting and reaping block for milliseconds; others' work must not hold it up.
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="sparql")

    @property
    def able(self) -> bool:
        """Whether a worker is there or may still come; not if the last try to start each of them failed."""
        return self._failing < self._workers

    async def start(self) -> None:
        """Begin to start the workers; queries may be asked at once and wait for the first."""
        for _ in range(self._workers):
            self._in_background(self._add())

    async def ask(self, query: str, formats: Formats, client: str = "") -> Answer:
        """Answer a read-only SPARQL query.

        Args:
            query: SPARQL 1.1 SELECT, ASK, CONSTRUCT or DESCRIBE.
            formats: how the answer is written.
            client: who asks; those who wait have their turn one client after the other.

        Raises:
            QueryError: if it cannot be answered.
        """
        check(query)
        asked = request(query, formats)
        self._asked += 1
        self._idle.clear()
        try:
            return await self._answer(asked, client)
        finally:
            self._asked -= 1
            if not self._asked:
                self._idle.set()

    async def close(self, grace: float = 0) -> None:
        """Kill every worker, after waiting for the queries in flight."""
        if grace:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await self._idle.wait()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._kill_all)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in list(self._writers):
            self._drop(writer)
        self._threads.shutdown(wait=False)

    async def _answer(self, asked: bytes, client: str) -> Answer:
        worker = await self._take(client)
        whole = False
        try:
            async with asyncio.timeout(self.limits.seconds):
                worker.writer.write(asked)
                head, body = await worker.frame(), await worker.frame()
            whole = True
        except TimeoutError:
            raise too_slow(self.limits) from None
        except (asyncio.IncompleteReadError, OSError):
            raise brought_down() from None
        finally:
            # Also when the asker was cancelled: nobody knows what such a worker is at.
            if whole:
                self._line.give(worker)
            else:
                self._replace(worker)
        return reply(head, body)

    async def _take(self, client: str) -> _Worker:
        try:
            async with asyncio.timeout(self._patience):
                while True:
                    worker = await self._line.take(client)
                    if not worker.reader.at_eof():
                        return worker
                    self._replace(worker)  # died while it had nothing to do
        except TimeoutError:
            raise QueryError("unavailable", "no query could be run in time; ask again in a moment") from None

    def _replace(self, worker: _Worker) -> None:
        worker.process.kill()
        self._drop(worker.writer)
        self._in_background(self._add(worker.process))

    def _drop(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        # What was not sent yet is for nobody.
        writer.transport.abort()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        if self._closed:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _add(self, dead: subprocess.Popen[bytes] | None = None) -> None:
        """Start a worker in the place of a dead one; try until it succeeds."""
        loop = asyncio.get_running_loop()
        pause, failing = 0.1, False
        while not self._closed:
            if dead is not None:
                await loop.run_in_executor(self._threads, self._reap, dead)
            here, there = socket.socketpair()
            reader, writer = await asyncio.open_connection(sock=here)
            self._writers.add(writer)
            dead = None
            try:
                dead = await loop.run_in_executor(self._threads, self._spawn, there)
                there.close()  # held by the worker alone, so that its death shows at once
                worker = _Worker(dead, reader, writer)
                async with asyncio.timeout(_LOADING):
                    writer.writelines(self._greeting)
                    await writer.drain()
                    await worker.frame()
                self._failing -= failing
                self._line.give(worker)
                return
            except (asyncio.IncompleteReadError, OSError) as error:
                if self._closed:
                    return
                log.warning("a SPARQL worker could not be started (%s); trying again", type(error).__name__)
                self._failing += not failing
                failing = True
                self._drop(writer)
                if dead is not None:
                    dead.kill()
                await asyncio.sleep(pause)
                pause = min(2 * pause, 5.0)
            finally:
                there.close()

    def _spawn(self, end: socket.socket) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise ConnectionError
            process = subprocess.Popen(COMMAND, stdin=end.fileno(), stdout=end.fileno(), stderr=subprocess.DEVNULL)
            self._processes.add(process)
            return process

    def _reap(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        with self._lock:
            self._processes.discard(process)

    def _kill_all(self) -> None:
        with self._lock:
            self._closed = True
            for process in self._processes:
                process.kill()
            for process in self._processes:
                process.wait()
            self._processes.clear()
