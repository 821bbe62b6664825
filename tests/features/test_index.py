"""For whom and on which day features are wanted: what is read, and what is refused in which words."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.dossier.schema import EPOCH
from risicoscreener.errors import DossierError
from risicoscreener.features import Index, compute_features
from strategies import a_person

NAMES = ("p0", "p1", "p2")
DAYS = (dt.date(2024, 4, 15), dt.date(1969, 12, 31), dt.date(2024, 4, 15))
PEOPLE = DossierTables.from_dossiers([read_dossier(a_person(name)) for name in NAMES])
NUMBERS = [(day - EPOCH).days for day in DAYS]
IDS = ["p2", "p0", "p2"]
NOON = [dt.datetime.combine(day, dt.time(12)) for day in DAYS]
MIDNIGHT = [dt.datetime.combine(day, dt.time()) for day in DAYS]
WRITTEN = [day.isoformat() for day in DAYS]


def in_pandas(days, ids=IDS):
    return pd.DataFrame({"person_id": ids, "as_of": days})


def in_arrow(days, ids=IDS):
    return pa.table({"person_id": ids, "as_of": days})


READ = {
    "pandas, days": in_pandas(list(DAYS)),
    "pandas, text": in_pandas(WRITTEN),
    "pandas, text of its own kind": in_pandas(pd.array(WRITTEN, "string")),
    "pandas, midnights": in_pandas(pd.to_datetime(MIDNIGHT)),
    "pandas, midnights as objects": in_pandas(pd.Series(MIDNIGHT, dtype=object)),
    "pandas, codes of text": in_pandas(pd.Categorical(WRITTEN)),
    "pandas, codes of people": in_pandas(list(DAYS), pd.Categorical(IDS)),
    "pandas, days of Arrow": in_pandas(pd.array(DAYS, pd.ArrowDtype(pa.date32()))),
    "pandas, any rows and columns": in_pandas(list(DAYS)).set_axis([4, 4, 1])[["as_of", "person_id"]],
    "arrow, days": in_arrow(pa.array(DAYS)),
    "arrow, midnights": in_arrow(pa.array(MIDNIGHT, pa.timestamp("us"))),
    "arrow, days in milliseconds": in_arrow(pa.array(DAYS, pa.date64())),
    "arrow, text": in_arrow(pa.array(WRITTEN)),
    "arrow, large text": in_arrow(pa.array(WRITTEN, pa.large_string())),
    "arrow, codes of text": in_arrow(pa.array(WRITTEN).dictionary_encode()),
    "arrow, codes of people": in_arrow(pa.array(DAYS), pa.array(IDS).dictionary_encode()),
    "arrow, a batch": in_arrow(pa.array(DAYS)).to_batches()[0],
    "arrow, a reader": None,
    "arrow, chunks": pa.concat_tables(
        [in_arrow(pa.array(DAYS)).slice(0, 1), in_arrow(pa.array(DAYS)).slice(1)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_whoever_and_whenever_is_asked_for_is_read(name):
    given = READ[name]
    if given is None:
        given = in_arrow(pa.array(DAYS)).to_reader()
    for found in (Index.of(PEOPLE, given), Index.of(PEOPLE, Index.of(PEOPLE, READ["arrow, days"]))):
        assert found.positions.tolist() == [2, 0, 2]
        assert found.days.tolist() == NUMBERS
        assert found.positions.dtype == found.days.dtype == np.int32
        assert len(found) == 3


def test_one_day_is_for_everyone_in_order():
    found = Index.of(PEOPLE, DAYS[0])
    assert found.positions.tolist() == [0, 1, 2]
    assert found.days.tolist() == [NUMBERS[0]] * 3
    assert found.positions.dtype == found.days.dtype == np.int32


def test_an_index_without_rows_is_for_nobody():
    for given in (
        in_pandas([], []),
        in_arrow(pa.array([], pa.null()), pa.array([], pa.null())),
        in_arrow(pa.array([], pa.int64()), pa.array([], pa.int64())),
    ):
        found = Index.of(PEOPLE, given)
        assert (len(found), found.positions.dtype, found.days.dtype) == (0, np.int32, np.int32)
        assert compute_features(PEOPLE, given, ["age_years"]).values.shape == (0, 1)


def refused(given) -> str:
    with pytest.raises(DossierError) as error:
        Index.of(PEOPLE, given)
    return str(error.value)


ONE = "; expected a day, without a time or a zone ({} row(s) like this)"
ZONED = [day.replace(tzinfo=dt.UTC) for day in MIDNIGHT]
LAST = [DAYS[0], DAYS[1], NOON[2]]


@pytest.mark.parametrize(
    ("given", "row", "shown", "n"),
    [
        (in_pandas(NOON), 0, "2024-04-15 12:00:00", 3),
        (in_pandas(pd.Series(LAST, dtype=object)), 2, "2024-04-15 12:00:00", 1),
        (in_pandas(pd.Series([MIDNIGHT[0], 3, 4], dtype=object)), 1, "3", 2),
        (in_pandas(pd.Series([np.int32(7), None, pd.NaT], dtype=object)), 0, "7", 1),
        (in_pandas(pd.Series(ZONED, dtype=object)), 0, "2024-04-15 00:00:00+00:00", 3),
        (in_pandas(pd.to_datetime(ZONED)), 0, "2024-04-15 00:00:00+00:00", 3),
        (in_pandas(pd.to_datetime([MIDNIGHT[0], None, NOON[2]])), 2, "2024-04-15 12:00:00", 1),
        (in_pandas(NUMBERS), 0, str(NUMBERS[0]), 3),
        (in_pandas(pd.Categorical(NOON)), 0, "2024-04-15 12:00:00", 3),
        (in_arrow(pa.array(NOON)), 0, "2024-04-15 12:00:00", 3),
        (in_arrow(pa.array([None, *NOON[1:]])), 1, "1969-12-31 12:00:00", 2),
        (in_arrow(pa.array(MIDNIGHT, pa.timestamp("s", "UTC"))), 0, "2024-04-15 00:00:00+00:00", 3),
        (in_arrow(pa.array(NUMBERS)), 0, str(NUMBERS[0]), 3),
        (in_arrow(pa.array([1, 2, 3], pa.uint8())), 0, "1", 3),
        (in_arrow(pa.array(NOON).dictionary_encode()), 0, "2024-04-15 12:00:00", 3),
    ],
)  # fmt: skip
def test_what_has_a_time_or_a_zone_or_is_a_number_is_shown_with_its_row(given, row, shown, n):
    assert refused(given) == f"index row {row}: as_of is {shown}{ONE.format(n)}"


def test_a_day_in_milliseconds_with_a_time_is_refused():
    times = pa.array([86_400_000, 3_600_000, 0], pa.int64()).view(pa.date64())
    assert refused(in_arrow(times)).startswith("index row 1: as_of is ")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (in_pandas(list(DAYS), ["p0", "p9", "p8"]), "index row 1: person p9 is not in the dossiers"),
        (in_pandas(list(DAYS), ["p0", "p1", None]), "index row 2: person None is not in the dossiers"),
        (in_pandas([DAYS[0], None, None]), "index row 1: as_of is missing; expected a date"),
        (in_arrow(pa.array([*DAYS[:2], None])), "index row 2: as_of is missing; expected a date"),
        (in_pandas(pd.Series([pd.NaT, *MIDNIGHT[1:]], dtype=object)), "index row 0: as_of is missing; expected a date"),
        (pd.DataFrame({"as_of": DAYS}), "the index has no column person_id"),
        (pa.table({"person_id": IDS}), "the index has no column as_of"),
        (pa.table({"x": IDS}), "the index has no column as_of and person_id"),
        (pd.DataFrame([["p0", "p0", DAYS[0]]], columns=["person_id", "person_id", "as_of"]), "the index has the column person_id twice"),
        (pd.DataFrame([["p0", "p0", 1, 2]], columns=["person_id", "person_id", "as_of", "as_of"]), "the index has the column person_id and as_of twice"),
        (pa.Table.from_arrays([pa.array(IDS), pa.array(DAYS), pa.array(DAYS)], ["person_id", "as_of", "as_of"]), "the index has the column as_of twice"),
        (3, "the index is of type int; expected a frame with person_id and as_of, or one day"),
        (MIDNIGHT[0], "the index is of type datetime; expected a frame with person_id and as_of, or one day"),
        (Index(np.array([0, 3]), np.array([0, 0])), "index row 1: position 3; expected 0 to 2"),
        (Index(np.array([-1, 0]), np.array([0, 0])), "index row 0: position -1; expected 0 to 2"),
        *(
            (Index(*wrong), "the index needs whole numbers: a position and a day for each row")
            for wrong in (
                ([0], np.array([0])),
                (np.array([0]), [0]),
                (np.array([0.0]), np.array([0])),
                (np.array([0]), np.array([0.0])),
                (np.array([[0]]), np.array([[0]])),
                (np.array([0]), np.array([0, 1])),
            )
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_so_many_words(given, said):
    assert refused(given) == said


@pytest.mark.parametrize(
    "given",
    [
        in_pandas(["soon", *WRITTEN[1:]]),
        in_pandas(["20240415", *WRITTEN[1:]]),
        in_pandas([0.5, 1.5, 2.5]),
        in_pandas(np.array([1j, 2.0, 3.0])),
        in_pandas(pd.Categorical(["2024-04-15", 3, 2.5])),
        in_arrow(pa.array([True, False, True])),
        in_pandas(pd.Series(["2024-04-15", DAYS[1], 0.5], dtype=object)),
        in_pandas(["2024-04-1\ud800", *WRITTEN[1:]]),
        in_pandas(pd.Categorical(["2024-04-1\ud800", *WRITTEN[1:]])),
        in_pandas(pd.Series([np.datetime64("2024-04-15"), *DAYS[1:]], dtype=object)),
    ],
)
def test_what_is_no_day_at_all_has_no_dates(given):
    assert refused(given).startswith("the index column as_of has no dates: ")


def test_people_that_are_no_text_cannot_be_read():
    assert refused(in_pandas(list(DAYS), [1, "x", None])).startswith("the index cannot be read: ")
    assert refused(in_pandas(list(DAYS), [(1, 2)] * 3)).startswith("the index cannot be read: ")
    torn = pa.array([b"p0", b"p\xff", b"p2"]).view(pa.string())
    assert refused(in_arrow(pa.array(DAYS), torn)).startswith(
        "the index cannot be read: Invalid UTF8"
    )


class Failing:
    """Its library fails only when it is asked for its rows."""

    def __arrow_c_stream__(self, requested_schema=None):
        raise RuntimeError("no such table\nat line 3")


def test_what_its_library_cannot_give_is_told_in_one_line():
    assert refused(Failing()) == "the index cannot be read: RuntimeError: no such table"
