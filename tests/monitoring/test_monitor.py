"""A model in use is watched: what is found, what is not, and how a test goes on."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from functools import cache

import msgspec
import numpy as np
import pandas as pd
import pytest

from cases import ROOT
from risicoscreener.cli import main
from risicoscreener.errors import MonitoringError
from risicoscreener.monitoring import (
    advise,
    metrics_text,
    monitor,
    outcomes_of,
    read_settings,
    read_state,
    screenings_of,
)
from risicoscreener.monitoring.naming import part_name
from risicoscreener.monitoring.periods import later, periods_over
from risicoscreener.monitoring.settings import kinds
from risicoscreener.monitoring.tables import followed
from risicoscreener.texts import LANGUAGES

FOLDER = ROOT / "examples" / "monitoring"
SETTINGS = read_settings(FOLDER / "all_streams.toml")
CHANGE, END = dt.date(2020, 1, 1), dt.date(2023, 1, 1)
QUIET = dt.date(2020, 1, 1)


@cache
def tables():
    screened = pd.read_parquet(FOLDER / "screened.parquet")
    return screened, pd.read_parquet(FOLDER / "outcomes.parquet")


def run(as_of=END, state=None, settings=SETTINGS, screened=None, outcomes=None):
    frames = tables()
    return monitor(
        settings,
        screenings_of(frames[0] if screened is None else screened, settings.model),
        outcomes_of(frames[1] if outcomes is None else outcomes),
        as_of=as_of,
        state=state,
    )


@pytest.fixture(scope="module")
def whole():
    return run()


@pytest.fixture(scope="module")
def before():
    return run(QUIET)


def only(*names, **changes):
    streams = tuple(one for one in SETTINGS.streams if one.name in names)
    return msgspec.structs.replace(SETTINGS, streams=streams, **changes)


def test_a_swapped_formula_is_found_by_the_slope_and_nothing_else_is(whole, before):
    assert [one.key for one in whole.alarms] == ["slope"]
    found = whole["slope"]
    assert found.alarm > "2020-06"
    assert abs(int(found.since[:4]) * 12 + int(found.since[5:]) - 2020 * 12 - 1) <= 6
    assert found.slope < 0.5
    assert not before.alarms


def test_each_kind_of_stream_is_in_the_example():
    assert {stream.kind for stream in SETTINGS.streams} == set(kinds())


@pytest.mark.parametrize("cuts", [("2019-03-10",), ("2018-01-05", "2018-02-01", "2020-12-31")])
def test_runs_by_part_give_the_state_of_one_run_to_the_byte(cuts, tmp_path):
    settings = only("calibration", "slope", "cusum", "features", "overrides", "queue", "volume")
    end = dt.date(2021, 1, 1)
    at_once = run(end, settings=settings)
    state = None
    for cut in (*map(dt.date.fromisoformat, cuts), end):
        state = run(cut, state, settings=settings).state
        state.save(tmp_path / "state.json")
        state = read_state(tmp_path / "state.json")
    assert state.to_json() == at_once.state.to_json()


def test_the_order_of_rows_does_not_matter():
    settings = only("calibration", "slope", "cusum", "score")
    screened, outcomes = tables()
    mixed = run(
        QUIET,
        settings=settings,
        screened=screened.sample(frac=1, random_state=1),
        outcomes=outcomes.sample(frac=1, random_state=2),
    )
    plain = run(QUIET, settings=settings)
    for one, other in zip(plain.streams, mixed.streams, strict=True):
        assert other.log_e == pytest.approx(one.log_e, abs=1e-9)


def test_what_comes_after_the_day_is_not_looked_at():
    screened, outcomes = tables()
    settings = only("calibration", "slope", "score", "overrides", "queue")
    day = dt.date(2019, 7, 1)
    known = screened[screened["as_of"] < pd.Timestamp(day)].copy()
    late = known["decided_on"] >= pd.Timestamp(day)
    known.loc[late, ["direction", "decided_on"]] = [None, pd.NaT]
    known.loc[known["settled_on"] >= pd.Timestamp(day), "settled_on"] = pd.NaT
    registered = outcomes["registered_on"].where(outcomes["registered_on"] < pd.Timestamp(day))
    seen = outcomes.assign(registered_on=registered)[outcomes["start_on"] < pd.Timestamp(day)]
    now = run(day, settings=settings, screened=known, outcomes=seen)
    assert now.state.to_json() == run(day, settings=settings).state.to_json()


def test_a_change_in_what_is_registered_is_found_in_the_large_and_advised_on():
    _, outcomes = tables()
    rng = np.random.default_rng(1)
    lost = rng.random(len(outcomes)) < 0.5
    late = outcomes["registered_on"] >= pd.Timestamp("2019-06-01")
    fewer = outcomes.assign(registered_on=outcomes["registered_on"].mask(lost & late))
    settings = only("calibration", "calibration_matured", "slope")
    found = run(settings=settings, outcomes=fewer)
    one = found["calibration"]
    assert "2019-06" < one.alarm < "2020-06"
    assert one.observed < one.expected * 0.7
    advice = advise(found)
    assert advice.is_needed
    if advice.choice is None:
        assert advice.ratio == pytest.approx(0.5, abs=0.15)
    else:
        assert advice.choice.rung in ("in_the_large", "logistic")
    assert all(len(advice.sentences(lang)) >= 1 for lang in LANGUAGES)


def test_advice_with_enough_people_is_that_of_the_closed_test():
    screened, _ = tables()
    p = screened["probability"]
    odds = p / (1 - p) * np.where(screened["as_of"] >= "2018-01-01", 0.35, 1.0)
    settings = only("calibration", "calibration_matured")
    found = run(settings=settings, screened=screened.assign(probability=odds / (1 + odds)))
    advice = advise(found)
    assert "calibration" in {one.kind for one in found.alarms}
    assert advice.choice is not None
    assert advice.choice.rung in ("in_the_large", "logistic")
    assert advice.to_dict()["rung"] == advice.choice.rung
    assert not advice.whole
    low, high = found["calibration_matured"].interval
    assert low > 0 or high == 1


def test_another_coding_is_found_by_the_features():
    screened, _ = tables()
    coded = screened["index_is_violent"].where(
        (screened["as_of"] < "2019-01-01") | (np.arange(len(screened)) % 3 > 0), 1.0
    )
    found = run(
        settings=only("features", "score", "missing"),
        screened=screened.assign(index_is_violent=coded),
    )
    one = found["features"]
    assert "2019-01" <= one.alarm <= "2019-12"
    assert one.part.startswith("index_is_violent")
    assert one.since >= "2018-10"
    assert one.stability > 0.1
    assert not found["missing"].alarm
    advice = advise(found)
    assert not advice.is_needed
    assert "cause of the other alarms" in advice.text("en")
    assert "no reason to update" in advise(run(QUIET, settings=only("score"))).text("en")


def test_missing_values_and_lost_screenings_are_found():
    screened, _ = tables()
    late = screened["as_of"] >= "2019-01-01"
    unknown = screened["prior_convictions"].mask(late & (np.arange(len(screened)) % 2 == 0))
    kept = ~late | (np.arange(len(screened)) % 3 == 0)
    frame = screened.assign(prior_convictions=unknown)[kept]
    found = run(settings=only("missing", "volume"), screened=frame)
    assert found["missing"].alarm >= "2019-01"
    assert found["missing"].part == "prior_convictions"
    assert "2019-01" <= found["volume"].alarm <= "2019-09"


def test_decisions_that_only_follow_and_a_queue_that_grows_are_found():
    screened, _ = tables()
    late = screened["as_of"] >= "2019-01-01"
    follow = screened["direction"].mask(late, "agreed")
    slow = screened["settled_on"] + pd.Timedelta(60, "D")
    frame = screened.assign(
        direction=follow,
        seconds=screened["seconds"].mask(late, 5.0),
        settled_on=screened["settled_on"].mask(late, slow),
    )
    found = run(settings=only("overrides", "fast", "queue", "outcomes"), screened=frame)
    for key in ("overrides", "fast", "queue"):
        assert "2019-01" <= found[key].alarm <= "2019-12"
    assert not found["outcomes"].alarm
    assert found.state.queue[-1] > 20


def test_a_later_screening_takes_the_place_of_an_earlier_one():
    screened = pd.DataFrame(
        {
            "person_id": ["case-0001", "case-0001", "case-0001", "case-0002"],
            "as_of": ["2020-01-01", "2020-02-01", "2020-06-01", "2020-01-01"],
            "probability": [0.1, 0.2, 0.3, 0.4],
        }
    )
    outcomes = pd.DataFrame(
        {
            "person_id": ["case-0001", "case-0001"],
            "start_on": ["2020-03-01", "2020-07-01"],
            "registered_on": ["2020-05-01", None],
        }
    )
    found = followed(screenings_of(screened, "any_2y"), outcomes_of(outcomes))
    assert found.screenings.probability.tolist() == [0.2, 0.3]
    assert (found.repeated, found.without) == (1, 1)


def test_small_groups_are_not_shown_nor_to_be_worked_out():
    screened, _ = tables()
    few = screened["prison"].mask(
        (screened["as_of"] >= "2018-01-01") & (np.arange(len(screened)) % 1200 > 0), "PI-02"
    )
    found = run(
        settings=only("calibration", fewest=300),
        screened=screened.assign(prison=few),
    )
    hidden = [one for one in found.streams if one.withheld]
    assert len(hidden) >= 2
    for one in hidden:
        assert one.observed is None
        said = found.sentence(one, "en")
        assert "not shown" in said or "Nothing to count" in said
    assert all(f'group="{one.label}"}} {one.observed}' not in metrics_text(found) for one in hidden)


def test_a_group_that_is_new_counts_as_other(whole):
    screened, _ = tables()
    new = screened["prison"].mask(screened["as_of"] >= "2019-01-01", "PI-99")
    found = run(QUIET, settings=only("calibration"), screened=screened.assign(prison=new))
    assert found["calibration/prison=other"].n > 0
    assert "PI-99" not in found.text("en")


def test_a_prison_that_opens_raises_no_alarm_on_the_chart_of_a_model_that_is_exact():
    screened, outcomes = tables()
    random = np.random.default_rng(3)
    moved = screened.copy()
    late = (moved["as_of"].astype(str) >= "2018-06-01") & (random.random(len(moved)) < 0.3)
    moved.loc[late, "prison"] = "PI-99"
    known = outcomes.merge(screened[["person_id", "probability"]], on="person_id")
    there = random.random(len(known)) < known["probability"]
    days = pd.to_datetime(known["start_on"]) + pd.Timedelta(days=300)
    exact = known.assign(registered_on=days.where(there))
    of_prisons = msgspec.structs.replace(
        only("cusum").streams[0], kind="cusum", id="cusum", by=("prison",)
    )
    found = run(
        settings=msgspec.structs.replace(SETTINGS, streams=(of_prisons,)),
        screened=moved,
        outcomes=exact,
    )
    assert found["cusum/prison=other"].n
    assert not found.alarms
    limits = found.state.baseline.limits
    assert limits["cusum/prison=other"] == limits["cusum"]


def test_what_changed_in_periods_that_were_counted_is_said(before):
    screened, _ = tables()
    gone = screened[~screened["as_of"].between("2018-03-05", "2018-03-20")]
    found = run(dt.date(2020, 2, 1), before.state, screened=gone)
    assert found.gone[0] == "2018-03"  # and months in which their outcomes came in
    assert "Zijn zij verwijderd omdat hun bewaartermijn om is" in found.text("nl")
    assert not found.revised
    same = run(dt.date(2020, 2, 1), before.state)
    assert not same.gone + same.revised
    fewer = run(dt.date(2020, 1, 1), screened=gone)
    added = run(dt.date(2020, 2, 1), fewer.state)
    assert added.revised[0] == "2018-03"
    assert "were added in periods" in added.text("en")
    assert not added.gone


def test_an_outcome_that_comes_in_late_is_said(before):
    _, outcomes = tables()
    known = outcomes.copy()
    day = pd.to_datetime(known["registered_on"])
    late = known.index[(day >= "2018-05-01") & (day < "2018-06-01")]
    watched = known.loc[late, "person_id"].isin(
        tables()[0].query("as_of >= '2018-01-01'")["person_id"]
    )
    known.loc[late[watched], "registered_on"] = None
    assert watched.any()
    found = run(dt.date(2020, 2, 1), before.state, outcomes=known)
    assert (found.revised, found.gone) == ((), ("2018-05",))
    earlier = run(QUIET, outcomes=known)
    assert run(dt.date(2020, 2, 1), earlier.state).revised == ("2018-05",)


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("support", "support"),
        ("direction", "overrides"),
        ("seconds", "fast"),
        ("prison", "calibration/prison=PI-01"),
        ("probability", "slope"),
    ],
)
def test_a_column_that_is_empty_from_a_day_on_does_not_pass_for_quiet(column, key):
    screened = tables()[0].copy()
    screened.loc[screened["as_of"].astype(str) >= "2018-01-01", column] = None
    streams = tuple(
        msgspec.structs.replace(one, by=("prison",)) if one.name == "calibration" else one
        for one in SETTINGS.streams
    )
    found = run(
        dt.date(2019, 1, 1),
        settings=msgspec.structs.replace(SETTINGS, streams=streams),
        screened=screened,
    )
    assert key in {one.key for one in (*found.alarms, *found.silent)}
    assert found.to_dict()["silent"] == [one.key for one in found.silent]
    if found.silent:
        assert found.name_of(found.silent[0], "nl") in "".join(found.summary("nl"))
        assert "_silent{" in metrics_text(found)


def test_a_table_without_support_is_refused_where_that_is_watched():
    with pytest.raises(MonitoringError, match="stream support needs <model>_support"):
        run(END, screened=tables()[0].drop(columns="support"))


def test_people_who_are_screened_again_are_said():
    screened = tables()[0]
    twice = screened.iloc[-3:].assign(as_of=dt.date(2022, 12, 31), direction=None, settled_on=None)
    twice["decided_on"] = None
    twice = pd.concat([screened[screened["as_of"].astype(str) < "2022-12-31"], twice])
    found = run(END, settings=only("score"), screened=twice)
    assert found.again == 3
    assert "3 people were screened more than once" in found.text("en")


def test_texts_and_plain_values_are_whole_in_both_languages(whole):
    for lang in LANGUAGES:
        text = whole.text(lang)
        assert "{" not in text
        assert text.count("\n- ") == len(whole.streams)
    plain = json.loads(json.dumps(whole.to_dict()))
    assert plain["alarms"] == ["slope"]
    assert len(plain["streams"][0]["points"]) == 60
    assert len(whole.to_frame()) == len(whole.streams)
    assert "slope" in whole._repr_html_()


LINE = re.compile(
    r'^[a-z_]+\{([a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\} [+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|Inf)$'
)


def test_metrics_are_lines_that_prometheus_reads(whole):
    lines = metrics_text(whole).splitlines()
    assert all(line.startswith("# ") or LINE.match(line) for line in lines)
    name = "risicoscreener_monitor_alarm"
    alarms = {line for line in lines if line.startswith(name + "{") and line.endswith(" 1.0")}
    assert len(alarms) == 1
    assert 'stream="slope"' in alarms.pop()
    hostile = msgspec.structs.replace(SETTINGS, model='a"b\\c\nd')
    from dataclasses import replace

    odd = metrics_text(replace(whole, settings=hostile)).splitlines()
    assert all(line.startswith("# ") or LINE.match(line) for line in odd)


def test_periods_are_months_that_are_over():
    found = periods_over(dt.date(2023, 11, 1), 1, dt.date(2024, 2, 1))
    assert [one.name for one in found] == ["2023-11", "2023-12", "2024-01"]
    assert len(periods_over(dt.date(2023, 11, 1), 1, dt.date(2024, 1, 31))) == 2
    assert later(dt.date(2023, 11, 1), 3) == dt.date(2024, 2, 1)


# -- what comes in otherwise than it should ----------------------------------------------------

YEAR = dt.date(2019, 1, 1)


def test_a_month_without_screenings_is_said_and_is_an_alarm_on_their_number():
    screened, _ = tables()
    gone = screened[~screened["as_of"].between("2018-03-01", "2018-03-31")]
    found = run(YEAR, settings=only("volume", "score"), screened=gone)
    assert found.empty == ("2018-03",)
    assert found["volume"].alarm == "2018-03"
    assert "less than was to be expected" in found.sentence(found["volume"], "en")
    assert "Nobody was screened in 2018-03" in found.text("en")
    assert not found.silent
    quiet = run(YEAR, settings=only("score"), screened=gone)
    assert (quiet.alarms, quiet.to_dict()["empty"]) == ((), ["2018-03"])


@pytest.mark.parametrize("last", ["2018-01-01", "2018-12-01"])
def test_when_nobody_is_screened_any_more_the_alarm_says_none_and_how_many(last):
    screened, _ = tables()
    found = run(YEAR, settings=only("volume"), screened=screened[screened["as_of"] < last])
    assert found["volume"].is_alarm
    assert found.says(found["volume"], "en").startswith("0 counted, ")
    assert found.says(found["volume"], "nl").startswith("0 geteld, ")
    if last == "2018-12-01":
        assert found.says(found["volume"], "nl").endswith("Dat is minder dan te verwachten was.")
    assert "2018-12" in found.empty


def test_one_prison_is_watched_as_well_as_three():
    screened, _ = tables()
    one = screened[screened["prison"] == "PI-01"]
    found = run(YEAR, settings=only("score", "volume", "calibration_matured"), screened=one)
    assert not found.alarms
    curve = msgspec.structs.replace(SETTINGS.timing, curve=((365.0, 0.7), (730.0, 1.0)))
    watched = run(YEAR, settings=only("calibration", timing=curve), screened=one)
    assert watched["calibration/prison=PI-01"].log_e == pytest.approx(watched["calibration"].log_e)
    assert (
        watched["calibration/prison=other"].n is None or not watched["calibration/prison=other"].n
    )


def test_outcomes_before_their_screening_are_said_and_in_no_test():
    screened, outcomes = tables()
    early = outcomes.copy()
    people = screened.loc[screened["as_of"] >= "2018-01-01", "person_id"][:200]
    moved = early["person_id"].isin(people)
    early.loc[moved, "start_on"] -= pd.Timedelta(400, "D")
    settings = only("calibration", "slope")
    stranger = outcomes.iloc[:1].assign(person_id="case-of-nobody")  # never screened: not said
    found = run(YEAR, settings=settings, outcomes=pd.concat([early, stranger]))
    assert found.followed.unscreened == moved.sum() == 200
    assert "200 outcomes are of people who were screened only after them" in found.text("en")
    without = run(YEAR, settings=settings, outcomes=outcomes[~moved])
    assert found.state.to_json() == without.state.to_json()


def test_an_outcome_that_comes_in_twice_counts_once_and_is_said():
    _, outcomes = tables()
    again = outcomes.iloc[:5].assign(start_on=outcomes["start_on"].iloc[:5] + pd.Timedelta(3, "D"))
    settings = only("calibration", "slope")
    found = run(YEAR, settings=settings, outcomes=pd.concat([outcomes, again]))
    assert found.followed.shared == 5
    assert "5 outcomes follow on a screening" in found.text("en")
    assert found.state.to_json() == run(YEAR, settings=settings).state.to_json()
    with pytest.raises(MonitoringError, match="case-000000 has two outcomes of one start_on"):
        run(YEAR, settings=settings, outcomes=pd.concat([outcomes, outcomes.iloc[:1]]))


def test_two_models_in_the_screenings_are_said_with_the_day_of_each():
    screened, _ = tables()
    made = np.where(screened["as_of"] < "2018-07-03", "first (0123abcd)", "second (4567cdef)")
    found = run(YEAR, settings=only("score"), screened=screened.assign(bundle=made))
    assert [name for name, _ in found.bundles] == ["first (0123abcd)", "second (4567cdef)"]
    assert "second (4567cdef) from 2018-07-03" in found.text("en")
    assert found.to_dict()["bundles"]["second (4567cdef)"] == "2018-07-03"
    one = run(YEAR, settings=only("score"), screened=screened.assign(bundle="first"))
    assert "different models" not in one.text("en")
    assert '_models{model="any_2y"} 2.0' in metrics_text(found)


def test_what_was_deleted_since_does_not_change_what_is_kept(before):
    screened, _ = tables()
    kept = screened[screened["as_of"] >= "2018-07-01"]
    found = run(dt.date(2020, 2, 1), before.state, screened=kept)
    assert len(found.periods) == 25
    for key, stream in before.state.streams.items():
        assert found.state.streams[key].points[:24] == stream.points


def test_parts_and_columns_are_words_in_each_language():
    screened, _ = tables()
    late = screened["as_of"] >= "2018-02-01"
    frame = screened.assign(
        outcome=screened["outcome"].mask(late, "deny"),
        support=screened["support"].mask(late, "outside"),
        direction=screened["direction"].mask(late, "up"),
        age_years=screened["age_years"].mask(late, 90.0),
        prior_convictions=screened["prior_convictions"].mask(late),
        probability=screened["probability"].mask(late, 0.99),
    )
    names = ("outcomes", "support", "overrides", "features", "missing", "score")
    found = run(YEAR, settings=only(*names), screened=frame)
    often = {"nl": "Dat is vaker dan in de referentie.", "en": "more often than in the reference."}
    expected = {
        "outcomes": ("afwijzen", "deny"),
        "support": ("buiten het bereik", "outside what the model knows"),
        "overrides": ("meer vrijheid", "more liberty"),
        "features": ("leeftijd (age_years)", "age (age_years)"),
        "missing": ("eerdere veroordelingen", "earlier convictions"),
        "score": ("kans: ", "probability: "),
    }
    for key, said in expected.items():
        for lang, words in zip(LANGUAGES, said, strict=True):
            assert f" {words}" in found.says(found[key], lang)
            assert found.says(found[key], lang).endswith(often[lang])
    by_prison = run(YEAR, settings=only("calibration"))
    one = by_prison["calibration/prison=PI-01"]
    assert by_prison.name_of(one, "nl").endswith("inrichting PI-01")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("own: < 2", ("own: minder dan 2", "own: less than 2")),
        ("own: 2 – 3.5", ("own: 2 tot 3.5", "own: 2 up to 3.5")),
        ("own: >= 3.5", ("own: 3.5 of meer", "own: 3.5 or more")),
        ("own: unknown", ("own: onbekend", "own: unknown")),
        ("own: any", ("own: elke waarde", "own: any value")),
    ],
)
def test_a_bin_is_named_in_words(part, said):
    assert tuple(part_name("features", part, lang) for lang in LANGUAGES) == said


# -- what cannot be ----------------------------------------------------------------------------

PLAIN = b"""
title = "t"
owner = "o"
model = "any_2y"
from = 2018-01-01
[reference]
from = 2015-01-01
until = 2017-12-31
[[streams]]
kind = "calibration"
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((b"2018-01-01", b"2018-01-02"), "expected the first day of a month"),
        ((b"until = 2017-12-31", b"until = 2018-01-31"), "expected a day before from"),
        ((b"until = 2017-12-31", b"until = 2014-12-31"), "after reference.until"),
        ((b'"calibration"', b'"horoscope"'), "horoscope"),
        ((b'"calibration"', b'"calibration"\ntolerance = 0.5'), "tolerance is 0.5"),
        ((b'"calibration"', b'"cusum"\ntolerance = 1.0'), "and not 1"),
        ((b"[[streams]]", b"[[streams]]\nkind = 'score'\n[[streams]]\nkind='score'\n[[streams]]"),
         "score twice"),
        ((b'title = "t"', b'title = "t"\nlevel = 0.01'), "expected less than level"),
        ((b'title = "t"', b'title = "t"\ncolour = 1'), "colour"),
        ((b"[reference]", b"[timing]\ncurve = [[10, 0.5], [5, 1.0]]\n[reference]"), "days that rise"),
        ((b'title = "t"', b'title = "t'), "is no TOML"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_are_refused_in_one_sentence(change, said):
    with pytest.raises(MonitoringError, match=said) as refused:
        read_settings(PLAIN.replace(*change))
    assert "\n" not in str(refused.value)


def broken(**columns):
    frame = pd.DataFrame(
        {"person_id": ["case-0001"], "as_of": ["2020-01-01"], "probability": [0.5]}
    )
    return frame.assign(**columns)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (broken().drop(columns="as_of"), "no column as_of"),
        (broken().drop(columns="probability"), "any_2y_probability or probability"),
        (broken(probability=[1.5]), r"probability\[0\] is 1.5"),
        (broken(probability=["high"]), r"probability\[0\] is 'high'"),
        (broken(as_of=["1 May"]), r"as_of\[0\] is '1 May'"),
        (broken(as_of=[None]), r"as_of\[0\] is None"),
        (broken(person_id=[None]), r"person_id\[0\] is missing"),
        (broken(direction=["sideways"]), "direction is 'sideways'"),
        (broken(direction=["up"]), "decided_on is not"),
        (broken(direction=["up"], decided_on=["2019-01-01"]), "is before as_of"),
        (pd.concat([broken(), broken()]), "screened twice"),
    ],
)
def test_screenings_that_do_not_fit_are_refused(frame, said):
    with pytest.raises(MonitoringError, match=said):
        screenings_of(frame, "any_2y")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"start_on": "2020-01-01"}, "no column registered_on"),
        ({"start_on": "2020-01-02", "registered_on": "2020-01-01"}, "before start_on"),
        ({"start_on": None, "registered_on": None}, r"start_on\[0\] is None"),
    ],
)
def test_outcomes_that_do_not_fit_are_refused(row, said):
    with pytest.raises(MonitoringError, match=said):
        outcomes_of(pd.DataFrame([{"person_id": "case-0001", **row}]))


