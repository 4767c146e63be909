"""An organisation's profile: what is known of it, what it struggles with, and what it will not do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from kb.records.terms import Vocabulary, nearest

Where = tuple[str | int, ...]
MAX_PROBLEM = 20_000
_PLAIN = ("id", "label", "about", "problem")
_KEYS = (*_PLAIN, "challenges", "in_place", "tried", "prefer", "fictional")
PREFERABLE = ("maintained", "quick", "cheap", "low-knowledge")


@dataclass(frozen=True)
class Problem:
    """Something wrong with a profile: where, and how to mend it."""

    where: Where
    message: str


class ProfileError(ValueError):
    """The profile cannot be used; carries everything that is wrong with it."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{'.'.join(map(str, p.where))}: {p.message}" for p in problems))


@dataclass(frozen=True)
class Profile:
    """A profile in normal form.

    `facts` maps concepts to what is known of them; a concept that is missing is unknown. For an ordered facet a concept stands for
    *at least this level*. `severities` run from 1 to 5.
    """

    id: str | None = None
    label: str | None = None
    about: str | None = None
    facts: Mapping[str, bool] = field(default_factory=dict)
    severities: Mapping[str, int] = field(default_factory=dict)
    problem: str | None = None
    in_place: tuple[str, ...] = ()
    tried: Mapping[str, str] = field(default_factory=dict)
    prefer: Mapping[str, float] = field(default_factory=dict)


def parse_profile(raw: Any, vocabulary: Vocabulary, challenges: Collection[str], solutions: Collection[str]) -> Profile:
    """Bring a profile as people write it into normal form.

    Args:
        raw: the mapping that a profile file holds.
        vocabulary: the facets and their values.
        challenges: ids that may be named.
        solutions: ids that may be named.

    Raises:
        ProfileError: with every problem found; unknown names come with the nearest valid ones.
    """
    if not isinstance(raw, Mapping):
        raise ProfileError([Problem((), "a profile is a mapping of facets to values; see data/profiles for examples")])
    reader = _Reader(vocabulary, challenges, solutions)
    for key, value in raw.items():
        reader.entry(str(key), value)
    if reader.problems:
        raise ProfileError(reader.problems)
    for scheme in vocabulary.schemes.values():
        if scheme.omitted_means_no and not isinstance(raw.get(scheme.id), Mapping):
            for concept in vocabulary.named(scheme.id).values():
                reader.facts.setdefault(concept, False)
    texts = {key: str(raw[key]).strip() for key in _PLAIN if raw.get(key)}
    return Profile(
        facts={concept: reader.facts[concept] for concept in sorted(reader.facts)},
        severities=dict(sorted(reader.severities.items())),
        in_place=tuple(sorted(reader.in_place)),
        tried=dict(sorted(reader.tried.items())),
        prefer=dict(sorted(reader.prefer.items())),
        **texts,
    )


