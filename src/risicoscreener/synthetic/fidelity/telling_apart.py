"""Whether a classifier can tell the people of two cohorts apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.errors import DataError
from risicoscreener.synthetic.aims.estimates import Estimate, area
from risicoscreener.synthetic.stages.draws import Array

if TYPE_CHECKING:
    import pandas as pd

FOLDS = 5
MOST_PEOPLE = 20_000
"""More people of each cohort are not used: the interval is narrow by then."""
LEAST_PEOPLE = 50
NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class ToldApart:
    """How well a classifier tells two cohorts apart on person-level quantities.

    Attributes
    ----------
    auc
        Mean over folds of the AUC on people on whom it was not fitted; 0.5 if it cannot.
    standard_error
        After DeLong, for people who are independent of each other.
    people
        Number of people used of each cohort.
    """

    auc: float
    standard_error: float
    people: tuple[int, int]

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval, within 0 and 1."""
        half = NORMAL_95 * self.standard_error
        return max(self.auc - half, 0.0), min(self.auc + half, 1.0)

    def __str__(self) -> str:
        low, high = self.interval
        said = f"a classifier tells them apart with an AUC of {self.auc:.3f}"
        return f"{said} ({low:.3f} to {high:.3f}; 0.5 if it cannot)"


def tell_apart(a: pd.DataFrame, b: pd.DataFrame, *, seed: int = 1) -> ToldApart:
    """Fit gradient boosting that tells the rows of two frames apart, and judge it on other rows.

    Rows of one person (the same index in both frames) are always judged together, so that a
    person who is in both cohorts is never recognised.

    Parameters
    ----------
    a, b
        Person-level quantities with the same columns, by ``person_id``.
    seed
        Of the folds.

    Raises
    ------
    DataError
        For other columns, or fewer than 50 people in one of the two.
    """
    from threadpoolctl import threadpool_limits

    if set(a.columns) != set(b.columns):
        other = sorted(set(a.columns) ^ set(b.columns))
        raise DataError(f"the cohorts have other quantities: {other}; expected the same columns")
    if min(len(a), len(b)) < LEAST_PEOPLE:
        what = f"there are {len(a)} and {len(b)} people"
        raise DataError(f"{what}; expected at least {LEAST_PEOPLE} in each")
    rng = np.random.default_rng(seed)
    first, second = _some(a, rng), _some(b[list(a.columns)], rng)
    values, is_code = _matrix(first, second)
    label = np.repeat([0, 1], [len(first), len(second)])
    fold = _folds(first.index, second.index, rng)
    # Several threads wait for each other where the cores are shared, and gain little here.
    with threadpool_limits(limits=1):
        judged = [_judge(values, is_code, label, fold == k, seed) for k in range(FOLDS)]
    auc = float(np.mean([found.value for found in judged]))
    error = float(np.hypot.reduce([found.error for found in judged]) / FOLDS)
    return ToldApart(auc, error, (len(first), len(second)))


def _some(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    if len(frame) <= MOST_PEOPLE:
        return frame
    return frame.iloc[np.sort(rng.choice(len(frame), MOST_PEOPLE, replace=False))]


def _matrix(a: pd.DataFrame, b: pd.DataFrame) -> tuple[Array, list[bool]]:
    """Both frames below each other as numbers, codes by their place among all codes."""
    import pandas as pd

    columns, is_code = [], []
    for name in a:
        if a[name].dtype == "category" or b[name].dtype == "category":
            joined = pd.concat([a[name], b[name]]).astype(object)
            places = pd.Categorical(joined).codes.astype(np.float64)
            columns.append(np.where(places < 0, np.nan, places))
            is_code.append(True)
        else:
            values = np.concatenate([a[name].to_numpy(), b[name].to_numpy()])
            is_known = ~np.isnan(values)
            # A tree cannot split what nobody is known to have: then only who is known counts.
            columns.append(values if is_known.sum() >= LEAST_PEOPLE else is_known * 1.0)
            is_code.append(False)
    return np.column_stack(columns), is_code


def _folds(a: pd.Index[Any], b: pd.Index[Any], rng: np.random.Generator) -> Array:
    """The fold of each row: the same for rows of one person, and about as many of each cohort."""
    import pandas as pd

    person, known = pd.factorize(a.append(b))
    fold: Array = (rng.permutation(len(known)) % FOLDS)[person]
    return fold


def _judge(
    values: Array, is_code: list[bool], label: Array, held_out: Array, seed: int
) -> Estimate:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=60,
        max_leaf_nodes=15,
        min_samples_leaf=20,
        learning_rate=0.1,
        categorical_features=is_code,
        early_stopping=False,
        random_state=seed,
    ).fit(values[~held_out], label[~held_out])
    score = model.predict_proba(values[held_out])[:, 1]
    return area(label[held_out], score)
