"""After the last day of use of its bundle a screener refuses: one, many, and over days."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from cases import ROOT, example
from risicoscreener import Screener
from risicoscreener.dossier import DossierTables
from risicoscreener.errors import BundleError
from risicoscreener.screening.explanation import explain
from risicoscreener.screening.record import open_log, replay

DAY = dt.timedelta(days=1)
LAST = dt.date(2024, 4, 15)
REFUSED = "may be used up to and including 2024-04-15 by its own rule"


@pytest.fixture(scope="module")
def limited():
    whole = Screener.load()
    old = msgspec.structs.replace(whole.bundle, review_on=LAST - 30 * DAY, use_until=LAST)
    return Screener(old, whole.policies)


def test_the_last_day_is_screened_with_a_warning_and_the_next_is_refused(limited):
    result = limited.screen(example("deny"), as_of=LAST)
    assert result.bundle.expired
    with pytest.raises(BundleError, match=REFUSED):
        limited.screen(example("deny"), as_of=LAST + DAY)


@pytest.mark.parametrize("given", ["mapping", "bytes"])
def test_each_way_in_refuses(limited, given):
    source = example("deny")
    if given == "bytes":
        source = msgspec.json.encode(source)
    with pytest.raises(BundleError, match=REFUSED):
        limited.screen(source, as_of=LAST + DAY)
    with pytest.raises(BundleError, match=REFUSED):
        explain(source, as_of=LAST + DAY, screener=limited)


def test_many_are_refused_if_any_day_is_too_late(limited):
    tables = DossierTables.read(ROOT / "data" / "synthetic" / "sentenced_40" / "dossiers")
    people = tables.person_ids.to_pylist()[:3]
    index = {"person_id": people, "as_of": [LAST, LAST, LAST + DAY]}
    import pandas as pd

    with pytest.raises(BundleError, match=REFUSED):
        limited.screen_many(tables, "leave", pd.DataFrame(index))
    index["as_of"] = [LAST] * 3
    assert len(limited.screen_many(tables, "leave", pd.DataFrame(index))) == 3
    with pytest.raises(BundleError, match=REFUSED):
        list(limited.screen_over_days(tables, "leave", LAST, LAST + DAY))


def test_what_was_recorded_before_can_still_be_repeated(limited, tmp_path):
    data = example("deny")
    with open_log(str(tmp_path / "r.db"), create=True) as log:
        log.append_screening(limited.screen(data, as_of=LAST), data, limited)
        assert replay(log, 1).same
