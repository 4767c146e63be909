"""A profile as one word that fits into an address, so that an answer can be linked, and cached by its link.

The form is ``1.<catalogue version>.<payload>``: the payload is base64url (RFC 4648, without padding) of the UTF-8 of the canonical JSON.
Canonical JSON is RFC 8785 — members sorted, no spaces, numbers as ECMAScript writes them — after two steps of our own: members of the
profile that are null are dropped, and lists, which in a profile are sets, are sorted and hold nothing twice. So the browser needs
nothing but ``JSON.stringify``, ``TextEncoder`` and ``btoa`` to write it, and equal profiles have equal links.
The version says which catalogue the profile was written against, so that an old link can say what has changed since.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from api import strict

FORM = "1"
MOST = 15_360
"""Characters of a word: with weights, margin and `first` beside it, an address stays within what `PROVENDER_URL_BYTES` is by default."""
PATTERN = rf"^{FORM}\.[0-9]+(\.[0-9]+)*\.[A-Za-z0-9_-]+$"


class CodeError(ValueError):
    """The word cannot be read; says why and what to do."""


@dataclass(frozen=True)
class Linked:
    """What a link holds: a profile as people write it, and the version of the catalogue for which it was written."""

    catalogue: str
    profile: Mapping[str, Any]


def encode(profile: Mapping[str, Any], catalogue: str) -> str:
    """Write a profile as a word for an address.

    >>> encode({"skills": ["statistics", "data-engineering"], "budget": "small"}, "2026.11.1")
    '1.2026.11.1.eyJidWRnZXQiOiJzbWFsbCIsInNraWxscyI6WyJkYXRhLWVuZ2luZWVyaW5nIiwic3RhdGlzdGljcyJdfQ'
    """
    payload = base64.urlsafe_b64encode(canonical(profile).encode()).decode().rstrip("=")
    return f"{FORM}.{catalogue}.{payload}"


def decode(word: str) -> Linked:
    """Read a profile from an address; whether it holds against a catalogue is for `parse_profile` to say.

    Raises:
        CodeError: if it is not one.

    >>> decode("1.2026.11.1.eyJidWRnZXQiOiJzbWFsbCJ9")
    Linked(catalogue='2026.11.1', profile={'budget': 'small'})
    """
    if len(word) > MOST:
        raise CodeError(f"it has {len(word):,} characters; at most {MOST:,} go into a link, so send it by POST")
    form, _, rest = word.partition(".")
    if form != FORM:
        raise CodeError(f"its form is {form[:20]!r}; this server reads form {FORM!r}, as in {FORM}.2026.11.1.e30")
    if not re.fullmatch(PATTERN, word):
        raise CodeError(f"it is not {FORM}, a catalogue's version and base64url without padding, with dots between")
    version, _, payload = rest.rpartition(".")
    try:
        content = base64.b64decode(payload + "=" * (-len(payload) % 4), altchars=b"-_", validate=True)
        profile = strict.loads(content)
    except binascii.Error:
        raise CodeError("its last part is not base64url; it may have been cut off") from None
    except strict.StrictError as error:
        raise CodeError(f"its last part does not hold JSON: {error}") from None
    if not isinstance(profile, dict):
        raise CodeError("its last part does not hold a profile, which is a JSON object")
    return Linked(version, profile)


def canonical(profile: Mapping[str, Any]) -> str:
    """The one JSON text of a profile.

    >>> canonical({"skills": {"lacks": [], "has": ["b", "a", "b"]}, "label": None, "prefer": {"quick": 1.0, "cheap": 1e-07}})
    '{"prefer":{"cheap":1e-7,"quick":1},"skills":{"has":["a","b"],"lacks":[]}}'
    """
    held = _ordered({name: value for name, value in profile.items() if value is not None})
    text = _compact(held)
    return _written(held) if _EXPONENT.search(text) else text


# From here on Python writes a number with an exponent, and ECMAScript not all of a whole number's digits.
_EXACT = 1e16
_EXPONENT = re.compile(r"[0-9]e[+-]?[0-9]")


def _compact(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _ordered(held) if isinstance(held, (dict, list, float)) else held for name, held in value.items()}
    if isinstance(value, list):
        return sorted(set(value)) if set(map(type, value)) <= {str} else [_ordered(v) for v in value]
    whole = isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
    return int(value) if whole else value


def _written(value: Any) -> str:
    """JSON with the numbers that Python's encoder writes otherwise than ECMAScript; slow, and hardly ever needed."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_compact(name)}:{_written(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(v) for v in value) + "]"
    return _number(value) if isinstance(value, float) else _compact(value)


def _number(value: float) -> str:
    """A number as ECMAScript writes it: without exponent from a millionth up to 10²¹."""
    shortest = repr(value)
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(shortest), "f")
    return re.sub(r"e([+-])0*", r"e\1", shortest)
