"""What an interval costs beside the score of one person and of many, and what a missing value adds.

    python benchmarks/bench_intervals.py [--rows 100000] [--replicates 30 100]

The model has 30 features of 6 knots. Ratios to the score of the same rows within one run; on a
machine that is shared, seconds do not say much.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from _timing import ratio
from bench_scoring import fitted, people
from risicoscreener.models import ScoringProgram
from risicoscreener.models.ensemble import Ensemble
from risicoscreener.models.missing import Reach
from risicoscreener.models.uncertainty import with_distance


def replicated(program: ScoringProgram, replicates: int) -> ScoringProgram:
    """The program with made-up replicates of its coefficients: only their number counts here."""
    rng = np.random.default_rng(0)
    parts = [program.intercept]
    for term in program.terms:
        parts += [*term.values, term.missing]
    draws = np.array(parts) + 0.1 * rng.normal(size=(replicates, len(parts)))
    return msgspec.structs.replace(program, uncertainty=Ensemble.from_draws(draws))


def show(label: str, one: float, many: float | None = None) -> None:
    print(f"{label:<44}{one:10.1f}" + ("" if many is None else f"{many:12.1f}"))


def main(rows: int, replicates: list[int], repeat: int) -> None:
    _, program = fitted(5000)
    x, _ = people(rows, seed=2)
    known = x[~np.isnan(x).any(axis=1)][0].tolist()
    lp = program.score_one(known)[1]

    def one_to_score(run: Callable[[], Any]) -> float:
        return ratio(
            lambda: [run() for _ in range(500)],
            lambda: [program.score_one(known) for _ in range(500)],
            repeat,
        )

    def many_to_score(run: Callable[[], Any]) -> float:
        return ratio(run, lambda: program.score_many(x), repeat)

    print(f"{'times the score':<44}{'one person':>10}{f'{rows:,} rows':>12}")
    scores = program.score_many(x).linear_predictor
    show(
        "interval, covariance",
        one_to_score(lambda: program.interval_one(known, lp)),
        many_to_score(lambda: program.interval_many(x, scores)),
    )
    for count in replicates:
        other = replicated(program, count)
        show(
            f"interval, ensemble of {count}",
            one_to_score(lambda other=other: other.interval_one(known, lp)),
            many_to_score(lambda other=other: other.interval_many(x, scores)),
        )
    support = program.support
    assert support is not None
    far = with_distance(support, x[:5000])
    plain = one_to_score(lambda: support.check_one(known, 0.0))
    show("support, ranges and leverage", plain, many_to_score(lambda: support.check_many(x)))
    show(
        "support, with the distance",
        one_to_score(lambda: far.check_one(known, 0.0)),
        many_to_score(lambda: far.check_many(x)),
    )
    reach = Reach(program)
    for count in (1, 5):
        holes = [math.nan] * count + known[count:]
        at = program.score_one(holes)[1]
        show(
            f"what {count} unknown could change",
            one_to_score(lambda holes=holes, at=at: reach.bounds(holes, at)),
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--replicates", type=int, nargs="+", default=[30, 100])
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    main(given.rows, given.replicates, given.repeat)
