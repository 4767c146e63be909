"""Works something out of an immutable object once, and keeps it with that object."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def once(make: F) -> F:
    """Decorates a pure function of a frozen dataclass and of further hashable arguments.

    States share what did not change, so that most of a new one was worked out before. Like `functools.cached_property`, but beside the
    class: a state need not know how it is shown. What is returned must not be changed by its reader.
    """
    name = f"once {make.__module__}.{make.__qualname__}"

    @wraps(make)
    def found(held: Any, *more: Any) -> Any:
        kept = vars(held).setdefault(name, {})  # a frozen dataclass forbids assignment; this is no part of what it says
        if more not in kept:
            kept[more] = make(held, *more)
        return kept[more]

    return found  # type: ignore[return-value]
