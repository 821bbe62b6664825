"""A batch and a single record give the same results, in every field."""

from __future__ import annotations

import datetime as dt
import re

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings

from cases import KINDS, example
from comparing import ROUNDING, differences
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import PolicyError
from risicoscreener.screening import latest_day
from risicoscreener.screening.result import ScreeningResult
from risicoscreener.screening.table import NOT_SCREENED
from strategies import as_of_days, dossier_sets


def assert_same(batch: ScreeningResult, single: ScreeningResult) -> None:
    assert not differences(batch.to_dict(), single.to_dict())


@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_synthetic_dossiers_are_screened_alike(screener, cohort, kind):
    index = cohort.truth.persons.reset_index()[["person_id", "as_of"]]
    screened = screener.screen_many(cohort.tables, kind, index)
    frame = screened.to_frame()
    compared = 0
    for row, dossier in enumerate(cohort.tables.to_dossiers()):
        day = index["as_of"][row].date()
        if screened.outcomes[row] == NOT_SCREENED:
            with pytest.raises(PolicyError):
                screener.screen(dossier, kind, as_of=day)
            continue
        single = screener.screen(dossier, kind, as_of=day)
        assert_same(screened.result(row), single)
        assert_columns_say(frame.iloc[row], single)
        compared += 1
    assert compared > 990
    assert len(set(screened.outcomes)) >= 3


def assert_columns_say(row: pd.Series, single: ScreeningResult) -> None:
    """The columns of the batch are what the result of the person says."""
    assert row["person_id"] == single.person_id
    assert row["as_of"].date() == single.as_of
    assert row["outcome"] == single.outcome
    assert row["policy"] == single.policy.id
    assert row["rule"] == single.rule.id
    for domain in single.domains:
        assert row[domain.name] == domain.level
    for model in single.models:
        assert row[f"{model.name}_probability"] == model.probability
        assert row[f"{model.name}_lower"] == pytest.approx(model.lower, rel=ROUNDING)
        assert row[f"{model.name}_upper"] == pytest.approx(model.upper, rel=ROUNDING)
        assert row[f"{model.name}_support"] == model.support
        assert tuple(row[f"{model.name}_reason_{i}"] for i in (1, 2, 3)) == model.reasons
    for level in ("not_met", "unknown"):
        found = [r.name for r in single.requirements if r.level == level]
        assert list(row[f"requirements_{level}"]) == found
    assert list(row["conditions"]) == [c.id for c in single.conditions]


@settings(max_examples=60, deadline=None)
@given(dossier_sets(), as_of_days())
def test_generated_dossiers_are_screened_alike(screener, dossiers, as_of):
    as_of = min(as_of, dt.date.today())
    listed = [d for d in dossiers if d.person.birth_date <= as_of and not _of_the_future(d)]
    assume(listed)
    tables = DossierTables.from_dossiers(listed)
    for kind in KINDS:
        screened = screener.screen_many(tables, kind, as_of)
        outcomes = screened.outcomes
        for row, dossier in enumerate(listed):
            try:
                single = screener.screen(dossier, kind, as_of=as_of)
            except PolicyError as error:
                assert outcomes[row] == NOT_SCREENED
                with pytest.raises(PolicyError, match=re.escape(str(error))):
                    screened.result(row)
            else:
                assert outcomes[row] == single.outcome
                assert_same(screened.result(row), single)


def _of_the_future(dossier) -> bool:
    return latest_day(dossier) > dt.date.today()


def test_rows_without_a_policy_are_counted_and_the_others_screened(screener, granted):
    old = example("deny")
    for fact in (*old["convictions"], *old["detentions"]):
        fact["judged_on"] = "1996-03-01"
        fact["offence_on"] = "1996-02-21"
    old["person"]["birth_date"] = "1970-01-01"
    for fact in old["detentions"]:
        del fact["offence_on"]
    old["convictions"] = []
    tables = DossierTables.from_dossiers([read_dossier(granted), read_dossier(old)])
    screened = screener.screen_many(tables, "conditional_release", "2024-04-15")
    assert screened.counts()["not_screened"] == 1
    row = screened.to_frame().iloc[1]
    assert row[["outcome", "policy", "rule", "conduct"]].isna().all()
    assert len(row["requirements_not_met"]) == 0
    assert "1 not_screened" in repr(screened)


def test_several_days_of_one_person_are_several_rows(screener, cohort):
    person = cohort.truth.persons.index[0]
    last = cohort.truth.persons["as_of"].iloc[0]
    days = pd.date_range(last - pd.Timedelta(days=60), last, freq="20D")
    index = pd.DataFrame({"person_id": person, "as_of": days})
    screened = screener.screen_many(cohort.tables, "leave", index)
    dossier = next(cohort.tables.to_dossiers())
    for row, day in enumerate(days):
        assert_same(screened.result(row), screener.screen(dossier, "leave", as_of=day.date()))


def test_threads_and_blocks_do_not_change_anything(screener, cohort, monkeypatch):
    index = cohort.truth.persons.reset_index()[["person_id", "as_of"]]
    whole = screener.screen_many(cohort.tables, "leave", index, n_threads=1).to_frame()
    monkeypatch.setattr("risicoscreener.screening.many.BLOCK", 97)
    parts = screener.screen_many(cohort.tables, "leave", index, n_threads=3).to_frame()
    numbers = [name for name in whole if whole[name].dtype == np.float64]
    pd.testing.assert_frame_equal(whole[numbers], parts[numbers], rtol=ROUNDING)
    pd.testing.assert_frame_equal(whole.drop(columns=numbers), parts.drop(columns=numbers))


def test_results_survive_json(screener, cohort):
    result = screener.screen_many(
        cohort.tables, "leave", cohort.truth.persons.reset_index()[["person_id", "as_of"]]
    ).result(3)
    assert ScreeningResult.from_json(result.to_json()) == result
    assert msgspec.json.decode(result.to_json()) == result.to_dict()
