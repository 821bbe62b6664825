"""Calibration per stratum (prison, region, group), with partial pooling towards a common map.

A mixed logistic model: the log odds of stratum ``s`` are ``(a + u_s) + (b + v_s) * (lp - c)``
with ``u_s`` and ``v_s`` independent, normal with variances that are estimated by the Laplace
approximation of the restricted likelihood. Small strata, and all strata when they hardly
differ, shrink to the common map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from risicoscreener.errors import ModelError
from risicoscreener.models.calibrating.choice import sentence
from risicoscreener.models.calibrating.data import checked
from risicoscreener.models.calibration import Logistic
from risicoscreener.models.estimators.out_of_fold import LEAST_CALIBRATION_SLOPE
from risicoscreener.texts import check_language

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram

MAX_STEPS = 200
SMALLEST_VARIANCE, LARGEST_VARIANCE = 1e-8, 25.0
"""Bounds of the variances between strata, on the log odds."""


@dataclass(frozen=True)
class StratumCalibration:
    """The calibration of one stratum.

    Attributes
    ----------
    stratum
        Its name.
    known
        False if it was not in the data: the map is then the common one.
    calibration
        Map of the linear predictor.
    covariance
        ``(2, 2)``: of intercept and slope; of an unknown stratum that of the common map and the
        variance between strata together.
    n, events
        People and people with the outcome in it, by weight.
    own_share
        From 0 (the common map) to 1 (as if fitted apart): the part of its intercept, at the
        mean linear predictor, that comes from its own data.
    """

    stratum: Hashable
    known: bool
    calibration: Logistic
    covariance: FloatArray
    n: float
    events: float
    own_share: float

    def standard_error(self, lp: npt.ArrayLike) -> FloatArray:
        """Standard error of the calibrated linear predictor at linear predictors."""
        at = np.stack(np.broadcast_arrays(1.0, np.asarray(lp, np.float64)), axis=-1)
        error: FloatArray = np.sqrt(np.einsum("...i,ij,...j->...", at, self.covariance, at))
        return error

    def text(self, lang: str = "en") -> str:
        """Where this calibration comes from, in a sentence; nl or en."""
        check_language(lang)
        kind = "stratum.known" if self.known else "stratum.unknown"
        return (
            sentence(kind)
            .text(lang)
            .format(
                stratum=self.stratum,
                people=f"{self.n:g}",
                events=f"{self.events:g}",
                own=f"{100 * self.own_share:.0f}",
            )
        )


@dataclass(frozen=True)
class StratifiedCalibration:
    """Calibration maps of strata around a common one.

    Attributes
    ----------
    common
        The map of a stratum like the average one.
    common_covariance
        ``(2, 2)``: of its intercept and slope.
    strata
        The map of each stratum, by name.
    centre
        Mean linear predictor, at which the intercepts vary independently of the slopes.
    sd_intercept, sd_slope
        Standard deviation between strata of the log odds at the centre, and of the slope.
    """

    common: Logistic
    common_covariance: FloatArray
    strata: Mapping[Hashable, StratumCalibration]
    centre: float
    sd_intercept: float
    sd_slope: float

    def for_stratum(self, stratum: Hashable) -> StratumCalibration:
        """The calibration of a stratum; of one that was not in the data the common one."""
        found = self.strata.get(stratum)
        if found is not None:
            return found
        between = _uncentred_covariance(
            np.diag([self.sd_intercept**2, self.sd_slope**2]), self.centre
        )
        return StratumCalibration(
            stratum=stratum,
            known=False,
            calibration=self.common,
            covariance=self.common_covariance + between,
            n=0.0,
            events=0.0,
            own_share=0.0,
        )

    def linear_predictor(self, lp: npt.ArrayLike, strata: npt.ArrayLike) -> FloatArray:
        """Calibrated linear predictor ``(n,)`` of people with their strata."""
        names, position = np.unique(np.asarray(strata), return_inverse=True)
        maps = [self.for_stratum(name).calibration for name in names.tolist()]
        intercept = np.array([m.intercept for m in maps])
        slope = np.array([m.slope for m in maps])
        found: FloatArray = intercept[position] + slope[position] * np.asarray(lp, np.float64)
        return found

    def apply(self, program: ScoringProgram, stratum: Hashable) -> ScoringProgram:
        """The program with the calibration of a stratum instead of its own."""
        return msgspec.structs.replace(program, calibration=self.for_stratum(stratum).calibration)

    def to_frame(self) -> pd.DataFrame:
        """One row per stratum: n, events, intercept, slope, their standard errors, own share."""
        import pandas as pd

        rows = [
            {
                "stratum": s.stratum,
                "n": s.n,
                "events": s.events,
                "intercept": s.calibration.intercept,
                "slope": s.calibration.slope,
                "intercept_error": float(np.sqrt(s.covariance[0, 0])),
                "slope_error": float(np.sqrt(s.covariance[1, 1])),
                "own_share": s.own_share,
            }
            for s in self.strata.values()
        ]
        return pd.DataFrame(rows).set_index("stratum")

    def __str__(self) -> str:
        return "\n".join(s.text("en") for s in self.strata.values())


def fit_stratified(
    lp: npt.ArrayLike,
    outcome: npt.ArrayLike,
    strata: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
) -> StratifiedCalibration:
    """Logistic recalibration per stratum, shrunk to the common intercept and slope.

    Parameters
    ----------
    lp
        ``(n,)``: log odds of rows that the model has not seen, before any calibration.
    outcome
        ``(n,)``: 0 or 1.
    strata
        ``(n,)``: name of the stratum of each row. A stratum may have one outcome only, or one
        person: it then has little say of its own.
    weight
        ``(n,)``, not negative; a weight of 2 is a row seen twice.

    Raises
    ------
    ModelError
        For input that cannot be used, fewer than two strata, or one outcome only.

    References
    ----------
    Breslow NE, Clayton DG (1993). Approximate inference in generalized linear mixed models.
    JASA 88, 9-25. Wood SN (2011). Fast stable restricted maximum likelihood and marginal
    likelihood estimation of semiparametric generalized linear models. JRSS B 73, 3-36 (the same
    criterion as ``mgcv::gam(method = "REML")``).
    """
    sample = _Strata.of(lp, outcome, strata, weight)
    variances = _best_variances(sample)
    fit = _fit(sample, variances)
    maps = [_stratum(sample, fit, i) for i in range(len(sample.names))]
    return StratifiedCalibration(
        common=_logistic(fit.common, sample.centre),
        common_covariance=_uncentred_covariance(fit.common_covariance, sample.centre),
        strata={found.stratum: found for found in maps},
        centre=sample.centre,
        sd_intercept=float(np.sqrt(variances[0])),
        sd_slope=float(np.sqrt(variances[1])),
    )


@dataclass(frozen=True)
class _Strata:
    """Rows sorted by content: centred predictor, outcome, weight and position of the stratum."""

    names: list[Any]
    stratum: npt.NDArray[np.intp]
    z: FloatArray
    outcome: FloatArray
    weight: FloatArray
    centre: float

    @classmethod
    def of(
        cls,
        lp: npt.ArrayLike,
        outcome: npt.ArrayLike,
        strata: npt.ArrayLike,
        weight: npt.ArrayLike | None,
    ) -> _Strata:
        lp, outcome, weight = checked(lp, outcome, weight)
        strata = np.asarray(strata)
        if strata.shape != lp.shape:
            raise ModelError(f"strata has shape {strata.shape}; expected {lp.shape}.")
        if strata.dtype.kind == "O" and any(s is None or s != s for s in strata.tolist()):
            raise ModelError("a stratum is missing; give each person one, such as 'unknown'.")
        used = weight > 0
        names, position = np.unique(strata[used], return_inverse=True)
        lp, outcome, weight = lp[used], outcome[used], weight[used]
        if len(names) < 2 or len(np.unique(outcome)) < 2:
            raise ModelError(
                f"{len(names)} strata with {len(np.unique(outcome))} different outcomes; two "
                "strata and both outcomes are needed. For one stratum use `fit_logistic`."
            )
        order = np.lexsort((weight, outcome, lp, position))
        lp, outcome, weight = lp[order], outcome[order], weight[order]
        centre = float(weight @ lp / weight.sum())
        return cls(names.tolist(), position[order], lp - centre, outcome, weight, centre)

    def sums(self, x: FloatArray) -> FloatArray:
        """Per stratum the sum of a number per row."""
        added: FloatArray = np.bincount(self.stratum, x, minlength=len(self.names)).astype(float)
        return added

    def loss(self, b: FloatArray) -> float:
        """Half the deviance, with intercept and slope ``(S, 2)`` per stratum."""
        lp = b[self.stratum, 0] + b[self.stratum, 1] * self.z
        return float(self.weight @ (np.logaddexp(0.0, lp) - self.outcome * lp))

    def expansion(self, b: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient ``(S, 2)`` and Hessian ``(S, 2, 2)`` of `loss` per stratum."""
        p = expit(b[self.stratum, 0] + b[self.stratum, 1] * self.z)
        pull = self.weight * (p - self.outcome)
        spread = self.weight * p * (1.0 - p)
        gradient = np.stack([self.sums(pull), self.sums(pull * self.z)], axis=1)
        cross = self.sums(spread * self.z)
        hessian = np.stack([self.sums(spread), cross, cross, self.sums(spread * self.z**2)], axis=1)
        return gradient, hessian.reshape(-1, 2, 2)


