"""Pictures that other pages show; each is a function that gives Markdown, and stands in one place here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from api.pages.pictures import cycle, small

if TYPE_CHECKING:
    from api.pages.page import Site
    from kb.records import Challenge, Solution

HOME: Sequence[Callable[[Site], str]] = (cycle.picture,)
CHALLENGE: Sequence[Callable[[Site, Challenge], str]] = (small.of_challenge,)
"""Under a challenge's definition."""
SOLUTION: Sequence[Callable[[Site, Solution], str]] = (small.of_solution,)
"""Above a solution's considerations."""
