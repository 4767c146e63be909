from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

from kb.context import context
from kb.export import FORMATS
from kb.records import Catalogue
from kb.worker import COMMAND, Formats, Limits, QueryError, ask, greeting, malformed, request

PV = "PREFIX pv: <https://w3id.org/provender/ontology#> "
BOTH = Formats("json", "turtle")
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def triples(catalogue: Catalogue) -> bytes:
    return FORMATS["nt"](catalogue)


def test_it_answers(triples: bytes, catalogue: Catalogue) -> None:
    answer = ask(PV + "SELECT (COUNT(?c) AS ?n) WHERE { ?c a pv:Challenge }", triples, BOTH)
    assert json.loads(answer.body)["results"]["bindings"][0]["n"]["value"] == str(len(catalogue.challenges))
    assert (answer.form, answer.format, answer.truncated) == ("rows", "json", False)
    graph = ask("DESCRIBE <challenge/data-drift>", triples, BOTH)
    assert (graph.form, graph.format) == ("graph", "turtle")
    assert b"skos:prefLabel" in graph.body
    assert ask("ASK {}", triples, Formats("tsv", None)).body == b"true\n"


def test_more_rows_than_may_be_given_are_cut(triples: bytes) -> None:
    answer = ask("SELECT * { ?s ?p ?o }", triples, BOTH, Limits(rows=3))
    assert answer.truncated
    assert len(json.loads(answer.body)["results"]["bindings"]) == 3


@pytest.mark.parametrize(
    ("query", "kind", "message"),
    [
        ("SELEC", "query-malformed", "expected"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "query-refused", "asks another server"),
        ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", "query-refused", "one data set"),
        ("INSERT DATA { <http://a> <http://b> <http://c> }", "query-refused", "read-only"),
        ("LOAD <http://127.0.0.1:9/>", "query-refused", "read-only"),
        ("SELECT * { " + "(" * 60_000, "query-timeout", "worker down"),
        ("SELECT * { " + "(" * 70_000, "too-large", "65,536 bytes"),
        ("ASK { ?s ?p '" + "é" * 33_000 + "' }", "too-large", "65,536 bytes"),
    ],
)
def test_what_it_will_not_do_is_told(query: str, kind: str, message: str, triples: bytes) -> None:
    with pytest.raises(QueryError, match=message) as told:
        ask(query, triples, BOTH)
    assert told.value.type == kind


@pytest.mark.parametrize(("query", "formats"), [("ASK {}", Formats(None, "turtle")), ("CONSTRUCT WHERE { ?s ?p ?o }", Formats("json", None))])  # fmt: skip
def test_a_format_that_does_not_fit_the_question_is_told(query: str, formats: Formats, triples: bytes) -> None:
    with pytest.raises(QueryError, match="the formats of") as told:
        ask(query, triples, formats)
    assert told.value.type == "not-acceptable"


def test_a_query_without_end_is_stopped(triples: bytes) -> None:
    with pytest.raises(QueryError, match=r"longer than 1\.5 seconds"):
        ask(CROSS, triples, BOTH, Limits(seconds=1.5))


def test_a_query_that_wants_too_much_memory_is_stopped(triples: bytes) -> None:
    doubled = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(28))
    with pytest.raises(QueryError, match="worker down"):
        ask(f"SELECT ?x28 {{ BIND('0123456789' AS ?x0) {doubled} }}", triples, BOTH, Limits(megabytes=256))


@pytest.mark.parametrize(
    ("query", "line", "column", "message"),
    [
        ("SELECT * {\n ?s ?p ?o . FILTER(1 +) }", 2, 26, "expected one of"),
        ("SELECT ?label { ?x skos:prefLabel ?label }", 1, 34, "Prefix not found"),
        ("SELECT ?x ?x {}", 1, 16, "Duplicated variable name"),
        ("SELECT * { ?s <a b> ?o }", 1, 20, "IRI parsing failed"),
        ("ASK {}\0", 1, 8, "line 1"),
    ],
)
def test_a_malformed_query_is_told_with_the_place(
    query: str, line: int, column: int, message: str, triples: bytes
) -> None:
    with pytest.raises(QueryError, match=message) as told:
        ask(query, triples, BOTH)
    assert told.value.type == "query-malformed"
    assert (told.value.line, told.value.column) == (line, column)
    assert "[" not in told.value.detail.replace('"["', ""), "character classes of the parser are shown"


def test_what_the_parser_says_in_another_way_is_not_passed_on() -> None:
    assert malformed("thread 'main' panicked at src/parser.rs:12")["detail"].endswith("it cannot be parsed")


def test_the_worker_opens_no_socket_even_if_the_token_check_were_fooled(
    triples: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.worker.refused", lambda query: None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(3)
        heard: list[object] = []

        def listen() -> None:
            with contextlib.suppress(TimeoutError):
                heard.append(server.accept())

        thread = threading.Thread(target=listen)
        thread.start()
        there = f"<http://127.0.0.1:{server.getsockname()[1]}/>"
        with pytest.raises(QueryError, match="cannot be had here"):
            ask(f"SELECT * {{ SERVICE {there} {{ ?s ?p ?o }} }}", triples, BOTH)
        silent = ask(f"SELECT * {{ SERVICE SILENT {there} {{ ?s ?p ?o }} }}", triples, BOTH)
        thread.join()
    assert heard == []
    assert json.loads(silent.body)["results"]["bindings"] == [{}]


def test_no_file_is_read_even_if_the_token_check_were_fooled(triples: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.worker.refused", lambda query: None)
    answer = ask("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", triples, BOTH)
    assert json.loads(answer.body)["results"]["bindings"] == []


def test_a_worker_gives_up_what_it_does_not_need_and_ends_with_its_input(triples: bytes) -> None:
    with _worker(triples, Limits(megabytes=512)) as worker:
        limits = dict(_limits(worker.pid))
        assert limits["Max open files"] == "0"
        assert limits["Max core file size"] == "0"
        assert limits["Max address space"] == str(512 * 1024**2)
        assert os.getpriority(os.PRIO_PROCESS, worker.pid) >= 10
        worker.send_signal(signal.SIGTERM)
        worker.send_signal(signal.SIGINT)
        time.sleep(0.2)
        assert worker.poll() is None, "a server that is told to stop still finishes its queries"
        assert worker.stdin is not None
        worker.stdin.close()
        assert worker.wait(5) == 0


def test_a_worker_that_nobody_stops_stops_itself(triples: bytes) -> None:
    with _worker(triples, Limits(seconds=0.5)) as worker:
        assert worker.stdin is not None
        worker.stdin.write(request(CROSS, BOTH))
        worker.stdin.flush()
        assert worker.wait(5) == -signal.SIGALRM


@contextlib.contextmanager
def _worker(triples: bytes, limits: Limits):  # type: ignore[no-untyped-def]
    worker = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        worker.stdin.writelines(greeting(triples, context(), limits))
        worker.stdin.flush()
        assert worker.stdout.read(4) == b"\0\0\0\0"
        yield worker
    finally:
        worker.kill()
        worker.wait()
        worker.stdin.close()
        worker.stdout.close()


def _limits(pid: int) -> list[tuple[str, str]]:
    with open(f"/proc/{pid}/limits") as lines:
        return [(line[:25].strip(), line[26:46].strip()) for line in lines]
