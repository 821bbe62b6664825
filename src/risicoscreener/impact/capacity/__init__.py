"""Capacity: how many cells, how much work, and what a rule would change, with intervals.

>>> from risicoscreener.impact.capacity import Stays, forecast            # doctest: +SKIP
>>> stays = Stays.of(dossiers, as_of, seen_from=first)                     # doctest: +SKIP
>>> print(forecast(stays, months=24).text("en"))                           # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from risicoscreener.impact.capacity.backtesting import Backtest, backtest
    from risicoscreener.impact.capacity.changes import (
        Arrivals,
        ConditionalRelease,
        LowSecurity,
        Programme,
        Replaced,
        Scenario,
        StayLength,
    )
    from risicoscreener.impact.capacity.closed_form import (
        expected_occupancy,
        sinusoidal_occupancy,
    )
    from risicoscreener.impact.capacity.comparing import ForecastComparison, compare_forecasts
    from risicoscreener.impact.capacity.forecasting import forecast
    from risicoscreener.impact.capacity.policy import outcomes_under
    from risicoscreener.impact.capacity.published import against_published
    from risicoscreener.impact.capacity.result import Forecast
    from risicoscreener.impact.capacity.settings import CapacitySettings, Task
    from risicoscreener.impact.capacity.shortages import Bottleneck, bottlenecks
    from risicoscreener.impact.capacity.stays import Stays

_HOME = {
    "Arrivals": "changes",
    "Backtest": "backtesting",
    "Bottleneck": "shortages",
    "CapacitySettings": "settings",
    "ConditionalRelease": "changes",
    "Forecast": "result",
    "ForecastComparison": "comparing",
    "LowSecurity": "changes",
    "Programme": "changes",
    "Replaced": "changes",
    "Scenario": "changes",
    "StayLength": "changes",
    "Stays": "stays",
    "Task": "settings",
    "against_published": "published",
    "backtest": "backtesting",
    "bottlenecks": "shortages",
    "compare_forecasts": "comparing",
    "expected_occupancy": "closed_form",
    "forecast": "forecasting",
    "outcomes_under": "policy",
    "sinusoidal_occupancy": "closed_form",
}

__all__ = [
    "Arrivals",
    "Backtest",
    "Bottleneck",
    "CapacitySettings",
    "ConditionalRelease",
    "Forecast",
    "ForecastComparison",
    "LowSecurity",
    "Programme",
    "Replaced",
    "Scenario",
    "StayLength",
    "Stays",
    "Task",
    "against_published",
    "backtest",
    "bottlenecks",
    "compare_forecasts",
    "expected_occupancy",
    "forecast",
    "outcomes_under",
    "sinusoidal_occupancy",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
