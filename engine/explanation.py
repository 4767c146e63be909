"""Why not, what to change, and what else: three different answers on one solution and one organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.answer import Reason, Verdict
from engine.compiled import LEVELS, Compiled
from engine.recommendation import reason
from engine.unlock import Unlock, Unlocker
from engine.verdicts import Known, Ruling, rule
from kb.records.profile import Profile
from kb.records.words import literal_in_words

NEAREST = 3


@dataclass(frozen=True)
class Alternative:
    """A solution that does a like job and is not blocked; `likeness` runs from 0 to 1."""

    solution: str
    label: str
    likeness: float
    verdict: Verdict
    shares: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """What clashes, what to change, and the nearest alternatives.

    `deciders` are the questions that would settle an undecided verdict. `no_unlock` says why there is no unlock, where there is none.
    """

    solution: str
    label: str
    catalogue: str
    verdict: Verdict
    clashes: tuple[Reason, ...]
    unlocks: tuple[Unlock, ...]
    no_unlock: str | None
    deciders: tuple[str, ...]
    alternatives: tuple[Alternative, ...]


def explain(compiled: Compiled, profile: Profile, solution: str) -> Explanation:
    """Explain a solution's verdict for an organisation.

    Args:
        compiled: the catalogue.
        profile: the organisation in normal form.
        solution: id of a solution.

    Raises:
        KeyError: if there is no such solution, or it is retired.
    """
    rulings = rule(compiled, Known(compiled, profile))
    ruling = rulings[solution]
    blocking = [b for b in ruling.bites if b.certain and b.rule.limitation.effect == "blocks"]
    unlocker = Unlocker(compiled, profile)
    unlocks = unlocker.unlocks(ruling)
    said = None
    if ruling.verdict == "blocked" and not unlocks:
        said = _no_unlock(compiled, unlocker, ruling)
    return Explanation(
        solution=solution,
        label=ruling.option.solution.label,
        catalogue=compiled.version,
        verdict=ruling.verdict,
        clashes=tuple(reason(compiled, b) for b in blocking) if ruling.verdict == "blocked" else (),
        unlocks=unlocks,
        no_unlock=said,
        deciders=ruling.deciders,
        alternatives=alternatives(compiled, rulings, solution),
    )


def _no_unlock(compiled: Compiled, unlocker: Unlocker, ruling: Ruling) -> str:
    """Name a clash that no means can mend."""
    for holding, lacking in unlocker.clashes(ruling):
        if not unlocker.mends(lacking):
            atoms = [(c, True) for c in compiled.concepts(holding)] + [(c, False) for c in compiled.concepts(lacking)]
            said = ", and ".join(literal_in_words(c, holds, compiled.vocabulary) for c, holds in atoms)
            return f"It does not fit your case, because: {said}; no money, people, skills or facilities that you would take on change that."
    return "It would take more than four changes at once."


def alternatives(
    compiled: Compiled, rulings: Mapping[str, Ruling], solution: str, most: int = NEAREST
) -> tuple[Alternative, ...]:
    """The nearest solutions that are not blocked.

    Likeness: the coverage that two solutions share over the challenges that either addresses (three fifths), whether one stands in for
    the other by the catalogue (one fifth), and the share of kinds of data and tasks in which both were validated (one fifth).
    """
    this = rulings[solution].option
    found = []
    for other, ruling in rulings.items():
        if other == solution or ruling.verdict == "blocked":
            continue
        shares = tuple(c for c in this.addressings if ruling.high.get(c, "none") != "none")
        if not shares:
            continue
        every = set(this.addressings) | set(ruling.option.addressings)
        stated = {c: LEVELS.index(a.coverage) for c, a in this.addressings.items()}
        high = {c: LEVELS.index(level) for c, level in ruling.high.items()}
        common = sum(min(stated.get(c, 0), high.get(c, 0)) for c in every)
        whole = sum(max(stated.get(c, 0), high.get(c, 0)) for c in every)
        mine, theirs = _settings(this.solution.validated_in), _settings(ruling.option.solution.validated_in)
        met = len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0
        likeness = 0.6 * common / whole + 0.2 * (other in this.solution.instead_of) + 0.2 * met
        found.append(Alternative(other, ruling.option.solution.label, round(likeness, 6), ruling.verdict, shares))
    found.sort(key=lambda a: (-a.likeness, a.solution))
    return tuple(found[:most])


def _settings(contexts: tuple[object, ...]) -> set[tuple[str, str]]:
    return {(f, getattr(c, f)) for c in contexts for f in ("modality", "task") if getattr(c, f) is not None}
