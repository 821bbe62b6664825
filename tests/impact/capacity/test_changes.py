"""Rules on stays: conditional release by the law, and shares of stays."""

from __future__ import annotations

import numpy as np
import pytest

from impact.capacity.world import plain, stays_from
from risicoscreener.errors import ImpactError
from risicoscreener.impact.capacity import (
    ConditionalRelease,
    LowSecurity,
    Programme,
    Replaced,
    StayLength,
)
from risicoscreener.impact.capacity.changes import served_days
from risicoscreener.impact.capacity.donors import donors_of


@pytest.mark.parametrize(
    ("sentence", "most", "served"),
    [
        (300, 730, 300),
        (365, 730, 365),
        (665, 730, 465),
        (730, 730, 487),
        (900, 730, 600),
        (3000, 0, 2000),
        (3000, 730, 2270),
        (2190, 730, 1460),
    ],
)
def test_conditional_release_by_hand(sentence, most, served):
    assert served_days([sentence], most).tolist() == [served]


def table(**columns):
    rows = [
        {"arrived": -900, "left": -900 + 600, "kind": "sentence", "sentence_days": 900} | columns,
        {"arrived": -800, "left": -800 + 60, "kind": "sentence", "sentence_days": 60},
        {"arrived": -300, "left": -100, "kind": "sentence", "sentence_days": 300},
    ]
    return donors_of(stays_from(rows), "sentence", ["PI-01"], plain()).table


def test_conditional_release_is_for_those_with_a_date():
    with_date = ConditionalRelease(most_days=100).apply(table(conditional=-300))
    assert with_date.early_share.tolist() == [1, 0, 0]
    assert (with_date.length[0], with_date.early_length[0]) == (900, 800)
    without = ConditionalRelease(most_days=100, share=1.0).apply(table())
    assert without.early_share.tolist() == [0, 0, 0]
    nobody = ConditionalRelease(share=0.0).apply(table(conditional=-300))
    assert nobody.early_share.tolist() == [0, 0, 0]
    assert nobody.length[0] == 900


def test_who_was_not_released_on_the_date_is_not_counted_as_early():
    late = table(conditional=-900 + 500)
    assert late.early.tolist() == [False, False, False]


def test_low_security_and_programmes_by_hand():
    low = LowSecurity(share=0.4).apply(table())
    assert low.low_days.tolist() == [150, 0, 50]
    assert low.low_share.tolist() == [0.4, 0, 0.4]
    short = LowSecurity(share=0.4, most_days=30).apply(table())
    assert short.low_days.tolist() == [30, 0, 30]
    programme = Programme(share=0.5).apply(table())
    assert programme.programme_days.tolist() == [0, 0, 50]
    assert programme.programme_share.tolist() == [0, 0, 0.5]


def test_limits_on_the_sentence():
    kept = Replaced(share=1.0, sentence_until_days=91).apply(table()).keep
    assert kept.tolist() == [1, 0, 1]
    longer = StayLength(factor=2.0, add_days=1, sentence_from_days=200).apply(table()).length
    assert longer.tolist() == [1201, 60, 401]
    assert (StayLength(add_days=-1000).apply(table()).length == 0).all()


def test_the_rule_of_the_law_is_that_of_the_synthetic_cohort():
    import datetime as dt

    from risicoscreener.impact.capacity import Stays
    from risicoscreener.synthetic import simulate

    cohort = simulate(600, seed=3, population="sentenced")
    stays = Stays.of(
        cohort.tables, dt.date(2026, 6, 1), seen_from=dt.date(2010, 1, 1), index=cohort.index()
    )
    dated = stays.conditional >= 0
    assert dated.sum() > 100
    days = (stays.conditional - stays.arrived)[dated]
    old, new = (served_days(stays.sentence_days[dated], most) for most in (0, 730))
    fits = np.minimum(np.abs(days - old), np.abs(days - new)) <= 1
    assert fits.mean() > 0.97


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: StayLength(factor=-1), "change 'stay_length': factor is -1"),
        (lambda: Replaced(share=2), "change 'replaced': share is 2"),
        (lambda: Programme(share=0.5, most_days=0), "most_days is 0; expected a number from 1"),
        (lambda: LowSecurity(kinds=("x",)), "kinds has 'x'"),
    ],
)
def test_what_a_change_may_not_be(made, said):
    with pytest.raises(ImpactError, match=said):
        made()
