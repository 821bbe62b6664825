"""Conduct inside as the record shows it: desired, undesired, intolerable, and by which rule.

>>> from risicoscreener.conduct import classify
>>> found = classify(dossier, as_of)                                         # doctest: +SKIP
>>> print(found.text("en"))                                                  # doctest: +SKIP

`regrade` gives the dossier, or the tables, with each row at the grade as which it counts, so that
features and policies read the definitions in force; `exposure` says how much a prison records.
"""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from typing import TYPE_CHECKING, Any, overload

from risicoscreener.conduct.classifying import ConductFound, classify_one
from risicoscreener.conduct.definition import CATEGORIES, GRADES, Definition, Definitions, Rule
from risicoscreener.conduct.grading import regrade_one
from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import EARLIEST
from risicoscreener.errors import ConductError

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.conduct.recording import Exposure, exposure
    from risicoscreener.dossier import DossierTables

__all__ = [
    "CATEGORIES",
    "GRADES",
    "ConductFound",
    "Definition",
    "Definitions",
    "Exposure",
    "Rule",
    "classify",
    "exposure",
    "regrade",
]
SIX_WEEKS = 6
_HOME = {"Exposure": "recording", "exposure": "recording"}


@overload
def classify(
    source: Dossier,
    as_of: dt.date,
    *,
    definitions: Definitions | None = None,
    weeks: int = SIX_WEEKS,
) -> ConductFound: ...


@overload
def classify(
    source: DossierTables,
    as_of: dt.date,
    *,
    definitions: Definitions | None = None,
    weeks: int = SIX_WEEKS,
) -> pd.DataFrame: ...


def classify(
    source: Dossier | DossierTables,
    as_of: dt.date,
    *,
    definitions: Definitions | None = None,
    weeks: int = SIX_WEEKS,
) -> ConductFound | pd.DataFrame:
    """Conduct as known on a day: per category and week, and for the last six weeks.

    Parameters
    ----------
    source
        A valid dossier, or the validated tables of many people.
    as_of
        The day; the seven days up to it are the first week.
    definitions
        What conduct counts as; the national rule by default.
    weeks
        How many weeks to look back, week by week.

    Returns
    -------
    ConductFound
        Of one dossier, with the rows that it rests on.
    DataFrame
        Of tables: a row for each person, by ``person_id``; per category ``{category}_6w`` and
        ``{category}_week_1`` (the last) onwards as ordered categories, missing where not recorded,
        and ``{category}_desired_weeks``.

    Raises
    ------
    ConductError
        If the source is neither, the day is no date, or ``weeks`` is no number that can be meant.
    """
    _check_day(as_of)
    known = Definitions.shipped() if definitions is None else definitions
    if isinstance(source, Dossier):
        return classify_one(source, as_of, known, weeks)
    from risicoscreener.conduct.many import classify_many

    return classify_many(_tables(source), as_of, known, weeks)


@overload
def regrade(
    source: Dossier, as_of: dt.date, *, definitions: Definitions | None = None
) -> Dossier: ...


@overload
def regrade(
    source: DossierTables, as_of: dt.date, *, definitions: Definitions | None = None
) -> DossierTables: ...


def regrade(
    source: Dossier | DossierTables, as_of: dt.date, *, definitions: Definitions | None = None
) -> Dossier | DossierTables:
    """The facts with each row of conduct at the grade as which it counts on a day.

    Features and policies that read grades then read the definitions in force. Rows that are not
    known on the day stay as they are, so the result is for pictures of that day; nothing is
    changed in place, and the grade as recorded stays in ``source``.

    Parameters
    ----------
    source
        A valid dossier, or the validated tables of many people.
    as_of
        The day of the picture.
    definitions
        What conduct counts as; the national rule by default.

    Raises
    ------
    ConductError
        If the source is neither, or the day is no date.
    """
    _check_day(as_of)
    known = Definitions.shipped() if definitions is None else definitions
    if isinstance(source, Dossier):
        return regrade_one(source, as_of, known)
    from risicoscreener.conduct.many import regrade_many

    return regrade_many(_tables(source), as_of, known)


def _check_day(as_of: Any) -> None:
    if not isinstance(as_of, dt.date) or isinstance(as_of, dt.datetime):
        raise ConductError(f"as_of is {as_of!r}; expected a date, without a time")
    if as_of < EARLIEST:
        raise ConductError(f"as_of is {as_of}; expected a day from {EARLIEST} on")


def _tables(source: Any) -> DossierTables:
    from risicoscreener.dossier import DossierTables

    if not isinstance(source, DossierTables):
        kind = type(source).__name__
        raise ConductError(f"the source is of type {kind}; expected a Dossier or DossierTables")
    return source


def __getattr__(name: str) -> object:
    # Comparing prisons needs arrays, which a caller with one record does not pay for.
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
