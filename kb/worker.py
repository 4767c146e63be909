"""Runs SPARQL queries in processes of their own that can open no socket and no file, and are killed when their time is up.

The parser and evaluator follow SERVICE, have no time limit, and can be crashed by nesting; so a query never runs in the calling process.
A worker is told the triples and its limits, gives up what it does not need, and then answers one query after the other. Both directions
are frames, a length of four bytes and the content; `kb.pool` keeps workers for a server, `ask` uses one for one query.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from kb.refusal import refused

SECONDS = 10.0
MEGABYTES = 2048
ROWS = 100_000
QUERY_BYTES = 65_536
BASE = "https://w3id.org/provender/"
COMMAND = (sys.executable, "-m", "kb.worker")
NICENESS = 10


class QueryError(Exception):
    """The query could not be answered; says why and what to do.

    Args:
        type: ``query-refused``, ``query-malformed``, ``query-timeout``, ``not-acceptable``, ``too-large`` or ``unavailable``.
        detail: why, and what to do.
        line: where in a malformed query, counted from one.
        column: where in that line.
    """

    def __init__(self, type: str, detail: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(detail)
        self.type, self.detail, self.line, self.column = type, detail, line, column


@dataclass(frozen=True)
class Limits:
    """What a query may use: seconds, rows or triples of its answer, and megabytes of memory."""

    seconds: float = SECONDS
    rows: int = ROWS
    megabytes: int = MEGABYTES


@dataclass(frozen=True)
class Formats:
    """How an answer is written: that of SELECT and ASK, and that of CONSTRUCT and DESCRIBE; none of them is taken if it is None."""

    rows: str | None
    graph: str | None


@dataclass(frozen=True)
class Answer:
    """What a query gave: its form (``rows``, ``boolean`` or ``graph``), the format it is written in, and whether it was cut off."""

    form: str
    format: str
    truncated: bool
    body: bytes


def check(query: str) -> None:
    """Refuse what needs no worker to be refused.

    Raises:
        QueryError: if it is too long, would change data, or reaches out of the catalogue.
    """
    if len(query.encode("utf-8", "surrogatepass")) > QUERY_BYTES:
        raise QueryError("too-large", f"the query is longer than {QUERY_BYTES:,} bytes; ask for less at a time")
    reason = refused(query)
    if reason is not None:
        raise QueryError("query-refused", f"the query {reason}")


def ask(
    query: str,
    triples: bytes,
    formats: Formats,
    limits: Limits | None = None,
    context: Mapping[str, Any] | None = None,
) -> Answer:
    """Answer one read-only SPARQL query over a file of triples.

    Args:
        query: SPARQL 1.1 SELECT, ASK, CONSTRUCT or DESCRIBE.
        triples: N-Triples.
        formats: how the answer is written.
        limits: what the query may use.
        context: the JSON-LD context, whose prefixes Turtle uses too; the record types' unless given.

    Raises:
        QueryError: if it is malformed, reaches out of the data, or takes too long.
    """
    check(query)
    if context is None:
        from kb.context import context as of_records

        context = of_records()
    limits = limits or Limits()
    said = [*greeting(triples, context, limits), request(query, formats)]
    try:
        done = subprocess.run(COMMAND, input=b"".join(said), capture_output=True, timeout=limits.seconds, check=False)
    except subprocess.TimeoutExpired:
        raise too_slow(limits) from None
    frames = []
    while len(done.stdout) >= 4:
        (length,) = struct.unpack(">I", done.stdout[:4])
        frames.append(done.stdout[4 : 4 + length])
        done.stdout = done.stdout[4 + length :]
    if len(frames) != 3 or done.returncode:
        raise brought_down()
    return reply(frames[1], frames[2])


def frame(content: bytes) -> bytes:
    r"""A frame.

    >>> frame(b"ask")
    b'\x00\x00\x00\x03ask'
    """
    return struct.pack(">I", len(content)) + content


def greeting(triples: bytes, context: Mapping[str, Any], limits: Limits) -> tuple[bytes, bytes]:
    """What a worker is told first; it answers with an empty frame when it is ready."""
    return frame(json.dumps({"context": context, "limits": asdict(limits)}).encode()), frame(triples)


def request(query: str, formats: Formats) -> bytes:
    """What a worker is asked; it answers with two frames, for `reply` to read."""
    return frame(json.dumps({"query": query, "formats": asdict(formats)}).encode())


def reply(head: bytes, body: bytes) -> Answer:
    """Read what a worker answered.

    Raises:
        QueryError: if it could not answer.
    """
    said = json.loads(head)
    if "error" in said:
        raise QueryError(said["error"], said["detail"], said.get("line"), said.get("column"))
    return Answer(said["form"], said["format"], said["truncated"], body)


def too_slow(limits: Limits) -> QueryError:
    """Why a query was stopped."""
    return QueryError(
        "query-timeout",
        f"the query took longer than {limits.seconds:g} seconds and was stopped; ask for less (LIMIT, fewer joins)",
    )


def brought_down() -> QueryError:
    """Why there is no worker any more."""
    return QueryError(
        "query-timeout", "the query brought its worker down (too deeply nested, or too much memory); simplify it"
    )


def _serve() -> int:
    # Before the slow imports: loading must not slow the server down either.
    os.nice(NICENESS)
    import signal

    import pyoxigraph as ox

    # A server that stops finishes its queries first; the end of the input is what ends a worker.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    source, sink = os.fdopen(0, "rb", closefd=False), os.fdopen(os.dup(1), "wb")
    told = json.loads(_read(source) or b"{}")
    store = ox.Store()
    store.bulk_load(_read(source), format=ox.RdfFormat.N_TRIPLES)
    limits = Limits(**told["limits"])
    _answer(store, 'SELECT * { ?s ?p "" }', Formats("json", None), limits, told["context"])  # loads what is loaded late
    _confine(limits)
    _write(sink, b"")
    while asked := _read(source):
        # Should nobody be left to kill it.
        signal.setitimer(signal.ITIMER_REAL, limits.seconds + 1)
        said = json.loads(asked)
        head, body = _answer(store, said["query"], Formats(**said["formats"]), limits, told["context"])
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write(sink, json.dumps(head).encode(), body)
    return 0


def _confine(limits: Limits) -> None:
    """Give up files, sockets, memory and core dumps."""
    import resource

    with contextlib.suppress(OSError):
        # If memory runs out, a worker shall go before the server.
        Path("/proc/self/oom_score_adj").write_text("1000")
    memory = limits.megabytes * 1024**2
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _read(source: BinaryIO) -> bytes:
    head = source.read(4)
    return source.read(struct.unpack(">I", head)[0]) if len(head) == 4 else b""


def _write(sink: BinaryIO, *contents: bytes) -> None:
    for content in contents:
        sink.write(frame(content))
    sink.flush()


def _answer(
    store: Any, query: str, formats: Formats, limits: Limits, context: Mapping[str, Any]
) -> tuple[dict[str, Any], bytes]:
    import pyoxigraph as ox

    from kb import results

    most = results.Limits(limits.rows)
    try:
        answer = store.query(query, base_iri=BASE)
        form = {ox.QueryTriples: "graph", ox.QueryBoolean: "boolean"}.get(type(answer), "rows")
        format_ = formats.graph if form == "graph" else formats.rows
        if format_ is None:
            known = results.GRAPH_FORMATS if form == "graph" else results.ROW_FORMATS
            kinds = "CONSTRUCT and DESCRIBE" if form == "graph" else "SELECT and ASK"
            return _error("not-acceptable", f"the formats of {kinds} are {', '.join(known)}; accept one of them"), b""
        if form == "graph":
            body, cut = results.write_graph(answer, format_, most, context)
        elif form == "boolean":
            body, cut = results.write_boolean(answer, format_), False
        else:
            body, cut = results.write_rows(answer, format_, most)
    except SyntaxError as error:
        return malformed(str(error)), b""
    except results.UnwritableError as error:
        return _error("not-acceptable", f"the answer {error}; ask for another format"), b""
    except (ValueError, OSError, RuntimeError):
        return _error("query-refused", "the query asks for what cannot be had here, such as another server"), b""
    return {"form": form, "format": format_, "truncated": cut}, body


def _error(type_: str, detail: str, **where: int) -> dict[str, Any]:
    return {"error": type_, "detail": detail, **where}


_AT = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_CHARACTERS = re.compile(r"""\[(?:'[^]]*'|\^?"[^]]*"|_)\](?:,\s*)?""")


def malformed(said: str) -> dict[str, Any]:
    """The parser's message without its inner workings."""
    found = _AT.fullmatch(said)
    if found is None:
        return _error("query-malformed", "the query is not SPARQL 1.1: it cannot be parsed")
    line, column = int(found[1]), int(found[2])
    wanted = [part.strip() for part in _CHARACTERS.sub("", found[3]).replace("\n", " ").split(", ") if part.strip()]
    # Where a name is unknown or used twice, the parser puts that among what it expects.
    reasons = [part for part in wanted if re.fullmatch(r"[A-Z]\w*(?: \w+)+", part)]
    words = sorted((part for part in wanted if part not in reasons), key=lambda part: not part[0].isalpha())
    why = "something else is expected here"
    if reasons:
        why = "; ".join(reasons)
    elif words:
        why = f"expected {'one of ' if len(words) > 1 else ''}{', '.join(words[:12])}{' …' if len(words) > 12 else ''}"
    return _error(
        "query-malformed",
        f"the query is not SPARQL 1.1: line {line}, column {column}: {why}",
        line=line,
        column=column,
    )


if __name__ == "__main__":
    sys.exit(_serve())
