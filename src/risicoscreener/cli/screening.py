"""Commands that screen: `screen`, `screen-many`, `explain`, `letter`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_case, add_command, as_day, as_jobs, as_path
from risicoscreener.cli.common import (
    EXIT_FAILED,
    EXIT_STOPPED,
    as_page,
    progress,
    read_bytes,
    read_frame,
    read_one_dossier,
    say_json,
    screener_of,
    to_plain,
    write_text,
)
from risicoscreener.cli.stopping import Stopped, stoppable
from risicoscreener.errors import RisicoscreenerError, ScaleError
from risicoscreener.writing import check_place, put_in_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from risicoscreener.scale.runs import Run

OUTCOME_EXIT = {"grant": 0, "deep_assessment": 10, "deny": 11}
_FOR_PARTS = ("restart", "skip_unreadable")
"""Options that ask something of work in parts alone."""


def _screen(arguments: argparse.Namespace) -> int:
    if arguments.html:
        check_place(arguments.html)
    screener = screener_of(arguments)
    result = screener.screen(
        read_bytes(arguments.dossier),
        arguments.decision,
        as_of=arguments.as_of,
        on_error="quarantine" if arguments.quarantine else "raise",
    )
    if arguments.audience:
        result = result.for_audience(arguments.audience, policies=screener.policies)
    if arguments.html:
        write_text(arguments.html, as_page(result.html(arguments.lang), arguments.lang))
    if arguments.json:
        say_json(result.to_dict())
    else:
        print(result.text(arguments.lang), end="")
    if result.valid_until < dt.date.today():
        print(
            f"note: this is the picture of {result.as_of}; it was valid until "
            f"{result.valid_until} (give --as-of for another day)",
            file=sys.stderr,
        )
    return OUTCOME_EXIT[result.outcome] if arguments.outcome_exit_code else 0


def _screen_many(arguments: argparse.Namespace) -> int:
    if arguments.index and arguments.as_of:
        raise RisicoscreenerError("--index and --as-of both say on which day; give one of them")
    if _is_folder(arguments.out):
        return _screen_in_parts(arguments)
    return _screen_at_once(arguments)


def _is_folder(out: str | None) -> bool:
    """Whether results go to a folder: a name without an ending, or with a slash at its end."""
    return out is not None and (out.endswith(("/", os.sep)) or not Path(out).suffix)


def _screen_at_once(arguments: argparse.Namespace) -> int:
    from risicoscreener.dossier import DossierTables

    _check_outputs(arguments)
    screener = screener_of(arguments)
    today = dt.date.today()
    dossiers = DossierTables.read(
        arguments.folder,
        on_error="raise" if arguments.strict else "quarantine",
        recorded_by=arguments.recorded_by or today,
    )
    index: Any = arguments.as_of or today
    if arguments.index:
        index = read_frame(arguments.index)
    with progress("screening", arguments) as advance:
        screened = screener.screen_many(dossiers, arguments.decision, index, on_block=advance)
    if arguments.out:
        screened.write(arguments.out)
    if arguments.quarantine_out:
        with put_in_place(arguments.quarantine_out) as unfinished:
            dossiers.quarantine.astype({"value": str}).to_csv(unfinished, index=False)
    counts = screened.counts()
    said = {"screened": len(screened), "outcomes": counts, "problems": len(dossiers.problems)}
    if arguments.json:
        print(json.dumps(said))
    else:
        _say_counts(counts)
        if dossiers.problems:
            print(f"{len(dossiers.problems)} problem(s); rows set apart:", file=sys.stderr)
            for problem in dossiers.problems[:20]:
                print(f"  - {problem}", file=sys.stderr)
    return 0


def _check_outputs(arguments: argparse.Namespace) -> None:
    """What would go wrong after the work goes wrong before it."""
    from risicoscreener.screening.table import check_results_path

    out, apart = arguments.out, arguments.quarantine_out
    for_parts = [name for name in _FOR_PARTS if getattr(arguments, name)]
    if arguments.jobs > 1 or for_parts:
        option = for_parts[0] if for_parts else "jobs"
        raise RisicoscreenerError(
            f"--{option.replace('_', '-')} is for work in parts; expected --out with a folder too, "
            "a name with / at its end"
        )
    if out:
        check_results_path(out)
    if apart:
        check_place(apart)
    if out and apart and os.path.realpath(out) == os.path.realpath(apart):
        raise RisicoscreenerError(f"--out and --quarantine-out are both {out}; give two files")


def _say_counts(counts: dict[str, int]) -> None:
    for outcome, count in counts.items():
        print(f"{outcome:16} {count:10,}")


def _screen_in_parts(arguments: argparse.Namespace) -> int:
    from risicoscreener.scale.runs import screen_folder

    if arguments.quarantine_out:
        raise RisicoscreenerError(
            f"problems of work in parts are written in {Path(arguments.out) / 'problems'}; "
            "leave --quarantine-out out"
        )
    try:
        with stoppable(), progress("screening", arguments) as advance:
            run = screen_folder(
                arguments.folder,
                arguments.out,
                arguments.decision,
                arguments.as_of,
                index=arguments.index,
                screener=screener_of(arguments),
                n_jobs=arguments.jobs,
                on_error="raise" if arguments.strict else "quarantine",
                recorded_by=arguments.recorded_by,
                skip_unreadable=arguments.skip_unreadable,
                restart=arguments.restart,
                on_part=_since(advance),
            )
    except KeyboardInterrupt as stop:
        code = getattr(stop, "exit_code", EXIT_STOPPED)
        raise Stopped(_where_it_stopped(arguments.out), code) from None
    if arguments.json:
        said = {"screened": run.screened, "outcomes": run.outcomes, "problems": run.problems}
        more = {"parts": run.parts, "continued": run.continued, "not_screened": run.not_screened}
        print(json.dumps(said | more))
    else:
        _say_run(run)
    return EXIT_FAILED if run.not_screened else 0


def _since(advance: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Report a number done so far, of a total that is known later, as what was just done."""
    before = 0

    def report(done: int, total: int) -> None:
        nonlocal before
        advance(done - before, total)
        before = done

    return report


