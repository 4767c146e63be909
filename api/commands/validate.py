"""`provender validate`."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli import data_option


@click.command("validate")
@data_option
def command(data: Path | None) -> None:
    """Check the catalogue and its example profiles, and report every fault with file, line and field.

    Exit status 1 if there is one.  Example:  provender validate --data data
    """
    from api.build import hold_against_shapes
    from kb.faults import CatalogueError, Fault
    from kb.home import default_data, validated
    from kb.profiles import read_profile

    folder = data or default_data()
    catalogue = validated(folder)
    hold_against_shapes(catalogue, folder)
    faults: list[Fault] = []
    profiles = sorted((folder / "profiles").glob("*.yaml"))
    for file in profiles:
        try:
            read_profile(file, catalogue)
        except CatalogueError as error:
            faults += error.faults
    if faults:
        raise CatalogueError(faults)
    counts = f"{len(catalogue.challenges)} challenges, {len(catalogue.solutions)} solutions, {len(catalogue.addressings)} addressings"
    rest = f"{len(catalogue.limitations)} limitations, {len(catalogue.articles)} articles, {len(profiles)} profiles"
    click.echo(f"Catalogue {catalogue.edition.id} is sound: {counts}, {rest}.")
