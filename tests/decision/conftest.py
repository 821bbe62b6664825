"""The shipped policies for leave."""

from __future__ import annotations

from datetime import date

import pytest

from risicoscreener.decision import CompiledPolicy, PolicyBook


@pytest.fixture(scope="session")
def leave() -> CompiledPolicy:
    return PolicyBook.shipped().pick("leave", date(2022, 1, 1))
