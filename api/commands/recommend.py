"""`provender recommend`."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import click

from api.cli import data_option, format_option, report


@click.command("recommend")
@click.argument("profile", type=click.Path(path_type=Path, dir_okay=False))
@data_option
@format_option
@click.option(
    "--full",
    default=5,
    show_default=True,
    type=click.IntRange(0),
    help="How many solutions are explained in full (text and markdown).",
)
def command(profile: Path, data: Path | None, format_: str, full: int) -> None:
    """Say what the organisation of PROFILE can do about its data problems, what it cannot, and why.

    PROFILE is a YAML or JSON file, or the name of a packaged example.  Example:  provender recommend radiology-group
    """
    from kb.faults import CatalogueError
    from kb.home import default_data, open_catalogue
    from kb.profiles import read_profile

    folder = data or default_data()
    catalogue = open_catalogue(folder)
    file = profile
    packaged = folder / "profiles" / f"{profile}.yaml"
    if not file.exists() and packaged.is_file():
        file = packaged
    try:
        parsed, _ = read_profile(file, catalogue)
    except CatalogueError as error:
        if not file.exists():
            examples = ", ".join(sorted(f.stem for f in (folder / "profiles").glob("*.yaml")))
            click.echo(f"{profile}: there is no such file; packaged examples are {examples or 'none'}", err=True)
        else:
            report(error)
        raise SystemExit(2) from None
    from engine.compiled import Compiled
    from engine.recommend import recommend

    assumed: tuple[str, ...] = ()
    if parsed.problem:
        from api.matching import open_index
        from engine.match import match

        assumed = tuple(m.challenge for m in match(open_index(folder, catalogue), parsed.problem) if m.confident)
    compiled = Compiled(catalogue)
    answer = recommend(compiled, parsed, assumed)
    if format_ == "json":
        click.echo(json.dumps(asdict(answer), ensure_ascii=False, indent=1))
        return
    from api.render.recommendation import Context, Markdown, Terminal, render

    labels = {**{c.id: c.label for c in catalogue.challenges}, **{s.id: s.label for s in catalogue.solutions}}
    context = Context(parsed.label or file.stem, compiled.vocabulary, compiled.articles, labels)
    out = Markdown() if format_ == "markdown" else Terminal(min(100, shutil.get_terminal_size().columns))
    click.echo(render(answer, context, out, full))
