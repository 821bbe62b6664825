"""How much a prison records, and what a number of reports means in it.

A prison that writes everything down makes its people look worse. Per prison the rate of reports per
person-week is estimated, drawn towards that of all prisons where there is little to go by
(gamma-Poisson, empirical Bayes), and each person's reports are compared with what is usual for
others in the same prison. That comparison takes away what prisons differ in, for whatever reason:
where people of one prison truly behave worse, it takes that away too. So it is shown beside a
number and changes no outcome.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from risicoscreener.conduct.many import CONDUCT, DETENTIONS, places_of
from risicoscreener.conduct.wording import say
from risicoscreener.dossier.schema import EPOCH, tables
from risicoscreener.dossier.tables import DossierTables
from risicoscreener.errors import ConductError
from risicoscreener.features.definition import Feature
from risicoscreener.features.many import EventTables
from risicoscreener.features.wording import say_number
from risicoscreener.texts import Lang, check_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    FloatArray = npt.NDArray[np.float64]

HALF_YEAR = 182
DAYS_PER_WEEK = 7.0
MOST_ALIKE = 1e6
"""Shape of the gamma above which prisons cannot be told apart: then all have the common rate."""
LEAST_ALIKE = 1e-4


RATIO = Feature(
    name="reports_ratio",
    group="conduct",
    aggregate="given",
    field="ratio",
    text={
        "nl": "meldingen gedeeld door wat in dezelfde inrichting gewoon is",
        "en": "reports divided by what is usual in the same prison",
    },
    unit="ratio",
    source="project",
)
"""For a policy of your own that wants to read the ratio; no shipped policy or model does.

It is no fact of a dossier: add it to a catalogue (`Catalogue.with_features`) and give its values,
the column ``ratio`` of `Exposure.persons`, in a table of features.
"""


class GammaPrior(NamedTuple):
    """Rates of units as draws of a gamma distribution with this shape and mean.

    Attributes
    ----------
    shape
        The larger, the more alike the units are.
    mean
        Of the rates, per unit of exposure.
    """

    shape: float
    mean: float

    def posterior_mean(self, count: FloatArray, exposure: FloatArray) -> FloatArray:
        """The rate given what was counted; of a unit without exposure the mean of all."""
        if self.mean == 0.0:
            return np.zeros_like(np.asarray(count, dtype=np.float64))
        return (self.shape + count) / (self.shape / self.mean + exposure)

    def posterior_interval(
        self, count: FloatArray, exposure: FloatArray, level: float
    ) -> tuple[FloatArray, FloatArray]:
        """Bounds of the rate given what was counted, with equal tails."""
        from scipy.stats import gamma

        if self.mean == 0.0:
            nothing = np.zeros_like(np.asarray(count, dtype=np.float64))
            return nothing, nothing
        scale = 1.0 / (self.shape / self.mean + exposure)
        tail = (1.0 - level) / 2.0
        shape = self.shape + count
        return gamma.ppf(tail, shape, scale=scale), gamma.ppf(1.0 - tail, shape, scale=scale)


def fit_gamma_prior(count: npt.ArrayLike, exposure: npt.ArrayLike) -> GammaPrior:
    """The gamma distribution under which the counts are most likely (maximum marginal likelihood).

    Parameters
    ----------
    count
        Events of each unit, shape (n,).
    exposure
        Time of each unit, shape (n,); units without any say nothing.

    Returns
    -------
    GammaPrior
        With fewer than two units, or no spread beyond chance, the shape is `MOST_ALIKE`.

    Raises
    ------
    ConductError
        If there are not as many counts as times, or one is negative or no finite number.

    References
    ----------
    Clayton and Kaldor (1987), Empirical Bayes estimates of age-standardized relative risks for use
    in disease mapping, Biometrics 43.
    """
    y, t = np.asarray(count, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    _check_units(y, t)
    y, t = y[t > 0], t[t > 0]
    if y.sum() == 0 or len(y) < 2:
        return GammaPrior(MOST_ALIKE, float(y.sum() / t.sum()) if len(y) else 0.0)
    return _most_likely(y, t)


def _check_units(count: FloatArray, exposure: FloatArray) -> None:
    """Raise ConductError for counts or times that cannot be meant."""
    if count.ndim != 1 or count.shape != exposure.shape:
        raise ConductError(
            f"count has shape {count.shape} and exposure {exposure.shape}; expected (n,) for both"
        )
    for name, values in (("count", count), ("exposure", exposure)):
        wrong = values[~(np.isfinite(values) & (values >= 0))]
        if len(wrong):
            raise ConductError(f"{name} holds {wrong[0]}; expected finite numbers from 0 up")


def _most_likely(y: FloatArray, t: FloatArray) -> GammaPrior:
    from scipy.optimize import minimize
    from scipy.special import digamma, gammaln

    def loss(at: FloatArray) -> tuple[float, FloatArray]:
        a, m = np.exp(at)
        total = a + m * t
        value = gammaln(y + a) - gammaln(a) + a * np.log(a / total) + y * np.log(m * t / total)
        by_a = digamma(y + a) - digamma(a) + np.log(a / total) + 1.0 - (a + y) / total
        by_m = y / m - (a + y) * t / total
        return -float(value.sum()), -np.array([a * by_a.sum(), m * by_m.sum()])

    overall = np.log(y.sum() / t.sum())
    bounds = [(np.log(LEAST_ALIKE), np.log(MOST_ALIKE)), (overall - 10.0, overall + 10.0)]
    best = min(
        (
            minimize(loss, [start, overall], jac=True, method="L-BFGS-B", bounds=bounds, tol=1e-14)
            for start in (0.0, 3.0)
        ),
        key=lambda found: found.fun,
    )
    return GammaPrior(float(np.exp(best.x[0])), float(np.exp(best.x[1])))


def exact_ratio(
    observed: npt.ArrayLike, expected: npt.ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Observed over expected with the exact Poisson interval; NaN where nothing is expected.

    The expected number is taken as known.

    References
    ----------
    Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28.
    """
    from scipy.stats import chi2

    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    e = np.where(e > 0, e, np.nan)
    tail = (1.0 - level) / 2.0
    lower = np.where(o > 0, chi2.ppf(tail, np.maximum(2 * o, 1)) / 2, 0.0)
    return o / e, lower / e, chi2.ppf(1.0 - tail, 2 * o + 2) / 2 / e


