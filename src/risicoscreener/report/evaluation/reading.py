"""A file with predictions and outcomes, read strictly: every value that is wrong is named."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.report.evaluation.columns import Columns, find_columns
from risicoscreener.report.evaluation.problems import Problem, TableError

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "<NA>"})
"""Texts that stand for a value that is not there."""
NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Signs in a label that nobody can read."""
MOST_LEVELS = 30
"""Groups that one column can make; a column with more is a measurement, not a division."""
TRUE, FALSE = frozenset({"1", "true"}), frozenset({"0", "false"})
NO_GROUP = ""
"""Level of people of whom the group is not known."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a table, checked, and which of them can be used.

    Attributes
    ----------
    name, sha256
        The file's name without its folder, and the digest of its bytes.
    columns
        Which column holds what.
    n
        Rows in the table.
    excluded
        By reason (``no_probability``, ``no_outcome``, ``no_weight``, ``no_time``) how many rows
        are left out; a row with several reasons counts under the first.
    used
        ``(n,)``: rows that are left.
    values
        By role ``(n,)`` numbers, NaN where missing: probability, outcome, weight, time.
    rivals
        By name of a further model ``(n,)`` probabilities, NaN where missing.
    labels
        By role or group column ``(n,)`` texts, empty where missing: person_id, prison, decision
        and the groups.
    horizon_days
        None where outcomes are known without a time.
    missing
        By column how many rows have no value.
    """

    name: str
    sha256: str
    columns: Columns
    n: int
    excluded: Mapping[str, int]
    used: Mask
    values: Mapping[str, FloatArray]
    rivals: Mapping[str, FloatArray]
    labels: Mapping[str, npt.NDArray[np.object_]]
    horizon_days: float | None = None
    missing: Mapping[str, int] = field(default_factory=dict)


def read_rows(
    path: str | Path,
    *,
    named: Mapping[str, str] | None = None,
    groups: Sequence[str] = (),
) -> Rows:
    """The rows of a CSV or Parquet file.

    A CSV with semicolons is read with decimal commas, as spreadsheets in Dutch write it.

    Raises
    ------
    TableError
        With every problem found: a column that is absent, a value that is no number or lies out
        of range. Missing values are no problem: their rows are counted and left out.
    OSError
        If the file cannot be read.
    """
    path = Path(path)
    content = path.read_bytes()
    frame, decimal = _parsed(path, content)
    return check_rows(
        frame,
        name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        named=named,
        groups=groups,
        decimal=decimal,
    )


def check_rows(
    frame: pd.DataFrame,
    *,
    name: str = "",
    sha256: str = "",
    named: Mapping[str, str] | None = None,
    groups: Sequence[str] = (),
    decimal: str = ".",
) -> Rows:
    """The rows of a table in memory; without a digest, that of its content as CSV is taken.

    Raises
    ------
    TableError
        As `read_rows`.
    """
    columns = find_columns([str(c) for c in frame.columns], named=named, groups=groups)
    frame = frame.set_axis([str(c) for c in frame.columns], axis="columns")
    reader = _Reader(frame, decimal)
    of, timed = columns.of, "time" in columns.of
    values = {
        "probability": reader.numbers(of["probability"], _in_unit, "a number in [0, 1]"),
        "outcome": reader.outcomes(of["outcome"], timed),
    }
    for role, expected in (("weight", "a number not below 0"), ("time", "days, not below 0")):
        if role in of:
            values[role] = reader.numbers(of[role], _not_negative, expected)
    rivals = {
        rival: reader.numbers(column, _in_unit, "a number in [0, 1]")
        for rival, column in columns.rivals.items()
    }
    labels = {r: reader.labels(of[r]) for r in ("person_id", "prison", "decision") if r in of}
    labels |= {column: reader.groups(column) for column in columns.groups}
    if "prison" in of:
        labels["prison"] = reader.groups(of["prison"], most=None)
    if "person_id" in of:
        reader.require(of["person_id"], labels["person_id"])
    horizon = reader.horizon(of["horizon"]) if timed else None
    if reader.problems:
        raise TableError(f"{name or 'the table'} cannot be used", tuple(reader.problems))
    excluded, used = _exclusions(values)
    return Rows(
        name=name,
        sha256=sha256 or _digest_of(frame),
        columns=columns,
        n=len(frame),
        excluded=excluded,
        used=used,
        values=values,
        rivals=rivals,
        labels=labels,
        horizon_days=horizon,
        missing={column: reader.n_missing(column) for column in columns.all},
    )


def _exclusions(values: Mapping[str, FloatArray]) -> tuple[dict[str, int], Mask]:
    left = np.ones(len(values["probability"]), dtype=bool)
    counts = {}
    for role in ("probability", "outcome", "weight", "time"):
        if role not in values:
            continue
        lacking = left & np.isnan(values[role])
        if lacking.any():
            counts[f"no_{role}"] = int(lacking.sum())
        left &= ~lacking
    if "weight" in values:
        weightless = left & (values["weight"] == 0)
        if weightless.any():
            counts["zero_weight"] = int(weightless.sum())
        left &= ~weightless
    return counts, left


