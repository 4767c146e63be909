from __future__ import annotations

import itertools
import random

import pytest

from kb.records import Catalogue, Condition, Vocabulary
from kb.records.condition import canonical, parse
from kb.records.words import condition_in_words


def read(written: object, vocabulary: Vocabulary) -> Condition:
    return Condition.model_validate(written, context={"vocabulary": vocabulary})


@pytest.fixture(scope="module")
def vocabulary(catalogue: Catalogue) -> Vocabulary:
    return catalogue.vocabulary


@pytest.mark.parametrize(
    ("written", "clauses"),
    [
        ("always", [set()]),
        ({"budget": {"below": "medium"}}, [{("budget.medium", False)}]),
        ({"budget": {"at_most": "small"}}, [{("budget.medium", False)}]),
        ({"volume": {"above": "medium"}}, [{("volume.large", True)}]),
        ({"volume": {"at_least": "medium", "below": "huge"}}, [{("volume.medium", True), ("volume.huge", False)}]),
        ({"skills": {"lacks": "statistics"}}, [{("skills.statistics", False)}]),
        ({"modality": {"has_any": ["text", "image"]}}, [{("modality.image", True)}, {("modality.text", True)}]),
        ({"modality": {"has_none": ["text", "image"]}}, [{("modality.text", False), ("modality.image", False)}]),
        ({"velocity": {"only": ["batch"]}}, [{("velocity.stream", False)}]),
        (
            {"skills": {"lacks_any": ["statistics", "ml-engineering"]}},
            [{("skills.ml-engineering", False)}, {("skills.statistics", False)}],
        ),
        (
            {"budget": {"below": "small"}, "velocity": {"has": "stream"}},
            [{("budget.small", False), ("velocity.stream", True)}],
        ),
        ({"all": [{"volume": {"at_least": "medium"}}, {"volume": {"at_least": "large"}}]}, [{("volume.large", True)}]),
        ({"any": [{"volume": {"at_least": "medium"}}, {"volume": {"at_least": "large"}}]}, [{("volume.medium", True)}]),
    ],
)
def test_conditions_are_read_into_tight_clauses(written: object, clauses: list[set], vocabulary: Vocabulary) -> None:
    assert {frozenset(c) for c in clauses} == set(read(written, vocabulary).atoms())


def test_equal_conditions_are_equal_data(vocabulary: Vocabulary) -> None:
    one = read({"any": [{"budget": {"below": "small"}}, {"modality": {"has_all": ["text", "image"]}}]}, vocabulary)
    other = read(
        {
            "any": [
                {"all": [{"modality": {"has": "image"}}, {"modality": {"has": "text"}}]},
                {"budget": {"at_most": "none"}},
            ]
        },
        vocabulary,
    )
    assert one == other
    assert one.model_dump_json() == other.model_dump_json()


def _holds(clauses: object, world: dict[str, bool]) -> bool:
    return any(all(world[c] == h for c, h in clause) for clause in clauses)


def test_tightening_never_changes_what_a_condition_means(vocabulary: Vocabulary) -> None:
    """Against every organisation that differs in two ordered facets and one plain one."""
    rng = random.Random(7)
    budgets, volumes, velocities = (vocabulary.values(f) for f in ("budget", "volume", "velocity"))
    worlds = []
    for b, v in itertools.product(range(len(budgets)), range(len(volumes))):
        for has in itertools.product([True, False], repeat=len(velocities)):
            world = {f"budget.{x}": at <= b for at, x in enumerate(budgets)}
            world |= {f"volume.{x}": at <= v for at, x in enumerate(volumes)}
            world |= {f"velocity.{x}": h for x, h in zip(velocities, has, strict=True)}
            worlds.append(world)
    atoms = [a for a in worlds[0] if a not in ("budget.none", "volume.small")]
    checked = 0
    for _ in range(400):
        clauses = [
            frozenset((rng.choice(atoms), rng.random() < 0.5) for _ in range(rng.randint(1, 3)))
            for _ in range(rng.randint(1, 3))
        ]
        truth = [_holds(clauses, w) for w in worlds]
        try:
            tight = canonical(clauses, vocabulary)
        except ValueError as error:
            refused = "can never hold" in str(error)
            assert refused or all(truth), clauses
            if refused:
                assert any(not any(_holds([c], w) for w in worlds) for c in clauses), clauses
            continue
        assert [_holds(tight, w) for w in worlds] == truth, clauses
        assert not all(truth)
        checked += 1
    assert checked > 100


def test_a_condition_that_explodes_is_refused(vocabulary: Vocabulary) -> None:
    wide = {"any": [{"traits": {"has": v}} for v in vocabulary.values("traits")[:6]]}
    with pytest.raises(ValueError, match="say it more simply"):
        parse({"all": [wide, {"any": [{"task": {"has": v}} for v in vocabulary.values("task")[:6]]}]}, vocabulary)


def test_conditions_are_said_in_words(vocabulary: Vocabulary) -> None:
    said = condition_in_words(
        read(
            {
                "any": [
                    {"budget": {"below": "small"}, "skills": {"has_none": ["statistics", "ml-engineering"]}},
                    {"rules_out": {"has": "hiring"}},
                ]
            },
            vocabulary,
        ),
        vocabulary,
    )
    assert said == "hiring is ruled out; or budget below “small”, and no “ML engineering” or “statistics” in skills"
    assert condition_in_words(read("always", vocabulary), vocabulary) == "always"
