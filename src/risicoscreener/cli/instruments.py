"""Commands of published instruments: `instruments list`, `show`, `verify`, `score`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_day, as_path
from risicoscreener.cli.common import (
    EXIT_FAILED,
    day_of,
    read_bytes,
    read_one_dossier,
    say_json,
    to_plain,
)
from risicoscreener.errors import ModelError, RisicoscreenerError

if TYPE_CHECKING:
    from risicoscreener.instruments import Instrument


def _list(arguments: argparse.Namespace) -> int:
    from risicoscreener.instruments import golden_files, instruments

    rows = [
        {
            "id": one.id,
            "version": one.version,
            "title": one.definition.title.text(arguments.lang),
            "variants": list(one.variants),
            "horizons": list(one.horizons),
            "inputs": len(one.inputs),
            "golden_vectors": sum(len(file.cases) for file in golden_files(one)),
        }
        for one in instruments()
    ]
    if arguments.json:
        say_json(rows)
        return 0
    for row in rows:
        print(f"{row['id']:12} {row['version']:6} {row['title']}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    one = _chosen(arguments)
    if arguments.json:
        say_json(to_plain(one.definition))
        return 0
    lang, definition = arguments.lang, one.definition
    print(f"{one.id} {one.version}: {definition.title.text(lang)}")
    for text in (definition.outcome, definition.population, definition.use, *definition.remarks):
        print(f"  {text.text(lang)}")
    origin = definition.origin
    print(f"  {origin.title}: {origin.repository or origin.url} {origin.commit}".rstrip())
    print(f"  {origin.licence}")
    for name, spec in one.inputs.items():
        codes = f" ({', '.join(one.choices[spec.choices])})" if spec.choices else ""
        print(f"  {name}: {spec.text.text(lang)}{codes}")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from risicoscreener.instruments import instruments, verify

    chosen = [_chosen(arguments)] if arguments.id else []
    if arguments.id and not arguments.version:
        chosen = [one for one in instruments() if one.id == arguments.id]
    report = verify(*chosen)
    if arguments.json:
        say_json(report.to_dict())
    else:
        print(report)
    return 0 if report.ok else EXIT_FAILED


def _score(arguments: argparse.Namespace) -> int:
    from risicoscreener.instruments import inputs_from_dossier

    if arguments.dossier is None and arguments.inputs is None:
        raise RisicoscreenerError("give --inputs FILE, --dossier FILE, or both")
    if arguments.as_of and arguments.dossier is None:
        raise RisicoscreenerError("--as-of is the day of a dossier; give --dossier too")
    one, said = _chosen(arguments), None
    inputs: dict[str, Any] = {}
    if arguments.dossier is not None:
        dossier = read_one_dossier(arguments.dossier)
        said = inputs_from_dossier(one, dossier, day_of(dossier, arguments.as_of))
        inputs |= said.inputs
    if arguments.inputs is not None:
        inputs |= _inputs(arguments.inputs)
    result = one.score(inputs)
    if arguments.json:
        answer = result.to_dict()
        say_json(answer if said is None else {**answer, "dossier": said.to_dict()})
    else:
        if said is not None:
            print(said.text(arguments.lang))
        print(result.text(arguments.lang))
    return 0 if result.ok else EXIT_FAILED


def _chosen(arguments: argparse.Namespace) -> Instrument:
    from risicoscreener.instruments import Instrument

    return Instrument.load(arguments.id, arguments.version)


def _inputs(path: str) -> dict[str, Any]:
    """The inputs in a file: one JSON object."""
    from risicoscreener.strict_json import read_json

    try:
        found, repeated = read_json(read_bytes(path).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is not JSON ({error}); expected an object of inputs") from error
    if repeated:
        twice = ", ".join(sorted({one.key for one in repeated}))
        raise ModelError(f"{path} has {twice} twice; give each input once")
    if not isinstance(found, dict):
        raise ModelError(f"{path} holds no JSON object; expected an object of inputs")
    return found


def add_instruments(commands: Any) -> None:
    """Declare the commands of published instruments."""
    group = commands.add_parser(
        "instruments", help="List, show, verify or score published instruments."
    )
    actions = group.add_subparsers(required=True, metavar="ACTION")
    add_command(actions, "list", _list, "List the instruments and their versions.")
    show = add_command(actions, "show", _show, "Show an instrument: inputs, source, population.")
    check = add_command(
        actions, "verify", _verify, "Re-score all golden vectors; fails on any difference."
    )
    score = add_command(actions, "score", _score, "Score one person with an instrument.")
    show.add_argument("id", help="short name of the instrument")
    check.add_argument("id", nargs="?", help="short name; all by default")
    score.add_argument("id", help="short name of the instrument")
    for parser in (show, check, score):
        parser.add_argument(
            "--version", metavar="VERSION", help="the latest by default; to verify, all"
        )
    score.add_argument(
        "--inputs", type=as_path, metavar="FILE", help="inputs as a JSON object; - reads stdin"
    )
    score.add_argument(
        "--dossier", type=as_path, metavar="FILE", help="take what this dossier answers"
    )
    score.add_argument("--as-of", type=as_day, metavar="DATE", help="day of the picture")
