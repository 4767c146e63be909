"""People who take part in planning sessions without a browser."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import httpx
from openpyxl import load_workbook

UNSEEN = ("rating", "proposal", "dissent", "undo")
"""Kinds of events that are sent without `seen`."""


class Remote:
    """Somebody who takes part without a browser.

    Args:
        server: a client of the server.
        path: where they come in: `sessions` or `sessions/join`.
        body: what they send there.
    """

    def __init__(self, server: httpx.Client, path: str, **body: Any) -> None:
        self.server = server
        entry = server.post(f"/v1/{path}", json=body)
        assert entry.status_code == 201, entry.text
        self.seat: dict[str, Any] = entry.json()

    @property
    def token(self) -> str:
        """What opens the session for them."""
        return str(self.seat["token"])

    def ask(self, method: str, path: str = "", **parts: Any) -> httpx.Response:
        """The answer to a request below the session."""
        return self.server.request(method, f"{self.seat['url']}{path}", headers=bearer(self.token), **parts)

    def get(self, path: str = "") -> Any:
        """Read something below the session."""
        return self.ask("GET", path).json()

    def send(self, kind: str, **event: Any) -> httpx.Response:
        """The answer to an event, sent in view of all that happened unless told."""
        if kind not in UNSEEN and "seen" not in event:
            event["seen"] = self.get()["seq"]
        return self.ask("POST", "/events", json={"kind": kind, **event})

    def do(self, kind: str, **event: Any) -> Any:
        """Send an event that is taken."""
        answer = self.send(kind, **event)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def code(self) -> str:
        """The join code, for those who may see it."""
        return str(self.get("/invitation")["code"])

    def join(self, name: str) -> Remote:
        """Somebody who joins by this person's code."""
        return Remote(self.server, "sessions/join", code=self.code(), name=name)

    @property
    def fragment(self) -> str:
        """The way to their seat for a browser."""
        return f"#seat={self.seat['session']}.{self.seat['person']}.{self.token}"


def bearer(token: str | None) -> dict[str, str]:
    """The header that a token is sent in."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def streamed(server: httpx.Client, person: Remote, until: int) -> str:
    """What the event stream tells a person from the first event on, up to one of them; without what only keeps it alive."""
    headers = {**bearer(person.token), "Accept": "text/event-stream", "Last-Event-ID": "0"}
    told: list[str] = []
    with server.stream("GET", f"{person.seat['url']}/events", headers=headers) as answer:
        assert answer.status_code == 200
        for line in answer.iter_lines():
            told.append(line)
            if f"id: {until}" in told and not line:
                break
    return "\n".join(line for line in told if line.startswith(("id", "event", "data")))


def everything(server: httpx.Client, person: Remote) -> str:
    """All that a session tells a person, by every route that reads; what differs from session to session is left out."""
    told = [person.ask("GET", path).text for path in ("", "/events", "/options", "/roadmap", "/changes", "/invitation")]
    told += [person.ask("GET", "/record", params={"format": name}).text for name in ("json", "markdown", "csv")]
    told.append(str(cells(person.ask("GET", "/record", params={"format": "xlsx"}).content)))
    told.append(streamed(server, person, person.get()["seq"]))
    text = "\n".join(told).replace(person.seat["session"], "SESSION")
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d\.\d+Z)?", "TIME", text)
    return re.sub(r"[2-9A-Z]{5}-[2-9A-Z]{5}|#join=\w+|\d{4}-\d\d-\d\d \d\d:\d\d UTC", "CODE", text)


def cells(workbook: bytes) -> dict[str, list[list[str]]]:
    """The cells of a workbook by sheet; nothing in it is a formula."""
    book = load_workbook(BytesIO(workbook))
    held = {sheet.title: [[cell for cell in row if cell.value is not None] for row in sheet] for sheet in book}
    assert not [c.value for rows in held.values() for row in rows for c in row if c.data_type == "f"]
    return {name: [[str(cell.value) for cell in row] for row in rows] for name, rows in held.items()}
