"""Time structure: when things happen, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.synthetic.fidelity.facts import Facts
from risicoscreener.synthetic.fidelity.quantities import (
    DAYS_PER_WEEK,
    DAYS_PER_YEAR,
    Release,
    first_case_after,
    structure,
)
from risicoscreener.synthetic.fidelity.showing import Shown
from risicoscreener.synthetic.parameters import load_parameters
from risicoscreener.synthetic.stages.draws import Array

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier.tables import DossierTables

_COLUMNS = ["aspect", "at", "value", "spread", "people", "expected", "unit"]
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_THURSDAY = 3
"""1970-01-01 was a Thursday."""

_MOST = 100_000
"""More weeks, or years of age, than anybody has: two whole numbers are packed into one."""


@dataclass(frozen=True, repr=False)
class TimeStructure(Shown):
    """When things happen.

    Attributes
    ----------
    frame
        One row for each ``aspect`` and place ``at`` which it is looked at: ``value``, ``spread``
        (standard deviation of one observation; NaN where there is no such thing), ``people``
        (how many contribute), what is ``expected`` where a figure is published, and the ``unit``.
    """

    frame: pd.DataFrame
    title = "Time structure"

    def aspect(self, name: str) -> pd.DataFrame:
        """The rows of one aspect."""
        return self.frame[self.frame["aspect"] == name].drop(columns="aspect")


def time_structure(dossiers: DossierTables, as_of: Array) -> TimeStructure:
    """When things happen in the dossiers, with all that was ever recorded.

    Parameters
    ----------
    as_of
        Index day of each person in days since 1970-01-01, shape (n persons,).
    """
    import pandas as pd

    cases = Facts.standing(dossiers, "convictions")
    release = Release.of(dossiers, as_of)
    rows = [
        *_until_first_case(dossiers, release),
        *_gaps(cases),
        *_age_and_crime(dossiers, cases, as_of),
        *_lags(cases),
        *_calendar(cases),
        *_conduct_by_week(dossiers, as_of),
        *_leaves_by_phase(dossiers, as_of),
    ]
    return TimeStructure(pd.DataFrame(rows, columns=_COLUMNS))


def _share(value: float) -> tuple[float, float]:
    return value, float(np.sqrt(value * (1.0 - value)))


def _people(owner: Array) -> int:
    return len(np.unique(owner))


def published_curve(years: Any) -> Any:
    """The published share with a registered case within some years after release."""
    curve = load_parameters()["outcomes.curve"]
    return curve["ceiling"] * -np.expm1(-curve["rate"] * np.power(years, curve["shape"]))


def _until_first_case(dossiers: DossierTables, release: Release) -> Iterator[tuple[Any, ...]]:
    """Share with a first registered case, by Kaplan and Meier, with the end of the register.

    A case is in the register only some time after it, so that the last part of the follow-up is
    left out: as long as the mean time from a case to its record, and two standard deviations.
    """
    from scipy.stats import CensoredData, ecdf

    years = structure()["time"]["years_after_release"]
    first = first_case_after(dossiers, release) / DAYS_PER_YEAR
    until = (release.read_on - _record_lag(dossiers) - release.released) / DAYS_PER_YEAR
    followed = until > 0
    first, until = first[followed], until[followed]
    if not len(first):
        return
    happened = first <= until
    found = ecdf(CensoredData.right_censored(np.where(happened, first, until), ~happened)).cdf
    for year, value in zip(years, found.evaluate(years), strict=True):
        at_risk = int((until >= year).sum())
        if at_risk:
            at = f"{year:g} years"
            yield (
                "first registered case after release",
                at,
                *_share(float(value)),
                at_risk,
                float(published_curve(year)),
                "share",
            )


def _record_lag(dossiers: DossierTables) -> float:
    cases = Facts.standing(dossiers, "convictions")
    lag = cases.days("recorded_at") - cases.days("offence_on")
    return float(lag.mean() + 2.0 * lag.std()) if len(lag) else 0.0


def _gaps(cases: Facts) -> Iterator[tuple[Any, ...]]:
    """Days between registered cases of one person that follow each other."""
    on = cases.days("offence_on")
    order = np.lexsort((on, cases.owner))
    owner, on = cases.owner[order], on[order]
    same = np.diff(owner) == 0
    gaps, whose = np.diff(on)[same], owner[1:][same]
    place = _place_in(owner)[1:][same]
    for low, high in structure()["time"]["gaps_after_cases"]:
        kept = (place >= low) & (place <= high)
        yield from _mean("gap to the next case", f"after case {low} to {high}", gaps, whose, kept)


def _place_in(owner: Array) -> Array:
    """For each row of sorted owners which of the owner's rows it is, from 0."""
    start = np.flatnonzero(np.diff(owner, prepend=-1) != 0)
    return np.arange(len(owner)) - np.repeat(start, np.diff(np.append(start, len(owner))))


def _mean(
    aspect: str, at: str, values: Array, owner: Array, kept: Array, expected: float = np.nan
) -> Iterator[tuple[Any, ...]]:
    found = values[kept]
    if len(found):
        people = _people(owner[kept])
        yield aspect, at, float(found.mean()), float(found.std()), people, expected, "days"


