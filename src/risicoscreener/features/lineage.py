"""Where one value comes from: the facts that it was computed from, or why it is unknown.

The rows are found by the function that computes the value: `PlanWriter` writes it, and here
writes down, next to each accumulation, the row that it is about to use. What counts as a match
is therefore defined once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from risicoscreener.dossier.record import Dossier
from risicoscreener.dossier.schema import Column, tables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.features.catalogue import Catalogue, catalogue
from risicoscreener.features.definition import GIVEN, OF_FEATURES, OF_ROWS, Feature
from risicoscreener.features.one import PlanWriter
from risicoscreener.features.plan import FeaturePlan, RowFeature, compile_plan
from risicoscreener.features.wording import (
    field_label,
    say,
    say_number,
    say_value,
    table_label,
    unit_label,
)
from risicoscreener.texts import Lang, check_language

Role = Literal["value", "arrival", "inquiry"]
Unknown = Literal[
    "not_consulted",
    "nothing_recorded",
    "field_not_filled",
    "not_yet_known",
    "contradictory",
    "no_detention",
    "input_unknown",
    "no_denominator",
    "undecided",
    "no_fact",
]
_EXTREMES = ("max", "days_since_last", "days_since_first", "age_at_first")
_OF_LATEST_DAY = ("last", "days_until")
_NOT_FOR_USERS = "\0"
"""Begins the names of features that lineage adds, and that no definition file can have."""


@dataclass(frozen=True, slots=True)
class LineageRow:
    """A fact that a value depends on.

    Attributes
    ----------
    table, position
        Where the fact stands in the record: ``getattr(dossier, table)[position]``.
    recorded_at
        The day on which it could be known.
    fields
        The fields that matter to the value, ``None`` where absent or not yet known on the day.
    role
        ``value``: the value is computed from it; ``arrival``: it is the detention that bounds the
        window; ``inquiry``: by it, nothing in the table means that there is nothing.
    """

    table: str
    position: int
    recorded_at: dt.date
    fields: dict[str, Any]
    role: Role = "value"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, dates as ISO text."""
        return {
            "table": self.table,
            "position": self.position,
            "recorded_at": self.recorded_at.isoformat(),
            "role": self.role,
            "fields": {name: _plain(value) for name, value in self.fields.items()},
        }


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where the value of a feature on a day comes from.

    Attributes
    ----------
    value
        ``None`` if unknown.
    rows
        The facts that it depends on: the detention, the inquiry, then those that the value is
        computed from in the order of the record; of the latest day all, also if they contradict
        each other.
    matching
        How many facts match the definition on this day; the value may come from one of them.
    seen
        How many facts of the table are known on this day.
    inputs
        For a feature made of others, where those come from.
    unknown
        Why the value is unknown, ``None`` if it is known.
    field
        The field that is missing, if it is unknown for that.
    """

    feature: Feature
    as_of: dt.date
    value: float | None
    rows: tuple[LineageRow, ...] = ()
    matching: int = 0
    seen: int = 0
    inputs: tuple[Lineage, ...] = ()
    unknown: Unknown | None = None
    field: str | None = None

    @property
    def name(self) -> str:
        """The feature."""
        return self.feature.name

    def __str__(self) -> str:
        return self.text("en")

    def text(self, lang: str) -> str:
        """What it is, and line by line what it comes from, in ``nl`` or ``en``.

        Raises
        ------
        RisicoscreenerError
            For another language.
        """
        return "\n".join(_lines(self, check_language(lang), 0))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, to write as JSON."""
        return {
            "name": self.name,
            "as_of": self.as_of.isoformat(),
            "value": self.value,
            "unit": self.feature.unit,
            "text": dict(self.feature.text),
            "unknown": self.unknown,
            "field": self.field,
            "matching": self.matching,
            "seen": self.seen,
            "rows": [row.to_dict() for row in self.rows],
            "inputs": [item.to_dict() for item in self.inputs],
        }


