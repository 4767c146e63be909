"""How large the planner's script is, and how long its engine and the pages take in Chromium on a processor throttled to a quarter of its speed.

python -m tests.benchmarks.planner
"""

from __future__ import annotations

import gzip
import json
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from api.pages.script import classic_script
from engine.bundle import bundle
from engine.compiled import Compiled
from engine.fit import fit
from kb.home import validated
from tests.api.test_cli import PROVENDER
from tests.conftest import DATA
from tests.site.cases import phrases_of, random_case
from tests.site.conftest import CHROMIUM, QUIET
from tests.site.engine import ENGINE, open_page

THROTTLE = 4
PROFILES = 200
LOADS = 9
SETTLE = 1500
WATCH = """globalThis.longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries())).observe({ type: "longtask", buffered: true });"""
USABLE = """() => Math.max(performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
  ...longTasks.map((task) => task.startTime + task.duration))"""
DRAWN = """async () => {
  const times = [];
  for (let n = 0; n < 41; n++) {
    const input = document.querySelector(`input[name="severity-tooling"][value="${1 + (n % 5)}"]`);
    const from = performance.now();
    input.click();
    await Promise.resolve();
    times.push(performance.now() - from);
  }
  return times.sort((a, b) => a - b)[20];
}"""
CALLS = {
    "recommend": "(raw) => engine.recommend(raw)",
    "interview": "(raw) => engine.interview(raw)",
    "explain": "(raw) => engine.explain(raw, 'bayesian-active-learning')",
    "compare": "(raw) => engine.compare({}, raw)",
    "match": "(raw) => engine.match(raw.about)",
}


def sizes(held: dict[str, Any]) -> None:
    """Bytes as they are, and as a server compresses them."""
    parts = {
        "bundle": json.dumps(held, ensure_ascii=False, separators=(",", ":")),
        "its match index": json.dumps(held["match"]),
    }
    parts |= {
        "engine": classic_script(ENGINE / "index.js", {}),
        "script in all": classic_script(ENGINE / "index.js", held),
    }
    for name, text in parts.items():
        content = text.encode()
        print(f"{name}: {len(content) / 1000:.0f} kB, {len(gzip.compress(content, 9)) / 1000:.0f} kB gzipped")


def times(page: Page, call: str, raws: list[Any]) -> list[float]:
    """Milliseconds of a call for each profile."""
    program = f"""(raws) => {{ const call = {call}; return JSON.parse(raws).map((raw) => {{
      const start = performance.now(); call(raw); return performance.now() - start;
    }}); }}"""
    made: list[float] = page.evaluate(program, json.dumps(raws))
    return made


def bare(folder: Path) -> dict[str, str]:
    """The addresses of what a page costs without us: an empty document, and an empty page of the same theme."""
    (folder / "empty.html").write_text("<!doctype html><title>Empty</title><h1>Empty</h1>")
    (folder / "docs").mkdir()
    (folder / "docs/index.md").write_text("# Empty\n")
    (folder / "mkdocs.yml").write_text("site_name: Empty\ntheme: {name: material, font: false}\n")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "-q", "-f", str(folder / "mkdocs.yml")],
        check=True,
        capture_output=True,
    )
    return {
        "an empty document": (folder / "empty.html").as_uri(),
        "the theme's empty page": (folder / "site/index.html").as_uri(),
    }


def usable(browser: Browser, url: str, rate: int) -> float:
    """Milliseconds, a median, until a page loaded from the disk in a new context has parsed and ended its last long task."""
    taken = []
    for _ in range(LOADS):
        page = browser.new_page()
        page.add_init_script(WATCH)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
        page.goto(url)
        page.wait_for_timeout(SETTLE)
        taken.append(page.evaluate(USABLE))
        page.close()
    return statistics.median(taken)


def loads(browser: Browser) -> None:
    """Print after how long home and planner can be used, beside what they stand on, in the same run, as machines differ much."""
    with tempfile.TemporaryDirectory() as built, tempfile.TemporaryDirectory() as peers:
        subprocess.run([PROVENDER, "site", "build", "--out", built], check=True, capture_output=True)
        site = Path(built).as_uri()
        urls = bare(Path(peers)) | {"home": f"{site}/index.html", "planner": f"{site}/planner/index.html"}
        for name, url in urls.items():
            full, slowed = (usable(browser, url, rate) for rate in (1, THROTTLE))
            print(f"{name}: to be used after {full:.0f} ms, throttled {slowed:.0f} ms, medians of {LOADS}")
        page = browser.new_page()
        page.goto(f"{site}/planner/index.html")
        page.locator(".pv-examples button").first.click()
        page.locator(".pv-step-challenges").click()
        print(f"a click on a severity, answer and drawing, not throttled: median {page.evaluate(DRAWN):.1f} ms")
        page.close()


def main() -> None:
    """Print sizes, then the median, the 95th percentile and the first of each call, then how long pages load."""
    catalogue = validated(DATA)
    held = bundle(catalogue, Compiled(catalogue), fit(catalogue))
    sizes(held)
    rng, phrases = random.Random(11), phrases_of(catalogue)
    raws = [random_case(catalogue, rng, phrases) | {"about": rng.choice(phrases)} for _ in range(PROFILES)]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = open_page(browser, Path(folder), ENGINE / "index.js", held)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
        start = "() => { const s = performance.now(); globalThis.engine = Provender.open(Provender.bundle); return performance.now() - s; }"
        print(f"open: {page.evaluate(start):.1f} ms, once")
        for name, call in CALLS.items():
            first, *found = times(page, call, raws)
            most = statistics.quantiles(found, n=20)[-1]
            print(
                f"{name}: median {statistics.median(found):.1f} ms, 95 % under {most:.1f} ms, the first {first:.0f} ms"
            )
        loads(browser)
        browser.close()


if __name__ == "__main__":
    main()
