"""What the documents show is what the program does."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections import Counter

import pytest
import yaml

from kb.profiles import profile_from
from kb.records import Catalogue
from tests.api.test_cli import PROVENDER
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = [
    (command, shown)
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for command, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


@pytest.mark.parametrize(("command", "shown"), CONSOLE, ids=[c for c, _ in CONSOLE])
def test_what_the_readme_shows_is_printed(command: str, shown: str) -> None:
    program, *args = shlex.split(command)
    assert program == "provender"
    env = {"COLUMNS": "100", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    done = subprocess.run([PROVENDER, *args], capture_output=True, text=True, cwd=ROOT, check=True, env=env)
    at = 0
    for part in filter(None, (p.strip("\n") for p in shown.split("…"))):
        found = done.stdout.find(part, at)
        assert found >= 0, f"not printed, or not in this order:\n{part}"
        at = found + len(part)


def test_the_readme_shows_commands() -> None:
    assert len(CONSOLE) >= 4


def test_the_profile_in_the_readme_is_one(catalogue: Catalogue) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert profile_from(yaml.safe_load(block), catalogue).severities == {"dirty-data": 4}


def test_the_readme_names_every_command_and_counts_right(catalogue: Catalogue) -> None:
    from api.cli import COMMANDS

    assert [c for c in COMMANDS if f"provender {c}" not in README] == []
    for count, noun in (
        (len(catalogue.challenges), "data-management challenges"),
        (len(catalogue.solutions), "solutions"),
        (len(catalogue.limitations), "limitations"),
    ):
        assert re.search(rf"\b{count}\s+{noun}", README), noun
    bases = Counter(c.basis for c in catalogue.challenges)
    assert (bases["study-secondary"], bases["reconstructed"]) == (3, 17)
    assert "Three challenge names come from a secondary source, 17 are our reconstruction" in README


def test_files_that_the_readme_links_to_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_the_version_is_the_same_in_the_citation(catalogue: Catalogue) -> None:
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == catalogue.edition.id


def test_examples_in_docstrings_run() -> None:
    import doctest

    import engine
    import engine.tokens
    import kb.records.terms
    import kb.records.words
    import kb.refusal

    for module in (engine, engine.tokens, kb.records.terms, kb.records.words, kb.refusal):
        result = doctest.testmod(module)
        assert result.attempted
        assert not result.failed


def test_the_worked_example_is_recomputed(catalogue: Catalogue) -> None:
    from engine import Compiled, recommend
    from kb.profiles import read_profile

    page = (ROOT / "site/pages/method.md").read_text(encoding="utf-8")
    profile, _ = read_profile(ROOT / "data/profiles/press-shop.yaml", catalogue)
    answer = recommend(Compiled(catalogue), profile)
    first = answer.recommendations[0]
    assert first.solution == "schema-based-data-validation"
    rows = re.findall(r"^\| (\w+) \| ([\d.]+) \| .*?= ([\d.]+) \| ([\d.]+) \|$", page, re.MULTILINE)
    weights = {c.id: c.weight for c in catalogue.criteria}
    assert [(c.criterion, f"{c.share:.4f}", f"{c.value:.6f}") for c in first.contributions] == [
        (n, s, v) for n, _, s, v in rows
    ]
    assert all(weights[name] == float(weight) for name, weight, _, _ in rows)
    for expression, value in re.findall(r"\| ([\d/×+() ]+) = ([\d.]+) \|", page):
        assert f"{eval(expression.replace('×', '*')):.4f}" == value
    assert "0.388334" in page
    assert first.score == 0.388334 == first.worst
    assert sum(profile.severities.values()) == 17
    knowledge = next(r for r in answer.stability.ranges if r.criterion == "knowledge")
    assert (f"{knowledge.high}", knowledge.rival) == ("0.095296", "data-unit-tests")
    assert answer.stability.fragile
    assert f"€{catalogue.edition.person_week_euros:,.0f} a person-week" in page
