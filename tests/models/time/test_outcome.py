"""Time and cause from events, competing events, the day of reading and the lag."""

import numpy as np
import pandas as pd
import pytest

from risicoscreener.errors import ModelError
from risicoscreener.models.time import (
    TimeToEvent,
    as_time_to_event,
    follow_up,
    follow_up_from_dates,
)

NAN = float("nan")


def test_someone_without_event_is_followed_until_the_registers_are_complete():
    y = follow_up([NAN], 400.0, lag_days=90)
    assert (y.time[0], y.cause[0]) == (310.0, 0)


def test_an_event_within_the_lag_does_not_count_because_others_are_not_yet_registered():
    y = follow_up([350.0, 310.0], 400.0, lag_days=90)
    assert y.time.tolist() == [310.0, 310.0]
    assert y.cause.tolist() == [0, 1]


def test_someone_of_whom_nothing_is_complete_has_time_0_and_no_event():
    y = follow_up([0.0, 10.0], [90.0, 50.0], lag_days=90)
    assert y.time.tolist() == [0.0, 0.0]
    assert y.cause.tolist() == [0, 0]


def test_the_first_of_event_and_competing_events_ends_follow_up():
    y = follow_up(
        [10.0, 30.0, NAN],
        100.0,
        competing={"death": [20.0, 20.0, NAN], "deportation": [NAN, 15.0, 40.0]},
    )
    assert y.time.tolist() == [10.0, 15.0, 40.0]
    assert y.cause.tolist() == [1, 3, 3]
    assert y.names == ("event", "death", "deportation")


def test_on_one_day_the_event_comes_first_and_then_the_order_given():
    y = follow_up([5.0, NAN], 9.0, competing={"death": [5.0, 5.0], "deportation": [5.0, 5.0]})
    assert y.cause.tolist() == [1, 2]


def test_years_become_days():
    y = follow_up([1.0], 3.0, unit="years", limit_days=730.0)
    assert (y.time[0], y.cause[0]) == (365.25, 1)
    assert follow_up([NAN], 3.0, unit="years", limit_days=730.0).time[0] == 730.0


def test_dates_give_what_days_give():
    start = pd.to_datetime(["2020-01-01", "2020-03-01"])
    event = pd.to_datetime(["2020-01-11", None])
    death = pd.to_datetime([None, "2021-03-01"])
    found = follow_up_from_dates(
        start, event, "2022-01-01", competing={"death": death}, lag_days=100
    )
    assert found.time.tolist() == [10.0, 365.0]
    assert found.cause.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: follow_up([-1.0], 9.0), "before the start of follow-up; not so in 1 row"),
        (lambda: follow_up([1.0], NAN), "observed must be known"),
        (lambda: follow_up([1.0], 9.0, competing={"death": [1.0, 2.0]}), "death has 2 rows; 1"),
        (lambda: follow_up([1.0], 9.0, lag_days=-1), "lag_days"),
        (lambda: follow_up([1.0], 9.0, unit="weeks"), "give 'days' or 'years'"),
        (lambda: follow_up([np.inf], 9.0), "NaN means that none is known"),
        (
            lambda: follow_up_from_dates(["2020-01-02"], ["2020-01-01"], "2021-01-01"),
            "before the start",
        ),
        (lambda: follow_up_from_dates([None], [None], "2021-01-01"), "start must be known"),
        (lambda: follow_up_from_dates(["soon"], [None], "2021-01-01"), "start is no date"),
        (lambda: TimeToEvent([1.0, -2.0], [0, 1]), "at least 0; not so in 1 row.*the first: 1"),
        (lambda: TimeToEvent([1.0], [0.5]), "cause must be 0"),
        (lambda: TimeToEvent([1.0], [0, 1]), "1, 2 and 1 rows"),
        (lambda: TimeToEvent([1.0], [1], [NAN]), "weight must be"),
        (lambda: TimeToEvent([1.0], [2], names=("offence",)), "1 names were given for 2 causes"),
        (lambda: TimeToEvent(["x"], [1]), "time holds what is no number"),
    ],
)
def test_bad_input_is_named_with_what_was_expected(call, message):
    with pytest.raises(ModelError, match=message):
        call()


def test_a_shorter_horizon_censors_what_comes_later_and_keeps_its_last_day():
    y = TimeToEvent([10.0, 20.0, 30.0], [1, 2, 1]).within(20.0)
    assert y.time.tolist() == [10.0, 20.0, 20.0]
    assert y.cause.tolist() == [1, 2, 0]


def test_an_outcome_is_read_from_a_frame_an_array_and_that_of_scikit_survival():
    y = TimeToEvent([10.0, 20.0], [1, 0])
    frame = pd.DataFrame({"time": y.time, "cause": y.cause})
    boolean = np.array([(True, 10.0), (False, 20.0)], dtype=[("died", bool), ("days", float)])
    for form in (frame, y.to_structured(), boolean):
        found = as_time_to_event(form)
        assert found.time.tolist() == [10.0, 20.0]
        assert found.cause.tolist() == [1, 0]


def test_another_form_is_refused_with_the_forms_that_are_taken():
    with pytest.raises(ValueError, match="must be a TimeToEvent, or have the columns time"):
        as_time_to_event(np.array([1.0, 2.0]))


def test_given_weights_multiply_those_of_the_outcome():
    y = as_time_to_event(TimeToEvent([1.0], [1], [3.0]), [2.0])
    assert y.weight.tolist() == [6.0]
    with pytest.raises(ValueError, match="sample_weight has shape"):
        as_time_to_event(y, [1.0, 2.0])


def test_rows_can_be_chosen_by_mask_positions_and_slice():
    y = TimeToEvent([1.0, 2.0, 3.0], [0, 1, 2], names=("a", "b"))
    assert y[np.array([True, False, True])].time.tolist() == [1.0, 3.0]
    assert y[[2, 0]].cause.tolist() == [2, 0]
    assert len(y[1:]) == 2
    assert y[0].names == ("a", "b")
