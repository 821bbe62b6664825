"""How many people a prediction model needs: to be made, and to be validated.

Riley RD, Snell KIE, Ensor J, et al. (2019), Statistics in Medicine 38:1276 (binary and time to
event); Riley RD, Ensor J, Snell KIE, et al. (2020), BMJ 368:m441; Riley RD, Van Calster B,
Collins GS (2021), Statistics in Medicine 40:859 (R2 from a c-statistic); Riley RD, Debray TPA,
Collins GS, et al. (2021), Statistics in Medicine 40:4230 (external validation).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, expm1, inf, log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, log_expit, logit
from scipy.stats import norm

from risicoscreener.errors import ModelError
from risicoscreener.models.honesty.wording import constants, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from risicoscreener.models.piecewise import FloatArray

QUANTILE_95 = float(norm.ppf(0.975))
MOST = 10**9
"""Above this many people a criterion is called unattainable."""


@dataclass(frozen=True)
class SampleSize:
    """Needed numbers of people, per criterion and in all.

    Attributes
    ----------
    criteria
        People needed for each criterion by itself.
    targets
        What each criterion aims at.
    n
        People needed for all of them.
    events
        Of those people, expected with the outcome.
    events_per_parameter
        Events per parameter, for comparison with older rules; NaN for a validation.
    """

    criteria: Mapping[str, int]
    targets: Mapping[str, float]
    n: int
    events: int
    events_per_parameter: float = float("nan")

    @property
    def decided_by(self) -> str:
        """The criterion that needs the most people."""
        return max(self.criteria, key=lambda name: self.criteria[name])

    def enough(self, n: int) -> bool:
        """Whether ``n`` people meet every criterion."""
        return n >= self.n

    def text(self, lang: str = "nl", n: int | None = None) -> str:
        """What is needed, in ``nl`` or ``en``; with ``n`` also whether that is enough."""
        target = f"{self.targets[self.decided_by]:g}"
        criterion = sentence("criterion", self.decided_by, lang, target=target)
        lines = [
            sentence("size", "needed", lang, n=self.n, events=self.events, criterion=criterion)
        ]
        if n is not None:
            lines.append(sentence("size", "enough" if self.enough(n) else "short", lang, n=n))
        return " ".join(lines)


# -- to make a model ---------------------------------------------------------------------------


def required_sample_size(
    *,
    parameters: float,
    prevalence: float,
    r_squared: float | None = None,
    c_statistic: float | None = None,
    shrinkage: float = 0.9,
    optimism: float = 0.05,
    risk_margin: float = 0.05,
    prediction_error: float = 0.05,
) -> SampleSize:
    """People needed to make a model for a binary outcome (Riley et al. 2019, 2020).

    Parameters
    ----------
    parameters
        Candidate parameters: per feature its segments, not 1; of a penalised fit the effective
        degrees of freedom.
    prevalence
        Expected share with the outcome.
    r_squared
        Expected Cox-Snell R2 (adjusted for optimism), such as that of an earlier model.
    c_statistic
        Instead of ``r_squared``: the expected AUC, see `r_squared_of_c_statistic`.
    shrinkage
        Least expected shrinkage factor (calibration slope out of sample).
    optimism
        Largest difference of apparent and adjusted Nagelkerke R2.
    risk_margin
        Half the 95% interval of the overall risk.
    prediction_error
        Largest mean absolute error of the probabilities (van Smeden et al. 2019). The formula
        was made for up to 30 parameters and a prevalence of at least 5%; beyond that this
        criterion is left out.

    Raises
    ------
    ModelError
        For a value out of its range, or an R2 that this prevalence does not allow.
    """
    _check_share("prevalence", prevalence)
    _check_positive("parameters", parameters)
    r2 = _r_squared(r_squared, c_statistic, prevalence)
    most = largest_r_squared(prevalence)
    _check_r_squared(r2, most, shrinkage)
    criteria = {
        "shrinkage": _people(parameters, r2, shrinkage),
        "optimism": _people(parameters, r2, r2 / (r2 + optimism * most)),
        "overall_risk": (QUANTILE_95 / risk_margin) ** 2 * prevalence * (1.0 - prevalence),
    }
    known = constants("mean_absolute_prediction_error")
    if parameters <= known["most_parameters"] and prevalence >= known["least_prevalence"]:
        criteria["prediction_error"] = _people_for_error(
            parameters, prevalence, prediction_error, known
        )
    targets = {
        "shrinkage": shrinkage,
        "optimism": optimism,
        "overall_risk": risk_margin,
        "prediction_error": prediction_error,
    }
    return _sized(criteria, targets, prevalence, parameters)


def required_sample_size_for_time_to_event(
    *,
    parameters: float,
    rate: float,
    horizon: float,
    mean_follow_up: float,
    r_squared: float,
    shrinkage: float = 0.9,
    optimism: float = 0.05,
    risk_margin: float = 0.05,
) -> SampleSize:
    """People needed to make a model of the time to an event (Riley et al. 2019).

    Parameters
    ----------
    parameters, r_squared, shrinkage, optimism
        As in `required_sample_size`.
    rate
        Expected events per unit of time.
    horizon, mean_follow_up
        In that unit: until when risk is predicted, and how long people are followed on average.
    risk_margin
        Largest distance of a 95% limit of the overall risk by the horizon from the risk itself,
        at a constant rate.
    """
    for name, value in (("rate", rate), ("horizon", horizon), ("mean_follow_up", mean_follow_up)):
        _check_positive(name, value)
    _check_positive("parameters", parameters)
    events = rate * mean_follow_up
    most = -expm1(2.0 * (events * log(events) - events))
    _check_r_squared(r_squared, most, shrinkage)
    criteria = {
        "shrinkage": _people(parameters, r_squared, shrinkage),
        "optimism": _people(parameters, r_squared, r_squared / (r_squared + optimism * most)),
        "overall_risk": _people_for_rate(rate, horizon, mean_follow_up, risk_margin),
    }
    targets = {"shrinkage": shrinkage, "optimism": optimism, "overall_risk": risk_margin}
    return _sized(criteria, targets, events, parameters)


def largest_r_squared(prevalence: float) -> float:
    """The largest Cox-Snell R2 that a binary outcome allows."""
    null = prevalence * log(prevalence) + (1.0 - prevalence) * log(1.0 - prevalence)
    return -expm1(2.0 * null)


def r_squared_of_c_statistic(c_statistic: float, prevalence: float) -> float:
    """The Cox-Snell R2 that goes with an AUC, if linear predictors are normal in each class.

    Riley, Van Calster and Collins (2021) simulate it; here it is integrated, so without seed.

    Parameters
    ----------
    c_statistic
        Between 0.5 and 1.
    prevalence
        Share with the outcome.
    """
    _check_share("prevalence", prevalence)
    if not 0.5 <= c_statistic < 1.0:
        raise ModelError(f"c_statistic is {c_statistic!r}; it lies from 0.5 up to 1.")
    distance = sqrt(2.0) * float(norm.ppf(c_statistic))
    at = _normal_points()
    base = float(logit(prevalence)) - distance**2 / 2.0
    events, others = base + distance * (at + distance), base + distance * at
    fitted = prevalence * log_expit(events).mean() + (1 - prevalence) * log_expit(-others).mean()
    null = prevalence * log(prevalence) + (1.0 - prevalence) * log(1.0 - prevalence)
    return float(-np.expm1(2.0 * (null - fitted)))


def _r_squared(r_squared: float | None, c_statistic: float | None, prevalence: float) -> float:
    if (r_squared is None) == (c_statistic is None):
        raise ModelError("give r_squared or c_statistic, one of the two.")
    if r_squared is None:
        assert c_statistic is not None
        return r_squared_of_c_statistic(c_statistic, prevalence)
    return r_squared


def _people(parameters: float, r_squared: float, shrinkage: float) -> float:
    """People for an expected shrinkage factor (van Houwelingen and le Cessie 1990)."""
    return parameters / ((shrinkage - 1.0) * log(1.0 - r_squared / shrinkage))


def _people_for_error(
    parameters: float, prevalence: float, error: float, known: Mapping[str, float]
) -> float:
    fixed = known["intercept"] + known["log_prevalence"] * log(prevalence)
    fixed += known["log_parameters"] * log(parameters)
    return exp((log(error) - fixed) / known["log_n"])


def _people_for_rate(rate: float, horizon: float, mean_follow_up: float, margin: float) -> float:
    """People for both 95% limits of the risk by the horizon to lie within the margin."""
    risk = -expm1(-rate * horizon)

    def furthest(people: float) -> float:
        half = QUANTILE_95 * sqrt(rate / (people * mean_follow_up))
        upper = -expm1(-(rate + half) * horizon)
        lower = -expm1(-max(rate - half, 0.0) * horizon)
        return max(upper - risk, risk - lower) - margin

    if furthest(1.0) <= 0:
        return 1.0
    return float(brentq(furthest, 1.0, MOST))


# -- to validate a model -----------------------------------------------------------------------


def required_sample_size_for_validation(
    *,
    prevalence: float,
    c_statistic: float,
    linear_predictor: npt.ArrayLike | tuple[float, float],
    observed_expected: float = 1.0,
    slope: float = 1.0,
    intercept: float = 0.0,
    observed_expected_width: float = 0.2,
    slope_width: float = 0.2,
    c_statistic_width: float = 0.1,
) -> SampleSize:
    """People needed to validate a model for a binary outcome precisely (Riley et al. 2021).

    Parameters
    ----------
    prevalence
        Expected share with the outcome.
    c_statistic
        Expected AUC.
    linear_predictor
        That of the model in people like those expected: ``(m,)`` values, or mean and standard
        deviation of a normal distribution as a tuple.
    observed_expected, slope, intercept
        Expected (mis)calibration.
    observed_expected_width, slope_width, c_statistic_width
        Wanted width of each 95% interval.
    """
    _check_share("prevalence", prevalence)
    if not 0.5 < c_statistic < 1.0:
        raise ModelError(f"c_statistic is {c_statistic!r}; it lies between 0.5 and 1.")
    z = _predictors(linear_predictor)
    criteria = {
        "observed_expected": _people_for_ratio(
            prevalence, observed_expected, observed_expected_width
        ),
        "calibration_slope": people_for_slope(z, slope_width, slope=slope, intercept=intercept),
        "c_statistic": _people_for_c(prevalence, c_statistic, c_statistic_width),
    }
    targets = {
        "observed_expected": observed_expected_width,
        "calibration_slope": slope_width,
        "c_statistic": c_statistic_width,
    }
    return _sized(criteria, targets, prevalence, None)


def _people_for_ratio(prevalence: float, ratio: float, width: float) -> float:
    def excess(error: float) -> float:
        return 2.0 * ratio * float(np.sinh(QUANTILE_95 * error)) - width

    error = float(brentq(excess, 1e-9, 10.0))
    return (1.0 - prevalence) / (prevalence * error**2)


def people_for_slope(
    linear_predictor: FloatArray, width: float, *, slope: float = 1.0, intercept: float = 0.0
) -> float:
    """People for a 95% interval of the calibration slope of a given width."""
    p = expit(intercept + slope * linear_predictor)
    spread = p * (1.0 - p)
    a, ab = spread.mean(), (spread * linear_predictor).mean()
    b = (spread * np.square(linear_predictor)).mean()
    left = float(a * b - ab**2)
    if left <= 1e-12 * float(a * b):
        raise ModelError("the linear predictors are all the same, so that there is no slope.")
    return float(a / left) * (2.0 * QUANTILE_95 / width) ** 2


def _people_for_c(prevalence: float, c: float, width: float) -> float:
    """People for the standard error of Newcombe (2006)."""

    def excess(n: float) -> float:
        other = (n / 2.0 - 1.0) * ((1.0 - c) / (2.0 - c) + c / (1.0 + c))
        variance = c * (1.0 - c) * (1.0 + other) / (n**2 * prevalence * (1.0 - prevalence))
        return 2.0 * QUANTILE_95 * sqrt(variance) - width

    return float(brentq(excess, 2.0, MOST))


# -- shared ------------------------------------------------------------------------------------


def _sized(
    criteria: Mapping[str, float],
    targets: Mapping[str, float],
    events_each: float,
    parameters: float | None,
) -> SampleSize:
    if max(criteria.values()) >= MOST:
        raise ModelError(f"more than {MOST} people would be needed; relax the targets.")
    needed = {name: ceil(round(value, 6)) for name, value in criteria.items()}
    n = max(needed.values())
    per_parameter = inf if not parameters else n * events_each / parameters
    return SampleSize(
        criteria=needed,
        targets={name: targets[name] for name in needed},
        n=n,
        events=ceil(round(n * events_each, 6)),
        events_per_parameter=float("nan") if parameters is None else per_parameter,
    )


def _predictors(given: Any) -> FloatArray:
    if isinstance(given, tuple) and len(given) == 2:
        mean, deviation = given
        _check_positive("standard deviation of the linear predictor", deviation)
        return mean + deviation * _normal_points()
    values = np.asarray(given, dtype=np.float64).ravel()
    if len(values) < 2 or not np.isfinite(values).all():
        raise ModelError("linear_predictor needs at least two numbers, all of them finite.")
    return values


def _normal_points(count: int = 100_000) -> FloatArray:
    """Standard normal quantiles at the middles of equal shares, for a mean instead of a sum."""
    points: FloatArray = norm.ppf((np.arange(count) + 0.5) / count)
    return points


def _check_share(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise ModelError(f"{name} is {value!r}; give a number between 0 and 1.")


def _check_positive(name: str, value: float) -> None:
    if not 0.0 < value < inf:
        raise ModelError(f"{name} is {value!r}; give a number above 0.")


def _check_r_squared(r_squared: float, most: float, shrinkage: float) -> None:
    _check_share("shrinkage", shrinkage)
    if not 0.0 < r_squared < min(most, shrinkage):
        raise ModelError(
            f"the Cox-Snell R2 is {r_squared:.4g}; it must lie above 0 and below {most:.4g}, the "
            f"largest that this outcome allows, and below the shrinkage {shrinkage:g}."
        )
