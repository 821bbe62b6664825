"""The command that evaluates a table of predictions: `report`."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from risicoscreener.cli.arguments import as_count, as_day, as_jobs, as_path, as_seed
from risicoscreener.writing import check_place


def _report(arguments: argparse.Namespace) -> int:
    import datetime as dt

    from risicoscreener.report.evaluation import About, EvaluationReport, read_about

    for path in (arguments.output, arguments.json_output):
        if path:
            check_place(path)
    options = {"cut_offs": tuple(arguments.cut_offs), "replicates": arguments.replicates}
    report = EvaluationReport.read(
        arguments.table,
        language=arguments.lang,
        columns=dict(arguments.columns),
        groups=arguments.group,
        about=read_about(arguments.about) if arguments.about else About(),
        seed=arguments.seed,
        jobs=arguments.jobs,
        made_on=arguments.made_on or dt.date.today(),
        command=_as_typed(arguments),
        **{name: value for name, value in options.items() if value},
    )
    print(report)
    written: list[Path] = []
    if arguments.output:
        written.append(report.save(arguments.output))
    if arguments.json_output:
        written.append(report.save_json(arguments.json_output))
    if arguments.tables:
        written += report.save_tables(arguments.tables)
    for path in written:
        print(path, file=sys.stderr)
    return 0


def _as_typed(arguments: argparse.Namespace) -> str:
    """The command with what changes the report; where it is written does not."""
    words = ["risicoscreener", "report", Path(arguments.table).name, "--lang", arguments.lang]
    if arguments.cut_offs:
        words += ["--cut-offs", *(f"{cut_off:g}" for cut_off in arguments.cut_offs)]
    for group in arguments.group:
        words += ["--group", group]
    if arguments.columns:
        words += ["--columns", *(f"{role}={column}" for role, column in arguments.columns)]
    if arguments.about:
        words += ["--about", Path(arguments.about).name]
    words += ["--seed", str(arguments.seed)]
    if arguments.replicates:
        words += ["--replicates", str(arguments.replicates)]
    if arguments.made_on:
        words += ["--made-on", arguments.made_on.isoformat()]
    return shlex.join(words)


def _as_role(text: str) -> tuple[str, str]:
    """A role and its column as they are typed: ``probability=p_hat``."""
    role, sign, column = text.partition("=")
    if not (role and sign and column):
        raise argparse.ArgumentTypeError(f"{text!r} is no role; expected role=column")
    return role, column


def _as_cut_off(text: str) -> float:
    """A cut-off as it is typed."""
    try:
        cut_off = float(text)
    except ValueError:
        cut_off = 0.0
    if not 0 < cut_off < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no cut-off; expected one between 0 and 1")
    return cut_off


def add_reporting(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of evaluation reports."""
    about = "Evaluate predicted probabilities beside what happened: a report in words and figures."
    parser = commands.add_parser("report", help=about, description=about)
    parser.set_defaults(command=_report)
    add = parser.add_argument
    add("table", type=as_path, metavar="TABLE", help="CSV or Parquet with probability and outcome")
    add("--lang", choices=("nl", "en"), default="nl", help="language (nl)")
    add("-o", "--output", type=as_path, metavar="OUT.html", help="write the page")
    add(
        "--json",
        type=as_path,
        dest="json_output",
        metavar="OUT.json",
        help="write the plain data, after docs/schema/evaluation_report.json",
    )
    add("--tables", type=as_path, metavar="DIR", help="write each table as CSV")
    add(
        "--cut-offs",
        type=_as_cut_off,
        nargs="+",
        default=[],
        metavar="P",
        help="of the decision, lowest first (0.2 0.5)",
    )
    add(
        "--columns",
        type=_as_role,
        nargs="+",
        default=[],
        metavar="ROLE=COLUMN",
        help="which column is probability, outcome, weight, time, horizon, prison, person_id, "
        "decision or probability_NAME, where names differ",
    )
    add("--group", nargs="+", default=[], metavar="COLUMN", help="columns that divide people")
    add("--about", type=as_path, metavar="FILE", help="TOML with facts on model and study")
    add("--seed", type=as_seed, default=0, help="of the bootstrap (0)")
    add("--replicates", type=as_count, metavar="N", help="of the bootstrap (1000)")
    add("--jobs", type=as_jobs, default=1, metavar="N", help="processes beside each other (1)")
    add("--made-on", type=as_day, metavar="DATE", help="day on the report (today)")
