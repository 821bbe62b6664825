"""Bootstrap of five measures at once beside a loop over the metrics of scikit-learn.

    python benchmarks/bench_bootstrap.py [--rows 100000] [--replicates 1000] [--jobs 2]

The measures: AUC, Brier score, calibration slope, calibration index (ICI) of a restricted cubic
spline, net benefit. The loop draws rows and calls roc_auc_score, brier_score_loss, an unpenalised
LogisticRegression of the log odds for the slope, another of a spline basis made beforehand for the
index, and numpy for the net benefit. That both give the same figures in the same replicates is
checked before anything is timed; scikit-learn stops its fits a little earlier.

Ratios within one run say something on a machine that is shared; seconds do not say much.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from _timing import ratio
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import calibration_slope, ici
from risicoscreener.evaluation.calibration.basis import restricted_cubic_basis
from risicoscreener.evaluation.calibration.levels import levels_of
from risicoscreener.evaluation.discrimination import auc
from risicoscreener.evaluation.resampling import Measure, bootstrap, replicate_weights
from risicoscreener.evaluation.scoring import brier
from risicoscreener.evaluation.utility import net_benefit_at

CUT_OFF = 0.2
OURS: dict[str, Measure] = {
    "AUC": auc,
    "Brier score": brier,
    "calibration slope": calibration_slope,
    "calibration index": ici,
    "net benefit": net_benefit_at(CUT_OFF),
}
EQUAL = {"calibration slope": 5e-3, "calibration index": 5e-4}
"""How far scikit-learn's fits, which stop earlier, may lie from ours; the others 1e-10."""


def people(rows: int) -> Sample:
    """Probabilities that are too extreme and bend a little."""
    rng = np.random.default_rng(0)
    lp = rng.normal(-1.2, 1.0, rows)
    return Sample.of(expit(lp), rng.random(rows) < expit(0.1 + 0.9 * lp - 0.05 * lp**2))


class Loop:
    """What a user would write: rows are drawn, and each metric is called."""

    def __init__(self, sample: Sample) -> None:
        self.p, self.y = sample.probability, sample.outcome.astype(int)
        self.lp = np.log(self.p) - np.log1p(-self.p)
        self.basis = restricted_cubic_basis(self.lp, levels_of(sample).knots().tolist())
        self.rng = np.random.default_rng(1)

    def metrics(self) -> dict[str, Callable[[np.ndarray], float]]:
        return {
            "AUC": lambda i: roc_auc_score(self.y[i], self.p[i]),
            "Brier score": lambda i: brier_score_loss(self.y[i], self.p[i]),
            "calibration slope": self.slope,
            "calibration index": self.index,
            "net benefit": self.net_benefit,
        }

    def slope(self, i: np.ndarray) -> float:
        fit = LogisticRegression(C=np.inf).fit(self.lp[i, None], self.y[i])
        return float(fit.coef_[0, 0])

    def index(self, i: np.ndarray) -> float:
        basis = self.basis[i]
        fit = LogisticRegression(C=np.inf).fit(basis, self.y[i])
        return float(np.abs(fit.predict_proba(basis)[:, 1] - self.p[i]).mean())

    def net_benefit(self, i: np.ndarray) -> float:
        above, y = self.p[i] >= CUT_OFF, self.y[i]
        wrong = (above & (y == 0)).mean()
        return float((above & (y == 1)).mean() - wrong * CUT_OFF / (1 - CUT_OFF))

    def run(self, replicates: int) -> None:
        for _ in range(replicates):
            rows = self.rng.integers(0, len(self.p), len(self.p))
            for metric in self.metrics().values():
                metric(rows)


def check(sample: Sample, loop: Loop) -> None:
    """The same replicates give the same figures."""
    for weight in replicate_weights(sample, 2):
        rows = np.repeat(np.arange(len(sample)), weight.astype(int))
        for name, metric in loop.metrics().items():
            ours, theirs = OURS[name](sample, weight), metric(rows)
            assert abs(ours - theirs) < EQUAL.get(name, 1e-10), (name, ours, theirs)


def main(rows: int, replicates: int, jobs: int, repeat: int) -> None:
    sample = people(rows)
    loop = Loop(sample)
    check(sample, loop)
    print(f"{rows:,} rows; replicates by the loop and by weights agree")
    weights = list(replicate_weights(sample, 5))
    drawn = [loop.rng.integers(0, rows, rows) for _ in weights]
    print(f"{'':<22}times as long by the loop")
    for name, metric in loop.metrics().items():
        found = ratio(
            lambda metric=metric: [metric(i) for i in drawn],
            lambda name=name: [OURS[name](sample, w) for w in weights],
            repeat,
        )
        print(f"{name:<22}{found:10.1f}")
    whole = ratio(
        lambda: loop.run(10), lambda: bootstrap(sample, OURS, replicates=10, seed=1), repeat
    )
    print(f"{'all, with the draws':<22}{whole:10.1f}")
    for count, threads in ((1, False), (jobs, True), (jobs, False)):
        started = time.perf_counter()
        bootstrap(sample, OURS, replicates=replicates, jobs=count, threads=threads)
        took = time.perf_counter() - started
        what = "threads" if threads else "processes"
        how = "1 job" if count == 1 else f"{count} {what}"
        print(f"{replicates:,} replicates of all five, {how:<14}{took:8.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    main(given.rows, given.replicates, given.jobs, given.repeat)
