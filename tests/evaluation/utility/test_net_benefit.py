"""Net benefit is what is found less what it costs, and its interval is that of a mean."""

from __future__ import annotations

import numpy as np
import pytest

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.utility import net_benefit_at


def test_net_benefit_of_a_case_worked_out_by_hand():
    sample = Sample.of([0.1, 0.2, 0.3, 0.6], [0, 1, 0, 1])
    # at 0.2: two found, one wrong alarm at a quarter each, of four people
    assert net_benefit_at(0.2)(sample, sample.weight) == pytest.approx((2 - 0.25) / 4)


def test_a_weight_counts_as_copies_of_a_person():
    copies = Sample.of([0.1, 0.2, 0.2, 0.3], [0, 1, 1, 0])
    weighted = Sample.of([0.1, 0.2, 0.3], [0, 1, 0], weight=[1, 2, 1])
    measure = net_benefit_at(0.15)
    assert measure(weighted, weighted.weight) == pytest.approx(measure(copies, np.ones(4)))


@pytest.mark.parametrize("cut_off", [-0.1, 1.0, float("nan")])
def test_a_cut_off_where_no_exchange_exists_is_refused(cut_off):
    with pytest.raises(EvaluationError, match="cut_off is"):
        net_benefit_at(cut_off)
