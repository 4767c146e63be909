from __future__ import annotations

import contextlib
import json
import socket
import threading
from pathlib import Path

import pytest

from kb.export import FORMATS
from kb.records import Catalogue
from kb.worker import QueryError, ask, refused

PV = "PREFIX pv: <https://w3id.org/provender/ontology#> "


@pytest.fixture(scope="module")
def triples(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("nt") / "provender.nt"
    file.write_bytes(FORMATS["nt"](catalogue))
    return file


def test_it_answers(triples: Path) -> None:
    answer = json.loads(ask(PV + "SELECT (COUNT(?c) AS ?n) WHERE { ?c a pv:Challenge }", triples, "json"))
    assert answer["results"]["bindings"][0]["n"]["value"] == "20"
    assert b"data-drift" in ask(PV + "CONSTRUCT { ?c a pv:Challenge } WHERE { ?c a pv:Challenge }", triples, "csv")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELEC", "expected"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "asks another server"),
        ("INSERT DATA { <http://a> <http://b> <http://c> }", "read-only"),
        ("LOAD <http://127.0.0.1:9/>", "read-only"),
        ("SELECT * { " + "(" * 200_000, "worker down|expected"),
    ],
)
def test_what_it_will_not_do_is_told(query: str, message: str, triples: Path) -> None:
    with pytest.raises(QueryError, match=message):
        ask(query, triples, "json")


def test_a_query_without_end_is_stopped(triples: Path) -> None:
    bomb = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with pytest.raises(QueryError, match="longer than 1 seconds"):
        ask(bomb, triples, "json", seconds=1)


def test_words_in_strings_iris_and_comments_do_no_harm() -> None:
    assert refused("SELECT ?service { ?s ?p \"SERVICE\" ; <http://x/LOAD> '''DELETE''' } # INSERT") is None
    assert refused("select * { service <x> {} }") is not None


def test_the_worker_opens_no_socket_even_if_the_token_check_were_fooled(
    triples: Path, monkeypatch: pytest.MonkeyPatch
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
        with pytest.raises(QueryError):
            ask(f"SELECT * {{ SERVICE <http://127.0.0.1:{server.getsockname()[1]}/> {{ ?s ?p ?o }} }}", triples, "json")
        thread.join()
    assert heard == []
