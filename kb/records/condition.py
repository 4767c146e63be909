"""Conditions on an organisation: disjunctions of clauses over signed yes/no atoms, as data.

An atom is a concept of a facet. For an ordered facet it reads *at least this level*, for a plain one *has this value*.
A condition bites when one of its clauses holds; a clause holds when each of its literals does; the empty clause always does.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ValidationInfo, model_validator

from kb.records.fields import DottedId, Part, Ref
from kb.records.terms import Atoms, Vocabulary, atoms_of, nearest

MAX_CLAUSES = 24


class Literal(Part):
    """An atom with its sign."""

    concept: Annotated[DottedId, Ref("concept")]
    holds: bool


class Clause(Part):
    """Literals that must hold together."""

    literals: tuple[Literal, ...]


class Condition(Part):
    """Clauses of which one must hold; written in a profile's own words, kept in canonical order."""

    clauses: tuple[Clause, ...]

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: Any, info: ValidationInfo) -> Any:
        vocabulary = (info.context or {}).get("vocabulary")
        if vocabulary is None:
            return value
        return {"clauses": [_clause(c) for c in canonical(parse(value, vocabulary), vocabulary)]}

    @property
    def always(self) -> bool:
        """Whether the condition is the empty clause."""
        return any(not clause.literals for clause in self.clauses)

    def atoms(self) -> tuple[Atoms, ...]:
        """The clauses as sets of (concept, holds)."""
        return atoms_of(self)


def _clause(atoms: Atoms) -> dict[str, Any]:
    return {"literals": [{"concept": c, "holds": h} for c, h in sorted(atoms)]}


def parse(written: Any, vocabulary: Vocabulary) -> list[Atoms]:
    """Turn a condition as authors write it into clauses.

    Args:
        written: ``"always"``, a mapping of facets to tests, or ``{all: [...]}`` / ``{any: [...]}``.
        vocabulary: the facets and values that may be named.

    Raises:
        ValueError: naming the unknown facet, value or test, with the nearest valid ones.
    """
    if written == "always":
        return [frozenset()]
    if not isinstance(written, Mapping) or not written:
        raise ValueError("a condition is `always` or maps facets to tests, as in {budget: {below: small}}")
    parts = [_entry(str(key), value, vocabulary) for key, value in written.items()]
    return _conjoin(parts)


def _conjoin(parts: list[list[Atoms]]) -> list[Atoms]:
    clauses = [frozenset[tuple[str, bool]]()]
    for part in parts:
        clauses = [a | b for a, b in itertools.product(clauses, part)]
        if len(clauses) > MAX_CLAUSES:
            raise ValueError(f"the condition has over {MAX_CLAUSES} clauses; say it more simply")
    return clauses


def _entry(key: str, value: Any, vocabulary: Vocabulary) -> list[Atoms]:
    if key in ("all", "any"):
        if not isinstance(value, list) or not value:
            raise ValueError(f"`{key}` takes a list of conditions")
        parts = [parse(v, vocabulary) for v in value]
        return _conjoin(parts) if key == "all" else [clause for part in parts for clause in part]
    if key not in vocabulary.facets:
        raise ValueError(f"unknown facet {key!r}; {nearest(key, [*vocabulary.facets, 'all', 'any'])}")
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"{key}: say what is tested, as in {{{key}: {{{_TESTS[vocabulary.ordered(key)][0]}: …}}}}")
    return _conjoin([_test(key, str(op), arg, vocabulary) for op, arg in value.items()])


_TESTS = {True: ("below", "at_least", "above", "at_most"),
          False: ("has", "lacks", "has_any", "has_none", "has_all", "lacks_any", "only")}  # fmt: skip


def _test(facet: str, op: str, arg: Any, vocabulary: Vocabulary) -> list[Atoms]:
    ordered = vocabulary.ordered(facet)
    if op not in _TESTS[ordered]:
        kind = "ordered" if ordered else "plain"
        raise ValueError(f"{facet} is {kind} and has no test {op!r}; {nearest(op, _TESTS[ordered])}")
    single = ordered or op in ("has", "lacks")
    if single == isinstance(arg, list) or arg == []:
        raise ValueError(f"{facet}: `{op}` takes {'one value' if single else 'a list of values'}")
    values = [str(v) for v in (arg if isinstance(arg, list) else [arg])]
    known = vocabulary.values(facet)
    for value in values:
        if value not in known:
            raise ValueError(f"{facet}: unknown value {value!r}; {nearest(value, known)}")
    return _level(facet, op, values[0], known) if ordered else _held(facet, op, values, known)


