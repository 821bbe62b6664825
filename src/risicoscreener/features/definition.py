"""A feature as data: what is counted, in which table and window, and all that is known about it.

The algebra is small on purpose. Aggregations over the visible rows of a table:

=================  ==========================================================================
``count``          number of matching rows
``any``            1 if a row matches, else 0
``sum``            sum of ``field`` over matching rows (absent values add nothing)
``max``            largest ``field``; unknown if rows match and all lack it
``distinct``       number of different codes of ``field``
``last``           ``field`` of the latest matching row (``days_until`` for a date field)
``days_since_last``   days from the latest matching row to ``as_of``
``days_since_first``  days from the earliest matching row to ``as_of``
``age_at_first``   age in years at the earliest matching row
``days_covered``   days in the window on which a matching spell runs, its last day not counted
``slope``          least-squares slope of the number of rows per ``bin_days`` over the window
``kernel``         a named function of the days of the matching rows (`kernels`)
=================  ==========================================================================

Of the person: ``age`` (years) and ``person`` (a code of the person, by ``values``). Of other
features: ``ratio`` (``scale`` times numerator over denominator), ``linear`` (a weighted sum with
a constant) and ``cases`` (the value of the first case that holds).

``given`` is what no fact of a dossier tells: a value that comes with a feature table (``field`` is
the column of the source, ``values`` its codes). For a dossier it is unknown.

A value is missing (NaN) when it is *unknown*: the table was neither consulted nor filled, or the
chosen row lacks the field. Where several rows of the latest day match, ``last`` and ``days_until``
are unknown if those rows differ in the value or one of them lacks it: the order in which facts are
given decides nothing. That nothing matched is knowledge, and gives ``none_value`` (a count,
sum, slope or number of days is then 0).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from dataclasses import field as default
from typing import Any, Literal

import msgspec

from risicoscreener.errors import FeatureError

Sensitivity = Literal["allowed", "proxy", "forbidden"]
Direction = Literal["increasing", "decreasing", "none"]

GROUPS = (
    "criminal_history",
    "debt",
    "housing",
    "conduct",
    "programme",
    "liberties",
    "work_income",
    "identity",
    "care",
    "detention",
    "person",
    "victims",
    "assessment",
)
OF_ROWS = (
    "count",
    "any",
    "sum",
    "max",
    "distinct",
    "last",
    "days_until",
    "days_since_last",
    "days_since_first",
    "age_at_first",
    "days_covered",
    "slope",
    "kernel",
)
OF_PERSON = ("age", "person")
OF_FEATURES = ("ratio", "linear", "cases")
GIVEN = "given"
NOT_IN_DIGEST = (
    "text",
    "group",
    "unit",
    "source",
    "direction",
    "sensitivity",
    "why",
    "low",
    "high",
)
NEEDS_FIELD = ("sum", "max", "distinct", "last", "days_until")
_OF_ALL = frozenset({*NOT_IN_DIGEST, "name", "aggregate", "cap"})
_ROWS = frozenset({"table", "where", "open", "on", "window_days", "since_arrival"})
_POINTS = _ROWS | {"skip_days"}
_READS: dict[str, frozenset[str]] = {
    "count": _POINTS,
    "any": _POINTS,
    "sum": _POINTS | {"field"},
    "max": _POINTS | {"field", "values", "none_value"},
    "distinct": _POINTS | {"field"},
    "last": _POINTS | {"field", "values", "none_value"},
    "days_until": _POINTS | {"field", "none_value"},
    "days_since_last": _POINTS | {"none_value"},
    "days_since_first": _POINTS | {"none_value"},
    "age_at_first": _POINTS | {"none_value"},
    "days_covered": _ROWS,
    "slope": _ROWS | {"bin_days"},
    "kernel": _POINTS | {"kernel", "none_value"},
    "age": frozenset(),
    "person": frozenset({"field", "values"}),
    GIVEN: frozenset({"field", "values"}),
    "ratio": frozenset({"numerator", "denominator", "scale", "none_value"}),
    "linear": frozenset({"terms", "constant"}),
    "cases": frozenset({"cases", "requires", "otherwise"}),
}
"""What each aggregate reads; anything else in a definition would be silently without effect."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a ``cases`` feature: holds when ``low <= feature <= high``."""

    feature: str
    value: float
    low: float = float("-inf")
    high: float = float("inf")


