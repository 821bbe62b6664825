"""How sure a probability is: bootstrap ensembles, conformal sets, disagreement and leverage."""

from __future__ import annotations

from risicoscreener.models.uncertainty.bootstrap import Bootstrap, bootstrap, bootstrap_ensemble

__all__ = ["Bootstrap", "bootstrap", "bootstrap_ensemble"]
