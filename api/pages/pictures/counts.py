"""What the pictures count, each once; live records only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kb.records import evidence_level

if TYPE_CHECKING:
    from api.pages.page import Site
    from kb.records import Addressing, Challenge, Limitation, Solution

Tally = Counter[tuple[str, str]]
"""How many limitations by factor and effect."""


def challenges(site: Site) -> Sequence[Challenge]:
    """By phase, then by label."""
    live = [c for c in site.catalogue.challenges if c.retired is None]
    return sorted(live, key=lambda c: (site.rank("phase", c.phase), c.label))


def solutions(site: Site) -> Sequence[Solution]:
    """In the catalogue's order."""
    return [s for s in site.catalogue.solutions if s.retired is None]


def addressings(site: Site) -> Sequence[Addressing]:
    """Of live solutions and live challenges."""
    shown = {c.id for c in challenges(site)}
    return [a for s in solutions(site) for a in site.by_solution.get(s.id, ()) if a.challenge in shown]


def limitations(site: Site) -> Sequence[Limitation]:
    """Of live solutions."""
    return [x for s in solutions(site) for x in site.limitations.get(s.id, ())]


def tally(held: Iterable[Limitation]) -> Tally:
    """Count them."""
    return Counter((x.factor, x.effect) for x in held)


def by_phase(site: Site, phase: str) -> Tally:
    """Limitations of the solutions that help with a challenge of the phase, each once."""
    helping = {a.solution for a in addressings(site) if site.challenges[a.challenge].phase == phase}
    return tally(x for x in limitations(site) if x.solution in helping)


def of_challenge(site: Site, challenge: str) -> Tally:
    """Limitations of a challenge's solutions, without those that reduce only what the solution does for other challenges."""
    helping = {a.solution for a in site.by_challenge.get(challenge, ())}
    return tally(
        x
        for x in limitations(site)
        if x.solution in helping and (x.effect != "reduces" or any(r.challenge == challenge for r in x.reduces))
    )


def levels(site: Site, held: Iterable[Addressing | Limitation]) -> Counter[str]:
    """Strongest supporting evidence, by kind."""
    return Counter(evidence_level(x.evidence, site.catalogue.vocabulary) for x in held)


def best(site: Site, solution: str) -> str:
    """The best coverage that a solution states of any challenge."""
    return max((a.coverage for a in site.by_solution[solution]), key=lambda c: site.rank("coverage", c))
