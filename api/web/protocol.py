"""What has to be stopped before there is a request: endless or dripping headers, too many connections, readers who never read."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.settings import Settings
from api.web.guard import SITE, App, respond
from api.web.logs import event
from api.web.problems import MEDIA_TYPE, Problem

_SLOWEST = 1024
"""Bytes a second; whoever takes fewer over `idle_seconds` is not waited for."""


class Config(uvicorn.Config):
    """uvicorn's configuration with ours beside it, for the protocol to find."""

    def __init__(self, app: Any, settings: Settings, **options: Any) -> None:
        super().__init__(app, **options)
        self.settings = settings


class Protocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 with limits that it has not: on the time and size of a request's head, on connections, on idle readers."""

    def __init__(self, config: Config, *args: Any, **options: Any) -> None:
        super().__init__(config, *args, **options)
        self._settings = config.settings
        self._in_head = True
        self._head = self._chunk = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._drain_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(self._settings.header_seconds, self._head_too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop every clock."""
        for timer in (self._head_timer, self._drain_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse; hold what is no whole head yet against its limits."""
        self._chunk = len(data)
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head += len(data)
        if self._head > self._settings.url_bytes + self._settings.header_bytes:
            self._cut(self._too_long())
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(self._settings.header_seconds, self._head_too_slow)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._head = True, 0

    def on_headers_complete(self) -> None:
        """A head is whole: hand it on, or what refuses it."""
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        refused = None
        if len(self.connections) > self._settings.connections:
            refused = Problem(
                "unavailable", "Too many connections; come back in a moment.", headers={"Retry-After": "2"}
            )
        elif self._head + self._chunk > min(self._settings.url_bytes, self._settings.header_bytes):
            size = sum(len(name) + len(value) + 4 for name, value in self.headers)
            if len(self.url) > self._settings.url_bytes or size > self._settings.header_bytes:
                refused = self._too_long()
        if refused is None:
            super().on_headers_complete()
            return
        event("refused", reason=refused.type)
        whole, self.app = self.app, _refusing(refused)
        try:
            super().on_headers_complete()
        finally:
            self.app = whole

    def send_400_response(self, msg: str) -> None:
        """Say in our own shape that this is no HTTP."""
        self._cut(Problem("bad-request", "This is not well-formed HTTP/1.1."))

    def on_response_complete(self) -> None:
        """Go on to the next request, unless the rest of this one's body was never asked for: that could drip in for ever."""
        super().on_response_complete()
        if self.cycle.response_complete and self.cycle.more_body:
            self._close()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing more was asked."""
        self._close()

    def pause_writing(self) -> None:
        """The client reads slower than it is written to."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """The client has caught up."""
        super().resume_writing()
        if self._drain_timer is not None and not self.transport.is_closing():
            self._drain_timer.cancel()
            self._drain_timer = None

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
        if self.transport.get_write_buffer_size():
            self._watch()

    def _watch(self) -> None:
        if self._drain_timer is None:
            left = self.transport.get_write_buffer_size()
            self._drain_timer = self.loop.call_later(self._settings.idle_seconds, self._look_at_drain, left)

    def _look_at_drain(self, before: int) -> None:
        self._drain_timer = None
        left = self.transport.get_write_buffer_size()
        if left and before - left < _SLOWEST * self._settings.idle_seconds:
            event("refused", reason="slow-reader")
            self.transport.abort()
        elif left:
            self._watch()

    def _head_too_slow(self) -> None:
        self._head_timer = None
        if self._head:  # something came, so there is somebody to tell
            limit = self._settings.header_seconds
            self._cut(Problem("request-timeout", f"The request's head was not here after {limit:g} s."))
        else:
            self.transport.close()

    def _too_long(self) -> Problem:
        if len(self.url) > self._settings.url_bytes:
            return Problem(
                "url-too-long", f"Path and query may have {self._settings.url_bytes:,} bytes; POST takes longer input."
            )
        return Problem("headers-too-large", f"All headers together may have {self._settings.header_bytes:,} bytes.")

    def _cut(self, problem: Problem) -> None:
        """Tell a problem, if no other answer has begun on this connection, and close it."""
        event("refused", reason=problem.type)
        cycle = self.cycle
        if not self.pipeline and (cycle is None or cycle.response_complete or not cycle.response_started):
            body = problem.body()
            lines = [b"HTTP/1.1 %d %s" % (problem.status, HTTPStatus(problem.status).phrase.encode())]
            pairs = [*self.server_state.default_headers, *SITE.headers(https=False)]
            pairs += [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
            lines += [name + b": " + value for name, value in [*pairs, (b"connection", b"close")]]
            self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True  # nothing that is still being made may follow
            cycle.message_event.set()
        self._close()


def _refusing(problem: Problem) -> App:
    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [*SITE.headers(https=False), (b"connection", b"close")]
            await send(message)

        await respond(problem, sending)

    return refuse