def _level(facet: str, op: str, level: str, levels: tuple[str, ...]) -> list[Atoms]:
    at = levels.index(level) + (op in ("above", "at_most"))
    if at == 0 or at == len(levels):
        raise ValueError(
            f"{facet}: `{op} {level}` is {'always' if (at == 0) == (op in _UP) else 'never'} true; leave it out"
        )
    return [frozenset({(f"{facet}.{levels[at]}", op in _UP)})]


_UP = ("at_least", "above")


def _held(facet: str, op: str, values: list[str], known: tuple[str, ...]) -> list[Atoms]:
    if op == "only":
        return [frozenset((f"{facet}.{v}", False) for v in known if v not in values)]
    literals = [(f"{facet}.{v}", op.startswith("has") and op != "has_none") for v in values]
    if op in ("has_any", "lacks_any"):
        return [frozenset({literal}) for literal in literals]
    return [frozenset(literals)]


def canonical(clauses: list[Atoms], vocabulary: Vocabulary) -> list[Atoms]:
    """Drop implied literals and clauses, and order what is left, so that equal conditions are equal data.

    Raises:
        ValueError: if a clause can never hold, or the condition always does without saying so.
    """
    tight = {_tighten(clause, vocabulary) for clause in clauses}
    kept = [c for c in tight if not any(_implies(c, other, vocabulary) and c != other for other in tight)]
    kept.sort(key=lambda c: (len(c), sorted(c)))
    if kept != [frozenset()] and _tautology(kept, vocabulary):
        raise ValueError("the condition is true of every organisation; write `always`, or what was meant")
    return kept


def _rank(concept: str, vocabulary: Vocabulary) -> tuple[str, int]:
    facet, _, value = concept.partition(".")
    return facet, vocabulary.values(facet).index(value)


def _tighten(clause: Atoms, vocabulary: Vocabulary) -> Atoms:
    kept = set(clause)
    for (a, holds_a), (b, holds_b) in itertools.permutations(clause, 2):
        if a == b:
            raise ValueError(f"a clause that asks for {a} and against it can never hold")
        (facet, low), (other, high) = _rank(a, vocabulary), _rank(b, vocabulary)
        if facet != other or not vocabulary.ordered(facet) or low > high:
            continue
        if not holds_a and holds_b:
            raise ValueError(f"a clause that asks for {b} and against {a} can never hold")
        if holds_a and holds_b:
            kept.discard((a, True))
        if not holds_a and not holds_b:
            kept.discard((b, False))
    return frozenset(kept)


def _implies(stronger: Atoms, weaker: Atoms, vocabulary: Vocabulary) -> bool:
    """Whether every literal of the weaker clause follows from the stronger clause."""
    return all(any(_follows(x, y, vocabulary) for x in stronger) for y in weaker)


def _follows(x: tuple[str, bool], y: tuple[str, bool], vocabulary: Vocabulary) -> bool:
    if x == y:
        return True
    (facet, rank_x), (other, rank_y) = _rank(x[0], vocabulary), _rank(y[0], vocabulary)
    if facet != other or x[1] != y[1] or not vocabulary.ordered(facet):
        return False
    return rank_x > rank_y if x[1] else rank_x < rank_y


def _tautology(clauses: list[Atoms], vocabulary: Vocabulary) -> bool:
    """Whether one of the clauses holds whatever the organisation, by splitting on one atom after another."""
    if any(not clause for clause in clauses):
        return True
    if not clauses:
        return False
    pivot = min(min(clause) for clause in clauses)[0]
    for holds in (True, False):
        given = (pivot, holds)
        rest = []
        for clause in clauses:
            if any(_follows(given, (c, not h), vocabulary) for c, h in clause):
                continue
            rest.append(frozenset(x for x in clause if not _follows(given, x, vocabulary)))
        if not _tautology(rest, vocabulary):
            return False
    return True
