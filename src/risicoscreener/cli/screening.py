"""Commands that screen: `screen`, `screen-many`, `explain`, `letter`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
from typing import Any

from risicoscreener.cli.arguments import add_case, add_command, as_day, as_path
from risicoscreener.cli.sharing import (
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
from risicoscreener.errors import RisicoscreenerError
from risicoscreener.writing import check_place, put_in_place

OUTCOME_EXIT = {"grant": 0, "deep_assessment": 10, "deny": 11}


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
        for outcome, count in counts.items():
            print(f"{outcome:16} {count:10,}")
        if dossiers.problems:
            print(f"{len(dossiers.problems)} problem(s); rows set apart:", file=sys.stderr)
            for problem in dossiers.problems[:20]:
                print(f"  - {problem}", file=sys.stderr)
    return 0


def _check_outputs(arguments: argparse.Namespace) -> None:
    """What would go wrong after the work goes wrong before it."""
    from risicoscreener.screening.table import check_results_path

    out, apart = arguments.out, arguments.quarantine_out
    if arguments.index and arguments.as_of:
        raise RisicoscreenerError("--index and --as-of both say on which day; give one of them")
    if out:
        check_results_path(out)
    if apart:
        check_place(apart)
    if out and apart and os.path.realpath(out) == os.path.realpath(apart):
        raise RisicoscreenerError(f"--out and --quarantine-out are both {out}; give two files")


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
    add_case(many)
    many.add_argument(
        "--index", type=as_path, metavar="FILE", help="table with person_id and as_of"
    )
    many.add_argument(
        "--out", type=as_path, metavar="FILE", help="write results (.parquet or .csv)"
    )
    many.add_argument("--strict", action="store_true", help="stop at bad rows")
    many.add_argument(
        "--quarantine-out", type=as_path, metavar="FILE", help="write bad rows with reasons (.csv)"
    )
    many.add_argument("--recorded-by", type=as_day, metavar="DATE", help="no fact may be later")

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
