"""A policy for leave to try things on."""

from __future__ import annotations

import pytest

from decision import trial
from risicoscreener.decision import CompiledPolicy


@pytest.fixture(scope="session")
def leave() -> CompiledPolicy:
    return trial.NEW
