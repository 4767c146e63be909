"""`provender reconcile`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from api.cli import data_option, format_option, report


@click.command("reconcile")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--write", is_flag=True, help="Write what the table attests back into the catalogue's sources.")
@data_option
@format_option
def command(table: Path, write: bool, data: Path | None, format_: str) -> None:
    """Hold the catalogue against the study's own tables, for whoever has the full paper.

    TABLE is a CSV with the columns kind (challenge or article), name, and optionally phase and doi.
    Exit status 1 if anything differs or is missing.  Example:  provender reconcile tables.csv
    """
    from kb.faults import CatalogueError
    from kb.home import default_data, open_catalogue
    from kb.reconcile import attest, read_table, reconcile

    folder = data or default_data()
    catalogue = open_catalogue(folder)
    try:
        items = reconcile(catalogue, read_table(table))
    except CatalogueError as error:
        report(error)
        raise SystemExit(2) from None
    if format_ == "json":
        click.echo(json.dumps([asdict(i) for i in items], ensure_ascii=False, indent=1))
    else:
        for i in items:
            place = f"{table.name}:{i.line}" if i.line else f"{i.kind} {i.record}"
            mark = "- " if format_ == "markdown" else ""
            record = f" ({i.record})" if i.record and i.line else ""
            click.echo(f"{mark}{place}: {i.name}: {i.outcome}{record}{': ' + i.detail if i.detail else ''}")
        click.echo(
            ", ".join(f"{n} {outcome}" for outcome, n in sorted(Counter(i.outcome for i in items).items())), err=True
        )
    if write:
        for file in attest(items, catalogue, folder):
            click.echo(f"wrote {file}", err=True)
    raise SystemExit(0 if all(i.outcome == "matches" for i in items) else 1)
