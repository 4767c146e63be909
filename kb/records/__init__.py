"""Record types of the catalogue and the organisation's profile; imports nothing but Pydantic, and that only when a type is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from kb.records.terms import Vocabulary, evidence_level, maintained, nearest

if TYPE_CHECKING:
    from kb.records.catalogue import (
        LISTS,
        TYPES,
        Addressing,
        Article,
        Catalogue,
        Challenge,
        Context,
        Criterion,
        Edition,
        Effort,
        Evidence,
        Implementation,
        Limitation,
        Link,
        Reduction,
        Retirement,
        Review,
        Solution,
        Symptom,
    )
    from kb.records.condition import Clause, Condition, Literal
    from kb.records.fields import OfScheme, Part, Record, Ref, Term, Unordered
    from kb.records.vocabulary import Concept, Gain, Range, Scheme

__all__ = [
    "LISTS",
    "TYPES",
    "Addressing",
    "Article",
    "Catalogue",
    "Challenge",
    "Clause",
    "Concept",
    "Condition",
    "Context",
    "Criterion",
    "Edition",
    "Effort",
    "Evidence",
    "Gain",
    "Implementation",
    "Limitation",
    "Link",
    "Literal",
    "OfScheme",
    "Part",
    "Range",
    "Record",
    "Reduction",
    "Ref",
    "Retirement",
    "Review",
    "Scheme",
    "Solution",
    "Symptom",
    "Term",
    "Unordered",
    "Vocabulary",
    "evidence_level",
    "maintained",
    "nearest",
]
_TYPES = {
    "catalogue": (
        "Addressing",
        "Article",
        "Catalogue",
        "Challenge",
        "Context",
        "Criterion",
        "Edition",
        "Effort",
        "Evidence",
        "Implementation",
        "LISTS",
        "Limitation",
        "Link",
        "Reduction",
        "Retirement",
        "Review",
        "Solution",
        "Symptom",
        "TYPES",
    ),
    "condition": (
        "Clause",
        "Condition",
        "Literal",
    ),
    "fields": (
        "OfScheme",
        "Part",
        "Record",
        "Ref",
        "Term",
        "Unordered",
    ),
    "vocabulary": (
        "Concept",
        "Gain",
        "Range",
        "Scheme",
    ),
}
_HOMES = {name: module for module, names in _TYPES.items() for name in names}


def __getattr__(name: str) -> Any:
    # Answering from a built catalogue needs no types and does not wait for their validators to be made.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
