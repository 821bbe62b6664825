"""How often intervals hold the true risk: of a posterior, an ensemble, and pooled imputations.

    python scripts/interval_coverage.py [covariance] [ensemble] [imputation] [slopes] [conformal]
        [--samples 60] [--people 500 1500 6000]

covariance: that of the posterior, a sandwich, and the posterior after calibration. ensemble: the
bootstrap beside the posterior, for the splines as they come and for straight lines that are hardly
penalised. imputation: one feature is missing for a third, of those with the outcome for three in
five. slopes: the same for the coefficients of a linear model, whose intervals have no bias of their
own; a third or a half of a feature is missing, more often where the outcome is high. conformal:
sets of outcomes and of risk bands, at 90%.

Three features, of which two count; terms that flatten in the tails, are straight there, or wave.
The penalty is chosen anew in each sample. Shares are of the people of the sample, at 95%.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.special import expit

from risicoscreener.models import ScoringProgram, SplineLogisticClassifier
from risicoscreener.models.estimators.penalised import Sample
from risicoscreener.models.missing import fit_pooled, multiple_imputation, pool
from risicoscreener.models.uncertainty import bootstrap, conformal_bands

TERMS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "flattening": ("tanh(x)", np.tanh),
    "straight": ("0.7 x", lambda x: 0.7 * x),
    "waving": ("sin(2 x)", lambda x: np.sin(2.0 * x)),
}


class Coverage(NamedTuple):
    """Shares of people whose true risk lies in an interval.

    ``known_penalty``: the posterior as if the penalty had not been chosen on the same people.
    ``tenths``: of the posterior, per tenth of the people in the order of the first feature.
    """

    posterior: float
    known_penalty: float
    sandwich: float
    calibrated: float
    tenths: tuple[float, ...]


def coverage(seed: int, n: int = 1500, terms: str = "flattening") -> Coverage:
    """One sample: ``n`` people, the intervals of a fit on them, and their true risk.

    Parameters
    ----------
    terms
        A name in `TERMS`: the term of the first feature, and with half its weight of the second.
    """
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    term = TERMS[terms][1]
    truth = -1.0 + term(x[:, 0]) + 0.5 * term(x[:, 1])
    y = (rng.random(n) < expit(truth)).astype(float)
    model = SplineLogisticClassifier(calibration=None, folds=3).fit(x, y)
    known, sandwich = _errors_of_known_penalty(model, x, y)
    lp = model.decision_function(x)
    held = _held(model.lower(list("abc")), x, truth)
    tenth = (10 * x[:, 0].argsort().argsort()) // n
    return Coverage(
        posterior=float(held.mean()),
        known_penalty=float((np.abs(lp - truth) <= 1.96 * known).mean()),
        sandwich=float((np.abs(lp - truth) <= 1.96 * sandwich).mean()),
        calibrated=_holds(SplineLogisticClassifier(folds=3).fit(x, y).lower(list("abc")), x, truth),
        tenths=tuple((np.bincount(tenth, held) / np.bincount(tenth)).tolist()),
    )


def _holds(program: ScoringProgram, x: np.ndarray, truth: np.ndarray) -> float:
    """Share of people whose true risk lies in the interval."""
    return float(_held(program, x, truth).mean())


def _held(program: ScoringProgram, x: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Whose true risk lies in the interval."""
    intervals = program.interval_many(x)
    assert intervals is not None
    risk = expit(truth)
    return np.asarray((intervals.lower <= risk) & (risk <= intervals.upper))