@dataclass(frozen=True)
class Exposure:
    """How much prisons record, and what the reports of each person mean in theirs.

    Attributes
    ----------
    prisons
        One row for each prison: ``person_weeks``, ``reports``, ``rate`` and ``shrunk_rate`` with
        ``lower`` and ``upper`` (reports per person-week), and ``relative``, the shrunk rate against
        the mean of all prisons.
    by_subject
        Shrunk rate of each prison (rows) and subject (columns), each subject with its own prior.
    persons
        One row for each person: ``weeks``, ``observed``, ``expected`` (what is usual for others in
        the same prisons in so many weeks; NaN if there are no others), ``ratio`` with ``lower`` and
        ``upper``, and ``standardised``: to how many reports that corresponds in an average prison.
    prior
        Of the rates of the prisons.
    """

    as_of: dt.date
    window_days: int
    level: float
    prior: GammaPrior
    prisons: pd.DataFrame
    by_subject: pd.DataFrame
    persons: pd.DataFrame

    def text(self, person_id: str, lang: Lang = "nl") -> str:
        """What the reports of a person mean, in ``nl`` or ``en``.

        Raises
        ------
        ConductError
            If the person is not among them.
        """
        lang = check_language(lang)
        if person_id not in self.persons.index:
            raise ConductError(f"person {person_id!r} is not in these tables")
        row = dict(
            zip(
                _SAID,
                self.persons.loc[[person_id], list(_SAID)].to_numpy()[0].tolist(),
                strict=True,
            )
        )
        numbers = {name: say_number(value, lang) for name, value in row.items()}
        if not row["expected"] > 0:
            why = "nothing_to_compare" if row["weeks"] > 0 else "no_exposure"
            return say("phrase", why, lang, **numbers)
        said = say("phrase", "exposure", lang, level=f"{self.level:.0%}", **numbers)
        return f"{said} {say('phrase', 'shown_only', lang)}"


_SAID = ("observed", "weeks", "expected", "ratio", "lower", "upper", "standardised")


