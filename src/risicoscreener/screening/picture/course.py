"""Every day of a stay screened for every kind of decision: what a picture of a detention shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.decision import OUTCOMES
from risicoscreener.dossier.reading import read_dossier
from risicoscreener.dossier.schema import EPOCH
from risicoscreener.dossier.visible import visible
from risicoscreener.errors import DossierError
from risicoscreener.features.index import Index
from risicoscreener.screening.admissible import AdmissibleTimeline, admissible
from risicoscreener.screening.picture.compiled import kinds_of
from risicoscreener.screening.screener import check_day, day_of_picture, default_screener
from risicoscreener.screening.stretches import stretches
from risicoscreener.texts import Texts

if TYPE_CHECKING:
    from risicoscreener.dossier import Dossier
    from risicoscreener.dossier.reading import Source
    from risicoscreener.screening.screener import Screener
    from risicoscreener.screening.table import ScreenedTable

LONGEST = 36_525


@dataclass(frozen=True)
class ModelCourse:
    """What one model says on each day, shape (days,), NaN where no policy reads it.

    Attributes
    ----------
    outcome
        What it is the probability of.
    cuts
        All cut-offs that any policy has for it on these days, ascending.
    """

    name: str
    outcome: Texts
    probability: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    cuts: tuple[float, ...]


@dataclass(frozen=True)
class KindCourse:
    """One kind of decision on each day.

    Attributes
    ----------
    outcome
        Positions in `OUTCOMES`, -1 where no version applies, shape (days,).
    title, words
        What the decision is called, and each outcome in the order of `OUTCOMES`, by the version
        that applies on most days.
    admissible
        Whether all legal requirements are met, shape (days,), bool.
    """

    decision: str
    title: Texts
    outcome: np.ndarray
    words: tuple[Texts, ...]
    admissible: np.ndarray

    def spans(self, first: dt.date) -> Iterator[tuple[int, dt.date, dt.date]]:
        """Days in a row with one outcome: its position, first and last day."""
        for begin, end, outcome in stretches(self.outcome):
            day = first + dt.timedelta(days=begin)
            yield int(outcome), day, first + dt.timedelta(days=end)

    def admissible_spans(self, first: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
        """Days in a row on which all legal requirements are met."""
        for begin, end, met in stretches(self.admissible):
            if met:
                yield first + dt.timedelta(days=begin), first + dt.timedelta(days=end)


@dataclass(frozen=True)
class Course:
    """A stay, day by day, each day as it was known then.

    Attributes
    ----------
    first, last
        The days, both included.
    ahead
        What is admissible from the last day on, by the facts known then.
    """

    dossier: Dossier
    first: dt.date
    last: dt.date
    kinds: tuple[KindCourse, ...]
    models: tuple[ModelCourse, ...]
    ahead: AdmissibleTimeline

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    def __getitem__(self, decision: str) -> KindCourse:
        for kind in self.kinds:
            if kind.decision == decision:
                return kind
        raise KeyError(f"{decision!r} is not among {', '.join(k.decision for k in self.kinds)}")


def course_of(
    source: Source,
    *,
    kinds: str | Iterable[str] | None = None,
    first: dt.date | str | None = None,
    last: dt.date | str | None = None,
    screener: Screener | None = None,
) -> Course:
    """Screen someone on each day of a stay, for each kind of decision.

    Parameters
    ----------
    source
        A dossier as JSON, as plain values or as a record.
    kinds
        Kinds of decision; all by default.
    first, last
        The days; from the latest arrival to the day of the latest recorded fact by default.

    Raises
    ------
    DossierError
        If it is no valid dossier, or the days cannot be meant.
    PolicyError
        If there is no such kind.
    """
    screener = default_screener() if screener is None else screener
    dossier = read_dossier(source, recorded_by=screener.today())
    end = day_of_picture(dossier, last, today=screener.today())
    begin = _arrival(dossier, end) if first is None else check_day(first, today=screener.today())
    if not begin <= end or (end - begin).days > LONGEST:
        raise DossierError(f"first is {begin}; expected a day up to and including {end}")
    listed = kinds_of(screener, kinds)
    ahead = admissible(dossier, listed, end, screener=screener)
    index = np.arange((begin - EPOCH).days, (end - EPOCH).days + 1, dtype=np.int32)
    at = Index(np.zeros(len(index), np.int32), index)
    screened = _screened(screener, dossier, listed, at)
    return Course(
        dossier=dossier,
        first=begin,
        last=end,
        kinds=tuple(_kind(screener, kind, table) for kind, table in screened.items()),
        models=tuple(_models(screener, screened)),
        ahead=ahead,
    )


def _screened(
    screener: Screener, dossier: Dossier, kinds: tuple[str, ...], at: Index
) -> dict[str, ScreenedTable]:
    from risicoscreener.dossier import DossierTables

    tables = DossierTables.from_dossiers([dossier])
    return {kind: screener.screen_many(tables, kind, at, n_threads=1) for kind in kinds}


def _arrival(dossier: Dossier, day: dt.date) -> dt.date:
    """The latest arrival of a stay that is known on a day; else that day."""
    return max((stay.arrived_on for _, stay in visible(dossier.detentions, day)), default=day)


def _kind(screener: Screener, kind: str, table: ScreenedTable) -> KindCourse:
    decided = table.decided
    applies = decided.version >= 0
    counts = [len(v.policy.requirements) for v in screener.policies.versions(kind)]
    admissible_ = np.zeros(len(table), dtype=bool)
    for at, n in enumerate(counts):
        rows = decided.version == at
        admissible_[rows] = (decided.requirements[rows, :n] == 0).all(axis=1)
    versions = screener.policies.versions(kind)
    usual = np.bincount(decided.version[applies]).argmax() if applies.any() else -1
    policy = versions[usual].policy
    return KindCourse(
        decision=kind,
        title=policy.title,
        outcome=decided.outcome.astype(np.int8),
        words=tuple(policy.outcome_text(outcome) for outcome in OUTCOMES),
        admissible=admissible_,
    )


def _models(screener: Screener, screened: dict[str, ScreenedTable]) -> Iterator[ModelCourse]:
    found: dict[str, dict[str, Any]] = {}
    for kind, table in screened.items():
        outcomes = {v.model.name: v.model.outcome for v in screener.route(kind).models}
        for name, columns in table.models.items():
            known = found.setdefault(name, {"outcome": outcomes[name], "cuts": set()})
            for part in ("probability", "lower", "upper"):
                values = getattr(columns, part)
                before = known.get(part)
                known[part] = (
                    values if before is None else np.where(np.isnan(before), values, before)
                )
        for version in np.unique(table.decided.version):
            if version >= 0:
                compiled = screener.policies.versions(kind)[version]
                for name, cuts in zip(compiled.models, compiled.cuts, strict=True):
                    found[name]["cuts"] |= set(cuts)
    for name, parts in found.items():
        cuts = tuple(sorted(parts.pop("cuts")))
        if not np.isnan(parts["probability"]).all():
            yield ModelCourse(name=name, cuts=cuts, **parts)
