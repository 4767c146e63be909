from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from engine.comparison import compare
from engine.compiled import Compiled
from engine.explanation import explain
from engine.fit import fit
from engine.plan import Planner, limits_of, plan
from engine.questions import interview
from engine.recommendation import recommend
from kb.normal import from_build, from_object, to_json, to_object
from kb.profiles import profile_from
from kb.records import Catalogue
from tests.conftest import ROOT
from tests.generators import random_profile


@pytest.fixture(scope="module")
def built(catalogue: Catalogue) -> Catalogue:
    return from_build(to_json(catalogue).encode())


def test_a_catalogue_read_without_validators_gives_every_answer_alike(
    catalogue: Catalogue, compiled: Compiled, built: Catalogue
) -> None:
    quick, rng = Compiled(built), random.Random(3)
    assert asdict(fit(built)) == asdict(fit(catalogue))
    for at in range(40):
        raw = random_profile(catalogue, rng, known=0.85)
        profile, same = profile_from(raw, catalogue), profile_from(raw, built)
        assert profile == same
        solution = rng.choice(compiled.names)
        first, second = [
            json.dumps(
                [
                    asdict(recommend(c, profile)),
                    asdict(explain(c, profile, solution)),
                    asdict(interview(c, profile)),
                    asdict(compare((c, profile), (c, profile_from({}, catalogue)))),
                    asdict(plan(Planner(c, profile, limits_of(c, profile)))) if at % 8 == 0 else None,
                ]
            )
            for c in (compiled, quick)
        ]
        assert first == second


def test_a_field_left_out_is_none_and_a_method_is_no_field(built: Catalogue) -> None:
    assert built.solutions[0].retired is None
    with pytest.raises(AttributeError):
        _ = built.__wrapped__  # type: ignore[attr-defined]


def test_the_normal_form_is_read_back(catalogue: Catalogue) -> None:
    assert from_object(to_object(catalogue)) == catalogue


def test_answering_imports_neither_validators_nor_scikit_learn() -> None:
    program = (
        "import sys, engine.recommendation, kb.home, kb.profiles, api.opening\n"
        "print(sorted({'pydantic', 'sklearn', 'rdflib', 'scipy', 'sqlmodel', 'fastapi'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(ROOT), check=True)
    assert done.stdout.strip() == "[]"
