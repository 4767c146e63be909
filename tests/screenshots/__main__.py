"""Pictures of the site's main views on a desk and on a phone: ``python -m tests.screenshots [FOLDER]``.

Builds the site for it, opens it from the disk in Chromium, and writes ``VIEW.png`` and ``VIEW-phone.png``, by default
beside this file, where the README shows some of them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.api.test_cli import PROVENDER
from tests.site.conftest import CHROMIUM, QUIET
from tests.site.planning import example, word

VIEWS = {
    "home": "index.html",
    "matrix": "matrix/index.html",
    "challenge": "challenge/data-drift/index.html",
    "solution": "solution/federated-averaging/index.html",
    "planner": f"planner/index.html#s={word(example('radiology-group'))}",
}
SIZES = {"": {"width": 1280, "height": 900}, "-phone": {"width": 390, "height": 844}}


def main(folder: Path) -> None:
    """Make the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as built, sync_playwright() as playwright:
        subprocess.run([PROVENDER, "site", "build", "--out", built], check=True)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for size, viewport in SIZES.items():
            page = browser.new_page(viewport=viewport, reduced_motion="reduce")
            for view, path in VIEWS.items():
                page.goto("about:blank")
                page.goto(f"{Path(built).as_uri()}/{path}")
                page.wait_for_selector(".pv-answer-head" if view == "planner" else "article h1", state="attached")
                if view == "planner" and size == "-phone":
                    page.locator("#planner :is(button, [role=tab])", has_text="The answer").first.click()
                page.screenshot(path=folder / f"{view}{size}.png", animations="disabled")
                print(folder / f"{view}{size}.png")
        browser.close()


main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
