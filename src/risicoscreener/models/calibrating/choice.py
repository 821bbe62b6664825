"""Which calibration method: cross-fitted losses, a preference for the simple, and the reasons."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt

from risicoscreener.errors import ModelError
from risicoscreener.models.calibrating.data import CalibrationData, checked
from risicoscreener.models.calibrating.register import (
    Method,
    check_method,
    fit_calibration,
    fit_unguarded,
    lacking,
    method_names,
    settings,
)
from risicoscreener.models.calibration import calibrated_log_odds, expit_many
from risicoscreener.models.estimators.folds import deal_folds
from risicoscreener.texts import Texts, check_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from risicoscreener.models.calibration import Calibration
    from risicoscreener.models.piecewise import FloatArray


@cache
def sentence(name: str) -> Texts:
    """A sentence of ``texts.toml``, such as ``choice.best``."""
    path = files("risicoscreener.models.calibrating") / "texts.toml"
    found: Any = tomllib.loads(path.read_text("utf-8"))
    for part in name.split("."):
        found = found[part]
    return msgspec.convert(found, Texts)


@dataclass(frozen=True)
class Split:
    """Rows to fit a map on, and rows that neither it nor their predictor has seen.

    ``weight`` is the weight of a row in this split; ``fold`` the fold by which the predictor of
    a training row was left out, for the cross Venn-Abers map.
    """

    train_lp: FloatArray
    train_outcome: FloatArray
    train_weight: FloatArray
    train_fold: npt.NDArray[np.intp] | None
    lp: FloatArray
    outcome: FloatArray
    weight: FloatArray
    rows: npt.NDArray[np.intp]

    def losses(self, method: Method) -> tuple[FloatArray, FloatArray]:
        """Log loss and squared error of each row held out."""
        fitted = fit_unguarded(
            method,
            self.train_lp,
            self.train_outcome,
            self.train_weight,
            folds=self.train_fold,
        )
        log_odds = calibrated_log_odds(fitted, self.lp)
        log_loss = np.logaddexp(0.0, np.where(self.outcome > 0, -log_odds, log_odds))
        return log_loss, np.square(expit_many(log_odds) - self.outcome)


@dataclass(frozen=True)
class MethodResult:
    """How one method did on people that its map had not seen.

    Attributes
    ----------
    method
        Its name.
    tried
        False if there were too few events for it; the figures are then NaN.
    log_loss, brier
        Weighted means (natural logarithm).
    gain, gain_error
        Log loss without calibration less that of the method, and its paired standard error.
    brier_gain, brier_gain_error
        The same for the Brier score.
    behind, behind_error
        Log loss of the method less that of the best one, and its paired standard error.
    """

    method: Method
    tried: bool
    log_loss: float
    brier: float
    gain: float
    gain_error: float
    brier_gain: float
    brier_gain_error: float
    behind: float
    behind_error: float


@dataclass(frozen=True)
class CalibrationChoice:
    """The chosen calibration map, what was tried, and why this one.

    Attributes
    ----------
    method
        The chosen method: the simplest whose log loss is within one standard error of the
        lowest.
    calibration
        Its map, fitted on all the data.
    results
        One per method, from the simplest to the most flexible.
    n, events, fewest
        People, and people with the outcome; the rarer outcome (all by weight).
    folds
        Number of folds.
    nested
        Whether the model too was fitted anew without each fold.
    """

    method: Method
    calibration: Calibration
    results: tuple[MethodResult, ...]
    n: float
    events: float
    fewest: float
    folds: int
    nested: bool

    @property
    def best(self) -> MethodResult:
        """Result of the method with the lowest log loss."""
        return min((r for r in self.results if r.tried), key=lambda result: result.log_loss)

    @property
    def chosen(self) -> MethodResult:
        """Result of the chosen method."""
        return next(result for result in self.results if result.method == self.method)

    def to_frame(self) -> pd.DataFrame:
        """One row per method, indexed by its name; the columns of `MethodResult` and chosen."""
        import pandas as pd

        frame = pd.DataFrame([vars(result) for result in self.results]).set_index("method")
        return frame.assign(chosen=[name == self.method for name in frame.index])

    def explain(self, lang: str = "en") -> str:
        """What was tried, how much each gained and why this one was chosen; nl or en."""
        check_language(lang)
        nested = sentence("choice.nested" if self.nested else "choice.given").text(lang)
        setting = sentence("choice.setting").text(lang)
        counted = {"people": f"{self.n:g}", "events": f"{self.events:g}", "folds": self.folds}
        return "\n".join(
            [
                f"{setting.format(**counted)} {nested}",
                *(f"- {self._line(result, lang)}" for result in self.results),
                self._reason(lang),
                sentence("choice.warning").text(lang),
            ]
        )

    def __str__(self) -> str:
        return self.explain("en")

    def _line(self, result: MethodResult, lang: str) -> str:
        about = settings().methods[result.method]
        parts = {
            "label": _capital(about.label.text(lang)),
            "does": about.does.text(lang),
            "least": about.least_events,
            "fewest": f"{self.fewest:g}",
            "loss": f"{result.log_loss:.5f}",
            "brier": f"{result.brier:.5f}",
            "gain": f"{result.gain:+.5f}",
            "error": f"{result.gain_error:.5f}",
            "brier_gain": f"{result.brier_gain:+.5f}",
            "brier_error": f"{result.brier_gain_error:.5f}",
        }
        kind = "tried" if result.tried else "refused"
        kind = "base" if result.method == "none" else kind
        return sentence(f"choice.{kind}").text(lang).format(**parts)

    def _reason(self, lang: str) -> str:
        labels = {name: about.label.text(lang) for name, about in settings().methods.items()}
        kind = "best" if self.best.method == self.method else "simpler"
        kind = "none" if kind == "best" and self.method == "none" else kind
        return (
            sentence(f"choice.{kind}")
            .text(lang)
            .format(
                label=labels[self.method],
                best=_capital(labels[self.best.method]),
                difference=f"{self.chosen.behind:.5f}",
                error=f"{self.chosen.behind_error:.5f}",
            )
        )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def choose_calibration(
    lp: npt.ArrayLike,
    outcome: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    methods: Iterable[Method] | None = None,
    groups: npt.ArrayLike | None = None,
    folds: int = 10,
) -> CalibrationChoice:
    """Choose a calibration method by cross-fitted log loss, with a preference for the simple.

    Each method is fitted on all folds but one and judged on that one. The simplest method whose
    log loss is at most one standard error (of the paired difference) above the lowest is chosen
    and fitted on all data. Methods for which there are too few events are not tried.

    Parameters
    ----------
    lp
        ``(n,)``: log odds of rows that the model has not seen. If they are out of fold, each
        comes from a fit that saw the other rows, so the losses are not wholly independent of
        the maps; `CalibratedAdditive` with ``method="choose"`` fits the model anew too.
    outcome
        ``(n,)``: 0 or 1.
    weight
        ``(n,)``, not negative; a weight of 2 is a row seen twice.
    methods
        Names to choose from; by default all. ``none`` is always among them.
    groups
        ``(n,)``: rows of one group stay in one fold, and count as one in standard errors.
    folds
        Number of folds, dealt from the content of the rows (or from their groups).

    Raises
    ------
    ModelError
        For an unknown method, input that cannot be used, or too few rows for folds.

    References
    ----------
    Hastie T, Tibshirani R, Friedman J (2009). The Elements of Statistical Learning, section
    7.10 (the one-standard-error rule).
    """
    lp, outcome, weight = checked(lp, outcome, weight)
    used = weight > 0
    lp, outcome, weight = lp[used], outcome[used], weight[used]
    together = None if groups is None else np.asarray(groups)[used]
    data = CalibrationData.of(lp, outcome, weight)
    shares = deal_folds(lp[:, None], outcome, weight, together, folds)
    if shares is None:
        raise ModelError(
            "too few people with or without the outcome to choose a calibration; name a method."
        )
    splits = [_split(lp, outcome, weight - share, share) for share in shares.T]
    names = tried_methods(methods, data.fewest)
    results = judge(splits, names, _requested(methods), together)
    method = one_standard_error(results)
    return CalibrationChoice(
        method=method,
        calibration=fit_calibration(method, lp, outcome, weight),
        results=results,
        n=float(weight.sum()),
        events=float(weight @ outcome),
        fewest=data.fewest,
        folds=shares.shape[1],
        nested=False,
    )


def _split(lp: FloatArray, outcome: FloatArray, kept: FloatArray, share: FloatArray) -> Split:
    train, held = kept > 0, np.flatnonzero(share > 0)
    return Split(
        train_lp=lp[train],
        train_outcome=outcome[train],
        train_weight=kept[train],
        train_fold=None,
        lp=lp[held],
        outcome=outcome[held],
        weight=share[held],
        rows=held,
    )


def _requested(methods: Iterable[Method] | None) -> tuple[Method, ...]:
    """The methods asked for and ``none``, from the simplest to the most flexible."""
    asked = method_names() if methods is None else tuple(check_method(name) for name in methods)
    return tuple(name for name in method_names() if name == "none" or name in asked)


def tried_methods(methods: Iterable[Method] | None, fewest: float) -> tuple[Method, ...]:
    """The methods asked for that have events enough, from the simplest to the most flexible."""
    return tuple(name for name in _requested(methods) if lacking(name, fewest) is None)


def judge(
    splits: Sequence[Split],
    tried: Sequence[Method],
    requested: Sequence[Method],
    groups: npt.NDArray[Any] | None,
) -> tuple[MethodResult, ...]:
    """Losses of each method over the rows held out, compared pair by pair."""
    weight = np.concatenate([split.weight for split in splits])
    rows = np.concatenate([split.rows for split in splits])
    clusters = None if groups is None else np.unique(groups, return_inverse=True)[1][rows]
    losses = {}
    for method in tried:
        parts = [split.losses(method) for split in splits]
        losses[method] = np.concatenate([np.array(part) for part in parts], axis=1)
    totals = {method: loss[0] @ weight for method, loss in losses.items()}
    best, base = min(totals, key=lambda method: totals[method]), losses["none"]

    def compared(difference: FloatArray) -> tuple[float, float]:
        return mean_and_error(difference, weight, clusters)

    results = []
    for method in requested:
        if method not in losses:
            results.append(MethodResult(method, False, *[float("nan")] * 8))
            continue
        own = losses[method]
        results.append(
            MethodResult(
                method,
                True,
                float(own[0] @ weight / weight.sum()),
                float(own[1] @ weight / weight.sum()),
                *compared(base[0] - own[0]),
                *compared(base[1] - own[1]),
                *compared(own[0] - losses[best][0]),
            )
        )
    return tuple(results)


def one_standard_error(results: Sequence[MethodResult]) -> Method:
    """The first (simplest) method that is at most one standard error behind the best."""
    return next(r.method for r in results if r.tried and r.behind <= r.behind_error)


def mean_and_error(
    x: FloatArray, weight: FloatArray, clusters: npt.NDArray[np.intp] | None
) -> tuple[float, float]:
    """Weighted mean and its standard error; whole weights without clusters count people."""
    total = float(weight.sum())
    mean = float(x @ weight) / total
    if clusters is None and (weight == np.floor(weight)).all():
        variance = float(weight @ np.square(x - mean)) / (total * max(total - 1.0, 1.0))
        return mean, float(np.sqrt(variance))
    moved = weight * (x - mean)
    sums = moved if clusters is None else np.bincount(clusters, moved)
    sums = sums[sums != 0.0] if clusters is None else sums
    count = max(len(sums), 2)
    return mean, float(np.sqrt(np.square(sums).sum() * count / (count - 1))) / total
