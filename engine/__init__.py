"""Rules and similarity: what is feasible for an organisation, why, and why not. Pure: no I/O, no web.

>>> from engine import Compiled, explain, interview, recommend
>>> from kb.home import default_data, open_catalogue
>>> from kb.profiles import profile_from
>>> catalogue = open_catalogue(default_data())
>>> compiled = Compiled(catalogue)
>>> profile = profile_from({"challenges": {"overfitting": 4}, "modality": ["image"], "skills": {"has": ["ml-engineering"]}}, catalogue)
>>> answer = recommend(compiled, profile)
>>> answer.challenges[0].id, answer.challenges[0].severity
('overfitting', 4)
>>> sorted({r.verdict for r in answer.recommendations})
['undecided']
>>> first = answer.recommendations[0]
>>> first.score == round(sum(c.value for c in first.contributions), 6)
True
>>> [r.inherited_from for b in answer.blocked for r in b.because if r.inherited_from]
[]
>>> explain(compiled, profile, "dropout").verdict in ("feasible", "undecided", "blocked")
True
>>> interview(compiled, profile).settled
False
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.comparison import compare
    from engine.compiled import Compiled
    from engine.explanation import explain
    from engine.matching import match
    from engine.questions import interview
    from engine.recommendation import recommend

__all__ = ["Compiled", "compare", "explain", "interview", "match", "recommend"]
_HOMES = {
    "Compiled": "compiled", "compare": "comparison", "explain": "explanation", "interview": "questions", "match": "matching",
    "recommend": "recommendation",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    # A command that needs one of them does not wait for the imports of the others.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
