"""The document and the server say the same: by examples, by schemas, by others' tools."""

from __future__ import annotations

import importlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from api.web.answers.schema import schemas
from kb.profiles import profile_from
from kb.records import Catalogue
from kb.records.profile import ProfileError
from tests.conftest import ROOT
from tests.generators import random_profile

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
BIN = Path(sys.executable).parent
METHODS = ("get", "post", "put", "patch", "delete")
IDS = {"match_text", "recommend", "explain_solution", "compare", "make_plan", "next_question", "get_recommendation"}


@pytest.fixture(scope="module")
def document(server: httpx.Client) -> dict[str, Any]:
    answer = server.get("/openapi.json")
    assert answer.status_code == 200
    held: dict[str, Any] = answer.json()
    return held


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        yield from ((path, method, held) for method, held in methods.items() if method in METHODS)


def _validator(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": document["components"]})


def test_every_answer_has_its_operation(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    ids = [held["operationId"] for _, _, held in _operations(document)]
    assert len(set(ids)) == len(ids)
    assert set(ids) >= IDS
    for path, method, held in _operations(document):
        assert held.get("summary"), path
        assert held.get("tags"), path
        if held["operationId"] in IDS:
            assert {"200", "400", "422", "429", "503"} <= set(held["responses"]), (path, method)


def test_every_posted_example_is_answered_as_shown(server: httpx.Client, document: dict[str, Any]) -> None:
    posted = 0
    for path, method, held in _operations(document):
        if held["operationId"] not in IDS or method != "post":
            continue
        ok = held["responses"]["200"]["content"]["application/json"]
        check = _validator(document, ok["schema"])
        asked = held["requestBody"]["content"]["application/json"]
        for name, example in asked["examples"].items():
            answer = server.post(path, json=example["value"])
            assert answer.status_code == 200, (path, name, answer.text[:300])
            check.validate(answer.json())
            assert not list(_validator(document, asked["schema"]).iter_errors(example["value"])), (path, name)
            if name in ok["examples"]:
                assert answer.json() == ok["examples"][name]["value"]
            posted += 1
    assert posted >= 20


def test_the_linked_example_is_answered_as_shown(server: httpx.Client, document: dict[str, Any]) -> None:
    held = document["paths"]["/v1/recommendations"]["get"]
    given_ = {p["name"]: p["example"] for p in held["parameters"] if "example" in p}
    ok = held["responses"]["200"]["content"]["application/json"]
    assert server.get("/v1/recommendations", params=given_).json() == ok["examples"]["press-shop"]["value"]


def test_shown_problems_are_problems(document: dict[str, Any]) -> None:
    shown = 0
    check = _validator(document, document["components"]["schemas"]["Problem"])
    for path, _, held in _operations(document):
        for status, response in held["responses"].items():
            if not status.startswith(("4", "5")):
                continue
            (content,) = response["content"].items()
            assert content[0] == "application/problem+json", (path, status)
            for example in (content[1].get("examples") or {"": {"value": content[1].get("example")}}).values():
                check.validate(example["value"])
                assert str(example["value"]["status"]) == status, (path, status)
                shown += 1
    assert shown >= 40


_WRONG = ["", None, 0, 1.5, True, [], {}, ["x"], {"at_least": "x"}, {"has": "x"}, {"at_least": None}, {"x": 1}]


@given(seed=st.integers(0, 2**32), broken=st.booleans())
def test_random_profiles_hold_against_the_schema_as_for_the_parser(
    catalogue: Catalogue, seed: int, broken: bool
) -> None:
    rng = random.Random(seed)
    raw = random_profile(catalogue, rng)
    raw["tried"], raw["prefer"] = {"dropout": "no gain"}, {"quick": rng.random(), "method": 1}
    if broken:
        name = rng.choice([*catalogue.vocabulary.facets, *raw, "label", "fictional", "prefer", "tried", "problem", "x"])
        raw[name] = rng.choice(_WRONG)
        if rng.random() < 0.3:
            facet = rng.choice([f for f in catalogue.vocabulary.facets if catalogue.vocabulary.ordered(f)])
            levels = catalogue.vocabulary.values(facet)
            raw[facet] = {"at_least": rng.choice(levels), "at_most": rng.choice(levels)}
    held = {"components": {"schemas": schemas(catalogue)}}
    check = Draft202012Validator({"$ref": "#/components/schemas/Profile", **held})
    try:
        profile_from(raw, catalogue)
        holds = True
    except (ProfileError, TypeError):
        holds = False
    assert check.is_valid(raw) == holds, raw


def test_random_requests_made_by_schemathesis_find_nothing(server: httpx.Client, tmp_path: Path) -> None:
    """A sample in the suite, all phases and at least 20,000 cases in `make soak`."""
    phases = ["-n", "250"] if SOAK else ["-n", "6", "--phases", "examples,fuzzing,stateful"]
    options = ["--checks", "all", "--seed", "1", "--generation-database", "none", "--continue-on-failure", "--no-color"]
    tool = [BIN / "schemathesis", "--config-file", ROOT / "schemathesis.toml", "run"]
    command = [*tool, f"{server.base_url}/openapi.json", *options, *phases]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    cases = re.search(r"(\d+) generated", done.stdout)
    assert cases is not None
    assert int(cases[1]) >= (20_000 if SOAK else 100)


def test_a_generated_client_works(server: httpx.Client, document: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document))
    config = tmp_path / "config.yaml"
    config.write_text("project_name_override: made_client\npackage_name_override: made_client\npost_hooks: []\n")
    out = tmp_path / "made_client"
    command = [
        BIN / "openapi-python-client",
        "generate",
        "--path",
        file,
        "--output-path",
        out,
        "--meta",
        "none",
        "--config",
        config,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unsupported" not in done.stdout.lower(), done.stdout
    sys.path.insert(0, str(tmp_path))
    try:
        _use_client(str(server.base_url), document)
    finally:
        sys.path.remove(str(tmp_path))
        shutil.rmtree(out)
        for name in [n for n in sys.modules if n.startswith("made_client")]:
            del sys.modules[name]


def _use_client(url: str, document: dict[str, Any]) -> None:
    models = importlib.import_module("made_client.models")
    client = importlib.import_module("made_client").Client(base_url=url)

    def call(tag: str, name: str, *path: str, **arguments: Any) -> Any:
        return importlib.import_module(f"made_client.api.{tag}.{name}").sync(*path, client=client, **arguments)

    tags = {held["operationId"]: held["tags"][0].replace(" ", "_") for _, _, held in _operations(document)}
    challenges = call(tags["list_challenges"], "list_challenges")
    assert challenges.total >= 20
    challenge = call(tags["get_challenge"], "get_challenge", "dirty-data")
    assert challenge.item.id == "dirty-data"
    profile = models.Profile.from_dict({"budget": "small", "challenges": {"dirty-data": 4}})
    answer = call("answers", "recommend", body=models.RecommendationRequest(profile=profile, first=2))
    assert len(answer.recommendations) == 2
    assert answer.challenges[0].id == "dirty-data"
    asked = call("answers", "next_question", body=models.QuestionRequest(profile=profile))
    assert asked.question.why
    refused = call("answers", "match_text", body=models.MatchRequest(text=""))
    assert refused.errors[0].pointer == "/text"