def test_streams_without_what_they_need_are_refused():
    screened, outcomes = tables()
    plain = screened.drop(columns=["direction", "decided_on"])
    with pytest.raises(MonitoringError, match="overrides has nothing to count"):
        run(settings=only("overrides"), screened=plain)
    with pytest.raises(MonitoringError, match="no column prison"):
        run(settings=only("calibration"), screened=screened.drop(columns="prison"))
    with pytest.raises(MonitoringError, match="needs outcomes"):
        monitor(only("slope"), screenings_of(screened, "any_2y"), as_of=END)
    with pytest.raises(MonitoringError, match="no screenings from 2015-01-01"):
        run(settings=only("score"), screened=screened[screened["as_of"] > "2018-01-01"])
    early = outcomes[outcomes["start_on"] > "2016-01-01"]
    with pytest.raises(MonitoringError, match="timing of outcomes cannot be learnt"):
        run(settings=only("slope"), outcomes=early)


def test_a_state_of_another_configuration_or_a_later_day_is_refused(before):
    with pytest.raises(MonitoringError, match="another configuration"):
        run(END, before.state, settings=msgspec.structs.replace(SETTINGS, level=0.1))
    with pytest.raises(MonitoringError, match="not over on the day asked"):
        run(dt.date(2019, 1, 1), before.state)
    renamed = msgspec.structs.replace(SETTINGS, title="another title")
    assert renamed.digest == SETTINGS.digest


