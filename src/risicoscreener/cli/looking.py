"""Commands that show and verify what there is: `features`, `policy`, `bundle`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from typing import Any

from risicoscreener.cli.arguments import add_command, as_day, as_path
from risicoscreener.cli.sharing import (
    EXIT_FAILED,
    day_of,
    policies_of,
    read_one_dossier,
    say_json,
    to_plain,
)
from risicoscreener.errors import RisicoscreenerError


def _features(arguments: argparse.Namespace) -> int:
    from risicoscreener.features import catalogue
    from risicoscreener.features.one import compile_one
    from risicoscreener.features.wording import unit_label

    if arguments.as_of and not arguments.dossier:
        raise RisicoscreenerError("--as-of is the day of a dossier; give --dossier too")
    if arguments.name and arguments.group:
        raise RisicoscreenerError("features are named or of a --group; give one of the two")
    known = catalogue()
    names = list(dict.fromkeys(arguments.name)) or [
        n for n, f in known.items() if arguments.group in (None, f.group)
    ]
    plan = known.plan(names)
    values: dict[str, float | None] = {}
    if arguments.dossier:
        dossier = read_one_dossier(arguments.dossier)
        found = compile_one(plan)(dossier, day_of(dossier, arguments.as_of))
        values = {n: (None if v != v else v) for n, v in zip(names, found, strict=True)}
    if arguments.json:
        rows = known.dictionary(arguments.lang).loc[names].reset_index()
        said = json.loads(rows.to_json(orient="records"))
        for row in said:
            if values:
                row["value"] = values[row["name"]]
        say_json(said)
        return 0
    for name in names:
        feature = known[name]
        value = f" = {values[name]}" if values else ""
        flag = "" if feature.sensitivity == "allowed" else f" [{feature.sensitivity}]"
        unit = unit_label(feature.unit, arguments.lang)
        print(f"{name}{value}{flag}: {feature.text[arguments.lang]} ({unit})")
    return 0


def _policy_list(arguments: argparse.Namespace) -> int:
    book = policies_of(arguments)
    versions = [version for kind in book.kinds() for version in book.versions(kind)]
    titles = {version.id: version.policy.title.text(arguments.lang) for version in versions}
    if arguments.json:
        say_json([{"id": name, "title": title} for name, title in titles.items()])
        return 0
    for name, title in titles.items():
        print(f"{name:34} {title}")
    return 0


def _policy_show(arguments: argparse.Namespace) -> int:
    on = arguments.on or dt.date.today()
    chosen = policies_of(arguments).pick(arguments.kind, on, on)
    if arguments.json:
        say_json({"id": chosen.id, "digest": chosen.digest, **to_plain(chosen.policy)})
    else:
        print(chosen.policy.text(arguments.lang))
    return 0


def _policy_verify(arguments: argparse.Namespace) -> int:
    from risicoscreener.decision import verify

    book = policies_of(arguments)
    kinds = [arguments.kind] if arguments.kind else list(book.kinds())
    reports = [verify(version) for kind in kinds for version in book.versions(kind)]
    if arguments.json:
        say_json([r.to_dict() for r in reports])
    else:
        for report in reports:
            print(report.text(arguments.lang))
    return 0 if all(report.ok for report in reports) else EXIT_FAILED


def add_looking(commands: Any) -> None:
    """Declare the commands that show and verify."""
    from risicoscreener.features.definition import GROUPS

    listing = add_command(
        commands, "features", _features, "List features, or their values in a dossier."
    )
    listing.add_argument("name", nargs="*", help="features; all by default")
    listing.add_argument("--group", choices=GROUPS, help="only of this group")
    listing.add_argument(
        "--dossier", type=as_path, metavar="FILE", help="compute them for this dossier"
    )
    listing.add_argument("--as-of", type=as_day, metavar="DATE")

    policy = commands.add_parser("policy", help="List, show or verify policies.")
    actions = policy.add_subparsers(required=True, metavar="ACTION")
    listed = add_command(actions, "list", _policy_list, "List the policies.")
    show = add_command(actions, "show", _policy_show, "Show a policy as text.")
    show.add_argument("kind", help="leave, low_security or conditional_release")
    show.add_argument("--on", type=as_day, metavar="DATE", help="the version of this day (today)")
    check = add_command(actions, "verify", _policy_verify, "Check every property in every cell.")
    check.add_argument("kind", nargs="?", help="all by default")
    for parser in (listed, show, check):
        parser.add_argument("--policies", type=as_path, metavar="DIR")
