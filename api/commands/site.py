"""`provender site`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from api.cli import data_option, fail


@click.group("site")
def command() -> None:
    """Make the site: the catalogue to browse, as plain files.  Example:  provender site build"""


@command.command("build")
@data_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None, metavar="DIR",
              help="Where to; `site` in the folder of the build unless given.")  # fmt: skip
@click.option("--url", default=None, metavar="URL", help="Address under which the site will be found, if it is known.")
@click.option(
    "--repository", default=None, metavar="URL", help="Address of the public repository, for links to edit a record."
)
def build(data: Path | None, out: Path | None, url: str | None, repository: str | None) -> None:
    """Write every page from the catalogue and build the site.

    `provender serve` shows it at /; any file server can, and a browser opens its index.html from the disk.  Example:  provender site
    build --url https://provender.example.org
    """
    from api.build import build as build_catalogue
    from api.pages.build import SiteError, build_site
    from kb.home import build_folder, default_data, fresh_build

    for option, value in (("--url", url), ("--repository", repository)):
        if value is not None and not value.startswith(("https://", "http://")):
            fail(f"{option}: {value} is no address; write such as https://provender.example.org")
    folder = data or default_data()
    if not folder.is_dir():
        fail(f"--data: there is no folder {folder}")
    built = build_folder(folder)
    started = time.perf_counter()
    if fresh_build(folder) is None:
        click.echo(f"  building the catalogue into {built} …", err=True)
        for _ in build_catalogue(folder, built):
            pass
    target = out or built / "site"
    try:
        for step in build_site(folder, built, target, url, repository and repository.rstrip("/")):
            click.echo(f"  {step}", err=True)
    except SiteError as error:
        fail(f"site: {error}")
    except OSError as error:
        fail(f"{error.filename or target}: cannot be written ({error.strerror})")
    click.echo(f"Built {target} in {time.perf_counter() - started:.1f} s; open {target / 'index.html'}")
