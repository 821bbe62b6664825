"""How often intervals hold the true risk: that of the posterior, a sandwich, and after calibration.

    python scripts/interval_coverage.py [--samples 60] [--people 500 1500 6000]

Three features, of which two count; terms that flatten in the tails, are straight there, or wave.
The penalty is chosen anew in each sample. Shares are of the people of the sample, at 95%.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.estimators.penalised import Sample

TERMS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "flattening": ("tanh(x)", np.tanh),
    "straight": ("0.7 x", lambda x: 0.7 * x),
    "waving": ("sin(2 x)", lambda x: np.sin(2.0 * x)),
}


class Coverage(NamedTuple):
    """Shares of people whose true risk lies in an interval."""

    posterior: float
    sandwich: float
    calibrated: float


def coverage(seed: int, n: int = 1500, terms: str = "flattening") -> Coverage:
    """One sample: ``n`` people, the intervals of a fit on them, and their true risk.

    Parameters
    ----------
    terms
        A name in `TERMS`: the term of the first feature, and with half its weight of the second.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    term = TERMS[terms][1]
    truth = -1.0 + term(x[:, 0]) + 0.5 * term(x[:, 1])
    y = (rng.random(n) < expit(truth)).astype(float)
    model = SplineLogisticClassifier(calibration=None, folds=3).fit(x, y)
    lp = model.lower(list("abc")).score_many(x).linear_predictor
    return Coverage(
        posterior=_within(model, x, truth),
        sandwich=float((np.abs(lp - truth) <= 1.96 * _sandwich(model, x, y)).mean()),
        calibrated=_within(_calibrated(model, x, y), x, truth),
    )


def _within(model: SplineLogisticClassifier, x: np.ndarray, truth: np.ndarray) -> float:
    intervals = model.lower(list("abc")).interval_many(x)
    assert intervals is not None
    risk = expit(truth)
    return float(((intervals.lower <= risk) & (risk <= intervals.upper)).mean())


def _sandwich(model: SplineLogisticClassifier, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Standard errors around the mean of the penalised fit, without its bias."""
    design = model.basis_.design(x)
    _, information = Sample(design, y, np.ones(len(y))).expansion(model.coefficients_)
    inverse = model.covariance_factor_ @ model.covariance_factor_.T
    covariance = inverse @ information @ inverse
    return np.sqrt(np.einsum("ij,jk,ik->i", design, covariance, design, optimize=True))


def _calibrated(
    model: SplineLogisticClassifier, x: np.ndarray, y: np.ndarray
) -> SplineLogisticClassifier:
    """The same fit with the logistic map on its out-of-fold predictions."""
    chosen = {"shrinkage": model.shrinkage_, "smoothness": model.smoothness_}
    return SplineLogisticClassifier(folds=3, **chosen).fit(x, y)


def main(samples: int, people: list[int]) -> None:
    print(
        f"{samples} samples each; share of people whose true risk is in the 95% interval;\n"
        "error: standard error of the mean over samples"
    )
    print(f"{'terms':<22}{'people':>8}{'posterior (error)':>19}{'sandwich':>10}{'calibrated':>12}")
    for name, (formula, _) in TERMS.items():
        for n in people:
            found = np.array([coverage(seed, n, name) for seed in range(samples)])
            mean = Coverage(*found.mean(axis=0).tolist())
            error = found[:, 0].std() / np.sqrt(samples)
            print(
                f"{name + ', ' + formula:<22}{n:>8,}{mean.posterior:>11.3f} ({error:.3f})"
                f"{mean.sandwich:>10.3f}{mean.calibrated:>12.3f}",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--people", type=int, nargs="+", default=[500, 1500, 6000])
    given = parser.parse_args()
    main(given.samples, given.people)
