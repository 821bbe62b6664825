"""Pictures of a scoring program. matplotlib is imported when a picture is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from risicoscreener.models.curves import Curve


def plot_curve(curve: Curve, ax: Any = None) -> Any:
    """Draw one term with its pointwise interval and the contribution of an unknown value.

    Parameters
    ----------
    curve
        From `ScoringProgram.curve`.
    ax
        A matplotlib axes; a new figure is made without it.

    Returns
    -------
    The axes.
    """
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(4.5, 3.0), layout="constrained").add_subplot()
    if curve.half_width is not None:
        low, high = (
            curve.contribution - curve.half_width,
            curve.contribution + curve.half_width,
        )
        ax.fill_between(curve.x, low, high, alpha=0.2, linewidth=0)
    ax.plot(curve.x, curve.contribution, marker="o" if len(curve.x) == 1 else None)
    ax.axhline(0.0, color="0.6", linewidth=0.8, zorder=0)
    ax.axhline(curve.unknown, color="0.4", linewidth=0.8, linestyle=":", label="unknown")
    ax.set(xlabel=curve.feature, ylabel="contribution (log odds)")
    ax.legend(frameon=False, fontsize="small")
    return ax
