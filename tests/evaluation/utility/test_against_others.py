"""The figures are those of R and of dcurves (see tests/oracles/utility for the scripts)."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from scipy.stats import norm, t

from cases import ROOT
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.utility import (
    at_cut_offs,
    decision_curve,
    expected_cost,
    net_benefit,
    reclassification,
)

FOLDER = ROOT / "tests" / "oracles" / "utility"
PEOPLE = pd.read_csv(FOLDER / "people.csv")
R = json.loads((FOLDER / "expected.json").read_text("utf-8"))
DCURVES = pd.read_json(FOLDER / "dcurves.json")
Y = PEOPLE["outcome"]
SAMPLES = {name: Sample.of(PEOPLE[name], Y) for name in ("first", "second")}
Z = norm.ppf(0.975)
T = t.ppf(0.975, PEOPLE["cluster"].nunique() - 1)


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-10)


def half(estimate):
    return (estimate.high - estimate.low) / 2


@pytest.mark.parametrize("model", ["first", "second", "all"])
def test_decision_curves_are_those_of_dcurves(model):
    theirs = DCURVES[DCURVES["model"] == model].sort_values("threshold")
    ours = decision_curve(SAMPLES["first" if model == "all" else model], theirs["threshold"])
    curve = ours.everybody if model == "all" else ours.model
    assert curve.y == near(theirs["net_benefit"].to_numpy())
    if model != "all":
        assert ours.avoided.y / 1000 == near(theirs["net_intervention_avoided"].to_numpy())


@pytest.mark.parametrize("case", R["net_benefit"], ids=lambda case: str(case["cut_off"]))
def test_net_benefit_and_its_errors_are_those_of_r(case):
    at, p = case["cut_off"], PEOPLE["second"]
    plain = net_benefit(SAMPLES["second"], at)
    assert plain["net_benefit"].value == near(case["value"])
    assert half(plain["net_benefit"]) == near(Z * case["error"])
    assert plain["standardised_net_benefit"].value == near(case["standardised"])
    assert half(plain["standardised_net_benefit"]) == near(Z * case["standardised_error"])
    by_cluster = net_benefit(Sample.of(p, Y, cluster=PEOPLE["cluster"]), at)["net_benefit"]
    assert half(by_cluster) == near(T * case["clustered"])
    both = Sample.of(p, Y, cluster=PEOPLE["cluster"], weight=PEOPLE["weight"])
    weighted = net_benefit(both, at)["net_benefit"]
    assert weighted.value == near(case["weighted"])
    assert half(weighted) == near(T * case["weighted_clustered"])
    change = reclassification(SAMPLES["first"], SAMPLES["second"], [at]).net_benefit_change[0]
    assert change.value == near(case["change"])
    assert half(change) == near(Z * case["change_error"])


@pytest.mark.parametrize(
    ("ours", "case", "theirs"),
    [
        (f"{ours}{part}", case, f"{theirs}{end}")
        for ours, case, theirs in (("nri_any", "any", "nri"), ("nri", "by_band", "nri"))
        for part, end in (("", ""), ("_events", ".ev"), ("_others", ".ne"))
    ],
)
def test_net_reclassification_is_that_of_hmisc(ours, case, theirs):
    found = reclassification(SAMPLES["first"], SAMPLES["second"], [0.2, 0.4]).estimates[ours]
    assert found.value == near(R[case][theirs])
    assert half(found) == near(Z * R[case][f"se.{theirs}"])


def test_integrated_discrimination_is_that_of_hmisc():
    found = reclassification(SAMPLES["first"], SAMPLES["second"], [0.2]).estimates
    assert found["idi"].value == near(R["any"]["idi"])
    assert half(found["idi"]) == near(Z * R["any"]["se.idi"])
    assert found["idi_events"].value == near(R["any"]["improveSens"])
    assert found["idi_others"].value == near(R["any"]["improveSpec"])


def test_moves_between_bands_are_those_of_r():
    found = reclassification(SAMPLES["first"], SAMPLES["second"], [0.2, 0.4])
    assert found.events.tolist() == R["moves_events"]
    assert found.others.tolist() == R["moves_others"]


def test_shares_in_the_middle_band_have_the_wilson_intervals_of_r():
    band = at_cut_offs(SAMPLES["second"], [0.2, 0.4]).bands[1]
    for name, theirs, per in (
        ("people_in_band", "people", 1000),
        ("events_in_band", "events", 1000),
        ("rate_in_band", "rate", 1),
        ("share_of_events_in_band", "of_events", 1),
    ):
        assert [band[name].low / per, band[name].high / per] == near(R[theirs])


def test_expected_cost_is_a_mean_with_the_error_of_r():
    found = expected_cost(SAMPLES["second"], 0.2, cost_missed=5, cost_alarm=1)
    assert (found.value, half(found)) == (near(R["cost"]), near(Z * R["cost_error"]))
