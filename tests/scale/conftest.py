"""The shipped screener, and a small synthetic cohort with a day for each person."""

from __future__ import annotations

import pyarrow as pa
import pytest

from risicoscreener import Screener
from risicoscreener.synthetic import Cohort, simulate


@pytest.fixture(scope="session")
def screener() -> Screener:
    return Screener.load()


@pytest.fixture(scope="session")
def cohort() -> Cohort:
    return simulate(120, seed=5, population="sentenced")


@pytest.fixture(scope="session")
def days(cohort) -> pa.Table:
    """Two days for most people, one for some, none for a few."""
    frame = cohort.truth.persons.reset_index()[["person_id", "as_of"]]
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.set_column(1, "as_of", table.column("as_of").cast(pa.date32()))
    earlier = pa.array([-40] * 100, pa.int32())
    days = table.column("as_of").slice(0, 100).cast(pa.int32()).combine_chunks().to_numpy()
    before = pa.array(days + earlier.to_numpy(), pa.int32()).cast(pa.date32())
    return pa.concat_tables(
        [
            table.slice(0, 110),
            pa.table([table.column("person_id").slice(0, 100), before], ["person_id", "as_of"]),
        ]
    )
