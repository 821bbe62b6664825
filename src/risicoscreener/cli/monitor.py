"""The command that watches a model in use: `monitor`."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_day, as_path
from risicoscreener.cli.common import (
    EXIT_ALARM,
    EXIT_FAILED,
    bundle_of,
    read_frame,
    say_json,
    write_text,
)
from risicoscreener.errors import MonitoringError
from risicoscreener.writing import check_place

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.monitoring import Monitored, MonitorSettings, MonitorState


def _monitor(arguments: argparse.Namespace) -> int:
    from risicoscreener.monitoring import (
        advise,
        metrics_text,
        monitor,
        outcomes_of,
        read_settings,
        screenings_of,
    )

    for path in (arguments.output, arguments.metrics, arguments.state):
        if path:
            check_place(path)
    settings = read_settings(arguments.settings)
    today = dt.date.today()
    as_of = arguments.as_of or today
    if as_of > today:
        raise MonitoringError(
            f"--as-of is {as_of}; expected today, {today}, or an earlier day: months that are yet "
            "to come would count as empty"
        )
    found = monitor(
        settings,
        screenings_of(_screenings(arguments, settings), settings.model),
        outcomes_of(read_frame(arguments.outcomes)) if arguments.outcomes else None,
        as_of=as_of,
        state=_state(arguments.state, settings),
    )
    advice = advise(found, _model(arguments, settings))
    if arguments.state:
        found.state.save(arguments.state)
    if arguments.metrics:
        write_text(arguments.metrics, metrics_text(found))
    if arguments.output:
        from risicoscreener.report.monitoring_page import monitoring_page

        write_text(arguments.output, monitoring_page(found, advice, arguments.lang))
        print(arguments.output, file=sys.stderr)
    if arguments.json:
        say_json(found.to_dict() | {"advice": advice.to_dict()})
    else:
        print(found.text(arguments.lang), end="")
        print(advice.text(arguments.lang), end="")
    if _is_news(found, arguments):
        return EXIT_ALARM
    return EXIT_FAILED if found.silent or len(found.bundles) > 1 else 0


def _is_news(found: Monitored, arguments: argparse.Namespace) -> bool:
    """Whether to end on an alarm: of any, or with ``--new`` of one in the last period."""
    if not arguments.new:
        return bool(found.alarms)
    return any(one.alarm == found.periods[-1] for one in found.alarms)


def _screenings(arguments: argparse.Namespace, settings: MonitorSettings) -> pd.DataFrame:
    """The table of screenings, from files or a record."""
    from risicoscreener.monitoring import table_of_record
    from risicoscreener.monitoring.reading import read_tables
    from risicoscreener.monitoring.wording import tell

    if bool(arguments.screened) == bool(arguments.record):
        raise MonitoringError("expected screenings: either --screened or --record")
    groups = read_frame(arguments.groups) if arguments.groups else None
    if arguments.record:
        from risicoscreener.screening.record import open_log

        with open_log(arguments.record) as log:
            frame = table_of_record(log, settings.decision, settings.model)
        if frame.attrs["deleted"]:
            print(tell("deleted", arguments.lang, n=frame.attrs["deleted"]), file=sys.stderr)
        return read_tables([frame], groups)
    return read_tables([read_frame(path) for path in arguments.screened], groups)


def _state(path: str | None, settings: MonitorSettings) -> MonitorState | None:
    from risicoscreener.monitoring import checked_state, read_state

    if not path or not Path(path).exists():
        return None
    return checked_state(read_state(path), settings, path)


def _model(arguments: argparse.Namespace, settings: MonitorSettings) -> Any:
    """The model for the updating ladder, if a bundle was named."""
    return bundle_of(arguments).model(settings.model) if arguments.bundle else None


def add_monitor(commands: Any) -> None:
    """Declare the command that watches a model in use."""
    parser = add_command(
        commands,
        "monitor",
        _monitor,
        "Watch a model in use: alarms with a known chance of being false, and who acts. "
        f"Ends on {EXIT_ALARM} if there is an alarm, else on {EXIT_FAILED} if nothing comes in of "
        "something that is watched, or screenings were made with more than one model.",
    )
    add = parser.add_argument
    add("settings", type=as_path, metavar="SETTINGS.toml", help="streams, levels, who acts")
    add(
        "--screened", type=as_path, nargs="+", default=[], metavar="TABLE",
        help="Parquet or CSV of screenings, as screen-many writes it, with decisions and groups",
    )  # fmt: skip
    add(
        "--record", type=as_path, metavar="RECORD",
        help="a record in place of a table: a file, or postgresql://user@host/database",
    )  # fmt: skip
    add(
        "--outcomes", type=as_path, metavar="TABLE",
        help="Parquet or CSV with person_id, start_on and registered_on",
    )  # fmt: skip
    add("--groups", type=as_path, metavar="TABLE", help="person_id with columns of groups")
    add("--as-of", type=as_day, metavar="DATE", help="day up to which tables are whole (today)")
    add(
        "--state", type=as_path, metavar="FILE",
        help="go on with the tests in this file, which is made if it is not there",
    )  # fmt: skip
    add("--bundle", type=as_path, metavar="FILE", help="of the model, for advice on its terms")
    add("-o", "--output", type=as_path, metavar="OUT.html", help="write the page")
    add("--metrics", type=as_path, metavar="OUT.prom", help="write metrics for Prometheus")
    add(
        "--new", action="store_true",
        help=f"end on {EXIT_ALARM} only for an alarm that was raised in the last period",
    )  # fmt: skip
