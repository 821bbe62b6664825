"""A feature that knows the outcome is found, and others are left alone."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from risicoscreener.dossier import DossierTables
from risicoscreener.errors import ModelError
from risicoscreener.models.honesty import LeakLimits, later_facts_search, leak_search
from strategies import a_debt, a_person


def people(n=1500, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    y = (rng.random(n) < 1 / (1 + np.exp(1 - x[:, 0] - 0.8 * x[:, 1]))).astype(float)
    frame = pd.DataFrame(x, columns=["age", "priors", "debt"])
    frame.loc[rng.random(n) < 0.2, "debt"] = np.nan
    return frame, y, rng


def kinds(report, feature):
    return {finding.kind for finding in report.findings if finding.feature == feature}


def test_honest_features_are_left_alone():
    frame, y, _ = people()
    report = leak_search(frame, y)
    assert report.findings == ()
    assert report.sentences("en") == ("No leak found; that does not prove that there is none.",)


def test_a_feature_that_is_too_good_alone_is_found():
    frame, y, rng = people()
    frame["sanction_days"] = y * 3 + rng.normal(size=len(y))
    report = leak_search(frame, y)
    assert kinds(report, "sanction_days") >= {"too_good", "deviance"}
    assert report.suspects == ("sanction_days",)
    assert report.auc["sanction_days"] == pytest.approx(0.983, abs=0.01)


def test_a_feature_that_is_too_good_in_both_tails_is_found_by_its_deviance():
    frame, y, rng = people()
    frame["deviation"] = (
        np.where(y == 1, 3.0, 0.3) * rng.choice([-1, 1], len(y)) * (0.8 + 0.2 * rng.random(len(y)))
    )
    report = leak_search(frame, y)
    assert "deviance" in kinds(report, "deviation")
    assert report.auc["deviation"] < 0.6


def test_the_share_of_the_deviance_is_that_of_a_logistic_regression():
    import statsmodels.api as sm

    frame, y, _ = people()
    report = leak_search(frame, y)
    fit = sm.GLM(y, sm.add_constant(frame["age"].to_numpy()), family=sm.families.Binomial()).fit()
    share = 1 - fit.deviance / fit.null_deviance
    # A penalised curve instead of a line: nearly the same where the effect is a line.
    assert report.deviance_share["age"] == pytest.approx(share, abs=0.01)


def test_a_feature_far_above_all_others_stands_apart():
    frame, y, rng = people()
    weak = frame[["debt"]].assign(other=rng.normal(size=len(y)))
    weak["strong"] = y + rng.normal(size=len(y))
    report = leak_search(weak, y)
    assert kinds(report, "strong") == {"stands_apart"}


def test_missingness_that_follows_the_outcome_is_found():
    frame, y, rng = people()
    frame["interview"] = np.where(rng.random(len(y)) < np.where(y == 1, 0.7, 0.2), np.nan, 1.0)
    frame["interview"] += rng.normal(size=len(y))
    report = leak_search(frame, y)
    assert kinds(report, "interview") == {"missingness"}
    odds = report.findings[0].value
    assert odds == pytest.approx(0.7 / 0.3 / (0.2 / 0.8), rel=0.25)


def test_a_copy_of_the_outcome_and_its_opposite_are_found():
    frame, y, rng = people()
    frame["returned"] = y
    frame["stayed_away"] = np.where(rng.random(len(y)) < 0.01, y, 1 - y)
    report = leak_search(frame, y)
    assert "duplicate" in kinds(report, "returned")
    assert "duplicate" in kinds(report, "stayed_away")


def test_a_feature_that_is_constant_among_those_with_the_outcome_is_found():
    frame, y, rng = people()
    frame["days_until_review"] = np.where(y == 1, 0.0, rng.integers(0, 3, len(y)))
    assert "constant" in kinds(leak_search(frame, y), "days_until_review")


def test_a_rare_feature_may_be_constant_by_chance():
    frame, y, _ = people()
    rare = np.zeros(len(y))
    rare[np.flatnonzero(y == 0)[:3]] = 1.0
    frame["rare"] = rare
    assert kinds(leak_search(frame, y), "rare") == set()


def test_values_recorded_after_the_index_date_are_found():
    frame, y, _ = people()
    day = np.full(len(y), np.datetime64("2020-01-01"))
    recorded = day - 10
    recorded[:150] = np.datetime64("2020-02-01")
    unknown = np.full(len(y), np.datetime64("NaT"))
    report = leak_search(frame, y, index_date=day, recorded={"priors": recorded, "age": unknown})
    assert kinds(report, "priors") == {"recorded_later"}
    assert report.findings[0].value == pytest.approx(0.1)
    assert kinds(report, "age") == set()


def test_limits_can_be_set():
    frame, y, _ = people()
    report = leak_search(frame, y, limits=LeakLimits(auc=0.6))
    assert "too_good" in kinds(report, "age")


def test_findings_are_told_in_dutch_and_english():
    frame, y, _ = people()
    frame["returned"] = y
    table = leak_search(frame, y).to_frame()
    row = table[table["kind"] == "duplicate"].iloc[0]
    assert row["en"].startswith("returned equals the outcome for 1 of the people")
    assert row["nl"].startswith("returned is gelijk aan de uitkomst bij 1")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.zeros(1500)}, "chance"),
        ({"y": np.zeros(3)}, "0 or 1"),
        ({"recorded": {"age": np.full(1500, np.datetime64("NaT"))}}, "index_date"),
        (
            {"recorded": {"zip": []}, "index_date": np.full(1500, np.datetime64("2020-01-01"))},
            "zip",
        ),
    ],
)
def test_unusable_data_are_refused(change, message):
    frame, y, _ = people()
    with pytest.raises(ModelError, match=message):
        leak_search(frame, **({"y": y} | change))


def test_text_columns_are_refused():
    frame, y, _ = people()
    with pytest.raises(ModelError, match="no number"):
        leak_search(frame.assign(name="x"), y)


# -- facts recorded after the index date ---------------------------------------------------------


def dossiers():
    rows = [
        {
            **a_person(f"p{i}"),
            "debts": [
                a_debt(recorded_at="2020-06-01", amount_eur=100 * (i + 1)),
                a_debt(recorded_at="2021-03-01" if i < 10 else "2020-07-01", since="2020-05-01"),
            ],
        }
        for i in range(40)
    ]
    from risicoscreener.dossier import read_dossier

    return DossierTables.from_dossiers([read_dossier(row) for row in rows])


def count_debts(only_known):
    def compute(tables, index):
        debts = tables.to_pandas("debts")
        counts = []
        for person, day in zip(index["person_id"], index["as_of"], strict=True):
            mine = debts[debts["person_id"] == person]
            if only_known:
                mine = mine[pd.to_datetime(mine["recorded_at"]) <= day]
            counts.append(float(len(mine)))
        return pd.DataFrame({"n_debts": counts})

    return compute


DAY = dt.date(2021, 1, 1)


def test_a_feature_that_counts_facts_recorded_later_is_found():
    found = later_facts_search(dossiers(), DAY, count_debts(only_known=False))
    assert [(f.kind, f.feature, f.value) for f in found] == [("moves", "n_debts", 0.25)]
    frame, y, _ = people()
    report = leak_search(frame, y, moved=found)
    assert report.suspects == ("n_debts",)
    assert "changes in 0.25 of the rows" in report.sentences("en")[0]


def test_a_feature_that_counts_known_facts_is_not_found():
    assert later_facts_search(dossiers(), DAY, count_debts(only_known=True)) == ()


def test_the_shipped_features_do_not_use_later_facts():
    index = pd.DataFrame(
        {"person_id": [f"p{i}" for i in range(40)], "as_of": pd.Timestamp("2021-01-01")}
    )
    index.loc[20:, "as_of"] = pd.Timestamp("2020-06-15")
    assert later_facts_search(dossiers(), index) == ()


def test_a_sample_of_people_is_looked_at():
    seen = []

    def compute(tables, index):
        seen.append(len(index))
        return pd.DataFrame({"zero": np.zeros(len(index))})

    later_facts_search(dossiers(), DAY, compute, most_people=7)
    assert seen == [7, 7]


def test_a_function_that_gives_other_rows_is_refused():
    with pytest.raises(ModelError, match="other rows or columns"):
        later_facts_search(
            dossiers(), DAY, lambda tables, index: tables.to_pandas("debts")[["amount_eur"]]
        )
