"""How well features tell a group that no feature names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.discrimination import auc_estimate
from risicoscreener.evaluation.estimate import Estimate
from risicoscreener.evaluation.sample import Sample, as_numbers, labels_of, texts_of
from risicoscreener.evaluation.wording import words

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

SOMEWHAT, CLEARLY = 0.6, 0.7
"""Areas from which features say something, and much, about a group: the marks at which
discrimination is commonly called poor and acceptable (Hosmer and Lemeshow 2000, p. 162)."""


@dataclass(frozen=True)
class ProxyFeature:
    """One feature.

    Attributes
    ----------
    name
        Of the feature.
    alone
        ``group_told`` by this feature alone; below 0.5 lower values go with the group.
    lost
        By how much the area of all features falls if this one is shuffled: what it says that the
        others do not. Features that say the same thing share it, and each can be near 0.
    """

    name: str
    alone: Estimate
    lost: float


@dataclass(frozen=True)
class Proxies:
    """How well features tell one group from the others.

    Attributes
    ----------
    group
        Its label.
    told
        ``group_told``: area under the ROC curve of people that the classifier did not see, with
        DeLong's interval.
    features
        The strongest first.
    """

    group: str
    told: Estimate
    features: tuple[ProxyFeature, ...]

    def reading(self, lang: str = "nl") -> str:
        """What it comes to, in a sentence, by the lower limit of the interval."""
        sure = self.told.low if self.told.has_interval else self.told.value
        if not np.isfinite(sure):
            return self.told.text(lang)
        kind = "clearly" if sure >= CLEARLY else "somewhat" if sure >= SOMEWHAT else "hardly"
        return words("groups", f"told_{kind}", lang)

    def to_frame(self) -> pd.DataFrame:
        """A row for each feature."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "feature": f.name,
                    "alone": f.alone.value,
                    "low": f.alone.low,
                    "high": f.alone.high,
                    "lost": f.lost,
                }
                for f in self.features
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "group": self.group,
            "told": self.told.to_dict(),
            "features": [
                {"name": f.name, "alone": f.alone.to_dict(), "lost": f.lost} for f in self.features
            ],
        }

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True, index=False)


def proxies(
    features: npt.ArrayLike,
    labels: npt.ArrayLike,
    group: str,
    *,
    names: Sequence[str] | None = None,
    classifier: Any = None,
    folds: int = 5,
    cluster: npt.ArrayLike | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Proxies:
    """Predict a group from the features, on people that the classifier did not see.

    An area of 0.5 says that this classifier found nothing, not that nothing is there.

    Parameters
    ----------
    features
        ``(n, F)`` numbers; missing values are allowed if the classifier allows them.
    labels
        ``(n,)`` group of each person.
    group
        The label that is told from the others.
    names
        Of the features; by default the columns of a frame, or ``x0``, ``x1``, …
    classifier
        A scikit-learn classifier with ``predict_proba``; boosted trees without it, which bear
        missing values and find what is not linear.
    folds
        Of the cross-validation, with people of one cluster in one fold.
    cluster
        ``(n,)`` person or prison of each row.
    level
        Of the intervals.
    seed
        Of folds and shuffles.

    Raises
    ------
    EvaluationError
        If fewer people than folds are in the group or outside it, a label is missing, lengths
        differ, or the classifier cannot be fitted.

    References
    ----------
    Feldman, Friedler, Moeller, Scheidegger and Venkatasubramanian (2015), KDD 259-268.
    """
    titles = _names(features, names)
    x = as_numbers(features, "features")
    if x.ndim != 2 or x.shape[1] != len(titles):
        raise EvaluationError(f"features have shape {x.shape}; expected (n, {len(titles)})")
    of_people = texts_of(labels, len(x))
    cluster = None if cluster is None else labels_of(cluster, len(x), "cluster")
    member = of_people == str(group)
    fewest = min(int(member.sum()), int((~member).sum()))
    if fewest < folds:
        raise EvaluationError(
            f"{int(member.sum())} of {len(member)} people are {group!r}; expected at least {folds} "
            "in the group and outside it"
        )
    try:
        whole, shuffled = _out_of_fold(x, member, _model(classifier, seed), folds, cluster, seed)
    except ValueError as error:  # scikit-learn's, on folds and on what the classifier cannot use
        raise EvaluationError(f"the group cannot be predicted: {error}") from error
    told = _told(whole, member, cluster, level)
    found = []
    for j, name in enumerate(titles):
        alone = _told(_ranks(x[:, j]), member, cluster, level)
        lost = told.value - _told(shuffled[:, j], member, cluster, level).value
        found.append(ProxyFeature(name, alone, float(lost)))
    found.sort(key=lambda f: (-f.lost, -abs(f.alone.value - 0.5), f.name))
    return Proxies(str(group), told, tuple(found))


def _names(features: Any, names: Sequence[str] | None) -> tuple[str, ...]:
    if names is not None:
        return tuple(map(str, names))
    if hasattr(features, "columns"):
        return tuple(map(str, features.columns))
    return tuple(f"x{j}" for j in range(np.shape(features)[-1]))


def _model(classifier: Any, seed: int) -> Any:
    if classifier is not None:
        return classifier
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=100, max_leaf_nodes=8, learning_rate=0.1, random_state=seed
    )


def _out_of_fold(
    x: FloatArray,
    member: npt.NDArray[np.bool_],
    classifier: Any,
    folds: int,
    cluster: npt.ArrayLike | None,
    seed: int,
) -> tuple[FloatArray, FloatArray]:
    """Probability of the group, ``(n,)``, and with each feature shuffled, ``(n, F)``."""
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    splitter = (StratifiedKFold if cluster is None else StratifiedGroupKFold)(
        folds, shuffle=True, random_state=seed
    )
    rng = np.random.default_rng(seed)
    whole, shuffled = np.empty(len(x)), np.empty(x.shape)
    for train, test in splitter.split(x, member, cluster):
        if member[train].all() or not member[train].any():
            raise EvaluationError(
                "all clusters with people of the group, or all without, came into one fold; "
                "expected several of both"
            )
        fitted = clone(classifier).fit(x[train], member[train])
        of_group = int(np.flatnonzero(fitted.classes_)[0])
        whole[test] = fitted.predict_proba(x[test])[:, of_group]
        for j in range(x.shape[1]):
            changed = x[test].copy()
            changed[:, j] = rng.permutation(changed[:, j])
            shuffled[test, j] = fitted.predict_proba(changed)[:, of_group]
    return whole, shuffled


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks in (0, 1); missing values are one level, the lowest."""
    from scipy.stats import rankdata

    filled = np.where(np.isnan(values), -np.inf, values)
    return (rankdata(filled) - 0.5) / len(values)


def _told(
    score: FloatArray, member: npt.NDArray[np.bool_], cluster: npt.ArrayLike | None, level: float
) -> Estimate:
    from dataclasses import replace

    sample = Sample.of(np.clip(score, 0.0, 1.0), member, cluster=cluster)
    return replace(auc_estimate(sample, level=level), name="group_told")
