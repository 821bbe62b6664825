"""Real public data sets as features, outcome and, where honest, dossier facts."""

from __future__ import annotations

from risicoscreener.datasets.compas import load_compas
from risicoscreener.datasets.dataset import Dataset
from risicoscreener.datasets.recid import load_recid
from risicoscreener.datasets.rossi import load_rossi

__all__ = [
    "Dataset",
    "load_compas",
    "load_recid",
    "load_rossi",
]
