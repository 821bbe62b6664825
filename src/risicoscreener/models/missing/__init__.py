"""Missing data: what it means, fitting with it, scoring with it, and what it could change."""

from __future__ import annotations

from risicoscreener.models.missing.bounds import IfKnown, MissingBounds, Reach, missing_bounds

__all__ = ["IfKnown", "MissingBounds", "Reach", "missing_bounds"]
