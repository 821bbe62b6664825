"""The compiled library, where there is one; the gate asks for it."""

from __future__ import annotations

import pytest

from risicoscreener import native
from risicoscreener.native import building


@pytest.fixture(scope="session")
def library() -> native.Library:
    found = native.library()
    if found is None:
        if building.wanted() and building.required():
            pytest.fail(str(native.why_not()))
        pytest.skip(str(native.why_not()))
    return found
