"""The commands on the page about planning sessions do what it shows, one after another in one shell."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest

from api.commands.session import command as kept
from api.sessions import events as e
from tests.api.web.conftest import Running
from tests.conftest import ROOT

PAGE = (ROOT / "site/pages/sessions.md").read_text(encoding="utf-8")
STEPS = [
    (command, shown)
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for command, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]
END = "--- that was the step ---"


@pytest.fixture(scope="module")
def printed(running: Running, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each command prints, with the settings that a server has by itself."""
    with running() as server:
        script = "".join(f"{command}\necho\necho '{END}'\n" for command, _ in STEPS)
        script = "set -e\n" + script.replace("http://127.0.0.1:8000", str(server.base_url).rstrip("/"))
        folder: Path = tmp_path_factory.mktemp("tour")
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=folder, check=True)
    return done.stdout.split(END)[:-1]


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_what_the_page_shows_is_printed(printed: list[str], step: int) -> None:
    at = 0
    for part in filter(None, (p.strip("\n") for p in STEPS[step][1].split("…"))):
        found = printed[step].find(part, at)
        assert found >= 0, f"not printed, or not in this order:\n{part}\nin\n{printed[step][:3000]}"
        at = found + len(part)


def test_the_page_goes_through_every_phase() -> None:
    asked = " ".join(command for command, _ in STEPS)
    for kind in ("rating", "reveal", "proposal", "acceptance", "limits", "override", "decision", "dissent", "closing"):
        assert kind in e.SENT
        assert f'"kind": "{kind}"' in asked
    for path in ("invitation", "options", "roadmap", "changes", "record?format=markdown"):
        assert f"$S/{path}" in asked
    assert len(STEPS) > 25


def test_commands_that_the_page_names_are_there() -> None:
    named = set(re.findall(r"provender session (\w+)", PAGE))
    assert isinstance(kept, click.Group)
    assert named == set(kept.commands) - {"migrate"}  # that one is for operators, on the page about deployment
