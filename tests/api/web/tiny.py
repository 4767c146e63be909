"""A small application behind the guard, run as users' servers are: for what the real one has no reason to do.

`python -m tests.api.web.tiny` serves it; `PROVENDER_…` sets it up.
"""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

from api.commands.serve import _bind, _run_one, _url
from api.settings import read_settings
from api.web.guard import Guard, respond
from api.web.logs import configuration
from api.web.metrics import Metrics
from api.web.problems import Problem
from api.web.protocol import Config, Protocol


async def tiny(scope: Any, receive: Any, send: Any) -> None:
    """Answers by path; `/v1/plans` gives back what it was sent."""
    if scope["type"] == "lifespan":
        while True:
            told = (await receive())["type"]
            await send({"type": f"{told}.complete"})
            if told == "lifespan.shutdown":
                return
    path, status, body = scope["path"], 200, b""
    if scope["method"] == "POST":
        more = True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
    headers = [(b"content-type", b"application/json")]
    if path == "/v1/explanations":  # fails, with what it was sent in its message
        raise RuntimeError(f"cannot read {body.decode()} or {scope['query_string'].decode()}")
    if path == "/v1/catalogue":
        body = b"[]"
    elif path == "/v1/match":
        await asyncio.sleep(float(body or b"1"))
        body = b'"slow"'
    elif path == "/v1/articles":
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(256):
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
        await send({"type": "http.response.body"})
        return
    elif path == "/v1/limitations":  # what the guard tells the application
        body = json.dumps({"scheme": scope["scheme"], "id": scope["state"]["request_id"]}).encode()
    elif path == "/v1/questions":
        raise Problem("invalid-input", "no")
    elif path == "/v1/solutions":
        return
    elif path.startswith("/v1/challenges"):
        scope["provender.route"] = "/v1/challenges/{id}"
    elif path == "/metrics":
        body = METRICS.text()
    elif path == "/none":
        await respond(Problem("not-found", "no"), send)
        return
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


METRICS = Metrics()


def main() -> None:
    settings = read_settings()
    app = Guard(tiny, settings, METRICS) if "BARE" not in os.environ else tiny
    config = Config(
        app, settings, http=Protocol, ws="none", loop="uvloop", lifespan="on", proxy_headers=False, server_header=False,
        access_log=False, log_config=configuration(settings.log_level), timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )  # fmt: skip
    listening = _bind(settings.host, settings.port)
    raise SystemExit(_run_one(config, listening, lambda: print(_url(listening), flush=True)))


if __name__ == "__main__":
    main()
