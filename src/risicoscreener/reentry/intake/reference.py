"""People to compare with: what the answers were of those most alike.

An answer of someone alike is put in the place of the one that lacks, as facts, with its days moved
along; then the chain itself says what the outcome would be. So an answer that fills several
features fills them together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.record import Inquiry
from risicoscreener.dossier.schema import EARLIEST, EPOCH, LATEST, TableSpec, tables
from risicoscreener.dossier.visible import visible
from risicoscreener.errors import ReentryError
from risicoscreener.features.one import compile_one
from risicoscreener.reentry.intake.questions import Question, Questionnaire
from risicoscreener.reentry.intake.standing import Asked, present_stay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from risicoscreener.dossier import Dossier, DossierTables
    from risicoscreener.screening.screener import Screener

LEAST_ALIKE = 20
"""Of fewer people alike of whom an answer is known no chance is named."""


@dataclass(frozen=True)
class Donor:
    """Someone to compare with, as known on a day."""

    dossier: Dossier
    day: dt.date
    known: frozenset[str]


@dataclass(frozen=True)
class Reference:
    """People whose answers stand for those that someone could give.

    Attributes
    ----------
    donors
        The people.
    ranks
        Their features as shares of people at or below the value, shape (n, F); NaN unknown.
    """

    donors: tuple[Donor, ...]
    ranks: np.ndarray
    _sorted: tuple[np.ndarray, ...]
    _features: Callable[[Dossier, dt.date], list[float]] = field(repr=False)

    @classmethod
    def of(
        cls,
        dossiers: DossierTables | Mapping[str, Any],
        index: Any,
        *,
        screener: Screener | None = None,
        questions: Questionnaire | None = None,
    ) -> Reference:
        """A reference from dossiers.

        Parameters
        ----------
        dossiers
            Validated tables, or frames of any library by table name.
        index
            One day for everyone, or a frame with ``person_id`` and ``as_of``.
        screener
            By the features of whose models people are alike; the shipped ones by default.
        questions
            The questionnaire; that of the package by default.

        Raises
        ------
        DossierError
            If the dossiers or the index are not valid.
        ReentryError
            If fewer than `LEAST_ALIKE` of them are detained on their day.
        """
        from risicoscreener.features.index import Index
        from risicoscreener.screening.many import tables_of
        from risicoscreener.screening.screener import default_screener

        tables_ = tables_of(dossiers)
        asked = Questionnaire.shipped() if questions is None else questions
        by = default_screener() if screener is None else screener
        features = compile_one(by.definitions.plan(by.bundle.features))
        at = Index.of(tables_, index)
        day_of = dict(zip(at.positions.tolist(), at.days.tolist(), strict=True))
        donors = []
        for position, dossier in enumerate(tables_.to_dossiers()):
            if position in day_of:
                day = EPOCH + dt.timedelta(days=day_of[position])
                donors += _donor(dossier, day, asked)
        if len(donors) < LEAST_ALIKE:
            raise ReentryError(
                f"{len(donors)} people to compare with are detained on their day; expected at "
                f"least {LEAST_ALIKE}"
            )
        values = np.array([features(donor.dossier, donor.day) for donor in donors])
        columns = tuple(np.sort(column[~np.isnan(column)]) for column in values.T)
        return cls(tuple(donors), _ranks(values, columns), columns, features)

    def __len__(self) -> int:
        return len(self.donors)

    def alike(self, dossier: Dossier, day: dt.date, question: str, n: int) -> list[Donor]:
        """The ``n`` people most alike of whom the answer to a question is known.

        Alike by the mean difference in rank over the features that are known of both.
        """
        ranks = _ranks(np.array([self._features(dossier, day)]), self._sorted)[0]
        differences = np.abs(self.ranks - ranks)
        both = (~np.isnan(differences)).sum(axis=1)
        total = np.nansum(differences, axis=1)
        distance = np.where(both > 0, total / np.maximum(both, 1), np.inf)
        order = np.argsort(distance, kind="stable")
        able = [i for i in order.tolist() if question in self.donors[i].known]
        own = dossier.person_id
        return [d for i in able if (d := self.donors[i]).dossier.person_id != own][:n]


def _donor(dossier: Dossier, day: dt.date, questions: Questionnaire) -> list[Donor]:
    """Someone with the questions that are answered; nobody if not detained on the day."""
    try:
        stay = present_stay(dossier, day)
    except ReentryError:
        return []
    known = as_known(dossier, day)
    statuses = {q.id: Asked(q, known, stay).on(day).status for q in questions}
    answered = frozenset(name for name, status in statuses.items() if status == "known")
    return [Donor(known, day, answered)]


def _ranks(values: np.ndarray, columns: Sequence[np.ndarray]) -> np.ndarray:
    found = np.full(values.shape, np.nan)
    for place, ordered in enumerate(columns):
        if len(ordered):
            column = values[:, place]
            share = np.searchsorted(ordered, column, side="right") / len(ordered)
            found[:, place] = np.where(np.isnan(column), np.nan, share)
    return found


def answered_as(
    dossier: Dossier, day: dt.date, questions: Sequence[Question], donor: Donor
) -> Dossier:
    """The dossier as if questions were answered on a day as they were for someone else.

    What is recorded stays: of a list of facts (``all``) those of the other come besides; the state
    now (``current``) takes the place of one that lacks something.
    """
    filled: dict[str, list[Any]] = {}
    for question in questions:
        rows = filled.get(question.table, list(getattr(dossier, question.table)))
        filled[question.table] = _with_answer(rows, question, donor, day)
        if question.kind in ("all", "each") or question.none:
            inquiries = filled.get("inquiries", list(dossier.inquiries))
            filled["inquiries"] = [*inquiries, _consultation(question, day)]
    return msgspec.structs.replace(dossier, **filled)


def _with_answer(rows: list[Any], question: Question, donor: Donor, day: dt.date) -> list[Any]:
    spec = tables()[question.table]
    theirs = [
        _moved(row, spec, day - donor.day, day)
        for _, row in visible(getattr(donor.dossier, question.table), donor.day)
        if question.matches(row)
    ]
    if question.kind in ("all", "event"):
        return [*rows, *theirs]
    own = [i for i, row in enumerate(rows) if question.matches(row) and _is_open(row, spec, day)]
    if question.narrow and own:
        found = [row for row in theirs if _is_open(row, spec, day)]
        latest = max(found, key=lambda row: getattr(row, str(spec.starts)), default=None)
        return [
            _filled(row, latest, question, spec) if latest is not None and i in own else row
            for i, row in enumerate(rows)
        ]
    return [*(row for i, row in enumerate(rows) if i not in own), *theirs]


def _filled(row: Any, other: Any, question: Question, spec: TableSpec) -> Any:
    """A row with the fields of a question as in another."""
    names = set(question.fields)
    names |= {since for name in names if (since := spec.columns[name].known_from)}
    return msgspec.structs.replace(row, **{name: getattr(other, name) for name in names})


def _is_open(row: Any, spec: TableSpec, day: dt.date) -> bool:
    end = None if spec.ends is None else getattr(row, spec.ends)
    return end is None or end > day


def _moved(row: Any, spec: TableSpec, by: dt.timedelta, day: dt.date) -> Any:
    """A fact with its days moved along, that became known on a day, and stands by itself."""
    days = {
        name: min(max(found, EARLIEST + abs(by)) + by, LATEST)
        for name, column in spec.columns.items()
        if column.kind == "date" and (found := getattr(row, name)) is not None
    }
    return msgspec.structs.replace(
        row, **{**days, "recorded_at": day, "fact_id": None, "supersedes": None}
    )


def _consultation(question: Question, day: dt.date) -> Inquiry:
    register = question.registers[0]
    return Inquiry(
        recorded_at=day,
        subject=question.table,
        source=register,
        consulted_on=day,
        complete=True,
    )
