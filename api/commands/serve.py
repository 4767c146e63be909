"""`provender serve`."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import data_option, fail

if TYPE_CHECKING:
    from api.settings import Settings

_PATIENCE = 30.0
"""Seconds for which a worker waits for a build that somebody is just writing."""
_FAILED, _UNREADABLE = 3, 4
"""How a server process ends if it cannot start (uvicorn's number), and if it is the build that this program cannot read."""


class _Command(click.Command):
    """Ends `--help` with every environment variable, as the settings describe themselves."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from api.settings import described

        with formatter.section("Environment"):
            formatter.write_dl([(name, f"{meaning} [{default}]") for name, default, meaning in described()])


@click.command("serve", cls=_Command)
@click.option("--host", default=None, metavar="ADDRESS", help="Address to listen at; only this machine unless told.")
@click.option("--port", default=None, metavar="N", help="Port to listen at; 0 takes a free one and says which.")
@click.option("--workers", default=None, metavar="N", help="How many processes answer.")
@data_option
@click.option("--make-key", is_flag=True, help="Make an admin key and its hash, print both, and stop.")
def command(host: str | None, port: str | None, workers: str | None, data: Path | None, make_key: bool) -> None:
    """Answer over HTTP: the REST API, SPARQL, linked data and the exports.

    Builds the catalogue first if its build is missing or stale. Options override the environment below.  Example:
    provender serve --port 8080
    """
    if make_key:
        key = secrets.token_urlsafe(32)
        click.echo(f"key   {key}\nhash  {sha256(key.encode()).hexdigest()}")
        click.echo("Keep the key; put the hash into PROVENDER_ADMIN_KEYS.", err=True)
        return
    given = {"HOST": host, "PORT": port, "WORKERS": workers, "DATA": None if data is None else str(data.resolve())}
    os.environ.update({f"PROVENDER_{name}": value for name, value in given.items() if value is not None})
    from api.settings import SettingsError, read_settings

    try:
        settings = read_settings()
    except SettingsError as error:
        told = str(error)
        for name in (name for name, value in given.items() if value is not None):
            told = told.replace(f"PROVENDER_{name}: ", f"--{name.lower()}: ")
        fail(told)
    _workspace(settings)
    listening = _bind(settings.host, settings.port)
    _build(settings, only_if_stale=True)
    if not _is_loopback(listening) and settings.public_url is None:
        click.echo(
            f"Warning: {settings.host} can be reached from other machines, over plain HTTP. Put a proxy with TLS in front and name "
            "its address in PROVENDER_PUBLIC_URL; that also ends this warning.",
            err=True,
        )
    spare = (
        listening.dup()
    )  # for a second try; open while the first one serves, it would keep new connections waiting at the end
    status = _run(settings, listening, spare.close)
    if status == _UNREADABLE:  # of the same sources, but by another version of the program
        _build(settings, only_if_stale=False)
        status = _run(settings, spare)
    sys.exit(1 if status else 0)


def _workspace(settings: Settings) -> None:
    """Bring the sessions' tables up to date before any process needs them, or say what is wrong with their database."""
    from api.workspace.database import WorkspaceError
    from api.workspace.opening import open_workspace

    if settings.sessions:
        try:
            open_workspace(settings).engine.dispose()
        except WorkspaceError as error:
            fail(str(error))


def _bind(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done; nobody can connect yet."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(1)  # else two servers could both bind, and only one of them would learn that it is too late
    except socket.gaierror as error:
        fail(f"--host: {host} is no address of this machine ({error.strerror})")
    except OSError as error:
        fail(
            f"--port: cannot listen at {host}, port {port}: {error.strerror}; take another with --port, or 0 for a free one"
        )
    return made


def _build(settings: Settings, only_if_stale: bool) -> None:
    """Build the catalogue, or only unless there is a whole build of these very sources."""
    from api.build import build
    from kb.home import build_folder, default_data, fresh_build

    data = settings.data or default_data()
    if not data.is_dir():
        fail(f"--data: there is no folder {data}")
    folder = fresh_build(data)
    if only_if_stale and folder is not None and _is_whole(folder):
        return
    click.echo(f"Building {build_folder(data)} …", err=True)
    try:
        for name, changed in build(data, build_folder(data)):
            click.echo(f"  {'wrote' if changed else 'same '}  {name}", err=True)
    except OSError as error:
        fail(f"{build_folder(data)}: cannot be written ({error.strerror}); give --data a folder beside which it can")


def _is_whole(folder: Path) -> bool:
    from api.build import SUMS

    try:
        listed = (folder / SUMS).read_text().splitlines()
        return all(
            sha256((folder / name).read_bytes()).hexdigest() == digest
            for digest, _, name in (line.partition("  ") for line in listed)
        )
    except OSError:
        return False


def _is_loopback(listening: socket.socket) -> bool:
    return ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _sessions(settings: Settings, listening: socket.socket) -> str:
    """Where people find the page of the planning sessions, or what has to be done first."""
    from api.web.sessions.invitation import PAGE, base_url
    from kb.home import build_folder, default_data

    if not (build_folder(settings.data or default_data()) / "site" / PAGE.strip("/") / "index.html").is_file():
        return "their page is not built yet; run `provender site build`."
    base, why = base_url(settings, listening.getsockname()[1])
    return f"{base}{PAGE}, also for phones in the same network." if base else str(why)


def application() -> Any:
    """The application in a server process, from the environment.

    Raises:
        SystemExit: if it cannot start, so that this is not tried for ever.
    """
    import multiprocessing

    from api.settings import read_settings
    from api.web.logs import event, told
    from kb.home import build_folder, default_data

    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    status = _FAILED
    try:
        settings = read_settings()
        status = _UNREADABLE
        shelf = _open(build_folder(settings.data or default_data()))
        status = _FAILED
        from api.web.app import create_app

        return create_app(settings, shelf)
    except Exception as error:
        event("start-failed", "error", message=str(error), failure=told(error))
        sys.exit(status)


def _open(folder: Path) -> Any:
    """The shelf with the release in it; a build that is just being written is waited for."""
    from api.publication import Shelf, UnsettledError

    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return Shelf(folder)
        except UnsettledError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def _end_with(parent: int) -> None:
    """Stop when the parent process is gone, however it went: nobody could stop this one by way of it any more."""
    from multiprocessing.connection import wait

    wait([parent])
    os.kill(os.getpid(), signal.SIGTERM)


def _run(settings: Settings, listening: socket.socket, started: Callable[[], None] = lambda: None) -> int:
    """Serve until told to stop; give zero, or how a server process ended that could not start."""
    from api.web.logs import configuration
    from api.web.protocol import Config, Protocol

    config = Config(
        "api.commands.serve:application", settings, factory=True, workers=settings.workers, http=Protocol, ws="none", loop="uvloop",
        lifespan="on", interface="asgi3", proxy_headers=False, server_header=False, access_log=False,
        log_config=configuration(settings.log_level), timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )  # fmt: skip
    address = _url(listening)

    def ready() -> None:
        started()
        click.echo(f"Provender answers at {address}; Ctrl+C stops it.")
        if settings.sessions:
            click.echo(f"Planning sessions: {_sessions(settings, listening)}")

    if settings.workers == 1:
        return _run_one(config, listening, ready)
    with tempfile.TemporaryDirectory(prefix="provender-metrics-") as folder:
        if settings.metrics:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        return _run_many(config, listening, ready)


def _run_one(config: Any, listening: socket.socket, ready: Callable[[], None]) -> int:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    # uvicorn raises the signal once more when all is done, which is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    try:
        Server(config).run([listening])
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def _run_many(config: Any, listening: socket.socket, ready: Callable[[], None]) -> int:
    from uvicorn.supervisors.multiprocess import Multiprocess

    from api.web.logs import event
    from api.web.metrics import forget_worker

    class Workers(Multiprocess):
        def init_processes(self) -> None:
            super().init_processes()
            waiting = list(self.processes)
            while waiting and not self.should_exit.is_set() and all(p.process.is_alive() for p in self.processes):
                self.handle_signals()
                waiting = [p for p in waiting if not p.is_ready(timeout=1)]
                time.sleep(0.02)
            if not waiting:
                ready()

        def keep_subprocess_alive(self) -> None:
            if any(p.exitcode == _UNREADABLE for p in self.processes):
                self.should_exit.set()
                return
            before = {p.pid for p in self.processes}
            super().keep_subprocess_alive()
            for gone in before - {p.pid for p in self.processes}:
                event("worker-replaced", "warning", process=gone)
                forget_worker(gone or 0)

        def terminate_all(self) -> None:
            super().terminate_all()
            for one in self.sockets:  # as long as it is open here, new connections would wait instead of being refused
                one.close()

    workers = Workers(config, sockets=[listening])
    workers.run()
    return max((p.exitcode or 0 for p in workers.processes if p.exitcode in (_FAILED, _UNREADABLE)), default=0)