def lineage(
    dossier: Dossier, name: str, as_of: dt.date, definitions: Catalogue | None = None
) -> Lineage:
    """Where the value of a feature comes from, as known on a day.

    Parameters
    ----------
    dossier
        A valid dossier.
    name
        The feature.
    as_of
        The day; facts recorded later are not looked at.
    definitions
        Catalogue to take the feature from; the shipped one by default.

    Raises
    ------
    FeatureError
        For an unknown feature.
    """
    known = catalogue() if definitions is None else definitions
    plan = _with_circumstances(compile_plan([name], known))
    writer = _TracingWriter(plan)
    found = writer.trace(dossier, as_of)
    return _Tracer(dossier, as_of, plan, found).lineage(name)


def _with_circumstances(plan: FeaturePlan) -> FeaturePlan:
    """The plan, and features whose rows are the inquiries, the detention and all that is seen."""
    added: dict[str, Feature] = {"detention": _circumstance("detention", "detentions", open=True)}
    for table in plan.of_rows:
        added[f"seen {table}"] = _circumstance(f"seen {table}", table)
        if table in _subjects():
            where = {"subject": [table], "complete": True}
            added[f"asked {table}"] = _circumstance(f"asked {table}", "inquiries", where=where)
    joined = {**plan.features, **{feature.name: feature for feature in added.values()}}
    return compile_plan(joined, joined)


def _circumstance(name: str, table: str, **more: Any) -> Feature:
    """A feature for its rows only; of the detentions and inquiries the latest."""
    aggregate = "count" if name.startswith("seen") else "days_since_last"
    text = {"nl": name, "en": name}
    return Feature(_NOT_FOR_USERS + name, "person", aggregate, text, "", "-", table=table, **more)


def _subjects() -> tuple[str, ...]:
    return tables()["inquiries"].columns["subject"].codes


@dataclass(frozen=True, slots=True)
class _Found:
    """Value of a feature, the rows that made it, and all that matched."""

    value: float
    rows: list[Any]
    matching: list[Any]


class _TracingWriter(PlanWriter):
    """Writes the function of the plan with, for each feature, the rows that it uses."""

    def trace(self, dossier: Dossier, as_of: dt.date) -> dict[str, _Found]:
        """Every feature of the plan with its rows."""
        source = self.source()
        exec(compile(source, "<lineage>", "exec"), self.scope)  # noqa: S102 - see `one`
        found = self.scope["features_of"](dossier, as_of)
        return {name: _Found(*each) for name, each in zip(self.slot, found, strict=True)}

    def _declared(self, item: RowFeature) -> list[str]:
        slot = self.slot[item.feature.name]
        return [*super()._declared(item), f"{slot}_rows = []", f"{slot}_matching = []"]

    def _without_rows(self, item: RowFeature) -> list[str]:
        slot = self.slot[item.feature.name]
        return [*super()._without_rows(item), f"{slot}_rows = []", f"{slot}_matching = []"]

    def _accumulate(self, item: RowFeature, ago: str) -> list[str]:
        slot, aggregate = self.slot[item.feature.name], item.feature.aggregate
        lines = [f"{slot}_matching.append(r)"]
        if aggregate in _EXTREMES:
            lines.append(f"before = {slot}")
        if aggregate in _OF_LATEST_DAY:
            lines.append(f"before = {slot}_ago")
        lines += super()._accumulate(item, ago)
        if aggregate in _EXTREMES:
            return [*lines, f"if {slot} != before: {slot}_rows = [r]"]
        if aggregate in _OF_LATEST_DAY:
            return [
                *lines,
                f"if {ago} < before: {slot}_rows = [r]",
                f"elif {ago} == before: {slot}_rows.append(r)",
            ]
        return [*lines, f"{slot}_rows.append(r)"]

    def _returned(self) -> str:
        each = [
            f"({slot}, {slot}_rows, {slot}_matching)"
            if self.plan.features[name].aggregate in OF_ROWS
            else f"({slot}, [], [])"
            for name, slot in self.slot.items()
        ]
        return f"[{', '.join(each)}]"


