"""A sample is checked once, and says which row is wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Curve, Estimate, Estimates, Sample
from risicoscreener.evaluation.wording import measure_texts


def test_rows_stand_in_order_of_probability_with_their_own_values():
    sample = Sample.of([0.5, 0.1, 0.9], [1, 0, 1], weight=[1, 2, 3], cluster=["b", "a", "b"])
    assert sample.probability.tolist() == [0.1, 0.5, 0.9]
    assert sample.outcome.tolist() == [0, 1, 1]
    assert sample.weight.tolist() == [2, 1, 3]
    assert sample.sorted(["x", "y", "z"]).tolist() == ["y", "x", "z"]
    assert (sample.events, sample.n_clusters) == (2, 2)
    assert sample.cluster[1] == sample.cluster[2] != sample.cluster[0]


def test_runs_of_ties_start_where_the_probability_changes():
    assert Sample.of([0.2, 0.1, 0.2, 0.3], [0, 1, 0, 1]).tie_starts.tolist() == [0, 1, 3]


def test_a_part_keeps_who_is_who():
    sample = Sample.of([0.3, 0.1, 0.2], [1, 0, 1], cluster=[7, 8, 9])
    part = sample.where(sample.probability > 0.1)
    assert part.order.tolist() == [2, 0]
    assert part.n_clusters == 2
    with pytest.raises(EvaluationError, match="nobody"):
        sample.where([False] * 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.1, 1.2], [0, 1]), r"probability\[1\] is 1.2; expected a number in \[0, 1\]"),
        (([0.1, math.nan], [0, 1]), r"probability\[1\] is nan"),
        (([0.1, 0.2], [0, 2]), r"outcome\[1\] is 2; expected 0 or 1"),
        (([0.1, 0.2], [0]), "outcome has 1 rows, probability has 2"),
        ((["a", "b"], [0, 1]), "probability holds something that is no number"),
        (([], []), "expected"),
    ],
)
def test_what_is_wrong_is_named(arguments, message):
    with pytest.raises(EvaluationError, match=message):
        Sample.of(*arguments)


def test_weights_and_clusters_are_checked():
    with pytest.raises(EvaluationError, match=r"weight\[0\] is -1"):
        Sample.of([0.1], [1], weight=[-1])
    with pytest.raises(EvaluationError, match="weight is 0 for everybody"):
        Sample.of([0.1], [1], weight=[0])
    with pytest.raises(EvaluationError, match=r"cluster\[1\] is missing"):
        Sample.of([0.1, 0.2], [1, 0], cluster=["a", None])


def test_a_figure_says_its_interval_or_why_there_is_none():
    found = Estimate("auc", 0.71234, 0.6, 0.8, method="delong", n=10, events=4)
    assert found.text("nl") == "0,712 (0,600 tot 0,800)"
    assert found.text("en", 2) == "0.71 (0.60 to 0.80)"
    missing = Estimate("auc", math.nan, problem="one_class")
    assert "same outcome" in missing.text("en")
    assert missing.to_dict()["value"] is None
    both = Estimates((found,)) + Estimates(())
    assert both["auc"] is found
    assert both.to_frame("nl").loc["auc", "value"] == 0.71234
    with pytest.raises(EvaluationError, match="no measure"):
        Estimate("nothing", 1.0)


def test_a_curve_without_a_band_has_none():
    curve = Curve("auc", np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert curve.ok
    assert curve.to_frame()["low"].isna().all()
    assert curve.to_dict()["low"] == [None, None]


def test_results_show_themselves_in_a_line_each():
    curve = Curve("auc", np.array([0.0, 1.0]), np.array([0.0, 1.0]), label="women")
    assert repr(curve) == "Curve(auc of women, 2 points)"
    assert repr(Sample.of([0.1, 0.2], [0, 1])) == "Sample(2 people, 1 with the outcome)"
    clustered = Sample.of([0.1, 0.2], [0, 1], cluster=["a", "a"])
    assert "in 1 units" in repr(clustered)
    figures = Estimates((Estimate("auc", 0.7), Estimate("brier", 0.2, 0.1, 0.3)))
    assert repr(figures) == "auc: 0.700\nbrier: 0.200 (0.100 to 0.300)"


def test_every_text_is_there_in_both_languages():
    for name, text in measure_texts().items():
        assert all([text.title.nl, text.title.en, text.plain.nl, text.plain.en]), name
        assert text.better in {"high", "low", "near", "none"}, name
