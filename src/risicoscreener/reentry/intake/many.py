"""The intakes of many people, as a table: the same answers as for one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.intake.progress import COLUMNS, DAYS, intake_of, row_of
from risicoscreener.reentry.intake.questions import Questionnaire

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.dossier import DossierTables


def intake_many(
    dossiers: DossierTables | Mapping[str, Any],
    index: Any,
    *,
    questions: Questionnaire | None = None,
) -> pd.DataFrame:
    """How far the intake of each of many people is.

    Parameters
    ----------
    dossiers
        Validated tables, or frames of any library by table name, which are validated.
    index
        For whom on which day: one day for everyone, or a frame of any library with ``person_id``
        and ``as_of``.
    questions
        The questionnaire; that of the package by default.

    Returns
    -------
    pandas.DataFrame
        A row for each person and question, with `COLUMNS`. Who is not detained on the day has no
        rows: ``frame.attrs["not_detained"]`` says how many.

    Raises
    ------
    DossierError
        If the dossiers or the index are not valid.
    """
    import pandas as pd

    from risicoscreener.features.index import Index
    from risicoscreener.screening.many import tables_of

    tables = tables_of(dossiers)
    asked = Questionnaire.shipped() if questions is None else questions
    at = Index.of(tables, index)
    days: dict[int, list[dt.date]] = {}
    for position, day in zip(at.positions.tolist(), at.days.tolist(), strict=True):
        days.setdefault(position, []).append(EPOCH + dt.timedelta(days=day))
    rows, not_detained = [], 0
    for position, dossier in enumerate(tables.to_dossiers()):
        for day in days.get(position, ()):
            try:
                found = intake_of(dossier, day, asked)
            except ReentryError:
                not_detained += 1
                continue
            rows += [row_of(found, item) for item in found.items]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    for name in DAYS:
        frame[name] = pd.to_datetime(frame[name])
    frame.attrs["not_detained"] = not_detained
    return frame


def completeness(frame: pd.DataFrame, by: str = "group") -> pd.DataFrame:
    """Of many intakes the share of questions that is known, late or still open.

    Parameters
    ----------
    frame
        What `intake_many` gives.
    by
        Column to take together: ``group``, ``question`` or ``person_id``.

    Returns
    -------
    pandas.DataFrame
        Per value of ``by``: how many apply, shares ``known``, ``overdue`` (open and past the
        term), ``answered_late`` and the median ``days_late`` of what was late.

    Raises
    ------
    ReentryError
        For another column.
    """
    import pandas as pd

    if by not in ("group", "question", "person_id"):
        raise ReentryError(f"by is {by!r}; expected group, question or person_id")
    asked = frame[frame["status"] != "not_applicable"]
    late = asked["days_late"] > 0
    found = pd.DataFrame(
        {
            by: asked[by],
            "asked": 1,
            "known": asked["status"] == "known",
            "overdue": asked["overdue"].astype(bool),
            "answered_late": late & ~asked["overdue"].astype(bool),
            "median_days_late": asked["days_late"].where(late),
        }
    )
    grouped = found.groupby(by, sort=False)
    return grouped.agg(
        {
            "asked": "sum",
            "known": "mean",
            "overdue": "mean",
            "answered_late": "mean",
            "median_days_late": "median",
        }
    )
