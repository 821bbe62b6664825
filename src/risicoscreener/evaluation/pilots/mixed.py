"""Linear mixed models of cells by REML, with the degrees of freedom of Kenward and Roger.

A site has its own level, and within a site each period too. The likelihood is that of the people
themselves: cells are enough for it, since nothing in the model differs within a cell. statsmodels
fits the same model person by person; it has no correction for few sites, and a simulation of
thousands of pilots would take days.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.special import chdtri

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots.design import FloatArray
from risicoscreener.evaluation.pilots.model import CellModel, inverse_of

Degrees = Literal["kenward_roger", "satterthwaite", "between_within"]
DEGREES: tuple[str, ...] = get_args(Degrees)
_PARTS = ("site", "site_period", "within")


@dataclass(frozen=True, eq=False)
class MixedFit:
    """A fitted mixed model.

    Attributes
    ----------
    model
        What was fitted.
    site, site_period, within
        Variances: between sites; between periods of one site; of one outcome within a cell.
    coefficients
        ``(p,)``
    covariance
        ``(p, p)``: model-based, not corrected.
    log_likelihood
        Restricted, up to a constant.
    """

    model: CellModel
    site: float
    site_period: float
    within: float
    coefficients: FloatArray
    covariance: FloatArray
    log_likelihood: float

    @property
    def value(self) -> float:
        """The effect."""
        return float(self.model.contrast @ self.coefficients)

    @property
    def icc(self) -> float:
        """Correlation between two people of one site in one period."""
        between = self.site + self.site_period
        return between / (between + self.within) if between + self.within > 0 else math.nan

    @property
    def cac(self) -> float:
        """The part of it that remains between two periods; NaN without correlation."""
        between = self.site + self.site_period
        return self.site / between if between > 0 else math.nan

    def error(self, degrees: Degrees = "kenward_roger") -> tuple[float, float]:
        """Standard error of the effect, and its degrees of freedom.

        Parameters
        ----------
        degrees
            ``kenward_roger``: both corrected for what is not known of the variances.
            ``satterthwaite``: the degrees only. ``between_within``: cells less sites less what
            is estimated within sites (Schluchter and Elashoff 1990).

        References
        ----------
        Kenward and Roger (1997), Biometrics 53:983-997.
        """
        if degrees not in DEGREES:
            raise PilotError(f"degrees is {degrees!r}; expected one of {', '.join(DEGREES)}")
        contrast = self.model.contrast
        plain = float(contrast @ self.covariance @ contrast)
        if degrees == "between_within":
            return math.sqrt(plain), _between_within(self.model)
        inflated, found = self._kenward_roger
        return math.sqrt(inflated if degrees == "kenward_roger" else plain), found

    @cached_property
    def inverse(self) -> FloatArray:
        """``(c, c)``: inverse of the covariance of the cells."""
        return inverse_of(self.cell_covariance)

    @property
    def cell_covariance(self) -> FloatArray:
        """``(c, c)``: covariance of the cells."""
        return _covariance(self.model, np.array([self.site, self.site_period, self.within]))

    def error_of(self, weights: FloatArray) -> tuple[float, float]:
        """Standard error of a weighted sum of cell means, with Satterthwaite's degrees of freedom.

        Parameters
        ----------
        weights
            ``(c,)``
        """
        variance = float(weights @ self.cell_covariance @ weights)
        slope = np.array(
            [weights @ _part(self.model, name) @ weights for name in _free_parts(self.model)]
        )
        spread = float(slope @ self._spread_of_variances[0] @ slope)
        return math.sqrt(variance), 2 * variance**2 / spread if spread > 0 else math.inf

    @cached_property
    def _kenward_roger(self) -> tuple[float, float]:
        """Corrected variance of the effect and degrees of freedom, for one contrast."""
        phi, (weights, p_of, q_of) = self.covariance, self._spread_of_variances
        k = len(p_of)
        pull = phi @ self.model.contrast
        plain = float(self.model.contrast @ pull)
        slope = np.array([pull @ p @ pull for p in p_of])
        extra = sum(
            weights[i, j] * float(pull @ (q_of[i, j] - p_of[i] @ phi @ p_of[j]) @ pull)
            for i in range(k)
            for j in range(k)
        )
        spread = float(slope @ weights @ slope)
        found = 2 * plain**2 / spread if spread > 0 else math.inf
        return plain + 2 * float(extra), found

    @cached_property
    def _spread_of_variances(
        self,
    ) -> tuple[FloatArray, list[FloatArray], dict[tuple[int, int], FloatArray]]:
        """Covariance of the estimated variances, and Kenward and Roger's P and Q."""
        model, phi, inverse = self.model, self.covariance, self.inverse
        parts = _free_parts(model)
        moved = [inverse @ _part(model, name) for name in parts]  # V⁻¹ Gᵢ
        p_of = [-model.x.T @ m @ inverse @ model.x for m in moved]
        k = len(parts)
        information = np.empty((k, k))
        q_of: dict[tuple[int, int], FloatArray] = {}
        for i in range(k):
            for j in range(k):
                q_of[i, j] = model.x.T @ moved[i] @ moved[j] @ inverse @ model.x
                information[i, j] = (
                    np.sum(moved[i] * moved[j].T)
                    - 2 * np.sum(phi * q_of[i, j].T)
                    + np.sum((phi @ p_of[i]) * (phi @ p_of[j]).T)
                )
        if "within" in parts:
            place = parts.index("within")
            information[place, place] += model.degrees_within / self.within**2
        spread: FloatArray = 2 * np.asarray(np.linalg.pinv(information), dtype=np.float64)
        return spread, p_of, q_of

    def icc_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Interval of `icc` by the profile of the restricted likelihood.

        With few sites it is wide, as it should be.
        """
        if not math.isfinite(self.icc):
            return math.nan, math.nan
        drop = float(chdtri(1, 1 - level)) / 2

        def short(icc: float) -> float:
            return self._profile(icc) - (self.log_likelihood - drop)

        centre = min(max(self.icc, 1e-6), 0.999)
        low = 0.0 if short(0.0) >= 0 else float(brentq(short, 0.0, centre, xtol=1e-5))
        high = 1.0 if short(0.999) >= 0 else float(brentq(short, centre, 0.999, xtol=1e-5))
        return low, high

    def _profile(self, icc: float) -> float:
        between = self.within * icc / (1 - icc)

        def loss(cac: float) -> float:
            theta = np.array([cac * between, (1 - cac) * between, self.within])
            return _loss(self.model, theta)[0]

        if icc == 0 or not self.model.many_periods:
            return -loss(1.0)
        inner = minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-4})
        return -min(float(inner.fun), loss(0.0), loss(1.0))


def fit_mixed(model: CellModel) -> MixedFit:
    """Fit by restricted maximum likelihood.

    Raises
    ------
    PilotError
        If there are no more cells than coefficients, or all people of each cell are alike.
    """
    if len(model.y) <= model.x.shape[1] or not model.within > 0:
        raise PilotError(
            f"{len(model.y)} cells do not allow {model.x.shape[1]} coefficients and variances; "
            "expected more sites or periods, and outcomes that differ"
        )
    free = [_PARTS.index(name) for name in _free_parts(model)]
    scale = model.within
    start = (0.0 if model.site_effects else 0.02, 0.02 if model.many_periods else 0.0, 1.0)
    theta = np.array(start) * scale

    def loss(values: FloatArray) -> tuple[float, FloatArray]:
        trial = theta.copy()
        trial[free] = values * scale
        value, slope = _loss(model, trial)
        return value, slope[free] * scale

    bounds = [(1e-6 if i == 2 else 0.0, None) for i in free]
    options = {"maxiter": 200, "ftol": 1e-13, "gtol": 1e-9}
    found = minimize(
        loss, theta[free] / scale, jac=True, bounds=bounds, method="L-BFGS-B", options=options
    )
    theta[free] = found.x * scale
    inverse = inverse_of(_covariance(model, theta))
    covariance = inverse_of(model.x.T @ inverse @ model.x)
    coefficients = covariance @ (model.x.T @ inverse @ model.y)
    site, site_period, within = (float(value) for value in theta)
    return MixedFit(
        model, site, site_period, within, coefficients, covariance, -_loss(model, theta)[0]
    )


def _free_parts(model: CellModel) -> list[str]:
    """Variances to estimate: with one cell for each site, periods cannot be told apart from it."""
    kept = [] if model.site_effects else ["site"]
    if model.many_periods:
        kept.append("site_period")
    if math.isfinite(model.degrees_within) and model.degrees_within > 0:
        kept.append("within")
    return kept


def _part(model: CellModel, name: str) -> FloatArray:
    """Derivative of the covariance of the cells to one variance."""
    if name == "site":
        return (model.site[:, None] == model.site).astype(np.float64)
    return np.diag(np.ones(len(model.y)) if name == "site_period" else model.noise)


def _covariance(model: CellModel, theta: FloatArray) -> FloatArray:
    found = theta[0] * _part(model, "site")
    found[np.diag_indices(len(model.y))] += theta[1] + theta[2] * model.noise
    return found


def _loss(model: CellModel, theta: FloatArray) -> tuple[float, FloatArray]:
    """Minus the restricted log likelihood, and its slope in the three variances.

    The covariance of one site is a diagonal and a constant, so that its inverse is known.
    """
    own, x = model.of_site, model.x
    noise = theta[1] + theta[2] * model.noise
    alone = 1 / noise
    total = own @ alone
    shrunk = theta[0] / (1 + theta[0] * total)

    def weigh(values: FloatArray) -> FloatArray:
        apart: FloatArray = alone[:, None] * values
        found: FloatArray = apart - alone[:, None] * (own.T @ (shrunk[:, None] * (own @ apart)))
        return found

    weighed = weigh(x)
    information = x.T @ weighed
    phi = np.linalg.inv(information)
    rest = weigh(model.y[:, None])[:, 0]
    rest = rest - weighed @ (phi @ (x.T @ rest))
    value = (
        float(np.log(noise).sum())
        + float(np.log1p(theta[0] * total).sum())
        + float(np.linalg.slogdet(information)[1])
        + float(model.y @ rest)
    )
    diagonal = alone - shrunk[model.site] * alone**2 - np.sum((weighed @ phi) * weighed, axis=1)
    summed, by_site = own @ weighed, own @ rest
    between = float((total / (1 + theta[0] * total)).sum()) - float(np.sum((summed @ phi) * summed))
    slope = np.array(
        [
            between - float(by_site @ by_site),
            float(diagonal.sum()) - float(rest @ rest),
            float(diagonal @ model.noise) - float(rest**2 @ model.noise),
        ]
    )
    if math.isfinite(model.degrees_within):
        ratio = model.within / theta[2]
        value += model.degrees_within * (math.log(theta[2]) + ratio)
        slope[2] += model.degrees_within * (1 - ratio) / theta[2]
    return value / 2, slope / 2


def _between_within(model: CellModel) -> float:
    """Cells less sites less what is estimated within sites; with one cell each, between sites."""
    if not model.many_periods:
        return float(max(model.n_sites - model.x.shape[1], 1))
    dummies = np.eye(model.n_sites)[model.site]
    within_rank = np.linalg.matrix_rank(np.column_stack([dummies, model.x])) - model.n_sites
    return float(max(len(model.y) - model.n_sites - int(within_rank), 1))
