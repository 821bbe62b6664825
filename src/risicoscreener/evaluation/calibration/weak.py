"""Mean and weak calibration: the first two steps of the hierarchy, with intervals and tests.

References
----------
Cox (1958), Biometrika 45:562-565. Van Calster et al. (2016), Journal of Clinical Epidemiology
74:167-176. Debray et al. (2017), BMJ 356:i6460, for expected over observed.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincc, ndtr, xlogy

from risicoscreener.evaluation.calibration.inference import (
    fit_covariance,
    is_plain,
    lacking,
    with_interval,
)
from risicoscreener.evaluation.calibration.levels import Levels, levels_of
from risicoscreener.evaluation.calibration.logistic import LogisticFit
from risicoscreener.evaluation.calibration.measures import (
    expected_observed,
    observed_expected_difference,
)
from risicoscreener.evaluation.calibration.recalibration import (
    IDENTITY,
    line_fit,
    line_problem,
    shift_fit,
    shift_problem,
)
from risicoscreener.evaluation.estimate import Estimate, Estimates
from risicoscreener.evaluation.intervals import quantile, sampled_error, sums_by_cluster
from risicoscreener.evaluation.resampling import FEWEST_CLUSTERS
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.wording import measure_text, problem_text

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]


def mean_calibration(sample: Sample, *, level: float = 0.95) -> Estimates:
    """Whether the mean probability is the share with the outcome.

    Returns
    -------
    ``expected_observed``, ``observed_expected_difference`` and ``calibration_intercept`` (in the
    large: slope held at 1). Intervals are normal, of the logarithm for the ratio; both the number
    expected and the number observed vary from sample to sample. With weights or clusters the
    standard errors are those of the sandwich.
    """
    quantile(level)
    return Estimates((_ratio(sample, level), _difference(sample, level), _in_large(sample, level)))


def _ratio(sample: Sample, level: float) -> Estimate:
    weight, y, p = sample.weight, sample.outcome, sample.probability
    value = expected_observed(sample, weight)
    if not value > 0:
        problem = "one_class" if math.isnan(value) else "infinite_loss"
        return with_interval("expected_observed", sample, value, math.nan, level, problem=problem)
    pull = weight * (p / float(weight @ p) - y / float(weight @ y))
    error = sampled_error(sample, pull)
    return with_interval("expected_observed", sample, value, error, level, ratio=True)


def _difference(sample: Sample, level: float) -> Estimate:
    weight = sample.weight
    value = observed_expected_difference(sample, weight)
    pull = weight * (sample.outcome - sample.probability - value) / float(weight.sum())
    error = sampled_error(sample, pull)
    return with_interval("observed_expected_difference", sample, value, error, level)


def _in_large(sample: Sample, level: float) -> Estimate:
    name, levels = "calibration_intercept", levels_of(sample)
    events, total = levels.counts(sample.weight)
    problem = shift_problem(levels, events, total)
    if problem:
        return with_interval(name, sample, math.nan, math.nan, level, problem=problem)
    fit = shift_fit(levels, events, total)
    if not fit.determined:
        return with_interval(name, sample, math.nan, math.nan, level)
    error = math.sqrt(float(fit_covariance(sample, levels, levels.line[:1], fit)[0, 0]))
    return with_interval(name, sample, float(fit.coefficients[0]), error, level)


def weak_calibration(sample: Sample, *, level: float = 0.95) -> Estimates:
    """Whether probabilities are, on the whole, not too extreme and not too modest.

    Returns
    -------
    ``recalibration_intercept`` and ``calibration_slope`` of the logistic regression of the
    outcome on the log odds, with Wald intervals (of the sandwich with weights or clusters).
    A slope below 1 says that probabilities are too extreme.
    """
    quantile(level)
    names = ("recalibration_intercept", "calibration_slope")
    levels = levels_of(sample)
    fit, problem = _line(sample, levels)
    if fit is None:
        return Estimates(
            tuple(
                with_interval(n, sample, math.nan, math.nan, level, problem=problem) for n in names
            )
        )
    errors = np.sqrt(np.diag(fit_covariance(sample, levels, levels.line, fit)))
    return Estimates(
        tuple(
            with_interval(name, sample, float(value), float(error), level)
            for name, value, error in zip(names, fit.coefficients, errors, strict=True)
        )
    )


def _line(sample: Sample, levels: Levels) -> tuple[LogisticFit | None, str]:
    """The recalibration line, or why there is none."""
    events, total = levels.counts(sample.weight)
    problem = line_problem(levels, events, total)
    if problem:
        return None, problem
    fit = line_fit(levels, events, total)
    return (fit, "") if fit.determined else (None, "not_defined")


@dataclass(frozen=True)
class CalibrationTest:
    """A test of the hypothesis that probabilities are calibrated.

    Attributes
    ----------
    name
        Which: a name in ``evaluation/texts``.
    statistic
        A chi-squared with `df` degrees of freedom; where `df` is 0 a standard normal, or a
        miscalibration whose distribution was simulated.
    p_value
        Two-sided. Small: calibrated probabilities would seldom be so far off. Large says little:
        few people hide much.
    problem
        Why it cannot be done; statistic and p are then NaN.
    """

    name: str
    statistic: float = math.nan
    df: int = 0
    p_value: float = math.nan
    n: int = 0
    events: int = 0
    problem: str = ""

    def __post_init__(self) -> None:
        measure_text(self.name)
        if self.problem:
            problem_text(self.problem)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with None for what is not there."""
        return {k: None if v != v else v for k, v in asdict(self).items()}

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """One row."""
        import pandas as pd

        title = measure_text(self.name).title.text(lang)
        return pd.DataFrame([{"measure": title, **asdict(self)}]).set_index("name")

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True)


