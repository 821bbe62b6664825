"""Pictures of stability. matplotlib is imported when a picture is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from risicoscreener.models.honesty.stability import PredictionStability


def plot_instability(
    stability: PredictionStability, ax: Any = None, level: float = 0.95, points: int = 20_000
) -> Any:
    """Draw the predictions of resampled models against those of the model itself.

    Parameters
    ----------
    stability
        From `prediction_stability`.
    ax
        A matplotlib axes; a new figure is made without it.
    level
        Of the band between the quantiles of each person.
    points
        Most points to draw; people are then taken at equal distances in rank.

    Returns
    -------
    The axes.
    """
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(4.5, 4.5), layout="constrained").add_subplot()
    order = np.argsort(stability.original, kind="stable")
    shown = max(points // len(stability.resampled), 2)
    order = order[np.unique(np.linspace(0, len(order) - 1, shown).astype(int))]
    x = stability.original[order]
    ax.plot(x, stability.resampled[:, order].T, ".", color="0.6", markersize=1.5, alpha=0.4)
    low, high = stability.interval(level)
    ax.plot(x, low[order], color="0.2", linewidth=0.9, linestyle="--")
    ax.plot(x, high[order], color="0.2", linewidth=0.9, linestyle="--", label=f"{level:.0%}")
    ax.axline((0.0, 0.0), slope=1.0, color="0.2", linewidth=0.8)
    ax.set(xlabel="probability", ylabel="probability by resampled models")
    ax.legend(frameon=False, fontsize="small")
    return ax