@dataclass(frozen=True)
class _MixedFit:
    """Joint mode of common coefficients ``(2,)`` and deviations ``(S, 2)`` at given variances."""

    common: FloatArray
    deviations: FloatArray
    common_covariance: FloatArray
    information: FloatArray
    precision: FloatArray
    criterion: float

    def covariance(self, position: int) -> FloatArray:
        """Posterior covariance of intercept (at the centre) and slope of a stratum."""
        own = np.linalg.inv(self.information[position] + self.precision)
        pulled = np.eye(2) - own @ self.information[position]
        total: FloatArray = own + pulled @ self.common_covariance @ pulled.T
        return total


def _fit(sample: _Strata, variances: FloatArray, start: _MixedFit | None = None) -> _MixedFit:
    """Joint mode at given variances, by Newton's method with halved steps."""
    precision = np.diag(1.0 / variances)
    common = np.array([0.0, 1.0]) if start is None else start.common
    deviations = np.zeros((len(sample.names), 2)) if start is None else start.deviations
    loss = _penalised(sample, common, deviations, precision)
    for _ in range(MAX_STEPS):
        step, moves, decrease = _newton(sample, common, deviations, precision)
        if decrease <= 1e-14 * (abs(loss) + 1.0):
            # So close the step is right, and rounding hides whether it lowers the loss.
            return _at_mode(sample, common + step, deviations + moves, precision)
        length = 1.0
        while length > 1e-6:
            trial = (common + length * step, deviations + length * moves)
            found = _penalised(sample, *trial, precision)
            if found <= loss - 1e-4 * length * decrease + 1e-13 * abs(loss):
                break
            length /= 2.0
        common, deviations, loss = *trial, found
    raise ModelError("the calibration per stratum did not converge; merge small strata.")


