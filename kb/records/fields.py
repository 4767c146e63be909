"""What a record is made of: field types and the marks from which tables, graph and schemas are derived."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

SLUG = r"[a-z0-9]+(?:[-_][a-z0-9]+)*"


@dataclass(frozen=True)
class Ref:
    """Marks a field that holds the id of another record of the given kind."""

    kind: str


@dataclass(frozen=True)
class OfScheme:
    """Marks a field that holds a concept of the given scheme, written without the scheme's name."""

    scheme: str


@dataclass(frozen=True)
class Term:
    """Marks a field that is published under an established RDF property instead of one of ours."""

    curie: str


@dataclass(frozen=True)
class Unordered:
    """Marks a list in which order means nothing; it is kept sorted so that equality is set equality."""


def _printable(text: str) -> str:
    bad = sorted({c for c in text if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c == "\ufffe"})
    if bad:
        raise ValueError(f"holds the control character {bad[0]!r}; delete it")
    return text


T = TypeVar("T")


def _sorted_once(items: tuple[T, ...]) -> tuple[T, ...]:
    ordered = sorted(items, key=str)
    for first, second in itertools.pairwise(ordered):
        if first == second:
            raise ValueError(f"{first} is named twice; name it once")
    return tuple(ordered)


def sort_once(items: Iterable[T]) -> tuple[T, ...]:
    """Return the items sorted by their text.

    Raises:
        ValueError: if one is there twice.
    """
    return _sorted_once(tuple(items))


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_printable)]
Slug = Annotated[str, StringConstraints(pattern=f"^{SLUG}$", max_length=80)]
DottedId = Annotated[str, StringConstraints(pattern=rf"^{SLUG}\.{SLUG}$", max_length=160)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"{}|\\^`]+$")]
Texts = Annotated[tuple[Text, ...], AfterValidator(_sorted_once), Unordered()]
Urls = Annotated[tuple[Url, ...], AfterValidator(_sorted_once), Unordered()]


class Part(BaseModel):
    """A piece of a record; frozen, and closed to fields it does not declare."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Record(Part):
    """Something with an id of its own that never changes and is never used again."""

    kind_: ClassVar[str]