class _Tracer:
    """Puts the lineage of each feature together from what was found."""

    def __init__(
        self, dossier: Dossier, as_of: dt.date, plan: FeaturePlan, found: dict[str, _Found]
    ) -> None:
        self.dossier = dossier
        self.as_of = as_of
        self.plan = plan
        self.found = found
        self.items = {item.feature.name: item for each in plan.of_rows.values() for item in each}

    def lineage(self, name: str) -> Lineage:
        feature = self.plan.features[name]
        if feature.aggregate in OF_FEATURES:
            return self._of_features(feature)
        if feature.aggregate in OF_ROWS:
            return self._of_rows(self.items[name])
        value = _known(self.found[name].value)
        if value is not None:
            return Lineage(feature, self.as_of, value)
        if feature.aggregate == GIVEN:
            return Lineage(feature, self.as_of, None, unknown="no_fact")
        return Lineage(
            feature, self.as_of, None, unknown="field_not_filled", field=str(feature.field)
        )

    def _of_features(self, feature: Feature) -> Lineage:
        inputs = tuple(self.lineage(name) for name in feature.inputs)
        value = _known(self.found[feature.name].value)
        why: Unknown | None = None
        if value is None:
            needed = feature.requires or feature.inputs
            lacking = any(item.value is None for item in inputs if item.name in needed)
            otherwise: Unknown = "no_denominator" if feature.aggregate == "ratio" else "undecided"
            why = "input_unknown" if lacking else otherwise
        return Lineage(feature, self.as_of, value, inputs=inputs, unknown=why)

    def _of_rows(self, item: RowFeature) -> Lineage:
        feature, found = item.feature, self.found[item.feature.name]
        table = str(feature.table)
        seen = len(self.found[f"{_NOT_FOR_USERS}seen {table}"].rows)
        asked = self._rows(f"asked {table}", "inquiry", ("subject", "source", "consulted_on"))
        arrival: tuple[LineageRow, ...] = ()
        if feature.since_arrival:
            arrival = self._rows("detention", "arrival", ("arrived_on", "released_on"))
        used = tuple(self._row(table, row, _fields_of(item), "value") for row in found.rows)
        value = _known(found.value)
        why, field = None, None
        if value is None:
            why, field = self._why(item, seen, asked, arrival)
        rows = (*arrival, *asked, *used)
        return Lineage(
            feature, self.as_of, value, rows, len(found.matching), seen, unknown=why, field=field
        )

    def _why(
        self,
        item: RowFeature,
        seen: int,
        asked: tuple[LineageRow, ...],
        arrival: tuple[LineageRow, ...],
    ) -> tuple[Unknown, str | None]:
        feature, found = item.feature, self.found[item.feature.name]
        if not seen and not asked:
            # There is no register of detentions to consult: they are recorded, or there are none.
            consultable = feature.table in _subjects()
            return ("not_consulted" if consultable else "nothing_recorded"), None
        if feature.since_arrival and not arrival:
            return "no_detention", None
        if not found.matching or item.column is None:
            return "nothing_recorded", None
        row = (found.rows or found.matching)[-1]
        if feature.aggregate in _OF_LATEST_DAY and self._is_given(found.rows, item.column):
            return "contradictory", item.column.name
        late = not _is_known(row, item.column, self.as_of)
        return ("not_yet_known" if late else "field_not_filled"), item.column.name

    def _is_given(self, rows: list[Any], column: Column) -> bool:
        """Whether any of some rows has the field."""
        return any(
            _is_known(row, column, self.as_of) and getattr(row, column.name) is not None
            for row in rows
        )

    def _rows(self, name: str, role: Role, fields: tuple[str, ...]) -> tuple[LineageRow, ...]:
        key = _NOT_FOR_USERS + name
        if key not in self.found:
            return ()
        table = str(self.plan.features[key].table)
        return tuple(self._row(table, row, fields, role) for row in self.found[key].rows)

    def _row(self, table: str, row: Any, names: tuple[str, ...], role: Role) -> LineageRow:
        columns = tables()[table].columns
        fields = {
            name: getattr(row, name) if _is_known(row, columns[name], self.as_of) else None
            for name in names
        }
        position = next(i for i, each in enumerate(getattr(self.dossier, table)) if each is row)
        return LineageRow(table, position, row.recorded_at, fields, role)


