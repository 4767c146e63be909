"""Queries by somebody who means harm, each with what it may be answered with.

`TIMEOUT` stands for those that must be stopped or bring their worker down; `HARMLESS` for those that may be answered, if in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

REFUSED, MALFORMED, TIMEOUT, TOO_LARGE = ("query-refused",), ("query-malformed",), ("query-timeout",), ("too-large",)
BAD, MEDIA = ("bad-request",), ("unsupported-media-type",)
HARMLESS = ("answered",)
QUERY, FORM = "application/sparql-query", "application/x-www-form-urlencoded"
_EVERY = "?a{0} ?b{0} ?c{0} ."


@dataclass(frozen=True)
class Hostile:
    """A request, and the types of problem of which one is right."""

    name: str
    body: bytes
    expected: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": QUERY})


def _query(name: str, text: str, *expected: str) -> Hostile:
    return Hostile(name, text.encode(), expected)


def product(n: int) -> str:
    """A product of all triples with themselves, so often."""
    return "SELECT (COUNT(*) AS ?n) { " + " ".join(_EVERY.format(i) for i in range(n)) + " }"


_NESTED = [
    _query("nested-groups", "ASK " + "{" * 30_000 + "}" * 30_000, *TIMEOUT),
    _query("nested-parentheses", "ASK { FILTER(" + "(" * 30_000 + "1" + ")" * 30_000 + ") }", *TIMEOUT),
    _query("nested-open", "SELECT * { " + "(" * 60_000, *TIMEOUT, *MALFORMED),
    _query("nested-negation", "ASK { FILTER(" + "!" * 60_000 + "true) }", *TIMEOUT),
    _query("nested-minus-signs", "ASK { FILTER(" + "- " * 30_000 + "1 = 1) }", *TIMEOUT, *MALFORMED),
    _query("nested-lists", "ASK { ?s ?p " + "(" * 30_000 + ")" * 30_000 + " }", *TIMEOUT),
    _query("nested-blank-nodes", "ASK { ?s ?p " + "[ ?p " * 10_000 + "1" + "]" * 10_000 + " }", *TIMEOUT),
    _query("nested-paths", "ASK { ?s " + "(" * 25_000 + "<a>" + ")" * 25_000 + "* ?o }", *TIMEOUT),
    _query("nested-optional", "ASK { " + "OPTIONAL { " * 5_000 + "}" * 5_000 + " }", *TIMEOUT, *HARMLESS),
    _query("nested-subqueries", "SELECT * { " + "{ SELECT * { " * 4_000 + "} }" * 4_000 + " }", *TIMEOUT, *HARMLESS),
    _query("nested-exists", "ASK { " + "FILTER EXISTS { " * 3_500 + "}" * 3_500 + " }", *TIMEOUT, *HARMLESS),
    _query("nested-functions", "ASK { FILTER(" + "ABS(" * 12_000 + "1" + ")" * 12_000 + " = 1) }", *TIMEOUT),
    _query("many-unions", "SELECT * { {} " + "UNION {} " * 7_000 + "}", *TIMEOUT, *HARMLESS),
    _query("many-joins", "SELECT (COUNT(*) AS ?n) { " + "{ ?s ?p ?o } " * 3_000 + "}", *TIMEOUT, *HARMLESS),
]
_ENDLESS = [
    _query("product", product(3), *TIMEOUT),
    _query("larger-product", product(8), *TIMEOUT),
    _query("product-sorted", "SELECT * { " + _EVERY.format(1) + _EVERY.format(2) + " } ORDER BY RAND()", *TIMEOUT),
    _query("product-grouped", "SELECT ?c1 (COUNT(*) AS ?n) { " + _EVERY.format(1) + _EVERY.format(2) + _EVERY.format(3) + " } GROUP BY ?c1", *TIMEOUT),
    _query("product-distinct", "SELECT DISTINCT ?a1 ?c1 ?a2 ?c2 { " + _EVERY.format(1) + _EVERY.format(2) + " } OFFSET 2000000000", *TIMEOUT),
    _query("product-filtered", "SELECT * { " + _EVERY.format(1) + _EVERY.format(2) + _EVERY.format(3) + " FILTER(?a1 = <no> && ?a3 = <no>) }", *TIMEOUT, *HARMLESS),
    _query("minus-product", "SELECT (COUNT(*) AS ?n) { " + _EVERY.format(1) + _EVERY.format(2) + " MINUS { " + _EVERY.format(1) + _EVERY.format(3) + " } }", *TIMEOUT),
    _query("values-product", "SELECT (COUNT(*) AS ?n) { " + " ".join(f"VALUES ?v{i} {{ {' '.join(map(str, range(50)))} }}" for i in range(6)) + " }", *TIMEOUT),
    _query("path-from-everywhere", "SELECT (COUNT(*) AS ?n) { ?a (!<x>)* ?b . ?b (!<x>|^!<x>)* ?c . ?c (!<x>)+ ?d }", *TIMEOUT),
    _query("path-inverse-closure", "SELECT (COUNT(*) AS ?n) { ?a ((!<x>|^(!<x>))*/(!<x>|^(!<x>))*)* ?b }", *TIMEOUT),
    _query("path-closure-of-closure", "SELECT (COUNT(*) AS ?n) { ?a (((!<x>)*)*)* ?b . ?c (((!<x>)+)+)+ ?d }", *TIMEOUT),
    _query("exists-product", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER EXISTS { ?a ?b ?c . ?d ?e ?f FILTER(?c = ?s && ?f = ?o && ?a = ?d) } }", *TIMEOUT),
    _query("regex-backtracking", 'ASK { FILTER(REGEX("' + "a" * 5_000 + '!", "^(a+)+$")) }', *TIMEOUT, *HARMLESS),
    _query("regex-repetition", 'ASK { FILTER(REGEX("aaaa", "' + "(" * 5 + "a{1,1000}" + "){1,1000}" * 5 + '")) }', *TIMEOUT, *HARMLESS),
    _query("regex-on-everything", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?a ?b ?c FILTER(REGEX(STR(?o), STR(?c))) }", *TIMEOUT),
]  # fmt: skip
_DOUBLED = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(40))
_LARGE = [
    _query("doubled-string", f'SELECT ?x40 {{ BIND("0123456789" AS ?x0) {_DOUBLED} }}', *TIMEOUT, *HARMLESS),
    _query("doubled-string-counted", f'SELECT (STRLEN(?x32) AS ?n) {{ BIND("0123456789" AS ?x0) {_DOUBLED} }}', *TIMEOUT, *HARMLESS),
    _query("concatenated-groups", 'SELECT (GROUP_CONCAT(CONCAT(STR(?a1), STR(?a2))) AS ?x) { ' + _EVERY.format(1) + _EVERY.format(2) + " }", *TIMEOUT),
    _query("concatenated-distinct", 'SELECT (GROUP_CONCAT(DISTINCT CONCAT(STR(?c1), STR(?c2))) AS ?x) { ' + _EVERY.format(1) + _EVERY.format(2) + " }", *TIMEOUT),
    _query("replaced-until-huge", 'SELECT (REPLACE(REPLACE(REPLACE("aaaaaaaaaa", "a", "' + "a" * 9_000 + '"), "a", "' + "a" * 9_000 + '"), "a", "bb") AS ?x) {}', *TIMEOUT, *HARMLESS),
    _query("huge-values", "SELECT * { VALUES (?a ?b) { " + "(1 2) " * 10_000 + "} }", *HARMLESS),
    _query("giant-literal", 'SELECT ("' + "x" * 60_000 + '" AS ?x) {}', *HARMLESS),
    _query("too-long", 'SELECT ("' + "x" * 70_000 + '" AS ?x) {}', *TOO_LARGE),
    _query("too-long-comment", "ASK {} #" + " " * 70_000, *TOO_LARGE),
    _query("wide-select", "SELECT " + " ".join(f"(1 AS ?v{i})" for i in range(4_000)) + " {}", *HARMLESS, *TIMEOUT),
    _query("construct-product", "CONSTRUCT { ?a1 ?b1 ?c2 } { " + _EVERY.format(1) + _EVERY.format(2) + " }", *HARMLESS, *TIMEOUT),
]  # fmt: skip
_OUT = [
    _query("service", "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", *REFUSED),
    _query("service-silent", "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }", *REFUSED),
    _query("service-mixed-case", "SELECT * { sErViCe <http://127.0.0.1:9/> { ?s ?p ?o } }", *REFUSED),
    _query("service-by-variable", "SELECT * { VALUES ?x { <http://127.0.0.1:9/> } SERVICE ?x { ?s ?p ?o } }", *REFUSED),
    _query("service-by-code-point", "SELECT * { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", *REFUSED),
    _query("service-by-long-code-point", "SELECT * { SERV\\U00000049CE <http://127.0.0.1:9/> { ?s ?p ?o } }", *REFUSED),
    _query("service-glued-to-braces", "SELECT*{{}SERVICE<http://127.0.0.1:9/>{?s ?p ?o}}", *REFUSED),
    _query("service-glued-to-number", "SELECT * { ?s ?p 1SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", *REFUSED),
    _query("service-glued-to-true", "SELECT * { ?s ?p trueSERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", *REFUSED),
    _query("service-glued-to-its-name", "PREFIX : <http://127.0.0.1:9/> SELECT * { SERVICE:x { ?s ?p ?o } }", *REFUSED),
    _query("service-glued-to-a-prefix", "PREFIX x: <http://127.0.0.1:9/> SELECT * { SERVICEx:y { ?s ?p ?o } }", *REFUSED),
    _query("service-after-comment", "SELECT * { # nothing\rSERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", *REFUSED),
    _query("service-after-escaped-hash", "PREFIX x: <x> SELECT * { ?s ?p x:a\\#b SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", *REFUSED),
    _query("service-after-false-iri", "SELECT * { ?s ?p ?a FILTER(?a<'>')SERVICE<http://127.0.0.1:9/>{?s ?p ?o}FILTER(?a='')}", *REFUSED),
    _query("service-inside-false-iri", "PREFIX :<http://127.0.0.1:9/> SELECT * { ?s ?p ?a FILTER(?a<1)SERVICE:x#>\n{?s ?p ?o}}", *REFUSED),
    _query("service-after-quotes", "SELECT * { ?s ?p \"\\\"\" SERVICE <http://127.0.0.1:9/> { ?s ?p '\"' } }", *REFUSED),
    _query("from-file", "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", *REFUSED),
    _query("from-metadata-server", "SELECT * FROM <http://169.254.169.254/latest/meta-data/> { ?s ?p ?o }", *REFUSED),
    _query("from-named", "SELECT * FROM NAMED <http://127.0.0.1:9/> { GRAPH ?g { ?s ?p ?o } }", *REFUSED),
    _query("from-glued", "SELECT*FROM<file:///etc/passwd>{?s ?p ?o}", *REFUSED),
    _query("load", "LOAD <http://127.0.0.1:9/>", *REFUSED),
    _query("load-silent-file", "LOAD SILENT <file:///etc/passwd> INTO GRAPH <x>", *REFUSED),
    _query("insert-data", "INSERT DATA { <a> <b> <c> }", *REFUSED),
    _query("delete-where", "DELETE WHERE { ?s ?p ?o }", *REFUSED),
    _query("insert-where", "PREFIX x: <x> INSERT { ?s x:y 1 } WHERE { ?s ?p ?o }", *REFUSED),
    _query("drop-all", "DROP ALL", *REFUSED),
    _query("clear-default", "clear default", *REFUSED),
    _query("create-graph", "CREATE GRAPH <x>", *REFUSED),
    _query("copy", "COPY DEFAULT TO <x>", *REFUSED),
    _query("move", "MOVE <x> TO DEFAULT", *REFUSED),
    _query("add", "ADD <x> TO DEFAULT", *REFUSED),
    _query("query-then-update", "ASK {} ; DELETE WHERE { ?s ?p ?o }", *REFUSED),
]  # fmt: skip
_GARBLED = [
    _query("empty", "", *MALFORMED),
    _query("null-bytes", "ASK {}\0\0", *MALFORMED),
    _query("null-in-string", 'ASK { FILTER("\0" = "") }', *MALFORMED, *HARMLESS),
    _query("byte-order-mark", "\ufeffASK {}", *MALFORMED),
    _query("unfinished-string", 'SELECT * { ?s ?p "', *MALFORMED),
    _query("unfinished-iri", "SELECT * { ?s ?p <http://", *MALFORMED),
    _query("surrogate", 'SELECT ("\\uD800" AS ?x) {}', *MALFORMED),
    _query("bound-twice", "SELECT * { BIND(?x AS ?x) BIND(?x + 1 AS ?x) }", *MALFORMED),
    _query("right-to-left", "ASK { \u202e}", *MALFORMED),
    _query("markup", "<script>alert(1)</script>", *MALFORMED),
    _query("other-language", "SELECT name FROM sqlite_master; DROP TABLE challenge", *REFUSED),
    Hostile("invalid-utf-8", b"ASK { FILTER('\xff\xfe' = '') }", BAD),
    Hostile("overlong-utf-8", b"ASK { \xc0\xbf }", BAD),
    Hostile("utf-16", "ASK {}".encode("utf-16"), MEDIA, {"Content-Type": f"{QUERY}; charset=utf-16"}),
    Hostile("utf-16-unsaid", "ASK {}".encode("utf-16"), BAD),
    Hostile("form-invalid-utf-8", b"query=ASK%20%7B%20%22%FF%22%20%7D", BAD, {"Content-Type": FORM}),
    Hostile("form-many-fields", b"&".join(b"a%d=1" % i for i in range(5_000)), BAD, {"Content-Type": FORM}),
    Hostile("form-two-queries", b"query=ASK%7B%7D&query=ASK%7B%7D", BAD, {"Content-Type": FORM}),
    Hostile("form-update", b"update=DROP%20ALL", REFUSED, {"Content-Type": FORM}),
    Hostile("form-other-graph", b"query=ASK%7B%7D&default-graph-uri=file:///etc/passwd", REFUSED, {"Content-Type": FORM}),
    Hostile("update", b"DROP ALL", REFUSED, {"Content-Type": "application/sparql-update"}),
    Hostile("no-type", b"ASK {}", MEDIA, {}),
    Hostile("plain-text", b"ASK {}", MEDIA, {"Content-Type": "text/plain"}),
    Hostile("multipart", b"--x\r\n\r\nASK {}\r\n--x--", MEDIA, {"Content-Type": "multipart/form-data; boundary=x"}),
    Hostile("json", b'{"query": "ASK {}"}', MEDIA, {"Content-Type": "application/json"}),
    Hostile("compressed", b"\x1f\x8b\x08\x00", MEDIA, {"Content-Type": QUERY, "Content-Encoding": "gzip"}),
]  # fmt: skip
CORPUS = (*_NESTED, *_ENDLESS, *_LARGE, *_OUT, *_GARBLED)
BOMBS = tuple(h for h in (*_NESTED, *_ENDLESS, *_LARGE) if h.expected == TIMEOUT)
