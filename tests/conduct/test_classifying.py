"""A grade per week and for six weeks, the same of a record, of tables, and by the features."""

from __future__ import annotations

import datetime as dt

import msgspec
import pandas as pd
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from conduct_lives import DAY, definitions, lives, local
from risicoscreener.conduct import CATEGORIES, Definitions, classify, regrade
from risicoscreener.decision import PolicyBook
from risicoscreener.decision.policy import QUARANTINED_ROWS
from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.record import Conduct, Detention, Dossier, Person
from risicoscreener.errors import ConductError
from risicoscreener.features import catalogue, compute_features
from risicoscreener.features.one import compile_one


def conduct(ago: int, **changes):
    usual = {
        "kind": "incident",
        "category": "living_climate",
        "grade": "undesired",
        "subject": "other",
    }
    day = DAY - dt.timedelta(days=ago)
    return Conduct(**{"occurred_on": day, "recorded_at": day, **usual, **changes})


def dossier(*rows, **more):
    person = Person(birth_date=dt.date(1990, 1, 1), sex="male")
    return Dossier(person_id="p1", person=person, conduct=list(rows), **more)


def in_pi_01(*rows):
    stay = Detention(
        recorded_at=dt.date(2020, 1, 1),
        arrived_on=dt.date(2020, 1, 1),
        regime="sentence",
        prison="PI-01",
    )
    return dossier(*rows, detentions=[stay])


def reviews(weeks: int, **changes):
    return [
        conduct(7 * k, **{"kind": "week_review", "category": c, "grade": "desired", **changes})
        for k in range(weeks)
        for c in CATEGORIES
    ]


def test_six_weeks_of_desired_reviews_are_desired():
    found = classify(dossier(*reviews(6)), DAY)
    assert found.six_weeks_desired is True
    assert [week.grade for week in found.weeks] == ["desired"] * 12


def test_a_week_without_a_review_is_not_recorded_even_with_a_positive_act():
    found = classify(dossier(conduct(3, kind="positive_act", grade="desired")), DAY)
    assert {week.grade for week in found.weeks} == {None}
    assert found.six_weeks_desired is None
    assert "not recorded" in found.text("en")


def test_nobody_looked_is_said():
    found = classify(dossier(), DAY)
    assert not found.consulted
    assert found.six_weeks_desired is None
    assert "were not consulted" in found.text("en")


def test_what_is_worse_counts_above_a_review():
    found = classify(dossier(*reviews(7), conduct(10, subject="late", grade="desired")), DAY)
    assert found.of("living_climate").grade == "undesired"
    assert found.of("reintegration").grade == "desired"
    assert found.six_weeks_desired is False
    assert found.weeks[7].grade == "undesired"
    row = next(row for row in found.rows if row.kind == "incident")
    assert (row.recorded, row.grade) == ("desired", "undesired")
    assert [rule.id for rule in row.rules] == ["incident_is_undesired", "late"]
    assert "recorded as desired, counts as undesired" in found.text("en")
    assert "vastgelegd als gewenst, telt als ongewenst" in found.text("nl")


def test_the_rule_of_the_day_of_the_conduct_applies():
    # On 30 September 2020 the rule that names vandalism was not yet in force.
    days = [(DAY - dt.date(2020, 9, 30)).days, (DAY - dt.date(2020, 10, 1)).days]
    rows = [conduct(ago, subject="vandalism", category="living_climate") for ago in days]
    found = classify(dossier(*rows), DAY)
    assert [row.grade for row in found.rows] == ["intolerable"]
    changed = regrade(dossier(*rows), DAY)
    assert [row.grade for row in changed.conduct] == ["undesired", "intolerable"]


def test_a_prison_adds_what_counts_there_from_its_day_on():
    late = [conduct(ago, subject="late") for ago in (20, 12, 8, 2)]
    known = Definitions.shipped().and_also(local())
    there = regrade(in_pi_01(*late), DAY, definitions=known)
    assert [row.grade for row in there.conduct] == [
        "undesired",
        "undesired",
        "intolerable",
        "intolerable",
    ]
    elsewhere = regrade(dossier(*late), DAY, definitions=known)
    assert [row.grade for row in elsewhere.conduct] == ["undesired"] * 4
    later = Definitions.shipped().and_also(local(valid_from=dt.date(2020, 10, 15)))
    assert regrade(in_pi_01(*late), DAY, definitions=later).conduct[2].grade == "undesired"


@pytest.mark.parametrize(
    "changes", [{"grade": "undesired"}, {"grade": "desired", "discipline": "isolation"}]
)
def test_a_positive_act_that_contradicts_itself_counts_as_an_incident(changes):
    given_ = dossier(*reviews(6), conduct(3, kind="positive_act", **changes))
    found = classify(given_, DAY)
    assert found.six_weeks_desired is False
    row = found.rows[-1]
    assert (row.kind, row.counts_as, row.grade) == ("positive_act", "incident", "undesired")
    assert "recorded as positive act, counts as incident" in found.text("en")
    assert regrade(given_, DAY).conduct[-1].kind == "incident"


def test_what_was_recorded_as_worse_stays_worse():
    worse = dossier(conduct(3, subject="late", grade="intolerable"))
    assert regrade(worse, DAY) == worse


def test_the_dossier_that_is_given_is_not_changed():
    given_ = dossier(conduct(3, subject="aggression"))
    before = msgspec.json.encode(given_)
    regrade(given_, DAY)
    assert msgspec.json.encode(given_) == before


