"""One published release, whole and unchanging: what a server answers from, read once from a build folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.build import INDEX, SUMS
from api.matching import index_from
from engine.compiled import Compiled
from engine.matching import Index
from kb.home import BUNDLE, FINGERPRINT
from kb.normal import from_object
from kb.records import Catalogue


class UnsettledError(Exception):
    """The folder does not hold one whole build: none was made, or one is being written."""


@dataclass(frozen=True)
class Publication:
    """A release ready to be served.

    `files` holds every built file by name, `sums` the SHA-256 of each in hexadecimal; `digest` is that of all of them together.
    """

    digest: str
    files: Mapping[str, bytes]
    sums: Mapping[str, str]
    catalogue: Catalogue
    compiled: Compiled
    index: Index

    @property
    def version(self) -> str:
        """The edition's version."""
        return self.catalogue.edition.id


def open_publication(folder: Path) -> Publication:
    """Read a build, each file held against its checksum, so that one half written is never served.

    Raises:
        UnsettledError: if the folder holds no whole build.
    """
    try:
        listed = (folder / SUMS).read_bytes()
        sums = {name: digest for digest, _, name in (line.partition("  ") for line in listed.decode().splitlines())}
        files = {name: (folder / name).read_bytes() for name in sums}
        (folder / FINGERPRINT).read_bytes()
    except OSError as error:
        raise UnsettledError(f"{folder}: no whole build is there; run `provender build` ({error})") from None
    for name, content in files.items():
        if hashlib.sha256(content).hexdigest() != sums[name]:
            raise UnsettledError(f"{folder / name}: not the file that was built; run `provender build`")
    catalogue = from_object(json.loads(files[BUNDLE]))
    return Publication(
        digest=hashlib.sha256(listed).hexdigest(),
        files=files,
        sums=sums,
        catalogue=catalogue,
        compiled=Compiled(catalogue),
        index=index_from(files[INDEX]),
    )


class Shelf:
    """Holds the publication that is current; a newer build takes its place in one step.

    A request reads `current` once and keeps what it read, so it never sees two releases.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.current = open_publication(folder)

    def refresh(self) -> bool:
        """Take up a newer build if there is a whole one; say whether there was."""
        try:
            if hashlib.sha256((self.folder / SUMS).read_bytes()).hexdigest() == self.current.digest:
                return False
            self.current = open_publication(self.folder)
        except (OSError, UnsettledError):
            return False
        return True