# -- the command -------------------------------------------------------------------------------

FILES = ["--screened", str(FOLDER / "screened.parquet")]
FILES += ["--outcomes", str(FOLDER / "outcomes.parquet"), "--lang", "en"]
COMMAND = ["monitor", str(FOLDER / "settings.toml"), *FILES]


def test_the_command_says_alarms_by_its_exit_code_and_goes_on(tmp_path, capsys):
    state, prom = str(tmp_path / "state.json"), str(tmp_path / "out.prom")
    first = [*COMMAND, "--as-of", "2020-01-01", "--state", state]
    assert main(first) == 0
    assert "No alarm in" in capsys.readouterr().out
    page = str(tmp_path / "page.html")
    assert main([*COMMAND, "--as-of", "2023-01-01", "--state", state, "--json", "-o", page,
                 "--metrics", prom]) == 20  # fmt: skip
    plain = json.loads(capsys.readouterr().out)
    assert plain["alarms"] == ["slope"]
    assert plain["advice"]["slope"]
    assert 'stream="slope"' in open(prom).read()
    assert "<h1>" in open(page).read()
    # the alarm stands, but it is not one of the last period
    assert main([*COMMAND, "--as-of", "2023-01-01", "--state", state, "--new"]) == 0


def test_the_command_does_not_end_well_when_decisions_come_in_no_more(tmp_path, capsys):
    screened = pd.read_parquet(FOLDER / "screened.parquet")
    screened.loc[screened["as_of"].astype(str) >= "2018-10-01", "direction"] = None
    screened.to_parquet(tmp_path / "screened.parquet")
    words = ["--screened", str(tmp_path / "screened.parquet"), *FILES[2:]]
    command = ["monitor", str(FOLDER / "all_streams.toml"), *words, "--as-of", "2019-01-01"]
    assert main([*command, "--json"]) == 1
    plain = json.loads(capsys.readouterr().out)
    assert (plain["alarms"], "overrides" in plain["silent"]) == ([], True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["monitor", "absent.toml", *FILES], 3, "absent.toml"),
        ([*COMMAND, "--record", "x.db"], 3, "either --screened or --record"),
        (["monitor", str(FOLDER / "settings.toml")], 3, "either --screened or --record"),
        ([*COMMAND, "--state", "/nowhere/state"], 3, "/nowhere"),
        ([*COMMAND, "--as-of", "9999-01-01"], 3, "months that are yet to come"),
        ([*COMMAND, "--as-of", "2017-12-31"], 3, "until the first period begins"),
    ],
)
def test_what_is_typed_wrong_is_said(words, code, said, capsys):
    assert main(words) == code
    assert said in capsys.readouterr().err


def test_evidence_is_never_missing(whole):
    for one in whole.streams:
        assert math.isfinite(one.log_e)