def unreliability_test(sample: Sample) -> CalibrationTest:
    """Test that intercept is 0 and slope is 1 (Cox 1958; U of ``rms::val.prob``).

    The likelihood ratio with two degrees of freedom; with weights or clusters, for which there is
    no likelihood, Wald's test with the sandwich.
    """
    name, levels = "unreliability_test", levels_of(sample)
    fit, problem = _line(sample, levels)
    problem = problem or _untestable(sample)
    if fit is None or problem:
        return CalibrationTest(name, df=2, n=sample.people, events=sample.events, problem=problem)
    if is_plain(sample):
        events, total = levels.counts(sample.weight)
        inside = levels.inside
        deviance = [
            _log_likelihood(mean, events[inside], total[inside])
            for mean in (levels.probability[inside], fit.mean)
        ]
        statistic = 2.0 * (deviance[1] - deviance[0])
    else:
        off = fit.coefficients - IDENTITY
        covariance = fit_covariance(sample, levels, levels.line, fit)
        statistic = float(off @ np.linalg.solve(covariance, off))
    statistic = max(statistic, 0.0)
    p_value = float(gammaincc(1.0, statistic / 2.0))
    return CalibrationTest(name, statistic, 2, p_value, sample.people, sample.events)


def _untestable(sample: Sample) -> str:
    """Why there is no test: the sums of few clusters do not show how they vary."""
    few = sample.cluster is not None and sample.n_clusters < FEWEST_CLUSTERS
    return lacking(sample) or ("few_clusters" if few else "")


def _log_likelihood(mean: FloatArray, events: FloatArray, total: FloatArray) -> float:
    return float((xlogy(events, mean) + xlogy(total - events, 1.0 - mean)).sum())


def spiegelhalter_test(sample: Sample) -> CalibrationTest:
    """Test that the Brier score is that of calibrated probabilities (Spiegelhalter 1986).

    With clusters the sums of clusters are the units.
    """
    name = "spiegelhalter_test"
    p, y, weight = sample.probability, sample.outcome, sample.weight
    pull = weight * (y - p) * (1.0 - 2.0 * p)
    if sample.cluster is None:
        variance = float(np.square(weight * (1.0 - 2.0 * p)) @ (p * (1.0 - p)))
    else:
        sums = sums_by_cluster(pull, sample.cluster)
        variance = float(sums @ sums)
    problem = _untestable(sample) or ("" if variance > 0 else "no_spread")
    if problem:
        return CalibrationTest(name, n=sample.people, events=sample.events, problem=problem)
    z = float(pull.sum()) / math.sqrt(variance)
    p_value = 2.0 * float(ndtr(-abs(z)))
    return CalibrationTest(name, z, 0, p_value, sample.people, sample.events)
