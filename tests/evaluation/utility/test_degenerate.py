"""Samples that say little give a figure or a reason, and pictures that can be drawn."""

from __future__ import annotations

import pytest

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.utility import (
    at_cut_offs,
    cost_curve,
    decision_curve,
    net_benefit,
    reclassification,
)
from risicoscreener.report.pictures import utility as pictures

SAMPLES = {
    "one person with the outcome": Sample.of([0.3], [1]),
    "one person without": Sample.of([0.3], [0]),
    "certain and right": Sample.of([0.0, 1.0], [0, 1]),
    "nothing happens": Sample.of([0.0, 0.0], [0, 0]),
    "all happens, two clusters": Sample.of([0.2, 0.2, 0.9], [1, 1, 1], cluster=[1, 1, 2]),
    "people of weight 0": Sample.of([0.1, 0.2, 0.9], [1, 0, 1], weight=[0, 0, 1]),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_each_figure_has_an_interval_or_a_reason(name):
    sample = SAMPLES[name]
    figures = [
        *net_benefit(sample, 0.25),
        *(one for band in at_cut_offs(sample, [0.25, 0.5]).bands for one in band.estimates),
        *reclassification(sample, sample, [0.25]).estimates,
    ]
    for one in figures:
        assert one.has_interval or one.problem, one


@pytest.mark.parametrize("name", SAMPLES)
def test_pictures_are_drawn_and_described(name):
    sample = SAMPLES[name]
    curve = decision_curve(sample)
    for standardised in (False, True):
        pictures.plot_decision_curve(curve, standardised=standardised)
    pictures.plot_interventions_avoided(curve)
    costs, people = cost_curve(sample, [0.25]), at_cut_offs(sample, [0.25, 0.5])
    pictures.plot_cost_curve(costs)
    pictures.plot_consequences(people)
    assert pictures.describe_decision_curve(curve)
    assert pictures.describe_cost_curve(costs)
    assert pictures.describe_consequences(people)
