"""Calibration: fit, compare and choose the maps from linear predictor to probability.

The maps themselves, which a scoring program stores, are in `risicoscreener.models.calibration`.
"""

from __future__ import annotations

from risicoscreener.evaluation.calibration.basis import restricted_cubic_basis
from risicoscreener.models.calibrating.calibrated import CalibratedAdditive, calibrate
from risicoscreener.models.calibrating.choice import (
    CalibrationChoice,
    MethodResult,
    choose_calibration,
)
from risicoscreener.models.calibrating.isotonic import fit_centred_isotonic, fit_isotonic
from risicoscreener.models.calibrating.parametric import (
    fit_beta,
    fit_logistic,
    fit_spline,
)
from risicoscreener.models.calibrating.register import Method, fit_calibration, method_names
from risicoscreener.models.calibrating.stratified import (
    StratifiedCalibration,
    StratumCalibration,
    fit_stratified,
)
from risicoscreener.models.calibrating.venn_abers import fit_cross_venn_abers, fit_venn_abers

__all__ = [
    "CalibratedAdditive",
    "CalibrationChoice",
    "Method",
    "MethodResult",
    "StratifiedCalibration",
    "StratumCalibration",
    "calibrate",
    "choose_calibration",
    "fit_beta",
    "fit_calibration",
    "fit_centred_isotonic",
    "fit_cross_venn_abers",
    "fit_isotonic",
    "fit_logistic",
    "fit_spline",
    "fit_stratified",
    "fit_venn_abers",
    "method_names",
    "restricted_cubic_basis",
]
