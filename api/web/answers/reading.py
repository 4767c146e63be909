"""Reads what a request asks for; whatever is wrong with it is told as a problem that says where."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api import strict
from api.web.problems import Fault, Problem, pointer
from kb.records import nearest

Model = TypeVar("Model", bound=BaseModel)
JSON = "application/json"
_LONGEST = 400

# Pydantic's own sentences are not ours to promise.
_SAID: Mapping[str, str] = {
    "missing": "is missing",
    "string_type": "is text",
    "string_too_short": "has no character; say it in at least {min_length}",
    "string_too_long": "has too many characters; say it in at most {max_length:,}",
    "dict_type": "is an object",
    "model_type": "is an object",
    "list_type": "is a list",
    "too_long": "has {actual_length} entries; at most {max_length} are read",
    "bool_type": "is true or false",
    "int_type": "is a whole number",
    "float_type": "is a number",
    "greater_than_equal": "is at least {ge}",
    "less_than_equal": "is at most {le:,}",
    "too_short": "has no entry; at least {min_length} is needed",
    "literal_error": "is one of {expected}",
    "string_pattern_mismatch": "does not have the form {pattern}",
}


async def read_body(request: Request, most: int) -> bytes:
    """The body of a request that sends JSON.

    Raises:
        Problem: if it sends something else, or more than `most` bytes.
    """
    sent = request.headers.get("content-type", "")
    kind, *others = (part.strip().lower() for part in sent.split(";"))
    charsets = {part.removeprefix("charset=").strip('"') for part in others if part.startswith("charset=")}
    if kind != JSON or not charsets <= {"utf-8", "utf8"}:
        told = f"Send JSON in UTF-8 and say so: Content-Type: {JSON}; this came as {sent[:100] or 'nothing that is named'}."
        raise Problem("unsupported-media-type", told, headers={"Accept-Post": JSON})
    body = await request.body()
    if len(body) > most:
        raise Problem("too-large", f"The body has {len(body):,} bytes; at most {most:,} are read.")
    return body


def envelope(model: type[Model], value: Any) -> Model:
    """Hold a request against its model.

    Raises:
        Problem: with every fault, and the nearest valid member for one that is unknown.
    """
    if not isinstance(value, dict):
        raise Problem("invalid-input", "The request does not hold.", [Fault("", "is an object, as the examples show")])
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = []
        for held in error.errors(include_url=False, include_input=False):
            where = held["loc"]
            if held["type"] == "extra_forbidden":
                said = f"is no member of this request; {nearest(where[-1], model.model_fields)}"
            else:
                said = _SAID.get(held["type"], "does not hold").format(**held.get("ctx", {}))
            faults.append(Fault(shortened(pointer(where)), shortened(said)))
        raise refused(faults) from None


def from_json(content: bytes) -> Any:
    """Read JSON.

    Raises:
        Problem: saying where it breaks off.
    """
    try:
        return strict.loads(content)
    except strict.StrictError as error:
        extra = {} if error.position is None else {"position": error.position}
        raise Problem("bad-request", f"The body is not JSON: {error}.", extra=extra) from None


def parameters(request: Request, allowed: Collection[str]) -> dict[str, str]:
    """The query's parameters, each given once.

    Raises:
        Problem: for one that is unknown, or given twice.
    """
    if not request.scope["query_string"]:
        return {}
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in allowed:
            told = nearest(name, allowed) if allowed else "this takes none, all goes into the body"
            raise Problem("unknown-parameter", f"There is no parameter {name[:100]!r}; {told}.")
        if name in found:
            raise Problem("bad-request", f"The parameter {name} is given twice.")
        found[name] = value
    return found


def refused(faults: Collection[Fault]) -> Problem:
    """The problem that holds these faults."""
    n = len(faults)
    return Problem("invalid-input", f"{n} thing{' does' if n == 1 else 's do'} not hold; see `errors`.", tuple(faults))


def shortened(text: str) -> str:
    """What is told without the middle of what was sent, if that is long."""
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} … {text[-half:]}"
