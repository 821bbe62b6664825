"""How sure a probability is: bootstrap ensembles, conformal sets, disagreement and leverage."""

from __future__ import annotations

from risicoscreener.models.uncertainty.bootstrap import Bootstrap, bootstrap, bootstrap_ensemble
from risicoscreener.models.uncertainty.leverage import LeveragePart, explain_leverage

__all__ = ["Bootstrap", "LeveragePart", "bootstrap", "bootstrap_ensemble", "explain_leverage"]
