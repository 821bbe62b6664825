"""The shipped screener, the example dossiers, and a small synthetic cohort, made once."""

from __future__ import annotations

from typing import Any

import pytest

from cases import example
from risicoscreener import Screener
from risicoscreener.synthetic import Cohort, simulate


@pytest.fixture(scope="session")
def screener() -> Screener:
    return Screener.load()


@pytest.fixture(scope="session")
def cohort() -> Cohort:
    return simulate(1000, seed=7, population="sentenced")


@pytest.fixture
def granted() -> dict[str, Any]:
    """The dossier of the example that is granted a leave, as plain values."""
    return example("grant")
