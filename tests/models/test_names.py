"""Every public name of a part of the models is a name of `risicoscreener.models` too."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from risicoscreener import models

PARTS = (
    "calibrating",
    "estimators",
    "honesty",
    "missing",
    "time",
    "uncertainty",
    "updating",
)
LIGHT = """
import sys
import risicoscreener.models as models
from risicoscreener.models import Bundle, Ensemble, VennAbers
assert "ScorecardClassifier" in dir(models)
print([m for m in ("sklearn", "scipy", "pandas", "statsmodels", "matplotlib") if m in sys.modules])
"""


@pytest.mark.parametrize("part", PARTS)
def test_a_public_name_of_a_part_is_the_same_thing_here(part: str) -> None:
    module = import_module(f"risicoscreener.models.{part}")
    for name in module.__all__:
        assert getattr(models, name) is getattr(module, name)
        assert name in models.__all__


def test_every_name_that_is_listed_exists_and_is_listed_once() -> None:
    assert len(set(models.__all__)) == len(models.__all__)
    for name in models.__all__:
        assert getattr(models, name) is not None


def test_an_unknown_name_is_refused_as_of_any_module() -> None:
    with pytest.raises(AttributeError, match="no attribute 'shoe_size'"):
        models.shoe_size  # noqa: B018


def test_the_names_cost_nothing_until_they_are_used() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
