"""What a rule would change: arrivals, lengths of stay, early release, placements, from a day on.

A file holds ``[[changes]]``, each with a ``type`` and a day ``from``; see docs/capacity.md.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct, field

from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity.donors import DonorTable
from risicoscreener.impact.capacity.settings import CapacitySettings, read_toml
from risicoscreener.impact.capacity.stays import regimes

Mask = npt.NDArray[np.bool_]

ONE_YEAR, TWO_YEARS = 365, 730
OF_THE_REST, SERVED = 1 / 3, 2 / 3
"""Sr art. 15 lid 1 and 2 (text of 2017): one year and a third of the rest up to two years, two
thirds above."""


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """What all changes have.

    Attributes
    ----------
    start
        In a file ``from``: for who comes in from that day on.
    kinds
        Grounds of detention on arrival; none: all.
    sentence_from_days, sentence_until_days
        Of sentences of at least and at most so many days; 0: also without a sentence, no limit.
    inside
        Whether it also holds for who is inside on the first day of the forecast; only then may
        ``start`` not lie later.
    """

    start: dt.date | None = field(name="from", default=None)
    kinds: tuple[str, ...] = ()
    sentence_from_days: int = 0
    sentence_until_days: int = 0
    inside: bool = False

    def __post_init__(self) -> None:
        name = str(type(self).__struct_config__.tag)
        unknown = [kind for kind in self.kinds if kind not in regimes()]
        if unknown:
            raise ImpactError(
                f"change {name!r}: kinds has {unknown[0]!r}; expected of {', '.join(regimes())}"
            )
        for key, low, high in self._limits():
            value = getattr(self, key)
            if value is not None and not low <= value <= high:
                raise ImpactError(
                    f"change {name!r}: {key} is {value!r}; expected a number from {low:g} to "
                    f"{high:g}"
                )

    def _limits(self) -> tuple[tuple[str, float, float], ...]:
        return ("sentence_from_days", 0, 36525), ("sentence_until_days", 0, 36525)

    def holds_for(self, table: DonorTable) -> Mask:
        """Which stays it is about."""
        if self.kinds and table.kind not in self.kinds:
            return np.zeros(len(table), bool)
        found = table.sentence >= self.sentence_from_days
        if self.sentence_until_days:
            found &= (table.sentence <= self.sentence_until_days) & (table.sentence > 0)
        return found

    def apply(self, table: DonorTable) -> DonorTable:
        """The stays as they would be."""
        raise NotImplementedError


class Arrivals(Change, frozen=True, kw_only=True, tag="arrivals"):
    """``factor`` times as many come in."""

    factor: float

    def _limits(self) -> tuple[tuple[str, float, float], ...]:
        return (*super()._limits(), ("factor", 0, 10))

    def apply(self, table: DonorTable) -> DonorTable:
        """The same stays, kept with another share."""
        factor = np.where(self.holds_for(table), self.factor, 1.0)
        return table.with_(keep=table.keep * factor)


class Replaced(Change, frozen=True, kw_only=True, tag="replaced"):
    """A share of the sentences is replaced by another punishment: these people do not come in."""

    share: float

    def _limits(self) -> tuple[tuple[str, float, float], ...]:
        return (*super()._limits(), ("share", 0, 1))

    def apply(self, table: DonorTable) -> DonorTable:
        """The same stays, kept with another share."""
        left = np.where(self.holds_for(table), 1 - self.share, 1.0)
        return table.with_(keep=table.keep * left)


class StayLength(Change, frozen=True, kw_only=True, tag="stay_length"):
    """Stays last ``factor`` times as long, and then ``add_days`` longer (never below 0)."""

    factor: float = 1.0
    add_days: int = 0

    def _limits(self) -> tuple[tuple[str, float, float], ...]:
        return (*super()._limits(), ("factor", 0, 10), ("add_days", -36525, 36525))

    def apply(self, table: DonorTable) -> DonorTable:
        """Longer or shorter stays."""
        which = self.holds_for(table)

        def changed(days: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            longer = np.maximum(days * self.factor + self.add_days, 0)
            return np.where(which, np.rint(longer), days)

        return table.with_(length=changed(table.length), early_length=changed(table.early_length))


class ConditionalRelease(Change, frozen=True, kw_only=True, tag="conditional_release"):
    """Sentences above a year end early by the fractions of the law, within a longest period.

    Of stays with a date of conditional release; a sentence up to two years after one year and a
    third of the rest, a longer one after two thirds.

    Attributes
    ----------
    most_days
        Longest period of conditional release (two years since July 2021); 0: no limit.
    share
        Share of those who may that is released early; None: who was.
    by_policy
        In place of ``share``: who a policy grants it, at once or after a deep assessment.
    """

    most_days: int = 730
    share: float | None = None
    by_policy: bool = False

    def _limits(self) -> tuple[tuple[str, float, float], ...]:
        return (*super()._limits(), ("most_days", 0, 36525), ("share", 0, 1))

    def apply(self, table: DonorTable) -> DonorTable:
        """Stays that end by this rule, or with the sentence."""
        which = self.holds_for(table) & table.conditional & (table.sentence > ONE_YEAR)
        share = np.where(table.early, 1.0, 0.0) if self.share is None else self.share
        if self.by_policy:
            share = table.release_by_policy
        served = served_days(table.sentence, self.most_days)
        # What was served elsewhere is not served again.
        served = np.maximum(served - table.served_elsewhere, 0)
        full = np.maximum(table.sentence - table.served_elsewhere, 0)
        return table.with_(
            length=np.where(which, full, table.length),
            early_length=np.where(which, served, table.early_length),
            early_share=np.where(which, share, table.early_share),
        )


class Programme(Change, frozen=True, kw_only=True, tag="penitentiary_programme"):
    """A share leaves the cell for a programme in the last part of the sentence.

    Defaults as since December 2021, read in secondary sources: sentences of half a year to a year,
    at most a sixth, at most two months; four weeks at least.
    """

    share: float
    fraction: float = 1 / 6
    least_days: int = 28
    most_days: int = 61
    sentence_from_days: int = 182
    sentence_until_days: int = 365

    def _limits(self) -> tuple[tuple[str, float, float], ...]:
        days = (("least_days", 0, 3653), ("most_days", 1, 3653))
        return (*super()._limits(), ("share", 0, 1), ("fraction", 0, 1), *days)

    def apply(self, table: DonorTable) -> DonorTable:
        """Stays of which some end with a programme."""
        days = _last_days(table, self.fraction, self.least_days, self.most_days)
        which = self.holds_for(table) & (days > 0)
        return table.with_(
            programme_share=np.where(which, self.share, table.programme_share),
            programme_days=np.where(which, days, table.programme_days),
        )


class LowSecurity(Change, frozen=True, kw_only=True, tag="low_security"):
    """A share is placed in low security in the last part of the sentence.

    ``share`` None: as the settings say, by what a policy says of each stay.
    """

    share: float | None = None
    fraction: float = 1 / 6
    least_days: int = 28
    most_days: int = 365
    sentence_from_days: int = 182

    def _limits(self) -> tuple[tuple[str, float, float], ...]:
        days = (("least_days", 0, 3653), ("most_days", 1, 3653))
        return (*super()._limits(), ("share", 0, 1), ("fraction", 0, 1), *days)

    def apply(self, table: DonorTable) -> DonorTable:
        """Stays of which some end in low security."""
        days = _last_days(table, self.fraction, self.least_days, self.most_days)
        which = self.holds_for(table) & (days > 0)
        share = table.low_by_policy if self.share is None else self.share
        return table.with_(
            low_share=np.where(which, share, table.low_share),
            low_days=np.where(which, days, table.low_days),
        )


AnyChange = Arrivals | Replaced | StayLength | ConditionalRelease | Programme | LowSecurity


class Scenario(Struct, frozen=True, kw_only=True):
    """A name, changes, and settings that differ.

    Attributes
    ----------
    label
        What it is called.
    changes
        In the order in which they apply.
    settings
        Other settings by ``section.name``.
    """

    label: str = ""
    changes: tuple[AnyChange, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str | Path) -> Scenario:
        """A scenario from a TOML file: ``label``, ``[[changes]]`` and sections of settings.

        Raises
        ------
        ImpactError
            Naming the file, the key and what was expected.
        """
        raw = read_toml(path)
        label = raw.pop("label", Path(path).stem)
        if not isinstance(label, str):
            raise ImpactError(f"{path}: label is {label!r}; expected text")
        try:
            changes = msgspec.convert(raw.pop("changes", []), tuple[AnyChange, ...])
        except (msgspec.ValidationError, ImpactError) as error:
            raise ImpactError(f"{path}: changes: {error}") from None
        settings: dict[str, Any] = {}
        for section, entries in raw.items():
            if not isinstance(entries, dict):
                raise ImpactError(
                    f"{path}: {section} is {entries!r}; expected a section [{section}]"
                )
            settings |= {f"{section}.{name}": value for name, value in entries.items()}
        try:
            CapacitySettings.of(settings)
        except ImpactError as error:
            raise ImpactError(f"{path}: {error}") from None
        return cls(label=label, changes=changes, settings=settings)


def served_days(
    sentence_days: npt.ArrayLike, most_days: int = TWO_YEARS
) -> npt.NDArray[np.float64]:
    """Days to serve before conditional release, of sentences above a year; others in full.

    Parameters
    ----------
    most_days
        Longest period of conditional release; 0: no limit.
    """
    sentence = np.asarray(sentence_days, np.float64)
    short = ONE_YEAR + OF_THE_REST * (sentence - ONE_YEAR)
    served = np.where(sentence <= TWO_YEARS, short, SERVED * sentence)
    if most_days:
        served = np.maximum(served, sentence - most_days)
    return np.where(sentence > ONE_YEAR, np.ceil(served - 1e-9), sentence)


def _last_days(
    table: DonorTable, fraction: float, least: int, most: int
) -> npt.NDArray[np.float64]:
    """Days of the last part of a stay; 0 where it is shorter than the least."""
    days = np.minimum(np.floor(table.sentence * fraction), np.minimum(most, table.length))
    return np.where(days >= max(least, 1), days, 0.0)
