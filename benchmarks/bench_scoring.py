"""How long scoring, interval, support, fitting and loading take, and what the choices gain.

    python benchmarks/bench_scoring.py [--rows 1000000] [--fit-rows 100000] [--busy]

The model has 30 features of 6 knots, 2% of the values unknown. The peer is scikit-learn: splines
and a logistic regression on the same rows, without interval or support; that the program and the
estimator it came from agree is checked before anything is timed. With --busy the fit in one and in
two threads of linear algebra is repeated while another process computes.

Only ratios within one run say much; on a machine that is shared, seconds do not.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
from scipy.special import expit
from threadpoolctl import threadpool_limits

from _timing import best
from risicoscreener.models import (
    FeatureRange,
    ScoringProgram,
    SplineLogisticClassifier,
    Support,
    estimators,
)
from risicoscreener.models.piecewise import Piecewise

FEATURES = 30
UNKNOWN = 0.02
LOAD = """
import sys, time
from risicoscreener.models import Bundle
from risicoscreener.models.shipped import shipped_bundle_bytes
data = shipped_bundle_bytes()
runs = []
for _ in range(7):
    t = time.perf_counter()
    bundle = Bundle.load(data)
    runs.append(time.perf_counter() - t)
heavy = [m for m in ("sklearn", "scipy", "pandas") if m in sys.modules]
features = sum(len(m.program.terms) for m in bundle.models)
vectors = sum(len(m.golden) for m in bundle.models)
print(f"{len(bundle.models)} models of {features} features together, {len(data) / 1e6:.2f} MB, "
      f"{vectors} vectors: {min(runs) * 1e3:.0f} ms; imported of sklearn, scipy, pandas: {heavy}")
"""


def people(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """``(n, FEATURES)`` values, some unknown, and an outcome that depends on six of them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, FEATURES))
    lp = -1.0 + np.tanh(x[:, :3]).sum(axis=1) + 0.3 * x[:, 3:6].sum(axis=1)
    y = (rng.random(n) < expit(lp)).astype(np.float64)
    x[rng.random(x.shape) < UNKNOWN] = np.nan
    return x, y


def fitted(n: int = 20_000) -> tuple[SplineLogisticClassifier, ScoringProgram]:
    """The model that is timed, with ranges and leverage of its own training data."""
    x, y = people(n, seed=1)
    names = [f"feature_{i}" for i in range(FEATURES)]
    model = SplineLogisticClassifier(knots=6, shrinkage=1.0, smoothness=0.1).fit(x, y)
    found = model.lower(names).interval_many(x)
    assert found is not None
    low, middle, high = np.nanquantile(x, [0.0, 0.5, 1.0], axis=0).tolist()
    support = Support(
        features=tuple(names),
        ranges=tuple(map(FeatureRange, low, high, middle)),
        max_missing_share=0.5,
        max_leverage=float(np.quantile(np.square(found.standard_error), 0.999)),
    )
    return model, model.lower(names, support=support)


