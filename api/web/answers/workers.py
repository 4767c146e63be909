"""Where answers are computed: a few threads beside the event loop, with a time limit and a queue that ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from api.web.problems import Problem

T = TypeVar("T")
MOST_WAITING = 256


class Workers:
    """Runs plain functions in threads.

    A thread cannot be stopped from outside: what takes too long is answered as a problem, and its thread is free again when it is done.
    So whatever is run must end by itself, which sizes of input see to.

    Args:
        name: of the threads.
        threads: how many run at once.
        seconds: how long a caller waits.
    """

    def __init__(self, name: str, threads: int, seconds: float) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._seconds, self._callers = seconds, 0

    async def run(self, work: Callable[[], T]) -> T:
        """Run a function and wait for what it returns or raises.

        Raises:
            Problem: if it takes too long, or too many are waiting.
        """
        if self._callers >= MOST_WAITING:
            raise Problem(
                "unavailable", "Too many answers are being worked out; try again.", headers={"Retry-After": "1"}
            )
        self._callers += 1
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except TimeoutError:
            told = f"It was not there after {self._seconds:g} seconds; ask for less, or try again when there is less to do."
            raise Problem("answer-timeout", told, headers={"Retry-After": "5"}) from None
        finally:
            self._callers -= 1

    def close(self) -> None:
        """Take nothing more on."""
        self._pool.shutdown(wait=False, cancel_futures=True)
