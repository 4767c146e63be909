"""Where a solution's effort goes beyond what an organisation has: our estimates, so cautions and no verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.answer import Caution
from engine.compiled import Compiled
from kb.records.profile import Profile

if TYPE_CHECKING:
    from kb.records import Solution


class Means:
    """What an organisation has at most of money, people and time, where something is known of it.

    Args:
        compiled: the catalogue.
        profile: the organisation.
    """

    def __init__(self, compiled: Compiled, profile: Profile) -> None:
        self._compiled, self._vocabulary = compiled, compiled.vocabulary
        self._budget, self._people, self._horizon = (
            self._most(profile, *what) for what in (("budget", "euros"), ("people", "fte"), ("horizon", "weeks"))
        )
        self._known = self._budget or self._people or self._horizon

    def cautions(self, solution: Solution) -> list[Caution]:
        """Where the least money, working time and delay that a solution takes exceed the most that there is."""
        if not self._known:
            return []
        budget, people, horizon = self._budget, self._people, self._horizon
        least, work, delay = self._compiled.told.least(solution)
        found = list[str]()
        if budget and least >= budget[1]:
            found.append(f"It takes at least €{least:,.0f} in the first year; your budget is “{budget[0]}”.")
        if people and horizon and work > people[1] * horizon[1]:
            have = f"“{people[0]}” over “{horizon[0]}” give at most {people[1] * horizon[1]:g}"
            found.append(f"It takes at least {work:g} person-weeks; {have}.")
        if horizon and delay is not None and delay >= horizon[1]:
            shows = self._vocabulary.label(f"horizon.{solution.effort.time_to_value}").lower()
            found.append(f"It shows its value after “{shows}”; your time horizon is “{horizon[0]}”.")
        if not found:
            return []
        return [Caution(None, "warns", "cost", True, f"{said} (Our estimate.)", "always", None, ()) for said in found]

    def _most(self, profile: Profile, facet: str, unit: str) -> tuple[str, float] | None:
        """The highest level that is not ruled out, and the upper end of its range; nothing where nothing is known."""
        values = self._vocabulary.values(facet)
        if not any(f"{facet}.{v}" in profile.facts for v in values):
            return None
        level = next((v for v in reversed(values) if profile.facts.get(f"{facet}.{v}") is not False), values[0])
        concept = self._vocabulary.concepts[f"{facet}.{level}"]
        range_ = {"euros": concept.euros, "fte": concept.fte, "weeks": concept.weeks}[unit]
        return (concept.label.lower(), range_.high) if range_ else None
