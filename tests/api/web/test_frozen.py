"""Bytes that are made once: codings, tags, and what a cache is told."""

from __future__ import annotations

import doctest
import gzip
import hashlib
import shutil
from pathlib import Path

import brotli
import httpx
import pytest

from api.build import build
from api.publication import Publication
from api.web import coding as codings
from api.web import frozen, negotiation
from api.web.frozen import Content, Page, Pages
from api.web.negotiation import KEPT, encoding, matches, media_type
from api.web.problems import Problem
from api.web.rows import Rows
from kb import csl
from kb.home import build_folder
from tests.api.web.conftest import Running
from tests.conftest import DATA
from tests.serving import Server

PLAIN = {"Accept-Encoding": "identity"}
PATHS = (
    "/v1/solutions",
    "/v1/solutions/dropout",
    "/v1/solutions?phase=data-testing",
    "/exports/provender.ttl",
    "/id/solution/dropout",
)


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, "identity"), ("", "identity"), ("gzip", "gzip"), ("br", "br"), ("gzip, br", "br"), ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("*", "br"), ("br;q=0, *", "gzip"), ("identity, gzip;q=0.5", "identity"), ("gzip;q=0", "identity"), ("deflate, zstd", "identity"),
        ("GZIP", "gzip"), ("x-gzip", "gzip"), ("br;q=nonsense", "identity"), ("br;q=nan", "identity"), ("identity;q=0, *;q=0", "identity"),
        (" br ; q=1.0 ,gzip;q=0.9", "br"), ("gzip," * KEPT, "gzip"),
    ],
)  # fmt: skip
def test_the_coding_is_the_one_that_is_liked_best(header: str | None, coding: str) -> None:
    assert encoding(header) == coding


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "text/html"), ("*/*", "text/html"), ("", "text/html"), ("text/turtle", "text/turtle"), ("TEXT/Turtle", "text/turtle"),
        ("text/*", "text/html"), ("application/json;q=0.9, text/turtle;q=0.8", "application/json"), ("image/png", None),
        ("text/html;q=0, */*", "text/turtle"), ("image/png, */*;q=0.1", "text/html"), ("application/*", "application/json"),
        ("text/turtle;q=0.2, text/*;q=0.1", "text/turtle"), ("text/turtle;q=0", None), ("text/html;level=1;q=0.4, application/json", "application/json"),
    ],
)  # fmt: skip
def test_the_media_type_is_the_one_that_is_liked_best(header: str | None, chosen: str | None) -> None:
    assert media_type(header, ("text/html", "text/turtle", "application/json")) == chosen


@pytest.mark.parametrize(
    ("header", "same"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ('"b"', False),
        ("a", False),
        ("", False),
        ('"a-br"', False),
    ],
)
def test_if_none_match(header: str, same: bool) -> None:
    assert matches(header, '"a"') is same


