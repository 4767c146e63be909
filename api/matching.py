"""Opens the matcher's index: from a fresh build if there is one, else fitted anew."""

from __future__ import annotations

import json
from pathlib import Path

from api.build import INDEX
from engine.matching import Index
from kb.home import fresh_build
from kb.records import Catalogue


def open_index(data: Path, catalogue: Catalogue) -> Index:
    """The fitted matcher of a catalogue; without a build it is fitted on the spot, which takes about two seconds."""
    folder = fresh_build(data)
    if folder is not None and (folder / INDEX).is_file():
        held = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        postings = {name: tuple((d, w) for d, w in pairs) for name, pairs in held["postings"].items()}
        return Index(tuple(held["challenges"]), tuple(held["owner"]), held["idf"], postings)
    from engine.fit import fit

    return fit(catalogue)
