"""People of whom there are features instead of facts go through the same chain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cases import KINDS, example
from risicoscreener.errors import DossierError, FeatureError, PolicyError
from risicoscreener.features import compute_features


@pytest.mark.parametrize("kind", KINDS)
def test_the_features_of_dossiers_give_what_the_dossiers_give(screener, cohort, kind):
    """On one day for all, so that the day picks the same version of the policy."""
    day = pd.Timestamp(2023, 5, 1)
    from_facts = screener.screen_many(cohort.tables, kind, day.date())
    names = list(screener.route(kind).names)
    values = compute_features(cohort.tables, day.date(), names)
    frame = pd.DataFrame(values.values, index=values.person_ids.to_pylist(), columns=names)
    from_features = screener.screen_features(frame, kind, day.date())
    assert from_features.counts() == from_facts.counts()
    pd.testing.assert_frame_equal(from_features.to_frame(), from_facts.to_frame())
    for row in range(0, 1000, 100):
        if from_facts.outcomes[row] != "not_screened":
            assert from_features.result(row) == from_facts.result(row)


def table(**columns):
    return pd.DataFrame(columns, index=pd.Index(["a", "b"], name="person_id"))


def test_a_feature_without_a_column_is_unknown_and_unknown_never_grants(screener):
    screened = screener.screen_features(table(age_years=[30.0, 40.0]), "leave", "2024-04-15")
    assert screened.counts()["grant"] == 0
    result = screened.result(1)
    assert result.person_id == "b"
    assert result.values["age_years"] == 40.0
    assert result.values["prior_convictions"] is None
    assert result.missing


def test_all_known_and_good_is_granted_so_that_the_tests_here_mean_something(screener):
    result = screener.screen(example("grant"), "leave")
    frame = pd.DataFrame([result.values], index=["EXAMPLE-GRANT"]).astype(float)
    screened = screener.screen_features(frame, "leave", result.as_of)
    assert screened.outcomes.tolist() == ["grant"]
    frame["victims_known"] = np.nan
    assert screener.screen_features(frame, "leave", result.as_of).outcomes.tolist() != ["grant"]


def test_whole_numbers_flags_and_absent_values_of_pandas_are_read(screener):
    frame = table(
        age_years=pd.array([30, None], "Int64"), in_ebi=[True, False], prior_convictions=[1, 2]
    )
    screened = screener.screen_features(frame, "leave", "2024-04-15")
    assert screened.result(0).values["in_ebi"] == 1.0
    assert screened.result(1).values["age_years"] is None


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"shoe_size": [42, 43]}, "shoe_size"),
        ({"age_years": ["thirty", "forty"]}, "no numbers in age_years"),
        ({"age_years": [30.0, np.inf]}, "infinite values of age_years"),
        ({"deep_assessment_state": [0.0, 2.5]}, "whole number"),
        ({"plan_goals_refused": [np.nan, 0.5]}, "whole number"),
        ({"age_years": [30.0 + 1j, 40.0]}, "no numbers in age_years"),
        ({"age_years": [30.0, 121.0]}, r"age_years = 121 in row 1; expected a value from 10 to"),
        ({"incidents_6m": [-1, 0]}, r"incidents_6m = -1 in row 0; .*\(1 row\(s\)"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(screener, columns, said):
    with pytest.raises(FeatureError, match=said):
        screener.screen_features(table(**columns), "leave", "2024-04-15")


def test_a_column_given_twice_a_wrong_day_and_a_wrong_kind_are_refused(screener):
    twice = pd.concat([table(age_years=[30, 40]), table(age_years=[50, 60])], axis=1)
    with pytest.raises(FeatureError, match="more than once"):
        screener.screen_features(twice, "leave", "2024-04-15")
    with pytest.raises(DossierError, match="YYYY-MM-DD"):
        screener.screen_features(table(), "leave", "soon")
    with pytest.raises(PolicyError, match="holiday"):
        screener.screen_features(table(), "holiday")


def test_what_is_no_table_or_lacks_an_id_is_refused(screener):
    with pytest.raises(FeatureError, match="of type list; expected a pandas DataFrame"):
        screener.screen_features([30.0], "leave", "2024-04-15")
    with pytest.raises(FeatureError, match="lacks an id"):
        screener.screen_features(table(age_years=[30, 40]).set_axis(["a", None]), "leave")


def test_the_bounds_of_a_range_are_in_it(screener):
    screened = screener.screen_features(table(age_years=[10, 120]), "leave", "2024-04-15")
    assert [screened.result(i).values["age_years"] for i in (0, 1)] == [10.0, 120.0]


def test_fewer_than_no_incidents_are_not_good_conduct(screener):
    """All else is known and good: the impossible value alone stands between this and a grant."""
    result = screener.screen(example("grant"), "leave")
    frame = pd.DataFrame([result.values], index=["EXAMPLE-GRANT"]).astype(float)
    counts = [name for name in frame if name.startswith(("incidents", "violent_incidents"))]
    assert counts
    for name in counts:
        with pytest.raises(FeatureError, match=f"{name} = -2"):
            screener.screen_features(frame.assign(**{name: -2.0}), "leave", result.as_of)
