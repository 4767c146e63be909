"""The application as a whole: methods, failures, the document, and taking up a new release."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from api.publication import Publication, open_publication
from api.settings import Settings
from api.web import reads
from api.web.app import create_app
from kb.home import build_folder
from tests.api.web.conftest import Running, publish_changed
from tests.conftest import ROOT
from tests.serving import Server

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    held: dict[str, Any] = server.get("/openapi.json").json()
    return held


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, held[method]) for path, held in document["paths"].items() for method in METHODS if method in held
    ]


def address(path: str, operation: dict[str, Any]) -> str:
    """A path with its parameters' examples in it."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    return path


# The document


def test_the_document_is_whole(document: dict[str, Any], publication: Publication) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"]
    assert document["servers"] == [{"url": "/"}]
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids)) > 20
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["operationId"] == operation["operationId"].lower(), where
        assert operation["summary"], where
        assert set(operation["tags"]) <= set(tags), where
        declared = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert declared == {part[1:-1] for part in path.split("/") if part.startswith("{")}, where
        assert any(status.startswith("4") for status in operation["responses"]), where
        for status, response in operation["responses"].items():
            content = response.get("content", {})
            assert not status.startswith(("4", "5")) or list(content) == ["application/problem+json"], (
                f"{where} {status}"
            )
    assert publication.version in json.dumps(document)


def test_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    checked = Counter[str]()
    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            for media_type, held in response.get("content", {}).items():
                if "json" not in media_type or "example" not in held:
                    continue
                schema = {**held["schema"], "components": document["components"]}
                errors = [e.message[:200] for e in Draft202012Validator(schema).iter_errors(held["example"])]
                assert not errors, f"{path} {status}: {errors[:3]}"
                checked[status] += 1
    assert checked["200"] > 15
    assert checked["404"] > 10


def test_what_is_documented_is_what_is_given(server: Server, document: dict[str, Any]) -> None:
    """Each read of mine, at its example's address, gives the example or more, and fits the schema."""
    for path, method, operation in operations(document):
        if method != "get" or not {"catalogue", "releases", "linked data"} & set(operation["tags"]):
            continue
        response = server.get(address(path, operation))
        assert response.status_code == 200, path
        content = operation["responses"]["200"]["content"]
        media_type = response.headers["content-type"].partition(";")[0]
        assert media_type in content, path
        if "schema" in content[media_type] and "json" in media_type:
            schema = {**content[media_type]["schema"], "components": document["components"]}
            assert not list(Draft202012Validator(schema).iter_errors(response.json())), path


@pytest.mark.parametrize("name", list(reads.LISTINGS))
def test_every_record_fits_its_schema(server: Server, document: dict[str, Any], name: str) -> None:
    def schema(path: str) -> Draft202012Validator:
        held = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        return Draft202012Validator({**held, "components": document["components"]})

    listing = reads.LISTINGS[name]
    fields = next(p for p in document["paths"][listing.path]["get"]["parameters"] if p["name"] == "fields")["schema"][
        "items"
    ]["enum"]
    rows = server.get(f"{listing.path}?limit=200&fields={','.join(fields)}&include={','.join(listing.includes)}").json()
    assert not list(schema(listing.path).iter_errors(rows))
    validator = schema(f"{listing.path}/{{id}}")
    for row in rows["items"][::9]:
        body = server.get(f"{row['url']}?include={','.join(listing.includes)}").json()
        assert not list(validator.iter_errors(body)), row["id"]


def test_the_page_of_operations_names_each(server: Server, document: dict[str, Any]) -> None:
    page = server.get("/docs/api")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for path, method, _ in operations(document):
        assert f"<code>{method.upper()} {path}</code>" in page.text
    for path in ("/docs", "/redoc"):
        assert server.get(path).status_code == 404
    assert "<script" not in page.text


# Methods and failures


