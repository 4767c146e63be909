"""People who take part in planning sessions without a browser."""

from __future__ import annotations

from typing import Any

import httpx

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
        self._server = server
        entry = server.post(f"/v1/{path}", json=body)
        assert entry.status_code == 201, entry.text
        self.seat: dict[str, Any] = entry.json()

    @property
    def token(self) -> str:
        """What opens the session for them."""
        return str(self.seat["token"])

    def ask(self, method: str, path: str = "", **parts: Any) -> httpx.Response:
        """The answer to a request below the session."""
        return self._server.request(method, f"{self.seat['url']}{path}", headers=bearer(self.token), **parts)

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
        return Remote(self._server, "sessions/join", code=self.code(), name=name)

    @property
    def fragment(self) -> str:
        """The way to their seat for a browser."""
        return f"#seat={self.seat['session']}.{self.seat['person']}.{self.token}"


def bearer(token: str | None) -> dict[str, str]:
    """The header that a token is sent in."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}
