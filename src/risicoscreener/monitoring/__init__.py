"""What happens with screenings over time: a model in use, and the people who decide with it.

`monitor` watches a model by the streams of a configuration (`read_settings`), from tables
(`screenings_of`, `outcomes_of`) or a record (`table_of_record`); `overrides` and
`unusual_deciders` look at how people follow screenings.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from risicoscreener.monitoring.following import (
    OverrideRow,
    OverrideTable,
    Share,
    decisions_in,
    overrides,
)
from risicoscreener.monitoring.unusual import UnusualDecider, unusual_deciders

if TYPE_CHECKING:
    from risicoscreener.monitoring.advice import Advice, advise
    from risicoscreener.monitoring.finding import StreamFound
    from risicoscreener.monitoring.from_record import table_of_record
    from risicoscreener.monitoring.metrics import metrics_text
    from risicoscreener.monitoring.reading import outcomes_of, screenings_of
    from risicoscreener.monitoring.result import Monitored
    from risicoscreener.monitoring.running import monitor
    from risicoscreener.monitoring.settings import MonitorSettings, StreamSettings, read_settings
    from risicoscreener.monitoring.state import MonitorState, read_state
    from risicoscreener.monitoring.tables import Outcomes, Screenings
    from risicoscreener.monitoring.whole import checked_state

_HOME = {
    "Advice": "advice",
    "MonitorSettings": "settings",
    "MonitorState": "state",
    "Monitored": "result",
    "Outcomes": "tables",
    "Screenings": "tables",
    "StreamFound": "finding",
    "StreamSettings": "settings",
    "advise": "advice",
    "checked_state": "whole",
    "metrics_text": "metrics",
    "monitor": "running",
    "outcomes_of": "reading",
    "read_settings": "settings",
    "read_state": "state",
    "screenings_of": "reading",
    "table_of_record": "from_record",
}

__all__ = [
    "Advice",
    "MonitorSettings",
    "MonitorState",
    "Monitored",
    "Outcomes",
    "OverrideRow",
    "OverrideTable",
    "Screenings",
    "Share",
    "StreamFound",
    "StreamSettings",
    "UnusualDecider",
    "advise",
    "checked_state",
    "decisions_in",
    "metrics_text",
    "monitor",
    "outcomes_of",
    "overrides",
    "read_settings",
    "read_state",
    "screenings_of",
    "table_of_record",
    "unusual_deciders",
]


def __getattr__(name: str) -> object:
    # Whoever looks at overrides alone does not pay for the tests.
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
