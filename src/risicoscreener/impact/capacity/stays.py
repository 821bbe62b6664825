"""Who came in, on what ground, for how long: the stays from which is forecast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import ImpactError
from risicoscreener.impact.people import NOT_SET, UNKNOWN_PRISON

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import DossierTables

Days = npt.NDArray[np.int64]
Labels = npt.NDArray[np.str_]

SELF_REPORTER = "self_reporter"
LOW_UNITS = ("low_security", "very_low_security")
"""Units, and kinds of liberty by which someone is placed in them."""
PROGRAMME = "penitentiary_programme"
COLUMNS = (
    *("arrived", "left", "entered", "kind", "regime", "switched", "low_from", "prison"),
    *("sentence_days", "expected", "conditional"),
)
NOT_ASKED = np.int8(-1)
"""Outcome of a kind of decision for a stay in which nobody asks for it."""


def regimes() -> tuple[str, ...]:
    """Grounds of detention, in the order of the vocabulary."""
    return tuple(vocabularies()["regime"].codes)


@dataclass(frozen=True, eq=False)
class Stays:
    """Stays as arrays of shape (n,); days count from 1970-01-01 and -1 is not known.

    Attributes
    ----------
    seen_from, seen_until
        The days that were watched: who left before the first or on it is not among the stays, and
        what happens from the second on is not known.
    arrived, left
        First day, and day on which the cell came free (a release, or the start of a penitentiary
        programme); -1 for who is still there.
    entered
        First day on which the stay could be seen: later than ``arrived`` for who was there already
        when watching began (left truncation).
    kind, regime
        Ground of detention on arrival, and as it is known last.
    switched
        Day on which the one became the other; -1 if it did not.
    low_from
        Day of placement in low security; -1 for none.
    prison
        Where; ``unknown`` if it is not said.
    sentence_days
        0 where there is none.
    expected, conditional
        Day of release as expected, and date of conditional release.
    outcomes
        By kind of decision what a policy says, as position in `decision.OUTCOMES`, -1 where nobody
        asks; see `policy.outcomes_under`.
    """

    seen_from: int
    seen_until: int
    arrived: Days
    left: Days
    entered: Days
    kind: Labels
    regime: Labels
    switched: Days
    low_from: Days
    prison: Labels
    sentence_days: Days
    expected: Days
    conditional: Days
    outcomes: Mapping[str, npt.NDArray[np.int8]]
    person: Days | None = None

    def __post_init__(self) -> None:
        for wrong, expected in (
            (self.arrived > self.entered, "entered on or after arrived"),
            ((self.left != NOT_SET) & (self.left < self.entered), "left on or after entered"),
            (self.entered >= self.seen_until, f"entered before {_date(self.seen_until)}"),
            (self.left >= self.seen_until, f"left before {_date(self.seen_until)}"),
        ):
            found = np.flatnonzero(wrong)
            if len(found):
                row = int(found[0])
                days = [_date(int(getattr(self, c)[row])) for c in ("arrived", "entered", "left")]
                raise ImpactError(
                    f"stay {row} has arrived, entered, left = {days[0]}, {days[1]}, {days[2]}; "
                    f"expected {expected}"
                )

    def __len__(self) -> int:
        return len(self.arrived)

    def __repr__(self) -> str:
        first, last = _date(self.seen_from), _date(self.seen_until)
        return f"<Stays {len(self):,} from {first} to {last}, {int(self.inside.sum()):,} inside>"

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Who is still there."""
        return self.left == NOT_SET

    @property
    def length(self) -> Days:
        """Days from arrival to leaving; of who is still there, to the last day watched."""
        return np.where(self.inside, self.seen_until - 1, self.left) - self.arrived

    def at(self, chosen: npt.NDArray[Any]) -> Stays:
        """Some of the stays."""
        arrays = {name: getattr(self, name)[chosen] for name in COLUMNS}
        outcomes = {kind: found[chosen] for kind, found in self.outcomes.items()}
        person = None if self.person is None else self.person[chosen]
        return replace(self, **arrays, outcomes=outcomes, person=person)

    def occupancy(self, days: npt.ArrayLike) -> Days:
        """How many are inside on some days (from 1970-01-01); right only within what is watched."""
        at = np.asarray(days, dtype=np.int64)
        gone = np.sort(self.left[~self.inside])
        return np.searchsorted(np.sort(self.arrived), at, "right") - np.searchsorted(
            gone, at, "right"
        )

    def until(self, day: dt.date) -> Stays:
        """What was known on an earlier day, of stays that were watched until a later one.

        What only became known later (that someone leaves, is placed in low security, is sentenced)
        is not known. Expected dates are taken as they are known last: where they changed, read
        the stays from the dossiers as of that day.

        Raises
        ------
        ImpactError
            If it lies outside the days that were watched.
        """
        at = (day - EPOCH).days
        if not self.seen_from < at <= self.seen_until:
            raise ImpactError(
                f"day is {day}; expected one after {_date(self.seen_from)} and by "
                f"{_date(self.seen_until)}"
            )
        kept = self.at(self.entered < at)
        later = kept.switched >= at
        return replace(
            kept,
            seen_until=at,
            left=np.where(kept.left >= at, NOT_SET, kept.left),
            regime=np.where(later, kept.kind, kept.regime),
            switched=np.where(later, NOT_SET, kept.switched),
            low_from=np.where(kept.low_from >= at, NOT_SET, kept.low_from),
            expected=np.where(later, NOT_SET, kept.expected),
            conditional=np.where(later, NOT_SET, kept.conditional),
            sentence_days=np.where(later, 0, kept.sentence_days),
        )

    @classmethod
    def of(
        cls,
        dossiers: DossierTables,
        as_of: dt.date,
        *,
        seen_from: dt.date,
        index: pd.DataFrame | None = None,
    ) -> Stays:
        """Stays from dossiers, as they were known on a day.

        Parameters
        ----------
        dossiers
            Validated tables.
        as_of
            The picture: what was recorded later, or happened later, is not used.
        seen_from
            From which day everybody who is inside is among the dossiers. Who came before counts
            from that day on.
        index
            ``person_id`` and ``as_of``: of each person the one stay in which that day lies. For
            cohorts that hold one stay of everybody, and earlier ones of some; without it all.

        Raises
        ------
        ImpactError
            If there is no stay in the period, or the period has no days.
        """
        from risicoscreener.impact.capacity.reading import stays_of

        return stays_of(dossiers, as_of, seen_from, index)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        seen_from: dt.date,
        seen_until: dt.date,
    ) -> Stays:
        """Stays from a table with dates.

        Parameters
        ----------
        frame
            Columns ``arrived_on``, ``left_on`` (missing: still there), ``kind`` (a ground of
            detention); if need be ``regime``, ``switched_on``, ``low_from_on``, ``prison``,
            ``sentence_days``, ``expected_on``, ``conditional_on``.

        Raises
        ------
        ImpactError
            Naming the column and the row of what is wrong.
        """
        from risicoscreener.impact.capacity.reading import stays_from_frame

        return stays_from_frame(frame, seen_from, seen_until)


def _date(day: int) -> dt.date | None:
    return None if day == NOT_SET else EPOCH + dt.timedelta(days=day)


__all__ = [
    "LOW_UNITS",
    "NOT_ASKED",
    "PROGRAMME",
    "SELF_REPORTER",
    "UNKNOWN_PRISON",
    "Stays",
    "regimes",
]
