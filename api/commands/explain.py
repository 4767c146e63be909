"""`provender explain`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from api.cli import data_option, fail, format_option


@click.command("explain")
@click.argument("solution")
@click.argument("profile", type=click.Path(path_type=Path))
@data_option
@format_option
def command(solution: str, profile: Path, data: Path | None, format_: str) -> None:
    """Say what clashes between SOLUTION and the organisation of PROFILE, what to change, and what else does a like job.

    Example:  provender explain federated-averaging contract-start-up
    """
    from api.opening import open_profile
    from engine.explanation import explain
    from kb.records import nearest

    case = open_profile(profile, data)
    if solution not in case.compiled.options:
        fail(f"there is no solution {solution!r}; {nearest(solution, case.compiled.options)}")
    explanation = explain(case.compiled, case.profile, solution)
    if format_ == "json":
        click.echo(json.dumps(asdict(explanation), ensure_ascii=False, indent=1))
        return
    from api.render.explanation import render
    from api.render.setters import setter_for

    click.echo(render(explanation, case.context, setter_for(format_)))
