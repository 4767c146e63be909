"""What the server counts about itself, for Prometheus."""

from __future__ import annotations

import asyncio
import os
from bisect import bisect_left
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

MEDIA_TYPE = CONTENT_TYPE_LATEST
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable with the folder over which several workers add up; `provender serve` sets it before it starts them."""

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)


class Metrics:
    """Counters, one set for each application; over several workers they add up.

    Attributes:
        queries: SPARQL queries by `outcome`, for those who run them: `metrics.queries.labels("answered").inc()`; safe in any thread.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        kept: dict[str, Any] = {"registry": self._registry, "namespace": "provender"}
        self._requests = Counter("requests", "Requests by route and class of status.", ("route", "status"), **kept)
        self._seconds = Histogram("request_seconds", "Time from a request's head to its answer's end, by kind of route.", ("kind",),
                                  buckets=BUCKETS, **kept)  # fmt: skip
        self._in_flight = Gauge("requests_in_flight", "Requests being answered.", multiprocess_mode="livesum", **kept)
        self._catalogue = Gauge("catalogue_info", "1 for the release that is answered from.", ("version", "digest"),
                                multiprocess_mode="livemax", **kept)  # fmt: skip
        self.queries = Counter("sparql_queries", "SPARQL queries by what became of them.", ("outcome",), **kept)
        self._shown: tuple[str, str] | None = None
        self._flying = 0
        self._counted: dict[tuple[str, int], int] = {}
        self._timed: dict[str, tuple[list[int], list[float]]] = {}
        self._lately = False

    def began(self) -> None:
        """A request is being answered."""
        self._flying += 1

    def ended(self, route: str, kind: str, status: int, seconds: float) -> None:
        """Count a request that `began`; on the event loop, where nothing else counts at the same time.

        Args:
            route: a template such as `/v1/challenges/{id}`, never an address that a client chose.
            kind: the kind of route.
            status: the HTTP status.
            seconds: how long it took.
        """
        self._flying -= 1
        key = (route, status // 100)
        self._counted[key] = self._counted.get(key, 0) + 1
        timed = self._timed.get(kind)
        if timed is None:
            timed = self._timed[kind] = ([0] * (len(BUCKETS) + 1), [0.0])
        timed[0][bisect_left(BUCKETS, seconds)] += 1
        timed[1][0] += seconds
        if not self._lately:
            self._lately = True
            asyncio.get_running_loop().call_later(0.2, self._add_up)

    def _add_up(self) -> None:
        """Hand what was counted lately to prometheus_client, whose own counting would cost each request 2 to 5 microseconds."""
        self._lately = False
        counted, self._counted = self._counted, {}
        timed, self._timed = self._timed, {}
        for (route, group), n in counted.items():
            self._requests.labels(route, f"{group}xx").inc(n)
        for kind, (buckets, (seconds,)) in timed.items():
            histogram = self._seconds.labels(kind)  # it has no public way to take several observations at once
            histogram._sum.inc(seconds)
            for bucket, n in zip(histogram._buckets, buckets, strict=True):
                if n:
                    bucket.inc(n)
        self._in_flight.set(self._flying)

    def show(self, version: str, digest: str) -> None:
        """Say which release is answered from now."""
        if self._shown == (version, digest):
            return
        if self._shown is not None:
            self._label(*self._shown).set(0)
        self._shown = (version, digest)
        self._label(version, digest).set(1)

    def _label(self, version: str, digest: str) -> Gauge:
        return self._catalogue.labels(version, digest[:12])

    def text(self) -> bytes:
        """Everything in Prometheus' text format, of all workers where there are several (of the others as it was 0.2 s ago)."""
        self._add_up()
        folder = os.environ.get(FOLDER)
        if not folder:
            return generate_latest(self._registry)
        everything = CollectorRegistry()
        multiprocess.MultiProcessCollector(everything, path=folder)  # type: ignore[no-untyped-call]
        return generate_latest(everything)


def forget_worker(process: int) -> None:
    """Take a worker that has ended out of the gauges; what it counted stays."""
    if os.environ.get(FOLDER):
        multiprocess.mark_process_dead(process)  # type: ignore[no-untyped-call]
