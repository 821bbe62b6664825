"""The compiled library, where there is one; the gate asks for it."""

from __future__ import annotations

import os

import pytest

from risicoscreener import native


@pytest.fixture(scope="session")
def library() -> native.Library:
    found = native.library()
    if found is None:
        if os.environ.get("RISICOSCREENER_REQUIRE_NATIVE"):
            pytest.fail(str(native.why_not()))
        pytest.skip(str(native.why_not()))
    return found