def exposure(
    dossiers: DossierTables,
    as_of: dt.date,
    *,
    window_days: int = HALF_YEAR,
    subjects: Sequence[str] | None = None,
    level: float = 0.95,
) -> Exposure:
    """How much each prison records, and each person's reports against that.

    A report is a recorded incident that is known on the day. The rate of a prison that a person is
    compared with leaves out that person's own weeks and reports.

    Parameters
    ----------
    as_of, window_days
        The days looked at: so many up to and including ``as_of``.
    subjects
        Only reports about these; all by default.
    level
        Coverage of the intervals.

    Raises
    ------
    ConductError
        For a subject, a window, a level or a day that cannot be meant, or no tables.
    """
    _check(subjects, window_days, level)
    if not isinstance(dossiers, DossierTables):
        kind = type(dossiers).__name__
        raise ConductError(f"the dossiers are of type {kind}; expected DossierTables")
    if not isinstance(as_of, dt.date) or isinstance(as_of, dt.datetime):
        raise ConductError(f"as_of is {as_of!r}; expected a date, without a time")
    found = _Window(dossiers, as_of, window_days)
    chosen = found.about(subjects)
    return _compared(found, chosen, level)


def _check(subjects: Sequence[str] | None, window_days: Any, level: Any) -> None:
    codes = tables()[CONDUCT].columns["subject"].codes
    unknown = [subject for subject in subjects or () if subject not in codes]
    empty = subjects is not None and not len(subjects)
    if unknown or empty or isinstance(subjects, str):
        given = subjects if isinstance(subjects, str) or empty else unknown[0]
        raise ConductError(f"subject {given!r}; expected a list of {', '.join(codes)}")
    if not isinstance(window_days, int) or isinstance(window_days, bool) or window_days < 1:
        raise ConductError(f"window_days is {window_days!r}; expected a whole number of days")
    if not isinstance(level, int | float) or not 0 < level < 1:
        raise ConductError(f"level is {level!r}; expected a number between 0 and 1")


class _Window:
    """Stays and reports of the days looked at.

    Attributes
    ----------
    prisons
        Names of the prisons, sorted.
    weeks
        Person-weeks by person and prison, as pairs ``who``, ``where`` with their ``weeks``.
    """

    def __init__(self, dossiers: DossierTables, as_of: dt.date, window_days: int) -> None:
        self.as_of, self.window_days = as_of, window_days
        self.today = (as_of - EPOCH).days
        self.ids = dossiers.person_ids.to_pylist()
        self.events = EventTables(dossiers)
        self._stays(dossiers)
        self._reports(dossiers)

    def _stays(self, dossiers: DossierTables) -> None:
        named = dossiers.tables[DETENTIONS].column("prison").combine_chunks()
        named = named.chunk(0) if isinstance(named, pa.ChunkedArray) else named
        seen = self.events.visible_on(DETENTIONS, self.today)
        rows = np.flatnonzero(seen & named.is_valid().to_numpy(zero_copy_only=False))
        names = np.asarray(named.take(pa.array(rows)).to_pylist(), dtype=object)
        self.prisons, where = np.unique(names.astype(str), return_inverse=True)
        owner = dossiers.owners(DETENTIONS)[rows]
        arrived = self.events.column(DETENTIONS, "arrived_on")[rows].astype(np.int64)
        released = self.events.column(DETENTIONS, "released_on")[rows].astype(np.int64)
        # In the order of arrival, so that the stay of a day is the last that began by then.
        order = np.lexsort((where, arrived, owner))
        self.who, self.where = owner[order], where[order]
        self.arrived, self.released = arrived[order], released[order]
        begin = np.maximum(self.arrived, self.today - self.window_days + 1)
        end = np.minimum(self.released, self.today + 1)
        self.weeks = np.maximum(end - begin, 0) / DAYS_PER_WEEK

    def _reports(self, dossiers: DossierTables) -> None:
        day = self.events.column(CONDUCT, "occurred_on").astype(np.int64)
        kind = self.events.column(CONDUCT, "kind") == places_of("kind", ["incident"])[0]
        ago = self.today - day
        inside = (ago >= 0) & (ago < self.window_days)
        rows = np.flatnonzero(self.events.visible_on(CONDUCT, self.today) & kind & inside)
        owner = dossiers.owners(CONDUCT)[rows]
        shift = np.int64(2**20)
        keys = self.who.astype(np.int64) * shift + self.arrived
        stay = np.searchsorted(keys, owner.astype(np.int64) * shift + day[rows], "right") - 1
        if len(keys):
            known = (stay >= 0) & (self.who[stay] == owner) & (day[rows] <= self.released[stay])
        else:
            known = np.zeros(len(rows), dtype=bool)
        self.stay_of_report = stay[known]
        self.subject = self.events.column(CONDUCT, "subject")[rows][known]

    def about(self, subjects: Sequence[str] | None) -> np.ndarray:
        """Reports about some subjects by stay, shape (stays,)."""
        codes = tables()[CONDUCT].columns["subject"].codes
        wanted = range(len(codes)) if subjects is None else [codes.index(s) for s in subjects]
        stays = self.stay_of_report[np.isin(self.subject, list(wanted))]
        return np.bincount(stays, minlength=len(self.who))

    def by_prison(self, values: np.ndarray) -> np.ndarray:
        """Sums over the stays of each prison, shape (prisons,)."""
        return np.bincount(self.where, weights=values, minlength=len(self.prisons))

    def by_pair(self, values: np.ndarray) -> np.ndarray:
        """For each stay the sum over all stays of the same person in the same prison."""
        pair = self.who.astype(np.int64) * max(len(self.prisons), 1) + self.where
        _, place = np.unique(pair, return_inverse=True)
        return np.bincount(place, weights=values)[place] if len(pair) else values.astype(float)

    def by_person(self, values: np.ndarray) -> np.ndarray:
        """Sums over the stays of each person, shape (persons,)."""
        return np.bincount(self.who, weights=values, minlength=len(self.ids))


