"""`provender compare`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from api.cli import data_option, fail, format_option


@click.command("compare")
@click.argument("first")
@click.argument("second")
@click.option(
    "--profile", type=click.Path(path_type=Path), help="With two releases: the organisation to compare them for."
)
@data_option
@format_option
def command(first: str, second: str, profile: Path | None, data: Path | None, format_: str) -> None:
    """Compare two profiles; or, with --profile, two kept releases for one organisation (`working` is the catalogue as it is).

    Example:  provender compare press-shop city-traffic-office
    """
    from api.opening import open_profile
    from engine.comparison import compare
    from engine.compiled import Compiled
    from kb.home import default_data
    from kb.normal import from_object
    from kb.profiles import profile_from
    from kb.release import read_release

    if profile is None:
        a, b = (open_profile(Path(p), data) for p in (first, second))
        found, labels = compare((a.compiled, a.profile), (b.compiled, b.profile)), b.context.labels
        names = a.context.name, b.context.name
    else:
        case = open_profile(profile, data)
        cases = []
        for version in (first, second):
            try:
                catalogue = (
                    case.catalogue
                    if version == "working"
                    else from_object(read_release(data or default_data(), version))
                )
            except KeyError as error:
                fail(f"compare: {error.args[0]}")
            known = profile_from({k: v for k, v in case.raw.items() if k not in ("in_place", "tried")}, catalogue)
            cases.append((Compiled(catalogue), known))
        found, labels, names = compare(cases[0], cases[1]), case.context.labels, (first, second)
    if format_ == "json":
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
        return
    mark = "- " if format_ == "markdown" else "  "
    head = "## " if format_ == "markdown" else ""
    click.echo(f"{'# ' if head else ''}From {names[0]} to {names[1]}\n\n{head}What differs")
    for said in found.differences or ("nothing that is known",):
        click.echo(f"{mark}{said}")
    click.echo(f"\n{head}Challenges")
    for challenge, before, after in found.availability:
        click.echo(f"{mark}{labels.get(challenge, challenge)}: {before} → {after}")
    click.echo(f"\n{head}Solutions")
    for s in found.shifts:
        places = f", place {s.place_before or '–'} → {s.place_after or '–'}" if s.place_before != s.place_after else ""
        click.echo(
            f"{mark}{s.label}: {s.change} (was {s.before}){places}{'; ' + '; '.join(s.because) if s.because else ''}"
        )
