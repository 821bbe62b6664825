"""A feature as data: what is counted, in which table and window, and all that is known about it.

The algebra is small on purpose. Aggregations over the visible rows of a table:

=================  ==========================================================================
``count``          number of matching rows
``any``            1 if a row matches, else 0
``sum``            sum of ``field`` over matching rows (absent values add nothing)
``max``            largest ``field``
``distinct``       number of different codes of ``field``
``last``           ``field`` of the latest matching row (``days_until`` for a date field)
``days_since_last``   days from the latest matching row to ``as_of``
``days_since_first``  days from the earliest matching row to ``as_of``
``age_at_first``   age in years at the earliest matching row
``days_covered``   days of matching spells that fall in the window
``slope``          least-squares slope of the number of rows per ``bin_days`` over the window
``kernel``         a named function of the days of the matching rows (`kernels`)
=================  ==========================================================================

Of the person: ``age`` (years) and ``person`` (a code of the person, by ``values``). Of other
features: ``ratio`` (``scale`` times numerator over denominator), ``linear`` (a weighted sum with
a constant) and ``cases`` (the value of the first case that holds).

A value is missing (NaN) when it is *unknown*: the table was neither consulted nor filled, or the
chosen row lacks the field. That nothing matched is knowledge, and gives ``none_value``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from dataclasses import field as default
from typing import Any, Literal

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
        ``min``/``max``, or ``"present"``/``"absent"``.
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
        for problem in _problems(self):
            raise FeatureError(f"feature {self.name!r}: {problem}")

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the features that this one is made of."""
        named = [n for n in (self.numerator, self.denominator) if n]
        named += [*self.terms, *(case.feature for case in self.cases), *self.requires]
        return tuple(dict.fromkeys(named))

    @property
    def digest(self) -> str:
        """Hash of all that determines the value: not of texts, direction or range."""
        plain = asdict(self)
        for name in NOT_IN_DIGEST:
            del plain[name]
        canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _problems(feature: Feature) -> list[str]:
    found = []
    if feature.group not in GROUPS:
        found.append(f"group {feature.group!r}; expected one of {', '.join(GROUPS)}")
    known = (*OF_ROWS, *OF_PERSON, *OF_FEATURES)
    if feature.aggregate not in known:
        found.append(f"aggregate {feature.aggregate!r}; expected one of {', '.join(known)}")
    if feature.sensitivity not in ("allowed", "proxy", "forbidden"):
        found.append(f"sensitivity {feature.sensitivity!r}; expected allowed, proxy or forbidden")
    if feature.direction not in ("increasing", "decreasing", "none"):
        found.append(f"direction {feature.direction!r}; expected increasing, decreasing or none")
    if feature.aggregate in OF_ROWS and feature.table is None:
        found.append("no table; expected the table whose rows it is made of")
    if feature.aggregate in NEEDS_FIELD and feature.field is None:
        found.append(f"no field; {feature.aggregate} needs one")
    if not feature.low <= feature.high:
        found.append(f"range {feature.low} to {feature.high} is empty")
    missing = [lang for lang in ("nl", "en") if not feature.text.get(lang)]
    if missing:
        found.append(f"no text in {' and '.join(missing)}")
    if feature.sensitivity != "allowed" and not (feature.why.get("nl") and feature.why.get("en")):
        found.append(f"{feature.sensitivity} without a reason; give `why` in nl and en")
    if not feature.source:
        found.append("no source")
    needs = {
        "slope": feature.window_days and feature.bin_days,
        "kernel": feature.kernel,
        "ratio": feature.numerator and feature.denominator,
        "linear": feature.terms,
        "cases": feature.cases,
        "person": feature.field and feature.values,
    }
    if not needs.get(feature.aggregate, True):
        found.append(f"incomplete: see the fields that {feature.aggregate} needs")
    return found


_KNOWN_KEYS = frozenset(f.name for f in fields(Feature)) | {"range"}


def feature_from_mapping(name: str, entry: Mapping[str, Any], origin: str) -> Feature:
    """A feature from one table of a TOML file.

    Raises
    ------
    FeatureError
        Naming the file, the feature, and what was expected.
    """
    unknown = sorted(set(entry) - _KNOWN_KEYS)
    if unknown:
        raise FeatureError(
            f"{origin}: feature {name!r} has unknown keys {', '.join(unknown)}; "
            f"known: {', '.join(sorted(_KNOWN_KEYS))}"
        )
    plain = dict(entry)
    if "range" in plain:
        plain["low"], plain["high"] = plain.pop("range")
    if "cases" in plain:
        plain["cases"] = tuple(
            Case(c["feature"], c["value"], c.get("min", float("-inf")), c.get("max", float("inf")))
            for c in plain["cases"]
        )
    if "requires" in plain:
        plain["requires"] = tuple(plain["requires"])
    try:
        return Feature(name=name, **plain)
    except TypeError as error:
        raise FeatureError(f"{origin}: feature {name!r} is incomplete: {error}") from None
    except FeatureError as error:
        raise FeatureError(f"{origin}: {error}") from None
