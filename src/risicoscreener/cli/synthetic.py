"""Commands on synthetic cohorts: `synth make` and the others of that group."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from risicoscreener.cli.arguments import add_command, as_count, as_path, as_seed
from risicoscreener.cli.sharing import progress, so_far


def _make(arguments: argparse.Namespace) -> int:
    from risicoscreener.synthetic import simulate

    Path(arguments.out).mkdir(parents=True, exist_ok=True)
    with progress("simulating", arguments) as advance:
        cohort = simulate(
            arguments.n,
            seed=arguments.seed,
            population=arguments.population,
            on_block=so_far(advance, arguments.n),
        )
    cohort.write(arguments.out)
    print(f"{arguments.n:,} synthetic people written to {arguments.out}", file=sys.stderr)
    return 0


def add_synthetic(commands: Any) -> None:
    """Declare the commands on synthetic cohorts."""
    group = commands.add_parser("synth", help="Make synthetic cohorts, and see what they reach.")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    make = add_command(actions, "make", _make, "Write a synthetic cohort with its truth apart.")
    make.add_argument("-n", type=as_count, default=1000, help="number of people (1000)")
    make.add_argument("--seed", type=as_seed, default=1)
    make.add_argument("--population", default="sentenced", choices=("sentenced", "flow"))
    make.add_argument("--out", type=as_path, required=True, metavar="DIR")
