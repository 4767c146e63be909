"""`provender session`: for those who run the server; none of it needs the server to run, nor to stop."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import data_option, fail

if TYPE_CHECKING:
    from api.workspace.store import Workspace


def workspace_option(function: Callable[..., None]) -> Callable[..., None]:
    """The option `--workspace FILE`; the command is given the workspace, opened."""

    @click.option(
        "--workspace", "kept_in", type=click.Path(path_type=Path, dir_okay=False), default=None, metavar="FILE",
        help="SQLite file of the sessions; as PROVENDER_WORKSPACE or PROVENDER_DATABASE_URL say unless given.",
    )  # fmt: skip
    @wraps(function)
    def opened(kept_in: Path | None, **given: Any) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        from api.settings import SettingsError, read_settings
        from api.workspace.database import WorkspaceError
        from api.workspace.opening import open_workspace

        try:
            settings = read_settings()
            if kept_in is not None:
                settings = settings.model_copy(update={"workspace": kept_in, "database_url": None})
            workspace = open_workspace(settings)
            try:
                function(workspace=workspace, **given)
            finally:
                workspace.engine.dispose()
        except (SettingsError, WorkspaceError) as error:
            fail(str(error))
        except SQLAlchemyError as error:
            said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            fail(f"the workspace failed ({said}); nothing was changed")

    return opened


@click.group("session")
def command() -> None:
    """Keep planning sessions: list, back up, restore, export and delete them.

    Example:  provender session backup sessions.gz
    """


@command.command("list")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@workspace_option
def list_(workspace: Workspace, format_: str) -> None:
    """List the sessions: id, title, people, events, last event, when it expires."""
    from api.sessions.state import EMPTY
    from api.sessions.view import stamp

    rows = []
    for session in workspace.ids():
        state = workspace.peek(session) or EMPTY
        rows.append({
            "session": session, "title": state.title, "people": len(state.present), "events": state.seq,
            "last": stamp(state.last), "closed": state.closed_at is not None, "expires": stamp(state.expires),
        })  # fmt: skip
    if format_ == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        closed = ", closed" if row["closed"] else ""
        click.echo(
            f"{row['session']}  {row['title']}: {row['people']} people, {row['events']} events, last {str(row['last'])[:10]}, expires "
            f"{str(row['expires'])[:10]}{closed}"
        )
    click.echo(f"{len(rows)} session{'' if len(rows) == 1 else 's'}.", err=True)


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@workspace_option
def backup_(workspace: Workspace, file: Path) -> None:
    """Write all sessions into FILE, as they are at one moment; people may go on meanwhile.

    The file holds everything that was said. Keep it as you would keep the sessions.
    """
    from api.workspace.backup import backup

    try:
        n = backup(workspace, file)
    except OSError as error:
        fail(f"{file}: cannot be written ({error.strerror})")
    click.echo(f"{n} session{'' if n == 1 else 's'} in {file}.", err=True)


@command.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@workspace_option
def restore_(workspace: Workspace, file: Path) -> None:
    """Put the sessions of the backup FILE into the workspace: all, or none if one of them is there already. Links and tokens hold again."""
    from api.workspace.backup import BackupError, restore

    try:
        n = restore(workspace, file)
    except BackupError as error:
        fail(str(error))
    click.echo(f"{n} session{'' if n == 1 else 's'} restored.", err=True)


@command.command("export")
@click.argument("sessions", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every session.")
@click.option(
    "--format", "format_", type=click.Choice(["markdown", "json", "csv", "xlsx"]), default="markdown", show_default=True
)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder for the files; here unless given.",
)
@data_option
@workspace_option
def export(
    workspace: Workspace, sessions: tuple[str, ...], every: bool, format_: str, folder: Path, data: Path | None
) -> None:
    """Write the decision records of SESSIONS, a file each. Ratings stay as anonymous as they are in the session."""
    from api.publication import UnsettledError, open_publication
    from api.sessions.rules import NotNow
    from api.settings import Settings
    from api.web.answers.desk import Desk
    from api.web.sessions.advice import Advice
    from api.web.sessions.formats import FORMATS
    from api.web.sessions.record import context, record
    from api.web.sessions.service import Service
    from kb.home import build_folder, default_data

    there = workspace.ids()
    wanted = there if every else list(sessions)
    _all_there(wanted, there)
    home = data or default_data()
    try:
        desk = Desk(open_publication(build_folder(home)), home)
    except UnsettledError as error:
        fail(str(error))
    service, advice = Service(workspace, lambda: desk, Settings()), Advice(lambda: desk)
    _, ending, write = FORMATS[format_]
    failed = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for session in wanted:
            state = workspace.peek(session)
            if state is None:
                continue
            file = folder / f"{session}.{ending}"
            try:
                edition = service.edition(state)
                file.write_bytes(write(record(session, state, edition, advice), context(edition, state.title)))
                click.echo(str(file))
            except NotNow as error:
                failed += 1
                click.echo(f"{session}: {error}", err=True)
    except OSError as error:
        fail(f"{error.filename}: cannot be written ({error.strerror})")
    raise SystemExit(1 if failed else 0)


@command.command("delete")
@click.argument("sessions", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@workspace_option
def delete(workspace: Workspace, sessions: tuple[str, ...], yes: bool) -> None:
    """Delete SESSIONS for good, from the database's files too. Backups are not touched."""
    _all_there(list(sessions), workspace.ids())
    for session in sessions if not yes else ():
        state = workspace.peek(session)
        click.confirm(f"Delete {session} “{state.title if state else ''}” for good?", abort=True, err=True)
    workspace.delete(sessions)
    click.echo(f"{len(sessions)} session{'' if len(sessions) == 1 else 's'} deleted.", err=True)


@command.command("purge")
@workspace_option
def purge(workspace: Workspace) -> None:
    """Delete what has expired, as the server does every hour, and clean the database's files of what was deleted."""
    from api.workspace.database import scrub

    gone = workspace.purge()
    scrub(workspace.engine)
    click.echo(
        f"{len(gone)} session{'' if len(gone) == 1 else 's'} had expired and {'is' if len(gone) == 1 else 'are'} deleted.",
        err=True,
    )


@command.command("migrate")
@workspace_option
def migrate(workspace: Workspace) -> None:
    """Bring the database's tables up to date, as the server does when it starts."""
    from api.workspace.migration import revision

    click.echo(f"The tables are at revision {revision(workspace.engine)}.", err=True)


def _all_there(wanted: list[str], there: list[str]) -> None:
    from kb.records import nearest

    for session in wanted:
        if session not in there:
            fail(f"there is no session {session}; {nearest(session, there) if there else 'there is none at all'}")
    if not wanted and there:
        fail("name sessions, or say --all; `provender session list` has their ids")
