"""The planning session's page, and the script that it runs: shown wherever the site is, of use where `provender serve` shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from api.build import PLANNER
from api.pages.page import Page, Site
from api.pages.planner import STYLE as PLANNER_STYLE
from api.pages.script import classic_script

SCRIPT, STYLE = "assets/session.js", "assets/session.css"
_UNUSED = ("match", "fold", "gram")
"""Of the bundle, what only the search in plain words needs; phones in a meeting need not load it."""


def pages(_: Site) -> Iterator[Page]:
    """The one page."""
    text = (
        "# Planning session { #title }\n\nRate the problems together, see what your organisation can do, settle a roadmap, and leave with "
        "a decision record that cites its sources. [How to run one](sessions.md).\n{ .pv-lead }\n\n"
        f'<link rel="stylesheet" href="../{PLANNER_STYLE}">\n<link rel="stylesheet" href="../{STYLE}">\n'
        '<div id="session" data-root="../"><noscript>A planning session needs JavaScript. Everything in it can also be done over the API, '
        "which is described under API.</noscript></div>\n"
        f'<script src="../{SCRIPT}" defer></script>\n'
    )
    yield Page(
        "session.md", "Session", text, "A planning session: rate, look at the options together, settle a roadmap, decide.",
        hide=("navigation", "toc"),
    )  # fmt: skip


def script(site: Site, sources: Path) -> str:
    """The page's script as one classic script.

    Args:
        site: what is built.
        sources: the folder `site` with the modules.
    """
    files = sorted((site.data / "profiles").glob("*.yaml"))
    bundle: dict[str, Any] = json.loads(site.publication.files[PLANNER])
    bundle = {name: value for name, value in bundle.items() if name not in _UNUSED}
    bundle["examples"] = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    return classic_script(sources / "session" / "main.js", bundle)
