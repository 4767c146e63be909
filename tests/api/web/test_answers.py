from __future__ import annotations

import base64
import gzip
import json
import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
import yaml

from api import codec
from api.web.answers.operations import OPERATIONS
from kb.records import Catalogue
from kb.release import versions
from tests.api.test_cli import PROVENDER
from tests.api.web.conftest import Running
from tests.conftest import DATA, ROOT
from tests.generators import random_profile

PROFILES = sorted((DATA / "profiles").glob("*.yaml"))
PATHS = [operation.path for operation in OPERATIONS]
SMALL = {"budget": "small", "challenges": {"dirty-data": 4}}


def _raw(name: str) -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load((DATA / "profiles" / f"{name}.yaml").read_text(encoding="utf-8"))
    return raw


def _cli(*arguments: str) -> Any:
    command = [PROVENDER, *arguments, "--format", "json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout)


def _post(server: httpx.Client, path: str, content: bytes, **headers: str) -> httpx.Response:
    return server.post(path, content=content, headers={"content-type": "application/json", **headers})


def _problem(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    held: dict[str, Any] = answer.json()
    assert (held["status"], held["type"].rpartition("/")[2]) == (status, kind)
    assert not any(word in answer.text for word in ("pydantic", "Traceback", ".py", str(ROOT)))
    return held


def test_answers_are_those_of_the_command_line(server: httpx.Client, tmp_path: Path) -> None:
    raw = _raw("radiology-group")
    assert server.post("/v1/recommendations", json={"profile": raw}).json() == _cli("recommend", "radiology-group")
    file = tmp_path / "words.json"
    words = {"modality": ["tabular"], "problem": "The same customer is entered several times under different names."}
    file.write_text(json.dumps(words))
    asked = {"profile": words, "weights": {"cost": 0.4}}
    answer = server.post("/v1/recommendations", json=asked).json()
    assert answer == _cli("recommend", str(file), "--weight", "cost=0.4")
    assert [(c["severity"], c["assumed"]) for c in answer["challenges"]] == [(3, True)]
    blocked = answer["blocked"][0]["solution"] if answer["blocked"] else "dropout"
    explained = server.post("/v1/explanations", json={"profile": raw, "solution": blocked}).json()
    assert explained == _cli("explain", blocked, "radiology-group")
    both = {"a": raw, "b": _raw("press-shop")}
    assert server.post("/v1/comparisons", json=both).json() == _cli("compare", "radiology-group", "press-shop")
    planned = server.post("/v1/plans", json={"profile": raw, "euros": 60000}).json()
    assert planned == _cli("plan", "radiology-group", "--euros", "60000")
    front = server.post("/v1/plans", json={"profile": raw, "euros": 60000, "pareto": True}).json()
    assert front["points"] == _cli("plan", "radiology-group", "--euros", "60000", "--pareto")
    text = "nobody knows which version of the data the model was trained on"
    matched = server.post("/v1/match", json={"text": text}).json()
    assert [{"text": text, "matches": matched["matches"]}] == _cli("match", text)
    assert server.post("/v1/match", json={"text": text, "top": 2}).json()["matches"] == matched["matches"][:2]


def test_an_interview_ends_settled_or_out_of_questions(server: httpx.Client) -> None:
    profile: dict[str, Any] = {"challenges": {"data-drift": 4}}
    answered: list[str] = []
    for _ in range(40):
        state = server.post("/v1/questions", json={"profile": profile, "answered": answered}).json()
        question = state["question"]
        if question is None:
            break
        assert question["facet"] not in profile
        assert question["facet"] not in answered
        assert question["why"]
        if len(profile) % 2:
            profile[question["facet"]] = question["options"][-1:] if question["several"] else question["options"][-1]
        else:
            profile["label"] = "one more"
            answered.append(question["facet"])
    assert question is None
    assert len(profile) > 2


def test_every_packaged_profile_and_an_empty_one_is_answered(server: httpx.Client) -> None:
    for raw in ({}, *(_raw(file.stem) for file in PROFILES)):
        answer = server.post("/v1/recommendations", json={"profile": raw, "first": 2})
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["recommendations"]) <= 2


def test_two_releases_are_compared(server: httpx.Client) -> None:
    kept = versions(DATA)
    raw = _raw("press-shop")
    answer = server.post("/v1/comparisons", json={"a": kept[0], "b": kept[-1], "profile": raw})
    assert answer.json() == _cli("compare", kept[0], kept[-1], "--profile", "press-shop")
    same = server.post("/v1/comparisons", json={"a": kept[-1], "b": kept[-1]}).json()
    assert (same["before"], same["differences"], same["shifts"]) == (kept[-1], [], [])
    problem = _problem(server.post("/v1/comparisons", json={"a": kept[0], "b": "2026.1.99"}), 422, "invalid-input")
    assert problem["errors"][0]["pointer"] == "/b"
    said, near = problem["errors"][0]["detail"].split("; did you mean ")
    assert said == "there is no release '2026.1.99'"
    assert set(near.rstrip("?").split(" or ")) <= set(kept)


def test_an_answer_can_be_linked_and_cached(server: httpx.Client, catalogue: Catalogue) -> None:
    asked = {"profile": {**SMALL, "label": "Büro"}, "weights": {"cost": 0.25, "speed": 0.2}, "margin": 0.1, "first": 2}
    posted = server.post("/v1/recommendations", json=asked)
    link = posted.headers["content-location"]
    assert posted.headers["cache-control"] == "no-store"
    got = server.get(link)
    assert got.status_code == 200
    assert got.content == posted.content
    etag = got.headers["etag"]
    assert etag.startswith('"')
    assert "public" in got.headers["cache-control"]
    assert "Accept-Encoding" in got.headers["vary"]
    for known in (etag, f'"other", W/{etag}', "*"):
        same = server.get(link, headers={"if-none-match": known})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
        assert same.headers["cache-control"] == got.headers["cache-control"]
    assert server.get(link, headers={"if-none-match": '"other"'}).status_code == 200
    head = server.head(link)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
    # The same profile written otherwise is the same answer, one word more in it or another parameter is not.
    other = codec.encode({"label": "Büro", "challenges": {"dirty-data": 4}, "budget": "small"}, "2020.1.1")
    tail = link.partition("&")[2]
    assert server.get(f"/v1/recommendations?profile={other}&{tail}").headers["etag"] == etag
    for changed in (f"profile={other}&{tail}1", f"profile={other}", f"profile=1.1.e30&{tail}"):
        assert server.get(f"/v1/recommendations?{changed}").headers["etag"] != etag
    assert catalogue.edition.id in link


def test_a_link_too_long_for_proxies_is_not_offered(server: httpx.Client) -> None:
    answer = server.post("/v1/recommendations", json={"profile": {"about": "x" * 3000}})
    assert answer.status_code == 200
    assert "content-location" not in answer.headers


@pytest.mark.parametrize(("coding", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_answers_are_compressed_for_who_wants_it(server: httpx.Client, coding: str, unpack: Any) -> None:
    plain = server.get("/v1/recommendations?profile=1.2026.11.1.e30", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with server.stream(
        "GET", "/v1/recommendations?profile=1.2026.11.1.e30", headers={"accept-encoding": coding}
    ) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == coding
    assert unpack(raw) == plain.content
    assert len(raw) * 3 < len(plain.content)
    assert packed.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize(
    ("query", "status", "kind", "said"),
    [
        ("", 422, "invalid-input", "is missing"),
        ("profile=", 400, "bad-request", "its form is ''"),
        ("profile=2.2026.11.1.e30", 400, "bad-request", "its form is '2'"),
        ("profile=1.2026.11.1.a", 400, "bad-request", "not base64url"),
        ("profile=1.2026.11.1.__79", 400, "bad-request", "not UTF-8"),
        ("profile=1.1.e30&profile=1.1.e30", 400, "bad-request", "given twice"),
        ("profil=1.1.e30", 400, "unknown-parameter", "did you mean profile?"),
        ("profile=1.1.e30&margin=much", 422, "invalid-input", "is a number"),
        ("profile=1.1.e30&margin=NaN", 422, "invalid-input", "is a number"),
        ("profile=1.1.e30&margin=true", 422, "invalid-input", "is a number"),
        ("profile=1.1.e30&first=-1", 422, "invalid-input", "is at least 0"),
        ("profile=1.1.e30&first=1.5", 422, "invalid-input", "is a whole number"),
        ("profile=1.1.e30&weights=cost", 422, "invalid-input", "is written depth:0.5"),
        ("profile=1.1.e30&weights=cots:0.5", 422, "invalid-input", "did you mean cost?"),
        ("profile=1.1.e30&weights=cost:0.8,depth:0.8", 422, "invalid-input", "add up to 1.6"),
        (f"profile={codec.encode({'buget': 'small'}, '1')}", 422, "invalid-input", "did you mean budget?"),
    ],
)
def test_what_is_wrong_with_an_address_is_told(
    server: httpx.Client, query: str, status: int, kind: str, said: str
) -> None:
    problem = _problem(server.get(f"/v1/recommendations?{query}"), status, kind)
    assert said in json.dumps(problem, ensure_ascii=False)


@pytest.mark.parametrize(
    ("path", "asked", "errors"),
    [
        (
            "/v1/recommendations",
            {"profile": {"challenges": {"data-drft": 4, "data-drift": 9}, "skills": {"has": ["statistic"]}, "buget": "small"}},
            [
                ("/profile/challenges/data-drft", "there is no challenge 'data-drft'; did you mean data-drift?"),
                ("/profile/challenges/data-drift", "9 is not a severity; use a whole number from 1 (minor) to 5 (critical)"),
                ("/profile/skills/has/0", "'statistic' is not a value of skills; did you mean statistics?"),
                ("/profile/buget", "is no facet and no field of a profile; did you mean budget?"),
            ],
        ),
        ("/v1/recommendations", {"profil": {}}, [("/profile", "is missing"), ("/profil", "did you mean profile?")]),
        ("/v1/recommendations", {"profile": []}, [("/profile", "is an object")]),
        ("/v1/recommendations", [], [("", "is an object")]),
        ("/v1/recommendations", {"profile": {"in_place": [["x"]]}}, [("/profile/in_place/0", "is the id of a solution")]),
        ("/v1/recommendations", {"profile": {"a/b~c": 1}}, [("/profile/a~1b~0c", "is no facet")]),
        ("/v1/recommendations", {"profile": {}, "weights": {"cots": 1}}, [("/weights/cots", "did you mean cost?")]),
        ("/v1/recommendations", {"profile": {}, "margin": 2}, [("/margin", "is at most 1")]),
        ("/v1/recommendations", {"profile": {}, "first": 1.5}, [("/first", "is a whole number")]),
        ("/v1/explanations", {"profile": {}, "solution": "drop-out"}, [("/solution", "did you mean dropout?")]),
        ("/v1/comparisons", {"a": {}, "b": {"budget": "smal"}}, [("/b/budget", "did you mean small?")]),
        ("/v1/comparisons", {"a": {}, "b": "2026.11.1"}, [("/b", "is an object")]),
        ("/v1/comparisons", {"a": "2026.11.1", "b": {}}, [("/b", "is text")]),
        ("/v1/plans", {"profile": {}, "euros": -1}, [("/euros", "is at least 0")]),
        ("/v1/plans", {"profile": {}, "weeks": 1e9}, [("/weeks", "is at most 1,040")]),
        ("/v1/plans", {"profile": {}, "pareto": "yes"}, [("/pareto", "is true or false")]),
        ("/v1/questions", {"profile": {}, "answered": ["buget"]}, [("/answered/0", "did you mean budget?")]),
        ("/v1/match", {"text": ""}, [("/text", "has no character")]),
        ("/v1/match", {"text": "x" * 20_001}, [("/text", "at most 20,000")]),
        ("/v1/match", {"text": "x", "top": 0}, [("/top", "is at least 1")]),
        ("/v1/match", {"txt": "x"}, [("/text", "is missing"), ("/txt", "did you mean text?")]),
    ],
)  # fmt: skip
def test_each_fault_names_its_place_and_what_is_right(
    server: httpx.Client, path: str, asked: Any, errors: list[tuple[str, str]]
) -> None:
    problem = _problem(server.post(path, json=asked), 422, "invalid-input")
    assert [e["pointer"] for e in problem["errors"]] == [pointer for pointer, _ in errors]
    for told, (_, said) in zip(problem["errors"], errors, strict=True):
        assert said in told["detail"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1, column 1"),
        (b'{"profile": {}', "line 1, column 15"),
        (b'{"profile": {}, "profile": {}}', "'profile' is given twice"),
        (b'{"margin": NaN}', "NaN is not a number"),
        (b'{"margin": 1e999}', "out of range"),
        (b'{"text": "\\udc00"}', "surrogate"),
        (b'{"text": "\xff"}', "not UTF-8"),
    ],
)
def test_what_is_not_json_is_told(server: httpx.Client, path: str, content: bytes, said: str) -> None:
    assert said in _problem(_post(server, path, content), 400, "bad-request")["detail"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"a":' * 20_000 + b"1" + b"}" * 20_000, b'{"profile":' * 31 + b"1" + b"}" * 31]
)
def test_what_is_nested_deeply_is_refused(server: httpx.Client, path: str, content: bytes) -> None:
    _problem(_post(server, path, content), 422, "invalid-input")


@pytest.mark.parametrize("depth", [100, 900, 5000])
def test_depth_is_no_danger_where_nobody_stands_guard(running: Running, depth: int) -> None:
    with running(PROVENDER_JSON_DEPTH="100000") as client:
        for inner in (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth):
            for content in (
                b'{"profile": {"budget": ' + inner + b"}}",
                b'{"profile": ' + inner + b"}",
                b'{"margin": ' + inner + b"}",
            ):
                assert _post(client, "/v1/recommendations", content).status_code in (400, 414, 422)
            word = base64.urlsafe_b64encode(b'{"budget": ' + inner + b"}").decode().rstrip("=")
            assert client.get(f"/v1/recommendations?profile=1.1.{word}").status_code in (400, 414, 422)


@pytest.mark.parametrize("path", PATHS)
def test_other_media_types_sizes_parameters_and_methods_are_refused(server: httpx.Client, path: str) -> None:
    for kind in ("text/plain", "application/json; charset=latin-1", "application/x-www-form-urlencoded", ""):
        answer = server.post(path, content=b"{}", headers={"content-type": kind} if kind else {})
        assert "application/json" in _problem(answer, 415, "unsupported-media-type")["detail"]
    _problem(_post(server, path, b'{"text": "' + b"x" * 1_000_000 + b'"}'), 413, "too-large")
    _problem(server.post(f"{path}?pretty=1", json={}), 400, "unknown-parameter")
    assert "POST" in server.delete(path).headers["allow"]
    assert _problem(server.put(path, json={}), 405, "method-not-allowed")
    ok = _post(
        server, path, b'{"text": "x", "profile": {}, "a": {}}', **{"content-type": 'application/json;charset="UTF-8"'}
    )
    assert ok.status_code in (200, 422)


def test_what_bears_much_to_complain_about_is_refused_quickly(server: httpx.Client) -> None:
    many = {f"x{n}": 1 for n in range(20_000)}
    wrong = [f"v{n}" for n in range(20_000)]
    started = time.perf_counter()
    for profile in (many, {"challenges": many}, {"in_place": wrong}, {"skills": wrong}, {"skills": {"has": wrong}}):
        problem = _problem(server.post("/v1/recommendations", json={"profile": profile}), 422, "invalid-input")
        assert len(problem["errors"]) == 1
    assert len(server.post("/v1/recommendations", json={"profile": {"budget": "x" * 100_000}}).content) < 2000
    assert time.perf_counter() - started < 3


def test_random_profiles_are_answered_alike_by_all_ways(server: httpx.Client, catalogue: Catalogue) -> None:
    for seed in range(20):
        raw = random_profile(catalogue, random.Random(seed))
        posted = server.post("/v1/recommendations", json={"profile": raw})
        word = codec.encode(raw, catalogue.edition.id)
        got = server.get("/v1/recommendations", params={"profile": word})
        assert posted.status_code == 200, posted.text
        assert got.content == posted.content


def test_what_takes_too_long_is_told_and_others_are_answered_meanwhile(running: Running) -> None:
    long = {"profile": {"problem": "x"}, "euros": 1e6, "person_weeks": 1000, "weeks": 1000, "pareto": True}
    with running(PROVENDER_ANSWER_SECONDS="0.05") as client:
        problem = _problem(client.post("/v1/plans", json=long), 503, "answer-timeout")
        assert "0.05 seconds" in problem["detail"]
    with running() as client, ThreadPoolExecutor(8) as pool:
        client.post("/v1/plans", json={"profile": SMALL})
        slow = [pool.submit(client.post, "/v1/plans", json=long) for _ in range(6)]
        started = time.perf_counter()
        assert client.post("/v1/match", json={"text": "drift"}).status_code == 200
        waited = time.perf_counter() - started
        assert {s.result().status_code for s in slow} == {200}
        assert waited < 1
