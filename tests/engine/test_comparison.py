from __future__ import annotations

import itertools

from engine.comparison import compare
from engine.compiled import Compiled
from engine.verdicts import Known, rule
from kb.profiles import profile_from, read_profile
from kb.records import Catalogue
from tests.conftest import DATA, EDITION


def test_nothing_differs_between_equals(catalogue: Catalogue, compiled: Compiled) -> None:
    profile, raw = read_profile(DATA / "profiles" / "press-shop.yaml", catalogue)
    found = compare((compiled, profile), (compiled, profile_from(raw, catalogue)))
    assert (found.differences, found.availability, found.shifts) == ((), (), ())


def test_a_means_gained_names_the_limitation_it_turns(catalogue: Catalogue, compiled: Compiled) -> None:
    profile, raw = read_profile(DATA / "profiles" / "contract-start-up.yaml", catalogue)
    richer = profile_from(raw | {"infrastructure": [*raw["infrastructure"], "orchestrator"]}, catalogue)
    found = compare((compiled, profile), (compiled, richer))
    assert found.differences == (
        "“pipeline orchestrator” in infrastructure (before: no “pipeline orchestrator” in infrastructure)",
    )
    shift = next(s for s in found.shifts if s.solution == "schema-based-data-validation")
    assert (shift.before, shift.after, shift.change) == ("blocked", "feasible", "became feasible")
    assert any("orchestrator" in b for b in shift.because)


def test_every_change_of_a_verdict_is_told_with_a_reason(catalogue: Catalogue, compiled: Compiled) -> None:
    files = sorted((DATA / "profiles").glob("*.yaml"))
    for one, other in itertools.pairwise(files):
        a, b = (read_profile(f, catalogue)[0] for f in (one, other))
        found = compare((compiled, a), (compiled, b))
        first, second = (rule(compiled, Known(compiled, p)) for p in (a, b))
        told = {s.solution: s for s in found.shifts if s.before != s.after}
        assert set(told) == {s for s in first if first[s].verdict != second[s].verdict}
        assert all(s.because for s in told.values())


def test_a_newer_edition_tells_what_was_added_and_retired(catalogue: Catalogue, compiled: Compiled) -> None:
    gone = "dropout"
    limitation = next(x for x in catalogue.limitations if x.solution == "target-encoding" and x.effect == "blocks")
    newer = catalogue.model_copy(
        update={
            "edition": catalogue.edition.model_copy(update={"id": "2026.12.1"}),
            "solutions": tuple(s for s in catalogue.solutions if s.id != gone),
            "addressings": tuple(a for a in catalogue.addressings if a.solution != gone),
            "limitations": tuple(x for x in catalogue.limitations if x.solution != gone and x.id != limitation.id),
        }
    )
    profile = profile_from({"challenges": {"overfitting": 4}}, catalogue)
    found = compare((compiled, profile), (Compiled(newer), profile))
    assert found.differences[0] == f"catalogue 2026.12.1 (before: {EDITION})"
    shift = next(s for s in found.shifts if s.solution == gone)
    assert (shift.after, shift.because) == ("not there", ("retired from the catalogue",))