PROMOTION = PolicyBook.shipped().pick("promotion", DAY)
NAMES = (
    "desired_weeks_reintegration_6w",
    "desired_weeks_living_climate_6w",
    "intolerable_incidents_6w",
    "undesired_incidents_6w",
)


def level_of_promotion(life: Dossier) -> str:
    """The level of conduct that the policy on promotion reads from the features."""
    names = [name for name in PROMOTION.inputs if name != QUARANTINED_ROWS]
    found = compile_one(catalogue().plan(names))(life, DAY)
    values = dict(zip(names, found, strict=True))
    place = next(i for i, d in enumerate(PROMOTION.policy.domains) if d.id == "conduct")
    levels = [*(level.id for level in PROMOTION.policy.domains[place].levels), "unknown"]
    return levels[PROMOTION.readings[place].level([values.get(n, 0.0) for n in PROMOTION.inputs])]


@given(lives(), definitions())
@settings(max_examples=150, deadline=None)
def test_six_weeks_are_what_the_policy_on_promotion_reads_in_the_regraded_dossier(life, known):
    found = classify(life, DAY, definitions=known)
    level = level_of_promotion(regrade(life, DAY, definitions=known))
    grades = {part.grade for part in found.period}
    worst = next((g for g in ("intolerable", "undesired") if g in grades), None)
    event(level)
    if worst is not None:
        assert level == worst
    elif found.six_weeks_desired:
        assert level == "desired"
    else:
        assert level == ("not_shown" if found.consulted else "unknown")


@given(
    st.lists(st.integers(0, 2), max_size=4).flatmap(
        lambda n: st.tuples(*(lives(f"p{i}") for i in range(len(n))))
    ),
    definitions(),
)
@settings(max_examples=80, deadline=None)
def test_tables_are_graded_and_classified_as_records_are(people, known):
    whole = DossierTables.from_dossiers(people)
    changed = regrade(whole, DAY, definitions=known)
    assert list(changed.to_dossiers()) == [regrade(p, DAY, definitions=known) for p in people]
    frame = classify(whole, DAY, definitions=known, weeks=7)
    for person in people:
        found = classify(person, DAY, definitions=known, weeks=7)
        row = frame.loc[person.person_id]
        for part in found.period:
            assert _plain(row[f"{part.category}_6w"]) == part.grade
            assert row[f"{part.category}_desired_weeks"] == part.desired_weeks
        for week in found.weeks:
            k = (DAY - week.ends_on).days // 7 + 1
            assert _plain(row[f"{week.category}_week_{k}"]) == week.grade


def _plain(value):
    return None if pd.isna(value) else value


@given(lives(), definitions())
@settings(deadline=None)
def test_features_of_regraded_tables_are_those_of_the_regraded_record(life, known):
    changed = regrade(DossierTables.from_dossiers([life]), DAY, definitions=known)
    values = compute_features(changed, DAY, NAMES, definitions=catalogue()).values[0]
    one = compile_one(catalogue().plan(NAMES))(regrade(life, DAY, definitions=known), DAY)
    assert pd.Series(values).equals(pd.Series(one))


@given(lives(), definitions())
@settings(deadline=None)
def test_no_row_becomes_milder_and_nothing_recorded_later_matters(life, known):
    order = ("desired", "undesired", "intolerable")
    changed = regrade(life, DAY, definitions=known)
    for before, after in zip(life.conduct, changed.conduct, strict=True):
        assert order.index(after.grade) >= order.index(before.grade)
        if before.recorded_at > DAY:
            assert after == before
    found = classify(life, DAY, definitions=known)
    then = classify(as_known(life, DAY), DAY, definitions=known)
    assert [w.grade for w in found.weeks] == [w.grade for w in then.weeks]
    assert [p.grade for p in found.period] == [p.grade for p in then.period]


@given(lives(), definitions())
@settings(deadline=None)
def test_grading_twice_is_grading_once(life, known):
    once = regrade(life, DAY, definitions=known)
    assert regrade(once, DAY, definitions=known) == once


@given(lives())
@settings(deadline=None)
def test_every_text_is_there_in_two_languages(life):
    found = classify(life, DAY)
    for lang in ("nl", "en"):
        assert "{" not in found.text(lang)
        assert "<li>" in found.html(lang)


def test_the_strip_has_a_block_for_each_week():
    pytest.importorskip("matplotlib").use("Agg")
    ax = classify(dossier(*reviews(3), conduct(2)), DAY).plot(language="en")
    marks = [patch.get_gid() for patch in ax.patches]
    assert len(marks) == 12
    assert marks.count("living_climate:undesired") == 1
    assert marks.count("reintegration:not_recorded") == 3


@pytest.mark.parametrize("weeks", [0, -1, True, 2.0, 523])
def test_weeks_that_cannot_be_meant_are_refused(weeks):
    with pytest.raises(ConductError, match="weeks is"):
        classify(dossier(), DAY, weeks=weeks)


@pytest.mark.parametrize("source", [None, {}, "x"])
def test_what_is_no_dossier_is_refused(source):
    with pytest.raises(ConductError, match="expected a Dossier or DossierTables"):
        classify(source, DAY)


def test_a_day_before_any_record_is_refused():
    with pytest.raises(ConductError, match="expected a day from 1900-01-01"):
        classify(dossier(), dt.date.min, weeks=2)


def test_a_time_is_no_day():
    with pytest.raises(ConductError, match="as_of is"):
        classify(dossier(), dt.datetime(2020, 1, 1))
