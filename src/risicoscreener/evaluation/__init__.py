"""How good predicted probabilities are: arrays in, small results with intervals out.

Nothing here knows dossiers, models or policies. Start with a `Sample`.
"""

from __future__ import annotations

from risicoscreener.evaluation.estimate import Curve, Estimate, Estimates
from risicoscreener.evaluation.resampling import Replicates, bootstrap
from risicoscreener.evaluation.sample import Sample

__all__ = ["Curve", "Estimate", "Estimates", "Replicates", "Sample", "bootstrap"]
