"""What the tests of planning sessions share: people at their browsers, and a network between them and the server that can break."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.serving import Server

PUBLIC = "http://192.0.2.7:8000"
"""Where phones reach the server, as its operator says."""
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
EXPECTED = (
    "net::ERR_CONNECTION", "net::ERR_EMPTY_RESPONSE", "net::ERR_INCOMPLETE_CHUNKED", "net::ERR_SOCKET_NOT_CONNECTED",
    "net::ERR_INTERNET_DISCONNECTED", "net::ERR_NETWORK", "net::ERR_ABORTED", "status of 409",
)  # fmt: skip
"""What Chromium itself writes to the console about a broken connection or a refusal."""


@dataclass
class Person:
    """Somebody at a browser of their own; `faults` are console errors, uncaught exceptions and requests to another host."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def open(self, fragment: str = "") -> None:
        """Go to the page of the sessions afresh."""
        if self.page.url.startswith(self.address):
            self.page.goto("about:blank")
        self.page.goto(f"{self.address}session/{fragment}")
        self.page.wait_for_selector("#session .ps > :not([role=status])")

    def begin(self, title: str, name: str, start: str = "nothing") -> str:
        """Begin a session; gives the join code."""
        self.open()
        self.page.fill("#ps-title", title)
        self.page.fill("#ps-mine", name)
        self.page.select_option("#ps-from", value=start)
        self.press("Begin")
        return self.page.locator(".ps-code b").inner_text()

    def join(self, code: str, name: str) -> None:
        """Join by the fragment of a link."""
        self.open(f"#join={code}")
        self.page.fill("#ps-name", name)
        self.press("Join")
        self.page.wait_for_selector(".ps-head")

    def go(self, step: str) -> None:
        """Go to a step."""
        self.page.click(f"#ps-to-{step}")

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press a button by its whole name."""
        (within or self.page).get_by_role("button", name=name, exact=True).click()

    def rate(self, challenge: str, severity: int | None) -> None:
        """Choose a severity, or *can't judge*."""
        value = "null" if severity is None else severity
        self.page.locator(f"[data-challenge={challenge}] input[value='{value}']").check()

    def live(self) -> None:
        """Wait until the connection holds and nothing waits to be sent."""
        expect(self.page.locator(".ps-live")).to_be_visible()
        self.page.wait_for_function(WAITING_NONE)

    def seat(self) -> dict[str, str]:
        """The seat that this browser keeps."""
        kept: list[dict[str, str]] = self.page.evaluate(
            "Object.entries(localStorage).filter(([k]) => k.startsWith('provender.session.seat.')).map(([, v]) => JSON.parse(v))"
        )
        return kept[0]


WAITING_NONE = "() => !Object.keys(localStorage).some((k) => k.startsWith('provender.session.out.'))"


@contextlib.contextmanager
def seated(browser: Browser, address: str, allowed: tuple[str, ...] = (), **options: Any) -> Iterator[Person]:
    """A person; their leaving fails if anything but what is allowed was written to the console or asked of another host."""
    context = browser.new_context(**options)
    person = watched(context.new_page(), address, allowed)
    yield person
    context.close()
    assert not person.faults, person.faults


def watched(page: Page, address: str, allowed: tuple[str, ...] = ()) -> Person:
    """A page whose faults are noted."""
    page.set_default_timeout(10_000)
    person = Person(page, address)

    def said(text: str) -> None:
        if not any(part in text for part in allowed):
            person.faults.append(text)

    page.on("console", lambda m: said(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: said(str(e)))
    page.on("request", lambda r: None if r.url.startswith((address, "blob:", "data:", "about:")) else said(r.url))
    return person


class Wire:
    """A network in front of a server: what goes over it can be cut and mended, and the server killed and started again.

    Args:
        serve: starts a server, each time on the same workspace.
    """

    def __init__(self, serve: Callable[[], Server]) -> None:
        self._serve = serve
        self._whole = True
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        self.start()

    def start(self) -> None:
        """Start a server and lead to it."""
        self._server = self._serve()

    def kill(self) -> None:
        """Kill the server as a power cut would."""
        self._server.process.kill()

    @property
    def address(self) -> str:
        """Where browsers go."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}/"

    def cut(self) -> None:
        """Break every connection, and let none through."""
        with self._lock:
            self._whole = False
            for held in self._open:
                with contextlib.suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let connections through again."""
        self._whole = True

    def close(self) -> None:
        """Take it down."""
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            try:
                if not self._whole:
                    raise OSError
                far = socket.create_connection(self._server.address)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                sink.sendall(piece)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()