@pytest.mark.parametrize("path", PATHS)
def test_codings_are_of_the_same_bytes_with_tags_of_their_own(server: Server, path: str) -> None:
    unpack = {"identity": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
    bodies, tags = set(), set()
    for coding in unpack:
        with server.stream("GET", path, headers={"Accept-Encoding": coding}) as response:
            raw = b"".join(response.iter_raw())
        assert response.status_code == 200
        assert response.headers.get("content-encoding", "identity") == coding
        assert int(response.headers["content-length"]) == len(raw)
        assert "Accept-Encoding" in response.headers["vary"]
        bodies.add(unpack[coding](raw))
        tags.add(response.headers["etag"])
    assert len(bodies) == 1
    assert len(tags) == 3
    assert all(tag[0] == tag[-1] == '"' and len(tag) > 20 for tag in tags)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coding", ["identity", "br"])
def test_what_has_not_changed_is_not_sent_again(server: Server, path: str, coding: str) -> None:
    headers = {"Accept-Encoding": coding}
    first = server.get(path, headers=headers)
    for known in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        second = server.get(path, headers={**headers, "If-None-Match": known})
        assert (second.status_code, second.content) == (304, b"")
        for name in ("etag", "cache-control", "vary", "access-control-allow-origin", "x-content-type-options"):
            assert second.headers[name] == first.headers[name]
        assert "content-type" not in second.headers
    assert server.get(path, headers={**headers, "If-None-Match": '"other"'}).status_code == 200
    assert first.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize("path", [*PATHS, "/v1/solutions/nothing", "/health/ready", "/nothing"])
def test_head_is_get_without_the_body(server: Server, path: str) -> None:
    get, head = server.get(path, headers=PLAIN), server.head(path, headers=PLAIN)
    own = {"date", "x-request-id", "ratelimit"}
    assert head.status_code == get.status_code
    assert head.content == b""
    assert {k: v for k, v in head.headers.items() if k not in own} == {
        k: v for k, v in get.headers.items() if k not in own
    }


def test_what_is_small_or_packed_already_is_sent_as_it_is(server: Server) -> None:
    for path in ("/v1/articles/srivastava2014dropout.bib", "/exports/provender.xlsx"):
        response = server.get(path, headers={"Accept-Encoding": "br, gzip"})
        assert "content-encoding" not in response.headers
        assert response.headers["etag"] == server.get(path, headers=PLAIN).headers["etag"]


def test_a_tag_is_of_the_content(server: Server) -> None:
    response = server.get("/v1/solutions", headers=PLAIN)
    assert response.headers["etag"] == f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'


def test_pages_of_query_strings_are_bounded(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen, "KEPT_BYTES", 10_000)
    monkeypatch.setattr(frozen, "KEPT_LARGEST", 4_000)
    pages = Pages(Rows(publication), {"/x": lambda: Page.of("/x", Content("text/plain", b"whole"))})
    for at in range(50):
        pages.keep("/x", "/x", b"a=%d" % at, Content("text/plain", b"." * 1000))
        assert pages.find("/x", b"a=0") is not None or at == 0 or at > 8
        pages.find("/x", b"a=0")
    held = [at for at in range(50) if pages.find("/x", b"a=%d" % at)]
    assert 0 in held, "what is asked for all the time stays"
    assert 49 in held
    assert len(held) <= 10
    pages.keep("/x", "/x", b"large", Content("text/plain", b"." * 5000))
    assert pages.find("/x", b"large") is None
    whole = pages.find("/x")
    assert whole is pages.find("/x")
    assert pages.find("/y") is None


def test_a_page_with_a_choice_refuses_what_it_has_not() -> None:
    offers = {name: (lambda n=name: Content(n, n.encode())) for name in ("text/html", "text/turtle")}  # type: ignore[misc]
    with pytest.raises(Problem) as caught:
        Page("/", offers).choose("image/png")
    assert caught.value.type == "not-acceptable"
    assert "text/turtle" in caught.value.detail
    assert Page("/", {"text/html": offers["text/html"]}).choose("image/png").content().body == b"text/html"


def test_two_worker_processes_give_the_same_bytes(running: Running) -> None:
    paths = (
        *PATHS,
        "/openapi.json",
        "/.well-known/void",
        "/v1/limitations?limit=3",
        "/v1/articles/srivastava2014dropout.bib",
    )
    with running(PROVENDER_WORKERS=2, PROVENDER_SPARQL="false") as client:
        seen: dict[str, set[tuple[bytes, str]]] = {path: set() for path in paths}
        workers = set()
        for _ in range(12):
            with httpx.Client(
                base_url=client.base_url, timeout=30
            ) as fresh:  # a new connection may reach the other worker
                for path in paths:
                    response = fresh.get(path)
                    assert response.status_code == 200
                    seen[path].add((response.content, response.headers["etag"]))
                workers.add(response.headers["x-request-id"].partition("-")[0])
    assert len(workers) == 2, "only one worker was reached, so nothing was compared"
    assert {path: len(found) for path, found in seen.items()} == dict.fromkeys(paths, 1)


def test_two_replicas_with_builds_of_their_own_give_the_same_bytes(
    server: Server, running: Running, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    list(build(folder, build_folder(folder)))
    profile = {"skills": ["statistics"], "challenges": {"data-drift": 4}}
    asked = [
        *(("GET", path, None) for path in (*PATHS, "/openapi.json", "/v1/limitations?limit=3")),
        ("GET", "/sparql?query=DESCRIBE%20%3Cchallenge/data-drift%3E", None),
        *(("POST", f"/v1/{name}", {"profile": profile}) for name in ("recommendations", "questions", "plans")),
    ]
    with running(PROVENDER_DATA=folder) as other:
        for method, path, body in asked:
            one, two = (replica.request(method, path, json=body, timeout=60) for replica in (server, other))
            assert (one.status_code, two.status_code) == (200, 200), path
            assert one.content.replace(str(server.base_url).encode(), str(other.base_url).encode()) == two.content, path
            assert one.headers.get("etag") == two.headers.get("etag"), path
            assert one.headers.get("content-location") == two.headers.get("content-location"), path


def test_examples_in_docstrings_run() -> None:
    for module in (codings, negotiation, csl):
        result = doctest.testmod(module)
        assert result.attempted
        assert not result.failed
