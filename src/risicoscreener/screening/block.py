"""Features, models and decisions of some index rows at once: the chain of `route` as arrays."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import PolicyError
from risicoscreener.models import Assessment, Interval
from risicoscreener.models.brief import Brief, brief_many
from risicoscreener.models.support import STATUSES
from risicoscreener.screening.result import REASONS

if TYPE_CHECKING:
    from risicoscreener.decision import DecidedColumns
    from risicoscreener.screening.route import Route
    from risicoscreener.screening.sources import Source

NO_VERSION = np.int16(-1)


class Block:
    """Features, models and decisions of some index rows, in this thread.

    ``runs`` are where rows begin that are much like the one before, ascending from 0, if known.
    """

    def __init__(
        self, route: Route, source: Source, rows: slice, runs: np.ndarray | None = None
    ) -> None:
        self.route = route
        self.values = source.values(rows)
        self.runs = runs
        self.quarantined = source.quarantined(rows)
        self.without_policy: list[PolicyError]
        self.version = self._versions(source.days[rows])
        used = {int(at) for at in np.unique(self.version) if at >= 0}
        self.assessed: dict[int, Brief] = {}
        for m in sorted({m for at in used for m in route.models_of[at]}):
            self._assess(m)
        self.decided = {at: self._decide(at) for at in sorted(used)}

    def _versions(self, days: np.ndarray) -> np.ndarray:
        """Position of the version for each row."""
        judgment = self.route.judgment
        until = None if judgment is None else self.values[:, judgment]
        version, self.without_policy = pick_versions(self.route, days, until)
        return version

    def _assess(self, m: int) -> None:
        """What one model says of the rows, and its strongest reasons."""
        self.assessed[m] = brief_many(
            self.route.models[m].program,
            self.values,
            self.route.model_inputs[m],
            REASONS,
            runs=self.runs,
        )

    def _decide(self, at: int) -> tuple[np.ndarray, DecidedColumns]:
        """The rows of one version, and what it decides of them."""
        rows_of_version = np.flatnonzero(self.version == at)
        rows = self.of_all(rows_of_version)
        n, models = len(rows_of_version), self.route.models_of[at]
        probability, lower, upper = (np.full((n, len(models)), np.nan) for _ in range(3))
        supported = np.ones((n, len(models)), dtype=bool)
        for place, m in enumerate(models):
            found = self.assessed[m]
            probability[:, place] = found.probability[rows]
            if found.intervals is not None:
                lower[:, place] = found.intervals.lower[rows]
                upper[:, place] = found.intervals.upper[rows]
            if found.status is not None:
                supported[:, place] = found.status[rows] == STATUSES.index("inside")
        decided = self.route.policies[at].compiled.decide_many(
            self._inputs(at, rows, n), probability, lower, upper, supported
        )
        return rows_of_version, decided

    def of_all(self, rows: np.ndarray, start: int = 0) -> np.ndarray | slice:
        """Rows counted from ``start``; a slice if they are all, as of a batch they mostly are."""
        if len(rows) == len(self.version):
            return slice(start, start + len(rows))
        return start + rows

    def _inputs(self, at: int, rows: np.ndarray | slice, n: int) -> np.ndarray:
        """What a version reads of ``n`` rows, shape (n, its inputs)."""
        columns = self.route.inputs[at]
        inputs = np.empty((n, len(columns)), order="F")
        for place, column in enumerate(columns):
            apart = column == self.route.set_apart
            inputs[:, place] = (self.quarantined if apart else self.values[:, column])[rows]
        return inputs

    def assessment(self, m: int) -> Assessment:
        """What a model says of the first row, as for one person."""
        view = self.route.models[m]
        first = self.values[:1, list(self.route.model_inputs[m])]
        found = view.program.assess_many(first, contributions=True)
        scores, intervals, support = found.scores, found.intervals, found.support
        interval = checked = None
        if intervals is not None:
            interval = Interval(
                float(intervals.lower[0]),
                float(intervals.upper[0]),
                float(intervals.standard_error[0]),
            )
        values = first[0].tolist()
        holds = view.program.support_for(values)
        if support is not None and holds is not None:
            leverage = None if support.leverage is None else float(support.leverage[0])
            checked = holds.check_one(values, leverage)
        assert scores.contributions is not None
        return Assessment(
            float(scores.probability[0]),
            float(scores.linear_predictor[0]),
            scores.contributions[0].tolist(),
            interval,
            checked,
        )


def pick_versions(
    route: Route, days: np.ndarray, until_judgment: np.ndarray | None
) -> tuple[np.ndarray, list[PolicyError]]:
    """Position of the version for each row: the deciding days, each looked up once.

    Parameters
    ----------
    days
        Days since 1970-01-01, shape (n,).
    until_judgment
        Days until the judgment, NaN where unknown, shape (n,); None where no version asks for it.

    Returns
    -------
    tuple
        Positions, shape (n,), int16, `NO_VERSION` where none applies; and why none does.
    """
    version = np.empty(len(days), dtype=np.int16)
    judged = np.full(len(days), np.nan)
    if until_judgment is not None:
        judged = until_judgment + days
    by_judgment = ~np.isnan(judged) & route.by_judgment
    errors: list[PolicyError] = []
    for chosen, deciding in ((by_judgment, judged), (~by_judgment, days)):
        found, inverse = np.unique(deciding[chosen], return_inverse=True)
        picked = [_pick(route, int(day), chosen is by_judgment, errors) for day in found]
        version[chosen] = np.array(picked, dtype=np.int16)[inverse] if picked else 0
    return version, errors


def _pick(route: Route, day: int, judged: bool, errors: list[PolicyError]) -> int:
    on = EPOCH + dt.timedelta(days=day)
    try:
        return route.version(on, on if judged else None)
    except PolicyError as error:
        errors.append(error)
        return int(NO_VERSION)
