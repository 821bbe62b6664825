"""Where the feature values of a batch come from: dossiers, or a table that was given."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa

from risicoscreener.dossier.schema import EARLIEST, EPOCH
from risicoscreener.errors import DossierError, FeatureError
from risicoscreener.features.index import Index
from risicoscreener.features.many import EventTables, compute_block

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import DossierTables
    from risicoscreener.features import FeaturePlan


class Source(Protocol):
    """Feature values of index rows, a block at a time.

    Attributes
    ----------
    person_ids, days
        Who and when (days since 1970-01-01), shape (n,).
    """

    person_ids: pa.Array
    days: np.ndarray

    def values(self, rows: slice) -> np.ndarray:
        """Values of the plan, shape (rows, features), NaN where unknown."""

    def quarantined(self, rows: slice) -> np.ndarray:
        """For each row how many rows of the dossier were set apart."""


class FromDossiers:
    """Features computed from dossier tables.

    Parameters
    ----------
    events
        The columns of the tables, if at hand.
    today
        The last day that a picture can be of; the day of the machine by default.
    """

    def __init__(
        self,
        plan: FeaturePlan,
        dossiers: DossierTables,
        index: Any,
        events: EventTables | None = None,
        *,
        today: dt.date | None = None,
    ) -> None:
        at = Index.of(dossiers, index)
        _check_days(dossiers, at, dt.date.today() if today is None else today)
        self.plan = plan
        self.positions, self.days = at.positions, at.days
        self.person_ids = dossiers.person_ids.take(pa.array(at.positions))
        self.events = EventTables(dossiers) if events is None else events
        self.events.prepare(plan, self.positions)

    def values(self, rows: slice) -> np.ndarray:
        """Computed for these rows."""
        return compute_block(self.plan, self.events, self.positions[rows], self.days[rows])

    def quarantined(self, rows: slice) -> np.ndarray:
        """As counted when the tables were validated."""
        counts: np.ndarray = self.events.dossiers.quarantined_rows[self.positions[rows]]
        return counts


class FromFeatures:
    """Features that were given: those without a column are unknown.

    Parameters
    ----------
    frame
        One row for each person, by person_id; numeric columns named after features of the plan.
    as_of
        The day of all rows.

    Raises
    ------
    FeatureError
        For a column that no policy or model of the route reads, one that is not numeric, or a
        value that is infinite, outside the range of its feature, or not whole where it counts.
    """

    def __init__(self, plan: FeaturePlan, frame: pd.DataFrame, as_of: dt.date) -> None:
        given = _names_of(frame)
        _check_columns(plan, frame, given)
        self.matrix = np.full((len(frame), len(plan.names)), np.nan, order="F")
        for place, name in enumerate(plan.names):
            if name in given:
                column = frame.iloc[:, given.index(name)]
                self.matrix[:, place] = column.to_numpy(dtype=np.float64, na_value=np.nan)
        infinite = np.isinf(self.matrix).any(axis=0)
        if infinite.any():
            names = ", ".join(np.array(plan.names)[infinite])
            raise FeatureError(f"the table has infinite values of {names}; give NaN for unknown")
        _check_ranges(plan, self.matrix)
        _check_whole(plan, self.matrix)
        self.person_ids = pa.array([str(person) for person in frame.index], pa.string())
        self.days = np.full(len(frame), (as_of - EPOCH).days, dtype=np.int32)

    def values(self, rows: slice) -> np.ndarray:
        """As given."""
        return self.matrix[rows]

    def quarantined(self, rows: slice) -> np.ndarray:
        """None: there is no dossier."""
        return np.zeros(len(self.days[rows]), dtype=np.int32)


def _holds_numbers(kind: Any) -> bool:
    import pandas as pd

    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind)


def _check_ranges(plan: FeaturePlan, matrix: np.ndarray) -> None:
    """No value that facts could not give: fewer than no incidents would pass for good conduct."""
    for place, name in enumerate(plan.names):
        feature, values = plan.features[name], matrix[:, place]
        wrong = np.flatnonzero((values < feature.low) | (values > feature.high))
        if len(wrong):
            raise FeatureError(
                f"the table has {name} = {values[wrong[0]]:g} in row {wrong[0]}; expected a value "
                f"from {feature.low:g} to {feature.high:g}, or NaN for unknown "
                f"({len(wrong)} row(s) like this)"
            )


WHOLE = ("count", "any", "distinct", "cases")
"""What these give is a whole number; one between two codes would pass for the better one."""


def _check_whole(plan: FeaturePlan, matrix: np.ndarray) -> None:
    for place, name in enumerate(plan.names):
        if plan.features[name].aggregate not in WHOLE:
            continue
        values = matrix[:, place]
        wrong = np.flatnonzero(np.abs(values - np.round(values)) > 0)
        if len(wrong):
            raise FeatureError(
                f"the table has {name} = {values[wrong[0]]:g} in row {wrong[0]}; expected a whole "
                f"number, or NaN for unknown ({len(wrong)} row(s) like this)"
            )


def _names_of(frame: pd.DataFrame) -> list[str]:
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        kind = type(frame).__name__
        raise FeatureError(f"the table is of type {kind}; expected a pandas DataFrame")
    if frame.index.hasnans:
        raise FeatureError("the index of the table lacks an id; expected one of each person")
    return [str(name) for name in frame.columns]


def _check_columns(plan: FeaturePlan, frame: pd.DataFrame, given: list[str]) -> None:
    unread = [name for name in given if name not in plan.names]
    if unread:
        raise FeatureError(
            f"the table has {', '.join(unread)}, which nothing reads; expected only: "
            f"{', '.join(plan.names)}"
        )
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise FeatureError(f"the table has {', '.join(twice)} more than once")
    text = [n for n in given if not _holds_numbers(frame[n].dtype)]
    if text:
        raise FeatureError(f"the table has no numbers in {', '.join(text)}; code them as numbers")


def _check_days(dossiers: DossierTables, at: Index, today: dt.date) -> None:
    """Each day lies after the birth of its person and has come."""
    born = dossiers.tables["persons"].column("birth_date").combine_chunks().cast(pa.int32())
    first = np.maximum(born.to_numpy()[at.positions], (EARLIEST - EPOCH).days)
    last = (today - EPOCH).days
    wrong = np.flatnonzero((at.days < first) | (at.days > last))
    if len(wrong):
        row = int(wrong[0])
        day = np.datetime64(int(at.days[row]), "D")
        raise DossierError(
            f"index row {row}: as_of is {day}; expected a day after the birth of "
            f"{dossiers.person_ids[int(at.positions[row])]}, up to and including today "
            f"({len(wrong)} row(s) like this)"
        )
