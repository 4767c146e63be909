"""A small sample of `python -m tests.benchmarks.kills`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.benchmarks.kills import Postgresql, Sqlite, Store, run


@pytest.mark.parametrize(("kind", "kills"), [(Sqlite, 3), (Postgresql, 4)])
def test_what_was_acknowledged_outlives_kills(
    kind: Callable[[Path], Store], kills: int, data: Path, tmp_path: Path
) -> None:
    store = kind(tmp_path)
    try:
        found = asyncio.run(run(data, tmp_path, store, kills, seed=1))
    finally:
        if isinstance(store, Postgresql):
            store.close()
    assert found.kills.total() == kills
    assert set(found.kills) == set(store.kills)
    assert found.acknowledged > kills * 8