def _say_run(run: Run) -> None:
    _say_counts(run.outcomes)
    if run.continued:
        print(f"{run.continued} of {run.parts} part(s) were done before", file=sys.stderr)
    if run.problems:
        where = run.out / "problems"
        print(f"{run.problems} problem(s); rows set apart, see {where}", file=sys.stderr)
    for name, reason in run.not_screened.items():
        print(f"not screened: {name}: {reason}", file=sys.stderr)


def _where_it_stopped(out: str) -> str:
    from risicoscreener.scale.runs import read_run

    try:
        run = read_run(out)
    except ScaleError:
        return "stopped before the first part; the same command begins again"
    return (
        f"stopped: {run.done} of {run.parts} part(s) are done in {out}; "
        "the same command continues with the others"
    )


def _explain(arguments: argparse.Namespace) -> int:
    from risicoscreener.features.lineage import lineage

    screener = screener_of(arguments)
    dossier = read_one_dossier(arguments.dossier)
    result = screener.screen(dossier, arguments.decision, as_of=arguments.as_of)
    names = arguments.feature or list(
        dict.fromkeys(name for model in result.models for name in model.reasons)
    )
    found = [lineage(dossier, name, result.as_of, screener.definitions) for name in names]
    if arguments.json:
        say_json([item.to_dict() for item in found])
        return 0
    if not arguments.feature:
        print(result.text(arguments.lang))
    for item in found:
        print(item.text(arguments.lang))
    return 0


def _letter(arguments: argparse.Namespace) -> int:
    from risicoscreener.screening.explanation import explain

    if arguments.html:
        check_place(arguments.html)
    found = explain(
        read_bytes(arguments.dossier),
        arguments.decision,
        as_of=arguments.as_of,
        screener=screener_of(arguments),
    )
    write = found.letter_to_person if arguments.to == "person" else found.letter_to_decider
    letter = write(arguments.lang)
    if arguments.html:
        write_text(arguments.html, letter.html())
    if arguments.json:
        # What an explanation holds of victims is for whoever decides.
        say_json(to_plain(letter) if arguments.to == "person" else found.to_dict())
    elif not arguments.html:
        print(letter.text(), end="")
    return 0


def add_screening(commands: Any) -> None:
    """Declare the commands that screen."""
    one = add_command(commands, "screen", _screen, "Screen one dossier.")
    one.add_argument(
        "dossier", type=as_path, metavar="DOSSIER.json", help="a dossier as JSON, - for stdin"
    )
    add_case(one)
    one.add_argument("--quarantine", action="store_true", help="set bad rows apart, do not stop")
    one.add_argument(
        "--audience", metavar="READER", help="what this reader may see, such as person"
    )
    one.add_argument("--html", type=as_path, metavar="FILE", help="also write the result as a page")
    one.add_argument("--outcome-exit-code", action="store_true", help="0, 10 or 11 by outcome")

    many = add_command(commands, "screen-many", _screen_many, "Screen a folder of dossier tables.")
    many.add_argument(
        "folder", type=as_path, help="folder with persons.parquet (or .csv) and the other tables"
    )
    add_case(many, as_of="today")
    many.add_argument(
        "--index", type=as_path, metavar="FILE", help="table with person_id and as_of"
    )
    many.add_argument(
        "--out",
        type=as_path,
        metavar="FILE|FOLDER/",
        help="write results: a file (.parquet or .csv), or a folder, part by part; the same "
        "command continues what was stopped",
    )
    many.add_argument("--strict", action="store_true", help="stop at bad rows")
    many.add_argument(
        "--quarantine-out", type=as_path, metavar="FILE", help="write bad rows with reasons (.csv)"
    )
    many.add_argument("--recorded-by", type=as_day, metavar="DATE", help="no fact may be later")
    many.add_argument(
        "--jobs", type=as_jobs, default=1, metavar="N", help="number of processes for parts (1)"
    )
    many.add_argument(
        "--restart", action="store_true", help="begin anew, without what the folder has"
    )
    many.add_argument(
        "--skip-unreadable", action="store_true", help="go on without parts that cannot be read"
    )

    why = add_command(
        commands, "explain", _explain, "Show from which facts the values of a result come."
    )
    why.add_argument("dossier", type=as_path, metavar="DOSSIER.json")
    add_case(why)
    why.add_argument("--feature", action="append", metavar="NAME", help="a feature; repeatable")

    letter = add_command(
        commands, "letter", _letter, "Write the letter about a result: reasons, what helps, rights."
    )
    letter.add_argument("dossier", type=as_path, metavar="DOSSIER.json")
    add_case(letter)
    letter.add_argument(
        "--to", choices=("person", "decider"), default="person", help="for whom (person)"
    )
    letter.add_argument("--html", type=as_path, metavar="FILE", help="write a page, print nothing")