class _Reader:
    """Collects facts and problems while it goes through a profile."""

    def __init__(self, vocabulary: Vocabulary, challenges: Collection[str], solutions: Collection[str]) -> None:
        self.vocabulary = vocabulary
        # In order, so that a fault lists them the same way each time.
        self.known_challenges, self.known_solutions = (dict.fromkeys(sorted(ids)) for ids in (challenges, solutions))
        self.problems: list[Problem] = []
        self.facts: dict[str, bool] = {}
        self.severities: dict[str, int] = {}
        self.in_place: set[str] = set()
        self.tried: dict[str, str] = {}
        self.prefer: dict[str, float] = {}

    def wrong(self, where: Where, message: str) -> None:
        self.problems.append(Problem(where, message))

    def entry(self, key: str, value: Any) -> None:
        if key in self.vocabulary.facets:
            if value is not None:
                (self.level if self.vocabulary.ordered(key) else self.values)(key, value)
        elif key in _PLAIN:
            if value is not None and not isinstance(value, str):
                self.wrong((key,), "is text")
            elif key == "problem" and value is not None and len(value) > MAX_PROBLEM:
                self.wrong((key,), f"has {len(value):,} characters; say it in at most {MAX_PROBLEM:,}")
        elif key == "fictional":
            if not isinstance(value, bool):
                self.wrong((key,), "is true or false")
        elif key in _KEYS:
            getattr(self, f"_{key}")(value)
        else:
            self.wrong(
                (key,),
                f"is no facet and no field of a profile; {nearest(key, [*self.vocabulary.facets, *_KEYS])}",
            )

    def known(self, where: Where, facet: str, value: Any) -> bool:
        choices = self.vocabulary.values(facet)
        if value not in choices:
            self.wrong(where, f"{value!r} is not a value of {facet}; {nearest(value, choices)}")
            return False
        return True

    def level(self, facet: str, value: Any) -> None:
        bounds = value if isinstance(value, Mapping) else {"at_least": value, "at_most": value}
        if not bounds or not set(bounds) <= {"at_least", "at_most"}:
            self.wrong((facet,), "is a level or {at_least: …, at_most: …}")
            return
        where = (facet,) if not isinstance(value, Mapping) else None
        known = [self.known(where or (facet, bound), facet, level) for bound, level in bounds.items()]
        if not all(known):
            return
        levels = self.vocabulary.values(facet)
        low = levels.index(bounds["at_least"]) if "at_least" in bounds else 0
        high = levels.index(bounds["at_most"]) if "at_most" in bounds else len(levels) - 1
        if low > high:
            self.wrong((facet,), f"at least {levels[low]} and at most {levels[high]} contradict each other")
            return
        for rank, concept in enumerate(self.vocabulary.named(facet).values()):
            if rank <= low or rank > high:
                self.facts[concept] = rank <= low

    def values(self, facet: str, value: Any) -> None:
        lists = value if isinstance(value, Mapping) else {"has": value}
        if not lists or not set(lists) <= {"has", "lacks"} or not all(isinstance(v, list) for v in lists.values()):
            self.wrong((facet,), "is a list of values (what is left out is lacking) or {has: [...], lacks: [...]}")
            return
        concepts = self.vocabulary.named(facet)
        for side, items in lists.items():
            holds = side == "has"
            for at, item in enumerate(items):
                concept = concepts.get(item) if isinstance(item, str) else None
                where = (facet, at) if lists is not value else (facet, side, at)
                if concept is None:
                    self.known(where, facet, item)
                    continue
                if self.facts.setdefault(concept, holds) != holds:
                    self.wrong(where, f"{item} is said to be there and to be lacking")
        if lists is not value:
            for concept in concepts.values():
                self.facts.setdefault(concept, False)

    def _challenges(self, value: Any) -> None:
        if not isinstance(value, Mapping):
            self.wrong(("challenges",), "maps challenges to severities, as in {data-drift: 4}")
            return
        for challenge, severity in value.items():
            where = ("challenges", str(challenge))
            if challenge not in self.known_challenges:
                self.wrong(where, f"there is no challenge {challenge!r}; {nearest(challenge, self.known_challenges)}")
            elif isinstance(severity, bool) or not isinstance(severity, int) or not 1 <= severity <= 5:
                self.wrong(
                    where,
                    f"{severity!r} is not a severity; use a whole number from 1 (minor) to 5 (critical)",
                )
            else:
                self.severities[challenge] = severity

    def _solution(self, where: Where, value: Any) -> bool:
        if isinstance(value, str) and value in self.known_solutions:
            return True
        self.wrong(where, f"there is no solution {value!r}; {nearest(value, self.known_solutions)}")
        return False

    def _in_place(self, value: Any) -> None:
        if not isinstance(value, list):
            self.wrong(("in_place",), "is a list of solutions")
            return
        self.in_place = {v for at, v in enumerate(value) if self._solution(("in_place", at), v)}

    def _tried(self, value: Any) -> None:
        if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
            self.wrong(("tried",), "maps solutions to a note on what came of it")
            return
        self.tried = {s: note for s, note in value.items() if self._solution(("tried", str(s)), s)}

    def _prefer(self, value: Any) -> None:
        choices = [*self.vocabulary.values("kind"), *PREFERABLE]
        if not isinstance(value, Mapping):
            self.wrong(("prefer",), f"maps what is preferred to a weight from 0 to 1; {nearest('', choices)}")
            return
        for name, weight in value.items():
            where = ("prefer", str(name))
            if name not in choices:
                self.wrong(where, f"{name!r} cannot be preferred; {nearest(name, choices)}")
            elif isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight <= 1:
                self.wrong(where, f"{weight!r} is not a weight; use a number from 0 to 1")
            else:
                self.prefer[name] = float(weight)
