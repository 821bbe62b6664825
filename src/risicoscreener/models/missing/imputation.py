"""Multiple imputation by chained equations, for fitting only.

Each incomplete feature in turn is regressed on all others and on the outcome, with coefficients
drawn from their posterior. Then a missing value is replaced by that of one of the nearest people by
prediction (predictive mean matching: Little 1988; van Buuren 2018, algorithm 3.3), so that imputed
values are values that occur: counts stay counts, and nothing leaves its range. Or it is drawn from
the normal distribution around its prediction (Rubin 1987): right for features that are about
normal, and then better than matching where hardly anybody is known of those who lack the value.

`statsmodels` and scikit-learn have chained equations too. Neither leaves out values that do not
exist (not applicable), and the first has no seed of its own; the tests hold the results against
those of `statsmodels`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from risicoscreener.errors import ModelError
from risicoscreener.models.missing.meanings import MissingPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from risicoscreener.models.piecewise import FloatArray

Method = Literal["matching", "normal"]

RIDGE = 1e-5
"""Share added to the diagonal of the cross-product, so that collinear features can be drawn."""

LEAST_KNOWN = 10


@dataclass(frozen=True)
class Imputations:
    """Completed copies of one frame.

    Attributes
    ----------
    frames
        ``m`` frames; a value that is missing by its meaning stays NaN.
    imputed
        Which values were filled in.
    means
        ``(m, iterations, F)``: mean of what was filled in, by which one sees whether the chains
        have come to rest; NaN for a feature without such values.
    """

    frames: tuple[pd.DataFrame, ...]
    imputed: pd.DataFrame
    means: FloatArray

    def __len__(self) -> int:
        return len(self.frames)


def multiple_imputation(
    frame: pd.DataFrame,
    *,
    outcome: npt.ArrayLike | None,
    m: int = 20,
    iterations: int = 10,
    policy: MissingPolicy | None = None,
    method: Method | Mapping[str, Method] = "matching",
    donors: int = 5,
    seed: int = 0,
) -> Imputations:
    """Fill in what is merely not known, ``m`` times.

    Parameters
    ----------
    frame
        One row per person, numeric columns, NaN for missing.
    outcome
        ``(n,)``, the outcome of the model to fit. It helps to fill in; without it every effect is
        pulled to zero (Moons et al. 2006). None only if there is none.
    m
        Number of completed frames; about the percentage of people with a missing value
        (White, Royston and Wood 2011).
    iterations
        Rounds over the features.
    policy
        What missing values mean; by default all are unknown, and filled in. Of a value that may
        not be filled in, other regressions see that it is missing.
    method
        ``matching`` or ``normal``, for all features or by name; one not named is matched.
    donors
        People from whom a matched value is drawn.
    seed
        The imputations follow from it and from the content of the rows, not from their order.

    Raises
    ------
    ModelError
        For a column that is not numeric, an infinite value, an outcome that is missing or of
        another length, or a feature of which too few values are known to fill in others.
    """
    names = [str(column) for column in frame.columns]
    wrong = [n for n in names if not pd.api.types.is_numeric_dtype(frame[n])]
    if wrong:
        raise ModelError(f"columns {', '.join(wrong)} are not numeric; code them as numbers.")
    if m < 2 or iterations < 1 or donors < 1:
        raise ModelError(
            f"m={m}, iterations={iterations} and donors={donors} must be at least 2, 1 and 1."
        )
    policy = MissingPolicy() if policy is None else policy
    x = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    extra = _outcome(outcome, len(x))
    normal = _normal(names, method)
    fill = policy.to_impute(frame)
    few = [n for n, column, f in zip(names, x.T, fill.T, strict=True) if _too_few(column, f)]
    if np.isinf(x).any() or few:
        problem = f"of {', '.join(few)} too few values are known" if few else "a value is infinite"
        raise ModelError(f"{problem}; nothing can be filled in from that.")
    order = np.lexsort([*x.T, *extra.T])
    back = np.argsort(order)
    chains = [
        _chain(x[order], extra[order], fill[order], normal, iterations, donors, rng)
        for rng in np.random.default_rng(seed).spawn(m)
    ]
    return Imputations(
        tuple(
            pd.DataFrame(found[back], columns=frame.columns, index=frame.index)
            for found, _ in chains
        ),
        pd.DataFrame(fill, columns=frame.columns, index=frame.index),
        np.array([means for _, means in chains]),
    )


def _outcome(outcome: npt.ArrayLike | None, n: int) -> FloatArray:
    if outcome is None:
        return np.empty((n, 0))
    found = np.asarray(outcome, dtype=np.float64)
    if found.shape != (n,) or not np.isfinite(found).all():
        raise ModelError(f"outcome must hold a known number for each of {n} rows.")
    return found[:, None]


def _normal(names: list[str], method: Method | Mapping[str, Method]) -> list[bool]:
    """Whether each feature is drawn from a normal distribution."""
    by_name = dict.fromkeys(names, method) if isinstance(method, str) else dict(method)
    unknown = sorted(set(by_name) - set(names))
    if unknown or not set(by_name.values()) <= {"matching", "normal"}:
        raise ModelError(
            f"method is {method!r}; expected 'matching' or 'normal', or one of these for columns "
            "of the frame."
        )
    return [by_name.get(name) == "normal" for name in names]


def _too_few(column: FloatArray, fill: npt.NDArray[np.bool_]) -> bool:
    return bool(fill.any() and (~np.isnan(column)).sum() < LEAST_KNOWN)


def _chain(
    x: FloatArray,
    extra: FloatArray,
    fill: npt.NDArray[np.bool_],
    normal: list[bool],
    iterations: int,
    donors: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """One completed matrix, and per iteration the mean of what was filled in per feature."""
    known = ~np.isnan(x)
    x = x.copy()
    visited = [j for j in np.argsort(fill.sum(axis=0), kind="stable") if fill[:, j].any()]
    for j in visited:
        x[fill[:, j], j] = rng.choice(x[known[:, j], j], size=int(fill[:, j].sum()))
    absent = np.isnan(x)  # by meaning: these stay so
    marks = absent[:, absent.any(axis=0)].astype(np.float64)
    means = np.full((iterations, x.shape[1]), np.nan)
    for round_ in range(iterations):
        for j in visited:
            design = _design(x, absent, np.hstack([marks, extra]), j)
            of, to = known[:, j], fill[:, j]
            if normal[j]:
                x[to, j] = _scattered(design[of], x[of, j], design[to], rng)
            else:
                x[to, j] = _matched(design[of], x[of, j], design[to], donors, rng)
            means[round_, j] = x[to, j].mean()
    return x, means


def _design(
    x: FloatArray, absent: npt.NDArray[np.bool_], more: FloatArray, target: int
) -> FloatArray:
    """Standardised predictors of one feature: all others, with a mark where they do not exist."""
    others = np.delete(x, target, axis=1)
    gone = np.delete(absent, target, axis=1)
    centres = np.nanmean(np.where(gone, np.nan, others), axis=0)
    columns = np.hstack([np.where(gone, centres, others), more])
    spread = columns.std(axis=0)
    varying = spread > 0
    columns = (columns[:, varying] - columns[:, varying].mean(axis=0)) / spread[varying]
    return np.hstack([np.ones((len(x), 1)), columns])


def _matched(
    design: FloatArray,
    values: FloatArray,
    wanted: FloatArray,
    donors: int,
    rng: np.random.Generator,
) -> FloatArray:
    """A value for each wanted row, of one of the people whose prediction is nearest to it."""
    estimate, drawn, _ = _drawn_coefficients(design, values, rng)
    mixed = rng.permutation(len(values))  # people with the same prediction in no fixed order
    predicted = design[mixed] @ estimate
    order = np.argsort(predicted, kind="stable")
    predicted, pool = predicted[order], values[mixed][order]
    aim = wanted @ drawn
    at = np.searchsorted(predicted, aim)[:, None] + np.arange(-donors, donors)
    inside = (at >= 0) & (at < len(pool))
    at = np.clip(at, 0, len(pool) - 1)
    distance = np.where(inside, np.abs(predicted[at] - aim[:, None]), np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, : min(donors, len(pool))]
    chosen = nearest[np.arange(len(aim)), rng.integers(nearest.shape[1], size=len(aim))]
    matched: FloatArray = pool[at[np.arange(len(aim)), chosen]]
    return matched


def _scattered(
    design: FloatArray, values: FloatArray, wanted: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """A value for each wanted row from the normal distribution around its prediction."""
    _, drawn, sigma = _drawn_coefficients(design, values, rng)
    scattered: FloatArray = wanted @ drawn + sigma * rng.normal(size=len(wanted))
    return scattered


def _drawn_coefficients(
    design: FloatArray, values: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, float]:
    """Least-squares coefficients, and a draw from the posterior of them and the residual spread.

    Rubin (1987), section 5.3.
    """
    cross = design.T @ design
    cross[np.diag_indices_from(cross)] *= 1.0 + RIDGE
    root = np.linalg.cholesky(cross)
    estimate: FloatArray = np.asarray(np.linalg.solve(cross, design.T @ values), np.float64)
    freedom = max(len(values) - design.shape[1], 1)
    sigma = float(np.sqrt(np.square(values - design @ estimate).sum() / rng.chisquare(freedom)))
    noise = np.linalg.solve(root.T, rng.normal(size=len(estimate)))
    drawn: FloatArray = estimate + sigma * noise
    return estimate, drawn, sigma
