"""What real data do to evaluation: outcomes that are not seen, not registered or not verified."""

from __future__ import annotations

from risicoscreener.evaluation.selection.bounds import bounds
from risicoscreener.evaluation.selection.contraction import Contraction, contraction
from risicoscreener.evaluation.selection.label_bias import (
    LabelBias,
    committed_rate,
    detected_in_group,
    label_bias,
    registered_rate,
)
from risicoscreener.evaluation.selection.region import Region, Regions
from risicoscreener.evaluation.selection.registration import (
    Registration,
    corrected_for_registration,
    lag_from_sample,
    share_registered,
)
from risicoscreener.evaluation.selection.seen import PartlySeen
from risicoscreener.evaluation.selection.sensitivity import Sensitivity, sensitivity
from risicoscreener.evaluation.selection.verification import verified_rates
from risicoscreener.evaluation.selection.weighting import Overlap, Weighting, inverse_weighting

__all__ = [
    "Contraction",
    "LabelBias",
    "Overlap",
    "PartlySeen",
    "Region",
    "Regions",
    "Registration",
    "Sensitivity",
    "Weighting",
    "bounds",
    "committed_rate",
    "contraction",
    "corrected_for_registration",
    "detected_in_group",
    "inverse_weighting",
    "label_bias",
    "lag_from_sample",
    "registered_rate",
    "sensitivity",
    "share_registered",
    "verified_rates",
]
