from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb.faults import CatalogueError
from kb.load import load_catalogue
from kb.reconcile import attest, read_table, reconcile
from kb.records import Catalogue
from tests.conftest import DATA

TABLE = """kind,name,phase,doi
challenge,Data drifts,post-deployment,
challenge,Concept drift,,
challenge,Dirty data,deployment,
challenge,Lack of labeled data,,
challenge,Quantum entanglement of tapes,,
article,Dropout: A Simple Way to Prevent Neural Networks from Overfitting,,
article,Somebody else's title,,10.1145/3292500.3330646
article,A paper nobody wrote,,
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path / "t.csv"


def test_each_row_is_compared(catalogue: Catalogue, table: Path) -> None:
    items = reconcile(catalogue, read_table(table))
    rows = [(i.outcome, i.record) for i in items if i.line]
    assert rows == [
        ("matches", "data-drift"),
        ("differs", "data-drift"),
        ("differs", "dirty-data"),
        ("differs", "lack-of-labelled-data"),
        ("not in the catalogue", None),
        ("matches", "srivastava2014dropout"),
        ("matches", "liang2019urbanfm"),
        ("not in the catalogue", None),
    ]
    assert "puts it into data-preprocessing" in items[2].detail
    missing = [i for i in items if i.outcome == "not in the table"]
    assert len([i for i in missing if i.kind == "challenge"]) == 17
    assert len([i for i in missing if i.kind == "article"]) == 46


def test_what_is_attested_is_written_back_and_the_catalogue_stays_sound(
    catalogue: Catalogue, table: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(DATA, data, ignore=shutil.ignore_patterns("releases"))
    items = [i for i in reconcile(catalogue, read_table(table)) if i.name != "Concept drift"]
    changed = {f.name for f in attest(items, catalogue, data)}
    assert changed == {"data-drift.yaml", "dirty-data.yaml", "lack-of-labelled-data.yaml", "articles.bib"}
    again = load_catalogue(data)
    held = {c.id: c for c in again.challenges}
    assert held["lack-of-labelled-data"].label == "Lack of labeled data"
    assert "Lack of labelled data" in held["lack-of-labelled-data"].also
    assert {c.id for c in again.challenges if c.basis == "study-attested"} == {
        "data-drift",
        "dirty-data",
        "lack-of-labelled-data",
    }
    assert {a.id for a in again.articles if a.basis == "study-attested"} == {
        "srivastava2014dropout",
        "liang2019urbanfm",
    }
    assert held["overfitting"] == next(c for c in catalogue.challenges if c.id == "overfitting")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "lacks the column kind, name"),
        ("kind,name\ndream,x\n", "2: kind: is 'dream'"),
        ("kind,name\narticle,\n", "2: name: is empty"),
    ],
)
def test_a_table_that_is_wrong_is_told(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(CatalogueError, match=message):
        read_table(tmp_path / "t.csv")
