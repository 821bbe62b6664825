"""How sure a probability is: bootstrap ensembles, conformal sets, disagreement and leverage."""

from __future__ import annotations

from risicoscreener.models.uncertainty.bootstrap import Bootstrap, bootstrap, bootstrap_ensemble
from risicoscreener.models.uncertainty.conformal import (
    ConformalBands,
    ConformalStratum,
    conformal_bands,
    cross_conformal,
)
from risicoscreener.models.uncertainty.density import with_distance
from risicoscreener.models.uncertainty.disagreement import (
    Disagreement,
    disagreement,
    out_of_fold_disagreement,
)
from risicoscreener.models.uncertainty.leverage import LeveragePart, explain_leverage

__all__ = [
    "Bootstrap",
    "ConformalBands",
    "ConformalStratum",
    "Disagreement",
    "LeveragePart",
    "bootstrap",
    "bootstrap_ensemble",
    "conformal_bands",
    "cross_conformal",
    "disagreement",
    "explain_leverage",
    "out_of_fold_disagreement",
    "with_distance",
]
