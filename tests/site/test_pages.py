"""The site's pages as people meet them: in Chromium, served, on a plain file server, and opened from the disk."""

from __future__ import annotations

import gzip
import json
import posixpath
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from kb.home import build_folder
from kb.records import Catalogue
from tests.serving import Server

TEMPLATES = (
    "", "matrix/", "graph/", "practice/", "gaps/", "challenges/", "solutions/", "articles/", "factors/", "phases/", "challenge/data-drift/", "solution/dropout/",
    "article/munappy2022/", "factor/cost/", "phase/deployment/", "downloads/", "sparql/", "api/", "method/", "provenance/",
    "quality/", "changelog/", "contributing/", "404.html",
)  # fmt: skip
"""One page of each kind; the planner has tests of its own."""
RECORDS = ("challenge/data-drift", "solution/dropout", "article/munappy2022", "factor/cost", "phase/deployment")
BUDGET = 350_000
"""Gzipped bytes that a first look may cost, without the search index."""


class _Seen(HTMLParser):
    """What a page refers to, and what in it can be referred to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in ("script", "img", "iframe", "source") and "src" in given:
            self.loads.append(given["src"])
        if tag == "link" and "href" in given and given.get("rel") != "canonical":
            (self.links if "alternate" in given.get("rel", "") else self.loads).append(given["href"])
        self.inline += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith("on")]


@cache
def _seen(file: Path) -> _Seen:
    return _Seen(file.read_text(encoding="utf-8"))


def _target(built: Path, file: Path, link: str) -> Path:
    path = unquote(urlsplit(link).path)
    from_top = path.startswith("/")
    found = (
        built / path.removeprefix("/") if from_top else Path(posixpath.normpath(file.parent / path)) if path else file
    )
    return found / "index.html" if found.is_dir() else found


def _pages(built: Path) -> list[Path]:
    return sorted(built.rglob("*.html"))


def test_every_link_and_anchor_leads_somewhere(built: Path) -> None:
    broken = []
    for file in _pages(built):
        seen = _seen(file)
        for link in {*seen.links, *seen.loads}:
            if urlsplit(link).scheme:
                continue
            target, anchor = _target(built, file, link), unquote(urlsplit(link).fragment)
            if not target.is_file() or (
                anchor and target.suffix == ".html" and anchor not in _seen(target).ids and anchor != "__search"
            ):
                broken.append(f"{file.relative_to(built)}: {link}")
    assert broken == []


def test_no_page_loads_anything_from_another_host_or_carries_style_or_handlers_in_it(built: Path) -> None:
    for file in _pages(built):
        seen = _seen(file)
        assert [x for x in seen.loads if urlsplit(x).scheme or x.startswith("//")] == [], file
        assert seen.inline == [], file
    for file in built.rglob("*.css"):
        loaded = re.findall(r"url\(\s*['\"]?(?!data:|#)([^)'\"]+)|@import\s+['\"]([^'\"]+)", file.read_text("utf-8"))
        assert [x for pair in loaded for x in pair if "//" in x] == [], file


def test_every_record_has_a_page_with_its_data_beside_it(built: Path, catalogue: Catalogue) -> None:
    for kind, records in (
        ("challenge", catalogue.challenges), ("solution", catalogue.solutions), ("article", catalogue.articles),
    ):  # fmt: skip
        for record in records:
            place = built / kind / record.id
            assert (place / "index.html").is_file()
            assert json.loads(place.parent.joinpath(f"{record.id}.json").read_bytes())["item"]["id"] == record.id
            for ending in ("ttl", "md", "bib", "csl.json"):
                assert place.parent.joinpath(f"{record.id}.{ending}").stat().st_size > 50
    listed = (built / "llms.txt").read_text("utf-8")
    for link in re.findall(r"\]\(([^)]+)\)", listed):
        assert (built / urlsplit(link).path.removeprefix("/")).exists(), link


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("ending", ["json", "ttl"])
def test_data_beside_a_page_is_what_the_api_answers(built: Path, served: Server, record: str, ending: str) -> None:
    kind, identity = record.split("/")
    known = f"{kind}/{identity}" if kind not in ("factor", "phase") else f"concept/{kind}.{identity}"
    beside = (built / f"{record}.{ending}").read_bytes()
    assert served.get(f"/id/{known}.{ending}", follow_redirects=True).content == beside
    shown = served.get(f"/{record}.{ending}")
    assert shown.content == beside
    assert shown.headers["content-type"].startswith({"json": "application/", "ttl": "text/turtle"}[ending])


def test_markdown_beside_a_page_is_plain(built: Path) -> None:
    for file in built.rglob("*.md"):
        text = re.sub(r"(?s)```.*?```|`[^`\n]*`", "", file.read_text("utf-8"))
        assert not re.search(r"</?(span|div|details|summary|figure|svg|script|link)\b|\{ ?[.#]\w", text), file


def test_a_record_says_how_sure_it_is_and_how_to_cite_and_change_it(built: Path) -> None:
    for record in ("challenge/data-drift", "solution/dropout"):
        page = (built / record / "index.html").read_text("utf-8")
        for said in ("Basis", "Reviewed", "Cite", "https://git.example/provender/", "https://w3id.org/provender/"):
            assert said in page, (record, said)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_anybody_out_or_runs_over_a_phone(browser: Browser, served: Server, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page, axe = context.new_page(), Axe()
    said: list[str] = []
    page.on("console", lambda m: said.append(f"{page.url}: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: said.append(f"{page.url}: {e}"))
    origin = str(served.base_url)
    page.on(
        "request", lambda r: None if r.url.startswith((origin.rstrip("/"), "data:", "blob:")) else said.append(r.url)
    )
    for name in TEMPLATES:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{origin.rstrip('/')}/{name}")
        found = axe.run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == [], (name, scheme)
        page.set_viewport_size({"width": 360, "height": 740})
        wide = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > 361).map(e => e.outerHTML.slice(0, 120)).slice(0, 3)"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, (name, page.evaluate(wide))
    context.close()
    assert said == []


def _found(page: Page, words: str) -> list[str]:
    page.locator("[data-md-component=search-query]").click()
    page.keyboard.type(words)
    page.wait_for_selector(".md-search-result__link")
    hrefs: list[str] = page.locator(".md-search-result__item > .md-search-result__link").evaluate_all(
        "links => links.map(a => new URL(a.href).pathname)"
    )
    return [re.sub(r"index\.html$", "", h) for h in hrefs]


@pytest.mark.parametrize("way", ["served", "plain", "file"])
@pytest.mark.parametrize(
    ("words", "challenge"),
    [("model worse in production", "training-serving-skew"), ("duplicate customers", "deduplication-complexity")],
)
def test_the_search_finds_what_people_call_it(
    browser: Browser, served: Server, plain: str, built: Path, way: str, words: str, challenge: str
) -> None:
    page = browser.new_page()
    page.goto({"served": str(served.base_url), "plain": plain, "file": (built / "index.html").as_uri()}[way])
    found = _found(page, words)
    assert any(h.endswith(f"/challenge/{challenge}/") for h in found[:5]), found[:5]
    page.close()


def test_from_the_disk_one_can_go_from_page_to_page(browser: Browser, built: Path) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    page.goto((built / "index.html").as_uri())
    page.locator("main a[href*='challenge/data-drift']").first.click()
    page.wait_for_url("**/challenge/data-drift/index.html")
    page.locator("main td a[href*='solution/']:visible").first.click()
    page.wait_for_url("**/solution/*/index.html")
    page.get_by_role("link", name="Planner").first.click()
    page.wait_for_selector("#planner .pv")
    page.close()
    assert said == []


def test_by_keyboard_one_gets_past_the_navigation_and_to_the_search(browser: Browser, plain: str) -> None:
    page = browser.new_page()
    page.goto(f"{plain}challenge/data-drift/")
    page.keyboard.press("Tab")
    assert "md-skip" in page.evaluate("document.activeElement.className")
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash !== ''")
    page.wait_for_timeout(300)  # The theme closes its search when the address changes.
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.dataset.mdComponent") == "search-query"
    page.keyboard.type("label")
    page.wait_for_selector(".md-search-result__link")
    page.keyboard.press("ArrowDown")
    assert "md-search-result__link" in page.evaluate("document.activeElement.className")
    page.close()


def test_colours_follow_the_system_until_the_reader_chooses(browser: Browser, plain: str) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(plain)
    body, button = page.locator("body"), page.get_by_role("button", name="Dark colours")
    for scheme, pressed in (("dark", "true"), ("light", "false")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        expect(button).to_have_attribute("aria-pressed", pressed)
        expect(body).to_have_attribute("data-md-color-scheme", "slate" if scheme == "dark" else "default")
    assert button.locator("svg:visible").count() == 1
    button.focus()
    page.keyboard.press("Enter")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    page.goto(f"{plain}challenge/data-drift/")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.close()


def test_on_paper_there_is_the_text_and_nothing_to_press(browser: Browser, plain: str) -> None:
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto(f"{plain}solution/dropout/")
    for gone in (".md-header", ".md-tabs", ".md-sidebar", ".md-footer"):
        assert not page.locator(gone).first.is_visible(), gone
    assert page.locator("h1").is_visible()
    assert page.evaluate(
        "[...document.querySelectorAll('.md-typeset__scrollwrap')].every(e => e.scrollWidth <= e.clientWidth + 1)"
    )
    page.close()


@pytest.mark.parametrize("name", ["", "planner/"])
def test_a_first_look_is_light(browser: Browser, plain: str, name: str) -> None:
    page = browser.new_page()
    sizes: dict[str, int] = {}
    page.on(
        "response",
        lambda r: sizes.update({r.url: len(gzip.compress(r.body(), 6))}) if r.url.startswith("http") else None,
    )
    page.goto(f"{plain}{name}", wait_until="networkidle")
    page.close()
    index = sum(size for url, size in sizes.items() if "search_index" in url)
    assert index <= 400_000
    assert sum(sizes.values()) - index <= BUDGET, sorted(sizes.items(), key=lambda x: -x[1])[:5]


def test_a_stored_query_runs_where_the_api_is(browser: Browser, served: Server, plain: str) -> None:
    page = browser.new_page()
    page.goto(f"{served.base_url}/sparql/".replace("//sparql", "/sparql"))
    place = page.locator(".pv-query[data-query=challenges]")
    place.locator("summary", has_text="The query").click()
    place.get_by_role("button", name="Run it here").click()
    place.locator("[role=status] table").wait_for()
    stored = place.locator("summary", has_text="Stored result").inner_text()
    assert stored == f"Stored result, {place.locator('[role=status] tbody tr').count()} rows"
    place.locator("textarea").fill("SELECT nonsense")
    place.get_by_role("button", name="Run it here").click()
    place.locator(".pv-wrong").wait_for()
    page.goto(f"{plain}sparql/", wait_until="networkidle")
    assert page.locator("details").count()
    assert page.get_by_role("button", name="Run it here").count() == 0
    page.close()


def test_where_nothing_is_the_site_says_so(served: Server) -> None:
    answer = served.get("/no/such/page", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "<h1" in answer.text
    assert served.get("/no/such/page").headers["content-type"] == "application/problem+json"


def test_zensical_builds_the_same_source(published: Path, built: Path, tmp_path: Path) -> None:
    source = build_folder(published) / "pages"
    copy = tmp_path / "pages"
    subprocess.run(["cp", "-r", source, copy], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = {p.relative_to(copy / "site").as_posix() for p in (copy / "site").rglob("index.html")}
    assert {p.relative_to(built).as_posix() for p in built.rglob("index.html")} == made
