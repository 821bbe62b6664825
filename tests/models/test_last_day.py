"""A bundle that has a last day of use warns from its review date, and refuses after that day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from risicoscreener.errors import BundleError
from risicoscreener.models import Bundle
from risicoscreener.models.difference import compare_bundles

DAY = dt.timedelta(days=1)


@pytest.fixture
def limited(bundle: Bundle) -> Bundle:
    return bundle.with_use_until(bundle.review_on + 90 * DAY, on=bundle.created, by="owner")


def test_it_is_current_then_warns_then_refuses(limited: Bundle) -> None:
    last = limited.use_until
    assert last is not None
    found = [
        limited.standing(day)
        for day in (limited.review_on - DAY, limited.review_on, last, last + DAY)
    ]
    assert found == ["current", "review_due", "review_due", "refused"]
    limited.check_usable(last)
    with pytest.raises(BundleError, match=f"{last} by its own rule.*owner"):
        limited.check_usable(last + DAY)


def test_without_a_last_day_it_warns_and_does_not_refuse(bundle: Bundle) -> None:
    assert bundle.use_until is None
    assert bundle.standing(dt.date.max) == "review_due"
    bundle.check_usable(dt.date.max)


def test_a_last_day_before_the_review_date_is_refused(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="a bundle warns before it refuses"):
        bundle.with_use_until(bundle.review_on - DAY, on=bundle.created, by="owner")
    same = bundle.with_use_until(bundle.review_on, on=bundle.created, by="owner")
    assert same.standing(bundle.review_on) == "review_due"


def test_a_bundle_without_one_has_the_hash_that_it_had(bundle: Bundle) -> None:
    assert "use_until" not in bundle._content()
    assert b"use_until" not in bundle.to_bytes()


def test_the_last_day_is_in_the_file_its_hash_and_its_history(
    bundle: Bundle, limited: Bundle, tmp_path: Path
) -> None:
    assert limited.sha256 != bundle.sha256
    loaded = Bundle.load(limited.save(tmp_path / "bundle.json"))
    assert loaded == limited
    assert loaded.history[-1].note == f"to be used until {limited.use_until}"
    undone = limited.with_use_until(None, on=limited.created, by="owner")
    assert (undone.use_until, len(undone.history)) == (None, len(bundle.history) + 2)


def test_verifying_says_whether_it_refuses(limited: Bundle) -> None:
    last = limited.use_until
    assert last is not None
    checks = {
        day: {name: passed for name, passed, _ in limited.verify(on=day).checks}
        for day in (limited.created, last, last + DAY)
    }
    assert [c["last day of use"] for c in checks.values()] == [True, True, False]
    assert [c["review date"] for c in checks.values()] == [True, False, False]


def test_a_change_of_it_is_told(bundle: Bundle, limited: Bundle) -> None:
    told = compare_bundles(bundle, limited).text("en")
    assert "To be used until" in told
    assert str(limited.use_until) in told
