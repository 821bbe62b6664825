"""Analyses that are often done and are wrong here: kept to show how wrong.

`scripts/pilot_operating.py` measures how often each finds an effect that is not there.
"""

from __future__ import annotations

import math

import numpy as np

from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.evaluation.pilots.design import PilotDesign
from risicoscreener.evaluation.pilots.mixed import fit_mixed
from risicoscreener.evaluation.pilots.model import cell_model
from risicoscreener.evaluation.pilots.robust import check_spread, robust_error, unweighted


def ignoring_sites(cells: Cells, design: PilotDesign) -> tuple[float, float, float]:
    """Least squares as if everybody were on their own: effect, standard error, degrees."""
    model = cell_model(cells, design)
    weight = unweighted(model)[0]
    bread = np.linalg.inv(model.x.T @ weight @ model.x)
    coefficients = bread @ (model.x.T @ weight @ model.y)
    rest = model.y - model.x @ coefficients
    people = float((1 / model.noise).sum())
    between = float(rest**2 @ (1 / model.noise))
    if math.isfinite(model.degrees_within):
        degrees = people - model.x.shape[1]
        variance = (model.within * model.degrees_within + between) / degrees
    else:
        variance, degrees = model.within, math.inf
    error = math.sqrt(variance * float(model.contrast @ bread @ model.contrast))
    check_spread(error, weight @ model.x @ bread @ model.contrast, model.y)
    return float(model.contrast @ coefficients), error, degrees


def normal_sandwich(cells: Cells, design: PilotDesign) -> tuple[float, float, float]:
    """Sites as units, without correction for their number, with the normal distribution."""
    model = cell_model(cells, design)
    value, error, _ = robust_error(model, *unweighted(model), "CR0")
    return value, error, math.inf


def without_time(cells: Cells, design: PilotDesign) -> tuple[float, float, float]:
    """A mixed model, well corrected, in which nothing but the new way changes over time."""
    fit = fit_mixed(cell_model(cells, design, time="none"))
    error, degrees = fit.error()
    return fit.value, error, degrees
