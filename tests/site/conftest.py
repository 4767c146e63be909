from __future__ import annotations
import contextlib
import pytest
from playwright.sync_api import sync_playwright
from tests.site.planning import python, watched  # noqa: F401

@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path="/usr/bin/chromium", args="--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split())
        yield b
        b.close()

URL = "http://127.0.0.1:8765/"

@pytest.fixture
def open_planner(browser):
    with contextlib.ExitStack() as stack:
        def make(**options):
            return stack.enter_context(contextlib.contextmanager(watched)(browser, URL, **options))
        yield make

@pytest.fixture
def planner(open_planner):
    return open_planner()
