"""Without the optional libraries, what needs them says what to install."""

from __future__ import annotations

import sys

import pytest

from risicoscreener.errors import ScaleError
from risicoscreener.scale import dask, spark


def without(monkeypatch, library: str) -> None:
    """As if a library were not installed."""
    for name in [library, *sys.modules]:
        if name == library or name.startswith(f"{library}."):
            monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize("way", [spark.screen, spark.features, spark.problems])
def test_spark_is_asked_for_by_name(monkeypatch, way):
    without(monkeypatch, "pyspark")
    with pytest.raises(ScaleError, match=r"needs the package pyspark: install risicoscreener\[sc"):
        way({})


def test_dask_is_asked_for_by_name(monkeypatch, tmp_path):
    without(monkeypatch, "dask")
    with pytest.raises(ScaleError, match=r"needs the package dask: install risicoscreener\[scale"):
        dask.screen(tmp_path)
