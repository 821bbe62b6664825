"""Screenings and outcomes from tables, checked: the first that is wrong is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import MonitoringError
from risicoscreener.monitoring.tables import (
    NEVER,
    Days,
    FloatArray,
    Outcomes,
    Screenings,
    Texts,
    labels_of,
)

if TYPE_CHECKING:
    import pandas as pd

DIRECTIONS = ("agreed", "up", "down")
KNOWN = ("person_id", "as_of", "outcome", "direction", "decided_on", "seconds", "settled_on")
"""Columns of a table of screenings with a meaning of their own; others are features or groups."""
OF_RESULTS = ("policy", "rule", "requirements_not_met", "requirements_unknown", "conditions")
ENDINGS = ("_probability", "_lower", "_upper", "_support", "_reason_1", "_reason_2", "_reason_3")


def screenings_of(frame: pd.DataFrame, model: str) -> Screenings:
    """Screenings from a table, such as `screen_many` writes, with columns added to it.

    Parameters
    ----------
    frame
        ``person_id`` and ``as_of``; for the model ``<model>_probability`` and ``<model>_support``
        (or ``probability`` and ``support``); ``outcome``; and, where decisions were taken,
        ``direction`` (agreed, up, down), ``decided_on``, ``seconds`` and ``settled_on``. Other
        columns are features, if they are numbers, or groups.

    Raises
    ------
    MonitoringError
        If a column lacks or holds what it cannot; the first row and its value are named.
    """
    for name in ("person_id", "as_of"):
        if name not in frame:
            raise MonitoringError(f"the screenings have no column {name}; expected one")
    probability = _named(frame, f"{model}_probability", "probability")
    if probability is None:
        raise MonitoringError(
            f"the screenings have no column {model}_probability or probability; expected the "
            "probability of the model"
        )
    n = len(frame)
    p = _numbers(frame[probability], probability)
    wrong = np.isfinite(p) & ((p < 0) | (p > 1))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise MonitoringError(f"{probability}[{row}] is {p[row]:g}; expected 0 to 1, or nothing")
    support = _named(frame, f"{model}_support", "support")
    direction = _optional(frame, "direction", n)
    odd = [one for one in np.unique(direction) if one and one not in DIRECTIONS]
    if odd:
        raise MonitoringError(
            f"direction is {odd[0]!r}; expected one of {', '.join(DIRECTIONS)}, or nothing"
        )
    found = Screenings(
        person=_ids(frame["person_id"]),
        as_of=_days(frame["as_of"], "as_of", needed=True),
        probability=p,
        support=np.full(n, "", object) if support is None else labels_of(frame[support]),
        outcome=_optional(frame, "outcome", n),
        direction=direction,
        decided_on=_optional_days(frame, "decided_on", n),
        seconds=_numbers(frame["seconds"], "seconds") if "seconds" in frame else np.full(n, np.nan),
        settled_on=_optional_days(frame, "settled_on", n),
        columns=_others(frame, {probability, support}),
    )
    _check_decisions(found)
    order = np.lexsort((found.person.astype(str), found.as_of))
    found = found.rows(order)
    same = (found.person[1:] == found.person[:-1]) & (found.as_of[1:] == found.as_of[:-1])
    if same.any():
        row = int(np.argmax(same))
        day = EPOCH + dt.timedelta(days=int(found.as_of[row]))
        raise MonitoringError(f"{found.person[row]} is screened twice on {day}; expected once")
    return found


def outcomes_of(frame: pd.DataFrame) -> Outcomes:
    """Outcomes from a table with ``person_id``, ``start_on`` and ``registered_on``.

    Raises
    ------
    MonitoringError
        If a column lacks or holds what it cannot, or someone starts twice on a day.
    """
    for name in ("person_id", "start_on", "registered_on"):
        if name not in frame:
            raise MonitoringError(
                f"the outcomes have no column {name}; expected person_id, start_on and "
                "registered_on (empty as long as nothing is registered)"
            )
    found = Outcomes(
        _ids(frame["person_id"]),
        _days(frame["start_on"], "start_on", needed=True),
        _days(frame["registered_on"], "registered_on"),
    )
    early = found.registered_on < found.start_on
    if early.any():
        row = int(np.argmax(early))
        raise MonitoringError(
            f"registered_on of {found.person[row]} is before start_on; expected it after"
        )
    keys = list(zip(found.person.tolist(), found.start_on.tolist(), strict=True))
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise MonitoringError(f"{twice[0]} has two outcomes of one start_on; expected one")
    return found


def _named(frame: pd.DataFrame, *names: str) -> str | None:
    return next((name for name in names if name in frame), None)


def _others(frame: pd.DataFrame, used: set[str | None]) -> dict[str, Any]:
    """Columns that are features or groups."""
    found = {}
    for name in frame.columns:
        text = str(name)
        taken = text in KNOWN or text in OF_RESULTS or text in used
        if not taken and not text.endswith(ENDINGS):
            found[text] = _column(frame[name])
    return found


def _column(values: pd.Series) -> Any:
    """Numbers where a column can be read so, else labels; what is missing stays so."""
    if values.dtype.kind in "fiub":
        return values.to_numpy(np.float64)
    labels = labels_of(values)
    known = labels != ""
    numbers = np.full(len(labels), np.nan)
    try:
        numbers[known] = labels[known].astype(np.float64)
    except ValueError:
        return labels
    return numbers if known.any() else labels


def _optional(frame: pd.DataFrame, name: str, n: int) -> Texts:
    return labels_of(frame[name]) if name in frame else np.full(n, "", object)


def _optional_days(frame: pd.DataFrame, name: str, n: int) -> Days:
    return _days(frame[name], name) if name in frame else np.full(n, NEVER, np.int64)


def _ids(values: pd.Series) -> Texts:
    found = labels_of(values)
    if (found == "").any():
        row = int(np.argmax(found == ""))
        raise MonitoringError(f"person_id[{row}] is missing; expected a case id")
    return found


def _numbers(values: pd.Series, name: str) -> FloatArray:
    import pandas as pd

    found = pd.to_numeric(values, errors="coerce")
    wrong = (found.isna() & values.notna()).to_numpy()
    if wrong.any():
        row = int(np.argmax(wrong))
        raise MonitoringError(f"{name}[{row}] is {values.iloc[row]!r}; expected a number")
    return found.to_numpy(np.float64, na_value=np.nan)


def _days(values: pd.Series, name: str, *, needed: bool = False) -> Days:
    """Days since 1970-01-01; `NEVER` where there is none."""
    import pandas as pd

    if values.dtype.kind == "M" and not needed:
        there = values.notna().to_numpy()
        quick = np.full(len(values), NEVER, np.int64)
        quick[there] = values[there].to_numpy("datetime64[D]").astype(np.int64)
        return quick
    plain = values.astype(object)
    read = pd.to_datetime(plain, errors="coerce", format="ISO8601")
    absent = plain.isna().to_numpy() | (plain.map(str) == "").to_numpy()
    wrong = read.isna().to_numpy() & ~absent
    if needed:
        wrong |= absent
    if wrong.any():
        row = int(np.argmax(wrong))
        raise MonitoringError(f"{name}[{row}] is {values.iloc[row]!r}; expected a day, YYYY-MM-DD")
    if getattr(read.dtype, "tz", None) is not None:
        read = read.dt.tz_localize(None)
    found = np.full(len(values), NEVER, np.int64)
    found[~absent] = read[~absent].to_numpy("datetime64[D]").astype(np.int64)
    return found


def _check_decisions(found: Screenings) -> None:
    """A decision has a day, not before its screening."""
    without = (found.direction != "") & (found.decided_on == NEVER)
    if without.any():
        row = int(np.argmax(without))
        raise MonitoringError(f"direction[{row}] is given and decided_on is not; expected both")
    for name in ("decided_on", "settled_on"):
        early = getattr(found, name) < found.as_of
        if early.any():
            row = int(np.argmax(early))
            raise MonitoringError(
                f"{name}[{row}] of {found.person[row]} is before as_of; expected it after"
            )


def read_tables(
    screened: Sequence[pd.DataFrame], groups: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Tables of screenings under each other, with columns of groups by person.

    Raises
    ------
    MonitoringError
        If the groups name nobody, or someone twice.
    """
    import pandas as pd

    frame = pd.concat(list(screened), ignore_index=True) if len(screened) > 1 else screened[0]
    if groups is None:
        return frame
    if "person_id" not in groups:
        raise MonitoringError("the groups have no column person_id; expected one")
    if groups["person_id"].duplicated().any():
        twice = groups["person_id"][groups["person_id"].duplicated()].iloc[0]
        raise MonitoringError(f"the groups have {twice} twice; expected each person once")
    added = [name for name in groups.columns if name not in frame.columns]
    return frame.merge(groups[["person_id", *added]], on="person_id", how="left")
