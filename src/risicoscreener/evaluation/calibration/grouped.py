"""Groups of people with about the same probability, and how many of them have the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.calibration.basis import weighted_quantiles
from risicoscreener.evaluation.calibration.inference import is_plain
from risicoscreener.evaluation.intervals import effective_number, quantile, wilson
from risicoscreener.evaluation.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CalibrationGroup:
    """One group.

    Attributes
    ----------
    lowest, highest
        Probabilities in the group.
    n, events
        People of positive weight, and those of them with the outcome.
    weight
        Their weight.
    mean_probability, observed_share
        Weighted.
    low, high
        Wilson's interval of the observed share, with weights or clusters that of
        `effective_number`.
    """

    lowest: float
    highest: float
    n: int
    events: int
    weight: float
    mean_probability: float
    observed_share: float
    low: float
    high: float


@dataclass(frozen=True)
class GroupedCalibration:
    """Groups in ascending order of probability."""

    groups: tuple[CalibrationGroup, ...]
    level: float
    method: str

    def to_frame(self) -> pd.DataFrame:
        """A row for each group."""
        import pandas as pd

        return pd.DataFrame([vars(group) for group in self.groups])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        groups = [dict(vars(group)) for group in self.groups]
        return {"groups": groups, "level": self.level, "method": self.method}

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, index=False)


def grouped_calibration(
    sample: Sample,
    *,
    groups: int = 10,
    edges: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> GroupedCalibration:
    """Mean probability beside the observed share in groups of about equal size.

    People with the same probability are in the same group, so there may be fewer groups.

    Parameters
    ----------
    groups
        How many, of equal weight.
    edges
        Where groups end instead, such as the cut-offs of a policy: rising numbers inside (0, 1);
        a group is from one edge (included) to below the next.

    Raises
    ------
    EvaluationError
        If there are fewer than one group, or edges do not rise inside (0, 1).
    """
    quantile(level)
    used = np.flatnonzero(sample.weight > 0)
    codes = _codes(sample, used, groups, edges)
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    parts = np.split(used, starts[1:])
    found = tuple(_group(sample, part, level) for part in parts)
    return GroupedCalibration(found, level, "wilson" if is_plain(sample) else "wilson_effective")


def _codes(
    sample: Sample, used: npt.NDArray[np.intp], groups: int, edges: npt.ArrayLike | None
) -> npt.NDArray[np.intp]:
    p = sample.probability[used]
    if edges is not None:
        ends = np.asarray(edges, dtype=np.float64)
        rising = ends.ndim == 1 and (np.diff(ends) > 0).all()
        if not rising or not ((ends > 0) & (ends < 1)).all():
            raise EvaluationError(f"edges are {edges!r}; expected rising numbers inside (0, 1)")
        return np.searchsorted(ends, p, "right")
    if not isinstance(groups, Integral) or groups < 1:
        raise EvaluationError(f"groups is {groups!r}; expected a whole number of 1 or more")
    shares = np.arange(1, groups) / groups
    return np.searchsorted(weighted_quantiles(p, sample.weight[used], shares), p, "left")


def _group(sample: Sample, rows: npt.NDArray[np.intp], level: float) -> CalibrationGroup:
    p, y, weight = (a[rows] for a in (sample.probability, sample.outcome, sample.weight))
    total = float(weight.sum())
    share = 1.0 if y.all() else float(weight @ y) / total
    part = np.zeros(len(sample), dtype=bool)
    part[rows] = True
    low, high = wilson(share, effective_number(sample, part, sample.outcome, level), level)
    return CalibrationGroup(
        float(p[0]),
        float(p[-1]),
        len(rows),
        int(y.sum()),
        total,
        float(weight @ p) / total,
        share,
        low,
        high,
    )
