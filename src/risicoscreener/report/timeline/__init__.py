"""One life as a picture: lanes of facts over time. matplotlib is imported when it is drawn."""

from __future__ import annotations

from risicoscreener.report.timeline.plotting import SYNTHETIC, plot_timeline

__all__ = ["SYNTHETIC", "plot_timeline"]
