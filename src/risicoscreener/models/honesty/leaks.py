"""Search for features that know the outcome: leaks of the future into the past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy.stats import hypergeom
from sklearn.metrics import roc_auc_score

from risicoscreener.errors import ModelError
from risicoscreener.models.estimators.penalised import Bounds, Sample, fit_penalised
from risicoscreener.models.estimators.splines import RampBasis
from risicoscreener.models.honesty.wording import sentence

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from risicoscreener.dossier import DossierTables
    from risicoscreener.models.piecewise import FloatArray

MIN_PER_CLASS = 10
"""Fewest known values with, and without, the outcome for a feature to be judged."""

PENALTY = (1.0, 0.1)
"""Of the spline of one feature on the outcome."""


@dataclass(frozen=True)
class LeakLimits:
    """When a feature is called suspect. A finding is a question to ask, not a verdict.

    Attributes
    ----------
    auc
        AUC of one feature alone, in the direction that fits.
    deviance
        Share of the deviance that one feature explains, as a curve.
    apart
        Times the deviance of the next best feature, if it explains at least ``apart_from``.
    missing_odds
        Odds ratio of the outcome between known and unknown, with a p-value below ``p_value``.
    duplicate
        Share of the people for whom a feature of two values equals the outcome or its opposite.
    p_value
        Chance, over all features together, of a feature that is constant within an outcome.
    """

    auc: float = 0.9
    deviance: float = 0.5
    apart: float = 4.0
    apart_from: float = 0.1
    missing_odds: float = 3.0
    duplicate: float = 0.98
    p_value: float = 1e-3


@dataclass(frozen=True)
class LeakFinding:
    """One reason to suspect one feature.

    Attributes
    ----------
    kind
        ``too_good``, ``deviance``, ``stands_apart``, ``missingness``, ``duplicate``,
        ``constant``, ``recorded_later`` or ``moves``.
    feature
        Its name.
    value, limit
        What was found, and from where it counts.
    """

    kind: str
    feature: str
    value: float
    limit: float

    def text(self, lang: str = "nl") -> str:
        """One sentence in ``nl`` or ``en``."""
        return sentence(
            "leak",
            self.kind,
            lang,
            feature=self.feature,
            value=f"{self.value:.3g}",
            limit=f"{self.limit:.3g}",
        )


@dataclass(frozen=True)
class LeakReport:
    """All findings, with what each feature explains alone.

    Attributes
    ----------
    findings
        In the order of the features.
    auc, deviance_share
        Per feature, NaN where too little is known.
    """

    findings: tuple[LeakFinding, ...]
    auc: Mapping[str, float]
    deviance_share: Mapping[str, float]

    @property
    def suspects(self) -> tuple[str, ...]:
        """The features with a finding, each once."""
        return tuple(dict.fromkeys(finding.feature for finding in self.findings))

    def sentences(self, lang: str = "nl") -> tuple[str, ...]:
        """What was found, in ``nl`` or ``en``."""
        if not self.findings:
            return (sentence("leak", "none", lang),)
        return tuple(finding.text(lang) for finding in self.findings)

    def to_frame(self) -> pd.DataFrame:
        """One row per finding: feature, kind, value, limit, nl, en."""
        import pandas as pd

        columns = ["feature", "kind", "value", "limit", "nl", "en"]
        rows = [
            (f.feature, f.kind, f.value, f.limit, f.text("nl"), f.text("en")) for f in self.findings
        ]
        return pd.DataFrame(rows, columns=columns)


def leak_search(
    frame: pd.DataFrame,
    y: npt.ArrayLike,
    *,
    index_date: npt.ArrayLike | None = None,
    recorded: Mapping[str, npt.ArrayLike] | None = None,
    moved: Iterable[LeakFinding] = (),
    limits: LeakLimits | None = None,
) -> LeakReport:
    """Look for features that know the outcome.

    Parameters
    ----------
    frame
        One row per person and index date, one numeric column per feature, NaN for unknown.
    y
        ``(n,)``, 0 or 1.
    index_date
        ``(n,)`` days on which the features should have been known.
    recorded
        Per feature ``(n,)`` days on which its value was recorded (NaT: unknown), to compare with
        ``index_date``.
    moved
        Findings of `later_facts_search`, to report with the others.
    limits
        `LeakLimits` by default.

    Raises
    ------
    ModelError
        For columns that are not numeric, an outcome that is not 0 or 1, or too few of either.
    """
    bounds = limits or LeakLimits()
    names = [str(column) for column in frame.columns]
    try:
        x = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ModelError(f"the frame holds what is no number ({error}).") from error
    outcome = np.asarray(y, dtype=np.float64)
    if outcome.shape != (len(x),) or not np.isin(outcome, (0.0, 1.0)).all():
        raise ModelError(f"y must hold 0 or 1 for each of the {len(x)} rows of the frame.")
    if min(outcome.sum(), len(outcome) - outcome.sum()) < MIN_PER_CLASS:
        raise ModelError(
            f"fewer than {MIN_PER_CLASS} rows have, or do not have, the outcome; a leak cannot be "
            "told from chance."
        )
    alone = {name: _alone(column, outcome) for name, column in zip(names, x.T, strict=True)}
    shares = {name: share for name, (_, share) in alone.items()}
    findings: list[LeakFinding] = []
    for name, column in zip(names, x.T, strict=True):
        findings += _of_strength(name, *alone[name], shares, bounds)
        findings += _of_values(name, column, outcome, bounds, len(names))
        findings += _of_missingness(name, column, outcome, bounds, len(names))
    findings += _of_dates(recorded or {}, index_date, names)
    findings += moved
    return LeakReport(tuple(findings), {n: auc for n, (auc, _) in alone.items()}, shares)


def _alone(column: FloatArray, outcome: FloatArray) -> tuple[float, float]:
    """AUC and share of the deviance of one feature, over the rows in which it is known."""
    known = ~np.isnan(column)
    x, y = column[known], outcome[known]
    if min(y.sum(), len(y) - y.sum()) < MIN_PER_CLASS or np.ptp(x) == 0:
        return float("nan"), float("nan")
    auc = float(roc_auc_score(y, x))
    weight = np.ones(len(y))
    basis = RampBasis.fit(x[:, None], weight, 7, 0.002)
    sample = Sample(basis.design(x[:, None]), y, weight)
    fit = fit_penalised(sample, basis.penalty(*PENALTY), Bounds.none(basis.size))
    mean = float(y.mean())
    null = -len(y) * (mean * np.log(mean) + (1.0 - mean) * np.log1p(-mean))
    return max(auc, 1.0 - auc), 1.0 - float(sample.deviance(fit.coefficients)) / float(null)


def _of_strength(
    name: str, auc: float, share: float, shares: Mapping[str, float], limits: LeakLimits
) -> list[LeakFinding]:
    found = []
    if auc > limits.auc:
        found.append(LeakFinding("too_good", name, auc, limits.auc))
    if share > limits.deviance:
        found.append(LeakFinding("deviance", name, share, limits.deviance))
    others = [s for other, s in shares.items() if other != name and s == s]
    next_best = max(others, default=0.0)
    if others and share > limits.apart_from and share > limits.apart * next_best:
        times = share / max(next_best, 1e-6)
        found.append(LeakFinding("stands_apart", name, times, limits.apart))
    return found


def _of_values(
    name: str, column: FloatArray, outcome: FloatArray, limits: LeakLimits, features: int
) -> list[LeakFinding]:
    """Duplicates of the outcome, and features that are constant within it."""
    known = ~np.isnan(column)
    x, y = column[known], outcome[known]
    if min(y.sum(), len(y) - y.sum()) < MIN_PER_CLASS or np.ptp(x) == 0:
        return []
    if len(np.unique(x)) == 2:
        same = float(((x == x.max()) == (y == 1)).mean())
        same = max(same, 1.0 - same)
        if same >= limits.duplicate:
            return [LeakFinding("duplicate", name, same, limits.duplicate)]
    for part, others in ((x[y == 1], x[y == 0]), (x[y == 0], x[y == 1])):
        if np.ptp(part) == 0:
            equal = int((x == part[0]).sum())
            if equal == len(part) and np.ptp(others) == 0:
                continue
            chance = float(hypergeom.pmf(len(part), len(x), equal, len(part)))
            if chance * features < limits.p_value:
                return [LeakFinding("constant", name, chance, limits.p_value / features)]
    return []


def _of_missingness(
    name: str, column: FloatArray, outcome: FloatArray, limits: LeakLimits, features: int
) -> list[LeakFinding]:
    """Whether being known goes with the outcome more than chance and more than a little."""
    from scipy.stats import fisher_exact

    unknown = np.isnan(column)
    if min(unknown.sum(), (~unknown).sum()) < MIN_PER_CLASS:
        return []
    event = outcome == 1
    table = np.array(
        [
            [(unknown & event).sum(), (unknown & ~event).sum()],
            [(~unknown & event).sum(), (~unknown & ~event).sum()],
        ]
    )
    a, b, c, d = (table + 0.5).ravel()  # Haldane 1956: also with an empty cell
    odds = float(a * d / (b * c))
    odds = max(odds, 1.0 / odds)
    if odds <= limits.missing_odds or fisher_exact(table).pvalue * features >= limits.p_value:
        return []
    return [LeakFinding("missingness", name, odds, limits.missing_odds)]


def _of_dates(
    recorded: Mapping[str, npt.ArrayLike], index_date: npt.ArrayLike | None, names: list[str]
) -> list[LeakFinding]:
    if not recorded:
        return []
    if index_date is None:
        raise ModelError("recorded dates are compared with index_date; give it too.")
    days = np.asarray(index_date, dtype="datetime64[D]")
    found = []
    for name, dates in recorded.items():
        if name not in names:
            raise ModelError(f"recorded names {name!r}, which the frame does not have.")
        on = np.asarray(dates, dtype="datetime64[D]")
        if on.shape != days.shape:
            raise ModelError(f"recorded dates of {name!r}: {on.shape}; expected {days.shape}.")
        late = float((on > days).mean())  # a comparison with NaT is False
        if late > 0:
            found.append(LeakFinding("recorded_later", name, late, 0.0))
    return found


# -- facts recorded after the index date ---------------------------------------------------------


def later_facts_search(
    dossiers: DossierTables,
    index: Any,
    compute: Callable[[DossierTables, Any], pd.DataFrame] | None = None,
    *,
    most_people: int = 200,
    most_days: int = 20,
    seed: int = 0,
) -> tuple[LeakFinding, ...]:
    """Features that change when facts recorded after the index date are left out.

    Features are computed twice for a sample of people: from their dossiers, and from dossiers
    as they stood on the index date, without rows that were recorded and fields that became known
    later. A feature that differs uses the future.

    Parameters
    ----------
    dossiers
        Validated tables.
    index
        Frame with ``person_id`` and ``as_of``, or one day for everyone.
    compute
        From tables and index frame to one row per index row and one column per feature, in the
        order of the index. By default the shipped feature definitions; hand in your own function
        to test features that were made elsewhere.
    most_people, most_days
        Size of the sample, drawn by ``seed``.

    Raises
    ------
    ModelError
        If the function gives another number of rows or other columns the second time.
    """
    import pandas as pd

    from risicoscreener.features.index import Index

    made = compute or _compute_shipped
    at = Index.of(dossiers, index)
    ids = dossiers.person_ids.to_pylist()
    rng = np.random.default_rng(seed)
    people = np.sort(rng.permutation(np.unique(at.positions))[:most_people])
    days = np.sort(rng.permutation(np.unique(at.days[np.isin(at.positions, people)]))[:most_days])
    differs: dict[str, list[npt.NDArray[np.bool_]]] = {}
    for day in days:
        chosen = np.unique(at.positions[(at.days == day) & np.isin(at.positions, people)])
        part, as_of = dossiers.select(chosen), _date(int(day))
        frame = pd.DataFrame({"person_id": [ids[i] for i in chosen], "as_of": pd.Timestamp(as_of)})
        whole, early = made(part, frame), made(_as_it_stood(part, as_of), frame)
        if list(whole.columns) != list(early.columns) or len(whole) != len(early):
            raise ModelError("compute gave other rows or columns without the later facts.")
        for name in whole.columns:
            a, b = whole[name].to_numpy(float), early[name].to_numpy(float)
            same = (a == b) | (np.isnan(a) & np.isnan(b))
            differs.setdefault(str(name), []).append(~same)
    shares = {name: float(np.concatenate(parts).mean()) for name, parts in differs.items()}
    return tuple(LeakFinding("moves", n, share, 0.0) for n, share in shares.items() if share > 0)


def _compute_shipped(dossiers: DossierTables, index: pd.DataFrame) -> pd.DataFrame:
    from risicoscreener.features import compute_features

    return compute_features(dossiers, index).to_frame()


def _date(days: int) -> dt.date:
    from risicoscreener.dossier.schema import EPOCH

    return EPOCH + np.timedelta64(days, "D").astype(object)


def _as_it_stood(dossiers: DossierTables, day: dt.date) -> DossierTables:
    """The tables without what was recorded, or became known, after a day."""
    from risicoscreener.dossier import DossierTables
    from risicoscreener.dossier.known import as_known

    return DossierTables.from_dossiers([as_known(d, day) for d in dossiers.to_dossiers()])
