"""The tour's commands do what the page shows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "site/pages/api.md").read_text(encoding="utf-8")
COMMANDS = [
    (command, shown)
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for command, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the whole tour, since a command may use what an earlier one wrote."""
    return tmp_path_factory.mktemp("tour")


@pytest.mark.parametrize(("command", "shown"), COMMANDS, ids=[str(at) for at in range(len(COMMANDS))])
def test_what_the_tour_shows_is_printed(server: httpx.Client, folder: Path, command: str, shown: str) -> None:
    assert command.startswith("curl ")
    assert "http://127.0.0.1:8000" in command
    here = command.replace("http://127.0.0.1:8000", str(server.base_url).rstrip("/"))
    if "tag.txt" in command:
        # A step of its own has to be repeatable.
        subprocess.run(["bash", "-c", here.replace("--etag-compare", "--etag-save")], cwd=folder, check=True)
    done = subprocess.run(["bash", "-c", here], capture_output=True, text=True, cwd=folder, check=True)
    printed, at = done.stdout.replace("\r", ""), 0
    for part in filter(None, (p.strip("\n") for p in shown.split("…"))):
        found = printed.find(part, at)
        assert found >= 0, f"not printed, or not in this order:\n{part}\nin\n{printed[:3000]}"
        at = found + len(part)


def test_the_tour_shows_every_answer() -> None:
    asked = " ".join(command for command, _ in COMMANDS)
    for path in ("match", "recommendations", "explanations", "comparisons", "plans", "questions"):
        assert f"/v1/{path} --json" in asked
    assert len(COMMANDS) >= 14
    assert "?profile=1." in asked


def test_the_promise_is_written() -> None:
    for heading in ("Will not change", "May change at any time", "How an end is told"):
        assert f"**{heading}**" in PAGE
