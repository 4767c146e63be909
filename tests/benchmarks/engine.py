"""How long answers take, as medians and as ratios to a peer in the same run; equal results are checked before anything is timed."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from engine.compiled import Compiled
from engine.plan import Planner, limits_of, plan
from engine.questions import interview
from engine.unlock import Unlocker
from engine.verdicts import Known, rule
from kb.home import validated
from kb.profiles import profile_from, read_profile
from tests.benchmarks.scale import grown
from tests.conftest import DATA, ROOT
from tests.engine.test_questions import answered, whole
from tests.generators import random_profile

RUNS = 7


def median(action: Callable[[], Any], runs: int = RUNS) -> float:
    """Median milliseconds of several runs after one that is not counted."""
    action()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def answers() -> None:
    """Unlocks, roadmaps and questions at the real catalogue's size."""
    catalogue = validated(DATA)
    compiled = Compiled(catalogue)
    slowest = 0.0
    for file in sorted((DATA / "profiles").glob("*.yaml")):
        case, _ = read_profile(file, catalogue)
        rulings, unlocker = rule(compiled, Known(compiled, case)), Unlocker(compiled, case)
        slowest = max(slowest, median(lambda u=unlocker, r=rulings: [u.unlocks(x) for x in r.values()]))  # type: ignore[misc]
    print(f"all unlocks of all blocked solutions, slowest of the example organisations: {slowest:.2f} ms")
    case, _ = read_profile(DATA / "profiles" / "retail-bank.yaml", catalogue)
    print(
        f"roadmap for the retail bank: {median(lambda: plan(Planner(compiled, case, limits_of(compiled, case)))):.1f} ms"
    )
    print(f"next question, nothing known: {median(lambda: interview(compiled, profile_from({}, catalogue))):.1f} ms")


def roadmaps(organisations: int = 15, size: int = 100) -> None:
    """Roadmaps over a synthetic catalogue of a hundred solutions, for random organisations with a year and some money."""
    real = validated(DATA)
    compiled, rng = Compiled(grown(real, size, random.Random(7))), random.Random(2026)
    times = []
    for _ in range(organisations):
        raw = random_profile(real, rng, known=0.95) | {"in_place": [], "tried": {}, "challenges": {}}
        case = profile_from(raw, real)
        limits = limits_of(compiled, case, euros=150_000, person_weeks=80, weeks=52)
        start = time.perf_counter()
        plan(Planner(compiled, case, limits))
        times.append(time.perf_counter() - start)
    print(
        f"roadmap over {size} solutions, all {len(compiled.challenges)} challenges, {organisations} organisations: "
        f"median {statistics.median(times):.2f} s, slowest {max(times):.2f} s"
    )


def questions(organisations: int = 500) -> None:
    """Questions until the first five are settled: as asked, in the vocabulary's order, and in a random order."""
    catalogue = validated(DATA)
    compiled, rng = Compiled(catalogue), random.Random(2026)
    counts: dict[str, list[int]] = {"ours": [], "fixed order": [], "random order": []}
    for _ in range(organisations):
        truth = whole(catalogue, rng)
        order = list(compiled.vocabulary.facets)
        counts["ours"].append(answered(catalogue, compiled, truth, None))
        counts["fixed order"].append(answered(catalogue, compiled, truth, order))
        counts["random order"].append(answered(catalogue, compiled, truth, rng.sample(order, len(order))))
    medians = {name: statistics.median(held) for name, held in counts.items()}
    print(
        f"questions to a settled top five, median of {organisations} organisations: {medians}; ratio to fixed {medians['ours'] / medians['fixed order']:.2f}"
    )


def cold() -> None:
    """Cold commands against importing scikit-learn's text module."""
    python = sys.executable
    program = [python, "-c", "from api.cli import main; main()"]

    def run(*args: str) -> Callable[[], Any]:
        return lambda: subprocess.run([*args], cwd=ROOT, capture_output=True, check=True)

    subprocess.run([*program, "build"], cwd=ROOT, capture_output=True, check=True)
    peer = median(run(python, "-c", "import sklearn.feature_extraction.text"))
    for name, args in (("--help", ["--help"]), ("recommend press-shop", ["recommend", "press-shop"])):
        ours = median(run(*program, *args))
        print(
            f"provender {name}: {ours:.0f} ms; importing sklearn.feature_extraction.text: {peer:.0f} ms; ratio {ours / peer:.2f}"
        )


if __name__ == "__main__":
    answers()
    roadmaps()
    cold()
    questions()
