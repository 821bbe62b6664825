"""Two models of the same people: who moves, and what that is worth."""

from __future__ import annotations

import numpy as np
import pytest

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.utility import net_benefit_at, reclassification

Y = [0, 0, 0, 1, 1]
FIRST = Sample.of([0.1, 0.3, 0.6, 0.4, 0.1], Y)
SECOND = Sample.of([0.2, 0.1, 0.7, 0.6, 0.3], Y)


def test_moves_of_a_case_worked_out_by_hand():
    found = reclassification(FIRST, SECOND, [0.25, 0.5])
    assert found.events.tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert found.others.tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 1]]
    assert found.estimates["nri_events"].value == pytest.approx(1)
    assert found.estimates["nri_others"].value == pytest.approx(1 / 3)
    assert found.estimates["nri_any_others"].value == pytest.approx(-1 / 3)
    assert found.estimates["idi"].value == pytest.approx(0.2 - 0)


def test_the_change_of_net_benefit_is_the_difference_of_the_two():
    found = reclassification(FIRST, SECOND, [0.25, 0.5])
    for cut_off, change in zip(found.cut_offs, found.net_benefit_change, strict=True):
        gain = net_benefit_at(cut_off)
        assert change.value == pytest.approx(
            gain(SECOND, SECOND.weight) - gain(FIRST, FIRST.weight)
        )


def test_a_model_against_itself_moves_nobody():
    found = reclassification(FIRST, FIRST, [0.25])
    assert all(figure.value == 0 for figure in found.estimates)
    assert found.net_benefit_change[0].problem == "no_spread"


def test_exaggeration_alone_raises_the_idi_and_not_the_net_benefit():
    rng = np.random.default_rng(2)
    lp = rng.normal(-1, 1, 3000)
    y = rng.random(3000) < 1 / (1 + np.exp(-lp))
    true, exaggerated = (Sample.of(1 / (1 + np.exp(-k * lp)), y) for k in (1, 2))
    found = reclassification(true, exaggerated, [0.2])
    assert found.estimates["idi"].low > 0
    assert found.net_benefit_change[0].value < 0


def test_where_all_have_the_outcome_only_their_part_is_there():
    found = reclassification(Sample.of([0.1, 0.4], [1, 1]), Sample.of([0.3, 0.5], [1, 1]), [0.2])
    assert found.estimates["nri_events"].value == pytest.approx(0.5)
    assert found.estimates["nri"].problem == "one_class"


def test_other_people_are_refused():
    with pytest.raises(EvaluationError, match="same people"):
        reclassification(FIRST, Sample.of([0.1] * 5, [1, 0, 0, 1, 1]), [0.2])


def test_clusters_are_the_units():
    person = np.tile(np.arange(30), 2)
    rng = np.random.default_rng(0)
    p, q, y = (np.tile(rng.random(30), 2) for _ in range(3))
    y = y > 0.5
    one, other = (
        reclassification(Sample.of(p, y, cluster=c), Sample.of(q, y, cluster=c), [0.5])
        for c in (None, person)
    )
    for name in ("nri", "idi"):
        width = [r.estimates[name].high - r.estimates[name].low for r in (one, other)]
        assert width[1] > 1.3 * width[0]


def test_a_result_can_be_read_as_a_table_and_as_plain_values():
    found = reclassification(FIRST, SECOND, [0.25, 0.5])
    assert found.to_frame().loc[("events", "0 to 0.25"), "0.25 to 0.5"] == 1
    assert found.to_dict()["net_benefit_change"][0]["name"] == "net_benefit_change"
    assert "0.25" in found._repr_html_()
