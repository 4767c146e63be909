"""`provender sparql`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from api.cli import data_option, fail


@click.command("sparql")
@click.argument("query")
@data_option
@click.option("--format", "format_", type=click.Choice(["json", "csv", "tsv", "xml"]), default="tsv", show_default=True,
              help="How rows are written; CONSTRUCT and DESCRIBE answer in Turtle.")  # fmt: skip
def command(query: str, data: Path | None, format_: str) -> None:
    """Ask the catalogue's graph; QUERY is SPARQL 1.1, or @FILE, or - for standard input.

    Nothing outside the catalogue is reached (no SERVICE).  Example:  provender sparql
    'PREFIX pv: <https://w3id.org/provender/ontology#> SELECT ?c WHERE { ?c a pv:Challenge }'
    """
    from kb.home import default_data, fresh_build, open_catalogue
    from kb.worker import QueryError, ask

    text = query
    if query == "-":
        text = sys.stdin.read()
    elif query.startswith("@"):
        try:
            text = Path(query[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            fail(f"{query[1:]}: cannot be read ({error}); name a file with a query in it")
    folder = data or default_data()
    built = fresh_build(folder)
    try:
        if built is not None:
            answer = ask(text, (built / "provender.nt").resolve(), format_)
        else:
            from kb.export import FORMATS

            with tempfile.NamedTemporaryFile(suffix=".nt") as handle:
                handle.write(FORMATS["nt"](open_catalogue(folder)))
                handle.flush()
                answer = ask(text, Path(handle.name), format_)
    except QueryError as error:
        fail(f"sparql: {error}")
    sys.stdout.buffer.write(answer.rstrip(b"\n") + b"\n")
