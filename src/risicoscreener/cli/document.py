"""The commands on documents about the system: `document list`, a kind, `open` and `logbook`."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, add_sources, as_day, as_path
from risicoscreener.cli.common import (
    EXIT_FAILED,
    bundle_of,
    policies_of,
    read_bytes,
    say_json,
    screener_of,
    write_text,
)
from risicoscreener.errors import GovernanceError
from risicoscreener.writing import check_place

if TYPE_CHECKING:
    from risicoscreener.governance import Answers, Document, Known

FORMATS = ("text", "md", "html", "json", "entry")


def _list(arguments: argparse.Namespace) -> int:
    from risicoscreener.governance import layouts

    known = layouts()
    if arguments.json:
        say_json([layout.to_dict() for layout in known.values()])
        return 0
    for name, layout in known.items():
        count = len(layout.all_fields)
        print(f"{name.replace('_', '-'):<15}{count:>4}  {layout.title.text(arguments.lang)}")
    return 0


def _made(arguments: argparse.Namespace) -> int:
    from risicoscreener.governance import fill

    if arguments.output:
        check_place(arguments.output)
    known = _known(arguments)
    _write(fill(arguments.kind, known, _answers(arguments)), known, arguments)
    return 0


def _write(found: Document, known: Known, arguments: argparse.Namespace) -> None:
    text = _as_text(found, known, "json" if arguments.json else arguments.format, arguments.lang)
    if arguments.output:
        write_text(arguments.output, text)
        print(arguments.output, file=sys.stderr)
    else:
        print(text, end="")


def _as_text(found: Document, known: Known, format: str, lang: str) -> str:
    import json

    from risicoscreener.governance import entry_of

    if format == "html":
        from risicoscreener.report.governance_page import document_page

        return document_page(found, lang)
    if format in ("json", "entry"):
        plain = entry_of(found, known) if format == "entry" else found.to_dict()
        return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
    return found.markdown(lang) if format == "md" else found.text(lang)


def _register(arguments: argparse.Namespace) -> int:
    from risicoscreener.governance import check_entry, entry_of, fill

    if arguments.output:
        check_place(arguments.output)
    if arguments.entry is None:
        known = _known(arguments)
        found = fill("register", known, _answers(arguments))
        if not arguments.check:
            _write(found, known, arguments)
            return 0
        entry = entry_of(found, known)
    elif arguments.check:
        entry = _entry(arguments.entry)
    else:
        raise GovernanceError("an entry is given but not --check; expected both or neither")
    problems = check_entry(entry)
    if arguments.json:
        say_json({"ok": not problems, "problems": [one.to_dict() for one in problems]})
    else:
        for one in problems:
            print(one.text(arguments.lang))
        print(f"{len(problems)} error(s) against configuration v1.0 of the Algoritmeregister")
    return EXIT_FAILED if problems else 0


def _entry(path: str) -> Any:
    from risicoscreener.strict_json import read_json

    try:
        entry, repeated = read_json(Path(path).read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise GovernanceError(f"{path} is no JSON: {error}") from None
    if repeated:
        raise GovernanceError(f"{path} has {repeated[0].key} twice in one object; expected once")
    return entry


def _explanation(arguments: argparse.Namespace) -> int:
    from dataclasses import replace

    from risicoscreener.governance import fill
    from risicoscreener.screening.explanation import explain

    if arguments.output:
        check_place(arguments.output)
    screener = screener_of(arguments)
    found = explain(
        read_bytes(arguments.dossier),
        arguments.decision,
        as_of=arguments.as_of,
        screener=screener,
    )
    arguments.as_of = found.result.as_of
    known = replace(_known(arguments), explanation=found)
    _write(fill("explanation", known, _answers(arguments)), known, arguments)
    return 0


def _open(arguments: argparse.Namespace) -> int:
    from risicoscreener.governance import open_fields

    found = open_fields(_known(arguments), _answers(arguments))
    if arguments.json:
        say_json(found.to_dict())
    else:
        print(found.text(arguments.lang), end="")
    return EXIT_FAILED if found.required else 0


def _logbook(arguments: argparse.Namespace) -> int:
    from risicoscreener.governance import Activities, lines_of
    from risicoscreener.reentry.sharing.research import read_key
    from risicoscreener.screening.record import open_log

    if arguments.output:
        check_place(arguments.output)
    activities = Activities.read(arguments.activities)
    key = read_key(arguments.key)
    with open_log(arguments.record) as log:
        found = lines_of(log, activities, key, since=arguments.since, until=arguments.until)
    text = found.to_json() + "\n"
    if arguments.output:
        write_text(arguments.output, text)
    else:
        print(text, end="")
    print(found.text(arguments.lang), file=sys.stderr)
    return 0


def _known(arguments: argparse.Namespace) -> Known:
    from risicoscreener.governance import Known, Use, by_language, read_evaluation
    from risicoscreener.monitoring import read_settings
    from risicoscreener.screening.record import open_log

    day = arguments.as_of or dt.date.today()
    bundle = bundle_of(arguments)
    model = getattr(arguments, "model", None)
    with ExitStack() as open_:
        use = None
        if arguments.record:
            use = Use.of(open_.enter_context(open_log(arguments.record)), day)
        return Known(
            bundle=bundle,
            policies=policies_of(arguments),
            as_of=day,
            evaluation=by_language(*map(read_evaluation, arguments.evaluation)),
            use=use,
            monitor=read_settings(arguments.monitor) if arguments.monitor else None,
            model=bundle.model(model) if model else None,
        )


def _answers(arguments: argparse.Namespace) -> Answers:
    from risicoscreener.governance import Answers

    return Answers.read(arguments.answers) if arguments.answers else Answers()


def add_document(commands: Any) -> None:
    """Declare the commands on documents."""
    document = commands.add_parser(
        "document", help="Documents about the system, filled from facts; what people must supply."
    )
    actions = document.add_subparsers(required=True, metavar="ACTION")
    add_command(actions, "list", _list, "List the documents.")
    for kind, about in _KINDS.items():
        parser = add_command(actions, kind, _made, about)
        parser.set_defaults(kind=kind.replace("-", "_"))
        if kind == "model-card":
            parser.add_argument("--model", metavar="NAME", help="only of this model")
        _add_facts(parser)
        _add_output(parser)
    _add_register(actions)
    _add_explanation(actions)
    left = add_command(actions, "open", _open, "List what people must still supply; 1 if any.")
    _add_facts(left)
    _add_logbook(actions)


_KINDS = {
    "model-card": "What each model is, on whom it was made and how good it is.",
    "system-card": "The system card of the Dutch reporting standard; --format entry for its JSON.",
    "annex-iv": "Technical documentation after Annex IV of the AI Act.",
    "fria": "Input of a fundamental rights impact assessment (AI Act art. 27, IAMA 2.0).",
    "dpia": "Input of a data protection impact assessment (GDPR art. 35, LED art. 27).",
    "tripod": "TRIPOD+AI, from the JSON of an evaluation report.",
}


def _add_register(actions: Any) -> None:
    register = add_command(
        actions, "register", _register, "An entry of the Algoritmeregister, and its check."
    )
    register.add_argument(
        "entry", type=as_path, nargs="?", metavar="ENTRY.json", help="with --check: this entry"
    )
    register.add_argument("--check", action="store_true", help="check it; 1 if it has errors")
    _add_facts(register)
    _add_output(register)


def _add_explanation(actions: Any) -> None:
    parser = add_command(
        actions, "explanation", _explanation, "Explanation of a decision (AI Act art. 86)."
    )
    parser.add_argument("dossier", type=as_path, metavar="DOSSIER.json")
    parser.add_argument("--decision", default="leave", metavar="KIND", help="such as leave")
    _add_facts(parser)
    _add_output(parser)


def _add_logbook(actions: Any) -> None:
    parser = add_command(
        actions, "logbook", _logbook, "Export a record for a Logboek Dataverwerkingen (OTLP JSON)."
    )
    parser.add_argument("record", type=as_path, metavar="RECORD")
    parser.add_argument(
        "--activities", type=as_path, required=True, metavar="FILE", help="register of processing"
    )
    parser.add_argument(
        "--key", type=as_path, required=True, metavar="FILE", help="key of the pseudonyms"
    )
    parser.add_argument("--since", type=as_day, metavar="DATE", help="from this day")
    parser.add_argument("--until", type=as_day, metavar="DATE", help="up to and including this day")
    parser.add_argument("-o", "--output", type=as_path, metavar="FILE")


def _add_facts(parser: argparse.ArgumentParser) -> None:
    add_sources(parser)
    add = parser.add_argument
    add("--as-of", type=as_day, metavar="DATE", help="day of the document (today)")
    add("--answers", type=as_path, metavar="FILE", help="what people supply, as TOML")
    add("--record", type=as_path, metavar="RECORD", help="a record of screenings and decisions")
    add("--monitor", type=as_path, metavar="FILE", help="settings by which the models are watched")
    add(
        "--evaluation",
        type=as_path,
        action="append",
        default=[],
        metavar="FILE",
        help="JSON of an evaluation report; once for each language",
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="how it is written (text)"
    )
    parser.add_argument("-o", "--output", type=as_path, metavar="FILE")