def _age_and_crime(
    dossiers: DossierTables, cases: Facts, as_of: Array
) -> Iterator[tuple[Any, ...]]:
    """Of the years lived at an age, the share in which a case was registered."""
    born = dossiers.tables["persons"].column("birth_date").cast("int32").to_numpy()
    age_now = (as_of - born) / DAYS_PER_YEAR
    before = cases.where(cases.days("offence_on") <= as_of[cases.owner])
    age = np.floor((before.days("offence_on") - born[before.owner]) / DAYS_PER_YEAR)
    with_case = np.unique(before.owner.astype(np.int64) * _MOST + age.astype(np.int64)) % _MOST
    for low, high in structure()["time"]["ages"]:
        lived = np.clip(np.floor(age_now) - low, 0, high - low)
        years = float(lived.sum())
        if years:
            cases_in = float(((with_case >= low) & (with_case < high)).sum())
            value = min(cases_in / years, 1.0)
            people = int((lived > 0).sum())
            at = f"age {low} to {high - 1}"
            yield "year of life with a case", at, *_share(value), people, np.nan, "share"


def _lags(cases: Facts) -> Iterator[tuple[Any, ...]]:
    past = ~(cases.numbers("index_offence") > 0)
    offence, judged, recorded = (
        cases.days(name) for name in ("offence_on", "judged_on", "recorded_at")
    )
    published = load_parameters()["registration.disposal_lag"]["mean"]
    aspect = "lag of registration"
    lag = judged - offence
    yield from _mean(aspect, "offence to judgment", lag, cases.owner, past, published)
    yield from _mean(aspect, "judgment to record", recorded - judged, cases.owner, past)


def _calendar(cases: Facts) -> Iterator[tuple[Any, ...]]:
    """Over weekdays and months: w of Cohen, 0 if uniform, and the share on each weekday."""
    on = cases.days("offence_on").astype(np.int64)
    if not len(on):
        return
    weekday = (on + _THURSDAY) % 7
    counts = np.bincount(weekday, minlength=7)
    people = _people(cases.owner)
    for name, count in zip(_WEEKDAYS, counts, strict=True):
        share = _share(float(count / len(on)))
        yield "weekday of an offence", name, *share, people, 1 / 7, "share"
    month = on.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    per_month = np.bincount(month, minlength=12)
    days = np.array(structure()["time"]["days_of_months"])
    aspect = "offences over the calendar"
    yield aspect, "weekdays", _uneven(counts, np.ones(7)), np.nan, people, 0.0, "w"
    yield aspect, "months", _uneven(per_month, days), np.nan, people, 0.0, "w"


def _uneven(counts: Array, weights: Array) -> float:
    """Cohen's w: the square root of chi-square over n."""
    from scipy.stats import chisquare

    n = counts.sum()
    return float(np.sqrt(chisquare(counts, n * weights / weights.sum()).statistic / n))


def _conduct_by_week(dossiers: DossierTables, as_of: Array) -> Iterator[tuple[Any, ...]]:
    """Of the weeks that people spent inside, the share with an incident, by week of the stay."""
    conduct = Facts.standing(dossiers, "conduct")
    conduct = conduct.where(conduct.has("kind", "incident"))
    release = Release.of(dossiers, as_of)
    days = conduct.days("occurred_on")
    inside = (days >= release.arrived[conduct.owner]) & (days <= release.released[conduct.owner])
    conduct = conduct.where(inside)
    of_stay = (days[inside] - release.arrived[conduct.owner]) // DAYS_PER_WEEK
    once = np.unique(conduct.owner.astype(np.int64) * _MOST + of_stay.astype(np.int64))
    whose, week = np.divmod(once, _MOST)
    weeks = np.ceil((release.released - release.arrived) / DAYS_PER_WEEK)
    for low, high in structure()["time"]["weeks"]:
        spent = np.clip(np.nan_to_num(weeks) - low, 0, high - low)
        total = float(spent.sum())
        if total:
            found = (week >= low) & (week < high) & (spent[whose] > 0)
            people, at = int((spent > 0).sum()), f"week {low + 1} to {high}"
            value = min(float(found.sum()) / total, 1.0)
            yield "week of the stay with an incident", at, *_share(value), people, np.nan, "share"


def _leaves_by_phase(dossiers: DossierTables, as_of: Array) -> Iterator[tuple[Any, ...]]:
    """In which part of the stay leaves begin."""
    liberties = Facts.standing(dossiers, "liberties")
    liberties = liberties.where(liberties.has("kind", "@leave", vocabulary="liberty_kind"))
    release = Release.of(dossiers, as_of)
    arrived, released = release.arrived[liberties.owner], release.released[liberties.owner]
    started = liberties.days("started_on")
    kept = (started >= arrived) & (started <= released) & (released > arrived)
    if not kept.any():
        return
    part = (started[kept] - arrived[kept]) / (released[kept] - arrived[kept])
    owner = liberties.owner[kept]
    for low, high in structure()["time"]["parts_of_stay"]:
        inside = (part >= low) & ((part < high) | (high == 1.0))
        at = f"{100 * low:.0f} to {100 * high:.0f} % served"
        value = _share(float(inside.mean()))
        yield (
            "part of the stay in which a leave begins",
            at,
            *value,
            _people(owner),
            np.nan,
            "share",
        )
