"""`provender gaps`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from api.cli import data_option, format_option


@click.command("gaps")
@data_option
@format_option
def command(data: Path | None, format_: str) -> None:
    """List, for each challenge, the kinds of data, places of deployment and domains in which nothing that covers it well was validated.

    Example:  provender gaps --format markdown
    """
    from kb.gaps import CONTEXTS, find_gaps
    from kb.home import default_data, open_catalogue
    from kb.records.words import joined, lower

    catalogue = open_catalogue(data or default_data())
    gaps = find_gaps(catalogue)
    if format_ == "json":
        click.echo(json.dumps(asdict(gaps), ensure_ascii=False, indent=1))
        return
    vocabulary = catalogue.vocabulary
    labels = {c.id: c.label for c in catalogue.challenges}
    cells = sum(map(len, gaps.missing.values()))
    total = cells + sum(map(len, gaps.validated.values()))
    head = (
        f"Gaps on record in catalogue {gaps.version}: for {cells} of {total} pairs of a challenge and a context, no solution of at least "
        "substantial coverage is recorded as validated there. What a source does not report is empty too."
    )
    mark = "## " if format_ == "markdown" else ""
    click.echo(f"{'# ' if mark else ''}{head}\n")
    for challenge, missing in gaps.missing.items():
        click.echo(
            f"{mark}{labels[challenge]}"
            + (" — no solution claims more than partial coverage" if challenge in gaps.partial else "")
        )
        for facet in CONTEXTS:
            names = [lower(vocabulary.label(c)) for c in missing if c.startswith(f"{facet}.")]
            if names:
                every = len(names) == len(vocabulary.values(facet))
                said = f"any {facet}" if every else joined(names, "or")
                click.echo(f"{'- ' if mark else '  '}{facet}: nothing recorded for {said}")
        click.echo()
