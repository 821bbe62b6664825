"""As what rows of conduct count, of many people at once: `grading` as array operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from risicoscreener.conduct.classifying import DAYS, check_weeks, spans
from risicoscreener.conduct.definition import (
    CATEGORIES,
    GRADES,
    INCIDENT,
    PARTS,
    POSITIVE,
    REVIEW,
    Definition,
    Definitions,
    Rule,
    punishments,
)
from risicoscreener.dossier.schema import EPOCH, tables
from risicoscreener.dossier.tables import DossierTables
from risicoscreener.features.many import EventTables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    import pandas as pd

CONDUCT, DETENTIONS = "conduct", "detentions"
_SHIFT = np.int64(2**20)
"""More than the days between any two days that can be meant."""


class ConductColumns:
    """The conduct of many people as known on a day, and as what it counts.

    Attributes
    ----------
    owner
        Position of the person of each row, shape (rows,).
    day, recorded, counted
        Day since 1970-01-01, recorded grade and grade as which it counts, 0 for desired.
    kind
        As which kind of record each counts.
    visible
        Whether the row is known on the day and was neither withdrawn nor replaced.
    """

    def __init__(self, dossiers: DossierTables, as_of: dt.date, definitions: Definitions) -> None:
        self.today = (as_of - EPOCH).days
        self.events = EventTables(dossiers)
        self.owner = dossiers.owners(CONDUCT)
        self.day = self.column("occurred_on")
        self.recorded = self.column("grade")
        self.visible = self.events.visible_on(CONDUCT, self.today)
        self._stays_seen = self.events.visible_on(DETENTIONS, self.today)
        self.kind = self._kind()
        self.counted = self.recorded.copy()
        for definition, rule in definitions.rules():
            holds = self._holds(definition, rule)
            raised = self.counted[holds]
            self.counted[holds] = np.maximum(raised, rule.rank)

    def column(self, name: str) -> np.ndarray:
        """A column of the table of conduct."""
        return self.events.column(CONDUCT, name)

    def _kind(self) -> np.ndarray:
        kind = self.column("kind").copy()
        punished = np.isin(self.column("discipline"), places_of("discipline", punishments()))
        positive, incident = places_of("kind", (POSITIVE, INCIDENT))
        contradicts = self.visible & (kind == positive) & ((self.recorded > 0) | punished)
        kind[contradicts] = incident
        return kind

    def _holds(self, definition: Definition, rule: Rule) -> np.ndarray:
        """For each row whether a rule speaks of it."""
        matching = self.visible & _between(self.day, definition)
        for part, field in PARTS.items():
            values = self.kind if part == "kinds" else self.column(field)
            matching &= np.isin(values, places_of(field, rule.codes(part)))
        if definition.scope == "local":
            matching &= self._stayed_in(definition.prisons)
        return matching if rule.within_days is None else self._often(matching, rule)

    def _stayed_in(self, prisons: tuple[str, ...]) -> np.ndarray:
        """For each row whether the person stayed in one of some prisons on its day."""
        arrow = self.events.dossiers.tables[DETENTIONS].column("prison")
        named = pc.is_in(arrow, value_set=pa.array(prisons, pa.string()))
        stays = np.flatnonzero(self._stays_seen & np.asarray(named.to_numpy(), dtype=bool))
        owner = self.events.dossiers.owners(DETENTIONS)[stays]
        first = np.searchsorted(self.owner, owner, "left")
        counts = np.searchsorted(self.owner, owner, "right") - first
        stay = np.repeat(stays, counts)
        ends = np.cumsum(counts)
        row = np.arange(len(stay)) - np.repeat(ends - counts, counts) + np.repeat(first, counts)
        arrived = self.events.column(DETENTIONS, "arrived_on")[stay]
        released = self.events.column(DETENTIONS, "released_on")[stay]
        inside = (arrived <= self.day[row]) & (self.day[row] <= released)
        found = np.zeros(len(self.owner), dtype=bool)
        found[row[inside]] = True
        return found

    def _often(self, matching: np.ndarray, rule: Rule) -> np.ndarray:
        """Of the matching rows those with enough of them in the days up to them."""
        rows = np.flatnonzero(matching)
        keys = self.owner[rows].astype(np.int64) * _SHIFT + self.day[rows]
        ordered = np.sort(keys)
        until = np.searchsorted(ordered, keys, "right")
        before = np.searchsorted(ordered, keys - int(rule.within_days or 0), "right")
        found = np.zeros(len(matching), dtype=bool)
        found[rows[until - before >= rule.times]] = True
        return found


def places_of(field: str, codes: Iterable[str]) -> list[int]:
    """The numbers by which some codes of a field of conduct stand in a column."""
    known = tables()[CONDUCT].columns[field].codes
    return [known.index(code) for code in codes]


def _between(day: np.ndarray, definition: Definition) -> np.ndarray:
    inside: np.ndarray = day >= (definition.valid_from - EPOCH).days
    if definition.valid_until is not None:
        inside &= day <= (definition.valid_until - EPOCH).days
    return inside


def regrade_many(
    dossiers: DossierTables, as_of: dt.date, definitions: Definitions
) -> DossierTables:
    """The tables with each known row of conduct at the grade as which it counts on a day."""
    found = ConductColumns(dossiers, as_of, definitions)
    changed = dossiers.tables[CONDUCT]
    for name, values in (("grade", found.counted), ("kind", found.kind)):
        codes = pa.array(tables()[CONDUCT].columns[name].codes, pa.string())
        column = pa.DictionaryArray.from_arrays(pa.array(values, pa.int8()), codes)
        place = changed.schema.get_field_index(name)
        changed = changed.set_column(place, changed.schema.field(name), column)
    return DossierTables(
        {**dossiers.tables, CONDUCT: changed}, dossiers.problems, dossiers.quarantined_rows
    )


def classify_many(
    dossiers: DossierTables, as_of: dt.date, definitions: Definitions, weeks: int
) -> pd.DataFrame:
    """Conduct of many people; see `classify`."""
    import pandas as pd

    check_weeks(weeks)
    found = ConductColumns(dossiers, as_of, definitions)
    n = dossiers.n_persons
    columns: dict[str, Any] = {}
    for c, category in enumerate(CATEGORIES):
        own = found.visible & (found.column("category") == c)
        grade, columns[f"{category}_desired_weeks"] = _period(found, own, n)
        columns[f"{category}_6w"] = _grades(grade)
        for k in range(weeks):
            columns[f"{category}_week_{k + 1}"] = _grades(_week(found, own, n, k))
    return pd.DataFrame(columns, index=pd.Index(dossiers.person_ids.to_pylist(), name="person_id"))


def _grades(codes: np.ndarray) -> pd.Categorical[str]:
    import pandas as pd

    return pd.Categorical.from_codes(codes, pd.Index(list(GRADES)), ordered=True)


def _worst(found: ConductColumns, chosen: np.ndarray, n: int) -> np.ndarray:
    """The worst grade of some rows of each person; -1 if there are none."""
    worst = np.full(n, -1, dtype=np.int8)
    np.maximum.at(worst, found.owner[chosen], found.counted[chosen])
    return worst


def _reviews(found: ConductColumns) -> np.ndarray:
    reviews: np.ndarray = found.kind == places_of("kind", (REVIEW,))[0]
    return reviews


def _week(found: ConductColumns, own: np.ndarray, n: int, k: int) -> np.ndarray:
    inside = own & ((found.today - found.day) // DAYS == k)
    grade = _worst(found, inside, n)
    reviewed = np.bincount(found.owner[inside & _reviews(found)], minlength=n) > 0
    return np.where((grade == 0) & ~reviewed, np.int8(-1), grade)


def _period(found: ConductColumns, own: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The grade of the last six weeks of each person, and the weeks reviewed as desired."""
    reviewed_days, worse_days, wanted = spans()
    ago = found.today - found.day
    good = own & (ago < reviewed_days) & _reviews(found) & (found.counted == 0)
    desired = np.minimum(np.bincount(found.owner[good], minlength=n), wanted)
    bad = _worst(found, own & (ago < worse_days) & (found.counted > 0), n)
    unknown_or_desired = np.where(desired == wanted, 0, -1).astype(np.int8)
    return np.where(bad > 0, bad, unknown_or_desired), desired
