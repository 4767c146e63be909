"""`provender plan`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from api.cli import data_option, fail, format_option


@click.command("plan")
@click.argument("profile", type=click.Path(path_type=Path))
@click.option("--euros", type=float, help="Money in all; the upper bound of the profile's tier unless given.")
@click.option("--person-weeks", type=float, help="Working time in all; people times horizon unless given.")
@click.option("--weeks", type=float, help="Time in all; the upper bound of the profile's horizon unless given.")
@click.option("--parallel", type=float, help="How many things may be under way at once; 3 unless given.")
@click.option("--pareto", "front", is_flag=True, help="Show the front of money against coverage instead of one plan.")
@data_option
@format_option
def command(
    profile: Path,
    euros: float | None,
    person_weeks: float | None,
    weeks: float | None,
    parallel: float | None,
    front: bool,
    data: Path | None,
    format_: str,
) -> None:
    """Make a roadmap for the organisation of PROFILE: what to choose within its money and time, what to gain for it, and when.

    Example:  provender plan radiology-group --euros 60000
    """
    from api.opening import open_profile
    from engine.plan import Planner, limits_of, pareto, plan

    case = open_profile(profile, data)
    try:
        limits = limits_of(
            case.compiled, case.profile, euros=euros, person_weeks=person_weeks, weeks=weeks, parallel=parallel
        )
    except ValueError as error:
        fail(f"plan: {error}")
    planner = Planner(case.compiled, case.profile, limits, case.assumed)

    def report(text: str) -> None:
        click.echo(f"  {text} …", err=True)

    if front:
        points = pareto(planner, report)
        if format_ == "json":
            click.echo(json.dumps([asdict(p) for p in points], ensure_ascii=False, indent=1))
            return
        for point in points:
            names = "; ".join(case.context.labels[s] for s in point.solutions) or "nothing"
            click.echo(
                f"{'- ' if format_ == 'markdown' else ''}€{point.euros:>9,.0f}  coverage {point.gain:.2f}  {names}"
            )
        return
    made = plan(planner, report)
    if format_ == "json":
        click.echo(json.dumps(asdict(made), ensure_ascii=False, indent=1))
        return
    from api.render.roadmap import render
    from api.render.setters import setter_for

    click.echo(render(made, case.context, setter_for(format_)))
