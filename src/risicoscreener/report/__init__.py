"""Pictures and reports that people read."""

from __future__ import annotations

from risicoscreener.report.timeline import plot_timeline

__all__ = ["plot_timeline"]
