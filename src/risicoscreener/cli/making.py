"""The command that makes a bundle of models: `fit`."""

from __future__ import annotations

import argparse
import datetime as dt
import shlex
import sys
from pathlib import Path
from typing import Any

from risicoscreener.cli.arguments import add_command, as_count, as_day, as_path, as_seed
from risicoscreener.cli.common import progress, so_far
from risicoscreener.writing import check_place


def _fit(arguments: argparse.Namespace) -> int:
    from risicoscreener.models.bundle_fitting import fit_bundle
    from risicoscreener.models.recipe import Recipe
    from risicoscreener.synthetic import simulate

    check_place(arguments.out)
    recipe = Recipe.load(arguments.recipe) if arguments.recipe else Recipe.default()
    made_on = arguments.made_on or dt.date.today()
    made_by = f"risicoscreener fit -n {arguments.n} --seed {arguments.seed} --made-on {made_on}"
    if arguments.recipe:
        made_by += f" --recipe {shlex.quote(Path(arguments.recipe).name)}"
    with progress("simulating", arguments) as advance:
        cohort = simulate(
            arguments.n,
            seed=arguments.seed,
            population=recipe.population,
            on_block=so_far(advance, arguments.n),
        )
    with progress("fitting", arguments) as advance:
        bundle = fit_bundle(
            recipe,
            cohort.tables,
            cohort.truth.observations(),
            data_set=f"synthetic cohort {recipe.population}, n = {arguments.n}, "
            f"seed {arguments.seed}",
            synthetic=True,
            command=made_by,
            made_on=made_on,
            on_model=lambda _name: advance(1, len(recipe.models)),
        )
    bundle.save(arguments.out)
    print(f"bundle {bundle.id} written to {arguments.out}", file=sys.stderr)
    return 0


def add_making(commands: Any) -> None:
    """Declare the command that fits."""
    fit = add_command(commands, "fit", _fit, "Fit the models of a recipe on a synthetic cohort.")
    fit.add_argument("-n", type=as_count, default=50_000, help="number of people (50000)")
    fit.add_argument("--seed", type=as_seed, default=1)
    fit.add_argument("--recipe", type=as_path, metavar="FILE", help="the shipped recipe by default")
    fit.add_argument("--made-on", type=as_day, metavar="DATE", help="date in the bundle (today)")
    fit.add_argument("--out", type=as_path, required=True, metavar="FILE")
