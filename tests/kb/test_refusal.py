from __future__ import annotations

import itertools
import random
import time

import pyoxigraph as ox
import pytest

from kb.refusal import mentions, refused

NOWHERE = "<http://127.0.0.1:9/>"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?s ?p \"SERVICE\" ; <http://x/LOAD> '''DELETE''' } # INSERT",
        "PREFIX ex: <http://x/> SELECT * { ?s ex:load ?load . ?s ex:a\\#SERVICE ?o FILTER(?a < ?b && ?c > ?d) }",
        "PREFIX load: <http://x/> PREFIX service: <http://s/> SELECT * { ?s load:x service:y }",
        "PREFIX : <http://x/> PREFIX payload: <http://s/> SELECT * { ?s payload:x :from }",
        "SELECT * { ?s <http://x/#SERVICE> 'a\\'SERVICE' }",
        'SELECT * { ?s ?p """a "SERVICE" \\""" LOAD""" }',
        "SELECT * { ?s ?p 'x'@service }",
        "SELECT * { ?from ?p _:load . [] a ex:from.load }",
        "SELECT * { ?s ?p '\\u0053ERVICE' }",
        "SELECT * { ?s ?p '' , '''''' } # ADD",
        "SELECT * { ?s ?p ?o FILTER(?a <?b&&?c> ?d) }",
        "SELECT * { ?s <#from> 'FROM' }",
        "SELECT * { VALUES ?s { <solution/dropout#effort> <solution/self-service#effort> <load#it> } ?s ?p ?o }",
        "PREFIX x: <http://x/> PREFIX servicex: <http://y/> SELECT * { ?s x:y ?o }",
    ],
)
def test_words_that_only_look_dangerous_are_let_through(query: str) -> None:
    assert refused(query) is None


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("select * { service <x> {} }", "another server"),
        ("SELECT * { \\u0053ERVICE <x> {} }", "another server"),
        ("SELECT * { ?s ?p \"\\u0022\" SERVICE <x> {} '''\"''' }", "another server"),
        ("SELECT * { ?s ?p 1.5e3SERVICE <x> {} }", "another server"),
        ("PREFIX ex: <x> SELECT * { ?s ?p ex:a\\'b SERVICE <x> { ?s ?p ex:a\\' } }", "another server"),
        ("PREFIX ex: <x> SELECT * { ?s ?p ex:.SERVICE <x> {} }", "another server"),
        ("SELECT * { ?s <urn:x#y> ?o SERVICE <x> {} }", "another server"),
        ("PREFIX:<x> SELECT * { SERVICE:x {} }", "another server"),
        ("PREFIX x: <x> SELECT * { SERVICEx:y {} }", "another server"),
        ("PREFIX x: <x> SELECT * { ?s ?p trueSERVICESILENTx: {} }", "another server"),
        ("PREFIX x: <x> SELECT * fromNamedx:y {}", "data set of its own"),
        ("SELECT*FROM<x>{}", "data set of its own"),
        ("PREFIX : <x> SELECT*FROM:x{}", "data set of its own"),
        ("SELECT * from named <x> {}", "data set of its own"),
        *[(f"{word} <x>", "read-only") for word in ("LOAD", "clear", "Drop", "CREATE", "COPY", "MOVE", "ADD")],
        ("ASK{}INSERT DATA{}", "read-only"),
        ("delete where {}", "read-only"),
    ],
)
def test_what_is_dangerous_is_refused_with_a_reason(query: str, reason: str) -> None:
    assert reason in str(refused(query))


def test_no_service_that_the_engine_would_call_is_let_through() -> None:
    """Pieces that are hard to tell apart, put together at random; the engine, which fails at a forbidden port, is the judge."""
    before = [
        "", "{}", "{} # it's\n", "# x\r", "?s ?p 1", "?s ?p true", "?s ?p 'x'", "?s ?p \"\\\"\"", "?s ?p ''", "?s ?p '''it's'''", '?s ?p """\\""""',
        "?s ?p <x#y>", "?s ?p <it's>", "?s ?p x:a\\#b", "?s ?p x:a\\'", "?s ?p x:.", "?s ?p x:a.", "?s ?p 1.0e5", "?s ?p 'x'@en",
        "FILTER(1<2)", "FILTER(?o<'>')", "FILTER(?o<'>'||1<2)", "FILTER(1<2&&2>1)", "?s ?p ?o FILTER(?o<1||?o>'#')", "?s ?p _:b.", "?s ?p ()", "?s ?p [].",
        "VALUES ?z { '' }", "BIND('#' AS ?y)", "BIND(<x#> AS ?w)", "FILTER(2>1)", "?s a x:b;.", "MINUS { ?s ?p '>' }", "?s ?p 'a'^^<b#c>",
    ]  # fmt: skip
    glue = ["", " ", "\t", "\n", "\r", " # <\n", " # '\n"]
    keyword = ["SERVICE", "service", "SERVICE SILENT", "SERVICE# '\n", "SERVICESILENT"]
    of = [NOWHERE, ":x", " " + NOWHERE, "\r" + NOWHERE, ":x#>\n", " :x#'\n", "z:", "z:y#>\n"]
    after = ["", "FILTER(?a='')", "FILTER(1>0)", "# >", "?s ?p '>'", "?x ?y 'z'"]
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal("c")))
    random_ = random.Random(4)
    called = 0
    for parts in itertools.islice(
        iter(lambda: [random_.choice(x) for x in (before, glue, before, glue, keyword, of, after)], None), 6_000
    ):
        first, space, second, more, word, where, rest = parts
        body = f"{first}{space}{second}{more}{word}{where}{{?q ?r ?t}}{rest}"
        query = f"BASE <http://x/> PREFIX x: <http://x/> PREFIX : <http://127.0.0.1:9/> PREFIX z:<http://127.0.0.1:9/> SELECT * {{ {body}\n}}"
        try:
            list(store.query(query))  # type: ignore[arg-type]
        except SyntaxError:
            continue
        except OSError:
            called += 1
            assert refused(query) is not None, query
    assert called > 300


@pytest.mark.parametrize(
    "piece",
    ["'", "<", "\\", "a.", "a-", '"""', "''a", "_:.", "a:", "\\u0041", "1.e", "1e+", "@", "?", '"\\', "<'>", "<'a>", "<#>", "<'''>", "#", "#\n"],
)  # fmt: skip
def test_reading_takes_no_time_whatever_is_in_it(piece: str) -> None:
    # It is done in the server itself, so a tenth of a second would be felt by others.
    query = "#SERVICE\n" + (piece * 65_536)[:65_000]
    best = min(_seconds(query) for _ in range(5))
    assert best < 0.2


def test_what_can_be_read_in_too_many_ways_is_refused_only_if_it_matters() -> None:
    many = "SELECT * { VALUES ?s { " + "<#x> " * 1_000 + "} }"
    assert refused(many) is None
    assert "write them in full" in str(refused(many + " # SERVICE"))
    assert mentions(many + " # RAND", "RAND")


def _seconds(query: str) -> float:
    started = time.process_time()
    refused(query)
    return time.process_time() - started
