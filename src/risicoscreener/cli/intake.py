"""The commands about an intake: `intake show`, `value`, `many`, `questions`, `template`, `read`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, add_sources, as_day, as_path
from risicoscreener.cli.common import (
    day_of,
    read_one_dossier,
    say_json,
    screener_of,
    to_plain,
    write_text,
)
from risicoscreener.errors import ReentryError
from risicoscreener.writing import check_place, put_in_place

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.reentry.intake import IntakeValue, Questionnaire, Reference
    from risicoscreener.screening import Screener


def _questions_of(arguments: argparse.Namespace) -> Questionnaire:
    from risicoscreener.reentry.intake import Questionnaire

    if arguments.questions:
        return Questionnaire.from_toml(arguments.questions)
    return Questionnaire.shipped()


def _show(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.intake import intake

    for path in (arguments.html, arguments.pdf):
        if path:
            check_place(path)
    dossier = read_one_dossier(arguments.dossier)
    day = day_of(dossier, arguments.as_of)
    found = intake(
        dossier,
        day,
        questions=_questions_of(arguments),
        reader=arguments.reader,
        consent=arguments.consent,
    )
    if arguments.html or arguments.pdf:
        _write_page(arguments, dossier, day)
    if arguments.json:
        say_json(found.to_dict())
    else:
        print(found.text(arguments.lang), end="")
    return 0


def _write_page(arguments: argparse.Namespace, dossier: Dossier, day: dt.date) -> None:
    """The page, with what matters most for who decides."""
    from risicoscreener.reentry.intake.readers import DECIDER
    from risicoscreener.report.intake_page import intake_page, intake_pdf

    value = _valued(arguments, dossier, day) if arguments.reader in (None, DECIDER) else None
    page = intake_page(
        dossier,
        day,
        arguments.lang,
        questions=_questions_of(arguments),
        reader=arguments.reader,
        consent=arguments.consent,
        value=value,
    )
    if arguments.html:
        write_text(arguments.html, page)
    if arguments.pdf:
        made = intake_pdf(page)
        with put_in_place(arguments.pdf) as unfinished:
            unfinished.write_bytes(made)


def _value(arguments: argparse.Namespace) -> int:
    dossier = read_one_dossier(arguments.dossier)
    found = _valued(arguments, dossier, day_of(dossier, arguments.as_of), arguments.decision)
    if arguments.json:
        say_json(found.to_dict())
    else:
        print(found.text(arguments.lang), end="")
    return 0


def _valued(
    arguments: argparse.Namespace,
    dossier: Dossier,
    day: dt.date,
    decisions: list[str] | None = None,
) -> IntakeValue:
    from risicoscreener.reentry.intake import intake_value

    screener = screener_of(arguments)
    return intake_value(
        dossier,
        day,
        decisions=decisions or None,
        screener=screener,
        questions=_questions_of(arguments),
        reference=_reference(arguments, screener),
    )


def _reference(arguments: argparse.Namespace, screener: Screener) -> Reference | None:
    """People to compare with, in a folder of a cohort: its dossiers and its index."""
    from risicoscreener.cli.common import read_frame
    from risicoscreener.dossier import DossierTables
    from risicoscreener.reentry.intake import Reference

    if not arguments.reference:
        return None
    folder = Path(arguments.reference)
    tables = DossierTables.read(folder / "dossiers", recorded_by=dt.date.today())
    index = read_frame(str(folder / "index.parquet"))
    return Reference.of(tables, index, screener=screener, questions=_questions_of(arguments))


def _list(arguments: argparse.Namespace) -> int:
    questions = _questions_of(arguments)
    if arguments.json:
        say_json([to_plain(question) for question in questions])
        return 0
    lang = arguments.lang
    for question in questions:
        part, asker = questions.parts[question.group], questions.askers[question.asker]
        checked = {"nl": " (na te gaan)", "en": " (to verify)"}[lang] if question.to_verify else ""
        days = {"nl": "dagen", "en": "days"}[lang]
        print(f"{question.id}: {question.text.text(lang)}")
        print(f"  {part.text(lang)}; {asker.text(lang)}; {question.within_days} {days}")
        print(f"  {question.source}{checked}")
    return 0


def _many(arguments: argparse.Namespace) -> int:
    from risicoscreener.cli.common import read_frame
    from risicoscreener.dossier import DossierTables
    from risicoscreener.reentry.intake import completeness, intake_many

    if arguments.index and arguments.as_of:
        raise ReentryError("--index and --as-of both say on which day; give one of them")
    today = dt.date.today()
    dossiers = DossierTables.read(arguments.folder, on_error="quarantine", recorded_by=today)
    index = read_frame(arguments.index) if arguments.index else arguments.as_of or today
    frame = intake_many(dossiers, index, questions=_questions_of(arguments))
    for count, text in (
        (int(dossiers.quarantined_rows.sum()), "unusable row(s) are left out"),
        (frame.attrs["not_detained"], "person(s) are not detained on the day and left out"),
    ):
        if count:
            print(f"note: {count} {text}", file=sys.stderr)
    if arguments.by:
        frame = completeness(frame, arguments.by).reset_index()
    for name in frame.select_dtypes("datetime").columns:
        frame[name] = frame[name].dt.strftime("%Y-%m-%d")
    if arguments.json:
        rows = frame.astype(object).where(frame.notna(), None).to_dict(orient="records")
        say_json(to_plain(rows))
    else:
        from risicoscreener.reentry.sharing.csv_text import csv_text

        print(csv_text(frame.round(3)), end="")
    return 0


def _template(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.intake import write_intake_sheet

    dossier = read_one_dossier(arguments.dossier) if arguments.dossier else None
    questions = _questions_of(arguments)
    write_intake_sheet(arguments.out, dossier, lang=arguments.lang, questions=questions)
    done = {"nl": "staat klaar om in te vullen", "en": "is ready to be filled in"}
    said = {"out": arguments.out, "person_id": dossier.person_id if dossier else None}
    if arguments.json:
        say_json(said)
    else:
        print(f"{arguments.out} {done[arguments.lang]}")
    return 0


def _read(arguments: argparse.Namespace) -> int:
    from risicoscreener.reentry.intake import read_intake_sheet

    if arguments.out:
        check_place(arguments.out)
    found = read_intake_sheet(
        arguments.sheet,
        into=read_one_dossier(arguments.into) if arguments.into else None,
        recorded_at=arguments.recorded_at,
        recorded_by=dt.date.today(),
    )
    added, known = sum(found.added.values()), sum(found.known.values())
    note = f"{added} fact(s) added, {known} already known"
    if not arguments.out:
        print(f"note: {note}", file=sys.stderr)
        print(json_of(found.dossier), end="")
        return 0
    write_text(arguments.out, json_of(found.dossier))
    if arguments.json:
        say_json({"out": arguments.out, "added": found.added, "known": found.known})
    else:
        print(f"{arguments.out}: {note}")
    return 0


def json_of(dossier: Dossier) -> str:
    """A dossier as JSON that can be read by people too."""
    return json.dumps(json.loads(dossier.to_json()), ensure_ascii=False, indent=1) + "\n"


def add_intake(commands: Any) -> None:
    """Declare the commands about an intake."""
    intake = commands.add_parser(
        "intake", help="What is known of someone, what is missing, and who asks it by when."
    )
    actions = intake.add_subparsers(required=True, metavar="ACTION")
    show = add_command(actions, "show", _show, "The intake of one person as of a day.")
    show.add_argument(
        "dossier", type=as_path, metavar="DOSSIER.json", help="a dossier as JSON, - for stdin"
    )
    show.add_argument("--as-of", type=as_day, metavar="DATE", help="day of the picture")
    show.add_argument(
        "--for", dest="reader", metavar="READER", help="such as municipality: only what it may see"
    )
    show.add_argument(
        "--consent", action="store_true", help="the person consents to what needs consent"
    )
    show.add_argument("--html", type=as_path, metavar="OUT.html", help="also write a page")
    show.add_argument("--pdf", type=as_path, metavar="OUT.pdf", help="also write it for paper, A4")
    _add_reference(show)
    add_sources(show)
    _add_questions(show)
    value = add_command(actions, "value", _value, "Which missing item matters most, and for what.")
    value.add_argument(
        "dossier", type=as_path, metavar="DOSSIER.json", help="a dossier as JSON, - for stdin"
    )
    value.add_argument("--as-of", type=as_day, metavar="DATE", help="day of the picture")
    value.add_argument(
        "--decision", action="append", metavar="KIND", help="a kind of decision; all by default"
    )
    _add_reference(value)
    add_sources(value)
    _add_questions(value)
    listed = add_command(actions, "questions", _list, "What is asked, by whom and by when.")
    _add_questions(listed)
    _add_sheets(actions)
    many = add_command(actions, "many", _many, "The intakes of many people, as a table.")
    many.add_argument("folder", type=as_path, metavar="DIR", help="dossiers as tables")
    many.add_argument("--as-of", type=as_day, metavar="DATE", help="the day; today by default")
    many.add_argument(
        "--index", type=as_path, metavar="FILE", help="for whom on which day: person_id, as_of"
    )
    many.add_argument(
        "--by", choices=("group", "question", "person_id"), help="shares instead of a row for each"
    )
    _add_questions(many)


def _add_sheets(actions: Any) -> None:
    template = add_command(
        actions, "template", _template, "A spreadsheet for staff to fill in, empty or filled."
    )
    template.add_argument("--out", type=as_path, required=True, metavar="OUT.xlsx")
    template.add_argument(
        "--dossier", type=as_path, metavar="DOSSIER.json", help="what it already holds"
    )
    _add_questions(template)
    read = add_command(
        actions, "read", _read, "A dossier from a spreadsheet; every fault is named by its cell."
    )
    read.add_argument("sheet", type=as_path, metavar="FILE.xlsx")
    read.add_argument(
        "--into", type=as_path, metavar="DOSSIER.json", help="a dossier of the same person"
    )
    read.add_argument(
        "--recorded-at",
        type=as_day,
        metavar="DATE",
        help="day on which rows became known that do not say it",
    )
    read.add_argument("--out", type=as_path, metavar="OUT.json", help="instead of printing it")


def _add_reference(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reference",
        type=as_path,
        metavar="DIR",
        help="people to compare with: a folder with dossiers and index.parquet",
    )


def _add_questions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--questions", type=as_path, metavar="TOML", help="questions of your own, besides"
    )
