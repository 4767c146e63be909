"""Opens the matcher's index: from a fresh build if there is one, else fitted anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from api.build import INDEX
from engine.matching import Index
from kb.home import fresh_build

if TYPE_CHECKING:
    from kb.records import Catalogue


def open_index(data: Path, catalogue: Catalogue) -> Index:
    """The fitted matcher of a catalogue; without a build it is fitted on the spot, which takes under a second."""
    folder = fresh_build(data)
    if folder is not None and (folder / INDEX).is_file():
        return index_from((folder / INDEX).read_bytes())
    from engine.fit import fit

    return fit(catalogue)


def index_from(built: bytes) -> Index:
    """The matcher's index as a build wrote it."""
    held = json.loads(built)
    words, pairs, runs = ({f: tuple(p) for f, p in held[kind].items()} for kind in ("words", "pairs", "runs"))
    return Index(tuple(held["challenges"]), words, pairs, runs)
