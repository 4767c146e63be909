"""Openings: the changes that free blocked solutions, several at once where unlocks are shared, and what they gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.answer import Improvement, Opening
from engine.columns import LEVELS
from engine.compiled import Addressed
from engine.unlock import Unlock, Unlocker
from engine.verdicts import Availability, Rulings, availabilities, rule
from kb.records.profile import Profile

MOST = 5


def openings(
    rulings: Rulings, profile: Profile, blocked: Sequence[str], severities: Mapping[str, int], most: int = MOST
) -> tuple[Opening, ...]:
    """The moves that free some of the blocked solutions, those that free more at once first, then the cheaper.

    Args:
        rulings: on all solutions as things are.
        profile: the organisation.
        blocked: ids of the solutions to free.
        severities: the organisation's challenges.
        most: how many are told.

    Returns:
        Each with every blocked solution it frees, and with the challenges whose best certain coverage it raises.
    """
    blocked = [s for s in blocked if rulings[s].verdict == "blocked"]
    if not blocked:
        return ()
    unlocker = Unlocker(rulings.compiled, profile, rulings.known)
    unlocks = {s: held for s in blocked if (held := unlocker.unlocks(rulings[s]))}
    if not unlocks:
        return ()
    clashes = {s: [n for _, n in unlocker.clashes(rulings[s])] for s in unlocks}
    sets = {frozenset(u.moves): u for held in unlocks.values() for u in held}
    found = []
    for unlock in sets.values():
        gained = unlocker.compiled.mask(unlocker.gained(unlock.moves))
        freed = [s for s, lacking in clashes.items() if all(n & gained for n in lacking)]
        found.append((unlock, tuple(sorted(freed))))
    found.sort(key=lambda x: (-len(x[1]), x[0].cost, [(m.facet, m.to) for m in x[0].moves]))
    addressed = rulings.compiled.addressing(severities)
    before = dict(zip(severities, availabilities(rulings, addressed), strict=True))
    return tuple(
        _opening(unlocker, before, addressed, unlock, freed, severities) for unlock, freed in _leanest(found)[:most]
    )


def _leanest(found: list[tuple[Unlock, tuple[str, ...]]]) -> list[tuple[Unlock, tuple[str, ...]]]:
    """Leave out what frees nothing that something cheaper does not free too."""
    kept = list[tuple[Unlock, tuple[str, ...]]]()
    for unlock, freed in found:
        if not any(set(freed) <= set(more) and cheaper.cost <= unlock.cost for cheaper, more in kept):
            kept.append((unlock, freed))
    return kept


def _opening(
    unlocker: Unlocker,
    before: Mapping[str, Availability],
    addressed: Addressed,
    unlock: Unlock,
    freed: tuple[str, ...],
    severities: Mapping[str, int],
) -> Opening:
    compiled = unlocker.compiled
    improved = rule(compiled, unlocker.known.gaining(compiled.mask(unlocker.gained(unlock.moves))))
    improves = []
    for (challenge, severity), after in zip(severities.items(), availabilities(improved, addressed), strict=True):
        was, now = before[challenge].low, after.low
        if LEVELS.index(now) > LEVELS.index(was):
            improves.append(Improvement(challenge, severity, was, now))
    moves = ", and ".join(m.words for m in unlock.moves)
    gain = f"{moves}: opens {len(freed)} blocked solution{'' if len(freed) == 1 else 's'}"
    if improves:
        named = ", ".join(f"“{compiled.challenges[i.challenge].label}” ({i.before} to {i.after})" for i in improves)
        gain += f" and raises what you can surely do about {named}"
    return Opening(unlock.moves, unlock.cost, freed, tuple(improves), gain)
