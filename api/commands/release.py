"""`provender release`."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli import data_option, fail


@click.command("release")
@data_option
def command(data: Path | None) -> None:
    """Keep the catalogue under the version in catalogue.yaml, for good; a released version never changes again.

    Example:  provender release
    """
    from kb.home import default_data, validated
    from kb.release import changelog, write_release

    folder = data or default_data()
    catalogue = validated(folder)
    try:
        file = write_release(catalogue, folder)
    except FileExistsError as error:
        fail(str(error))
    entries = sum(e["version"] == catalogue.edition.id for e in changelog(folder))
    click.echo(f"Kept {file}; {entries} changelog entries for {catalogue.edition.id}.")
