"""Tokens, join codes, and the only form in which a token is kept."""

from __future__ import annotations

import hashlib
import secrets

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = 10


def hashed(secret: str) -> str:
    """SHA-256 of a token or key, the only form in which it is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token() -> str:
    """256 random bits, in letters that fit a header."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """A join code of 49 random bits, in letters and digits that are not taken for each other."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_CODE))


def code_of(text: str) -> str:
    """A join code as people type it, in the form in which it is kept.

    >>> code_of(" k7m4w-2qx9t ")
    'K7M4W2QX9T'
    """
    return "".join(c for c in text.upper() if c.isalnum())[:_CODE]
