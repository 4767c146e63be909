"""The shape of a record type, read off its declaration; storage, graph and schemas are all derived from it."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from kb.records import OfScheme, Part, Ref, Term, Unordered


@dataclass(frozen=True)
class Field:
    """One field of a record or part.

    Exactly one of `part` (an embedded part), `ref` (a record kind), `scheme` (a vocabulary scheme) and `scalar` (a Python type)
    says what its values are.
    """

    name: str
    many: bool
    ordered: bool
    optional: bool
    scalar: type | None = None
    ref: str | None = None
    scheme: str | None = None
    part: type[Part] | None = None
    term: str | None = None
    choices: tuple[str, ...] = ()


@cache
def fields(of: type[Part]) -> tuple[Field, ...]:
    """Fields of a record or part type in declared order; `id` included."""
    hints = get_type_hints(of, include_extras=True)
    return tuple(_field(name, hints[name], not info.is_required()) for name, info in of.model_fields.items())


def _field(name: str, hint: Any, defaulted: bool) -> Field:
    marks: list[Any] = []
    optional = many = False
    choices: tuple[str, ...] = ()
    while True:
        origin = get_origin(hint)
        if origin is Annotated:
            hint, *found = get_args(hint)
            marks += found
        elif origin in (Union, types.UnionType):
            optional = optional or type(None) in get_args(hint)
            hint = next(a for a in get_args(hint) if a is not type(None))
        elif origin is tuple:
            many = True
            hint = get_args(hint)[0]
        elif origin is Literal:
            choices = get_args(hint)
            hint = str
        else:
            break

    def mark(kind: type) -> Any:
        return next((m for m in marks if isinstance(m, kind)), None)

    ref, scheme, term = mark(Ref), mark(OfScheme), mark(Term)
    is_part = isinstance(hint, type) and issubclass(hint, Part)
    return Field(
        name=name,
        many=many,
        ordered=many and mark(Unordered) is None,
        optional=optional or (defaulted and not many),
        scalar=None if is_part or ref or scheme else hint,
        ref=ref.kind if ref else None,
        scheme=scheme.scheme if scheme else None,
        part=hint if is_part else None,
        term=term.curie if term else None,
        choices=choices,
    )


def parts(of: type[Part]) -> Iterator[type[Part]]:
    """The type itself and every type of part that is embedded in it, at any depth, each once."""
    yield from dict.fromkeys(_parts(of))


def _parts(of: type[Part]) -> Iterator[type[Part]]:
    yield of
    for field in fields(of):
        if field.part is not None:
            yield from _parts(field.part)


def values(part: Part) -> Iterator[tuple[tuple[str | int, ...], Field, Any]]:
    """Every reference and concept named in a record, with its place and field, embedded parts included."""
    for field in fields(type(part)):
        held = getattr(part, field.name)
        items = enumerate(held) if field.many else [(None, held)]
        for at, item in items:
            where = (field.name,) if at is None else (field.name, at)
            if isinstance(item, Part):
                for inner, inner_field, value in values(item):
                    yield (*where, *inner), inner_field, value
            elif item is not None and (field.ref or field.scheme):
                yield where, field, item
