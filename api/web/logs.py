"""What the server writes to standard error: a line of JSON for each event, and nothing that a client said.

No line holds a query string, a body, a header's value (but a request id that is a short token), a client's address, or the message of an
exception, for any of these may carry a profile. An exception is told by its type and the places in the code that it passed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOGGER = "provender"
_PLAIN = re.compile(r"[\w./~:@,+=-]{1,200}", re.ASCII)
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class JsonFormatter(logging.Formatter):
    """Writes a record as one JSON object; `extra={"fields": {…}}` adds members to it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {"time": stamp(record.created), "level": record.levelname.lower()}
        if record.name == LOGGER:
            line["event"] = record.getMessage()
        else:
            line |= {"event": "log", "logger": record.name, "message": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            line["failure"] = told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def told(error: BaseException) -> dict[str, Any]:
    """An exception without its message: type, the places it passed, and what it came from."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    places = [f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}" for frame in frames]
    made: dict[str, Any] = {"type": f"{type(error).__module__}.{type(error).__qualname__}", "at": places}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        made["from"] = f"{type(cause).__module__}.{type(cause).__qualname__}"
    return made


def stamp(seconds: float) -> str:
    """A time in UTC to the millisecond.

    >>> stamp(0.25)
    '1970-01-01T00:00:00.250Z'
    """
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1000):03d}Z"


def configuration(level: str) -> dict[str, Any]:
    """How Python's logging is set up: the server's own events from `level` on, its libraries' warnings."""
    libraries = level if level in ("debug", "error") else "warning"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "api.web.logs.JsonFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": libraries.upper()},
        "loggers": {
            LOGGER: {"level": level.upper()},
            "uvicorn": {"level": libraries.upper()},
            "uvicorn.error": {"level": libraries.upper()},
            "uvicorn.access": {"level": "CRITICAL"},
        },
    }


class AccessLog:
    """Writes a line for each request; lines of a moment are written together, which costs a tenth of writing each.

    Args:
        wanted: whether requests are logged at all.
        write: takes the bytes of whole lines.
    """

    def __init__(self, wanted: bool, write: Callable[[bytes], object] | None = None) -> None:
        self.wanted = wanted
        self._write = write or _to_stderr
        self._lines: list[str] = []
        self._second, self._date = 0, ""

    def add(
        self,
        method: str,
        path: str,
        kind: str,
        status: int,
        seconds: float,
        size: int,
        request: str,
        level: str = "info",
    ) -> None:
        """Note a request; `path` has no query."""
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second, self._date = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        if not self._lines:
            asyncio.get_running_loop().call_later(0.1, self.flush)
        self._lines.append(
            f'{{"time":"{self._date}.{int((now - second) * 1000):03d}Z","level":"{level}","event":"request","method":"{method}",'
            f'"path":{_quoted(path)},"route":"{kind}","status":{status},"ms":{seconds * 1000:.2f},"bytes":{size},'
            f'"id":"{request}"}}\n'
        )
        if len(self._lines) >= 512:
            self.flush()

    def flush(self) -> None:
        """Write what was noted."""
        lines, self._lines = self._lines, []
        if lines:
            self._write("".join(lines).encode())


def _quoted(path: str) -> str:
    """A path in JSON; most need no escaping, and looking is faster than escaping."""
    return f'"{path}"' if _PLAIN.fullmatch(path) else json.dumps(path[:200])


def _to_stderr(content: bytes) -> None:
    try:
        sys.stderr.flush()
        sys.stderr.buffer.write(content)
        sys.stderr.buffer.flush()
    except (OSError, ValueError):
        pass  # nobody reads any more; requests are answered all the same


def event(name: str, level: str = "info", **fields: Any) -> None:
    """Log one of the server's own events."""
    logging.getLogger(LOGGER).log(_LEVELS[level], name, extra={"fields": fields})
