"""One pool of SPARQL workers for the publication that is current; the one before it finishes what it was asked."""

from __future__ import annotations

import asyncio
import json

from api.publication import Publication
from api.settings import Settings
from kb.pool import QueryPool
from kb.worker import Limits

_HANDOVER = 1.0
"""Seconds for which an older pool still takes queries of requests that began before the newer one."""


class Pools:
    """Finds the pool of a publication, and starts it when it is first asked for.

    Args:
        settings: how many workers, and what a query may use.
    """

    def __init__(self, settings: Settings) -> None:
        self._workers = settings.sparql_workers
        self._limits = Limits(settings.sparql_seconds, settings.sparql_rows, settings.sparql_megabytes)
        self._pools: dict[str, QueryPool] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    async def of(self, publication: Publication) -> QueryPool:
        """The pool of a publication; those of others are closed when their queries are answered."""
        pool = self._pools.get(publication.digest)
        if pool is None:
            for older in self._pools:
                task = asyncio.create_task(self._retire(older))
                self._leaving.add(task)
                task.add_done_callback(self._leaving.discard)
            pool = self._pools[publication.digest] = QueryPool(
                publication.files["provender.nt"],
                json.loads(publication.files["context.jsonld"])["@context"],
                workers=self._workers,
                limits=self._limits,
            )
            await pool.start()
        return pool

    def able(self, publication: Publication) -> bool:
        """Whether queries about a publication can be answered, now or once its workers have started."""
        pool = self._pools.get(publication.digest)
        return pool is None or pool.able

    async def close(self) -> None:
        """End every worker."""
        for task in self._leaving:
            task.cancel()
        pools, self._pools = self._pools, {}
        await asyncio.gather(*self._leaving, *(pool.close() for pool in pools.values()), return_exceptions=True)

    async def _retire(self, digest: str) -> None:
        await asyncio.sleep(_HANDOVER)
        pool = self._pools.get(digest)
        if pool is not None:
            await pool.close(grace=4 * self._limits.seconds)
            self._pools.pop(digest, None)
