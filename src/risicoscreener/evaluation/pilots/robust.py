"""Standard errors from sites as units, corrected for their small number (CR2) or not (CR0, CR1)."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.pilots.design import FloatArray
from risicoscreener.evaluation.pilots.model import CellModel

Correction = Literal["CR0", "CR1", "CR2"]


def robust_error(
    model: CellModel, weight: FloatArray, working: FloatArray, correction: Correction = "CR2"
) -> tuple[float, float, float]:
    """The effect by weighted least squares, with a standard error that trusts no covariance.

    Parameters
    ----------
    weight
        ``(c, c)``: of the cells; no weight between sites.
    working
        ``(c, c)``: the covariance that would be right if the model were; it says how CR2 corrects.
    correction
        ``CR2`` is unbiased if `working` is right, with degrees of freedom after Bell and McCaffrey;
        ``CR1`` multiplies by sites / (sites - 1), ``CR0`` corrects nothing. These two come with
        sites - 1 degrees.

    Returns
    -------
    Effect, standard error, degrees of freedom.

    Raises
    ------
    PilotError
        If the outcomes leave nothing between sites from which an error follows.

    References
    ----------
    Bell and McCaffrey (2002), Survey Methodology 28:169-181. Pustejovsky and Tipton (2018),
    Journal of Business and Economic Statistics 36:672-683.
    """
    # In these units the answer is that for the people themselves; CR2 depends on the units.
    root = 1 / np.sqrt(model.noise)
    y, x = root * model.y, root[:, None] * model.x
    weight, working = weight / np.outer(root, root), working * np.outer(root, root)
    bread = np.linalg.inv(x.T @ weight @ x)
    hat = x @ bread @ x.T @ weight
    coefficients = bread @ (x.T @ weight @ y)
    rest = y - x @ coefficients
    pull = weight @ x @ bread @ model.contrast  # (c,)
    groups = [np.flatnonzero(model.site == i) for i in range(model.n_sites)]
    value = float(model.contrast @ coefficients)
    if correction != "CR2":
        scores = np.array([pull[g] @ rest[g] for g in groups])
        n = len(groups)
        factor = n / (n - 1) if correction == "CR1" else 1.0
        error = math.sqrt(factor * float(scores @ scores))
        check_spread(error, pull, y)
        return value, error, float(n - 1)
    leave = np.eye(len(y)) - hat
    spread = leave @ working @ leave.T
    looks = np.zeros((len(groups), len(y)))
    for i, g in enumerate(groups):
        looks[i, g] = _adjusted(working[np.ix_(g, g)], spread[np.ix_(g, g)]).T @ pull[g]
    scores = looks @ rest
    error = math.sqrt(float(scores @ scores))
    check_spread(error, pull, y)
    shared = looks @ spread @ looks.T
    degrees = float(np.trace(shared) ** 2 / np.sum(shared**2))
    return value, error, degrees


def _adjusted(working: FloatArray, spread: FloatArray) -> FloatArray:
    """The matrix that gives residuals of one site their working covariance again."""
    root = np.linalg.cholesky(working).T  # upper: working = root' root
    values, vectors = np.linalg.eigh(root @ spread @ root.T)
    kept = values > 1e-10 * max(values.max(), 1e-300)
    power = np.where(kept, 1 / np.sqrt(np.where(kept, values, 1.0)), 0.0)
    found: FloatArray = root.T @ (vectors * power) @ vectors.T @ root
    return found


def check_spread(error: float, pull: FloatArray, y: FloatArray) -> None:
    """Refuse an error that is 0 but for rounding: it would make any effect certain.

    So it is with one site on each side, whose means are fitted exactly, or with sites all alike.

    Raises
    ------
    PilotError
        Where it is so.
    """
    if not error > 1e-10 * float(np.abs(pull) @ np.abs(y)):
        raise PilotError(
            "the sites leave no spread from which a standard error follows; expected at least two "
            "sites with each start, and outcomes that differ"
        )


def unweighted(model: CellModel) -> tuple[FloatArray, FloatArray]:
    """Weights by size, and the working covariance under which they are best."""
    return np.diag(1 / model.noise), np.diag(model.noise)
