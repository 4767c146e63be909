"""Runs one SPARQL query in a process of its own that can open no socket and no file and is killed when its time is up.

Both engines' parsers and evaluators follow SERVICE and LOAD, have no time limit, and can be crashed by nesting; so a query never runs in
the calling process.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

SECONDS = 10.0
MEMORY = 2 * 1024**3
ROWS = 100_000


_LEXED_OUT = re.compile(
    r"""\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>"{}|^`\s]*>|\#[^\n]*""",
    re.DOTALL | re.VERBOSE,
)
_REFUSED = {
    "SERVICE": "asks another server (SERVICE); only this catalogue can be queried",
    **dict.fromkeys(
        ("LOAD", "INSERT", "DELETE", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD"),
        "would change data; the catalogue is read-only",
    ),
}


def refused(query: str) -> str | None:
    """Why a query is not run at all, if it is not; words in strings, IRIs and comments do not count.

    >>> refused("SELECT * { ?s ?p 'SERVICE' } # LOAD")
    >>> refused("SELECT * { SERVICE <http://x/> { ?s ?p ?o } }")
    'asks another server (SERVICE); only this catalogue can be queried'
    """
    words = re.findall(r"(?<![\w:?$@-])[A-Za-z]+(?![\w:-])", _LEXED_OUT.sub(" ", query))
    return next((_REFUSED[word.upper()] for word in words if word.upper() in _REFUSED), None)


class QueryError(Exception):
    """The query could not be answered; says why and what to do."""


def ask(query: str, triples: Path, format_: str, seconds: float = SECONDS) -> bytes:
    """Answer a read-only SPARQL query over a file of triples.

    Args:
        query: SPARQL 1.1 SELECT, ASK, CONSTRUCT or DESCRIBE.
        triples: an N-Triples file.
        format_: ``json``, ``csv``, ``tsv`` or ``xml``; a graph answer is written as Turtle whatever is asked.
        seconds: after which the worker is killed.

    Raises:
        QueryError: if it is malformed, reaches out of the data, or takes too long.
    """
    reason = refused(query)
    if reason is not None:
        raise QueryError(f"the query {reason}")
    request = json.dumps({"query": query, "triples": str(triples), "format": format_}).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "kb.worker"],
            input=request,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise QueryError(
            f"the query took longer than {seconds:g} seconds and was stopped; ask for less (LIMIT, fewer joins)"
        ) from None
    if done.returncode == 0:
        return done.stdout
    if done.returncode == 3:
        raise QueryError(done.stderr.decode(errors="replace").strip())
    raise QueryError("the query brought its worker down (too deeply nested, or too much memory); simplify it")


def _serve() -> int:
    import resource

    import pyoxigraph as ox

    request = json.load(sys.stdin)
    store = ox.Store()
    store.bulk_load(path=request["triples"], format=ox.RdfFormat.N_TRIPLES)
    output = sys.stdout.buffer
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    try:
        answer = store.query(request["query"])
        if isinstance(answer, ox.QueryTriples):
            output.write(ox.serialize(answer, format=ox.RdfFormat.TURTLE) or b"")
        else:
            formats = {"json": ox.QueryResultsFormat.JSON, "csv": ox.QueryResultsFormat.CSV, "tsv": ox.QueryResultsFormat.TSV,
                       "xml": ox.QueryResultsFormat.XML}  # fmt: skip
            output.write(answer.serialize(format=formats[request["format"]]) or b"")
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        sys.stderr.write(str(error))
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(_serve())
