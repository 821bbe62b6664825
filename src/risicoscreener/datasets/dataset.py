"""A real data set in the form that fitting, evaluation and screening take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from risicoscreener.datasets.description import (
    Description,
    RawColumn,
    barred_words,
)
from risicoscreener.datasets.reading import Source
from risicoscreener.dossier import DossierTables
from risicoscreener.errors import DataError, DossierError
from risicoscreener.features import (
    Catalogue,
    Feature,
    catalogue,
    compute_features,
    effective_sensitivity,
)

if TYPE_CHECKING:
    from risicoscreener.features.definition import Sensitivity
    from risicoscreener.texts import Texts


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Features, outcome and dossier facts of real people.

    Attributes
    ----------
    name
        ``recid``, ``rossi`` or ``compas``.
    frame
        Features, shape (n, F), float64, NaN for unknown, indexed by ``person_id``. A column has
        the name of our feature where it means the same, else that of the data set in front.
    outcome
        0 or 1 for each row of ``frame``.
    horizon_days
        Days after the index moment within which the outcome counts.
    title, population, outcome_text
        What the data are, whom they are about and what the outcome is, in Dutch and English.
    sensitivity
        For each column ``allowed`` or ``proxy``.
    definitions
        For each column its feature, or its text, unit and source.
    source, licence
        Whose data these are, and under which terms.
    dating
        How precise the days are and which of them are convention, in Dutch and English.
    audit
        Attributes to check for unequal treatment, by person; never in ``frame``.
    tables
        What the data hold as dated facts, as validated dossier tables.
    index
        ``person_id`` and ``as_of`` for each row: when the picture is taken.
    follow_up
        For survival models: time until the event or the end of the follow-up (its unit is the
        name of the column), and ``event`` (0 or 1); by person, ``None`` if it cannot be had.
    """

    name: str
    frame: pd.DataFrame
    outcome: pd.Series[int]
    horizon_days: int
    title: Texts
    population: Texts
    outcome_text: Texts
    sensitivity: dict[str, Sensitivity]
    definitions: dict[str, Feature]
    source: str
    licence: str
    dating: Texts
    audit: pd.DataFrame
    tables: DossierTables | None
    index: pd.DataFrame | None
    follow_up: pd.DataFrame | None = None

    @property
    def catalogue(self) -> Catalogue:
        """Our features and those of the data set, by which its table can be fitted and screened."""
        own = [f for name, f in self.definitions.items() if name not in catalogue()]
        return catalogue().with_features(*own)

    def __post_init__(self) -> None:
        names = list(self.frame.columns)
        if not set(names) == set(self.sensitivity) == set(self.definitions):
            raise DataError(
                f"data set {self.name}: the frame has {', '.join(names)}; expected a sensitivity "
                "and a definition for exactly these columns. Define each, or leave it out."
            )
        self._check_barred(names)
        self._check_rows()

    def _check_barred(self, names: list[str]) -> None:
        """No attribute that is for audit only, and nothing that identifies, is a feature."""
        barred = [
            name
            for name in names
            if name in self.audit.columns
            or self.sensitivity[name] == "forbidden"
            or barred_words() & set(name.lower().split("_"))
        ]
        if barred:
            raise DataError(
                f"data set {self.name}: {', '.join(barred)} may not be in the frame, since it is "
                "for audit only, forbidden, or identifies a person. Keep it in `audit`."
            )

    def _check_rows(self) -> None:
        same = all(part.index.equals(self.frame.index) for part in (self.outcome, self.audit))
        if not same or not self.frame.index.is_unique:
            raise DataError(
                f"data set {self.name}: frame, outcome and audit do not have the same people, "
                "each once; expected one row for each person in each."
            )
        if not all(dtype == np.float64 for dtype in self.frame.dtypes):
            raise DataError(f"data set {self.name}: expected columns of numbers (float64).")
        if not self.outcome.isin([0, 1]).all():
            raise DataError(f"data set {self.name}: expected an outcome of 0 or 1 in each row.")

    def __repr__(self) -> str:
        rows, columns = self.frame.shape
        return (
            f"<Dataset {self.name!r}: {rows} people, {int(self.outcome.sum())} with the outcome "
            f"({self.outcome_text.en}), {columns} features>"
        )

    @property
    def digests(self) -> dict[str, str]:
        """For each column the sha256 of its definition, as a bundle keeps it."""
        return self.catalogue.plan(list(self.definitions)).digests

    @property
    def proxies(self) -> tuple[str, ...]:
        """Columns that need a waiver before a model may have them."""
        return tuple(n for n in self.frame.columns if self.sensitivity[n] != "allowed")

    def without(self, *columns: str) -> Dataset:
        """The data set without some columns of features.

        Raises
        ------
        DataError
            For a column that it does not have.
        """
        unknown = [name for name in columns if name not in self.definitions]
        if unknown:
            raise DataError(
                f"data set {self.name} has no column {', '.join(unknown)}; "
                f"it has: {', '.join(self.frame.columns)}."
            )
        kept = [name for name in self.frame.columns if name not in columns]
        return replace(
            self,
            frame=self.frame[kept],
            sensitivity={name: self.sensitivity[name] for name in kept},
            definitions={name: self.definitions[name] for name in kept},
        )

    def dictionary(self, lang: str = "en") -> pd.DataFrame:
        """The data dictionary: a row for each column, texts in ``nl`` or ``en``."""
        rows = [
            {
                "name": name,
                "text": definition.text[lang],
                "unit": definition.unit,
                "low": definition.low,
                "high": definition.high,
                "direction": definition.direction,
                "sensitivity": self.sensitivity[name],
                "source": definition.source,
            }
            for name, definition in self.definitions.items()
        ]
        return pd.DataFrame(rows).set_index("name")


