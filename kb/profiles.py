"""Reads profile files, with faults that name the line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.faults import CatalogueError, Fault
from kb.records.profile import Profile, ProfileError, parse_profile
from kb.source import path, read_yaml

if TYPE_CHECKING:
    from kb.records import Catalogue


def profile_from(raw: Any, catalogue: Catalogue) -> Profile:
    """Bring a profile's data into normal form against a catalogue.

    Raises:
        ProfileError: with every problem.
    """
    challenges = [c.id for c in catalogue.challenges if c.retired is None]
    solutions = [s.id for s in catalogue.solutions]
    return parse_profile(raw, catalogue.vocabulary, challenges, solutions)


def read_profile(file: Path, catalogue: Catalogue) -> tuple[Profile, dict[str, Any]]:
    """Read a profile from a YAML or JSON file.

    Returns:
        The profile in normal form, and as it was written.

    Raises:
        CatalogueError: with every fault, its line and the nearest valid names.
    """
    document, faults = read_yaml(file, str(file))
    if document is None or faults:
        raise CatalogueError(faults)
    try:
        return profile_from(document.data, catalogue), document.data
    except ProfileError as error:
        raise CatalogueError(
            Fault(document.file, document.line(p.where), path(p.where), p.message) for p in error.problems
        ) from error