def test_every_address_answers_head_and_options_and_refuses_others(server: Server, document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        held = {m for m in methods if m in METHODS}
        where = address(path, methods[sorted(held)[0]])
        allowed = {m.upper() for m in held} | {"OPTIONS"} | ({"HEAD"} if "get" in held else set())
        options = server.options(where)
        assert (options.status_code, options.content) == (204, b""), where
        assert set(options.headers["allow"].split(", ")) == allowed, where
        for method in ({"DELETE", "PUT", "PATCH"} | ({"POST", "GET"} - allowed)) - allowed:
            refused = server.request(method, where)
            assert refused.status_code == 405, f"{method} {where}"
            assert refused.json()["type"].endswith("/method-not-allowed")
            assert set(refused.headers["allow"].split(", ")) == allowed


def test_unknown_parameters_are_refused_everywhere(server: Server, document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        if method != "get" or path.startswith(("/health", "/metrics", "/sparql", "/v1/queries", "/v1/recommendations")):
            continue
        response = server.get(address(path, operation), params={"colour": "red"})
        assert response.status_code == 400, path
        assert response.json()["type"].endswith("/unknown-parameter"), path
        assert "'colour'" in response.json()["detail"]


def test_what_is_unforeseen_is_told_without_details(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("secret in /etc/provender")

    app = create_app(Settings(data=data, sparql=False, access_log=False))  # type: ignore[call-arg]
    monkeypatch.setattr(reads, "listing_content", broken)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": "/v1/solutions", "raw_path": b"/v1/solutions", "root_path": "",
        "query_string": b"limit=1", "headers": [(b"host", b"x")], "scheme": "http", "client": ("127.0.0.1", 1), "server": ("x", 80),
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 500
    body = json.loads(sent[1]["body"])
    assert body["type"].endswith("/internal-error")
    request_id = dict(sent[0]["headers"])[b"x-request-id"].decode()
    assert request_id in body["detail"]
    assert "secret" not in str(sent)
    assert "RuntimeError" not in str(sent)


# Starting


def test_starting_needs_none_of_what_only_the_build_needs(data: Path) -> None:
    code = "import sys; from api.web.app import create_app; create_app(); print([m for m in ('rdflib', 'sklearn', 'sqlmodel') if m in sys.modules])"
    env = {**os.environ, "PROVENDER_DATA": str(data)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


# A new release


def test_a_new_release_is_taken_up_whole_and_without_a_restart(running: Running, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "live" / "data"
    shutil.copytree(data, folder)
    shutil.copytree(build_folder(data), build_folder(folder))
    old = open_publication(build_folder(folder))
    publish_changed(
        data,
        tmp_path / "next" / "data",
        version="2099.12.1",
        dropout="Quite another label",
        **{"feature-store": "A third one"},
    )
    new = open_publication(build_folder(tmp_path / "next" / "data"))
    labels = {old.version: "Dropout", new.version: "Quite another label"}
    with running(PROVENDER_DATA=folder, PROVENDER_REFRESH_SECONDS=0.1, PROVENDER_SPARQL="false") as client:
        seen: list[tuple[str, str, str]] = []
        faults: list[str] = []
        stop = threading.Event()

        def ask(path: str) -> None:
            with httpx.Client(base_url=client.base_url, timeout=30) as own:
                for at in itertools.count():
                    if stop.is_set():
                        return
                    # Every third request has a query of its own, so that it is worked out and not looked up.
                    query = (
                        f"?limit={at % 190 + 10}&include=limitations" if path == "/v1/solutions" and at % 3 == 0 else ""
                    )
                    response = own.get(path + query)
                    if response.status_code != 200:
                        faults.append(f"{path}: {response.status_code}")
                        continue
                    text = response.text
                    version = next(v for v in labels if v in text)
                    others = [v for v in labels if v != version]
                    if any(v in text for v in others) or any(labels[v] in text for v in others if v == new.version):
                        faults.append(f"{path}: two releases in one answer")
                    if path.startswith("/v1/solutions/") and response.json()["item"]["label"] != labels[version]:
                        faults.append(f"{path}: a label of another release")
                    if (
                        path == "/v1/catalogue"
                        and response.json()["digest"] != {old.version: old.digest, new.version: new.digest}[version]
                    ):
                        faults.append(f"{path}: a digest of another release")
                    if not query:
                        seen.append((path, version, response.headers["etag"]))

        paths = ["/v1/catalogue", "/v1/solutions", "/v1/solutions/dropout", "/id/solution/dropout.ttl", "/exports/"]
        threads = [threading.Thread(target=ask, args=(path,)) for path in paths]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        # File after file, as a build writes them, the checksums last.
        source, target = build_folder(tmp_path / "next" / "data"), build_folder(folder)
        shutil.copytree(tmp_path / "next" / "data", folder, dirs_exist_ok=True)
        for name in (*new.files, "SHA256SUMS", "fingerprint.txt"):
            temporary = target / f".{name}"
            shutil.copyfile(source / name, temporary)
            temporary.replace(target / name)
            time.sleep(0.02)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and {v for _, v, _ in seen[-20:]} != {new.version}:
            time.sleep(0.05)
        stop.set()
        for thread in threads:
            thread.join()
    assert not faults, Counter(faults)
    for path in paths:
        versions = [v for p, v, _ in seen if p == path]
        assert set(versions) == {old.version, new.version}, path
        assert versions == sorted(versions), "a client saw the older release after the newer one"
        assert len({(v, tag) for p, v, tag in seen if p == path}) == 2, "one tag for each release"
