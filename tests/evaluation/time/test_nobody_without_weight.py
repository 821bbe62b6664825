"""Rows and clusters without weight count as nobody in figures in time and of selection."""

from __future__ import annotations

import numpy as np
import pytest

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.selection import corrected_for_registration, label_bias
from risicoscreener.evaluation.time import (
    HorizonSample,
    concordance_index,
    horizon_calibration,
    horizon_net_benefit,
    horizon_performance,
    horizon_recalibration,
)

N, MORE = 200, 60
RNG = np.random.default_rng(0)
P = RNG.uniform(0.05, 0.95, N + MORE)
TIME, CAUSE = np.ceil(RNG.exponential(400, N + MORE)), RNG.integers(0, 3, N + MORE)
Y = (RNG.random(N + MORE) < P).astype(float)
CLUSTER = np.r_[np.arange(N) % 15, 15 + np.arange(MORE) % 20]
WEIGHT = np.repeat([1.0, 0.0], [N, MORE])


def same(some: dict, all_rows: dict) -> None:
    for name, one in some.items():
        other = all_rows[name]
        assert (one["n"], one["problem"]) == (other["n"], other["problem"]), name
        for side in ("value", "low", "high"):
            assert (one[side] is None) == (other[side] is None), (name, side)
            if one[side] is not None:
                assert one[side] == pytest.approx(other[side], rel=1e-9), (name, side)


@pytest.mark.parametrize("clustered", [False, True])
def test_figures_at_a_horizon_are_those_of_the_people_with_weight(clustered):
    def of(rows, **more):
        cluster = CLUSTER[rows] if clustered else None
        return HorizonSample.of(
            P[rows], TIME[rows], CAUSE[rows], horizon_days=365, cluster=cluster, **more
        )

    some, all_rows = of(slice(N)), of(slice(N + MORE), weight=WEIGHT)
    assert all_rows.people == N
    for made in (horizon_performance, horizon_recalibration, concordance_index):
        same(made(some).to_dict(), made(all_rows).to_dict())
    same(horizon_net_benefit(some, 0.3).to_dict(), horizon_net_benefit(all_rows, 0.3).to_dict())
    one, other = (horizon_calibration(s, replicates=0) for s in (some, all_rows))
    assert one.curve.n == other.curve.n == N
    np.testing.assert_allclose(one.curve.low, other.curve.low, rtol=1e-6)


@pytest.mark.parametrize("clustered", [False, True])
def test_figures_of_registration_are_those_of_the_people_with_weight(clustered):
    def of(rows, **more):
        return Sample.of(P[rows], Y[rows], cluster=CLUSTER[rows] if clustered else None, **more)

    some, all_rows = of(slice(N)), of(slice(N + MORE), weight=WEIGHT)
    group, share = np.arange(N + MORE) % 3 == 0, np.linspace(0.3, 1.0, N + MORE)
    one = label_bias(some, group[:N], detected=0.5)
    other = label_bias(all_rows, group, detected=0.5)
    same({"": one.on_registered.to_dict()}, {"": other.on_registered.to_dict()})
    same({"": one.tipping_point.to_dict()}, {"": other.tipping_point.to_dict()})
    same(
        corrected_for_registration(some, share[:N]).estimates.to_dict(),
        corrected_for_registration(all_rows, share).estimates.to_dict(),
    )
