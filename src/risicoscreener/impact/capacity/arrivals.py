"""How many come in a day: a rate with season and trend, more spread than Poisson, and its doubt."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import ImpactError

FloatArray = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]

WEEK = 7
DAYS_PER_YEAR = 365.25
LEAST_DAYS = 56
"""Fewest days of arrivals from which a rate is read."""


@dataclass(frozen=True, eq=False)
class ArrivalRate:
    """The rate of arrivals of one kind, as it was fitted on weeks.

    Attributes
    ----------
    kind
        Ground of detention.
    last_day
        First day that was not watched (from 1970-01-01); time counts from there.
    coefficients, covariance
        Of the log rate a day: level, trend a year, and the sines and cosines of the year; the
        covariance is that of quasi-Poisson, of a rate that wanders with that of where it is now.
    dispersion
        Variance of a week divided by its mean; at least 1.
    per_week
        Mean number a week.
    weekday
        Factor of each day of the week from Thursday (1970-01-01), mean 1.
    has_trend, harmonics
        Which terms there are.
    wander
        Standard deviation of the log rate after a year, of a random walk by weeks.
    """

    kind: str
    last_day: int
    coefficients: FloatArray
    covariance: FloatArray
    dispersion: float
    per_week: float
    weekday: FloatArray
    has_trend: bool
    harmonics: int
    wander: float

    @property
    def frailty(self) -> float:
        """Relative variance of a week's rate, beyond that of Poisson."""
        return (self.dispersion - 1) / max(self.per_week, 1e-9)

    def mean(self, days: Days, trend_days: float) -> FloatArray:
        """Expected arrivals on days (from 1970-01-01); a trend goes on for so many days."""
        terms = _terms(days - self.last_day, days, self.has_trend, self.harmonics, trend_days)
        found: FloatArray = np.exp(terms @ self.coefficients) * self.weekday[days % WEEK]
        return found

    def draw(
        self,
        days: Days,
        rng: np.random.Generator,
        *,
        trend_days: float,
        certain: bool = False,
    ) -> FloatArray:
        """A course that the rate may take, shape of ``days`` (consecutive).

        Parameters
        ----------
        certain
            Leave out the doubt about the coefficients.
        """
        terms = _terms(days - self.last_day, days, self.has_trend, self.harmonics, trend_days)
        doubt = rng.multivariate_normal(np.zeros(len(self.coefficients)), self.covariance)
        beta = self.coefficients if certain else self.coefficients + doubt
        week = (days - days[0]) // WEEK
        weeks = int(week[-1]) + 1
        steps = rng.normal(0.0, 1.0, weeks) * self.wander * np.sqrt(WEEK / DAYS_PER_YEAR)
        more = np.ones(weeks)
        if self.frailty > 0:
            more = rng.gamma(1 / self.frailty, self.frailty, weeks)
        found: FloatArray = np.exp(terms @ beta + np.cumsum(steps)[week]) * more[week]
        return found * self.weekday[days % WEEK]


def fit_arrivals(
    kind: str,
    arrived: Days,
    first: int,
    last: int,
    *,
    trend: bool,
    harmonics: int,
    wander: float = 0.0,
) -> ArrivalRate:
    """Fit the rate of arrivals by a generalised linear model of the Poisson family on weeks.

    Where the rate wanders, the model is the curve around which it does, and where it is on the
    last day comes from the filter of Kalman (1960) on the weeks divided by that curve.

    Parameters
    ----------
    kind
        For the error.
    arrived
        Days of arrival (from 1970-01-01) from ``first`` up to but not including ``last``.
    trend
        Whether the log rate may rise or fall; it is fitted from three years on.
    harmonics
        Waves a year; they are fitted from two years on.
    wander
        Standard deviation of the log rate after a year.

    Raises
    ------
    ImpactError
        If too few days were watched, or nobody came.
    """
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    weeks = (last - first) // WEEK
    if last - first < LEAST_DAYS:
        raise ImpactError(
            f"arrivals were watched for {last - first} days; expected at least {LEAST_DAYS}"
        )
    begin = last - weeks * WEEK  # whole weeks, counted back from the end
    inside = arrived[(arrived >= begin) & (arrived < last)]
    if not len(inside):
        since, until = (EPOCH + dt.timedelta(days=int(day)) for day in (begin, last))
        raise ImpactError(
            f"nobody of kind {kind!r} came from {since} to {until}, though some are known; "
            "expected some: give more people or a longer time, or leave that kind out"
        )
    counts = np.bincount((inside - begin) // WEEK, minlength=weeks)[:weeks]
    middle = begin + np.arange(weeks) * WEEK + WEEK // 2
    years = (last - first) / DAYS_PER_YEAR
    trend, harmonics = trend and years >= 3, harmonics if years >= 2 else 0
    terms = _terms(middle - last, middle, trend, harmonics, 0.0)
    family = sm.families.Poisson()
    offset = np.full(weeks, np.log(WEEK))
    with warnings.catch_warnings():
        # Weeks that are all alike are fitted exactly: nothing is wrong with that.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        found = sm.GLM(counts, terms, family=family, offset=offset).fit()
    # Quasi-Poisson: the statistic of Pearson over its degrees of freedom.
    dispersion = max(float(found.pearson_chi2) / max(weeks - terms.shape[1], 1), 1.0)
    coefficients = np.asarray(found.params, dtype=np.float64)
    covariance = np.asarray(found.normalized_cov_params) * dispersion
    if wander:
        expected = np.asarray(found.mu)
        # Neighbouring weeks differ by their own chance: where the rate goes is not in it.
        residuals = (counts - expected) / np.sqrt(expected)
        dispersion = max(float(np.mean(np.diff(residuals) ** 2)) / 2, 1.0)
        covariance = np.asarray(found.normalized_cov_params) * dispersion
        level, doubt = _level_now(counts / expected - 1, dispersion / expected, wander)
        coefficients[0] += level
        covariance[0, :] = covariance[:, 0] = 0.0
        covariance[0, 0] = doubt
        if trend:  # the slope of a random walk that has none (variance of its fitted slope)
            covariance[1, 1] += 1.2 * wander**2 / years
    return ArrivalRate(
        kind=kind,
        last_day=last,
        coefficients=coefficients,
        covariance=covariance,
        dispersion=dispersion,
        per_week=float(counts.mean()),
        weekday=_weekdays(inside),
        has_trend=trend,
        harmonics=harmonics,
        wander=wander,
    )


def _level_now(deviation: FloatArray, noise: FloatArray, wander: float) -> tuple[float, float]:
    """How far the log rate is from the curve on the last day, and the variance of that."""
    step = wander**2 * WEEK / DAYS_PER_YEAR
    level, doubt = 0.0, 1.0
    for seen, spread in zip(deviation.tolist(), noise.tolist(), strict=True):
        doubt += step
        gain = doubt / (doubt + spread)
        level, doubt = level + gain * (seen - level), doubt * (1 - gain)
    return float(np.log1p(max(level, -0.9))), doubt


def _weekdays(arrived: Days) -> FloatArray:
    # One more of each: with few arrivals the days are about alike.
    counts = np.bincount(arrived % WEEK, minlength=WEEK) + 1.0
    found: FloatArray = counts / counts.mean()
    return found


def _terms(since: Days, days: Days, trend: bool, harmonics: int, trend_days: float) -> FloatArray:
    columns = [np.ones(len(days))]
    if trend:
        columns.append(np.minimum(since, trend_days) / DAYS_PER_YEAR)
    for k in range(1, harmonics + 1):
        angle = 2 * np.pi * k * days / DAYS_PER_YEAR
        columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)
