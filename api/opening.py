"""Opens what a command works on: the catalogue, a profile, and the challenges its words point to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import report
from api.render.context import Context
from engine.compiled import Compiled
from kb.faults import CatalogueError
from kb.home import default_data, open_to_answer
from kb.profiles import profile_from, read_profile
from kb.records.profile import Profile

if TYPE_CHECKING:
    from kb.records import Catalogue


@dataclass(frozen=True)
class Case:
    """A catalogue and an organisation, ready to be answered.

    `raw` is the profile as written; `assumed` are challenges read from its own words, `resembles` the nearest one if none is certain.
    """

    data: Path
    catalogue: Catalogue
    compiled: Compiled
    raw: dict[str, Any]
    profile: Profile
    assumed: tuple[str, ...]
    resembles: str | None
    context: Context


def open_catalogue_case(data: Path | None) -> Case:
    """Open the catalogue with an organisation of which nothing is known."""
    folder = data or default_data()
    catalogue = open_to_answer(folder)
    return _case(folder, catalogue, {}, profile_from({}, catalogue), "your organisation")


def open_profile(profile: Path, data: Path | None) -> Case:
    """Open a profile file, or a packaged example by its name; a profile that cannot be used ends the program with status 2."""
    folder = data or default_data()
    catalogue = open_to_answer(folder)
    packaged = folder / "profiles" / f"{profile}.yaml"
    file = packaged if not profile.exists() and packaged.is_file() else profile
    if not file.is_file():
        examples = ", ".join(sorted(f.stem for f in (folder / "profiles").glob("*.yaml")))
        what = "is a folder" if file.is_dir() else "there is no such file"
        click.echo(
            f"{profile}: {what}; name a YAML or JSON file, or one of the packaged examples: {examples or 'none'}",
            err=True,
        )
        raise SystemExit(2)
    try:
        parsed, raw = read_profile(file, catalogue)
    except CatalogueError as error:
        report(error)
        raise SystemExit(2) from None
    return _case(folder, catalogue, raw, parsed, file.stem)


def _case(folder: Path, catalogue: Catalogue, raw: dict[str, Any], profile: Profile, name: str) -> Case:
    assumed: tuple[str, ...] = ()
    resembles = None
    if profile.problem:
        from api.hearing import heard
        from api.matching import open_index

        assumed, resembles = heard(open_index(folder, catalogue), profile.problem)
    compiled = Compiled(catalogue)
    labels = {**{c.id: c.label for c in catalogue.challenges}, **{s.id: s.label for s in catalogue.solutions}}
    context = Context(profile.label or name, compiled.vocabulary, compiled.articles, labels)
    return Case(folder, catalogue, compiled, raw, profile, assumed, resembles, context)
