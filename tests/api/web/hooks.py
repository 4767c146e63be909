"""Hooks for schemathesis, named in `schemathesis.toml`."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import GenerationMode

# What JSON Schema cannot say: sums, disjoint lists, that a word decodes to a profile, what SPARQL is, and that a key came before.
UNSAYABLE = (
    "is said to be there and to be lacking",
    "all must add up to one",
    "each criterion once",
    "The profile in the address cannot be read",
    "The query is not SPARQL 1.1",
    "Take a new Idempotency-Key",
)


@schemathesis.serializer("application/sparql-query")
def sparql(ctx: Any, value: Any) -> bytes:
    """Sends a query as it is."""
    return str(value).encode(errors="replace")


@schemathesis.check  # type: ignore[untyped-decorator]
def refused_for_good_reason(ctx: Any, response: Any, case: Any) -> None:
    """A request that its schema allows is refused only for what a schema cannot say."""
    if (
        case.meta is None
        or case.meta.generation.mode is not GenerationMode.POSITIVE
        or response.status_code not in (400, 422)
    ):
        return
    problem = response.json()
    told = [fault["detail"] for fault in problem.get("errors", ())] or [problem["detail"]]
    wrong = [t for t in told if not any(reason in t for reason in UNSAYABLE)]
    assert not wrong, f"refused though its schema allows it: {wrong}"