class _Reader:
    """Turns columns into arrays and keeps what is wrong with them."""

    def __init__(self, frame: pd.DataFrame, decimal: str) -> None:
        self.frame = frame
        self.decimal = decimal
        self.problems: list[Problem] = []
        self._missing: dict[str, Mask] = {}

    def missing(self, column: str) -> Mask:
        if column not in self._missing:
            series = self.frame[column]
            found = series.isna().to_numpy(dtype=bool)
            if series.dtype == object or str(series.dtype).startswith(("str", "category")):
                texts = series.astype(object)
                found = found | np.array([str(v).strip() in MISSING for v in texts], dtype=bool)
            self._missing[column] = found
        return self._missing[column]

    def n_missing(self, column: str) -> int:
        return int(self.missing(column).sum())

    def numbers(
        self, column: str, valid: Callable[[FloatArray], Mask], expected: str
    ) -> FloatArray:
        """The numbers of a column, NaN where missing."""
        import pandas as pd

        series = self.frame[column]
        if series.dtype == object or str(series.dtype).startswith(("str", "category")):
            series = series.astype(object).map(self._trimmed)
        converted = pd.to_numeric(series.where(~self.missing(column)), errors="coerce")
        numbers = converted.to_numpy(dtype=np.float64, na_value=np.nan)
        known = ~self.missing(column)
        with np.errstate(invalid="ignore"):
            wrong = known & ~(np.isfinite(numbers) & valid(numbers))
        self._note(column, wrong, expected)
        return numbers

    def outcomes(self, column: str, timed: bool) -> FloatArray:
        """Outcomes as numbers: 0 or 1, or with a time the cause, 0 for none yet."""
        series = self.frame[column]
        if series.dtype == object or str(series.dtype).startswith(("str", "category")):
            lowered = series.astype(object).map(lambda v: str(v).strip().lower())
            self.frame = self.frame.assign(
                **{column: lowered.map(lambda v: "1" if v in TRUE else "0" if v in FALSE else v)}
            )
            # What counts as missing was decided by the texts as they were.
            self._missing[column] = np.array(
                [str(v).strip() in MISSING for v in series.astype(object)], dtype=bool
            ) | series.isna().to_numpy(dtype=bool)
        if timed:
            return self.numbers(column, _is_cause, "a cause: 0 (none), 1 (the outcome), 2 or more")
        return self.numbers(column, _is_binary, "0 or 1")

    def labels(self, column: str) -> npt.NDArray[np.object_]:
        """The texts of a column, empty where missing."""
        lacking = self.missing(column)
        texts = [
            NO_GROUP if gone else _label(value)
            for value, gone in zip(self.frame[column].astype(object), lacking, strict=True)
        ]
        return np.array(texts, dtype=object)

    def groups(self, column: str, most: int | None = MOST_LEVELS) -> npt.NDArray[np.object_]:
        """The texts of a column that divides people."""
        labels = self.labels(column)
        levels = {label for label in labels if label != NO_GROUP}
        if most is not None and len(levels) > most:
            expected = f"at most {most} different values; it has {len(levels)}: cut it into classes"
            self.problems.append(Problem(column, None, "", expected))
        return labels

    def require(self, column: str, labels: npt.NDArray[np.object_]) -> None:
        """A label is needed in every row."""
        self._note(column, labels == NO_GROUP, "a value in every row")

    def horizon(self, column: str) -> float:
        """The one horizon of all rows, in days."""
        days = self.numbers(column, lambda v: v > 0, "days above 0")
        known = np.unique(days[~np.isnan(days)])
        if len(known) > 1:
            expected = f"one horizon for all rows; it has {len(known)}"
            self.problems.append(Problem(column, None, "", expected))
        if not len(known):
            self.problems.append(Problem(column, None, "", "a horizon in days"))
        return float(known[0]) if len(known) else np.nan

    def _trimmed(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = value.strip()
        return text.replace(",", ".") if self.decimal == "," else text

    def _note(self, column: str, wrong: npt.NDArray[Any], expected: str) -> None:
        if wrong.any():
            row = int(np.argmax(wrong))
            value = str(self.frame[column].iloc[row])
            self.problems.append(Problem(column, row + 1, value, expected, int(wrong.sum()) - 1))


def _label(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", " ".join(str(value).split()))


def _in_unit(v: FloatArray) -> Mask:
    return (v >= 0) & (v <= 1)


def _not_negative(v: FloatArray) -> Mask:
    return v >= 0


def _is_binary(v: FloatArray) -> Mask:
    return (v == 0) | (v == 1)


def _is_cause(v: FloatArray) -> Mask:
    return (v >= 0) & (v == np.floor(v)) & (v < 100)


def _parsed(path: Path, content: bytes) -> tuple[pd.DataFrame, str]:
    """The table in a file, and the sign before decimals."""
    import pandas as pd

    if path.suffix == ".parquet":
        import pyarrow as pa

        try:
            return pd.read_parquet(io.BytesIO(content)).reset_index(drop=True), "."
        except (pa.ArrowInvalid, ValueError) as error:
            raise TableError(f"{path} cannot be read as Parquet: {error}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not UTF-8 text ({error}); save it as CSV UTF-8") from None
    header = text.partition("\n")[0]
    semicolons = ";" in header and "," not in header
    try:
        # Nothing is guessed: a name that is there twice stays so, and texts stay texts.
        table = pd.read_csv(
            io.StringIO(text),
            header=None,
            dtype=str,
            keep_default_na=False,
            sep=";" if semicolons else ",",
        )
    except ValueError as error:
        raise TableError(f"{path} cannot be read as CSV: {error}") from None
    rows = table.iloc[1:].set_axis([str(c).strip() for c in table.iloc[0]], axis="columns")
    return rows.reset_index(drop=True), "," if semicolons else "."


def _digest_of(frame: pd.DataFrame) -> str:
    text = frame.to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
