"""Outcomes of people, added up by site and period."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots.design import PilotDesign

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
OutcomeKind = Literal["binary", "count", "continuous"]
OUTCOME_KINDS: tuple[str, ...] = get_args(OutcomeKind)
PER_PERSON, PER_CELL = ("site", "period", "outcome"), ("site", "period", "size", "total")


@dataclass(frozen=True, eq=False)
class Cells:
    """What happened in each site in each period.

    Attributes
    ----------
    kind
        ``binary`` (0 or 1 for each person), ``count`` (events, with the time in which they could
        happen) or ``continuous``.
    size
        ``(sites, periods)``: people; of counts the time at risk (person-months, say). 0 where
        nothing was measured.
    total
        ``(sites, periods)``: sum of the outcomes.
    squares
        ``(sites, periods)``: sum of their squares; of counts not used.
    """

    kind: OutcomeKind
    size: FloatArray
    total: FloatArray
    squares: FloatArray

    @property
    def seen(self) -> BoolArray:
        """``(sites, periods)``: where something was measured."""
        return self.size > 0

    @property
    def mean(self) -> FloatArray:
        """``(sites, periods)``: share, rate or mean; NaN where nothing was measured."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.seen, self.total / self.size, np.nan)

    @property
    def people(self) -> int:
        """How many people there are; of counts 0, for time at risk is not people."""
        return 0 if self.kind == "count" else round(float(self.size.sum()))

    @property
    def within(self) -> tuple[float, float]:
        """Variance of one outcome within sites and periods, and the degrees of freedom behind it.

        Of counts the variance of a Poisson count in a unit of time; it is taken as known.
        """
        if self.kind == "count":
            return float(self.total.sum() / max(self.size.sum(), 1e-300)), math.inf
        seen = self.seen
        apart = float((self.squares[seen] - self.total[seen] ** 2 / self.size[seen]).sum())
        degrees = float(self.size.sum() - seen.sum())
        return (max(apart, 0.0) / degrees if degrees > 0 else math.nan), degrees

    def only(self, places: Sequence[int]) -> Cells:
        """Of some sites, in that order."""
        at = list(places)
        return replace(self, size=self.size[at], total=self.total[at], squares=self.squares[at])

    def where(self, kept: BoolArray) -> Cells:
        """With nothing measured where ``kept``, ``(sites, periods)``, is False."""
        return replace(
            self,
            size=np.where(kept, self.size, 0.0),
            total=np.where(kept, self.total, 0.0),
            squares=np.where(kept, self.squares, 0.0),
        )

    def to_frame(self, design: PilotDesign) -> pd.DataFrame:
        """A row for each site and period in which something was measured."""
        import pandas as pd

        site, period = np.nonzero(self.seen)
        columns: dict[str, Any] = {
            "site": [design.sites[i] for i in site],
            "period": [design.periods[i] for i in period],
            "size": self.size[site, period],
            "total": self.total[site, period],
        }
        if self.kind == "continuous":
            columns["squares"] = self.squares[site, period]
        return pd.DataFrame(columns)


def cells_from(frame: pd.DataFrame, design: PilotDesign, kind: OutcomeKind = "binary") -> Cells:
    """Read a table with a row for each person, or for each site and period.

    Parameters
    ----------
    frame
        Columns ``site``, ``period`` and ``outcome`` (and of counts ``time``, the time at risk, 1
        by default): a row for each person. Or ``site``, ``period``, ``size``, ``total`` (and of
        continuous outcomes ``squares``): a row for each site and period. Sites and periods that
        the design lacks are an error; cells that are absent were not measured.
    kind
        Of the outcome.

    Raises
    ------
    PilotError
        Naming the first row that cannot be used.
    """
    if kind not in OUTCOME_KINDS:
        raise PilotError(f"outcome is {kind!r}; expected one of {', '.join(OUTCOME_KINDS)}")
    columns = set(frame.columns)
    wanted = PER_CELL if "total" in columns else PER_PERSON
    absent = [name for name in wanted if name not in columns]
    if absent:
        raise PilotError(
            f"column {absent[0]!r} is absent; expected {', '.join(PER_PERSON)} (a row for each "
            f"person) or {', '.join(PER_CELL)} (a row for each site and period)"
        )
    site = _codes(frame, "site", design.sites)
    period = _codes(frame, "period", design.periods)
    read = _of_cells if wanted == PER_CELL else _of_people
    return read(frame, design, kind, site, period)


