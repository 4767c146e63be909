"""`provender export`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from api.cli import data_option, fail

_FORMATS = ("ttl", "jsonld", "nt", "json", "csv", "xlsx", "sqlite", "bibtex")
_BINARY = ("xlsx", "sqlite")


@click.command("export")
@data_option
@click.option("--format", "format_", type=click.Choice(_FORMATS), required=True, help="What to write.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, metavar="FILE",
              help="Where to; standard output unless given.")  # fmt: skip
@click.option("--table", type=click.Choice(["challenges", "solutions", "addressings", "limitations", "articles", "vocabulary"]),
              default="solutions", show_default=True, help="Which table, for csv.")  # fmt: skip
def command(data: Path | None, format_: str, out: Path | None, table: str) -> None:
    """Write the catalogue as Turtle, JSON-LD, N-Triples, JSON, CSV, a workbook, a database or BibTeX.

    Example:  provender export --format csv --table limitations > limitations.csv
    """
    from kb.home import default_data, open_catalogue

    catalogue = open_catalogue(data or default_data())
    from kb.export import FORMATS, to_csv

    content = to_csv(catalogue, table) if format_ == "csv" else FORMATS[format_](catalogue)
    if out is not None:
        from api.build import write

        if not out.parent.is_dir():
            fail(f"{out.parent} is not a folder; make it first")
        write(out, content)
        click.echo(f"Wrote {out} ({len(content):,} bytes).", err=True)
        return
    stream = sys.stdout.buffer
    if format_ in _BINARY and stream.isatty():
        fail(f"{format_} is not text; name a file with --out FILE")
    stream.write(content)
