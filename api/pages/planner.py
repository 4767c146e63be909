"""The planner's page, and the script that it runs: the engine, its views and the catalogue in one file that needs no server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from api.build import PLANNER
from api.pages.page import Page, Site
from api.pages.script import classic_script
from kb.release import changes_since

SCRIPT, STYLE = "assets/planner.js", "assets/planner.css"


def pages(_: Site) -> Iterator[Page]:
    """The one page."""
    text = (
        "# Planner { #title }\n\n"
        "Say what hurts and who you are; the answer is worked out here, in your browser, and nothing you enter leaves it.\n"
        "{ .pv-lead }\n\n"
        f'<link rel="stylesheet" href="../{STYLE}">\n'
        '<div id="planner" data-root="../"><noscript>The planner needs JavaScript. Without it, the command '
        "<code>provender recommend</code> gives the same answers.</noscript></div>\n"
        f'<script src="../{SCRIPT}" defer></script>\n'
    )
    yield Page(
        "planner.md", "Planner", text, "Which solutions your organisation can use, why, why not, and what would change it.",
        hide=("navigation", "toc"),
    )  # fmt: skip


def script(site: Site, sources: Path) -> str:
    """The planner as one classic script.

    Args:
        site: what is built.
        sources: the folder `site` with the modules and the style, which scenarios saved as one file carry along.
    """
    files = sorted((site.data / "profiles").glob("*.yaml"))
    bundle: dict[str, Any] = json.loads(site.publication.files[PLANNER])
    bundle["examples"] = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    bundle["changes"] = changes_since(site.catalogue, site.data)
    bundle["style"] = (sources / STYLE).read_text(encoding="utf-8")
    return classic_script(sources / "planner" / "main.js", bundle)
