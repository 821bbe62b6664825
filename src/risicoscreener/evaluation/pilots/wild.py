"""The wild cluster bootstrap: residuals of whole sites get other signs, with the null imposed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import bisect

from risicoscreener.evaluation.pilots.design import FloatArray
from risicoscreener.evaluation.pilots.model import CellModel
from risicoscreener.evaluation.pilots.robust import check_spread

WEBB = np.array([-math.sqrt(1.5), -1.0, -math.sqrt(0.5), math.sqrt(0.5), 1.0, math.sqrt(1.5)])
"""Six weights instead of two: with eight sites two give 128 different draws only."""
DRAWS = 1999


@dataclass(frozen=True, eq=False)
class WildBootstrap:
    """What the test of any effect needs, made once.

    Attributes
    ----------
    value, error
        Effect, and its standard error with sites as units (CR1).
    pulls
        ``(2, sites)``: what each site adds to the estimate, of outcomes and of an effect of 1, with
        the null imposed.
    scores
        ``(2, sites, sites)``: what the residuals of one site, kept, add to the score of another.
    draws
        ``(sites, b)`` weights.
    factor
        By which CR1 multiplies the sum of squared scores.
    """

    value: float
    error: float
    pulls: FloatArray
    scores: FloatArray
    draws: FloatArray
    factor: float

    def p_value(self, effect: float = 0.0) -> float:
        """Two-sided p-value of an effect."""
        taken = np.array([1.0, -effect])
        pull = taken @ self.pulls
        scores = np.tensordot(taken, self.scores, 1)
        spread = np.sqrt(self.factor * np.sum((scores @ self.draws) ** 2, axis=0))
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.abs(pull @ self.draws) / spread
        found = np.where(spread > 0, found, np.inf)
        real = abs(self.value - effect) / self.error if self.error > 0 else math.inf
        return float((1 + np.sum(found >= real - 1e-12)) / (1 + len(found)))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Effects that are not rejected."""
        limits = []
        for side in (-1.0, 1.0):
            far = self.value + side * 4 * self.error
            step = 0
            while self.p_value(far) > 1 - level and step < 20:
                far += side * 4 * self.error * 2**step
                step += 1
            if self.p_value(far) > 1 - level:
                limits.append(side * math.inf)
                continue
            limits.append(
                float(
                    bisect(
                        lambda effect: self.p_value(effect) - (1 - level) - 1e-12,
                        self.value,
                        far,
                        xtol=1e-4 * self.error,
                    )
                )
            )
        return limits[0], limits[1]


def wild_bootstrap(
    model: CellModel, weight: FloatArray, *, draws: int = DRAWS, seed: int = 1
) -> WildBootstrap:
    """Prepare the bootstrap with Webb's weights.

    Parameters
    ----------
    model
        Of cells; the contrast is made the only column of its effect.
    weight
        ``(c, c)``: of the cells; no weight between sites.
    draws
        Bootstrap draws.
    seed
        Of the draws.

    Raises
    ------
    PilotError
        If the outcomes leave nothing between sites from which an error follows.

    References
    ----------
    Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90:414-427. Webb (2023),
    Canadian Journal of Economics 56:839-858. Roodman et al. (2019), Stata Journal 19:4-60.
    """
    root = np.linalg.cholesky(weight).T
    y, x = root @ model.y, root @ model.x
    target, rest = _reparametrised(x, model.contrast)
    out = np.eye(len(y)) - rest @ np.linalg.pinv(rest)
    clean = out @ target
    scale = float(clean @ target)
    value = float(clean @ y) / scale
    look = clean / scale
    residuals = out @ y - value * clean
    n = model.n_sites
    own = np.eye(n)[model.site]  # (c, sites)
    factor = n / (n - 1)
    error = math.sqrt(factor * float(np.sum((own.T @ (look * residuals)) ** 2)))
    check_spread(error, look, y)
    full = out - np.outer(clean, look)
    pulls, scores = [], []
    for part in (out @ y, clean):  # residuals under the null: out·y - effect·clean
        apart = own * part[:, None]
        pulls.append(look @ apart)
        scores.append((own * look[:, None]).T @ full @ apart)
    rng = np.random.default_rng(seed)
    signs = rng.choice(WEBB, size=(n, draws))
    return WildBootstrap(value, error, np.array(pulls), np.array(scores), signs, factor)


def _reparametrised(x: FloatArray, contrast: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A column whose coefficient is the contrast, and columns that span the rest."""
    length = float(contrast @ contrast)
    basis = np.linalg.svd(contrast[None, :])[2][1:].T
    return x @ contrast / length, x @ basis
