"""The decision record in every format, and what a later release of the catalogue means for what was decided."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from api.build import build
from kb.home import build_folder
from tests.api.web.conftest import Running
from tests.api.web.sessions.people import Remote, cells
from tests.conftest import EDITION
from tests.serving import Server

DECIDED, HELD = "data-unit-tests", "schema-based-data-validation"
FORMULAS = ('=HYPERLINK("http://evil.example")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")
"""What spreadsheets take for a formula, or would after they have cut off what stands before it."""
SEVERITIES = (2, 5, 4)


def _hold(server: Server) -> Remote:
    """A session from its beginning to its end; gives its facilitator."""
    profile = {"budget": "small", "modality": ["tabular"], "people": "small-team", "horizon": "year"}
    ada = Remote(server, "sessions", title="Roadmap *2027*", name="Ada", profile=profile)
    bo, cy = ada.join("Bo"), ada.join("Cy | x")
    for person, severity in zip((ada, bo, cy), SEVERITIES, strict=True):
        person.do("rating", challenge="dirty-data", severity=severity, comment=f"<b>{severity}</b> in March.")
        person.do("rating", challenge="data-quality", severity=3)
    ada.do("reveal")
    bo.do("proposal", field="budget", value="medium", comment="The board said so.")
    ada.do("limits", euros=40_000)
    ada.do("override", solution=HELD, choice="out")
    ada.do("decision", solution=DECIDED, decision="trial", owner="Bo", date="2027-03-31", reason="Cheap, and soon.")
    ada.do("decision", solution=HELD, decision="hold")
    cy.do("dissent", solution=DECIDED, reason="Too early.")
    ada.do("closing")
    return ada


@pytest.fixture(scope="module")
def hall(running: Running) -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def ada(hall: Server) -> Remote:
    return _hold(hall)


def _taken(person: Remote, name: str) -> bytes:
    """The record in a format, as a browser would store it."""
    answer = person.ask("GET", "/record", params={"format": name})
    assert answer.status_code == 200, answer.text
    endings = {"markdown": "md"}
    assert answer.headers["content-disposition"] == f'attachment; filename="decisions.{endings.get(name, name)}"'
    return answer.content


def test_the_record_as_json_says_what_whom_and_on_what_ground(ada: Remote) -> None:
    held: dict[str, Any] = json.loads(_taken(ada, "json"))
    assert (held["title"], held["catalogue"], held["anonymous"]) == ("Roadmap *2027*", EDITION, True)
    assert held["closed_at"]
    assert held["licence"].startswith("https://creativecommons.org/")
    assert held["notice"]
    assert [(p["name"], p["role"]) for p in held["people"]] == [
        ("Ada", "facilitator"), ("Bo", "participant"), ("Cy | x", "participant")
    ]  # fmt: skip
    trial, hold = held["decisions"]
    assert {k: trial[k] for k in ("solution", "decision", "owner", "date", "reason", "by", "verdict")} == {
        "solution": DECIDED, "decision": "trial", "owner": "Bo", "date": "2027-03-31", "reason": "Cheap, and soon.", "by": "Ada",
        "verdict": "feasible",
    }  # fmt: skip
    assert trial["dissent"] == [{"name": "Cy | x", "reason": "Too early."}]
    assert (hold["solution"], hold["owner"], hold["dissent"]) == (HELD, None, [])
    assert [c["article"] for c in trial["citations"]][:1] == ["schelter2018deequ"]
    assert all(c["cite"] and c["title"] for d in held["decisions"] for c in d["citations"])
    assert any((c["url"] or "").startswith("https://doi.org/") for d in held["decisions"] for c in d["citations"])
    assert held["severities"] == {"data-quality": 3, "dirty-data": 4}
    (rated,) = [r for r in held["ratings"] if r["challenge"] == "dirty-data"]
    assert (rated["result"]["median"], rated["result"]["judged"], rated["result"]["ratings"]) == (4.0, 3, None)
    assert {c["person"] for c in rated["result"]["comments"]} == {None}
    (budget,) = [k for k in held["profile"] if k["field"] == "budget"]
    assert (budget["value"], budget["by"], budget["open_proposals"]) == ("small", "Ada", {"Bo": "medium"})
    assert [(o["solution"], o["choice"]) for o in held["overrides"]] == [(HELD, "out")]
    assert HELD not in [s.get("solution") for s in held["roadmap"]["plan"]["steps"]]


def test_the_record_as_markdown_is_a_page_on_which_nobodys_words_become_markup(ada: Remote) -> None:
    text = _taken(ada, "markdown").decode()
    assert text.startswith("# ")
    page = html.unescape(MarkdownIt("commonmark").render(text))
    for said in (
        "Decision record: Roadmap *2027*", f"release {EDITION}", "Trial: Unit tests for data", "Owner: Bo", "By: 2027-03-31",
        "Reason: Cheap, and soon.", "Dissent of Cy | x: Too early.", "Schelter et al. 2018", "median 4, middle half 3 to 4.5", "judged by 3",
        "Bo proposes medium", "Bo, participant", "Ratings are anonymous.",
    ):  # fmt: skip
        assert said in re.sub(r"</?(h\d|p|li|a|code)\b[^>]*>", "", page), said
    assert "<em>2027" not in page
    assert "“<b>5</b> in March.”" in page, "unescaped once, it is text"
    assert page.count("<b>") == len(SEVERITIES) - page.count("&lt;b&gt;")
    assert re.findall(r"^# ", text, re.MULTILINE) == ["# "]


def test_the_record_as_csv_has_a_row_for_each_decision(ada: Remote) -> None:
    rows = list(csv.DictReader(StringIO(_taken(ada, "csv").decode())))
    assert [(r["solution"], r["decision"], r["owner"], r["date"]) for r in rows] == [
        (DECIDED, "trial", "Bo", "2027-03-31"), (HELD, "hold", "", "")
    ]  # fmt: skip
    assert rows[0]["reason"] == "Cheap, and soon."
    assert rows[0]["dissent"] == "Cy | x: Too early."
    assert rows[0]["catalogue"] == EDITION
    assert "Schelter et al. 2018" in rows[0]["sources"]
    assert rows[0]["iri"] == f"https://w3id.org/provender/solution/{DECIDED}"


def test_the_record_as_a_workbook_holds_all_of_it(ada: Remote) -> None:
    held = cells(_taken(ada, "xlsx"))
    assert list(held) == ["about", "decisions", "ratings", "profile", "roadmap", "people"]
    assert next(value for what, value in held["about"] if what == "catalogue").endswith(EDITION)
    decided = dict(zip(*held["decisions"][:2], strict=True))
    assert decided["dissent"] == "Cy | x: Too early."
    assert decided["owner"] == "Bo"
    assert [row[0] for row in held["people"]] == ["name", "Ada", "Bo", "Cy | x"]
    assert len(held["roadmap"]) > 1
    assert any(row[1] == "dirty-data" and row[4] == "4" for row in held["ratings"])


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_no_cell_is_taken_for_a_formula(hall: Server, name: str) -> None:
    ada = Remote(hall, "sessions", title="=1+1", name=FORMULAS[1], profile={"problem": FORMULAS[0]})
    others = [ada.join(f"{text.strip()} {at}") for at, text in enumerate(FORMULAS[:3])]
    for at, (person, text) in enumerate(zip((ada, *others), FORMULAS, strict=False)):
        person.do("rating", challenge="dirty-data", severity=at, comment=text)
    ada.do("reveal")
    ada.do("decision", solution=DECIDED, decision="trial", owner=FORMULAS[3], reason=FORMULAS[0])
    ada.do("decision", solution=HELD, decision="trial", owner=FORMULAS[2], reason=FORMULAS[4])
    others[0].do("dissent", solution=DECIDED, reason=FORMULAS[5])
    content = _taken(ada, name)
    found = cells(content) if name == "xlsx" else {"": list(csv.reader(StringIO(content.decode(), newline="")))}
    all_ = [cell for rows in found.values() for row in rows for cell in row]
    assert [c for c in all_ if c.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert f"'{FORMULAS[0]}" in all_, "it is said, and said as text"


def test_an_unknown_format_names_those_that_there_are(ada: Remote) -> None:
    answer = ada.ask("GET", "/record", params={"format": "pdf"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/format", "detail": "is one of markdown, json, csv, xlsx"}]


LATER = "2026.12.1"
BLOCKING = """\
  - id: made-for-a-test
    factor: incompatible-use-case
    says: Made for a test.
    when: {modality: {has: tabular}}
    effect: blocks
    evidence:
      - {kind: argument, says: Made for a test.}
