"""Dependence between person-level quantities, and whether it is as the causal structure says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.synthetic.fidelity.quantities import structure
from risicoscreener.synthetic.fidelity.showing import Shown
from risicoscreener.synthetic.stages.draws import Array

if TYPE_CHECKING:
    import pandas as pd

FIELLER = 1.06
"""Variance of the Fisher-transformed rank correlation, times n - 3 (Fieller, Hartley and Pearson,
Biometrika 1957)."""
LEAST_PEOPLE = 30
Z_OF_A_SIGN = 2.0
"""A sign holds if the association lies more than two standard errors on its side of zero."""


@dataclass(frozen=True, repr=False)
class Dependence(Shown):
    """Associations between person-level quantities, each among the people for whom both are known.

    Attributes
    ----------
    frame
        One row for each pair: ``first``, ``second``, ``measure``, ``value``, ``people``, ``z``.
        ``spearman`` is the rank correlation (the rank-biserial direction for a yes-or-no quantity,
        phi for two of them), from -1 to 1. ``eta`` is the correlation ratio on ranks of a number
        within codes (the square root of H / (n - 1) of Kruskal and Wallis), ``cramer`` is
        Cramér's V; both from 0 to 1 and without a ``z``.
    """

    frame: pd.DataFrame
    title = "Dependence between quantities"

    @property
    def matrix(self) -> pd.DataFrame:
        """The associations as a symmetric matrix, 1 on the diagonal."""
        import pandas as pd

        both = pd.concat([self.frame, self.frame.rename(columns=_SWAPPED)])
        order = list(dict.fromkeys([*self.frame["first"], *self.frame["second"]]))
        square = both.pivot(index="first", columns="second", values="value")
        square = square.reindex(index=order, columns=order)
        values = square.to_numpy(copy=True)
        np.fill_diagonal(values, 1.0)
        return pd.DataFrame(values, index=order, columns=order)


_SWAPPED = {"first": "second", "second": "first"}


@dataclass(frozen=True, repr=False)
class StructureCheck(Shown):
    """Whether signs and their order are those of the causal structure.

    Attributes
    ----------
    frame
        One row for each claim of ``structure.toml``: ``claim``, ``expected``, ``value``, ``z``,
        ``holds`` (yes, no, or unclear if within two standard errors of zero), ``mark``, ``source``.
    """

    frame: pd.DataFrame
    title = "Causal structure"

    @property
    def holds(self) -> bool:
        """Whether no claim is contradicted: unclear ones count as not contradicted."""
        return bool((self.frame["holds"] != "no").all())


def dependence(quantities: pd.DataFrame) -> Dependence:
    """Associations between all pairs of quantities.

    Parameters
    ----------
    quantities
        Numbers and yes or no as floats, codes as categories, as `quantities` gives them.
    """
    import pandas as pd

    columns = {str(name): _Column.of(series) for name, series in quantities.items()}
    rows = [
        (first, second, *_associated(columns[first], columns[second]))
        for first, second in combinations(columns, 2)
    ]
    names = ["first", "second", "measure", "value", "people", "z"]
    return Dependence(pd.DataFrame(rows, columns=names))


@dataclass(frozen=True)
class _Column:
    """One quantity with what its pairs share: who is known, and ranks among all who are."""

    values: Array
    is_known: Array
    is_code: bool
    is_binary: bool
    ranks: Array

    @classmethod
    def of(cls, series: pd.Series[Any]) -> _Column:
        if series.dtype == "category":
            places = series.cat.codes.to_numpy().astype(np.int64)
            return cls(places, places >= 0, True, False, places)
        values = series.to_numpy(dtype=np.float64)
        is_known = ~np.isnan(values)
        is_binary = bool(np.isin(values[is_known], (0.0, 1.0)).all())
        ranks = np.full(len(values), np.nan)
        ranks[is_known] = values[is_known] if is_binary else _ranks(values[is_known])
        return cls(values, is_known, False, is_binary, ranks)

    def ranked(self, both: Array, n: int) -> Array:
        """Ranks among some of the people; those among all serve if all are meant."""
        if n == len(both) or self.is_binary:
            return self.ranks[both]
        return _ranks(self.values[both])


def _ranks(values: Array) -> Array:
    from scipy.stats import rankdata

    return rankdata(values)


def _associated(a: _Column, b: _Column) -> tuple[str, float, int, float]:
    both = a.is_known & b.is_known
    n = int(both.sum())
    if a.is_code and b.is_code:
        return "cramer", _cramer(a.values[both], b.values[both]), n, np.nan
    if a.is_code or b.is_code:
        code, number = (a, b) if a.is_code else (b, a)
        return "eta", _eta(code.values[both], number.ranked(both, n)), n, np.nan
    value = _pearson(a.ranked(both, n), b.ranked(both, n))
    return "spearman", value, n, float(fisher(value) / standard_error("spearman", n))


def _pearson(x: Array, y: Array) -> float:
    if len(x) < LEAST_PEOPLE or np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan
    # Sums rather than dot products: those wait for several threads.
    return float(((x - x.mean()) * (y - y.mean())).mean() / (x.std() * y.std()))


def _eta(codes: Array, ranks: Array) -> float:
    if len(codes) < LEAST_PEOPLE or np.ptp(ranks) == 0:
        return np.nan
    deviation = ranks - ranks.mean()
    counts = np.bincount(codes)
    sums = np.bincount(codes, deviation)
    between = (sums[counts > 0] ** 2 / counts[counts > 0]).sum()
    return float(np.sqrt(between / (deviation**2).sum()))


def _cramer(a: Array, b: Array) -> float:
    from scipy.stats.contingency import association, crosstab

    if len(a) < LEAST_PEOPLE or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    return float(association(crosstab(a, b).count, method="cramer"))


def fisher(value: Any) -> Any:
    """The Fisher transform of an association, finite at one."""
    return np.arctanh(np.clip(value, -1.0 + 1e-9, 1.0 - 1e-9))


def standard_error(measure: Any, people: Any) -> Any:
    """Standard error of a Fisher-transformed association among so many people.

    For ``eta`` and ``cramer`` it is that of a correlation, a rough guide where they are near zero.
    """
    factor = np.where(np.asarray(measure) == "spearman", FIELLER, 1.0)
    return np.sqrt(factor / np.maximum(np.asarray(people, dtype=np.float64) - 3.0, 1.0))


def check_structure(quantities: pd.DataFrame) -> StructureCheck:
    """Hold the quantities against the signs and orders of ``structure.toml``."""
    import pandas as pd

    claims = structure()
    rows = [_checked_sign(quantities, pair) for pair in claims["pair"]]
    rows += [_checked_order(quantities, order) for order in claims["order"]]
    names = ["claim", "expected", "value", "people", "z", "holds", "mark", "source"]
    return StructureCheck(pd.DataFrame(rows, columns=names))


def _pair(quantities: pd.DataFrame, first: str, second: str) -> tuple[float, int, float]:
    _, value, people, z = _associated(_Column.of(quantities[first]), _Column.of(quantities[second]))
    return value, people, z


def _checked_sign(quantities: pd.DataFrame, pair: Mapping[str, Any]) -> tuple[Any, ...]:
    among = "".join(f", {name} above {least}" for name, least in pair.get("above", {}).items())
    for name, least in pair.get("above", {}).items():
        quantities = quantities[quantities[name] > least]
    value, people, z = _pair(quantities, pair["first"], pair["second"])
    claim = f"{pair['first']} and {pair['second']}{among}"
    towards = z if pair["sign"] == "+" else -z
    return claim, pair["sign"], value, people, z, _verdict(towards), pair["mark"], pair["source"]


def _checked_order(quantities: pd.DataFrame, order: Mapping[str, Any]) -> tuple[Any, ...]:
    """The difference of two associations, as if they were found on different people."""
    (strong, n, _), (weak, m, _) = (
        _pair(quantities, *order[name]) for name in ("stronger", "weaker")
    )
    noise = np.hypot(standard_error("spearman", n), standard_error("spearman", m))
    z = float((fisher(abs(strong)) - fisher(abs(weak))) / noise)
    claim = f"{' and '.join(order['stronger'])} stronger than {' and '.join(order['weaker'])}"
    value = abs(strong) - abs(weak)
    return claim, "stronger", value, min(n, m), z, _verdict(z), order["mark"], order["source"]


def _verdict(z: float) -> str:
    if np.isnan(z) or abs(z) < Z_OF_A_SIGN:
        return "unclear"
    return "yes" if z > 0 else "no"
