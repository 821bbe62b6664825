"""Alerts: each once, none of flicker, none that changes an outcome."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cases import example
from following import DAY, incident, inquiry, person, stay
from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.reading import fits_together
from risicoscreener.errors import DossierError, PolicyError
from risicoscreener.screening import latest_day
from risicoscreener.screening.picture import (
    BandLatch,
    CurrentPicture,
    Event,
    Watch,
    admissible,
    follow,
)
from strategies import as_of_days, dossiers

TODAY = dt.date.today()
CUTS = (0.10, 0.25)


class TestBands:
    @given(
        st.sampled_from(CUTS),
        st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 0.05), st.floats(0, 0.05))),
    )
    def test_a_probability_within_the_margin_of_a_cut_off_is_told_at_most_once(self, cut, moves):
        latch, margin = BandLatch(CUTS, 0.02), 0.02
        told = [
            latch.update(p := cut + margin * away, max(0.0, p - below), p + above)
            for away, below, above in moves
        ]
        assert sum(before is not None for before in told) <= 1

    @given(st.lists(st.floats(0, 1), min_size=1))
    def test_without_a_margin_or_interval_it_is_the_band_of_the_policy(self, probabilities):
        latch = BandLatch(CUTS, 0.0)
        for p in probabilities:
            latch.update(p)
            assert latch.band == sum(p >= cut for cut in CUTS)

    @given(st.lists(st.floats(0, 1), min_size=1))
    def test_it_is_never_further_than_the_margin_from_the_band_of_the_policy(self, probabilities):
        latch = BandLatch(CUTS, 0.03)
        for p in probabilities:
            latch.update(p)
            low, high = (sum(p + by >= cut for cut in CUTS) for by in (-0.03, 0.03))
            assert low <= latch.band <= high

    def test_it_enters_beyond_the_margin_or_when_the_interval_is_clear(self):
        latch = BandLatch(CUTS, 0.02)
        assert latch.update(0.05) is None
        assert latch.update(0.11, 0.08, 0.14) is None
        assert latch.update(0.11, 0.105, 0.115) == 0
        assert latch.update(0.085) is None
        assert latch.update(0.079) == 1
        assert latch.update(0.30) == 0
        assert latch.band == 2

    def test_what_is_no_probability_changes_nothing(self):
        latch = BandLatch(CUTS)
        latch.update(0.5)
        assert latch.update(float("nan")) is None
        assert latch.band == 2

    @pytest.mark.parametrize("margin", [-0.01, 0.075, 0.5])
    def test_a_margin_that_does_not_fit_is_refused(self, margin):
        with pytest.raises(PolicyError, match="margin"):
            BandLatch(CUTS, margin)


@pytest.fixture
def watch(inside) -> Watch:
    return Watch(inside, ahead_days=10)


def codes(alerts, decision=None):
    return [a.code for a in alerts if decision in (None, a.decision)]


def test_an_outcome_that_gets_worse_is_urgent(routes):
    watch = Watch(CurrentPicture(example("grant"), routes=routes))
    assert watch.picture.standing("leave").outcome == "grant"
    alerts = watch.add("conduct", incident("2024-04-16", "intolerable"))
    (outcome,) = [a for a in alerts if a.code == "outcome" and a.decision == "leave"]
    assert outcome.severity == "urgent"
    assert watch.picture.result("leave").outcome == "deny"
    for lang, word in (("nl", "DRINGEND"), ("en", "URGENT")):
        assert word in outcome.text(lang)


def test_a_date_is_told_before_it_comes_and_when_it_comes(watch):
    last_phase = dt.date(2023, 8, 26) - 365 * DAY
    alerts = watch.advance("2022-12-31")
    soon = [a for a in alerts if a.code == "admissible_soon" and a.decision == "leave"]
    assert [(a.day, a.due) for a in soon] == [(last_phase - 10 * DAY, last_phase)]
    reached = [a for a in alerts if a.code == "admissible_reached" and a.decision == "leave"]
    assert [a.day for a in reached] == [last_phase]
    met = [a for a in alerts if a.code == "requirement_met" and a.decision == "leave"]
    assert [a.day for a in met] == [last_phase]


def test_a_date_that_a_fact_brings_near_is_told_at_once(watch):
    later = stay(recorded_at="2022-02-01", supersedes="s", expected_release_on="2023-02-05")
    picture = CurrentPicture(person(), day="2022-01-03", routes=watch.picture.routes)
    picture.add("detentions", stay(fact_id="s", expected_release_on="2024-02-05"))
    picture.add("programme", dict.fromkeys(("recorded_at", "occurred_on"), "2022-01-10") | GOAL)
    fresh = Watch(picture, ahead_days=10)
    alerts = fresh.add("detentions", {**later, "conditional_release_on": "2023-02-05"})
    soon = [a for a in alerts if a.code == "admissible_soon" and a.decision == "leave"]
    assert [a.due for a in soon] == [dt.date(2022, 2, 5)]


@settings(max_examples=12, deadline=None)
@given(dossiers(), as_of_days(), st.integers(0, 60), st.data())
def test_what_comes_near_is_what_the_admissible_line_says(
    screener, routes, dossier, day, ahead, data
):
    kinds = data.draw(st.lists(st.sampled_from(screener.kinds), min_size=1, max_size=4))
    day = min(day, TODAY)
    assume(latest_day(dossier) <= TODAY and dossier.person.birth_date <= day)
    known = as_known(dossier, day)
    assume(fits_together(known, TODAY))  # a fact may be put right by one of later
    watch = Watch(CurrentPicture(known, day=day, routes=routes), ahead_days=ahead)
    told = [a for a in watch.opening if a.code == "admissible_soon" and a.decision in kinds]
    soon = {(a.decision, a.due) for a in told}
    line = admissible(
        dossier, list(dict.fromkeys(kinds)), day, until=day + ahead * DAY, screener=screener
    )
    expected = {(k.decision, w.first) for k in line.kinds for w in k.windows if w.first > day}
    assert soon == expected


GOAL = {
    "kind": "goal",
    "goal": "network",
    "supports_leave": True,
    "status": "open",
    "status_on": "2022-01-10",
}


def test_validity_is_told_once_and_again_after_someone_looked(watch):
    validity = watch.relied_on["leave"]
    alerts = watch.advance(validity + 30 * DAY)
    told = [a for a in alerts if a.code == "validity_expiring" and a.decision == "leave"]
    assert [(a.day, a.due) for a in told] == [(validity - 10 * DAY, validity)]
    watch.rely_on("leave")
    assert watch.relied_on["leave"] == watch.picture.result("leave").valid_until
    alerts = watch.advance(watch.relied_on["leave"])
    assert codes(alerts, "leave").count("validity_expiring") == 1


def test_an_assessment_that_expires_is_told_once(watch):
    done = {"kind": "deep_risk_assessment", "asked_on": "2022-02-01", "done_on": "2022-03-01"}
    watch.add(
        "assessments",
        {"recorded_at": "2022-03-01", "outcome": "favourable", "valid_until": "2022-06-01", **done},
    )
    alerts = [a for a in watch.advance("2022-07-01") if a.code == "assessment_expiring"]
    assert [(a.day, a.due) for a in alerts] == [(dt.date(2022, 5, 22), dt.date(2022, 6, 1))]


def test_a_victim_is_told_and_again_where_the_level_changes(watch):
    victim = {"known_on": "2022-02-01", "interest": "known", "protection_need": "high"}
    alerts = watch.add("victims", {"recorded_at": "2022-02-01", **victim})
    assert [a.severity for a in alerts if a.code == "victims_interest"] == ["urgent"]
    (changed,) = [a for a in alerts if a.code == "victims_changed" and a.decision == "leave"]
    assert changed.severity == "warning"


def test_a_correction_that_makes_a_victim_known_is_told_and_one_that_repeats_it_is_not(watch):
    none = {"recorded_at": "2022-02-01", "known_on": "2022-02-01", "interest": "none_known"}
    known = {**none, "interest": "known"}
    watch.add("victims", {**none, "fact_id": "first"})
    alerts = watch.add("victims", {**known, "fact_id": "second", "supersedes": "first"})
    assert "victims_interest" in codes(alerts)
    alerts = watch.add("victims", {**known, "fact_id": "third", "supersedes": "second"})
    assert "victims_interest" not in codes(alerts)


def test_a_correction_that_puts_an_offence_within_the_stay_is_told(watch):
    case = {"recorded_at": "2022-02-01", "offence_class": "drugs", "sanction": "custodial"}
    case |= {"severity": 3, "custodial_days": 30}
    days = {"offence_on": "2021-12-30", "judged_on": "2022-01-30"}
    watch.add("convictions", {**case, **days, "fact_id": "new"})
    days["offence_on"] = "2022-01-10"
    alerts = watch.add("convictions", {**case, **days, "fact_id": "right", "supersedes": "new"})
    assert "new_offence" in codes(alerts)


def test_a_victim_who_is_not_informed_is_told(watch):
    victim = {"known_on": "2022-02-01", "interest": "known", "contact_wish": "informed_only"}
    alerts = watch.add("victims", {"recorded_at": "2022-02-01", **victim})
    assert "victims_not_informed" in codes(alerts)


def test_an_offence_during_the_stay_is_told_and_an_older_one_is_not(watch):
    case = {"offence_class": "drugs", "sanction": "custodial", "severity": 3}
    old = {"recorded_at": "2022-02-01", "offence_on": "2021-01-01", "judged_on": "2022-01-20"}
    assert "new_offence" not in codes(watch.add("convictions", {**case, **old}))
    new = {"recorded_at": "2022-09-01", "offence_on": "2022-03-01", "judged_on": "2022-08-20"}
    alerts = watch.add("convictions", {**case, **new})
    assert [a.severity for a in alerts if a.code == "new_offence"] == ["urgent"]


def test_a_requirement_that_is_no_longer_met_is_told(watch):
    watch.picture.advance("2023-01-10")
    fresh = Watch(watch.picture)
    alerts = fresh.advance("2023-08-27")
    lost = [a for a in alerts if a.code == "requirement_not_met" and a.decision == "leave"]
    assert [a.day for a in lost] == [dt.date(2023, 8, 27)]


def test_what_is_no_longer_met_is_told_once_for_a_kind_and_only_where_all_was_met(routes):
    dossier = example("grant")
    dossier["detentions"][0]["fact_id"] = "stay"
    watched = Watch(CurrentPicture(dossier, routes=routes))
    barred = {kind for kind in watched.picture.kinds if not watched._admissible[kind]}
    assert "leave" not in barred
    released = dossier["detentions"][0] | {
        "fact_id": "release",
        "supersedes": "stay",
        "recorded_at": "2024-04-16",
        "released_on": "2024-04-16",
    }
    alerts = watched.add("detentions", released)
    lost = [a.decision for a in alerts if a.code == "requirement_not_met"]
    assert lost.count("leave") == 1
    assert len(lost) == len(set(lost))
    assert barred
    assert not barred & set(lost)


def test_a_watch_changes_no_outcome(routes, screener):
    watched = Watch(CurrentPicture(example("grant"), routes=routes), margin=0.04)
    watched.advance("2024-06-20")
    scratch = screener.screen(example("grant"), "leave", as_of="2024-06-20")
    assert watched.picture.result("leave") == scratch


def test_what_is_so_on_the_first_day_is_said_apart(routes):
    opening = Watch(CurrentPicture(example("grant"), routes=routes), ahead_days=30).opening
    assert "validity_expiring" in codes(opening)


def test_misuse_is_one_clear_error(inside):
    with pytest.raises(DossierError, match="ahead_days"):
        Watch(inside, ahead_days=-1)
    with pytest.raises(PolicyError, match="margin"):
        Watch(inside, margin=0.4)


class TestFollow:
    def test_a_stream_ends_where_the_picture_ends(self, routes, screener):
        events = [
            Event("detentions", stay()),
            *(Event("inquiries", inquiry(s)) for s in ("conduct", "victims", "liberties")),
            dt.date(2022, 6, 1),
            Event("conduct", incident("2022-07-01")),
        ]
        followed = follow(person(), events, routes=routes, until="2023-01-31")
        assert (followed.first, followed.last) == (dt.date(2022, 1, 3), dt.date(2023, 1, 31))
        for kind in ("leave", "low_security"):
            scratch = screener.screen(followed.picture.dossier, kind, as_of="2023-01-31")
            assert followed.picture.result(kind) == scratch
        for lang in ("nl", "en"):
            assert person()["person_id"] in followed.text(lang)

    def test_the_outcomes_are_those_of_each_day(self, routes, screener):
        followed = follow(example("grant"), [], routes=routes, until="2024-06-10")
        for kind in ("leave", "degradation"):
            if kind not in screener.kinds:
                continue
            spans = followed.outcomes(kind)
            assert spans[0].first == followed.first
            assert spans[-1].last == followed.last
            for before, after in pairwise(spans):
                assert after.first == before.last + DAY
            for span in spans:
                for day in {span.first, span.last}:
                    scratch = screener.screen(followed.picture.dossier, kind, as_of=day)
                    assert scratch.outcome == span.outcome

    def test_nothing_to_follow(self, routes):
        with pytest.raises(DossierError, match="no events"):
            follow(person(), [], routes=routes)