def _compared(found: _Window, reports: np.ndarray, level: float) -> Exposure:
    import pandas as pd

    codes = tables()[CONDUCT].columns["subject"].codes
    weeks, count = found.by_prison(found.weeks), found.by_prison(reports)
    prior = fit_gamma_prior(count, weeks)
    index = pd.Index(found.prisons.tolist(), name="prison", dtype=object)
    shrunk = prior.posterior_mean(count, weeks)
    lower, upper = prior.posterior_interval(count, weeks, level)
    if np.count_nonzero(weeks) < 2:
        # Of one prison nothing is known from others: only its own counts say how sure its rate is.
        _, lower, upper = exact_ratio(count, weeks, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate, relative = count / weeks, shrunk / prior.mean
    prisons = {
        "person_weeks": weeks,
        "reports": count.astype(np.int64),
        "rate": rate,
        "shrunk_rate": shrunk,
        "lower": lower,
        "upper": upper,
        "relative": relative,
    }
    per_subject = {code: found.by_prison(found.about([code])) for code in codes}
    rates = {
        code: fit_gamma_prior(c, weeks).posterior_mean(c, weeks) for code, c in per_subject.items()
    }
    return Exposure(
        as_of=found.as_of,
        window_days=found.window_days,
        level=level,
        prior=prior,
        prisons=pd.DataFrame(prisons, index=index),
        by_subject=pd.DataFrame(rates, index=index),
        persons=_persons(found, reports, prior, level),
    )


def _persons(found: _Window, reports: np.ndarray, prior: GammaPrior, level: float) -> pd.DataFrame:
    import pandas as pd

    others = found.by_prison(reports)[found.where] - found.by_pair(reports)
    their_weeks = found.by_prison(found.weeks)[found.where] - found.by_pair(found.weeks)
    usual = prior.posterior_mean(others, np.maximum(their_weeks, 0.0))
    if np.count_nonzero(found.by_person(found.weeks)) < 2:
        usual = np.full_like(usual, np.nan)
    expected, observed = found.by_person(usual * found.weeks), found.by_person(reports)
    weeks = found.by_person(found.weeks)
    ratio, lower, upper = exact_ratio(observed, expected, level)
    columns = {
        "weeks": weeks,
        "observed": observed.astype(np.int64),
        "expected": expected,
        "ratio": ratio,
        "lower": lower,
        "upper": upper,
        "standardised": ratio * prior.mean * weeks,
    }
    return pd.DataFrame(columns, index=pd.Index(found.ids, name="person_id", dtype=object))
