"""Random profiles, texts and mistakes, more varied than people's."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from engine.score import CRITERIA
from engine.tokens import FOLD
from kb.records import Catalogue, Limitation
from kb.records.condition import Condition
from kb.records.profile import MAX_PROBLEM, PREFERABLE
from tests.generators import random_profile

_LETTERS = [chr(code) for code in FOLD]
_RANGES = (
    (0, 0x20), (0x20, 0x7F), (0x7F, 0x250), (0x300, 0x370), (0x370, 0x530), (0x590, 0x780), (0x2000, 0x2070), (0x4E00, 0x9FFF),
    (0xD800, 0xE000), (0xE000, 0x10000), (0x10000, 0x11000), (0x1F300, 0x1FA00), (0, 0x110000),
)  # fmt: skip


def random_text(rng: random.Random, phrases: list[str], broken: bool = True) -> str:
    """Any characters among phrases of the catalogue; with halves of surrogate pairs, unless it must not be broken."""
    parts = [rng.choice(phrases) + " " for _ in range(rng.choice([0, 0, 1, 1, 2]))]
    for _ in range(rng.choice([0, 1, 3, 10, 40])):
        kind = rng.random()
        if kind < 0.5:
            parts.append(rng.choice(phrases) + rng.choice([" ", "", "-", "\u0301", "\0"]))
        elif kind < 0.7:
            parts += rng.choices(_LETTERS, k=3)
        else:
            low, high = rng.choice(_RANGES)
            parts += [chr(rng.randrange(low, high)) for _ in range(3)]
    text = "".join(parts)
    return same(text if broken else "".join(c for c in text if not "\ud800" <= c <= "\udfff"))


def same(value: Any) -> Any:
    """A value as it comes out of JSON, where halves of a surrogate pair that meet are one character."""
    return json.loads(json.dumps(value))


def phrases_of(catalogue: Catalogue) -> list[str]:
    """The sentences by which challenges are described, and their words."""
    said = [s.says for c in catalogue.challenges for s in c.symptoms] + [c.label for c in catalogue.challenges]
    return sorted({*said, *(word for text in said for word in text.split())})


def random_case(catalogue: Catalogue, rng: random.Random, phrases: list[str]) -> dict[str, Any]:
    """A profile that uses all that a profile may hold."""
    raw = random_profile(catalogue, rng, rng.random())
    solutions = [s.id for s in catalogue.solutions]
    if rng.random() < 0.3:
        del raw["challenges"]
    if rng.random() < 0.4:
        raw["problem"] = random_text(rng, phrases)
    if rng.random() < 0.3:
        raw["tried"] = {
            s: random_text(rng, phrases, broken=False) for s in rng.sample(solutions, min(2, len(solutions)))
        }
    if rng.random() < 0.4:
        names = [*catalogue.vocabulary.values("kind"), *PREFERABLE]
        raw["prefer"] = {name: rng.choice([0, 1, rng.random()]) for name in rng.sample(names, rng.randint(0, 4))}
    if rng.random() < 0.3:
        raw |= {
            "label": random_text(rng, phrases, broken=False),
            "about": None,
            rng.choice(catalogue.vocabulary.facets): None,
        }
    return raw


def random_means(catalogue: Catalogue, rng: random.Random) -> dict[str, Any]:
    """A profile of small means of which nothing else is known, so that there is much to unlock."""
    raw: dict[str, Any] = {}
    for scheme in catalogue.schemes:
        if scheme.more_helps:
            values = catalogue.vocabulary.values(scheme.id)
            some = rng.sample(values, rng.randint(0, len(values)))
            raw[scheme.id] = rng.choice(values[:3]) if scheme.order == "ordered" else sorted(some)
    return raw


def with_random_clashes(catalogue: Catalogue, rng: random.Random) -> Catalogue:
    """The catalogue with three blocking limitations for each solution, each met by either of two means, so that unlocks overlap."""
    schemes = [s.id for s in catalogue.schemes if s.more_helps and s.order == "ordered"]

    def clash(limitation: Limitation) -> Limitation:
        concepts = [f"{s}.{rng.choice(catalogue.vocabulary.values(s)[1:])}" for s in rng.sample(schemes, 2)]
        literals = [{"concept": c, "holds": False} for c in sorted(concepts)]
        when = Condition.model_validate({"clauses": [{"literals": literals}]})
        return limitation.model_copy(update={"effect": "blocks", "reduces": (), "when": when})

    kept: dict[str, list[Limitation]] = {}
    for limitation in catalogue.limitations:
        kept.setdefault(limitation.solution, []).append(limitation)
    limitations = [clash(limitation) for held in kept.values() for limitation in held[:3]]
    return catalogue.model_copy(update={"limitations": tuple(limitations)})


def random_options(rng: random.Random) -> dict[str, Any]:
    """Mostly none."""
    options: dict[str, Any] = {}
    if rng.random() < 0.2:
        options["first"] = rng.randint(0, 4)
    if rng.random() < 0.2:
        options["margin"] = rng.random() / 5
    if rng.random() < 0.2:
        options["weights"] = {c: rng.randint(0, 25) / 100 for c in rng.sample(CRITERIA, rng.randint(0, 3))}
    return options


_JUNK: list[Any] = [
    None, True, False, 0, 7, -1, 2.5, 1e-05, -1e-07, 1e300, 2**53 - 1, "", " ", "small ", "nonsense", "it's", 'say "so"', "both '\"", "a\n\t\\\0é\u200b\ue000",
    [], ["x", None, 3], [[]], {}, {"has": 1}, {"has": ["x"], "lacks": []}, {"has": [], "some": []}, {"at_least": "huge"}, {"at_least": "large", "at_most": "none"},
    {"at_least": "small", "more": 1}, {"data-drift": 0, "data_drift": 3, "Drift": 2.5, "concept-drift": True}, {"__proto__": "x", "toString": "y"},
    {"quick": 2, "cheep": 1, "method": -0.5}, "x" * 250,
]  # fmt: skip
_KEYS = [
    "buget",
    "Skills",
    "data-volume",
    "challenge",
    "__proto__",
    "constructor",
    "toString",
    "1",
    "",
    "é\U0001f642",
    "rules-out",
]
_FIELDS = ["id", "label", "about", "problem", "challenges", "in_place", "tried", "prefer", "fictional"]


def random_mistake(catalogue: Catalogue, rng: random.Random) -> Any:
    """A profile with up to three things in it that are mostly wrong, or none at all."""
    if rng.random() < 0.02:
        return rng.choice([x for x in _JUNK if not isinstance(x, dict)])
    raw = random_profile(catalogue, rng, 0.2)
    for _ in range(rng.randint(1, 3)):
        key = rng.choice([*catalogue.vocabulary.facets, *_FIELDS, *_FIELDS, *_KEYS])
        raw[key] = copy.deepcopy(rng.choice(_JUNK))
    if rng.random() < 0.05:
        raw["problem"] = rng.choice(["x", "\U0001f642"]) * (MAX_PROBLEM + rng.randint(0, 1))
    if rng.random() < 0.3:
        names = [rng.choice(catalogue.challenges).id, *(s.id for s in rng.sample(catalogue.solutions, 3))]
        raw["tried"] = {_misspelt(name, rng): "x" for name in names}
        raw["in_place"] = [_misspelt(name, rng) for name in names]
    return raw


def _misspelt(name: str, rng: random.Random) -> str:
    at = rng.randrange(len(name))
    return rng.choice(
        [
            name[:at] + name[at + 1 :],
            name[:at] + rng.choice("xé_-") + name[at:],
            name.upper(),
            name.replace("-", "_"),
            name,
        ]
    )
