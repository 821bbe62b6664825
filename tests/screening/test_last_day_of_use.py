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
from risicoscreener.screening.explanation.wording import say
from risicoscreener.screening.record import open_log, replay
from risicoscreener.screening.render import say_date

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


# --- days ahead, on which the models may not decide any more ------------------------------------


def limited_until(last):
    whole = Screener.load()
    early = {
        "created": min(whole.bundle.created, last),
        "review_on": min(whole.bundle.review_on, last),
    }
    return Screener(msgspec.structs.replace(whole.bundle, use_until=last, **early), whole.policies)


@pytest.fixture(scope="module")
def ahead():
    """An explanation that names a later day: when time alone gives more, and when steps do."""
    found = explain(example("deny"))
    assert found.waiting is not None
    return found


def days_of(found):
    listed = [found.waiting, *(s for way in found.helps for s in way.steps), *found.first]
    for one in listed:
        yield (one.day if one is found.waiting else one.from_day), one.models_may_decide


@pytest.mark.parametrize("late", [False, True])
def test_an_explanation_says_which_days_lie_after_the_last_day_of_use(ahead, late):
    last = max(day for day, _ in days_of(ahead) if day is not None)
    if late:
        last = ahead.waiting.day - DAY
    found = explain(example("deny"), screener=limited_until(last))
    assert found.models_until == last
    assert [day for day, _ in days_of(found)] == [day for day, _ in days_of(ahead)]
    for day, may in days_of(found):
        assert may is (day is None or day <= last)
    assert found.to_person.waiting.models_may_decide is not late
    plain = found.to_dict()
    assert plain["waiting"]["models_may_decide"] is not late
    assert plain["models_until"] == str(last)
    for lang in ("nl", "en"):
        for letter, section in (
            (found.letter_to_person(lang), "help"),
            (found.letter_to_decider(lang), "decider"),
        ):
            said = say(section, "models_until", lang, day=say_date(last, lang))
            assert (said in " ".join(letter.text().split())) is late


def test_a_bundle_without_a_last_day_says_nothing_of_one(ahead):
    assert ahead.models_until is None
    assert all(may for _, may in days_of(ahead))
