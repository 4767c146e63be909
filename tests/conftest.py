from __future__ import annotations

import os
from pathlib import Path

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
