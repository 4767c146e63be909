"""`provender recommend`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from api.cli import data_option, fail, format_option


@click.command("recommend")
@click.argument("profile", type=click.Path(path_type=Path))
@data_option
@format_option
@click.option(
    "--full",
    default=5,
    show_default=True,
    type=click.IntRange(0),
    help="How many solutions are explained in full (text and markdown).",
)
@click.option(
    "--blocked",
    default=10,
    show_default=True,
    type=click.IntRange(0),
    help="How many blocked ones are shown with reasons.",
)
@click.option(
    "--weight", "weights", multiple=True, metavar="NAME=VALUE", help="Set a criterion's weight; the others are scaled."
)
def command(profile: Path, data: Path | None, format_: str, full: int, blocked: int, weights: tuple[str, ...]) -> None:
    """Say what the organisation of PROFILE can do about its data problems, what it cannot, and why.

    PROFILE is a YAML or JSON file, or the name of a packaged example.  Example:  provender recommend radiology-group
    """
    from api.opening import open_profile
    from engine.recommendation import recommend
    from engine.score import reweighted

    case = open_profile(profile, data)
    try:
        changes = {name: float(value) for name, _, value in (w.partition("=") for w in weights)}
        wanted = reweighted(case.compiled.weights, changes)
    except ValueError as error:
        fail(f"--weight: {error}")
    answer = recommend(case.compiled, case.profile, case.assumed, weights=wanted, resembles=case.resembles)
    if format_ == "json":
        click.echo(json.dumps(asdict(answer), ensure_ascii=False, indent=1))
        return
    from api.render.recommendation import render
    from api.render.setters import setter_for

    click.echo(render(answer, case.context, setter_for(format_), full, blocked))
