"""The command that shows features: `features`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from risicoscreener.cli.arguments import add_command, as_day, as_path
from risicoscreener.cli.common import (
    day_of,
    read_one_dossier,
    say_json,
)
from risicoscreener.errors import RisicoscreenerError

if TYPE_CHECKING:
    from risicoscreener.features import Feature


def _features(arguments: argparse.Namespace) -> int:
    from risicoscreener.features import Catalogue, catalogue
    from risicoscreener.features.one import compile_one
    from risicoscreener.features.wording import unit_label

    if arguments.as_of and not arguments.dossier:
        raise RisicoscreenerError("--as-of is the day of a dossier; give --dossier too")
    if arguments.name and arguments.group:
        raise RisicoscreenerError("features are named or of a --group; give one of the two")
    known = catalogue()
    listed: Mapping[str, Feature] = known
    if arguments.definitions:
        listed = Catalogue.from_toml(arguments.definitions)
        known = known.with_features(*listed.values())
    names = list(dict.fromkeys(arguments.name)) or [
        n for n, f in listed.items() if arguments.group in (None, f.group)
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


def add_looking(commands: Any) -> None:
    """Declare the command that shows features."""
    from risicoscreener.features.definition import GROUPS

    listing = add_command(
        commands, "features", _features, "List features, or their values in a dossier."
    )
    listing.add_argument("name", nargs="*", help="features; all by default")
    listing.add_argument(
        "--definitions",
        type=as_path,
        metavar="FILE",
        help="definitions of your own (TOML), beside the shipped ones",
    )
    listing.add_argument("--group", choices=GROUPS, help="only of this group")
    listing.add_argument(
        "--dossier", type=as_path, metavar="FILE", help="compute them for this dossier"
    )
    listing.add_argument("--as-of", type=as_day, metavar="DATE")
