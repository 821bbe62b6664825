"""Seven features of many people: the task, its data, and ours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from _national import AS_OF, national_tables
from competitors._interface import Competitor, Task
from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.schema import EPOCH
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.features import Index, catalogue
from risicoscreener.features.many import compute_many

SEVEN = (
    "convictions_total",
    "convictions_violent_5y",
    "days_since_last_offence",
    "max_severity",
    "offence_versatility",
    "debt_open_total",
    "housing_own_address",
)
TODAY = (AS_OF - EPOCH).days
VIOLENT_DAYS = 1826
LONGEST_AGO = 7305
MOST_DEBT = 1e6
VIOLENT = tuple(sorted(vocabularies()["offence_class"].groups["violent"]))
COLUMNS = {
    "convictions": ("recorded_at", "offence_on", "offence_class", "severity"),
    "debts": ("recorded_at", "amount_eur", "until"),
    "housing": ("recorded_at", "from_on", "until_on", "status"),
}
"""What the seven features read of each table."""
DATES = ("recorded_at", "offence_on", "until", "from_on", "until_on")


@dataclass
class People:
    """Made-up people with convictions, debts and housing, and what competitors are given of them.

    They are given only the columns that they read, each person both by id and as a number, and the
    rows in the order of the persons.
    """

    dossiers: DossierTables

    @property
    def n(self) -> int:
        return self.dossiers.n_persons

    @cached_property
    def tables(self) -> dict[str, pa.Table]:
        """Arrow tables with the columns read, ``person_id``, and its ``number`` as int32."""
        given = {}
        for name, columns in COLUMNS.items():
            table = self.dossiers.tables[name].select(["person_id", *columns]).combine_chunks()
            given[name] = table.add_column(0, "number", pa.array(self.dossiers.owners(name)))
        return given

    @cached_property
    def arrays(self) -> dict[str, dict[str, np.ndarray]]:
        """Each column as an array: days as int32 (absent: the largest), codes as int8."""
        return {
            name: {column: _array(table.column(column)) for column in ("number", *COLUMNS[name])}
            for name, table in self.tables.items()
        }

    def codes(self, table: str, column: str) -> list[str]:
        """What the codes in `arrays` stand for."""
        found: list[str] = self.tables[table].column(column).chunk(0).dictionary.to_pylist()
        return found

    @cached_property
    def tied(self) -> np.ndarray:
        """Who has two housing rows of one day: which of them is the latest is not said."""
        housing = self.arrays["housing"]
        key = housing["number"].astype(np.int64) << 32 | housing["from_on"].astype(np.int64)
        found, counts = np.unique(key, return_counts=True)
        tied = np.zeros(self.n, dtype=bool)
        tied[found[counts > 1] >> 32] = True
        return tied


def _array(column: pa.ChunkedArray) -> np.ndarray:
    array = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_dictionary(array.type):
        return array.indices.to_numpy(zero_copy_only=False)
    if pa.types.is_date32(array.type):
        return array.view(pa.int32()).fill_null(2**31 - 1).to_numpy(zero_copy_only=False)
    return array.to_numpy(zero_copy_only=False)


def people(n: int, seed: int = 1) -> People:
    """Data of the task."""
    return People(national_tables(n, seed, only=COLUMNS))


class Ours(Competitor):
    name = "risicoscreener"
    task = "features"
    does = "all of it; also withdrawn and corrected rows, facts known later, unknown against none"
    tuned = "`compute_many`, from Arrow tables; both cores"

    def run(self, prepared: People) -> np.ndarray:
        at = Index.same_day(prepared.dossiers, AS_OF)
        plan = catalogue().plan(SEVEN)
        return compute_many(plan, prepared.dossiers, at.positions, at.days)


def check(theirs: np.ndarray, ours: np.ndarray, data: People) -> None:
    """Where someone has rows the values are the same; elsewhere ours is unknown or for none.

    Counts and days exactly, sums to 1e-12.
    """
    assert theirs.shape == ours.shape == (data.n, len(SEVEN))
    for i, name in enumerate(SEVEN):
        there = ~np.isnan(theirs[:, i])
        if name == "housing_own_address":
            there &= ~data.tied
            assert there.mean() > 0.5
        tolerance = 1e-12 if name == "debt_open_total" else 0.0
        np.testing.assert_allclose(
            ours[there, i], theirs[there, i], rtol=tolerance, atol=0.0, err_msg=name
        )
        if name != "housing_own_address":
            rest = ours[np.isnan(theirs[:, i]), i]
            assert (np.isnan(rest) | (rest == (catalogue()[name].none_value or 0.0))).all(), name


TASKS = (
    Task(
        id="features",
        title="Seven features of many people",
        unit="people",
        compared=(
            "Number of convictions, of violent ones in five years, days since the last offence, "
            "highest severity, kinds of offence, open debt and own address, of what was known on "
            "a day; from tables in memory to a column of numbers each: 15 convictions, 6 debts "
            "and 5 housing spells a person. Ours also looks for withdrawn and corrected rows, and"
            " tells unknown from none; the others do not. Each gets the data in the form that it "
            "likes best, made before the clock starts; ours starts from the Arrow tables of "
            "dossiers. Numbered persons are the best case: rows then are in the order of persons "
            "known by their place."
        ),
        sizes=(1_000, 10_000, 100_000, 1_000_000, 10_000_000),
        data=people,
        ours=Ours(),
        check=check,
    ),
)
