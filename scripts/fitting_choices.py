"""What the choices in fitting do on real data: number of knots, calibration, folds, expansions.

    python scripts/fitting_choices.py [--compas PATH]

10-fold stratified cross-validation with seed 0, as in scripts/real_data.py, whose command gives the
figures of the defaults and of plain logistic regression. Needs the extra `data`. Without the path
(or RISICOSCREENER_COMPAS) COMPAS is left out. COMPAS is taken as it was published, with its age of
2016, since the figures it is compared with use that.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, SplineTransformer, StandardScaler

from real_data import VARIABLE, boosting, out_of_fold, reference
from risicoscreener.datasets import Dataset, load_compas, load_recid
from risicoscreener.models import SplineLogisticClassifier
from risicoscreener.models.estimators import deal_folds
from risicoscreener.models.estimators.choosing import (
    PILOT,
    SHRINKAGES,
    SMOOTHNESSES,
)
from risicoscreener.models.estimators.penalised import (
    Bounds,
    Sample,
    cross_validated_deviance,
    fit_penalised,
)
from risicoscreener.models.estimators.splines import RampBasis

KNOTS = (5, 7, 10, 16)


class EqualRowsTogether(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The estimator with folds that never part rows of the same values."""

    def fit(self, X: Any, y: Any) -> EqualRowsTogether:  # noqa: N803
        """Fit with equal rows as groups."""
        _, groups = np.unique(X, axis=0, return_inverse=True)
        self.model_ = SplineLogisticClassifier().fit(X, y, groups=groups.ravel())
        self.classes_ = self.model_.classes_
        return self

    def decision_function(self, X: Any) -> Any:  # noqa: N803
        """Calibrated linear predictor."""
        return self.model_.decision_function(X)


def variants() -> dict[str, Callable[[], Any]]:
    """What is measured on each data set, by name."""
    named: dict[str, Callable[[], Any]] = {
        f"{knots} knots": lambda knots=knots: SplineLogisticClassifier(knots=knots)
        for knots in KNOTS
    }
    return named | {
        "7 knots, no calibration": lambda: SplineLogisticClassifier(calibration=None),
        "7 knots, equal rows in one fold": EqualRowsTogether,
        "plain logistic": reference,
        "cubic splines, plain logistic": lambda: make_pipeline(
            SplineTransformer(n_knots=5, degree=3, knots="quantile"),
            StandardScaler(),
            LogisticRegression(max_iter=5000),
        ),
        "boosting, depth 2": lambda: boosting(2),
    }


def performance_lines(data: Dataset, label: str) -> list[str]:
    """AUC, Brier score and calibration slope of each variant."""
    lines = [f"{label}, {int(data.outcome.sum()):,} of {len(data.frame):,}"]
    for name, make in variants().items():
        found = out_of_fold(data, make())
        lines.append(
            f"  {name:<34}AUC {found.auc:.4f}  Brier {found.brier:.4f}  "
            f"slope {found.calibration_slope:.2f}"
        )
    return lines


def expansion_line(data: Dataset) -> str:
    """How far held-out deviance from expansions is from that of fits of their own."""
    x, y = data.frame.to_numpy(), data.outcome.to_numpy(dtype=np.float64)
    weight = np.ones(len(y))
    basis = RampBasis.fit(x, weight, 7, 0.002)
    sample = Sample(basis.design(x), y, weight)
    dealt = deal_folds(x, y, weight, None, 5)
    assert dealt is not None
    pairs = [(a, b) for a in SHRINKAGES for b in SMOOTHNESSES]
    penalties = [basis.penalty(*pair) for pair in pairs]
    quick, _ = cross_validated_deviance(sample, dealt, penalties, basis.penalty(*PILOT))
    exact = np.empty_like(quick)
    for fold, share in enumerate(dealt.T):
        kept, held = sample.reweighted(weight - share), sample.only(share)
        for i, penalty in enumerate(penalties):
            fit = fit_penalised(kept, penalty, Bounds.none(basis.size))
            exact[fold, i] = held.deviance(fit.coefficients)
    furthest = np.abs(quick.sum(axis=0) / exact.sum(axis=0) - 1.0).max()
    chosen, best = pairs[int(quick.sum(axis=0).argmin())], pairs[int(exact.sum(axis=0).argmin())]
    lost = exact.sum(axis=0)[pairs.index(chosen)] / exact.sum(axis=0).min() - 1.0
    return (
        f"{data.name}: held-out deviance by expansion of {len(pairs)} penalties is within "
        f"{furthest:.2%} of {len(pairs) * dealt.shape[1]} fits; chosen {chosen}, by fits {best}, "
        f"at a cost of {lost:.3%}"
    )


def order_line(data: Dataset, turns: int = 8) -> str:
    """The defaults with the columns in other orders, which deal the inner folds anew."""
    width, found = data.frame.shape[1], []
    for turn in range(turns):
        shifted = {"shift": turn * width // turns, "axis": 1}
        turned = FunctionTransformer(np.roll, kw_args=shifted)
        performance = out_of_fold(data, make_pipeline(turned, SplineLogisticClassifier()))
        found.append((performance.auc, performance.brier))
    auc, brier = np.array(found).T
    return (
        f"  7 knots, columns in {turns} orders    AUC {auc.min():.4f} to {auc.max():.4f}  "
        f"Brier {brier.min():.4f} to {brier.max():.4f}"
    )


def main(compas: str | None) -> None:
    sets = [(load_recid(), "recid, 24 months")]
    if compas:
        sets.append((load_compas(compas, age="as_published"), "compas, as published, age of 2016"))
    for data, label in sets:
        print("\n".join(performance_lines(data, label)), flush=True)
        print(order_line(data), flush=True)
    for data, _ in sets:
        print(expansion_line(data), flush=True)
    if not compas:
        print(f"COMPAS is left out: give --compas PATH, or set {VARIABLE}.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--compas", metavar="PATH", default=os.environ.get(VARIABLE))
    main(parser.parse_args().compas)
