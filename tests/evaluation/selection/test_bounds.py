"""Bounds hold whatever the unseen outcomes were, and are no wider than that."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, roc_auc_score

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.selection import PartlySeen, bounds
from risicoscreener.evaluation.selection.bounds import AT_CUT_OFF, around

from .people import partly

CUT_OFF = 0.4


def figures(p: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Every bounded figure of known outcomes, by other people's functions where there are."""
    tn, fp, fn, tp = confusion_matrix(y, p >= CUT_OFF, labels=[0, 1]).ravel()

    def ratio(a: float, b: float) -> float:
        return a / (a + b) if a + b else math.nan

    return {
        "base_rate": y.mean(),
        "expected_observed": p.sum() / y.sum() if y.sum() else math.nan,
        "auc": roc_auc_score(y, p) if 0 < y.sum() < len(y) else math.nan,
        "sensitivity": ratio(tp, fn),
        "specificity": ratio(tn, fp),
        "false_positive_rate": ratio(fp, tn),
        "false_negative_rate": ratio(fn, tp),
        "ppv": ratio(tp, fp),
        "npv": ratio(tn, fn),
        "net_benefit": (tp - fp * CUT_OFF / (1 - CUT_OFF)) / len(y),
    }


def extremes(p: np.ndarray, y: np.ndarray, seen: np.ndarray) -> dict[str, tuple[float, float]]:
    """Over every way to fill in the unseen outcomes."""
    hidden = np.flatnonzero(~seen)
    found = []
    for filled in itertools.product([0, 1], repeat=len(hidden)):
        whole = y.copy()
        whole[hidden] = filled
        found.append(figures(p, whole))
    return {n: (np.nanmin(v), np.nanmax(v)) for n in found[0] if (v := [f[n] for f in found])}


@given(
    st.lists(
        st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.5, 0.7, 0.9]), st.booleans(), st.booleans()),
        min_size=4,
        max_size=6,
    )
)
@settings(max_examples=25, deadline=None)
def test_the_ends_are_those_of_trying_every_way_to_fill_in_what_is_unseen(rows):
    people = [*rows, (0.3, True, True), (0.5, False, True), (0.9, True, True), (0.1, False, True)]
    p, y, seen = (np.array(column) for column in zip(*people, strict=True))
    y = y.astype(float)
    found = bounds(PartlySeen.of(p, y, seen), CUT_OFF, replicates=10)
    for name, (lowest, highest) in extremes(p, y, seen).items():
        assert found[name].lowest == pytest.approx(lowest, abs=1e-12), name
        assert found[name].highest == pytest.approx(highest, abs=1e-12), name


def test_with_everybody_seen_the_region_is_a_point_and_its_interval_two_sided():
    people = partly(300)
    whole = PartlySeen(people.people, np.ones(300, dtype=bool))
    region = bounds(whole, replicates=200)["base_rate"]
    assert region.width == 0
    rate = region.lowest
    reach = (region.high - region.low) / 2
    assert reach == pytest.approx(1.96 * math.sqrt(rate * (1 - rate) / 300), rel=0.15)


def test_the_critical_value_moves_from_two_sided_to_one_sided_as_the_region_widens():
    errors, limits = (0.1, 0.1), (-math.inf, math.inf)
    assert around(0.0, 0.0, errors, 0.95, limits)[1] == pytest.approx(0.1959963984540054)
    assert around(0.0, 9.0, errors, 0.95, limits)[1] == pytest.approx(9 + 0.1644853626951472)


def test_limits_stay_where_the_figure_can_be():
    assert around(0.01, 0.99, (0.1, 0.1), 0.95, (0.0, 1.0)) == (0.0, 1.0)


def test_an_interval_around_a_region_holds_the_truth_at_least_as_often_as_it_says():
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(80):
        y = (rng.random(150) < 0.3).astype(float)
        seen = rng.random(150) < np.where(y == 1, 0.55, 0.95)  # failures are rather not seen
        region = bounds(PartlySeen.of(np.full(150, 0.3), y, seen), replicates=30)["base_rate"]
        held += region.low <= 0.3 <= region.high
    assert held >= 74


def test_few_prisons_give_a_region_without_an_interval():
    people = partly(200)
    prison = np.arange(200) % 4
    clustered = PartlySeen.of(
        people.people.probability, people.people.outcome, people.seen, cluster=prison
    )
    region = bounds(clustered, replicates=20)["auc"]
    assert region.ok
    assert not region.has_interval
    assert region.problem == "unstable"


def test_a_figure_that_cannot_be_determined_says_so():
    only = PartlySeen.of([0.2, 0.3, 0.6], [0, 0, 0])
    found = bounds(only, CUT_OFF, replicates=10)
    assert found["auc"].problem == "not_defined"
    assert "niet te bepalen" in found["sensitivity"].text("nl")
    assert found["specificity"].ok


def test_a_region_reads_as_a_sentence_in_both_languages():
    region = bounds(partly(100), replicates=20)["auc"]
    assert region.text("nl").startswith("tussen 0,")
    assert " and 0." in region.text("en")
    assert str(region).startswith("auc: between")
    assert bounds(partly(100), replicates=20).to_frame().loc["auc", "unseen"] == region.unseen


def test_every_figure_at_a_cut_off_is_among_the_regions():
    found = bounds(partly(100), CUT_OFF, replicates=10)
    assert {r.name for r in found} == {"base_rate", "expected_observed", "auc", *AT_CUT_OFF}
    assert set(found.to_dict()["ppv"]) >= {"lowest", "highest", "low", "high", "unseen"}


def test_the_same_seed_gives_the_same_limits():
    one, other = (bounds(partly(100), replicates=20, seed=3)["auc"] for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.2, 0.3], [math.nan, math.nan]), "nobody has an outcome"),
        (([0.2, 0.3], [0, 1], [2, 1]), r"seen\[0\] is .*2.*; expected True or False"),
        (([0.2, 0.3], [0, 1], [True]), "seen has shape"),
        (([0.2, 0.3], [0, 2], [True, True]), r"outcome\[1\] is 2; expected 0 or 1"),
        (([0.2, 0.3], ["a", 1], [True, True]), "no number"),
        (([0.2, 0.3], [0, 1], ["yes", "no"]), "no truth value"),
        (([0.2, 0.3], [0, 1], [[True, True]]), "expected \\(n,\\)"),
    ],
)
def test_what_is_no_sample_is_refused(arguments, message):
    with pytest.raises(EvaluationError, match=message):
        PartlySeen.of(*arguments)


def test_what_stands_where_nothing_can_be_seen_is_not_looked_at():
    filled = PartlySeen.of([0.2, 0.4, 0.6], [0, 1, 0], [True, True, False])
    missing = PartlySeen.of([0.2, 0.4, 0.6], [0, 1, math.nan])
    assert filled.people.outcome.tolist() == missing.people.outcome.tolist()
    assert filled.seen.tolist() == missing.seen.tolist()
    assert filled.share_seen == pytest.approx(2 / 3)
    assert len(filled.naive) == 2
