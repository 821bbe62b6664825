"""Two models at a horizon are compared person by person."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.comparing import compare, paired_replicates
from risicoscreener.evaluation.time import (
    HorizonNetBenefit,
    HorizonSample,
    compare_at_horizon,
    horizon_auc,
    horizon_brier,
)

ORACLE = Path(__file__).parents[2] / "oracles" / "evaluation_time"
PEOPLE = pd.read_csv(ORACLE / "people.csv")
R = json.loads((ORACLE / "expected.json").read_text("utf-8"))["pair"]
CUT_OFF = 0.3


def sample(risk, people=PEOPLE, horizon=600, **more):
    return HorizonSample.of(
        people[risk], people["time"], people["cause"], horizon_days=horizon, **more
    )


def pair(**more):
    return sample("risk600", **more), sample("rounded", **more)


def error(one):
    return (one.high - one.low) / 2 / 1.959963984540054


@pytest.mark.parametrize("measure", ["auc", "brier"])
def test_differences_errors_and_p_values_are_those_of_riskregression(measure):
    found = compare_at_horizon(*pair())[f"horizon_{measure}"]
    assert found.estimate.value == pytest.approx(R[measure], rel=1e-10)
    assert error(found.estimate) == pytest.approx(R[f"{measure}_error"], rel=1e-6)
    assert found.p_value == pytest.approx(R[f"{measure}_p"], rel=1e-6)


@pytest.mark.parametrize("more", [{}, {"weight": PEOPLE["weight"]}, {"cluster": PEOPLE["prison"]}])
def test_the_bootstrap_of_pairs_finds_the_same_errors(more):
    names = {
        "horizon_auc": horizon_auc,
        "horizon_brier": horizon_brier,
        "horizon_net_benefit": HorizonNetBenefit(CUT_OFF),
    }
    drawn = paired_replicates(*pair(**more), names, replicates=400)
    found = compare_at_horizon(*pair(**more), cut_offs=[CUT_OFF])
    for name in names:
        assert found[name].estimate.value == pytest.approx(drawn.point[name], abs=1e-12)
        assert error(found[name].estimate) == pytest.approx(drawn.error(name), rel=0.2), name


def test_if_everybody_is_followed_it_is_the_comparison_without_time():
    whole = PEOPLE[PEOPLE["cause"] != 0].assign(
        happened=lambda d: (d["cause"] == 1) & (d["time"] <= 600)
    )
    at_horizon = compare_at_horizon(
        sample("risk600", whole), sample("rounded", whole), cut_offs=[CUT_OFF]
    )
    plain = compare(
        Sample.of(whole["risk600"], whole["happened"]),
        Sample.of(whole["rounded"], whole["happened"]),
        cut_offs=[CUT_OFF],
    )
    for name in ("auc", "brier", "net_benefit"):
        one, other = at_horizon[f"horizon_{name}"], plain[name]
        assert one.estimate.value == pytest.approx(other.estimate.value, abs=1e-12)
        assert error(one.estimate) == pytest.approx(error(other.estimate), rel=0.01)
    assert at_horizon.caveats("en") == tuple(c for c in plain.caveats("en") if "log loss" not in c)


def test_a_model_does_not_differ_from_itself():
    found = compare_at_horizon(*[sample("risk600")] * 2)["horizon_auc"]
    assert found.estimate.value == 0
    assert found.estimate.problem == "no_spread"
    assert np.isnan(found.p_value)


def test_without_events_there_is_no_difference_to_give():
    nobody = PEOPLE.assign(cause=np.where(PEOPLE["cause"] == 1, 2, PEOPLE["cause"]))
    found = compare_at_horizon(sample("risk600", nobody), sample("rounded", nobody))
    assert found["horizon_auc"].estimate.problem == "one_class"


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (sample("rounded", horizon=300), "horizons are 600 and 300 days"),
        (sample("rounded", PEOPLE.assign(time=PEOPLE["time"] + 1)), r"time\[0\] is 49.1"),
        (
            sample("rounded", censoring_by=PEOPLE["prison"]),
            "only one of the samples has censoring_by",
        ),
        (sample("rounded", PEOPLE[:-1]), "samples of 360 and 359 rows"),
    ],
)
def test_other_people_other_follow_up_or_another_horizon_are_refused(second, message):
    with pytest.raises(EvaluationError, match=message):
        compare_at_horizon(sample("risk600"), second)