def _fields_of(item: RowFeature) -> tuple[str, ...]:
    """The fields of a row that decide whether it matches, and what it adds."""
    spec = tables()[str(item.feature.table)]
    named = [str(spec.starts), item.filter.on]
    named += [condition.field for condition in item.filter.conditions]
    if spec.ends is not None and (item.filter.open or item.feature.aggregate == "days_covered"):
        named.append(spec.ends)
    if item.column is not None:
        named.append(item.column.name)
    named += [from_ for name in named if (from_ := spec.columns[name].known_from)]
    return tuple(dict.fromkeys(named))


def _is_known(row: Any, column: Column, as_of: dt.date) -> bool:
    if not column.known_from:
        return True
    since = getattr(row, column.known_from)
    return since is not None and since <= as_of


def _known(value: float) -> float | None:
    return None if value != value else float(value)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


# --- in words ---------------------------------------------------------------------------------


def _lines(item: Lineage, lang: Lang, depth: int) -> Iterator[str]:
    indent = "  " * depth
    text = item.feature.text[lang]
    if item.value is None:
        yield indent + say("phrase", "unknown", lang, text=text, why=_why_in_words(item, lang))
    else:
        value, unit = say_number(item.value, lang), unit_label(item.feature.unit, lang)
        yield indent + say("phrase", "value", lang, text=text, value=value, unit=unit)
    for line in _evidence(item, lang):
        yield f"{indent}  - {line}"
    for made_of in item.inputs:
        yield from _lines(made_of, lang, depth + 1)


def _evidence(item: Lineage, lang: Lang) -> Iterator[str]:
    if item.feature.table is None:
        return
    table = table_label(item.feature.table, lang)
    for row in item.rows:
        if row.role == "arrival":
            yield say("phrase", "arrival", lang, day=row.fields["arrived_on"])
        elif row.role == "inquiry":
            source = vocabularies()["register"].label(row.fields["source"], lang)
            day = row.fields["consulted_on"]
            yield say("phrase", "consulted", lang, table=table, day=day, source=source)
    used = [row for row in item.rows if row.role == "value"]
    if used:
        counts = {"n": len(used), "matching": item.matching, "seen": item.seen}
        yield say("phrase", "rows", lang, table=table, **counts)
    elif item.seen and not item.matching:
        yield say("phrase", "none", lang, table=table, seen=item.seen)
    for row in used:
        columns = tables()[row.table].columns
        fields = ", ".join(
            f"{field_label(name, lang)} {say_value(columns[name], value, lang)}"
            for name, value in row.fields.items()
            if value is not None
        )
        position, day = row.position + 1, row.recorded_at
        yield say("phrase", "row", lang, position=position, recorded_at=day, fields=fields)


def _why_in_words(item: Lineage, lang: Lang) -> str:
    feature = item.feature
    inputs = {one.name: one.feature.text[lang] for one in item.inputs}
    lacking = [one.feature.text[lang] for one in item.inputs if one.value is None]
    return say(
        "unknown",
        str(item.unknown),
        lang,
        table=table_label(feature.table or "persons", lang),
        field=field_label(item.field or "", lang),
        inputs="; ".join(lacking),
        denominator=inputs.get(feature.denominator or "", ""),
    )
