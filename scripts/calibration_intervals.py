"""How calibration measures and their intervals behave, in people whose truth is known.

    python scripts/calibration_intervals.py [--people 500 2000] [--samples 150] [--replicates 200]

Outcomes are drawn given log odds of which a model says something else: it is right, too extreme, or
bent. Per model and number of people it prints the bias of the ICI and how often intervals hold the
true value; of the band, at how many places between the 5th and the 95th percentile. True values are
those of 200,000 people, the ICI that of the true curve.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import (
    SplineCurve,
    calibration_curve,
    mean_calibration,
    weak_calibration,
)
from risicoscreener.evaluation.resampling import Kind, bootstrap

Array = npt.NDArray[np.float64]
Truth = Callable[[Array], Array]

MODELS: dict[str, Truth] = {
    "right": lambda lp: lp,
    "too extreme": lambda lp: 0.2 + 0.75 * lp,
    "bent": lambda lp: lp + 0.25 * (lp + 0.9) ** 2 - 0.3,
}
"""True log odds of who gets log odds ``lp`` from the model."""

KINDS: tuple[Kind, ...] = ("percentile", "basic", "bias_corrected", "widest")


def draw(rng: np.random.Generator, n: int, truth: Truth) -> Sample:
    lp = rng.normal(-0.9, 1.1, n)
    true = expit(truth(lp))
    return Sample.of(expit(lp), (rng.random(n) < true).astype(float))


def true_values(truth: Truth) -> dict[str, float]:
    """Of 200,000 people, each of whom has the outcome for the share that is true."""
    lp = np.random.default_rng(99).normal(-0.9, 1.1, 200_000)
    true = expit(truth(lp))
    sample = Sample.of(
        np.tile(expit(lp), 2),
        np.repeat([1.0, 0.0], len(lp)),
        weight=np.concatenate([true, 1.0 - true]),
    )
    values = {e.name: e.value for e in mean_calibration(sample) + weak_calibration(sample)}
    values["ici"] = float(np.abs(true - expit(lp)).mean())
    return values


def holds(low: float, high: float, true: float) -> float:
    return float(low <= true <= high)


def one_sample(
    rng: np.random.Generator,
    n: int,
    truth: Truth,
    true: dict[str, float],
    knots: list[int],
    replicates: int,
) -> dict[str, float]:
    """Per figure its error, or whether its interval holds the truth."""
    sample = draw(rng, n, truth)
    found = {}
    for estimate in mean_calibration(sample) + weak_calibration(sample):
        found[estimate.name] = holds(estimate.low, estimate.high, true[estimate.name])
    for number in knots:
        smoother = SplineCurve(number)
        curve = calibration_curve(sample, smoother=smoother)
        inside = (curve.x > np.quantile(sample.probability, 0.05)) & (
            curve.x < np.quantile(sample.probability, 0.95)
        )
        height = expit(truth(np.log(curve.x / (1 - curve.x))))
        held = (curve.low <= height) & (height <= curve.high)
        found[f"band {number}"] = float(held[inside].mean())
        names = ("ici", "e50", "e90", "emax")
        draws = bootstrap(
            sample,
            {names: smoother.errors},
            replicates=replicates,
            seed=int(rng.integers(2**31)),
        )
        found[f"bias {number}"] = draws.point["ici"] - true["ici"]
        for kind in KINDS:
            found[f"{kind} {number}"] = holds(*draws.interval("ici", kind=kind), true["ici"])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[500, 2000])
    parser.add_argument("--samples", type=int, default=150)
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--knots", type=int, nargs="+", default=[4])
    asked = parser.parse_args()
    for name, truth in MODELS.items():
        true = true_values(truth)
        print(f"\n{name}: true slope {true['calibration_slope']:.3f}, ICI {true['ici']:.4f}")
        for n in asked.people:
            rng = np.random.default_rng(7)
            rows = [
                one_sample(rng, n, truth, true, asked.knots, asked.replicates)
                for _ in range(asked.samples)
            ]
            print(f"  {n} people")
            for key in rows[0]:
                print(f"    {key:<30} {np.nanmean([row[key] for row in rows]):8.4f}")


if __name__ == "__main__":
    main()
