"""Reads the headers by which a client says what it can take: `Accept`, `Accept-Encoding` and `If-None-Match` (RFC 9110)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

KEPT = 512
"""Longer headers are parsed each time, so that nobody fills the memory with them."""


def _weighted(header: str) -> Iterator[tuple[str, float]]:
    """The members of a list with their weights; a weight that is none counts as none."""
    for member in header.split(","):
        name, *parameters = (part.strip() for part in member.split(";"))
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                try:
                    weight = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    weight = 0.0
        if name:
            yield name.lower(), weight if weight == weight else 0.0


def _encoding(header: str) -> str:
    weights = {"gzip" if name == "x-gzip" else name: weight for name, weight in _weighted(header)}
    other = weights.get("*", 0.0)
    # Where two are liked equally, the smaller answer is given; no coding at all is always allowed unless refused.
    offered = {"br": weights.get("br", other), "gzip": weights.get("gzip", other)}
    best = max(offered, key=lambda name: offered[name])
    plain = weights.get("identity", 0.0)
    return best if offered[best] > 0 and offered[best] >= plain else "identity"


def _media_type(header: str, offered: tuple[str, ...]) -> str | None:
    wanted = list(_weighted(header)) or [("*/*", 1.0)]
    best: tuple[float, int] | None = None
    for at, media_type in enumerate(offered):
        family = media_type.partition("/")[0] + "/*"
        # The most specific range that fits decides.
        weight = next(
            (max(w for n, w in wanted if n == name) for name in (media_type, family, "*/*") if name in dict(wanted)),
            0.0,
        )
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, at)
    return None if best is None else offered[best[1]]


_encoding_kept = lru_cache(maxsize=256)(_encoding)
_media_type_kept = lru_cache(maxsize=1024)(_media_type)


def encoding(header: str | None) -> str:
    """The content coding to answer in: `br`, `gzip` or `identity`.

    >>> encoding("gzip, br;q=0.5"), encoding("*;q=0, identity"), encoding(None)
    ('gzip', 'identity', 'identity')
    """
    if header is None:
        return "identity"
    return _encoding_kept(header) if len(header) <= KEPT else _encoding(header)


def media_type(header: str | None, offered: Sequence[str]) -> str | None:
    """The media type to answer in, the first of equals; None if none of those offered is taken.

    >>> media_type("text/turtle, */*;q=0.1", ("text/html", "text/turtle"))
    'text/turtle'
    >>> media_type("image/png", ("text/html",))
    """
    if header is None:
        return offered[0]
    return (_media_type_kept if len(header) <= KEPT else _media_type)(header, tuple(offered))


def matches(header: str, etag: str) -> bool:
    """Whether `If-None-Match` names this entity tag; weak tags compare equal to strong ones.

    >>> matches('W/"a", "b"', '"a"'), matches("*", '"a"'), matches('"ab"', '"a"')
    (True, True, False)
    """
    return header.strip() == "*" or any(tag.strip().removeprefix("W/") == etag for tag in header.split(","))
