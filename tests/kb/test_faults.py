"""Thirty-odd ways to break a catalogue; each is told with the right file and field, and all at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.faults import CatalogueError
from kb.home import validated
from kb.load import load_catalogue
from kb.records import Catalogue
from tests.conftest import DATA, EDITION

KEPT = ("dropout", "secure-aggregation", "federated-averaging", "data-unit-tests", "schema-based-data-validation")


@pytest.fixture(scope="session")
def small(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real catalogue cut down to a few solutions, so that each test loads in no time."""
    folder = tmp_path_factory.mktemp("small") / "data"
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("releases", "ontology", "profiles"))
    for file in (folder / "solutions").glob("*.yaml"):
        if file.stem not in KEPT:
            file.unlink()
    load_catalogue(folder)
    return folder


Edit = Callable[[Path], None]


def swap(name: str, old: str, new: str) -> Edit:
    def edit(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def put(name: str, content: bytes) -> Edit:
    return lambda folder: (folder / name).write_bytes(content) and None


def when(condition: str) -> Edit:
    """Give dropout one more limitation, with this condition."""
    text = f"""
  - id: broken
    factor: cost
    says: A sentence for the test.
    when: {condition}
    effect: blocks
    evidence: [{{kind: argument}}]
"""
    return lambda folder: (folder / "solutions/dropout.yaml").open("a", encoding="utf-8").write(text) and None


D, C, V = "solutions/dropout.yaml", "challenges/overfitting.yaml", "vocabulary/budget.yaml"
S, F = "solutions/secure-aggregation.yaml", "solutions/federated-averaging.yaml"
DEEP = b"id: dropout\nlabel: " + b"[" * 40 + b"]" * 40
BROKEN: dict[str, tuple[Edit, str, str, str]] = {
    "unknown challenge": (swap(D, "challenge: overfitting", "challenge: overfiting"), D, "addresses[0].challenge", "did you mean overfitting"),
    "dangling article": (swap(D, "article: srivastava2014dropout", "article: nobody2014"), D, "article", "there is no article"),
    "dangling prerequisite": (swap(S, "prerequisites: [", "prerequisites: [nothing-here, "), S, "prerequisites", "there is no solution"),
    "duplicate id": (
        lambda f: shutil.copy(f / "articles.bib", f / "x") and (f / "articles.bib").write_text(
            (f / "x").read_text() + "\n@misc{guo2016entity, author = {A B}, title = {T}, year = {2000}, basis = {curated}}\n"
        ) and None,
        "articles.bib", "guo2016entity", "used twice",
    ),
    "duplicate limitation id": (
        lambda f: swap(D, "limitations:\n", "limitations:\n  - id: broken\n    factor: cost\n    says: One.\n    when: {budget: {below: small}}\n    effect: blocks\n    evidence: [{kind: argument}]\n")(f) or when("{budget: {below: medium}}")(f),
        D, ".id", "already used at",
    ),
    "file name and id disagree": (lambda f: (f / D).rename(f / "solutions/drop-out.yaml") and None, "solutions/drop-out.yaml", "id", "must agree"),
    "unknown facet": (when("{buget: {below: small}}"), D, ".when", "did you mean budget"),
    "unknown value": (when("{budget: {below: smal}}"), D, ".when", "did you mean small"),
    "unknown test": (when("{budget: {under: small}}"), D, ".when", "no test 'under'"),
    "test of the wrong kind": (when("{budget: {has: small}}"), D, ".when", "is ordered"),
    "impossible clause": (when("{volume: {at_least: large, below: medium}}"), D, ".when", "can never hold"),
    "condition against itself": (when("{all: [{modality: {has: text}}, {modality: {lacks: text}}]}"), D, ".when", "can never hold"),
    "tautology": (when("{any: [{budget: {below: small}}, {budget: {at_least: small}}]}"), D, ".when", "true of every organisation"),
    "always true test": (when("{volume: {at_least: small}}"), D, ".when", "always true"),
    "never true test": (when("{budget: {below: none}}"), D, ".when", "never true"),
    "means the wrong way round": (when("{skills: {has: statistics}}"), D, ".when", "is a means"),
    "level of means the wrong way round": (when("{budget: {at_least: medium}}"), D, ".when", "is a means"),
    "always that blocks": (when("always"), D, "limitations", "goes with `warns` only"),
    "condition that is no condition": (when("sometimes"), D, ".when", "a condition is"),
    "empty list in a condition": (when("{modality: {has_any: []}}"), D, ".when", "a list of values"),
    "missing basis of a solution": (swap(D, "\nbasis: curated", ""), D, "basis", "is missing"),
    "missing basis of a challenge": (swap(C, "\nbasis: reconstructed", ""), C, "basis", "where the record comes from"),
    "unknown basis": (swap(C, "basis: reconstructed", "basis: invented"), C, "basis", "not a concept of basis"),
    "out of vocabulary": (swap(D, "kind: method", "kind: trick"), D, "kind", "not a concept of kind"),
    "unknown phase": (swap(C, "phase: deployment", "phase: lunch"), C, "phase", "not a concept of phase"),
    "cycle in prerequisites": (
        swap(F, "prerequisites: []", "prerequisites: [secure-aggregation]"), F, "prerequisites", "break the cycle",
    ),
    "one-sided instead_of": (
        swap("solutions/data-unit-tests.yaml", "instead_of: [schema-based-data-validation]", "instead_of: []"),
        "solutions/schema-based-data-validation.yaml", "instead_of", "add it there",
    ),
    "reduces what is not addressed": (
        lambda f: when("{budget: {below: medium}}")(f) or swap(D, "effect: blocks\n    evidence: [{kind: argument}]\n", "effect: reduces\n    reduces: {data-drift: none}\n    evidence: [{kind: argument}]\n")(f),
        D, "reduces", "does not address data-drift",
    ),
    "effect without its reduction": (
        lambda f: when("{budget: {below: medium}}")(f) or swap(D, "effect: blocks\n    evidence: [{kind: argument}]\n", "effect: reduces\n    evidence: [{kind: argument}]\n")(f),
        D, "limitations", "go together",
    ),
    "figure in an argument": (
        lambda f: when("{budget: {below: medium}}")(f) or swap(D, "effect: blocks\n    evidence: [{kind: argument}]\n", "effect: blocks\n    evidence: [{kind: argument, says: gains 20 per cent}]\n")(f),
        D, "evidence[0]", "holds no figure",
    ),
    "evidence without a place": (
        lambda f: when("{budget: {below: medium}}")(f) or swap(D, "effect: blocks\n    evidence: [{kind: argument}]\n", "effect: blocks\n    evidence: [{kind: benchmark, source: guo2016entity}]\n")(f),
        D, "evidence[0]", "needs where, url, says",
    ),
    "misspelt field": (swap(D, "done_when:", "done_wen:"), D, "done_wen", "did you mean done_when"),
    "field given twice": (swap(D, "kind: method", "kind: method\nkind: tool"), D, "kind", "given twice"),
    "malformed YAML": (put(D, b"id: dropout\nlabel: [unclosed\n"), D, "", "not well-formed YAML"),
    "malformed BibTeX": (lambda f: (f / "articles.bib").open("a").write("\n@article{broken2020, title = {x\n") and None, "articles.bib", "", "not well-formed BibTeX"),
    "not UTF-8": (put(D, b"id: dropout\nlabel: caf\xe9\n"), D, "", "is not UTF-8"),
    "nested too deep": (put(D, DEEP), D, "", "deep"),
    "aliases": (put(D, b"id: &x dropout\nlabel: *x\n"), D, "", "aliases"),
    "too large": (put(D, b"# " + b"x" * 1_000_001), D, "", "split it"),
    "empty file": (put(D, b""), D, "", "is empty"),
    "a list where a record belongs": (put(D, b"- dropout\n"), D, "", "must be a mapping"),
    "a Python tag": (put(D, b"id: dropout\nlabel: !!python/name:os.system x\n"), D, "label", "is not used here"),
    "severed folder": (lambda f: shutil.rmtree(f / "challenges"), "challenges", "", "no .yaml file"),
    "wrong type": (swap(D, "person_weeks: [", "person_weeks: [many, "), D, "effort.person_weeks", "[low, high]"),
    "half a review": (swap(D, "reviewed: {on: null, by: null}", "reviewed: {on: 2026-11-22, by: null}"), D, "reviewed", "or neither"),
    "a version that is none": (swap("catalogue.yaml", f'id: "{EDITION}"', 'id: "1.0"'), "catalogue.yaml", "id", "year.month.number"),
    "facet without a question": (swap(V, "question:", "# question:"), V, "", "needs the question"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_catalogue_is_told_with_file_and_field(name: str, small: Path, tmp_path: Path) -> None:
    edit, file, field, message = BROKEN[name]
    folder = tmp_path / "data"
    shutil.copytree(small, folder)
    edit(folder)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    told = [f for f in caught.value.faults if f.file == f"data/{file}" and field in f.field and message in f.message]
    assert told, f"expected {file}: {field}: {message!r}, got:\n{caught.value}"
    if field:
        assert told[0].line >= 1


def test_there_are_thirty_kinds() -> None:
    assert len(BROKEN) >= 30


def test_all_faults_are_told_at_once(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(small, folder)
    swap(D, "kind: method", "kind: trick")(folder)
    swap(C, "phase: deployment", "phase: lunch")(folder)
    when("{buget: {below: small}}")(folder)
    put(V, b"id: [unclosed")(folder)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    files = {f.file for f in caught.value.faults}
    assert {f"data/{D}", f"data/{C}", f"data/{V}"} <= files


def test_the_line_is_the_line(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(small, folder)
    swap(D, "kind: method", "kind: trick")(folder)
    line = (folder / D).read_text(encoding="utf-8").splitlines().index("kind: trick") + 1
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    assert [(f.line, f.field) for f in caught.value.faults] == [(line, "kind")]


def test_a_folder_that_is_not_there_is_told() -> None:
    with pytest.raises(CatalogueError, match="is not a folder"):
        validated(Path("/nowhere/at/all"))
