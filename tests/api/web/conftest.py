"""Servers to test against: the program that users run, in a process of its own, over real HTTP."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from api.build import build
from api.publication import Publication, open_publication
from kb.home import build_folder
from tests.serving import Server, serve

Running = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def publication(data: Path) -> Publication:
    """What the servers answer from."""
    return open_publication(build_folder(data))


def publish_changed(data: Path, folder: Path, version: str, **labels: str) -> None:
    """Copy a catalogue into a folder as another version, with other labels for some solutions, and build it there."""
    shutil.copytree(data, folder)
    _replace(folder / "catalogue.yaml", r"^id: .*$", f'id: "{version}"')
    for solution, label in labels.items():
        _replace(folder / "solutions" / f"{solution}.yaml", r"^label: .*$", f"label: {label}")
    list(build(folder, build_folder(folder)))


def _replace(file: Path, pattern: str, by: str) -> None:
    text, count = re.subn(pattern, by, file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1, file
    file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def running(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Running:
    """Starts a server with other settings: `with running(PROVENDER_RATE="5/minute") as client:`."""

    def start(*, ready: bool = True, **env: Any) -> AbstractContextManager[Server]:
        return serve(data, tmp_path_factory.mktemp("server") / "stderr.txt", ready=ready, **env)

    return start


@pytest.fixture(scope="session")
def server(running: Running) -> Iterator[Server]:
    """A server with the settings that it has by itself, but no rate limit."""
    with running() as client:
        yield client