def _newton(
    sample: _Strata, common: FloatArray, deviations: FloatArray, precision: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    """Step of the common coefficients and of each stratum, and the decrease that it promises.

    The strata are eliminated one by one, so the cost is linear in their number.
    """
    gradient, information = sample.expansion(common + deviations)
    slope = gradient + deviations @ precision
    inverse = np.linalg.inv(information + precision)
    schur = (information - information @ inverse @ information).sum(axis=0)
    rest = gradient - np.einsum("sij,sjk,sk->si", information, inverse, slope)
    step = -np.linalg.solve(schur, rest.sum(axis=0))
    moves = -np.einsum("sij,sj->si", inverse, slope + information @ step)
    return step, moves, -float(gradient.sum(axis=0) @ step + (slope * moves).sum())


def _at_mode(
    sample: _Strata, common: FloatArray, deviations: FloatArray, precision: FloatArray
) -> _MixedFit:
    """The fit with its information and its criterion: minus the restricted log-likelihood."""
    _, information = sample.expansion(common + deviations)
    bare = information + precision
    schur = (information - information @ np.linalg.inv(bare) @ information).sum(axis=0)
    determinants = np.linalg.slogdet(bare)[1].sum() + np.linalg.slogdet(schur)[1]
    prior = len(sample.names) * float(np.log(np.diag(precision)).sum())
    return _MixedFit(
        common=common,
        deviations=deviations,
        common_covariance=np.linalg.inv(schur),
        information=information,
        precision=precision,
        criterion=_penalised(sample, common, deviations, precision)
        + float(determinants - prior) / 2.0,
    )


def _penalised(
    sample: _Strata, common: FloatArray, deviations: FloatArray, precision: FloatArray
) -> float:
    penalty = float(np.einsum("si,ij,sj->", deviations, precision, deviations))
    return sample.loss(common + deviations) + penalty / 2.0


def _best_variances(sample: _Strata) -> FloatArray:
    """Variances between strata of highest restricted likelihood (Laplace approximation)."""
    latest: _MixedFit | None = None

    def criterion(log_variances: FloatArray) -> float:
        nonlocal latest
        latest = _fit(sample, np.exp(log_variances), latest)
        return latest.criterion

    bounds = [(np.log(SMALLEST_VARIANCE), np.log(LARGEST_VARIANCE))] * 2
    found = minimize(
        criterion,
        np.log([0.1, 0.02]),
        method="Nelder-Mead",
        bounds=bounds,
        options={"xatol": 1e-6, "fatol": 1e-10, "maxiter": 1000},
    )
    variances: FloatArray = np.exp(found.x)
    return variances


def _stratum(sample: _Strata, fit: _MixedFit, position: int) -> StratumCalibration:
    rows = sample.stratum == position
    information, precision = fit.information[position, 0, 0], fit.precision[0, 0]
    return StratumCalibration(
        stratum=sample.names[position],
        known=True,
        calibration=_logistic(fit.common + fit.deviations[position], sample.centre),
        covariance=_uncentred_covariance(fit.covariance(position), sample.centre),
        n=float(sample.weight[rows].sum()),
        events=float(sample.weight[rows] @ sample.outcome[rows]),
        own_share=float(information / (information + precision)),
    )


def _logistic(b: FloatArray, centre: float) -> Logistic:
    """Map of the linear predictor as it is; a slope that is too low is raised about the centre."""
    slope = max(float(b[1]), LEAST_CALIBRATION_SLOPE)
    return Logistic(intercept=float(b[0]) - slope * centre, slope=slope)


def _uncentred_covariance(covariance: FloatArray, centre: float) -> FloatArray:
    move = np.array([[1.0, -centre], [0.0, 1.0]])
    moved: FloatArray = move @ covariance @ move.T
    return moved
