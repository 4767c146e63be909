"""Compresses what is made for one request: at the quickest level, since nobody may ask for the same again."""

from __future__ import annotations

import gzip

import brotli

SMALLEST = 512
"""Shorter bodies gain nothing."""


def coded(body: bytes, coding: str) -> bytes:
    """A body in a content coding: `br`, `gzip` or `identity`.

    >>> gzip.decompress(coded(b"abc", "gzip")), coded(b"abc", "identity")
    (b'abc', b'abc')
    """
    if coding == "br":
        packed: bytes = brotli.compress(body, quality=1)
        return packed
    return gzip.compress(body, compresslevel=1, mtime=0) if coding == "gzip" else body