@dataclass(frozen=True)
class People:
    """Who is in a data set and when the picture of each is taken; arrays of shape (n,).

    ``birth_date`` and ``as_of`` are ``datetime64[D]``.
    """

    person_id: np.ndarray
    birth_date: np.ndarray
    sex: np.ndarray
    as_of: np.ndarray


def build(
    description: Description,
    source: Source,
    people: People,
    outcome: np.ndarray,
    *,
    facts: Mapping[str, pd.DataFrame] | None = None,
    follow_up: Mapping[str, np.ndarray] | None = None,
    leave_out: tuple[str, ...] = (),
) -> Dataset:
    """A data set from its parts; our features are computed from the dossier tables.

    Parameters
    ----------
    facts
        Dossier tables beside persons and audit, table name to frame.
    follow_up
        Columns of `Dataset.follow_up`.
    leave_out
        Columns that are not wanted.

    Raises
    ------
    DataError
        For a value that the data set cannot have.
    """
    rows = pd.Index(people.person_id, name="person_id")
    audit = _audit(description, source, rows)
    tables = _tables(source, people, audit, facts or {})
    index = pd.DataFrame({"person_id": people.person_id, "as_of": people.as_of})
    computed = [name for name in description.from_dossier if name not in leave_out]
    values = compute_features(tables, index, computed).values
    columns = {name: values[:, i] for i, name in enumerate(computed)}
    read = {n: column for n, column in description.columns.items() if n not in leave_out}
    columns |= {name: _values(source, column) for name, column in read.items()}
    sensitivity = effective_sensitivity(computed, catalogue())
    sensitivity |= {name: column.definition.sensitivity for name, column in read.items()}
    definitions: dict[str, Feature] = {n: catalogue()[n] for n in computed}
    definitions |= {name: column.definition for name, column in read.items()}
    return Dataset(
        name=description.name,
        frame=pd.DataFrame(columns, index=rows),
        outcome=pd.Series(outcome, index=rows, name="outcome", dtype=np.int64),
        horizon_days=description.horizon_days,
        title=description.title,
        population=description.population,
        outcome_text=description.outcome,
        sensitivity=sensitivity,
        definitions=definitions,
        source=description.source,
        licence=description.licence,
        dating=description.dating,
        audit=audit,
        tables=tables,
        index=index,
        follow_up=None if follow_up is None else pd.DataFrame(dict(follow_up), index=rows),
    )


def _values(source: Source, column: RawColumn) -> np.ndarray:
    """The numbers of one column, NaN where nothing is given."""
    if column.values:
        return source.coded(column.raw, column.values)
    return source.numbers(column.raw, column.definition.low, column.definition.high)


def _audit(description: Description, source: Source, rows: pd.Index[str]) -> pd.DataFrame:
    columns = {}
    for name, column in description.audit.items():
        labels = source.labels(name)
        if column.values:
            known = {code: label for code, label in column.values.items() if label}
            unknown = ~labels.isin([*known]) & labels.notna()
            source.refuse(unknown, name, f"one of {', '.join(known)}")
            labels = labels.map(known)
        columns[name] = labels.to_numpy(dtype=object)
    return pd.DataFrame(columns, index=rows)


def _tables(
    source: Source, people: People, audit: pd.DataFrame, facts: Mapping[str, pd.DataFrame]
) -> DossierTables:
    """Dossier tables, validated; attributes for audit go where no feature reads."""
    persons = pd.DataFrame(
        {"person_id": people.person_id, "birth_date": people.birth_date, "sex": people.sex}
    )
    noted = audit.iloc[:, 0].str.replace(r"[^A-Za-z0-9]+", "-", regex=True).to_numpy()
    known = pd.notna(noted)
    attributes = pd.DataFrame(
        {
            "person_id": people.person_id[known],
            "attribute": "origin_group",
            "value": noted[known],
            "noted_on": people.as_of[known],
            "recorded_at": people.as_of[known],
        }
    )
    try:
        return DossierTables.from_pandas({"persons": persons, "audit": attributes, **facts})
    except DossierError as error:
        raise DataError(
            f"{source.where}: its rows are not possible as facts of a dossier. "
            f"{source.remedy}\n{error}"
        ) from error