@dataclass(frozen=True)
class Feature:
    """One definition.

    Attributes
    ----------
    name, group, text, unit, source
        What it is called, where it belongs, what it means (``nl``, ``en``), in which unit, and
        the publication or regulation that it comes from.
    direction
        How risk is expected to move with it; models may be held to it.
    sensitivity
        ``allowed``; ``proxy`` (stands for poverty, origin or a protected ground: enters a model
        only with a recorded waiver); ``forbidden``.
    why
        Why it is a proxy or forbidden (``nl``, ``en``); needed for those.
    low, high
        Valid range, inclusive.
    where
        Conditions on fields: list of codes (``@group`` for a group), true/false, a table with
        ``min``/``max`` (numbers, or days for a date), or ``"present"``/``"absent"``.
    open
        Only spells that are open on ``as_of``.
    on
        Date field that places a row in time; the table's own by default.
    window_days, skip_days, since_arrival
        Rows from less than ``window_days`` ago, at least ``skip_days`` ago, and not before the
        arrival of the current detention.
    values
        Numbers for the codes of ``field``.
    none_value
        Value when no row matches; missing when not given.
    cap
        Largest value; more is this.
    """

    name: str
    group: str
    aggregate: str
    text: dict[str, str]
    unit: str
    source: str
    direction: Direction = "none"
    sensitivity: Sensitivity = "allowed"
    low: float = 0.0
    high: float = float("inf")
    table: str | None = None
    where: dict[str, Any] = default(default_factory=dict)
    open: bool = False
    on: str | None = None
    field: str | None = None
    values: dict[str, float] = default(default_factory=dict)
    window_days: int | None = None
    skip_days: int = 0
    since_arrival: bool = False
    bin_days: int | None = None
    kernel: str | None = None
    none_value: float | None = None
    cap: float | None = None
    numerator: str | None = None
    denominator: str | None = None
    scale: float = 1.0
    terms: dict[str, float] = default(default_factory=dict)
    constant: float = 0.0
    cases: tuple[Case, ...] = ()
    requires: tuple[str, ...] = ()
    otherwise: float | None = None
    why: dict[str, str] = default(default_factory=dict)

    def __post_init__(self) -> None:
        if problems := _problems(self):
            raise FeatureError(f"feature {self.name!r}: {'; '.join(problems)}")

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the features that this one is made of."""
        named = [n for n in (self.numerator, self.denominator) if n]
        named += [*self.terms, *(case.feature for case in self.cases), *self.requires]
        return tuple(dict.fromkeys(named))

    @property
    def codes(self) -> tuple[float, ...] | None:
        """The values that it can have, beside unknown, if these are a few codes; else None."""
        if self.aggregate != "cases":
            return None
        given = [case.value for case in self.cases]
        return tuple(sorted({*given, *([] if self.otherwise is None else [self.otherwise])}))

    @property
    def digest(self) -> str:
        """Hash of all that determines the value: not of texts, direction or range."""
        plain = asdict(self)
        for name in NOT_IN_DIGEST:
            del plain[name]
        canonical = json.dumps(
            _as_floats(plain), sort_keys=True, separators=(",", ":"), default=dt.date.isoformat
        )
        return hashlib.sha256(canonical.encode()).hexdigest()


def _as_floats(plain: Any) -> Any:
    """Numbers as floats, so that 3 and 3.0 are one definition."""
    if isinstance(plain, dict):
        return {key: _as_floats(value) for key, value in plain.items()}
    if isinstance(plain, (list, tuple)):
        return [_as_floats(value) for value in plain]
    return float(plain) if type(plain) is int else plain


def _problems(feature: Feature) -> list[str]:
    return [*_of_metadata(feature), *_of_computation(feature)]


def _of_metadata(feature: Feature) -> list[str]:
    found = []
    if feature.group not in GROUPS:
        found.append(f"group {feature.group!r}; expected one of {', '.join(GROUPS)}")
    if feature.sensitivity not in ("allowed", "proxy", "forbidden"):
        found.append(f"sensitivity {feature.sensitivity!r}; expected allowed, proxy or forbidden")
    if feature.direction not in ("increasing", "decreasing", "none"):
        found.append(f"direction {feature.direction!r}; expected increasing, decreasing or none")
    if not feature.low <= feature.high:
        found.append(f"range {feature.low} to {feature.high} is empty")
    missing = [lang for lang in ("nl", "en") if not feature.text.get(lang)]
    if missing:
        found.append(f"no text in {' and '.join(missing)}")
    if feature.sensitivity != "allowed" and not (feature.why.get("nl") and feature.why.get("en")):
        found.append(f"{feature.sensitivity} without a reason; give `why` in nl and en")
    if not feature.source:
        found.append("no source")
    return found


def _of_computation(feature: Feature) -> list[str]:
    aggregate = feature.aggregate
    if aggregate not in _READS:
        return [f"aggregate {aggregate!r}; expected one of {', '.join(_READS)}"]
    found = []
    if aggregate in OF_ROWS and feature.table is None:
        found.append("no table; expected the table whose rows it is made of")
    needs = {
        **dict.fromkeys(NEEDS_FIELD, ("field",)),
        "slope": ("window_days", "bin_days"),
        "kernel": ("kernel",),
        "ratio": ("numerator", "denominator"),
        "linear": ("terms",),
        "cases": ("cases",),
        "person": ("field", "values"),
        GIVEN: ("field",),
    }
    lacking = [name for name in needs.get(aggregate, ()) if not getattr(feature, name)]
    if lacking:
        found.append(f"no {' and no '.join(lacking)}; {aggregate} needs it")
    unread = sorted(_given(feature) - _READS[aggregate] - _OF_ALL)
    if unread:
        found.append(f"{aggregate} does not read {', '.join(unread)}; leave it out")
    return found + _of_window(feature)


def _given(feature: Feature) -> set[str]:
    """The fields that are not at their default."""
    given = set()
    for item in fields(feature):
        usual = item.default if item.default_factory is MISSING else item.default_factory()
        if usual is MISSING or getattr(feature, item.name) != usual:
            given.add(item.name)
    return given


def _of_window(feature: Feature) -> list[str]:
    window, bin_days = feature.window_days, feature.bin_days
    found = []
    if window is not None and window < 1:
        found.append(f"window_days {window}; expected at least 1")
    if feature.skip_days < 0 or (window is not None and feature.skip_days >= window > 0):
        found.append(f"skip_days {feature.skip_days}; expected from 0 to less than the window")
    if window and bin_days is not None and (bin_days < 1 or window % bin_days):
        found.append(f"bin_days {bin_days}; expected a whole number of bins in {window} days")
    elif window and bin_days == window:
        found.append("one bin; a slope needs at least two")
    if any(math.isnan(limit) for case in feature.cases for limit in (case.low, case.high)):
        found.append("a case with a limit that is no number")
    return found


_KNOWN_KEYS = frozenset(f.name for f in fields(Feature)) - {"name", "low", "high"} | {"range"}
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def feature_from_mapping(name: str, entry: Mapping[str, Any], origin: str) -> Feature:
    """A feature from one table of a TOML file.

    Raises
    ------
    FeatureError
        Naming the file, the feature, and what was expected.
    """
    where = f"{origin}: feature {name!r}"
    if not isinstance(entry, Mapping):
        raise FeatureError(f"{where} is {entry!r}; expected a table of keys and values")
    if not _NAME.fullmatch(name):
        raise FeatureError(f"{where}: expected a name of small letters, digits and underscores")
    unknown = sorted(set(entry) - _KNOWN_KEYS)
    if unknown:
        raise FeatureError(
            f"{where} has unknown keys {', '.join(unknown)}; "
            f"known: {', '.join(sorted(_KNOWN_KEYS))}"
        )
    plain = dict(entry)
    if "range" in plain:
        plain |= _range(plain.pop("range"), where)
    if "cases" in plain:
        plain["cases"] = _cases(plain["cases"], where)
    try:
        return msgspec.convert({"name": name, **plain}, Feature)
    except msgspec.ValidationError as error:
        raise FeatureError(f"{where}: {error}") from None
    except FeatureError as error:
        raise FeatureError(f"{origin}: {error}") from None


def _range(given: Any, where: str) -> dict[str, Any]:
    if not isinstance(given, list) or len(given) != 2:
        raise FeatureError(f"{where}: range {given!r}; expected the lowest and the highest value")
    return {"low": given[0], "high": given[1]}


_CASE_KEYS = {"feature": "feature", "value": "value", "min": "low", "max": "high"}


def _cases(given: Any, where: str) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(case, dict) for case in given):
        raise FeatureError(f"{where}: cases {given!r}; expected a list of tables")
    unknown = sorted({key for case in given for key in case} - set(_CASE_KEYS))
    if unknown:
        expected = ", ".join(_CASE_KEYS)
        raise FeatureError(f"{where}: a case has keys {', '.join(unknown)}; expected {expected}")
    return [{_CASE_KEYS[key]: value for key, value in case.items()} for case in given]
