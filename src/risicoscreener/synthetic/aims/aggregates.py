"""Published aggregates of another country or year, as targets for a fit.

A table has one row for each quantity: its key in ``targets.toml``, its value, and if need be the
tolerance and the source. What a key means, its unit and its lever are those of the package, so that
a table needs numbers alone.
"""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from risicoscreener.errors import DataError
from risicoscreener.strict_toml import parse_toml
from risicoscreener.synthetic.aims.targets import Target, rules, target_named

COLUMNS = ("quantity", "value", "tolerance", "source")
MOST_BYTES = 1_000_000
MARK = "C"
"""What the user of a table states is a condition, as confirmed figures are."""
_RANGES = {
    "%": (0.0, 100.0, "a percentage from 0 to 100"),
    "points": (-100.0, 100.0, "a difference between percentages, from -100 to 100"),
    "days": (0.0, math.inf, "a number of days from zero up"),
    "weeks": (0.0, math.inf, "a number of weeks from zero up"),
    "conditions": (1.0, math.inf, "a mean number from one up"),
    "AUC": (0.5, 1.0, "an area under the curve from 0.5 to 1"),
    "ratio": (0.0, math.inf, "a relative risk from zero up"),
    "gain": (-0.5, 0.5, "a difference between areas, from -0.5 to 0.5"),
}


def read_aggregates(path: str | Path) -> tuple[Target, ...]:
    """The targets in a file.

    Parameters
    ----------
    path
        A CSV file with the columns ``quantity`` and ``value``, and if need be ``tolerance`` and
        ``source``; or a TOML file with a table for each quantity (``[any_2y]`` with ``target``,
        and if need be ``tolerance`` and ``source``). Without a tolerance, that of the package
        holds.

    Raises
    ------
    DataError
        If the file cannot be read, a quantity is unknown or there twice, a value is impossible or
        two contradict each other; the message names the quantity.
    """
    path = Path(path)
    text = _text(path)
    rows = _of_toml(text, path) if path.suffix.lower() == ".toml" else _of_csv(text, path)
    return as_targets(rows, str(path))


def as_targets(rows: Iterable[Mapping[str, Any]], where: str = "the table") -> tuple[Target, ...]:
    """Targets from rows with ``quantity``, ``value`` and if need be ``tolerance``, ``source``.

    Raises
    ------
    DataError
        As `read_aggregates`.
    """
    found: dict[str, Target] = {}
    for row in rows:
        key = str(row.get("quantity") or "").strip()
        if key in found:
            raise DataError(f"{where}: {key!r} is there twice; expected one row for each quantity")
        found[key] = _target(key, row, where)
    if not found:
        raise DataError(f"{where} has no quantities; expected at least one row")
    _check_together(found, where)
    return tuple(found.values())


def _text(path: Path) -> str:
    if path.is_dir():
        raise DataError(f"{path} is a folder; expected a CSV or TOML file with aggregates")
    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            raise DataError(f"{path} has more than {MOST_BYTES:,} bytes; expected a short table")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8 text; save it as CSV with that encoding") from None


def _of_csv(text: str, path: Path) -> list[dict[str, Any]]:
    try:
        lines = list(csv.reader(text.splitlines(), strict=True))
    except csv.Error as error:
        raise DataError(f"{path} cannot be read as CSV: {error}") from None
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    heads = [cell.strip() for cell in lines[0]] if lines else []
    unknown = [head for head in heads if head not in COLUMNS]
    if unknown or len(set(heads)) < len(heads) or not {"quantity", "value"} <= set(heads):
        raise DataError(
            f"{path} has the columns {', '.join(heads) or 'none'}; expected quantity and value, "
            "and if need be tolerance and source"
        )
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(heads):
            raise DataError(
                f"{path}: row {number} has {len(line)} cells; expected {len(heads)}, as in the "
                "first row (a decimal comma needs quotation marks, and is refused)"
            )
    return [dict(zip(heads, line, strict=True)) for line in lines[1:]]


def _of_toml(text: str, path: Path) -> list[dict[str, Any]]:
    try:
        raw = parse_toml(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DataError(f"{path} cannot be read as TOML: {error}") from None
    tables = raw.get("targets", raw)
    rows = []
    for key, entry in tables.items() if isinstance(tables, dict) else ():
        known = {"target", "tolerance", "source"}
        if not isinstance(entry, dict) or not set(entry) <= known or "target" not in entry:
            raise DataError(
                f"{path}: {key!r} is {entry!r}; expected a table with target, and if need be "
                "tolerance and source"
            )
        rows.append({"quantity": key, "value": entry["target"], **entry})
    return rows


def _target(key: str, row: Mapping[str, Any], where: str) -> Target:
    try:
        known = target_named(key)
    except DataError as error:
        raise DataError(f"{where}: {error}") from None
    low, high, expected = _RANGES[known.measure]
    value = _number(row.get("value"), key, where, expected)
    if not low <= value <= high:
        raise DataError(f"{where}: {key!r} is {value:g}; expected {expected}")
    tolerance = known.tolerance
    if row.get("tolerance") not in (None, ""):
        tolerance = _number(row["tolerance"], f"{key} (tolerance)", where, "a number above zero")
        if tolerance <= 0:
            raise DataError(
                f"{where}: the tolerance of {key!r} is {tolerance:g}; expected a number above zero"
            )
    source = str(row.get("source") or "").strip() or where
    return replace(
        known, target=value, tolerance=tolerance, mark=MARK, source=source, alternative=None
    )


def _number(given: Any, key: str, where: str, expected: str) -> float:
    try:
        value = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{where}: {key!r} is {given!r}; expected {expected}")
    return value


def _check_together(found: Mapping[str, Target], where: str) -> None:
    """Values that are possible each, and not together."""
    for rule in rules()["rising"]:
        given = [found[key] for key in rule["keys"] if key in found]
        for lower, higher in pairwise(given):
            if lower.target > higher.target:
                raise DataError(
                    f"{where}: {lower.key!r} is {lower.target:g} and {higher.key!r} is "
                    f"{higher.target:g}; expected the second not to be lower, as {rule['why']}"
                )
    for rule in rules()["parts"]:
        _check_parts([found[key] for key in rule["keys"] if key in found], rule, where)


def _check_parts(given: Sequence[Target], rule: Mapping[str, Any], where: str) -> None:
    total = sum(target.target for target in given)
    room = sum(target.tolerance for target in given)
    is_whole = len(given) == len(rule["keys"]) and not rule.get("most_only", False)
    if total > 100.0 + room or (is_whole and total < 100.0 - room):
        names = ", ".join(repr(target.key) for target in given)
        expected = "100" if is_whole else "at most 100"
        raise DataError(
            f"{where}: {names} make {total:g} % together; expected {expected}, as {rule['why']}"
        )