def side_by_side(a: Callable[[], Any], b: Callable[[], Any], repeat: int) -> tuple[float, float]:
    """Medians of two functions that run in turn, in seconds."""
    pairs = [(best(a, 1), best(b, 1)) for _ in range(repeat)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


# -- score -----------------------------------------------------------------------------------------


def one_person(program: ScoringProgram, x: np.ndarray, repeat: int) -> None:
    known = x[~np.isnan(x).any(axis=1)][0].tolist()
    assert program.support is not None
    steps = {
        "score with contributions": lambda: program.score_one(known),
        "interval": lambda: program.interval_one(known),
        "support": lambda: program.support.check_one(known, 0.0),
        "all": lambda: program.assess_one(known),
    }
    print("one person")
    for name, run in steps.items():
        many = best(lambda run=run: [run() for _ in range(2000)], repeat) / 2000
        print(f"  {name:<28}{many * 1e6:8.1f} µs")


def many_people(program: ScoringProgram, x: np.ndarray, repeat: int) -> None:
    assert program.support is not None
    leverage = np.zeros(len(x))
    steps = {
        "score": lambda: program.score_many(x),
        "interval": lambda: program.interval_many(x),
        "support": lambda: program.support.check_many(x, leverage),
        "all": lambda: program.assess_many(x),
    }
    print(f"{len(x):,} people")
    for name, run in steps.items():
        print(f"  {name:<28}{best(run, repeat):8.2f} s")


def against_scikit_learn(program: ScoringProgram, x: np.ndarray, repeat: int) -> None:
    """Probabilities alone by a pipeline, against score, interval and support by the program."""
    import pandas as pd

    from _peers import calibrated_pipeline

    rows, outcome = people(4000, seed=3)
    names = list(program.features)
    peer = calibrated_pipeline(pd.DataFrame(rows, columns=names), outcome)
    one, some = pd.DataFrame(rows[:1], columns=names), pd.DataFrame(x[:50_000], columns=names)
    values = rows[0].tolist()
    theirs, ours = side_by_side(
        lambda: [peer.predict_proba(one) for _ in range(5)],
        lambda: [program.assess_one(values) for _ in range(500)],
        repeat,
    )
    print(f"scikit-learn, probabilities alone, one person: {theirs / 5 / (ours / 500):,.0f} times")
    theirs, ours = side_by_side(
        lambda: peer.predict_proba(some), lambda: program.assess_many(x[:50_000]), repeat
    )
    print(f"scikit-learn, probabilities alone, 50,000 people: {theirs / ours:.1f} times")


def check_equal(model: SplineLogisticClassifier, program: ScoringProgram, x: np.ndarray) -> None:
    """The program gives the probabilities of the estimator, and one person those of many."""
    scores = program.score_many(x[:1000])
    np.testing.assert_allclose(scores.probability, model.predict_proba(x[:1000])[:, 1], atol=1e-12)
    for i in range(50):
        assert program.score_one(x[i].tolist())[1] == scores.linear_predictor[i]


# -- what the choices gain -------------------------------------------------------------------------


def choices(program: ScoringProgram, x: np.ndarray, repeat: int) -> None:
    column = np.ascontiguousarray(x[:, 0])
    knots = np.array(program.terms[0].knots)
    function = Piecewise(program.terms[0].knots, program.terms[0].values)
    chunks = np.array_split(column, max(1, len(column) // 8192))
    search, count = side_by_side(
        lambda: [np.searchsorted(knots, c, side="right") for c in chunks],
        lambda: [function._pieces(c) for c in chunks],
        repeat,
    )
    print(f"segment: searchsorted takes {search / count:.1f} times as long as counting knots")
    basis = program._errors
    rng = np.random.default_rng(0)
    blocks = [rng.normal(size=(basis.size, 4096)) for _ in range(12)]
    out, half = np.empty((basis.size, 4096)), basis.size // 2

    def halves() -> None:
        for b in blocks:
            np.matmul(basis.transposed[:half], b, out=out[:half])
            np.matmul(basis.transposed[half:, half:], b[half:], out=out[half:])

    def full() -> None:
        for b in blocks:
            np.matmul(basis.transposed, b, out=out)

    whole, two = side_by_side(full, halves, repeat)
    print(f"triangle of {basis.size}: full product takes {whole / two:.2f} times that in two parts")
    single = [b.astype(np.float32) for b in blocks]
    factor, out32 = basis.transposed.astype(np.float32), np.empty((basis.size, 4096), np.float32)
    double, half_width = side_by_side(
        full, lambda: [np.matmul(factor, b, out=out32) for b in single], repeat
    )
    print(f"product in double precision takes {double / half_width:.1f} times that in single")


# -- fit -------------------------------------------------------------------------------------------


def fits(sizes: list[int]) -> None:
    """Fit with penalty, calibration and covariance, as it comes."""
    for n in sizes:
        x, y = people(n, seed=4)
        started = time.perf_counter()
        model = SplineLogisticClassifier().fit(x, y)
        took = time.perf_counter() - started
        print(
            f"fit of {n:,} x {FEATURES}, {len(model.coefficients_)} coefficients, with penalty, "
            f"calibration and covariance: {took:.2f} s"
        )


def threads(n: int, repeat: int) -> None:
    """The same fit with one thread of linear algebra and with two, in turn."""
    x, y = people(n, seed=4)

    def two() -> None:
        with patch.object(
            estimators.base, "threadpool_limits", lambda *_: threadpool_limits(2, "blas")
        ):
            SplineLogisticClassifier().fit(x, y)

    def one() -> None:
        SplineLogisticClassifier().fit(x, y)

    for label, other in (("alone", False), ("beside another process", True)):
        with _busy(other):
            b, a = side_by_side(two, one, repeat)
        print(f"fit of {n:,}, {label}: two threads take {b / a:.1f} times as long as one")


@contextmanager
def _busy(wanted: bool) -> Iterator[None]:
    """Another process that computes meanwhile."""
    if not wanted:
        yield
        return
    other = multiprocessing.get_context("spawn").Process(target=_compute, daemon=True)
    other.start()
    time.sleep(1.0)
    try:
        yield
    finally:
        other.kill()
        other.join()


def _compute() -> None:
    a = np.random.default_rng(0).normal(size=(400, 400))
    while True:
        a @ a


def load() -> None:
    """The shipped bundle with all its checks, in a fresh process."""
    done = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True)
    print("load the shipped bundle:", done.stdout.strip())


def main(rows: int, fit_rows: int, repeat: int, busy: bool) -> None:
    model, program = fitted()
    x, _ = people(rows, seed=2)
    check_equal(model, program, x)
    print(f"{FEATURES} features of 6 knots, {len(model.coefficients_)} coefficients, 2% unknown")
    one_person(program, x, repeat)
    many_people(program, x, repeat)
    against_scikit_learn(program, x, repeat)
    choices(program, x, repeat)
    fits([3_000, fit_rows])
    if busy:
        threads(3_000, min(repeat, 3))
    load()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--fit-rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--busy", action="store_true", help="one thread against two, busy or not")
    given = parser.parse_args()
    main(given.rows, given.fit_rows, given.repeat, given.busy)
