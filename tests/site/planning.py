"""What the tests of the planner share: a page that is watched, and Python's own answers to hold its answers against."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from playwright.sync_api import Browser, Download, Page

from api.codec import decode, encode
from api.hearing import heard
from api.matching import open_index
from engine.answer import Answer
from engine.compiled import Compiled
from engine.recommendation import recommend
from kb.profiles import profile_from
from kb.records import Catalogue
from tests.conftest import DATA, EDITION

EXAMPLES = sorted(file.stem for file in (DATA / "profiles").glob("*.yaml"))
NOT_TOLD = ("id", "fictional")


def example(name: str) -> dict[str, Any]:
    """A packaged profile, without what is no part of a scenario."""
    raw = yaml.safe_load((DATA / "profiles" / f"{name}.yaml").read_text(encoding="utf-8"))
    return told({key: value for key, value in raw.items() if key not in NOT_TOLD})


def told(raw: dict[str, Any]) -> dict[str, Any]:
    """A profile as it comes out of a link: lists sorted, since they are sets."""
    return dict(decode(encode(raw, EDITION)).profile)


@dataclass
class Python:
    """The engine that the browser has to agree with."""

    catalogue: Catalogue
    compiled: Compiled

    def answer(self, raw: dict[str, Any]) -> Answer:
        """What `provender recommend` answers."""
        profile = profile_from(raw, self.catalogue)
        assumed, resembles = heard(open_index(DATA, self.catalogue), profile.problem)
        return recommend(self.compiled, profile, assumed, resembles=resembles)


@dataclass
class Planner:
    """A planner on a page; `faults` are console errors, uncaught exceptions and requests that the page should not make."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def open(self, fragment: str = "") -> None:
        """Go to the planner afresh."""
        self.page.goto("about:blank")
        self.page.goto(self.address + fragment)
        self.page.wait_for_selector("#planner .pv")

    def open_example(self, name: str) -> dict[str, Any]:
        """Open an example by pressing its card."""
        raw = example(name)
        self.page.locator(".pv-examples button", has_text=raw["label"]).click()
        self.page.wait_for_selector(".pv-answer-head")
        self.settled()
        return raw

    def settled(self) -> None:
        """Wait until the address says what is on the page."""
        self.page.wait_for_function("() => document.querySelector('.pv [role=status]').textContent !== ''")

    def fragment(self) -> dict[str, str]:
        """The words in the address bar."""
        self.page.wait_for_timeout(400)
        return dict(part.split("=", 1) for part in self.page.evaluate("location.hash").lstrip("#").split("&") if part)

    def scenario(self, part: str = "s") -> dict[str, Any]:
        """The profile in the address bar, as Python reads it."""
        return dict(decode(self.fragment()[part]).profile)

    def counts(self) -> tuple[int, int, int]:
        """Usable, undecided, blocked, as the head of the answer says."""
        said = self.page.locator(".pv-answer-head .pv-counts").inner_text()
        first, second, third = (int(n) for n in re.findall(r"\d+", said))
        return first, second, third

    def ranking(self) -> list[tuple[str, str]]:
        """Solutions and scores as shown, best first."""
        for more in self.page.locator(".pv-options > .pv-button").all():
            more.click()
        rows = self.page.locator(".pv-ranking > li")
        return [(r["id"], r["score"]) for r in rows.evaluate_all(
            "rows => rows.map(r => ({id: r.dataset.solution, score: r.querySelector('.pv-score').lastChild.textContent}))"
        )]  # fmt: skip

    def blocked(self) -> list[str]:
        """Blocked solutions as shown."""
        found: list[str] = self.page.locator(".pv-blocked-list li.pv-out").evaluate_all(
            "rows => rows.map(r => r.dataset.solution)"
        )
        return found

    def unfold(self, solution: str) -> None:
        """Unfold a solution in the list."""
        self.page.locator(f"#pv-option-{solution} summary").first.click()

    def export(self, text: str) -> Download:
        """Export by the name of the format."""
        self.page.locator("#pv-menu-export > summary").click()
        with self.page.expect_download() as download:
            self.page.locator("#pv-menu-export button", has_text=text).click()
        return download.value


OpenPlanner = Callable[..., Planner]


def watched(browser: Browser, address: str, width: int = 1280, height: int = 900, **options: Any) -> Iterator[Planner]:
    """A planner in a browser of its own; its end fails if anything was written to the console or asked of another host."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    planner = Planner(page, address)
    page.on("console", lambda m: planner.faults.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: planner.faults.append(str(e)))
    origin = address.split("/planner")[0]
    page.on(
        "request",
        lambda r: None if r.url.startswith((origin, "blob:", "data:", "about:")) else planner.faults.append(r.url),
    )
    planner.open()
    yield planner
    context.close()
    assert planner.faults == []


def shown(score: float, worst: float) -> str:
    """A score as the page writes it."""
    low, high = f"{worst:.2f}", f"{score:.2f}"
    return high if low == high else f"{low}–{high}"


def word(raw: Any, catalogue: str = EDITION) -> str:
    """A profile as a word for the address, also one that is no profile."""
    if isinstance(raw, dict):
        return encode(raw, catalogue)
    return f"1.{catalogue}.{base64.urlsafe_b64encode(json.dumps(raw).encode()).decode().rstrip('=')}"
