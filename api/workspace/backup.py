"""Backups: every table as lines of JSON, compressed, the same for SQLite and PostgreSQL, with a count and a checksum at the end."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from api.sessions import events as e
from api.sessions.fold import fold
from api.sessions.state import Record
from api.workspace.database import reading, writing
from api.workspace.store import Workspace
from api.workspace.tables import EVENTS, SESSIONS, TABLES

FORM = "provender-workspace/1"
_BATCH = 500


class BackupError(Exception):
    """The file is no whole backup, or does not fit what is there; says why."""


def backup(workspace: Workspace, file: Path) -> int:
    """Write all sessions, as they are at one moment, into a file that only its owner can read; gives their number.

    The file is there whole or not at all.
    """
    part = file.with_name(f"{file.name}.part")
    digest, rows, sessions = hashlib.sha256(), 0, 0
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as out, reading(workspace.engine) as connection:
            out.write(_line({"form": FORM}))
            for name, row in _rows(connection):
                line = _line({"table": name, "row": row})
                digest.update(line)
                out.write(line)
                rows += 1
                sessions += name == SESSIONS.name
            out.write(_line({"rows": rows, "sha256": digest.hexdigest()}))
        raw.flush()
        os.fsync(raw.fileno())
    part.replace(file)
    folder = os.open(file.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return sessions


def restore(workspace: Workspace, file: Path) -> int:
    """Put the sessions of a backup into the workspace, all or none; gives their number.

    Raises:
        BackupError: if the file is not whole, a log in it does not hold, or one of its sessions is there already.
    """
    held = _read(file)
    logs: dict[str, list[Record]] = {row["id"]: [] for row in held[SESSIONS.name]}
    try:
        for row in held[EVENTS.name]:
            logs[row["session"]].append(Record(row["seq"], row["at"], row["by"], e.read(row["kind"], row["data"])))
        for log in logs.values():
            if not fold(log).seq:
                raise ValueError("a session without a log")
    except (KeyError, TypeError, ValueError) as error:
        raise BackupError(f"{file}: a log in it does not hold ({type(error).__name__})") from None
    with writing(workspace.engine) as connection:
        there = set(connection.execute(select(SESSIONS.c.id)).scalars()) & logs.keys()
        if there:
            raise BackupError(
                f"{file}: {len(there)} of its sessions are there already, such as {min(there)}; delete them first, or restore into "
                "another workspace"
            )
        for table in TABLES:
            for at in range(0, len(held[table.name]), _BATCH):
                connection.execute(insert(table), held[table.name][at : at + _BATCH])
    return len(logs)


def _rows(connection: Connection) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for table in TABLES:
        for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings():
            yield table.name, dict(row)


def _read(file: Path) -> dict[str, list[dict[str, Any]]]:
    held: dict[str, list[dict[str, Any]]] = {table.name: [] for table in TABLES}
    digest, lines = hashlib.sha256(), _lines(file)
    try:
        if json.loads(next(lines, b"{}")).get("form") != FORM:
            raise BackupError(f"{file}: is no backup of planning sessions")
        for line in lines:
            found = json.loads(line)
            if "sha256" in found:
                if (found["sha256"], found["rows"]) != (digest.hexdigest(), sum(map(len, held.values()))):
                    raise BackupError(f"{file}: is damaged; its checksum is another")
                return held
            digest.update(line)
            held[found["table"]].append(found["row"])
    except (OSError, EOFError, ValueError, KeyError, AttributeError) as error:
        raise BackupError(f"{file}: cannot be read ({getattr(error, 'strerror', None) or 'it is damaged'})") from None
    raise BackupError(f"{file}: breaks off; it is no whole backup")


def _lines(file: Path) -> Iterator[bytes]:
    with gzip.open(file) as read:
        yield from read


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
