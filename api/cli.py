"""The `provender` command line. Commands live in `api.commands`, one module each, so that `--help` imports none of them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

COMMANDS = {
    "build": "Check the catalogue and make everything from it.",
    "validate": "Check the catalogue and report every fault.",
    "recommend": "Say what an organisation can do about its data problems, and what not.",
    "explain": "Say why a solution is blocked, what would unlock it, and what else there is.",
    "ask": "Interview: what to find out next, until the first five are settled.",
    "plan": "Make a roadmap within money and time.",
    "compare": "Say what changes between two organisations or two releases.",
    "match": "Find the challenges that plain words speak of.",
    "gaps": "List what no solution of the catalogue has been shown to solve.",
    "export": "Write the catalogue in another format.",
    "sparql": "Ask the catalogue a SPARQL question.",
    "serve": "Answer over HTTP: REST, SPARQL and linked data.",
    "site": "Make the site: the catalogue to browse, as plain files.",
    "session": "Keep planning sessions: list, back up, restore, export, delete.",
    "diff": "Say which records changed between two releases.",
    "reconcile": "Hold the catalogue against the study's own tables.",
    "release": "Keep the catalogue under its version, for good.",
}


class _Lazy(click.Group):
    """Loads a command's module when it is called, not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"api.commands.{cmd_name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in COMMANDS:
            import difflib

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {close[0]}?" if close else f" There are {', '.join(COMMANDS)}."
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    from kb.home import default_data
    from kb.source import read_yaml

    document, _faults = read_yaml(default_data() / "catalogue.yaml", "catalogue.yaml")
    catalogue = document.data.get("id") if document is not None and isinstance(document.data, dict) else "unreadable"
    click.echo(f"provender {version('provender')}, catalogue {catalogue}")
    ctx.exit()


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Say which version this is.",
)
def cli() -> None:
    """Which data-management solutions for deep learning are feasible for your organisation, why, and why not.

    Try:  provender recommend data/profiles/radiology-group.yaml
    """


def main() -> None:
    """Run the command line; exit status 0 done, 1 the answer is no, 2 bad usage or input."""
    from kb.faults import CatalogueError

    try:
        cli(prog_name="provender")
    except CatalogueError as error:
        report(error)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def report(error: Any) -> None:
    """Print every fault on stderr, one to a line, with the count at the end."""
    for fault in error.faults:
        click.echo(str(fault), err=True)
    n = len(error.faults)
    click.echo(f"{n} fault{'' if n == 1 else 's'} found.", err=True)


def data_option(function: Any) -> Any:
    """The option `--data DIR` that points a command at another catalogue."""
    return click.option(
        "--data", "data", type=click.Path(path_type=Path, file_okay=False), default=None, metavar="DIR",
        help="Folder of the catalogue; the one that comes with the program unless given.",
    )(function)  # fmt: skip


def format_option(function: Any) -> Any:
    """The option `--format text|json|markdown`."""
    return click.option(
        "--format", "format_", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True,
        help="How the answer is written.",
    )(function)  # fmt: skip


def fail(message: str) -> NoReturn:
    """Stop with exit status 2: bad usage or input."""
    click.echo(message, err=True)
    raise SystemExit(2)
