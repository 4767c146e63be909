"""The engine of the planner, opened in a page as the site ships it: one classic script beside a page, with no server."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from api.pages.script import classic_script
from tests.conftest import ROOT

ENGINE = ROOT / "site" / "planner" / "engine"
POLICY = "default-src 'none'; script-src 'self' file:"
PAGE = f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}"><script src="planner.js"></script>'
_AT_ONCE = 50


def open_page(browser: Browser, folder: Path, entry: Path, bundle: Mapping[str, Any]) -> Page:
    """A page opened from a file, which holds a module and its data as one script."""
    (folder / "planner.js").write_text(classic_script(entry, bundle), encoding="utf-8")
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    return page


def ask(page: Page, function: str, cases: Sequence[Any]) -> list[Any]:
    """What a function in JavaScript gives for each of some cases; `Provender` is there, and `engine` once it is set."""
    made: list[Any] = []
    program = f"(text) => {{ const f = {function}; return JSON.stringify(JSON.parse(text).map(f)); }}"
    for at in range(0, len(cases), _AT_ONCE):
        # As ASCII, so that halves of surrogate pairs arrive.
        made += json.loads(page.evaluate(program, json.dumps(cases[at : at + _AT_ONCE])))
    return made
