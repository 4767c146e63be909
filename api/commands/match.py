"""`provender match`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from api.cli import data_option, fail, format_option


@click.command("match")
@click.argument("text", required=False)
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file with one text on each line.",
)
@click.option(
    "--top",
    default=5,
    show_default=True,
    type=click.IntRange(1),
    help="How many to show (text and markdown).",
)
@data_option
@format_option
def command(text: str | None, file: Path | None, top: int, data: Path | None, format_: str) -> None:
    """Find the challenges that plain words speak of, best first.

    Example:  provender match "the model got worse after the supplier changed the sensor"
    """
    if (text is None) == (file is None):
        fail("match: give one text, or --file FILE with one text on each line")
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            fail(f"{file}: cannot be read ({error}); name a UTF-8 text file")
    else:
        lines = [text or ""]
    if not any(line.strip() for line in lines):
        fail("match: there is no text to match; say in a sentence what goes wrong")
    from api.matching import open_index
    from engine.matching import match
    from kb.home import default_data, open_to_answer

    folder = data or default_data()
    catalogue = open_to_answer(folder)
    index = open_index(folder, catalogue)
    found = [(line, match(index, line)) for line in lines]
    if format_ == "json":
        rows = [
            {
                "text": line,
                "matches": [{"challenge": m.challenge, "score": m.score, "confident": m.confident} for m in matches],
            }
            for line, matches in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    labels = {c.id: c.label for c in catalogue.challenges}
    for line, matches in found:
        click.echo(f"{'## ' if format_ == 'markdown' else ''}{line}")
        for m in (m for m in matches[:top] if m.score):
            mark = "confident" if m.confident else ""
            if format_ == "markdown":
                click.echo(f"- {labels[m.challenge]} (`{m.challenge}`) {m.score:.3f} {mark}".rstrip())
            else:
                click.echo(f"  {m.score:.3f}  {labels[m.challenge]}  ({m.challenge}) {mark}".rstrip())
        if not matches or not matches[0].confident:
            click.echo("No confident match: say more about what you see, or choose a challenge by hand.")
        click.echo()
