"""Per 1,000 people: who falls in which band of a policy, and who has the outcome."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.utility import at_cut_offs

PEOPLE = Sample.of([0.05, 0.1, 0.2, 0.2, 0.3, 0.5, 0.6, 0.9], [0, 0, 0, 1, 0, 1, 0, 1])
NAMES = ("grant", "deep assessment", "deny")


def test_bands_of_three_decisions_are_counted_per_thousand():
    found = at_cut_offs(PEOPLE, [0.2, 0.5], names=NAMES)
    people = [band["people_in_band"].value for band in found.bands]
    events = [band["events_in_band"].value for band in found.bands]
    assert people == [250, 375, 375]
    assert events == [0, 125, 250]
    assert [band.name for band in found.bands] == list(NAMES)
    assert [(band.low, band.high) for band in found.bands] == [(0, 0.2), (0.2, 0.5), (0.5, 1)]


def test_deep_assessments_for_each_person_with_the_outcome_are_those_of_the_middle_band():
    middle = at_cut_offs(PEOPLE, [0.2, 0.5]).bands[1]
    rate, per_event = middle["rate_in_band"], middle["people_per_event"]
    assert per_event.value == pytest.approx(3)
    assert (per_event.low, per_event.high) == pytest.approx((1 / rate.high, 1 / rate.low))
    assert (rate.n, rate.events) == (3, 1)


def test_a_band_without_the_outcome_has_no_number_per_event_but_a_bounded_rate():
    lowest = at_cut_offs(PEOPLE, [0.2, 0.5]).bands[0]
    assert lowest["people_per_event"].problem == "no_events_in_band"
    assert lowest["rate_in_band"].value == 0
    assert lowest["rate_in_band"].high > 0.5


def test_an_empty_band_holds_nobody():
    band = at_cut_offs(PEOPLE, [0.95]).bands[1]
    assert band["people_in_band"].value == 0
    assert band["rate_in_band"].problem == "nobody"
    assert band["people_per_event"].problem == "no_events_in_band"


@given(
    st.lists(st.tuples(st.integers(0, 10), st.integers(0, 1)), min_size=1, max_size=30),
    st.sets(st.integers(1, 9), min_size=1, max_size=4),
)
def test_bands_hold_everybody_once(rows, cuts):
    p, y = np.array(rows, dtype=float).T
    found = at_cut_offs(Sample.of(p / 10, y), sorted(c / 10 for c in cuts))

    def total(name):
        return sum(band[name].value for band in found.bands)

    assert total("people_in_band") == pytest.approx(1000)
    assert total("events_in_band") == pytest.approx(1000 * y.mean())
    assert total("events_in_band") + total("others_in_band") == pytest.approx(1000)


def test_rows_of_one_person_make_intervals_wider():
    p, y = np.tile([0.1, 0.3, 0.6, 0.8] * 10, 3), np.tile([0, 0, 1, 1] * 10, 3)
    apart = at_cut_offs(Sample.of(p, y), [0.5]).bands[1]["people_in_band"]
    together = at_cut_offs(Sample.of(p, y, cluster=np.tile(np.arange(40), 3)), [0.5]).bands[1]
    together = together["people_in_band"]
    assert together.value == apart.value
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_a_result_can_be_read_as_a_table_and_as_plain_values():
    found = at_cut_offs(PEOPLE, [0.2, 0.5], names=NAMES)
    frame = found.to_frame()
    assert len(frame) == 3 * 6
    assert set(frame["band"]) == set(NAMES)
    plain = found.to_dict()
    assert plain["bands"][2]["people_in_band"]["value"] == 375
    assert "deny" in found._repr_html_()


@pytest.mark.parametrize("cut_offs", [[], [0.5, 0.2], [0.0], [0.2, 0.2], [1.0]])
def test_cut_offs_that_make_no_bands_are_refused(cut_offs):
    with pytest.raises(EvaluationError, match="between 0 and 1, lowest first"):
        at_cut_offs(PEOPLE, cut_offs)


def test_each_band_wants_a_name():
    with pytest.raises(EvaluationError, match="2 names for 3 bands"):
        at_cut_offs(PEOPLE, [0.2, 0.5], names=("yes", "no"))
