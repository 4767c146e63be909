"""Where a solution's effort goes beyond what an organisation has: our estimates, so cautions and no verdicts."""

from __future__ import annotations

from engine.answer import Caution
from engine.compiled import Compiled
from kb.records import Solution
from kb.records.profile import Profile


def effort_cautions(compiled: Compiled, profile: Profile, solution: Solution) -> list[Caution]:
    """Compare the least money, working time and delay that a solution takes with the most that there is, where something is known of it."""
    effort, found = solution.effort, list[str]()
    budget, people, horizon = (
        _most(compiled, profile, *what) for what in (("budget", "euros"), ("people", "fte"), ("horizon", "weeks"))
    )
    tiers = [compiled.vocabulary.concepts[f"cost.{tier}"].euros for tier in (effort.one_off_cost, effort.running_cost)]
    least = sum(range_.low for range_ in tiers if range_)
    if budget and least >= budget[1]:
        found.append(f"It takes at least €{least:,.0f} in the first year; your budget is “{budget[0]}”.")
    if people and horizon and effort.person_weeks.low > people[1] * horizon[1]:
        have = f"“{people[0]}” over “{horizon[0]}” give at most {people[1] * horizon[1]:g}"
        found.append(f"It takes at least {effort.person_weeks.low:g} person-weeks; {have}.")
    weeks = compiled.vocabulary.concepts[f"horizon.{effort.time_to_value}"].weeks
    if horizon and weeks and weeks.low >= horizon[1]:
        shows = compiled.vocabulary.label(f"horizon.{effort.time_to_value}").lower()
        found.append(f"It shows its value after “{shows}”; your time horizon is “{horizon[0]}”.")
    return [Caution(None, "warns", "cost", True, f"{said} (Our estimate.)", "always", None, ()) for said in found]


def _most(compiled: Compiled, profile: Profile, facet: str, unit: str) -> tuple[str, float] | None:
    """The highest level that is not ruled out, and the upper end of its range; nothing where nothing is known."""
    values = compiled.vocabulary.values(facet)
    if not any(f"{facet}.{v}" in profile.facts for v in values):
        return None
    level = next((v for v in reversed(values) if profile.facts.get(f"{facet}.{v}") is not False), values[0])
    concept = compiled.vocabulary.concepts[f"{facet}.{level}"]
    range_ = {"euros": concept.euros, "fte": concept.fte, "weeks": concept.weeks}[unit]
    return (concept.label.lower(), range_.high) if range_ else None
