"""What happened in one period: the rows that each kind of stream counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from risicoscreener.dossier.schema import day_number
from risicoscreener.evaluation.sequential import Binned, chance_in_period
from risicoscreener.monitoring.baseline import DEEP
from risicoscreener.monitoring.periods import Period
from risicoscreener.monitoring.settings import MonitorSettings, StreamSettings
from risicoscreener.monitoring.state import Baseline
from risicoscreener.monitoring.tables import Followed, Screenings

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OutcomesNow:
    """Outcomes that count in a period, a row for each person.

    Attributes
    ----------
    screenings
        Of whom.
    probability
        ``(n,)`` of the outcome in what counts: this period, or the whole horizon.
    outcome
        ``(n,)`` 0 or 1.
    predictor, offset
        ``(n,)`` log odds are their sum, up to a constant in each stratum; the slope is that of the
        predictor.
    before, after
        ``(n,)`` part of the outcomes that is registered by the start and end of the period; 0 and 1
        of those who count once, for the whole horizon.
    predicted
        ``(n,)`` of the outcome within the whole horizon.
    cohort
        ``(n,)`` number of the period in which each was screened, from 0.
    """

    screenings: Screenings
    probability: FloatArray
    outcome: FloatArray
    predictor: FloatArray
    offset: FloatArray
    before: FloatArray
    after: FloatArray
    predicted: FloatArray
    cohort: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.outcome)

    def rows(self, chosen: Any) -> OutcomesNow:
        """Part of the rows."""
        cut = {f.name: getattr(self, f.name)[chosen] for f in fields(self)[1:]}
        return OutcomesNow(self.screenings.rows(chosen), **cut)


@dataclass(frozen=True, eq=False)
class PeriodRows:
    """The rows of one period.

    Attributes
    ----------
    period
        Which.
    starts
        First days of all periods until then, its own too.
    settings, baseline
        What is counted.
    screenings
        All of them, of all periods that are watched.
    followed
        Those of which the outcome is awaited; None without outcomes.
    """

    period: Period
    starts: tuple[dt.date, ...]
    settings: MonitorSettings
    baseline: Baseline
    screenings: Screenings
    followed: Followed | None

    @cached_property
    def _days(self) -> tuple[int, int]:
        return day_number(self.period.start), day_number(self.period.end)

    @cached_property
    def bins(self) -> dict[str, Binned]:
        """By column the bins in which is counted."""
        return self.baseline.binned()

    @cached_property
    def screened(self) -> Screenings:
        """Screened in the period."""
        return self.screenings.between(self.period.start, self.period.end)

    @cached_property
    def decided(self) -> Screenings:
        """Decided on in the period, whenever they were screened."""
        first, last = self._days
        rows = self.screenings
        when = (rows.decided_on >= first) & (rows.decided_on < last)
        return rows.rows(when & (rows.direction != ""))

    @cached_property
    def due(self) -> Screenings:
        """Deep assessments that should be settled in the period."""
        first, last = self._days
        due = self.screenings.as_of + self.settings.queue_days
        return self.screenings.rows(
            (due >= first) & (due < last) & (self.screenings.outcome == DEEP)
        )

    @cached_property
    def waiting(self) -> int:
        """Deep assessments that wait at the end of the period."""
        last = self._days[1]
        rows = self.screenings
        asked = (rows.outcome == DEEP) & (rows.as_of < last)
        return int((asked & (rows.settled_on >= last)).sum())

    @cached_property
    def registered(self) -> OutcomesNow:
        """Person-months: who had no outcome before the period, and whether one came in."""
        first, last = self._days
        found = self._awaited(first, last)
        p = found.screenings.probability
        before = self._part_registered(p, np.maximum(first - found.start_on, 0))
        after = self._part_registered(p, last - found.start_on)
        chance = chance_in_period(p, before, after)
        counts = (chance > 0) & (chance < 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            predictor = np.log(p)
            offset = np.log(after - before) - np.log1p(-p * after)
        now = OutcomesNow(
            found.screenings,
            chance,
            (found.registered_on < last).astype(np.float64),
            predictor,
            offset,
            before,
            after,
            p,
            self._cohort(found),
        )
        return now.rows(counts)

    def _part_registered(self, p: FloatArray, days: npt.NDArray[np.int64]) -> FloatArray:
        """Part of the outcomes that is registered by so many days, by risk."""
        timing = self.baseline.timing
        place = np.searchsorted([one.below for one in timing[:-1]], p, side="right")
        found = np.zeros(len(p))
        for number, one in enumerate(timing):
            rows = place == number
            found[rows] = one.process()(days[rows])
        return found

    def _cohort(self, found: Followed) -> npt.NDArray[np.int64]:
        starts = [day_number(one) for one in self.starts]
        return np.searchsorted(starts, found.screenings.as_of, side="right").astype(np.int64) - 1

    def _awaited(self, first: int, last: int) -> Followed:
        """Whose follow-up runs in the period and who had no outcome before it."""
        followed = self._all_followed
        window = self.settings.horizon_days + self.settings.timing.lag_days
        runs = (followed.start_on < last) & (followed.start_on + window > first)
        known = np.isfinite(followed.screenings.probability)
        return followed.rows(runs & known & (followed.registered_on >= first))

    @cached_property
    def matured(self) -> OutcomesNow:
        """Whose horizon and lag end in the period, and whether they had the outcome."""
        first, last = self._days
        followed = self._all_followed
        ends = followed.start_on + self.settings.horizon_days + self.settings.timing.lag_days
        p = followed.screenings.probability
        due = (ends >= first) & (ends < last) & (p > 0) & (p < 1)
        found, ends = followed.rows(due), ends[due]
        p = found.screenings.probability
        return OutcomesNow(
            found.screenings,
            p,
            (found.registered_on <= ends).astype(np.float64),
            np.log(p) - np.log1p(-p),
            np.zeros(len(p)),
            np.zeros(len(p)),
            np.ones(len(p)),
            p,
            self._cohort(found),
        )

    @property
    def _all_followed(self) -> Followed:
        assert self.followed is not None
        return self.followed

    def outcomes(self, stream: StreamSettings) -> OutcomesNow:
        """What a stream of outcomes counts."""
        return self.registered if stream.counts_months else self.matured