def _errors_of_known_penalty(
    model: SplineLogisticClassifier, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Standard errors of the posterior for the penalty chosen, and of the sandwich.

    The second are around the mean of the penalised fit, without its bias.
    """
    design, ones = model.basis_.design(x), np.ones(len(y))
    _, information = Sample(design, y, ones).expansion(model.coefficients_)
    widths = model.basis_.people(x, ones) if model.layout_ == "people" else None
    penalty = model.basis_.penalty(model.shrinkage_, model.smoothness_, widths)
    inverse = np.linalg.inv(information + penalty)
    errors = [
        np.sqrt(np.einsum("ij,ij->i", design @ covariance, design))
        for covariance in (inverse, inverse @ information @ inverse)
    ]
    return errors[0], errors[1]


# -- ensembles -----------------------------------------------------------------------------------

LIGHT = {"knots": 2, "shrinkage": 1e-4, "smoothness": 0.0, "calibration": None, "folds": 3}
"""Straight lines within the data, hardly penalised: there the bootstrap is right in theory."""


class EnsembleCoverage(NamedTuple):
    """Shares of people whose true risk lies in an interval, and the width of one to the other."""

    posterior: float
    bootstrap: float
    width: float


def ensemble_coverage(
    seed: int, n: int = 1500, terms: str = "flattening", replicates: int = 30, light: bool = False
) -> EnsembleCoverage:
    """One sample: the intervals of the posterior and of bootstrap replicates of the whole fit."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2.0, 2.0, size=(n, 3)) if light else rng.normal(size=(n, 3))
    term = TERMS[terms][1]
    truth = -1.0 + term(x[:, 0]) + 0.5 * term(x[:, 1])
    y = (rng.random(n) < expit(truth)).astype(float)
    settings: dict[str, Any] = LIGHT if light else {"calibration": None, "folds": 3}
    made = bootstrap(
        SplineLogisticClassifier(**settings),
        x,
        y,
        replicates=replicates,
        seed=seed,
        feature_names=list("abc"),
    )
    lowered = made.lower()
    errors = [p.interval_many(x).standard_error for p in (lowered, made.program)]
    return EnsembleCoverage(
        posterior=_holds(made.program, x, truth),
        bootstrap=_holds(lowered, x, truth),
        width=float(np.median(errors[0] / errors[1])),
    )


# -- imputation ----------------------------------------------------------------------------------


class ImputationCoverage(NamedTuple):
    """Shares of people whose true risk lies in an interval of a fit on these data."""

    nothing_missing: float
    complete_cases: float
    one_imputation: float
    matching: float
    normal: float


def imputation_coverage(seed: int, n: int = 1500, m: int = 10) -> ImputationCoverage:
    """One sample with a feature that is missing more often with the outcome."""
    rng = np.random.default_rng(seed)
    x = rng.multivariate_normal(np.zeros(3), 0.5 + 0.5 * np.eye(3), size=n)
    truth = -1.0 + 0.7 * x[:, 0] + 0.35 * x[:, 1]
    y = (rng.random(n) < expit(truth)).astype(float)
    frame = pd.DataFrame(x, columns=list("abc"))
    holes = frame.copy()
    holes.loc[rng.random(n) < expit(-1.2 + 1.5 * y + 0.7 * x[:, 2]), "a"] = np.nan
    complete = holes.notna().all(axis=1).to_numpy()
    estimator = SplineLogisticClassifier(calibration=None, folds=3)
    made = {
        method: multiple_imputation(holes, outcome=y, m=m, method=method, seed=seed)  # type: ignore[arg-type]
        for method in ("matching", "normal")
    }
    fits = [
        estimator.fit(frame, y).lower(),
        estimator.fit(frame[complete], y[complete]).lower(),
        estimator.fit(made["matching"].frames[0], y).lower(),
        fit_pooled(estimator, made["matching"], y),
        fit_pooled(estimator, made["normal"], y),
    ]
    return ImputationCoverage(*(_holds(program, x, truth) for program in fits))


class SlopeCoverage(NamedTuple):
    """Shares of the four coefficients that lie in their pooled interval."""

    matching: float
    normal: float


def slope_coverage(
    seed: int, n: int = 300, strength: float = 0.7, level: float = -0.7
) -> SlopeCoverage:
    """One sample with a feature that is missing with log odds ``level + strength * outcome``."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    b = 0.6 * a + 0.8 * rng.normal(size=n)
    frame = pd.DataFrame({"a": a, "b": b, "c": rng.poisson(2.0, n).astype(float)})
    truth = np.array([0.0, 1.0, 0.5, 0.0])
    y = a + 0.5 * b + rng.normal(size=n)
    frame.loc[rng.random(n) < expit(level + strength * y), "a"] = np.nan
    shares = []
    for method in ("matching", "normal"):
        made = multiple_imputation(frame, outcome=y, m=10, method=method, seed=seed)  # type: ignore[arg-type]
        fits = [sm.OLS(y, sm.add_constant(one)).fit() for one in made.frames]
        pooled = pool(
            [fit.params for fit in fits],
            [fit.cov_params() for fit in fits],
            complete_degrees_of_freedom=n - 4,
        )
        low, high = pooled.intervals().T
        shares.append(float(((low <= truth) & (truth <= high)).mean()))
    return SlopeCoverage(*shares)


# -- conformal -----------------------------------------------------------------------------------

CUT_OFFS = (0.1, 0.3)


class ConformalCoverage(NamedTuple):
    """Shares of new people, with a model that is too sure: sets that hold, and their size."""

    with_outcome: float
    without: float
    both_outcomes: float
    band: float
    bands: float


def conformal_coverage(seed: int, n: int = 1500) -> ConformalCoverage:
    """One sample of ``n`` people for the sets, and 5,000 new ones."""
    rng = np.random.default_rng(seed)
    lp = rng.normal(-1.0, 1.0, n + 5000)
    y = (rng.random(len(lp)) < expit(lp)).astype(int)
    p = expit(1.7 * lp - 0.3)
    made = conformal_bands(p[:n], y[:n], cut_offs=CUT_OFFS, alpha=0.1)
    new, outcome = p[n:], y[n:]
    sets = made.outcomes_many(new)
    holds = sets[np.arange(len(new)), outcome]
    in_set = made.bands_many(new)
    stratum = made.strata[0]
    cell = np.searchsorted(stratum.edges, new, side="right")
    rate = np.bincount(cell, expit(lp[n:])) / np.bincount(cell)
    band = np.searchsorted(CUT_OFFS, rate, side="right")[cell]
    return ConformalCoverage(
        with_outcome=float(holds[outcome == 1].mean()),
        without=float(holds[outcome == 0].mean()),
        both_outcomes=float(sets.all(axis=1).mean()),
        band=float(in_set[np.arange(len(new)), band].mean()),
        bands=float(in_set.sum(axis=1).mean()),
    )


# -- tables --------------------------------------------------------------------------------------


def _table(
    rows: dict[str, Callable[[int, int], NamedTuple]], samples: int, people: list[int]
) -> None:
    """A line per row and number of people: means over the samples, and the error of the second."""
    names: tuple[str, ...] = ()
    for label, run in rows.items():
        for n in people:
            results = [run(seed, n) for seed in range(samples)]
            if not names:
                names = results[0]._fields
                print(f"{'':<34}{'people':>7}" + "".join(f"{name:>17}" for name in names))
            found = np.array(results)
            error = found.std(axis=0, ddof=1) / np.sqrt(samples)
            cells = [
                f"{mean:>9.3f} ({e:.3f})" for mean, e in zip(found.mean(axis=0), error, strict=True)
            ]
            print(f"{label:<34}{n:>7,}" + "".join(f"{cell:>17}" for cell in cells), flush=True)


def ensembles(samples: int, people: list[int]) -> None:
    rows: dict[str, Callable[[int, int], NamedTuple]] = {
        f"{name}, {formula}": lambda seed, n, name=name: ensemble_coverage(seed, n, name)
        for name, (formula, _) in TERMS.items()
    }
    print(f"\n{samples} samples, 30 replicates; 95% intervals (error of the mean over samples)")
    _table(rows, samples, people)
    light = {
        "straight lines, hardly penalised": lambda seed, n: ensemble_coverage(
            seed, n, "straight", light=True
        )
    }
    print(f"{4 * samples} samples, for a fit that takes a fraction of the time")
    _table(light, 4 * samples, people)


def imputations(samples: int, people: list[int]) -> None:
    print(f"\n{samples} samples, 10 imputations; 95% intervals (error of the mean over samples)")
    _table({"0.7 a + 0.35 b": imputation_coverage}, samples, people)


def slopes(samples: int, people: list[int]) -> None:
    print(f"\n{samples} samples, 10 imputations; 95% intervals (error of the mean over samples)")
    rows: dict[str, Callable[[int, int], NamedTuple]] = {
        "a third missing": slope_coverage,
        "half missing, strongly selected": lambda seed, n: slope_coverage(seed, n, 1.5, 0.0),
    }
    _table(rows, samples, people)


def conformal(samples: int, people: list[int]) -> None:
    print(f"\n{samples} samples; sets at 90% (error of the mean over samples)")
    _table({"a model that is too sure": conformal_coverage}, samples, people)


def covariance(samples: int, people: list[int]) -> None:
    print(
        f"{samples} samples each; share of people whose true risk is in the 95% interval;\n"
        "error: standard error of the mean over samples; tenths: least and most of the posterior\n"
        "over the tenths of the people in the order of the first feature"
    )
    print(
        f"{'terms':<22}{'people':>8}{'posterior (error)':>19}{'known penalty':>15}"
        f"{'sandwich':>10}{'calibrated':>12}{'tenths':>17}"
    )
    for name, (formula, _) in TERMS.items():
        for n in people:
            found = [coverage(seed, n, name) for seed in range(samples)]
            shares = np.array([one[:4] for one in found])
            mean, error = shares.mean(axis=0), shares[:, 0].std(ddof=1) / np.sqrt(samples)
            tenths = np.mean([one.tenths for one in found], axis=0)
            print(
                f"{name + ', ' + formula:<22}{n:>8,}{mean[0]:>11.3f} ({error:.3f})"
                f"{mean[1]:>15.3f}{mean[2]:>10.3f}{mean[3]:>12.3f}"
                f"{tenths.min():>9.3f} - {tenths.max():.3f}",
                flush=True,
            )


KINDS: dict[str, Callable[[int, list[int]], None]] = {
    "covariance": covariance,
    "ensemble": ensembles,
    "imputation": imputations,
    "slopes": slopes,
    "conformal": conformal,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kinds", nargs="*", metavar="kind", help=", ".join(KINDS))
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--people", type=int, nargs="+", default=[500, 1500, 6000])
    given = parser.parse_args()
    if unknown := set(given.kinds) - set(KINDS):
        parser.error(f"{', '.join(sorted(unknown))}; expected {', '.join(KINDS)}")
    for kind in given.kinds or KINDS:
        KINDS[kind](given.samples, given.people)
