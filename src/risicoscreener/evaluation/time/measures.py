"""Measures at a horizon as functions of a sample and a weight, with their derivatives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from risicoscreener.evaluation.discrimination.placements import sorted_placements
from risicoscreener.evaluation.estimate import Estimate, Estimates, FloatArray
from risicoscreener.evaluation.time.influence import Linear, estimate, followed_to_horizon
from risicoscreener.evaluation.time.sample import HorizonSample

MakesLinear = Callable[[HorizonSample, FloatArray], Linear]


def horizon_performance(sample: HorizonSample, *, level: float = 0.95) -> Estimates:
    """Calibration in the large, overall error and discrimination at the horizon.

    Parameters
    ----------
    level
        Coverage of the intervals, which follow from the influence of each person, with that on
        the estimate of censoring; with clusters these are the units.

    Returns
    -------
    ``horizon_incidence`` (observed, Aalen-Johansen), ``horizon_expected``,
    ``horizon_expected_observed``, ``horizon_brier``, ``horizon_brier_reference``,
    ``horizon_scaled_brier``, ``horizon_auc`` and ``horizon_auc_event_free``.

    Notes
    -----
    Censoring is taken to be independent of the predictions. The problem is ``short_follow_up``
    if fewer than a tenth is followed up to the horizon; if nobody is, there is no value either.
    """
    return Estimates(
        tuple(
            estimate(name, sample, make(sample, sample.weight), level, scale)
            for name, (make, scale) in _MEASURES.items()
        )
    )


def horizon_incidence(sample: HorizonSample, weight: FloatArray) -> float:
    """Share with the event by the horizon (Aalen and Johansen 1978)."""
    return linear_incidence(sample, weight).value


def horizon_expected(sample: HorizonSample, weight: FloatArray) -> float:
    """Mean predicted probability."""
    return linear_expected(sample, weight).value


def horizon_expected_observed(sample: HorizonSample, weight: FloatArray) -> float:
    """Mean prediction over the share with the event by the horizon; NaN without events."""
    return linear_expected_observed(sample, weight).value


def horizon_brier(sample: HorizonSample, weight: FloatArray) -> float:
    """Brier score at the horizon (Graf 1999; Gerds and Schumacher 2006)."""
    return linear_brier(sample, weight).value


def horizon_brier_reference(sample: HorizonSample, weight: FloatArray) -> float:
    """Brier score of the same probability for everybody: the incidence."""
    return linear_brier_reference(sample, weight).value


def horizon_scaled_brier(sample: HorizonSample, weight: FloatArray) -> float:
    """Index of prediction accuracy: one less the Brier score over its reference (Kattan 2018)."""
    return linear_scaled_brier(sample, weight).value


def horizon_auc(sample: HorizonSample, weight: FloatArray) -> float:
    """AUC of who has the event by the horizon against all others (Blanche 2013)."""
    return linear_auc(sample, weight).value


def horizon_auc_event_free(sample: HorizonSample, weight: FloatArray) -> float:
    """AUC of who has the event by the horizon against who has no event at all by then."""
    return linear_auc_event_free(sample, weight).value


def follow_up_summary(sample: HorizonSample) -> Estimates:
    """How far follow-up reaches: shares, and the number of people that the weights leave.

    Returns
    -------
    ``horizon_known``: share whose state at the horizon is known; ``horizon_followed``:
    probability of being followed that long if nothing happens (Kaplan-Meier of censoring);
    ``horizon_effective_n``: number of people with equal weights that would give as much
    (Kish 1965).
    """
    known = sample.known_weight(sample.weight)
    weight = sample.weight
    figures = {
        "horizon_known": float(weight[sample.known].sum() / weight.sum()),
        "horizon_followed": followed_to_horizon(sample, weight),
        "horizon_effective_n": float(known.sum() ** 2 / (known @ known)) if known.any() else 0.0,
    }
    if not (sample.time[weight > 0] >= sample.horizon_days).any():
        figures["horizon_followed"] = 0.0
    n, events = sample.people, sample.events
    return Estimates(
        tuple(Estimate(name, value, n=n, events=events) for name, value in figures.items())
    )


# -- values with derivatives -----------------------------------------------------------------------


def linear_incidence(sample: HorizonSample, weight: FloatArray) -> Linear:
    """Incidence with its derivative."""
    known = sample.known_weight(weight)
    total = float(known.sum())
    if not total > 0:
        return Linear.without("not_defined")
    value = float(known @ sample.outcome) / total
    return Linear(value, (sample.outcome - value) / total)


def linear_expected(sample: HorizonSample, weight: FloatArray) -> Linear:
    """Mean prediction with its derivative."""
    total = float(weight.sum())
    value = float(weight @ sample.probability) / total
    return Linear(value, own=(sample.probability - value) / total)


def linear_expected_observed(sample: HorizonSample, weight: FloatArray) -> Linear:
    """Expected over observed with its derivative."""
    expected, observed = linear_expected(sample, weight), linear_incidence(sample, weight)
    if not observed.value > 0 or observed.known is None or expected.own is None:
        return Linear.without("one_class")
    ratio = expected.value / observed.value
    return Linear(ratio, -ratio / observed.value * observed.known, expected.own / observed.value)


def linear_brier(sample: HorizonSample, weight: FloatArray) -> Linear:
    """Brier score with its derivative."""
    known = sample.known_weight(weight)
    total = float(known.sum())
    if not total > 0:
        return Linear.without("not_defined")
    loss = np.square(sample.outcome - sample.probability)
    value = float(known @ loss) / total
    return Linear(value, (loss - value) / total)


def linear_brier_reference(sample: HorizonSample, weight: FloatArray) -> Linear:
    """Brier score of the incidence for everybody, with its derivative."""
    share = linear_incidence(sample, weight)
    if share.known is None:
        return share
    return Linear(share.value * (1.0 - share.value), (1.0 - 2.0 * share.value) * share.known)


def linear_scaled_brier(sample: HorizonSample, weight: FloatArray) -> Linear:
    """Scaled Brier score with its derivative."""
    score, reference = linear_brier(sample, weight), linear_brier_reference(sample, weight)
    if not reference.value > 0 or score.known is None or reference.known is None:
        return Linear.without("one_class")
    ratio = score.value / reference.value
    return Linear(1.0 - ratio, (ratio * reference.known - score.known) / reference.value)


def linear_auc(sample: HorizonSample, weight: FloatArray) -> Linear:
    """AUC against all others, with its derivative."""
    return _auc(sample, sample.known_weight(weight), 1.0 - sample.outcome)


def linear_auc_event_free(sample: HorizonSample, weight: FloatArray) -> Linear:
    """AUC against who has no event at all, with its derivative."""
    return _auc(sample, sample.known_weight(weight), sample.event_free)


def _auc(sample: HorizonSample, known: FloatArray, control: FloatArray) -> Linear:
    """Share of pairs, of a case and a control, in which the case has the higher probability."""
    cases, controls = known * sample.outcome, known * control
    n_cases, n_controls = float(cases.sum()), float(controls.sum())
    if not (n_cases > 0 and n_controls > 0):
        return Linear.without("one_class")
    placed = sorted_placements(sample.outcome == 1, sample.tie_starts, cases + controls)
    value = float(cases @ placed) / n_cases
    slope = (sample.outcome / n_cases + control / n_controls) * (placed - value)
    return Linear(value, slope)


_MEASURES: dict[str, tuple[MakesLinear, str]] = {
    "horizon_incidence": (linear_incidence, "cloglog"),
    "horizon_expected": (linear_expected, "plain"),
    "horizon_expected_observed": (linear_expected_observed, "log"),
    "horizon_brier": (linear_brier, "plain"),
    "horizon_brier_reference": (linear_brier_reference, "plain"),
    "horizon_scaled_brier": (linear_scaled_brier, "plain"),
    "horizon_auc": (linear_auc, "plain"),
    "horizon_auc_event_free": (linear_auc_event_free, "plain"),
}
"""How each is made, and the scale on which its interval is symmetric."""
