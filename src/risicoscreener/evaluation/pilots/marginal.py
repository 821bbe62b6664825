"""Ratios by generalised estimating equations: odds ratios, rate ratios, with few sites in mind."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.evaluation.pilots.design import PilotDesign
from risicoscreener.evaluation.pilots.model import cell_model


@dataclass(frozen=True)
class MarginalFit:
    """The effect as the logarithm of a ratio.

    Attributes
    ----------
    value, error
        Of the log odds ratio (binary) or log rate ratio (counts), with the standard error of
        Mancl and DeRouen.
    degrees
        Sites less two.
    correlation
        Within sites, as it was estimated.
    """

    value: float
    error: float
    degrees: float
    correlation: float


def fit_marginal(cells: Cells, design: PilotDesign) -> MarginalFit:
    """Fit with periods and an exchangeable working correlation within sites, by statsmodels.

    People of a binary outcome are taken one by one. Counts are taken by site and period, with time
    at risk as an offset.

    Raises
    ------
    PilotError
        If the outcome is continuous, or the equations have no solution.

    References
    ----------
    Mancl and DeRouen (2001), Biometrics 57:126-134. Li and Redden (2015), Statistics in Medicine
    34:281-296.
    """
    import statsmodels.api as sm
    from statsmodels.genmod.cov_struct import Exchangeable, Independence

    if cells.kind == "continuous":
        raise PilotError("a continuous outcome has no odds or rate; expected binary or count")
    model = cell_model(cells, design)
    kept = cells.seen & design.analysed
    size, total = cells.size[kept], cells.total[kept]
    if cells.kind == "binary":
        y, rows = _people(size, total)
        family, offset = sm.families.Binomial(), None
    else:
        y, rows = total, np.arange(len(total))
        family, offset = sm.families.Poisson(), np.log(size)
    structure = Exchangeable() if np.bincount(model.site[rows]).max() > 1 else Independence()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitted = sm.GEE(
                y,
                model.x[rows],
                groups=model.site[rows],
                family=family,
                cov_struct=structure,
                offset=offset,
            ).fit(cov_type="bias_reduced", maxiter=100)
        except (ValueError, np.linalg.LinAlgError, FloatingPointError) as error:
            raise PilotError(f"the estimating equations have no solution: {error}") from None
    value, spread = float(fitted.params[0]), float(fitted.bse[0])
    if not (np.isfinite(value) and np.isfinite(spread) and fitted.converged):
        raise PilotError("the estimating equations have no solution: the outcome is too rare")
    dependence = float(np.ravel(structure.dep_params)[0]) if structure.dep_params is not None else 0
    return MarginalFit(value, spread, float(max(model.n_sites - 2, 1)), dependence)


def _people(size: np.ndarray, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes of the people behind cells, and the cell of each."""
    with_it = np.round(total).astype(int)
    without = np.round(size - total).astype(int)
    counts = np.ravel(np.column_stack([with_it, without]))
    y = np.repeat(np.tile([1.0, 0.0], len(size)), counts)
    return y, np.repeat(np.repeat(np.arange(len(size)), 2), counts)
