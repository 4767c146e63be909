"""The site, built and served as users do, in a real browser."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from kb.home import build_folder
from tests.api.test_cli import PROVENDER
from tests.conftest import DATA
from tests.serving import Server, serve
from tests.site.planning import OpenPlanner, Planner, Python, watched
from tests.site.sitting import PUBLIC

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


# For a package and not for a session: while Playwright runs, no other test of the process can start an event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).is_file():
        pytest.fail(
            f"{CHROMIUM} is not there; what browsers do is tested in Chromium: run `make browser` (apt-get install chromium), "
            "or say in the variable CHROMIUM where it is"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the catalogue's folder with the build and the site beside it, made once for all processes that run tests."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "site-published"
    with Path(f"{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            half = folder.with_name("site-half")
            shutil.copytree(DATA, half / "data")
            done = subprocess.run(
                [PROVENDER, "site", "build", "--data", half / "data", "--repository", "https://git.example/provender"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            half.rename(folder)
    return folder / "data"


@pytest.fixture(scope="session")
def built(published: Path) -> Path:
    """The folder of the built site."""
    return build_folder(published) / "site"


@pytest.fixture(scope="package")
def served(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The site at `/` of `provender serve`."""
    with serve(published, tmp_path_factory.mktemp("served") / "stderr.txt") as server:
        yield server


@pytest.fixture(scope="package")
def planning(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for planning sessions, which phones reach under an address of its own."""
    with serve(published, tmp_path_factory.mktemp("planning") / "stderr.txt", PROVENDER_PUBLIC_URL=PUBLIC) as server:
        yield server


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="package")
def plain(built: Path) -> Iterator[str]:
    """The address of the site on a plain file server, in a folder of its own as on shared hosting."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(
            ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(built.parent)))
        )
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        stack.callback(server.shutdown)
        yield f"http://127.0.0.1:{server.server_port}/{built.name}/"


@pytest.fixture(scope="session")
def python(catalogue: Any, compiled: Any) -> Python:
    """The engine that the browser has to agree with."""
    return Python(catalogue, compiled)


@pytest.fixture
def open_planner(browser: Browser, plain: str) -> Iterator[OpenPlanner]:
    """Opens planners, each in a browser context of its own."""
    with contextlib.ExitStack() as stack:

        def opened(**options: Any) -> Planner:
            return stack.enter_context(contextlib.contextmanager(watched)(browser, f"{plain}planner/", **options))

        yield opened


@pytest.fixture
def planner(open_planner: OpenPlanner) -> Planner:
    """A planner at the width of a desk."""
    return open_planner()
