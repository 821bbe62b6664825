"""A dossier as it stood on a day."""

from __future__ import annotations

import datetime as dt

from hypothesis import given

from risicoscreener.dossier.known import as_known
from risicoscreener.features import catalogue
from risicoscreener.features.one import compile_one
from strategies import as_of_days, dossiers

DAY = dt.timedelta(days=1)


@given(dossiers(), as_of_days())
def test_what_came_later_changes_no_feature_of_that_day(dossier, day):
    features_of = compile_one(catalogue().plan(list(catalogue())))
    before, after = features_of(dossier, day), features_of(as_known(dossier, day), day)
    assert list(map(repr, before)) == list(map(repr, after))


@given(dossiers(), as_of_days())
def test_what_is_known_on_a_day_stays_known_and_nothing_is_added(dossier, day):
    once = as_known(dossier, day)
    assert as_known(once, day) == once
    assert as_known(as_known(dossier, day + 30 * DAY), day) == once