def _of_people(
    frame: pd.DataFrame, design: PilotDesign, kind: OutcomeKind, site: Any, period: Any
) -> Cells:
    outcome = _numbers(frame, "outcome")
    time = np.ones(len(outcome))
    if kind == "binary":
        _refuse(frame, "outcome", ~np.isin(outcome, (0, 1)), "0 or 1")
    if kind == "count":
        _refuse(frame, "outcome", (outcome < 0) | (outcome % 1 != 0), "a whole number from 0 up")
        if "time" in frame.columns:
            time = _numbers(frame, "time")
            _refuse(frame, "time", time <= 0, "time above 0")
    at = site * len(design.periods) + period
    n = len(design.sites) * len(design.periods)

    def added(values: FloatArray) -> FloatArray:
        found = np.bincount(at, values, minlength=n).astype(np.float64, copy=False)
        return found.reshape(design.shape)

    return Cells(kind, added(time), added(outcome), added(outcome**2))


def _of_cells(
    frame: pd.DataFrame, design: PilotDesign, kind: OutcomeKind, site: Any, period: Any
) -> Cells:
    size, total = _numbers(frame, "size"), _numbers(frame, "total")
    _refuse(frame, "size", size < 0, "0 or more")
    if kind != "continuous":
        _refuse(frame, "total", total < 0, "0 or more")
    if kind == "binary":
        _refuse(frame, "total", total > size, "at most size")
        _refuse(frame, "size", size % 1 != 0, "a whole number of people")
        _refuse(frame, "total", total % 1 != 0, "a whole number of people")
    _refuse(frame, "total", (size == 0) & (total != 0), "0 where size is 0")
    squares = total if kind != "continuous" else _squares(frame, size, total)
    twice = frame[["site", "period"]].astype(str).duplicated().to_numpy()
    if twice.any():
        place = int(np.argmax(twice))
        row = frame.iloc[place]
        raise PilotError(
            f"row {place + 1}: site {row['site']!r}, period {row['period']!r} is there twice; "
            "expected one row for each"
        )
    empty = np.zeros((3, *design.shape))
    empty[:, site, period] = size, total, squares
    return Cells(kind, *empty)


def _squares(frame: pd.DataFrame, size: FloatArray, total: FloatArray) -> FloatArray:
    if "squares" not in frame.columns:
        raise PilotError("column 'squares' is absent; of a continuous outcome it is needed")
    squares = _numbers(frame, "squares")
    with np.errstate(invalid="ignore", divide="ignore"):
        least = np.where(size > 0, total**2 / size, 0.0)
    _refuse(frame, "squares", squares < least * (1 - 1e-9), "at least total² / size")
    return squares


def _codes(frame: pd.DataFrame, column: str, names: Sequence[str]) -> Any:
    place = {name: i for i, name in enumerate(names)}
    found = frame[column].astype(str).map(place)
    unknown = found.isna().to_numpy()
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    _refuse(frame, column, unknown, f"a {column} of the design ({shown})")
    return found.to_numpy(dtype=np.int64)


def _numbers(frame: pd.DataFrame, column: str) -> FloatArray:
    import pandas as pd

    found: FloatArray = pd.to_numeric(frame[column], errors="coerce").to_numpy(np.float64)
    _refuse(frame, column, ~np.isfinite(found), "a finite number")
    return found


def _refuse(frame: pd.DataFrame, column: str, wrong: BoolArray, expected: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        value = frame[column].iloc[row]
        value = value.item() if hasattr(value, "item") else value
        raise PilotError(f"row {row + 1}: {column} is {value!r}; expected {expected}")
