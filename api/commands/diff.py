"""`provender diff`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from api.cli import data_option, fail, format_option


@click.command("diff")
@click.argument("old")
@click.argument("new", default="working")
@data_option
@format_option
def command(old: str, new: str, data: Path | None, format_: str) -> None:
    """Say which records were added, changed or retired between two kept releases; NEW is the working copy unless named.

    Exit status 1 if there is any difference.  Example:  provender diff 2026.11.1
    """
    from kb.home import default_data, open_catalogue
    from kb.normal import to_object
    from kb.release import diff, read_release

    folder = data or default_data()
    try:
        before = read_release(folder, old)
        after = to_object(open_catalogue(folder)) if new == "working" else read_release(folder, new)
    except KeyError as error:
        fail(str(error.args[0]))
    changes = diff(before, after)
    if format_ == "json":
        click.echo(json.dumps([asdict(c) for c in changes], ensure_ascii=False, indent=1))
    else:
        mark = "- " if format_ == "markdown" else ""
        for c in changes:
            detail = f" ({', '.join(c.fields)})" if c.fields else ""
            click.echo(f"{mark}{c.change} {c.kind} {c.id}: {c.label}{detail}")
        click.echo(f"{len(changes)} record{'' if len(changes) == 1 else 's'} differ.", err=True)
    raise SystemExit(1 if changes else 0)
