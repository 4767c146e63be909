"""The command line as its users meet it: a process, its output and its exit status."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from rdflib import Graph

from kb.records import Catalogue
from tests.conftest import DATA, EDITION, ROOT

PROVENDER = shutil.which("provender", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}") or "provender"


def run(*args: str, cwd: Path = ROOT, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROVENDER, *args], capture_output=True, text=True, cwd=cwd, input=stdin, check=False)


def output(*args: str) -> str:
    done = run(*args)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(DATA, folder / "data")
    return folder / "data"


def test_help_names_every_command_with_an_example() -> None:
    from api.cli import COMMANDS

    text = output("--help")
    for name in COMMANDS:
        assert name in text
        assert "Example:" in output(name, "--help"), name


def test_the_version_is_the_catalogues(catalogue: Catalogue) -> None:
    assert output("--version").strip().endswith(f"catalogue {catalogue.edition.id}")


def test_validate_says_what_there_is() -> None:
    assert output("validate").startswith(f"Catalogue {EDITION} is sound: 20 challenges, 48 solutions")


def test_a_broken_catalogue_exits_with_one_and_writes_nothing(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    with (tmp_path / "data/solutions/dropout.yaml").open("a") as file:
        file.write("colour: red\n")
    for command in (["validate"], ["build"], ["export", "--format", "json"], ["gaps"]):
        done = run(*command, "--data", str(tmp_path / "data"))
        assert done.returncode == 1, command
        assert "data/solutions/dropout.yaml:" in done.stderr
        assert "colour" in done.stderr
        assert done.stdout == ""
    assert not (tmp_path / "build").exists()


def test_a_build_that_is_made_again_is_the_same_bytes(copy: Path, catalogue: Catalogue) -> None:
    first = run("build", "--data", str(copy))
    assert first.returncode == 0, first.stderr
    build = copy.parent / "build"
    before = {f.name: f.read_bytes() for f in build.iterdir()}
    (build / "provender.ttl").unlink()
    again = run("build", "--data", str(copy))
    assert "; 1 files changed" in again.stdout
    assert {f.name: f.read_bytes() for f in build.iterdir()} == before
    version = catalogue.edition.id
    assert json.loads(before["catalogue.json"])["version"] == version
    assert f'owl:versionInfo "{version}"'.encode() in before["provender.ttl"]
    database = sqlite3.connect(build / "catalogue.sqlite")
    assert database.execute("SELECT id FROM edition").fetchone() == (version,)
    assert json.loads(before["changelog.json"])[0]["version"] == version
    answer = run("recommend", str(copy / "profiles/press-shop.yaml"), "--data", str(copy), "--format", "json")
    assert json.loads(answer.stdout)["catalogue"] == version


def test_an_answer_from_a_build_is_the_answer_from_the_sources(copy: Path, tmp_path: Path) -> None:
    run("build", "--data", str(copy))
    shutil.copytree(copy, tmp_path / "data")
    for profile in ("parts-marketplace", "radiology-group"):
        answers = [
            run("recommend", profile, "--data", str(d), "--format", "json").stdout for d in (copy, tmp_path / "data")
        ]
        assert answers[0] == answers[1]
        assert json.loads(answers[0])["recommendations"]


def test_the_json_export_has_the_promised_form(catalogue: Catalogue) -> None:
    data = json.loads(output("export", "--format", "json"))
    assert data["version"] == catalogue.edition.id
    for name in ("challenges", "solutions", "addressings", "limitations", "articles", "vocabulary"):
        assert data[name]
        assert all(r["id"] and r["basis"] for r in data[name]), name
    assert all({"solution", "challenge", "coverage"} <= set(a) for a in data["addressings"])
    assert all({"solution", "factor", "effect"} <= set(x) for x in data["limitations"])
    assert all({"title", "year"} <= set(a) for a in data["articles"])
    assert any("doi" in a for a in data["articles"])
    assert any("arxiv" in a for a in data["articles"])


@pytest.mark.parametrize(("format_", "parser"), [("ttl", "turtle"), ("nt", "nt"), ("jsonld", "json-ld")])
def test_graph_exports_parse(format_: str, parser: str, tmp_path: Path) -> None:
    output("export", "--format", format_, "--out", str(tmp_path / "out"))
    assert len(Graph().parse(tmp_path / "out", format=parser)) > 10_000


def test_tables_open_as_csv_and_as_a_workbook(tmp_path: Path, catalogue: Catalogue) -> None:
    import csv
    import io

    from openpyxl import load_workbook

    for table in ("challenges", "solutions", "addressings", "limitations", "articles", "vocabulary"):
        rows = list(csv.DictReader(io.StringIO(output("export", "--format", "csv", "--table", table))))
        expected = catalogue.concepts if table == "vocabulary" else getattr(catalogue, table)
        assert len(rows) == len(expected)
    output("export", "--format", "xlsx", "--out", str(tmp_path / "c.xlsx"))
    book = load_workbook(tmp_path / "c.xlsx", read_only=True)
    assert book.sheetnames == [
        "about",
        "challenges",
        "solutions",
        "addressings",
        "limitations",
        "articles",
        "vocabulary",
    ]
    assert catalogue.edition.id in str(book["about"]["A2"].value)


def test_bibtex_is_read_back(tmp_path: Path, catalogue: Catalogue) -> None:
    from kb.source import read_bibtex

    output("export", "--format", "bibtex", "--out", str(tmp_path / "c.bib"))
    documents, faults = read_bibtex(tmp_path / "c.bib", "c.bib")
    assert faults == []
    assert {d.data["id"] for d in documents} == {a.id for a in catalogue.articles}


def test_recommend_is_readable_and_whole() -> None:
    text = output("recommend", "data/profiles/radiology-group.yaml")
    for part in (
        "Your challenges",
        "What you can use",
        "What is blocked for you",
        "Sources",
        "No human expert has reviewed",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) <= 140
    page = output("recommend", "radiology-group", "--format", "markdown")
    assert page.startswith("# Radiology group of three hospitals")
    assert "## What is blocked for you" in page


def test_the_json_answer_has_the_promised_form(catalogue: Catalogue) -> None:
    answer = json.loads(output("recommend", "parts-marketplace", "--format", "json"))
    assert {"notice", "unknown", "catalogue", "challenges", "recommendations", "blocked", "gaps"} <= set(answer)
    assert all({"facet", "solutions_hanging"} <= set(u) for u in answer["unknown"])
    assert all({"id", "severity", "availability"} <= set(c) for c in answer["challenges"])
    keys = {"solution", "score", "worst", "verdict", "deciders", "challenges", "contributions", "cautions"}
    assert all(keys <= set(r) for r in answer["recommendations"])
    assert all({"solution", "because"} <= set(b) for b in answer["blocked"])
    assert any(r["verdict"] == "undecided" and r["deciders"] for r in answer["recommendations"])


def test_a_profile_that_is_wrong_is_told_with_the_nearest_names(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("budjet: small\nskills: [statistic]\nchallenges: {data-drift: 9}\n")
    done = run("recommend", str(file))
    assert done.returncode == 2
    assert f"{file}:1: budjet: is no facet and no field of a profile; did you mean budget?" in done.stderr
    assert f"{file}:2: skills[0]: 'statistic' is not a value of skills; did you mean statistics?" in done.stderr
    assert "from 1 (minor) to 5 (critical)" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["recommend", "nobody"], "one of the packaged examples: city-traffic-office"),
        (["recommmend", "x"], "Did you mean recommend?"),
        (["match"], "give one text"),
        (["match", "   "], "there is no text"),
        (["match", "--file", "/nowhere"], "cannot be read"),
        (["export", "--format", "docx"], "is not one of"),
        (["export", "--format", "json", "--out", "/nowhere/x.json"], "is not a folder"),
        (["sparql", "SELEC"], "expected"),
        (["sparql", "@/nowhere.rq"], "cannot be read"),
        (["diff", "1999.1.1"], "there is no release 1999.1.1"),
        (["recommend", "radiology-group", "--colour"], "No such option"),
    ],
)
def test_bad_usage_exits_with_two_and_says_what_to_do(args: list[str], message: str) -> None:
    done = run(*args)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_no_catalogue_is_told() -> None:
    done = run("validate", "--data", "/nowhere")
    assert done.returncode == 1
    assert "is not a folder" in done.stderr


def test_match_ranks_all_challenges_for_each_line(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("the same customer is entered twice under different names\n\nmodel got worse over the months\n")
    rows = json.loads(output("match", "--file", str(file), "--format", "json"))
    assert [r["text"] for r in rows] == [
        "the same customer is entered twice under different names",
        "",
        "model got worse over the months",
    ]
    for row in rows:
        scores = [m["score"] for m in row["matches"]]
        assert len(scores) == 20
        assert scores == sorted(scores, reverse=True)
    assert rows[0]["matches"][0]["challenge"] == "deduplication-complexity"
    assert "deduplication-complexity" in output("match", "the same customer is entered twice under different names")


def test_words_that_fit_nothing_are_answered_with_nothing() -> None:
    text = output("match", "qqq zzz")
    assert "0.000" not in text
    assert "No confident match" in text


def test_gaps_are_listed(catalogue: Catalogue) -> None:
    data = json.loads(output("gaps", "--format", "json"))
    assert set(data["missing"]) == {c.id for c in catalogue.challenges}
    assert output("gaps", "--format", "markdown").startswith("# Gaps on record in catalogue")


def test_sparql_answers_and_exits_with_two_on_a_bomb() -> None:
    prefix = "PREFIX pv: <https://w3id.org/provender/ontology#> "
    assert output(
        "sparql", prefix + "SELECT (COUNT(?c) AS ?n) WHERE { ?c a pv:Challenge }", "--format", "csv"
    ).split() == ["n", "20"]
    assert run("sparql", "-", stdin=prefix + "ASK { ?c a pv:Challenge }").stdout.strip() == "true"
    done = run("sparql", "SELECT * { " + "(" * 100_000)
    assert done.returncode == 2


def test_diff_says_what_changed(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    for old, new in ((f'id: "{EDITION}"', 'id: "2026.12.1"'),):
        file = tmp_path / "data/catalogue.yaml"
        file.write_text(file.read_text().replace(old, new))
    assert run("diff", EDITION, "--data", str(tmp_path / "data")).returncode == 0
    file = tmp_path / "data/solutions/dropout.yaml"
    raw: dict[str, Any] = yaml.safe_load(file.read_text())
    file.write_text(file.read_text().replace(f"label: {raw['label']}", "label: Something else"))
    done = run("diff", EDITION, "--data", str(tmp_path / "data"), "--format", "json")
    assert done.returncode == 1
    assert [(c["change"], c["id"], c["fields"]) for c in json.loads(done.stdout)] == [("changed", "dropout", ["label"])]
    assert run("release", "--data", str(tmp_path / "data")).returncode == 0
    assert run("diff", EDITION, "2026.12.1", "--data", str(tmp_path / "data")).returncode == 1


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = "import sys, runpy; sys.argv = ['provender', {}]\ntry: runpy.run_module('api.cli', run_name='x')['main']()\nexcept SystemExit: pass\nprint([m for m in ('sklearn', 'sqlmodel', 'rdflib', 'fastapi', 'pydantic') if m in sys.modules], file=sys.stderr)"
    python = Path(PROVENDER).parent / "python"
    helped = subprocess.run(
        [python, "-c", code.format("'--help'")], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert helped.stderr.strip() == "[]"
    asked = subprocess.run(
        [python, "-c", code.format("'recommend', 'press-shop'")], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert "sklearn" not in asked.stderr
    assert "rdflib" not in asked.stderr
    assert "sqlmodel" not in asked.stderr


def test_build_loads_a_database_and_tells_what_it_cannot(copy: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    done = run("build", "--data", str(copy), "--database", f"sqlite:///{tmp_path / 'c.sqlite'}")
    assert done.returncode == 0, done.stderr
    assert sqlite3.connect(tmp_path / "c.sqlite").execute("SELECT count(*) FROM solution").fetchone() == (
        len(catalogue.solutions),
    )
    for url, message in (
        ("mysql://x/y", "use sqlite:///FILE"),
        ("junk", "use sqlite:///FILE"),
        ("postgresql://nobody@127.0.0.1:9/x", "cannot be used"),
    ):
        failed = run("build", "--data", str(copy), "--database", url)
        assert failed.returncode == 2
        assert message in failed.stderr


def test_reconcile_says_what_differs(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("kind,name\nchallenge,Data drifts\nchallenge,Moon phases\n")
    done = run("reconcile", str(tmp_path / "t.csv"))
    assert done.returncode == 1
    assert "t.csv:2: Data drifts: matches (data-drift)" in done.stdout
    assert "t.csv:3: Moon phases: not in the catalogue" in done.stdout


def test_ask_interviews_until_the_first_five_are_settled(tmp_path: Path) -> None:
    out = tmp_path / "p.json"
    done = run("ask", "parts-marketplace", "--out", str(out), stdin="\n" * 40)
    assert done.returncode == 0, done.stderr
    assert "the first of your options:" in done.stdout
    again = run("ask", "press-shop", "--out", str(out), stdin="\n" * 40)
    assert "Settled after 0 answers" in again.stdout
    assert run("recommend", str(out)).returncode == 0
    free = run("ask", stdin="the same customer is entered twice under different names\n" + "\n" * 60)
    assert "taken as: Deduplication complexity" in free.stdout
    (tmp_path / "q.yaml").write_text("challenges: {data-drift: 4}\n")
    state = json.loads(output("ask", str(tmp_path / "q.yaml"), "--next"))
    assert state["question"]["facet"] in state["open_facets"]


def test_explain_gives_three_answers() -> None:
    text = output("explain", "schema-based-data-validation", "contract-start-up")
    for part in ("What clashes", "What to change", "Pipeline orchestrator", "What else does a like job"):
        assert part in text
    data = json.loads(output("explain", "secure-aggregation", "press-shop", "--format", "json"))
    assert data["unlocks"] == []
    assert "does not fit your case" in data["no_unlock"]
    done = run("explain", "secure-agregation", "press-shop")
    assert done.returncode == 2
    assert "did you mean secure-aggregation" in done.stderr


def test_weights_can_be_set_for_one_answer() -> None:
    plain = json.loads(output("recommend", "press-shop", "--format", "json"))
    moved = json.loads(output("recommend", "press-shop", "--format", "json", "--weight", "knowledge=0.8"))
    assert [r["score"] for r in plain["recommendations"]] != [r["score"] for r in moved["recommendations"]]
    assert {"leader", "fragile", "ranges"} <= set(plain["stability"])
    for wrong in ("easy=1", "depth=2", "depth"):
        assert run("recommend", "press-shop", "--weight", wrong).returncode == 2


def test_plan_makes_a_roadmap_and_a_front() -> None:
    text = output("plan", "radiology-group", "--euros", "60000")
    for part in ("Quarter 1", "What each challenge gains", "Left out", "estimates"):
        assert part in text
    made = json.loads(output("plan", "radiology-group", "--format", "json"))
    assert made["gap"] <= 0.01
    assert made["limits"]["assumed"]
    points = json.loads(output("plan", "press-shop", "--pareto", "--format", "json"))
    assert points[-1]["euros"] == 0
    assert run("plan", "press-shop", "--euros", "-5").returncode == 2


def test_compare_says_what_became_of_each_solution() -> None:
    assert "became blocked" in output("compare", "press-shop", "city-traffic-office")
    same = json.loads(output("compare", EDITION, "working", "--profile", "press-shop", "--format", "json"))
    assert same["shifts"] == []
    assert run("compare", "1.1", "working", "--profile", "press-shop").returncode == 2


def test_answers_keep_to_their_published_schema(copy: Path) -> None:
    import jsonschema

    run("build", "--data", str(copy))
    schema = json.loads((copy.parent / "build" / "answer.schema.json").read_text())
    for profile in ("parts-marketplace", "help-desk"):
        jsonschema.validate(
            json.loads(run("recommend", profile, "--data", str(copy), "--format", "json").stdout), schema
        )
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"notice": 3}, schema)
    jsonschema.validate(
        json.loads(output("export", "--format", "json"))["edition"],
        {**json.loads((copy.parent / "build" / "schema.json").read_text())["$defs"]["Edition"], "$defs": {}},
    )


def test_a_catalogue_without_kept_shapes_is_held_against_those_of_the_records(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("ontology", "releases", "profiles"))
    done = run("build", "--data", str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    (tmp_path / "data/ontology").mkdir()
    (tmp_path / "data/ontology/shapes.ttl").write_text("this is no Turtle")
    broken = run("build", "--data", str(tmp_path / "data"))
    assert broken.returncode == 1
    assert "data/ontology/shapes.ttl: cannot be read" in broken.stderr
    assert "Traceback" not in broken.stderr


def test_blocked_solutions_beyond_the_first_are_named() -> None:
    few, all_ = (output("recommend", "help-desk", "--blocked", n) for n in ("2", "50"))
    assert "Blocked too" in few
    assert "Blocked too" not in all_
    assert len(few) < len(all_)
