"""Research gaps: where no solution of at least substantial coverage has been validated, and what nothing covers better than partly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kb.records import Catalogue, Context

CONTEXTS = ("modality", "deployment", "domain")
GOOD = ("substantial", "full")


@dataclass(frozen=True)
class Gaps:
    """Gaps of a catalogue.

    `validated` and `missing` map each challenge to the context values (full concept ids) in which a solution that covers it
    substantially or better has, or has not, been reported to work. `partial` names challenges whose best stated coverage is partial.
    """

    version: str
    validated: Mapping[str, tuple[str, ...]]
    missing: Mapping[str, tuple[str, ...]]
    partial: tuple[str, ...]


def find_gaps(catalogue: Catalogue) -> Gaps:
    """Compare what the literature reports with every challenge and every modality, deployment and domain of the vocabulary."""
    vocabulary = catalogue.vocabulary
    cells = tuple(f"{facet}.{value}" for facet in CONTEXTS for value in vocabulary.values(facet))
    live = {s.id: s for s in catalogue.solutions if s.retired is None}
    validated: dict[str, set[str]] = {c.id: set() for c in catalogue.challenges if c.retired is None}
    best: dict[str, list[str]] = {c: [] for c in validated}
    for a in catalogue.addressings:
        if a.solution not in live or a.challenge not in validated:
            continue
        best[a.challenge].append(a.coverage)
        if a.coverage in GOOD:
            for context in live[a.solution].validated_in:
                validated[a.challenge].update(_cells(context))
    return Gaps(
        version=catalogue.edition.id,
        validated={c: tuple(x for x in cells if x in held) for c, held in validated.items()},
        missing={c: tuple(x for x in cells if x not in held) for c, held in validated.items()},
        partial=tuple(c for c, levels in best.items() if not set(levels) & set(GOOD)),
    )


def _cells(context: Context) -> list[str]:
    return [f"{facet}.{getattr(context, facet)}" for facet in CONTEXTS if getattr(context, facet) is not None]
