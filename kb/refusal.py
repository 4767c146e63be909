"""Which queries are not run at all: those that would change data, or reach out of the one data set.

This is a courtesy, not the wall: it gives a clear reason before a worker is bothered. The wall is the worker, which can open nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
      (?P<skip>
        (?P<iri><[^<>"{}|^`\x00-\x20]*>)                                # an escape may stand in one
      | (?P<comment>\#)
      | \"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}   # long strings
      | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*'                   # strings
      | [?$]\w+ | @[A-Za-z]+[-\w]*                                      # variables, languages
      | _:\w(?:[\w\-]|\.+(?=[\w\-]))*                                   # blank nodes
      | \d+(?:\.\d+)?(?:[eE][+-]?\d+)?                                  # numbers, to which a word may be glued
      | \\.                                                             # whatever follows is escaped
      )
    | (?P<prefix>[^\W\d_][\w.\-]*+)?+(?P<local>:(?:(?:[\w:%]|\\.)(?:[\w:%\-]|\\.|\.+(?=[\w:%\-\\]))*)?)   # prefixed names
    | (?P<words>[^\W\d_][\w.\-]*)
    """,
    re.DOTALL | re.VERBOSE,
)
_CERTAIN = re.compile(r"<[A-Za-z][\w+.\-]*://|[^'#]*$")
_CERTAIN = re.compile(r"<[A-Za-z][\w+.\-]*://|[^'#]*$")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_OUT = {
    "SERVICE": "asks another server (SERVICE); only this catalogue can be queried",
    "FROM": "names a data set of its own (FROM); there is one data set here, and every query is about it",
}
_FORKS = 200
_LEADS_OUT = re.compile(r"(?<![-_])(SERVICE|FROM)(?:SILENT|NAMED)?$")
_GLUED = re.compile(r"(SERVICE|FROM)(?:SILENT|NAMED)?")
_CHANGES = "would change data ({}); the catalogue is read-only"
_WORDS = (*_OUT, "LOAD", "INSERT", "DELETE", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD")


def refused(query: str) -> str | None:
    """Why a query is not run at all, if it is not; words in strings, IRIs, names and comments do not count.

    >>> refused("SELECT * { ?load ?p 'SERVICE' } # LOAD")
    >>> refused("SELECT * { SERVICE <http://x/> { ?s ?p ?o } }")
    'asks another server (SERVICE); only this catalogue can be queried'
    """
    readings = [query] if "\\" not in query else [query, _decoded(query)]
    try:
        return next(filter(None, map(_refused, readings)), None)
    except _UnclearError:
        return f"has more than {_FORKS} IRIs such as <#x> that could be comparisons as well; write them in full"


def _refused(query: str) -> str | None:
    capitals = query.upper()
    if not any(keyword in capitals for keyword in _WORDS):
        return None
    used, declared = set(), set()
    word = ""
    for found, certain in _tokens(query):
        if found["local"] is not None:
            prefix = (found["prefix"] or "").upper()
            if found["local"] == ":":
                declared |= {prefix, prefix.removeprefix("PREFIX")}
            if word != "PREFIX":
                used.add(prefix)
        word = (found["words"] or "").upper()
        if certain:
            # No word of SPARQL contains one of these, but `1SERVICE` and `trueSERVICE` are understood as two.
            keyword = next((keyword for keyword in _WORDS if keyword in word), None)
        else:
            leading_out = _LEADS_OUT.search(word)
            keyword = leading_out and leading_out[1]
        if keyword is not None:
            return _OUT.get(keyword, _CHANGES.format(keyword))
    for prefix in used:
        # Where the prefix `x` is declared, `SERVICEx:y` may be understood as SERVICE and `x:y`.
        for split in _GLUED.finditer(prefix):
            if prefix[split.end() :] in declared or prefix[split.end(1) :] in declared:
                return _OUT[split[1]]
    return None


def mentions(query: str, *functions: str) -> bool:
    """Whether a query may call one of some functions, given in capitals; strings, IRIs, names and comments do not count.

    >>> mentions("SELECT (NOW() AS ?rand) {}", "RAND"), mentions("SELECT (NOW() AS ?rand) {}", "NOW")
    (False, True)
    """
    capitals = query.upper()
    if not any(function in capitals for function in functions):
        return False
    try:
        called = [found["words"].upper() for found, _ in _tokens(query) if found["words"] is not None]
    except _UnclearError:
        return True
    return any(function in word for word in called for function in functions)


class _UnclearError(Exception):
    """The query can be read in too many ways."""


def _tokens(query: str) -> Iterator[tuple[re.Match[str], bool]]:
    """The tokens of a query, and whether each is certainly one.

    Whether `<` opens an IRI or means *less than* only a parser can tell (``?a<'>'``); where it matters, both are followed, the IRI
    first.
    """
    starts, seen, certain = [0], set(), True
    while starts:
        at = starts.pop()
        while (found := _TOKEN.search(query, at)) and found.start() not in seen:
            seen.add(found.start())
            at = found.end()
            if found["comment"] is not None:
                ends = [end for end in (query.find("\n", at), query.find("\r", at)) if end >= 0]
                at = min(ends, default=len(query))
            elif found["iri"] is not None and not _CERTAIN.match(found["iri"]):
                starts.append(found.start() + 1)
                if len(starts) > _FORKS:
                    raise _UnclearError
            yield found, certain
        certain = False


def _decoded(query: str) -> str:
    r"""The query as the standard reads it, which decodes ``\u0053`` before all else."""

    def character(found: re.Match[str]) -> str:
        code = int(found[1] or found[2], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"

    return _ESCAPE.sub(character, query)
