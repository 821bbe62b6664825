"""The three data sets, loaded once; COMPAS from a made-up file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from risicoscreener.datasets import Dataset, load_compas, load_recid, load_rossi

from .compas_file import compas_frame

NAMES = ("recid", "rossi", "compas")


@pytest.fixture(scope="session")
def recid() -> Dataset:
    return load_recid()


@pytest.fixture(scope="session")
def rossi() -> Dataset:
    return load_rossi()


@pytest.fixture(scope="session")
def compas_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compas") / "made-up.csv"
    compas_frame().to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def compas(compas_path: Path) -> Dataset:
    return load_compas(compas_path)


@pytest.fixture(scope="session", params=NAMES)
def data(request: pytest.FixtureRequest) -> Dataset:
    found: Dataset = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def real_compas() -> str:
    """Path of the real file, which nobody ships."""
    path = os.environ.get("RISICOSCREENER_COMPAS")
    if not path:
        pytest.skip("RISICOSCREENER_COMPAS does not name ProPublica's file")
    return path
