"""Two models of the same people, compared pair by pair."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.comparing.difference import Comparison, Difference
from risicoscreener.evaluation.discrimination.area import auc, auc_problem
from risicoscreener.evaluation.discrimination.error_rates import is_above
from risicoscreener.evaluation.discrimination.placements import placement_error, sorted_placements
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.intervals import estimate_around, mean_error, two_sided
from risicoscreener.evaluation.resampling import Measure, Replicates, bootstrap, check_paired
from risicoscreener.evaluation.sample import Sample
from risicoscreener.evaluation.scoring.losses import brier, log_loss, log_losses, squared_errors
from risicoscreener.evaluation.utility.gain import cut_offs_of, net_benefit_at, odds

FloatArray = npt.NDArray[np.float64]


class _Pair(NamedTuple):
    """Two models of the same people."""

    first: Sample
    second: Sample

    def less(self, of: Callable[[Sample], FloatArray]) -> FloatArray:
        """Something of each row in the second less that in the first, in the order given."""
        with np.errstate(invalid="ignore"):  # both certain of the same person, and wrong
            return _as_given(self.second, of(self.second)) - _as_given(self.first, of(self.first))


def compare(
    first: Sample,
    second: Sample,
    *,
    cut_offs: npt.ArrayLike = (),
    level: float = 0.95,
    method: str = "analytic",
    replicates: int = 1000,
    seed: int = 0,
    jobs: int = 1,
) -> Comparison:
    """AUC, Brier score, log loss and net benefit of the second model less those of the first.

    Parameters
    ----------
    first, second
        Two models of the same people, given in the same order.
    cut_offs
        Where net benefit is compared.
    method
        ``analytic``: of the AUC after DeLong, with clusters Obuchowski; of the others, which are
        means, that of the mean of paired differences. ``bootstrap``: percentiles of paired
        replicates, with a p-value from the share of them on the other side of 0.

    Raises
    ------
    EvaluationError
        If the two are not of the same people, the method is another, or a cut-off is not from 0
        to below 1.

    References
    ----------
    DeLong et al. (1988), Biometrics 44:837-845. Obuchowski (1997), Biometrics 53:567-578. Vickers
    et al. (2008), BMC Medical Informatics and Decision Making 8:53, for net benefit.
    """
    check_paired(first, second)
    pair, cut_offs = _Pair(first, second), cut_offs_of(cut_offs)
    if method == "analytic":
        found = _analytic(pair, cut_offs, level)
    elif method == "bootstrap":
        found = _bootstrapped(pair, cut_offs, level, (replicates, seed, jobs))
    else:
        raise EvaluationError(f"method is {method!r}; expected analytic or bootstrap")
    return Comparison(tuple(found))


def paired_replicates(
    first: Sample,
    second: Sample,
    measures: Mapping[str | tuple[str, ...], Measure],
    *,
    replicates: int = 1000,
    seed: int = 0,
    jobs: int = 1,
) -> Replicates:
    """Bootstrap of the second model less the first, the same people drawn for both.

    For measures of your own; arguments as of `compare` and `bootstrap`.
    """
    check_paired(first, second)
    one, other = (
        bootstrap(sample, measures, replicates=replicates, seed=seed, jobs=jobs)
        for sample in (first, second)
    )
    return other.minus(one)


# -- analytic --------------------------------------------------------------------------------------


def _analytic(pair: _Pair, cut_offs: Sequence[float], level: float) -> list[Difference]:
    losses = {"brier": (brier, squared_errors), "log_loss": (log_loss, log_losses)}
    found = [_of_area(pair, level)]
    for name, (measure, of) in losses.items():
        values = pair.less(lambda s, of=of: of(s.outcome, s.probability))  # type: ignore[misc]
        found.append(_of_mean(name, pair, measure, values, level))
    for cut_off in cut_offs:
        measure = net_benefit_at(cut_off)
        values = pair.less(lambda s, c=cut_off: _gains(s, c))  # type: ignore[misc]
        found.append(_of_mean("net_benefit", pair, measure, values, level, cut_off))
    return found


def _of_area(pair: _Pair, level: float) -> Difference:
    values = [auc(sample, sample.weight) for sample in pair]
    problem, error = auc_problem(pair.first), math.nan
    if problem not in {"one_class", "few_events"}:
        problem = "no_spread"
        event = _as_given(pair.first, pair.first.outcome) == 1
        placed = pair.less(lambda s: sorted_placements(s.outcome == 1, s.tie_starts, s.weight))
        error = placement_error(event, placed, _weight(pair), _cluster(pair))
    return _difference("auc", pair, values, error, level, problem, method="delong")


def _of_mean(
    name: str,
    pair: _Pair,
    measure: Measure,
    values: FloatArray,
    level: float,
    cut_off: float | None = None,
) -> Difference:
    both = [float(measure(sample, sample.weight)) for sample in pair]
    error, problem = math.nan, "infinite_loss"
    if np.isfinite(both).all():
        counted = _weight(pair) > 0
        error = mean_error(np.where(counted, values, 0.0), _weight(pair), _cluster(pair))
        problem = "no_spread"
    return _difference(name, pair, both, error, level, problem, cut_off=cut_off)


def _difference(
    name: str,
    pair: _Pair,
    values: list[float],
    error: float,
    level: float,
    problem: str,
    *,
    method: str = "normal",
    cut_off: float | None = None,
) -> Difference:
    finite = all(math.isfinite(value) for value in values)
    value = values[1] - values[0] if finite else math.nan
    estimate = estimate_around(
        f"{name}_difference", pair.first, value, error, level, method=method, problem=problem
    )
    p_value = two_sided(estimate, error, pair.first)
    return Difference(name, values[0], values[1], estimate, p_value, cut_off)


def _gains(sample: Sample, cut_off: float) -> FloatArray:
    """What each row adds to the net benefit."""
    worth = np.where(sample.outcome == 1, 1.0, -odds(cut_off))
    return np.where(is_above(sample, cut_off), worth, 0.0)


# -- bootstrap -------------------------------------------------------------------------------------


def _bootstrapped(
    pair: _Pair, cut_offs: Sequence[float], level: float, options: tuple[int, int, int]
) -> list[Difference]:
    measures: dict[tuple[str, float | None], Measure] = {
        ("auc", None): auc,
        ("brier", None): brier,
        ("log_loss", None): log_loss,
    }
    measures |= {("net_benefit", c): net_benefit_at(c) for c in cut_offs}
    names: dict[str | tuple[str, ...], Measure] = {
        str(place): measure for place, measure in enumerate(measures.values())
    }
    replicates, seed, jobs = options
    found = paired_replicates(*pair, names, replicates=replicates, seed=seed, jobs=jobs)
    return [
        _of_replicates(name, pair, measure, _named(found, str(place), name), level, cut_off)
        for place, ((name, cut_off), measure) in enumerate(measures.items())
    ]


def _named(found: Replicates, key: str, name: str) -> Replicates:
    """One of the measures, under the name that has a text."""
    full = f"{name}_difference"
    return replace(found, point={full: found.point[key]}, values={full: found.values[key]})


def _of_replicates(
    name: str,
    pair: _Pair,
    measure: Measure,
    found: Replicates,
    level: float,
    cut_off: float | None,
) -> Difference:
    values = [float(measure(sample, sample.weight)) for sample in pair]
    estimate = found.estimate(f"{name}_difference", level)
    if not estimate.ok:
        problem = "infinite_loss" if name == "log_loss" else auc_problem(pair.first)
        estimate = _without_value(estimate, problem)
    p_value = math.nan
    if estimate.has_interval:
        replicate = found.values[f"{name}_difference"]
        replicate = replicate[np.isfinite(replicate)]
        smaller = min((replicate <= 0).sum(), (replicate >= 0).sum())
        p_value = min(1.0, 2 * float(1 + smaller) / (1 + len(replicate)))
    return Difference(name, values[0], values[1], estimate, p_value, cut_off)


def _without_value(estimate: Estimate, problem: str) -> Estimate:
    return replace(estimate, value=math.nan, problem=problem or estimate.problem)


# -- rows ------------------------------------------------------------------------------------------


def _as_given(sample: Sample, values: FloatArray) -> FloatArray:
    return values[np.argsort(sample.order)]


def _weight(pair: _Pair) -> FloatArray:
    return _as_given(pair.first, pair.first.weight)


def _cluster(pair: _Pair) -> npt.NDArray[np.intp] | None:
    cluster = pair.first.cluster
    return None if cluster is None else cluster[np.argsort(pair.first.order)]
