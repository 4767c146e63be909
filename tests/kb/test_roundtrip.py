"""Both stores say the same as the sources: YAML → SQL → RDF → records is the identity."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given
from rdflib import Graph

from kb.export import FORMATS
from kb.graph import from_graph, to_graph
from kb.load import load_catalogue
from kb.normal import from_object, to_json
from kb.records import Catalogue
from kb.store import connect, read, write_sqlite
from tests.folders import write_folder
from tests.generators import catalogues


def through_sql(catalogue: Catalogue, folder: Path) -> Catalogue:
    write_sqlite(catalogue, folder / "c.sqlite")
    with connect(f"sqlite:///{folder / 'c.sqlite'}") as connection:
        return read(connection)


def test_the_real_catalogue_survives_sql_then_rdf(catalogue: Catalogue, tmp_path: Path) -> None:
    assert from_graph(to_graph(through_sql(catalogue, tmp_path))) == catalogue


@given(catalogues())
def test_any_catalogue_survives_yaml_then_sql_then_rdf(generated: Catalogue) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_folder(generated, folder / "data")
        loaded = load_catalogue(folder / "data")
        assert loaded == generated
        assert from_graph(to_graph(through_sql(loaded, folder))) == generated


@given(catalogues())
def test_any_catalogue_survives_its_normal_form(generated: Catalogue) -> None:
    text = to_json(generated)
    assert from_object(json.loads(text)) == generated
    assert to_json(from_object(json.loads(text))) == text


@given(catalogues())
def test_every_graph_format_parses_to_the_same_graph(generated: Catalogue) -> None:
    expected = set(to_graph(generated))
    for name, parser in (("ttl", "turtle"), ("nt", "nt"), ("jsonld", "json-ld")):
        assert set(Graph().parse(data=FORMATS[name](generated), format=parser)) == expected, name


def test_exports_are_the_same_bytes_every_time(catalogue: Catalogue) -> None:
    for name, make in FORMATS.items():
        assert make(catalogue) == make(from_object(json.loads(to_json(catalogue)))), name


def test_a_one_record_change_is_a_small_turtle_diff(catalogue: Catalogue) -> None:
    first, *rest = catalogue.challenges
    changed = catalogue.model_copy(update={"challenges": (first.model_copy(update={"label": "Changed"}), *rest)})
    before = FORMATS["ttl"](catalogue).splitlines()
    after = FORMATS["ttl"](changed).splitlines()
    assert len(set(before) ^ set(after)) == 2
    assert len(before) == len(after)
