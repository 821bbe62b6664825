"""The shipped models and policies on a fixed day, as documents are filled from them."""

from __future__ import annotations

import datetime as dt

import pytest

from risicoscreener import Screener
from risicoscreener.governance import Known

AS_OF = dt.date(2026, 11, 30)


@pytest.fixture(scope="session")
def screener() -> Screener:
    return Screener.load()


@pytest.fixture(scope="session")
def known(screener) -> Known:
    return Known(screener.bundle, screener.policies, AS_OF)
