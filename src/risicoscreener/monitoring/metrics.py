"""What a monitor found as metrics that Prometheus reads from a file."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from risicoscreener.monitoring.finding import StreamFound
    from risicoscreener.monitoring.result import Monitored

PREFIX = "risicoscreener_monitor"
_HELP = {
    "alarm": "1 if the stream raised an alarm, else 0.",
    "log_e": "Natural log of the e-value; of a CUSUM the larger sum over its limit.",
    "threshold": "What the former is an alarm from, whatever other streams do.",
    "observed": "What was counted, since the change if there is an alarm; absent if withheld.",
    "expected": "What was to be expected of it.",
    "people": "Among how many it was counted.",
}


def metrics_text(found: Monitored) -> str:
    """Metrics in the text format of Prometheus (version 0.0.4), for its textfile collector.

    Counts that are withheld are left out.
    """
    lines: list[str] = []
    for name, text in _HELP.items():
        lines += [f"# HELP {PREFIX}_{name} {text}", f"# TYPE {PREFIX}_{name} gauge"]
        for one in found.streams:
            value = _value(name, one)
            if value is not None:
                lines.append(f"{PREFIX}_{name}{{{_labels(found, one)}}} {_number(value)}")
    model = f'model="{escaped(found.settings.model)}"'
    for name, text, value in _of_run(found):
        lines += [
            f"# HELP {PREFIX}_{name} {text}",
            f"# TYPE {PREFIX}_{name} gauge",
            f"{PREFIX}_{name}{{{model}}} {_number(value)}",
        ]
    return "\n".join(lines) + "\n"


def _value(name: str, one: StreamFound) -> float | None:
    values = {
        "alarm": float(one.is_alarm),
        "log_e": one.log_e,
        "threshold": one.threshold,
        "observed": one.observed,
        "expected": one.expected,
        "people": one.n,
    }
    return values[name]


def _of_run(found: Monitored) -> Iterator[tuple[str, str, float]]:
    yield "alarms", "Number of streams that raised an alarm.", float(len(found.alarms))
    yield "periods", "Number of periods that were counted.", float(len(found.periods))
    text = "Number of streams in which nothing was counted lately."
    yield "silent", text, float(len(found.silent))
    if found.bundles:
        text = "Number of models that the screenings were made with: one test is of one."
        yield "models", text, float(len(found.bundles))
    if found.state.queue:
        text = "Deep assessments that waited at the end of the last period."
        yield "waiting", text, float(found.state.queue[-1])
    as_of = dt.datetime.combine(found.as_of, dt.time(), dt.UTC)
    text = "Day up to which the tables were complete, in seconds since 1970."
    yield "as_of_timestamp_seconds", text, as_of.timestamp()


def _labels(found: Monitored, one: StreamFound) -> str:
    named = {
        "model": found.settings.model,
        "stream": one.key.split("/")[0],
        "kind": one.kind,
        "column": one.column,
        "group": one.label,
    }
    return ",".join(f'{name}="{escaped(value)}"' for name, value in named.items())


def escaped(value: str) -> str:
    """The value of a label as the format wants it."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(float(value))