"""


@pytest.fixture(scope="module")
def later(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue's folder a release later: one solution has another name and is blocked for tables."""
    folder = tmp_path_factory.mktemp("later") / "data"
    shutil.copytree(data, folder)
    for name, pattern, by in (
        ("catalogue.yaml", r"^id: .*$", f'id: "{LATER}"'),
        (f"solutions/{DECIDED}.yaml", r"^label: .*$", "label: Tests of data"),
        (f"solutions/{DECIDED}.yaml", r"\Z", BLOCKING),
    ):
        text, count = re.subn(pattern, by, (folder / name).read_text(), count=1, flags=re.MULTILINE)
        assert count == 1
        (folder / name).write_text(text)
    list(build(folder, build_folder(folder)))
    return folder


def test_a_session_that_is_reopened_later_learns_what_changed_for_its_decisions(
    running: Running, later: Path, tmp_path: Path
) -> None:
    file = tmp_path / "workspace.sqlite"
    with running(PROVENDER_WORKSPACE=file) as server:
        ada = _hold(server)
        now = ada.get("/changes")
        assert (now["pinned"], now["current"], now["changes"]) == (EDITION, EDITION, [])
        assert all(d["changed"] == [] and d["before"] == d["after"] for d in now["decisions"])
        before = _taken(ada, "json")
    with running(PROVENDER_WORKSPACE=file, PROVENDER_DATA=later) as server:
        ada.server = server
        # Nothing of what was decided moves by itself.
        assert ada.get()["state"]["catalogue"] == EDITION
        assert _taken(ada, "json") == before
        found = ada.get("/changes")
        assert (found["pinned"], found["current"]) == (EDITION, LATER)
        assert {(c["kind"], c["id"], c["change"]) for c in found["changes"]} >= {
            ("solution", DECIDED, "changed"), ("limitation", f"{DECIDED}.made-for-a-test", "added")
        }  # fmt: skip
        trial, hold = found["decisions"]
        assert (trial["solution"], trial["before"], trial["after"]) == (DECIDED, "feasible", "blocked")
        assert set(trial["changed"]) == {"changed: label", f"limitation {DECIDED}.made-for-a-test added"}
        assert (hold["solution"], hold["changed"], hold["before"]) == (HELD, [], hold["after"])
        assert DECIDED in [s["solution"] for s in found["comparison"]["shifts"]]
        # A closed session is only read; reopened, it can go over, and then says what holds there.
        assert ada.send("edition", catalogue=LATER).status_code == 409
        ada.do("reopening")
        ada.do("edition", catalogue=LATER)
        held = json.loads(_taken(ada, "json"))
        assert held["catalogue"] == LATER
        assert (held["decisions"][0]["label"], held["decisions"][0]["verdict"]) == ("Tests of data", "blocked")
        assert ada.get("/changes")["changes"] == []
