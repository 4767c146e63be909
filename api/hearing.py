"""What an organisation's own words say of its challenges."""

from __future__ import annotations

from engine.matching import Index, match


def heard(index: Index, words: str | None) -> tuple[tuple[str, ...], str | None]:
    """Match the words of a profile.

    Returns:
        The challenges that are certain enough to be assumed, and the nearest one if none is.
    """
    if not words:
        return (), None
    found = match(index, words)
    assumed = tuple(m.challenge for m in found if m.confident)
    return assumed, found[0].challenge if found and found[0].score and not assumed else None
