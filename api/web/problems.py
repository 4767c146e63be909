"""Errors over HTTP: RFC 9457 problems of one shape, whatever failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from kb.iri import BASE

MEDIA_TYPE = "application/problem+json"
TYPES: Mapping[str, tuple[int, str]] = {
    "unknown-parameter": (400, "There is no such query parameter"),
    "bad-request": (400, "The request cannot be understood"),
    "query-refused": (400, "The query is not run here"),
    "query-malformed": (400, "The query is not SPARQL 1.1"),
    "unauthorised": (401, "A valid key is needed"),
    "forbidden": (403, "This is not allowed"),
    "not-found": (404, "There is nothing here"),
    "method-not-allowed": (405, "This method does not work here"),
    "no-such-page": (404, "The list has no such page"),
    "not-acceptable": (406, "None of the accepted media types can be given"),
    "request-timeout": (408, "The request took too long to arrive"),
    "conflict": (409, "Somebody else was faster"),
    "not-now": (409, "It does not fit how things stand"),
    "key-reused": (422, "The idempotency key was used before, for something else"),
    "session-full": (409, "The session holds no more events"),
    "too-large": (413, "The request is too large"),
    "url-too-long": (414, "The address is too long"),
    "unsupported-media-type": (415, "The body's media type is not understood"),
    "invalid-input": (422, "The input does not hold"),
    "too-many-requests": (429, "Too many requests"),
    "headers-too-large": (431, "The request headers are too large"),
    "internal-error": (500, "Something failed here"),
    "query-timeout": (503, "The query took too long"),
    "unavailable": (503, "Not ready yet"),
    "answer-timeout": (503, "The answer took too long"),
}
"""Every type of problem with its status and title; `docs` lists them, and a test holds both together."""

HOME = BASE + "problem/"


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the input: a JSON pointer to it (RFC 6901), and what to do about it."""

    pointer: str
    detail: str


@dataclass
class Problem(Exception):
    """Stops a request and is told as `application/problem+json`.

    Args:
        type: a key of `TYPES`, which gives status and title.
        detail: what was wrong here, and what to do.
        errors: the single faults, where the input has several.
        headers: sent along, such as `Retry-After` or `Allow`.
        extra: further members of the problem.
    """

    type: str
    detail: str
    errors: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return TYPES[self.type][0]

    def body(self) -> bytes:
        """The problem as JSON."""
        status, title = TYPES[self.type]
        made: dict[str, Any] = {"type": HOME + self.type, "title": title, "status": status, "detail": self.detail}
        if self.errors:
            made["errors"] = [{"pointer": f.pointer, "detail": f.detail} for f in self.errors]
        return json.dumps({**made, **self.extra}, ensure_ascii=False).encode()


def for_status(status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> Problem:
    """The problem that fits a bare HTTP status, as frameworks raise it."""
    names = {s: name for name, (s, _) in reversed(list(TYPES.items()))}
    fallback = "bad-request" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "internal-error"
    return Problem(names.get(status, fallback), detail or HTTPStatus(status).description, headers=headers or {})


def pointer(where: Sequence[str | int]) -> str:
    """A JSON pointer.

    >>> pointer(("challenges", "data/drift", 0))
    '/challenges/data~1drift/0'
    """
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in where)


SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Names the type of problem, for programs."},
        "title": {"type": "string", "description": "The type in words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What was wrong here, and what to do."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "title": "Fault",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer to the member or parameter that does not hold.",
                    },
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
"""JSON Schema of a problem; some types have further members."""
