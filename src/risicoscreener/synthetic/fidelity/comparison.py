"""How two cohorts differ: where, how much, and whether a classifier can tell them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.dossier.tables import DossierTables
from risicoscreener.errors import DataError
from risicoscreener.synthetic.cohort import Cohort
from risicoscreener.synthetic.fidelity.dependence import fisher, standard_error
from risicoscreener.synthetic.fidelity.description import Description, describe
from risicoscreener.synthetic.fidelity.showing import Shown, html_of, markdown_of, plain_rows
from risicoscreener.synthetic.fidelity.telling_apart import ToldApart, tell_apart

if TYPE_CHECKING:
    import pandas as pd

SMALL_DIFFERENCE = 0.2
SMALL_CORRELATION = 0.1
"""What Cohen (1988) calls a small effect: of a standardised difference, and of a correlation."""


@dataclass(frozen=True, repr=False)
class Differences(Shown):
    """Differences in one part: marginals, dependence or time structure.

    Attributes
    ----------
    frame
        What is compared, the values ``a`` and ``b``, the ``effect`` (of b against a), its ``z``,
        and ``size``: the effect in multiples of a small one by Cohen's convention, so that
        differences of several kinds can be put in one order.
    """

    frame: pd.DataFrame
    title: str


@dataclass(frozen=True, repr=False)
class Comparison:
    """How cohort b differs from cohort a.

    Attributes
    ----------
    marginals
        Standardised differences: of means and shares, in standard deviations of one value.
    dependence
        Differences of Fisher-transformed associations (q of Cohen).
    time
        Standardised differences of the time structure.
    told_apart
        Whether a classifier can tell the people of the two apart.
    """

    marginals: Differences
    dependence: Differences
    time: Differences
    told_apart: ToldApart

    @property
    def auc(self) -> float:
        """Cross-validated AUC of a classifier that tells the two apart; 0.5 if it cannot."""
        return self.told_apart.auc

    def largest(self, n: int = 10) -> pd.DataFrame:
        """What differs most.

        Only differences that are more than noise: their ``z`` lies beyond what all differences
        together would pass by chance in one of twenty comparisons (Bonferroni). The ``z`` are
        those of two cohorts of different people; for the same people under two scenarios they
        are too small, never too large.
        """
        import pandas as pd

        every = pd.concat([self._labelled(part) for part in _PARTS], ignore_index=True)
        every = every.dropna(subset=["z"])
        found = every[every["z"].abs() > _critical(len(every))]
        order = found["size"].abs().sort_values(ascending=False, kind="stable").index
        return found.loc[order].head(n).reset_index(drop=True)

    def _labelled(self, part: str) -> pd.DataFrame:
        frame = getattr(self, part).frame
        names = [name for name in frame.columns if name not in _VALUES]
        what = frame[names].astype(str).agg(", ".join, axis=1)
        return frame[_VALUES].assign(part=part, what=what)[["part", "what", *_VALUES]]

    def to_dict(self, n: int = 20) -> dict[str, Any]:
        """The overall figure and what differs most, as plain values."""
        return {
            "auc": self.told_apart.auc,
            "interval": list(self.told_apart.interval),
            "people": list(self.told_apart.people),
            "largest": plain_rows(self.largest(n)),
        }

    def to_markdown(self) -> str:
        """The overall figure and what differs most, as Markdown."""
        return f"### Two cohorts\n\n{self.told_apart}\n\n{markdown_of(self.largest(20))}"

    def _repr_html_(self) -> str:
        return f"<h4>Two cohorts</h4><p>{self.told_apart}</p>{html_of(self.largest(20))}"

    def __repr__(self) -> str:
        return f"Comparison: {self.told_apart}"


_PARTS = ("marginals", "dependence", "time")
_VALUES = ["a", "b", "effect", "z", "size"]


def _critical(number: int) -> float:
    from scipy.stats import norm

    return float(norm.isf(0.025 / max(number, 1)))


def compare(
    a: Cohort | DossierTables | Description,
    b: Cohort | DossierTables | Description,
    *,
    seed: int = 1,
) -> Comparison:
    """How cohort b differs from cohort a.

    Parameters
    ----------
    a, b
        Cohorts, or what `describe` made of tables of one's own.
    seed
        Of the folds of the cross-validation.

    Raises
    ------
    DataError
        For tables without an index day (describe them with one first), or too few people.

    Examples
    --------
    >>> from risicoscreener.synthetic import simulate
    >>> compared = compare(simulate(300, seed=1), simulate(300, seed=2))
    >>> 0.3 < compared.auc < 0.7
    True
    """
    first, second = (_described(source, name) for source, name in ((a, "a"), (b, "b")))
    return Comparison(
        marginals=_standardised(
            first.marginals.frame,
            second.marginals.frame,
            ["table", "quantity", "statistic"],
            "Differences in marginals",
        ),
        dependence=_of_associations(first.dependence.frame, second.dependence.frame),
        time=_standardised(
            first.time.frame, second.time.frame, ["aspect", "at"], "Differences in time structure"
        ),
        told_apart=tell_apart(first.quantities, second.quantities, seed=seed),
    )


def _described(source: Cohort | DossierTables | Description, name: str) -> Description:
    if isinstance(source, Description):
        return source
    if isinstance(source, DossierTables):
        what = f"{name} is a set of tables, which has no index day"
        raise DataError(f"{what}; expected describe(tables, as_of=…)")
    return describe(source)


def _merged(a: pd.DataFrame, b: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    both = a.merge(b, how="outer", on=keys, suffixes=("_a", "_b"), sort=False)
    return both.rename(columns={"value_a": "a", "value_b": "b"})


def _standardised(a: pd.DataFrame, b: pd.DataFrame, keys: list[str], title: str) -> Differences:
    """(b - a) over the root mean square of both standard deviations."""
    both = _merged(a, b, keys)
    if "statistic" in keys:
        both = _with_absent_codes(both)
    pooled = np.sqrt((both["spread_a"] ** 2 + both["spread_b"] ** 2) / 2.0)
    difference = both["b"] - both["a"]
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(difference == 0.0, pooled * 0.0, difference / pooled)
    n_a, n_b = both["people_a"], both["people_b"]
    noise = np.sqrt(1.0 / n_a + 1.0 / n_b)
    found = both[[*keys, "a", "b"]].assign(
        effect=effect, z=effect / noise, size=effect / SMALL_DIFFERENCE
    )
    return Differences(found, title)


def _with_absent_codes(both: pd.DataFrame) -> pd.DataFrame:
    """A code that only one of the two has, the other has in a share of zero."""
    is_share = both["statistic"].str.startswith("share of")
    for here, there in (("a", "b"), ("b", "a")):
        absent = is_share & both[here].isna()
        both.loc[absent, here] = 0.0
        both.loc[absent, f"spread_{here}"] = 0.0
        both.loc[absent, f"people_{here}"] = both.loc[absent, f"people_{there}"]
    return both


def _of_associations(a: pd.DataFrame, b: pd.DataFrame) -> Differences:
    both = _merged(a, b, ["first", "second", "measure"])
    effect = fisher(both["b"]) - fisher(both["a"])
    noise = np.hypot(
        *(standard_error(both["measure"], both[name]) for name in ("people_a", "people_b"))
    )
    found = both[["first", "second", "measure", "a", "b"]].assign(
        effect=effect, z=effect / noise, size=effect / SMALL_CORRELATION
    )
    return Differences(found, "Differences in dependence")
