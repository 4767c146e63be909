"""Reads JSON from strangers: nothing that RFC 8259 does not have, and nothing that two readers may take differently."""

from __future__ import annotations

import json
import math
from typing import Any

WHOLE = 2**53


class StrictError(ValueError):
    """The text is not JSON, or is JSON that is not safe to understand; says what and, where known, at which character."""

    def __init__(self, message: str, position: int | None = None) -> None:
        self.position = position
        super().__init__(message)


def loads(content: bytes) -> Any:
    """Read JSON.

    Refused besides malformed text: members given twice, NaN and infinities, numbers beyond double precision's range, text that is not
    Unicode (lone surrogates), nesting that exhausts the parser. Numbers without a fraction come as whole ones, as JSON Schema has it.

    Raises:
        StrictError: with what is wrong.

    >>> loads(b'{"budget": "small", "prefer": {"quick": 1.0}}')
    {'budget': 'small', 'prefer': {'quick': 1}}
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StrictError(f"it is not UTF-8 (byte {error.start})", error.start) from None
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise StrictError(f"{error.msg} (line {error.lineno}, column {error.colno})", error.pos) from None
    except RecursionError:
        raise StrictError("it is nested too deeply") from None
    if "\\u" in text:
        _hold_unicode(value)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise StrictError(f"the member {twice[:100]!r} is given twice in one object")
    return made


def _float(digits: str) -> float | int:
    value = float(digits)
    if not math.isfinite(value):
        raise StrictError(f"the number {digits[:40]} is out of range")
    return int(value) if value.is_integer() and abs(value) < WHOLE else value


def _int(digits: str) -> float | int:
    return int(digits) if len(digits) < 16 else _float(digits)


def _refuse(name: str) -> Any:
    raise StrictError(f"{name} is not a number of JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_float=_float, parse_int=_int, parse_constant=_refuse)


def _hold_unicode(value: Any) -> None:
    """Refuse halves of surrogate pairs, which no UTF-8 can carry back."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise StrictError("a text holds half of a surrogate pair, which is no character") from None
