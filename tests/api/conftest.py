"""A published catalogue, for the programs and servers under test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from api.build import build
from api.publication import UnsettledError, open_publication
from kb.home import build_folder, fresh_build
from tests.conftest import DATA


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the catalogue's folder with a whole build beside it, made anew only if the checkout's is stale."""
    folder = tmp_path_factory.mktemp("published") / "data"
    built = fresh_build(DATA)
    try:
        if built is None:
            raise UnsettledError("stale")
        open_publication(built)
    except (UnsettledError, KeyError, ValueError, TypeError):
        shutil.copytree(DATA, folder)
        list(build(folder, build_folder(folder)))
        return folder
    shutil.copytree(DATA, folder)
    shutil.copytree(built, build_folder(folder), ignore=shutil.ignore_patterns("site", "pages"))
    return folder
