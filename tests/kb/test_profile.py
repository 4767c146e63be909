from __future__ import annotations

from typing import Any

import pytest

from kb.faults import CatalogueError
from kb.profiles import profile_from, read_profile
from kb.records import Catalogue
from kb.records.profile import Profile, ProfileError
from tests.conftest import DATA


def facts(raw: dict[str, Any], catalogue: Catalogue, facet: str) -> dict[str, bool]:
    return {k.partition(".")[2]: v for k, v in profile_from(raw, catalogue).facts.items() if k.startswith(f"{facet}.")}


def test_a_level_settles_every_level_below_and_above(catalogue: Catalogue) -> None:
    assert facts({"budget": "small"}, catalogue, "budget") == {
        "none": True,
        "small": True,
        "medium": False,
        "large": False,
    }


def test_bounds_leave_the_levels_between_them_open(catalogue: Catalogue) -> None:
    assert facts({"budget": {"at_least": "small"}}, catalogue, "budget") == {"none": True, "small": True}
    assert facts({"budget": {"at_most": "small"}}, catalogue, "budget") == {
        "none": True,
        "medium": False,
        "large": False,
    }
    assert facts({"budget": {"at_least": "small", "at_most": "medium"}}, catalogue, "budget") == {
        "none": True,
        "small": True,
        "large": False,
    }


def test_a_plain_list_is_complete_and_a_mapping_is_not(catalogue: Catalogue) -> None:
    assert facts({"velocity": ["batch"]}, catalogue, "velocity") == {"batch": True, "stream": False}
    assert facts({"velocity": []}, catalogue, "velocity") == {"batch": False, "stream": False}
    assert facts({"velocity": {"has": ["batch"]}}, catalogue, "velocity") == {"batch": True}
    assert facts({"velocity": {"lacks": ["batch"]}}, catalogue, "velocity") == {"batch": False}


def test_a_facet_left_out_is_unknown_but_what_is_not_ruled_out_is_not(catalogue: Catalogue) -> None:
    assert facts({}, catalogue, "skills") == {}
    assert set(facts({}, catalogue, "rules_out").values()) == {False}
    assert facts({"rules_out": ["hiring"]}, catalogue, "rules_out")["new-vendor"] is False
    assert facts({"rules_out": {"has": ["hiring"]}}, catalogue, "rules_out") == {"hiring": True}


def test_an_empty_profile_is_a_profile(catalogue: Catalogue) -> None:
    profile = profile_from({}, catalogue)
    assert profile.severities == {}
    assert isinstance(profile, Profile)


@pytest.mark.parametrize(
    ("raw", "where", "message"),
    [
        ({"budjet": "small"}, ("budjet",), "did you mean budget?"),
        ({"budget": "smal"}, ("budget",), "did you mean small?"),
        ({"budget": {"at_least": "large", "at_most": "small"}}, ("budget",), "contradict each other"),
        ({"budget": {"over": "small"}}, ("budget",), "is a level or"),
        ({"skills": ["statistic"]}, ("skills", 0), "did you mean statistics?"),
        ({"skills": "statistics"}, ("skills",), "is a list of values"),
        (
            {"skills": {"has": ["statistics"], "lacks": ["statistics"]}},
            ("skills", "lacks", 0),
            "to be there and to be lacking",
        ),
        ({"challenges": {"data-drift": 7}}, ("challenges", "data-drift"), "from 1 (minor) to 5 (critical)"),
        ({"challenges": {"data-drift": True}}, ("challenges", "data-drift"), "is not a severity"),
        ({"challenges": {"data-drifts": 3}}, ("challenges", "data-drifts"), "did you mean data-drift"),
        ({"challenges": ["data-drift"]}, ("challenges",), "maps challenges to severities"),
        ({"in_place": ["dropuot"]}, ("in_place", 0), "did you mean dropout"),
        ({"in_place": [["dropout"]]}, ("in_place", 0), "there is no solution"),
        ({"in_place": "dropout"}, ("in_place",), "is a list of solutions"),
        ({"tried": {"dropout": 3}}, ("tried",), "to a note"),
        ({"prefer": {"tool": 2}}, ("prefer", "tool"), "from 0 to 1"),
        ({"prefer": {"shiny": 1}}, ("prefer", "shiny"), "cannot be preferred"),
        ({"problem": "x" * 1_000_000}, ("problem",), "at most 20,000"),
        ({"problem": 3}, ("problem",), "is text"),
        ([], (), "is a mapping"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(raw: Any, where: tuple, message: str, catalogue: Catalogue) -> None:
    with pytest.raises(ProfileError) as caught:
        profile_from(raw, catalogue)
    assert any(p.where == where and message in p.message for p in caught.value.problems), caught.value


def test_all_problems_are_told_at_once(catalogue: Catalogue) -> None:
    with pytest.raises(ProfileError) as caught:
        profile_from({"budjet": 1, "skills": ["x"], "challenges": {"y": 3}}, catalogue)
    assert len(caught.value.problems) == 3


def test_a_profile_file_is_told_with_its_line(catalogue: Catalogue, tmp_path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("budget: small\nskills:\n  - statistics\n  - statistic\n", encoding="utf-8")
    with pytest.raises(
        CatalogueError, match=r"p\.yaml:4: skills\[1\]: 'statistic' is not a value of skills; did you mean statistics\?"
    ):
        read_profile(file, catalogue)


def test_json_is_read_too(catalogue: Catalogue, tmp_path) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"budget": "small", "skills": {"has": ["statistics"]}}', encoding="utf-8")
    profile, _ = read_profile(file, catalogue)
    assert profile.facts["skills.statistics"] is True


def test_the_examples_cover_the_organisations_that_were_asked_for() -> None:
    names = {f.stem for f in (DATA / "profiles").glob("*.yaml")}
    assert {
        "radiology-group",
        "press-shop",
        "contract-start-up",
        "retail-bank",
        "news-recommender",
        "truck-camera-maker",
    } <= names
