"""Measures at several horizons beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation.estimate import Curve, Estimates, FloatArray
from risicoscreener.evaluation.time.measures import horizon_performance
from risicoscreener.evaluation.time.sample import HorizonSample

if TYPE_CHECKING:
    import pandas as pd

CURVES = {
    "auc_over_time": "horizon_auc",
    "brier_over_time": "horizon_brier",
    "brier_reference_over_time": "horizon_brier_reference",
    "incidence_over_time": "horizon_incidence",
    "expected_over_time": "horizon_expected",
}
"""Each curve with the measure of which it consists."""


@dataclass(frozen=True, eq=False)
class OverTime:
    """Figures at several horizons.

    Attributes
    ----------
    horizon_days
        ``(H,)``, ascending.
    figures
        For each horizon what `horizon_performance` gives.
    """

    horizon_days: FloatArray
    figures: tuple[Estimates, ...]

    def __getitem__(self, name: str) -> Curve:
        """The curve ``auc_over_time`` or another of `CURVES`; NaN where a horizon has no value."""
        if name not in CURVES:
            raise KeyError(name)
        found = [one[CURVES[name]] for one in self.figures]
        y, low, high = (
            np.array([getattr(e, side) for e in found]) for side in ("value", "low", "high")
        )
        first = next((e for e in found if e.ok), found[0])
        return Curve(
            name,
            self.horizon_days,
            y,
            low,
            high,
            first.level,
            first.method,
            first.n,
            max(e.events for e in found),
            next((e.problem for e in found if not e.ok), ""),
        )

    @property
    def curves(self) -> tuple[Curve, ...]:
        """All curves."""
        return tuple(self[name] for name in CURVES)

    def to_dict(self) -> dict[str, Any]:
        """By horizon the plain values."""
        return {
            f"{days:g}": one.to_dict()
            for days, one in zip(self.horizon_days, self.figures, strict=True)
        }

    def to_frame(self, lang: str = "en") -> pd.DataFrame:
        """A row for each horizon and measure."""
        import pandas as pd

        frames = [one.to_frame(lang) for one in self.figures]
        days = [float(d) for d in self.horizon_days]
        return pd.concat(frames, keys=days, names=["horizon_days", "name"])

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format="{:.4f}".format, escape=True)


def over_time(
    probability: npt.ArrayLike,
    time: npt.ArrayLike,
    cause: npt.ArrayLike,
    horizons_days: Sequence[float] | FloatArray,
    *,
    event: int = 1,
    weight: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> OverTime:
    """`horizon_performance` at each of several horizons.

    Parameters
    ----------
    probability
        ``(n, H)``: predicted incidence by each horizon; not falling over horizons.
    horizons_days
        ``(H,)``, ascending.
    time, cause, event, weight, cluster
        As for `HorizonSample.of`.

    Raises
    ------
    EvaluationError
        If shapes do not fit, horizons do not ascend, or a probability falls over time.
    """
    p = np.asarray(probability, dtype=np.float64)
    days = np.asarray(horizons_days, dtype=np.float64)
    if days.ndim != 1 or not len(days) or (np.diff(days) <= 0).any():
        raise EvaluationError(f"horizons_days is {days.tolist()}; expected ascending numbers")
    if p.ndim != 2 or p.shape[1] != len(days):
        raise EvaluationError(f"probability has shape {p.shape}; expected (n, {len(days)})")
    falls = np.diff(p, axis=1) < -1e-12
    if falls.any():
        row, place = map(int, np.argwhere(falls)[0])
        raise EvaluationError(
            f"probability[{row}] falls from {p[row, place]:g} to {p[row, place + 1]:g} between "
            f"{days[place]:g} and {days[place + 1]:g} days; expected one that does not fall"
        )
    figures = tuple(
        horizon_performance(
            HorizonSample.of(
                column,
                time,
                cause,
                horizon_days=float(horizon),
                event=event,
                weight=weight,
                cluster=cluster,
            ),
            level=level,
        )
        for horizon, column in zip(days, p.T, strict=True)
    )
    return OverTime(days, figures)
