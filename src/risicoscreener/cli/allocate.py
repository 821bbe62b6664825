"""Commands about help by probation: `allocate learn`, `allocate propose`, `allocate kinds`."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_day, as_path, as_seed
from risicoscreener.cli.common import EXIT_USAGE, read_frame, say_json, write_text
from risicoscreener.errors import ReentryError
from risicoscreener.writing import check_place

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import DossierTables
    from risicoscreener.reentry.selection import Aids, History, Pictures, Places

MOST_PLACES = 1_000_000


def _learn(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.selection import learn

    if arguments.out:
        check_place(arguments.out)
    given = [bool(value) for value in (arguments.cohort, arguments.dossiers, arguments.history)]
    if given not in ([True, False, False], [False, True, True]):
        print(
            "expected either DIR with --history FILE, or --cohort DIR of synthetic people",
            file=sys.stderr,
        )
        return EXIT_USAGE
    model = learn(
        _history(arguments),
        by_site=arguments.by_site,
        learners=tuple(arguments.learner or ("spline", "two_models")),
        capacity=arguments.capacity,
        seed=arguments.seed,
    )
    if arguments.out:
        model.write(arguments.out)
    if arguments.json:
        say_json(model.to_dict())
    else:
        print(model.text(arguments.lang), end="")
    return 0


def _history(arguments: argparse.Namespace) -> History:
    from risicoscreener.reentry.selection import History, people_for

    aids = _aids(arguments)
    aid = aids[arguments.aid]
    if arguments.cohort:
        from risicoscreener.synthetic import Cohort

        if aid.id not in ("supervision", "debt_help", "housing_help"):
            raise ReentryError(
                f"help {aid.id!r}; expected supervision, debt_help or housing_help: of synthetic "
                "people no other help is known that is given or not"
            )
        cohort = Cohort.read(arguments.cohort)
        people = people_for(cohort.tables, cohort.index(), aid, aids=aids)
        reoffended = cohort.truth.persons["any_2y_registered"]
        return History.of(people, cohort.truth.interventions[aid.id], reoffended)
    frame = _columns(
        read_frame(arguments.history), ("person_id", "as_of", "received", "reoffended")
    )
    people = people_for(_dossiers(arguments.dossiers), frame, aid, aids=aids)
    numbers = [_numbers(frame, name) for name in ("received", "reoffended")]
    return History.of(people, *numbers)


def _propose(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.selection import (
        SelectionModel,
        access_by_group,
        allocate,
        audit_groups,
        people_for,
    )

    if arguments.out:
        check_place(arguments.out)
    if arguments.index and arguments.as_of:
        raise ReentryError("--index and --as-of both say on which day; give one of them")
    model = SelectionModel.read(arguments.model) if arguments.model else None
    aids = _aids(arguments)
    aid = aids[arguments.aid] if arguments.aid else model.aid if model else None
    if aid is None:
        raise ReentryError("no help is named; expected --aid, or --model")
    dossiers = _dossiers(arguments.dossiers)
    index = read_frame(arguments.index) if arguments.index else arguments.as_of or dt.date.today()
    people = people_for(dossiers, index, aid, aids=aids)
    if not arguments.index:
        people = _who_came_in(dossiers, people)
    found = allocate(
        people,
        _places(arguments.places, aid),
        model=model,
        rule=arguments.rule,
        despite=tuple(arguments.despite or ()),
        least_need=arguments.least_need,
        reserved_for_need=arguments.reserve,
        seed=arguments.seed,
    )
    table = access_by_group(found, audit_groups(dossiers, found, ())) if arguments.access else None
    if arguments.out:
        from risicoscreener.reentry.sharing.csv_text import csv_text

        write_text(arguments.out, csv_text(found.to_frame(arguments.lang)))
    if arguments.json:
        said = found.to_dict(arguments.lang)
        say_json(said | ({"access": table.to_dict()} if table else {}))
        return 0
    print(found.text(arguments.lang, arguments.most), end="")
    if table:
        print(table.text(arguments.lang), end="")
    return 0


def _who_came_in(dossiers: DossierTables, people: Pictures) -> Pictures:
    """On one day for everybody: those of whom a stay is known by then."""
    from risicoscreener.reentry.selection.pictures import have_a_stay

    there = have_a_stay(dossiers, people)
    if not there.all():
        left = int((~there).sum())
        print(f"note: {left} person(s) of whom no detention is known by then are left out",
              file=sys.stderr)  # fmt: skip
    return people.where(there)


def _kinds(arguments: argparse.Namespace) -> int:
    aids = _aids(arguments)
    if arguments.json:
        import msgspec

        say_json([msgspec.to_builtins(aid) for aid in aids.all.values()])
        return 0
    for aid in aids.all.values():
        print(f"{aid.id}: {aid.title.text(arguments.lang)} ({aid.hours:g} "
              f"{aid.unit.text(arguments.lang)})")  # fmt: skip
        for need in aid.needs:
            print(f"  - {need.text.text(arguments.lang)}")
    return 0


def _aids(arguments: argparse.Namespace) -> Aids:
    from risicoscreener.reentry.selection import read_aids, shipped_aids

    return read_aids(arguments.aids) if arguments.aids else shipped_aids()


def _dossiers(folder: str) -> DossierTables:
    from risicoscreener.dossier import DossierTables

    found = DossierTables.read(folder, on_error="quarantine", recorded_by=dt.date.today())
    apart = int(found.quarantined_rows.sum())
    if apart:
        print(f"note: {apart} unusable row(s) are left out", file=sys.stderr)
    return found


def _columns(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise ReentryError(f"the history has no column {absent[0]!r}; expected {', '.join(names)}")
    return frame


def _numbers(frame: pd.DataFrame, name: str) -> Any:
    import pandas as pd

    found = pd.to_numeric(frame[name], errors="coerce")
    wrong = found.isna()
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise ReentryError(
            f"history, row {row + 1}, {name}: {frame[name].iloc[row]!r}; expected 0 or 1"
        )
    return found.to_numpy()


def _places(text: str, aid: Any) -> Places:
    """A number of places for everybody, or a table of them."""
    from risicoscreener.reentry.selection import Places

    if text.isascii() and text.isdigit() and len(text) <= len(str(MOST_PLACES)):
        return Places.everywhere(aid, int(text))
    try:
        float(text)
    except ValueError:
        frame = read_frame(text)
    else:
        raise ReentryError(
            f"--places {text!r}; expected a whole number from 0 to {MOST_PLACES:,}, or a table"
        )
    return Places.of(frame.astype(object).where(frame.notna(), None), aid)


def _as_part(text: str) -> float:
    """A part of the people or of the capacity as it is typed."""
    try:
        part = float(text)
    except ValueError:
        part = -1.0
    if not 0 <= part <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no part; expected a number from 0 to 1")
    return part


def _as_small(text: str) -> int:
    """A small whole number as it is typed."""
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 0 or more")
    return int(text)


def add_allocate(commands: Any) -> None:
    """Declare the commands about help."""
    group = commands.add_parser(
        "allocate", help="For whom help by probation adds value, and who is proposed first."
    )
    actions = group.add_subparsers(required=True, metavar="ACTION")
    _add_learn(actions)
    _add_propose(actions)
    kinds = add_command(actions, "kinds", _kinds, "The kinds of help, and the needs for them.")
    _add_aids(kinds)


def _add_learn(actions: Any) -> None:
    learn = add_command(
        actions, "learn", _learn, "Learn from people of whom some received the help."
    )
    add = learn.add_argument
    add("dossiers", nargs="?", type=as_path, metavar="DIR", help="dossiers as tables")
    add(
        "--history",
        type=as_path,
        metavar="FILE",
        help="person_id, as_of, received (0 or 1), reoffended (0 or 1), as CSV or Parquet",
    )
    add("--cohort", type=as_path, metavar="DIR", help="synthetic people with their truth instead")
    add("--aid", required=True, metavar="HELP", help="such as debt_help; see allocate kinds")
    add("--by-site", action="store_true", help="people of one prison hang together")
    add(
        "--learner",
        action="append",
        choices=("spline", "two_models", "forest"),
        help="repeat for several (spline and two_models); forest needs the extra uplift",
    )
    add("--capacity", type=_as_part, default=0.3, metavar="PART",
        help="part for whom there is help, in comparisons (0.3)")  # fmt: skip
    add("--seed", type=as_seed, default=0, help="of the folds (0)")
    add("--out", type=as_path, metavar="MODEL.json", help="also write the model")
    _add_aids(learn)


def _add_propose(actions: Any) -> None:
    propose = add_command(
        actions, "propose", _propose, "Propose who receives help first; a person decides."
    )
    add = propose.add_argument
    add("dossiers", type=as_path, metavar="DIR", help="dossiers as tables")
    add("--index", type=as_path, metavar="FILE", help="for whom on which day: person_id, as_of")
    add("--as-of", type=as_day, metavar="DATE", help="the day; today by default")
    add("--aid", metavar="HELP", help="such as debt_help; that of the model by default")
    add(
        "--places",
        required=True,
        type=as_path,
        metavar="N|FILE",
        help="places for all together, or a table: site (or *), places or hours, from, until",
    )
    add("--model", type=as_path, metavar="MODEL.json", help="as allocate learn wrote it")
    add(
        "--rule",
        choices=("effect", "lower_bound", "risk", "need_and_risk", "lot"),
        default="need_and_risk",
        help="what people are ordered by (need_and_risk)",
    )
    add(
        "--despite",
        action="append",
        choices=("no_difference_shown", "poor_overlap", "harm_shown"),
        help="order by effect in spite of what the data cannot tell",
    )
    add("--least-need", type=_as_small, metavar="N", help="fewest needs")
    add("--reserve", type=_as_part, default=0.0, metavar="PART",
        help="part of the capacity kept for the greatest need (0)")  # fmt: skip
    add("--seed", type=as_seed, default=0, help="of the lottery among equals (0)")
    add("--access", action="store_true", help="also access by sex, small groups hidden")
    add("--most", type=_as_small, default=10, metavar="N", help="people in the text (10)")
    add("--out", type=as_path, metavar="OUT.csv", help="also write all proposals as a table")
    _add_aids(propose)


def _add_aids(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--aids", type=as_path, metavar="TOML", help="kinds of help of your own")
