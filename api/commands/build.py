"""`provender build`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from api.cli import data_option, fail


@click.command("build")
@data_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None, metavar="DIR",
              help="Where to; the folder `build` beside the catalogue's unless given.")  # fmt: skip
@click.option("--database", envvar="PROVENDER_DATABASE_URL", default=None, metavar="URL",
              help="Load it into this database too, sqlite:///FILE or postgresql://… (or set PROVENDER_DATABASE_URL).")  # fmt: skip
def command(data: Path | None, out: Path | None, database: str | None) -> None:
    """Check the catalogue, then make its database, graph, exports, search index and changelog.

    Nothing is written if there is a fault; files whose content is the same are left alone.  Example:  provender build
    """
    from api.build import build
    from kb.home import build_folder, default_data
    from kb.store import StoreError

    folder = data or default_data()
    target = out or build_folder(folder)
    started = time.perf_counter()
    written = 0
    try:
        for name, changed in build(folder, target, database):
            click.echo(f"  {'wrote' if changed else 'same '}  {name}", err=True)
            written += changed
    except StoreError as error:
        fail(f"--database: {error}")
    click.echo(f"Built {target} in {time.perf_counter() - started:.1f} s; {written} files changed.")
