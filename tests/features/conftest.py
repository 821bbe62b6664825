"""What is computed of dossiers is tested with the compiled library, where there is one, and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from risicoscreener import native
from risicoscreener.features import kernels

WAYS = ["compiled", "plain"] if native.library() else ["plain"]


@pytest.fixture(scope="module", autouse=True, params=WAYS)
def _way(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param == "compiled":
        yield
        return
    with native.without():
        yield


@pytest.fixture
def own_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels that a test registers are gone after it."""
    monkeypatch.setattr(kernels, "_KERNELS", dict(kernels._KERNELS))
