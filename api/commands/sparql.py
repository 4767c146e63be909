"""`provender sparql`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from api.cli import data_option, fail

_ROWS = ("json", "csv", "tsv", "xml")


@click.command("sparql")
@click.argument("query")
@data_option
@click.option("--format", "format_", type=click.Choice([*_ROWS, "turtle", "json-ld", "n-triples", "rdf-xml"]), default=None,
              help="How the answer is written; unless given, tsv for SELECT and ASK, turtle for CONSTRUCT and DESCRIBE.")  # fmt: skip
def command(query: str, data: Path | None, format_: str | None) -> None:
    """Ask the catalogue's graph; QUERY is SPARQL 1.1, or @FILE, or - for standard input.

    Nothing outside the catalogue is reached (no SERVICE).  Example:  provender sparql
    'PREFIX pv: <https://w3id.org/provender/ontology#> SELECT ?c WHERE { ?c a pv:Challenge }'
    """
    from kb.home import default_data, fresh_build, open_catalogue
    from kb.worker import ROWS, Formats, QueryError, ask

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
    if built is not None:
        triples = (built / "provender.nt").read_bytes()
        context = json.loads((built / "context.jsonld").read_bytes())["@context"]
    else:
        from kb.context import context as of_records
        from kb.export import FORMATS

        triples, context = FORMATS["nt"](open_catalogue(folder)), of_records()
    is_row_format = format_ in _ROWS
    formats = Formats(
        format_ if is_row_format else "tsv", format_ if format_ is not None and not is_row_format else "turtle"
    )
    try:
        answer = ask(text, triples, formats, context=context)
    except QueryError as error:
        fail(f"sparql: {error}")
    sys.stdout.buffer.write(answer.body.rstrip(b"\n") + b"\n")
    if answer.truncated:
        click.echo(f"sparql: there is more; only the first {ROWS:,} are shown", err=True)
