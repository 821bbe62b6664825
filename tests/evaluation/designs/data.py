"""People for the tests of designs."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


def people(n=400, seed=0, noise=1):
    """Features, of which the first is the number of the row and the second counts; outcomes."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.arange(n), rng.normal(size=(n, 1 + noise))])
    y = (rng.random(n) < 1 / (1 + np.exp(0.7 - x[:, 1]))).astype(float)
    return x, y, rng


SEEN: list[tuple[np.ndarray, np.ndarray]] = []


class Recorder(ClassifierMixin, BaseEstimator):
    """Keeps the first column of what it was fitted on and asked for: the number of the row."""

    def __init__(self, shift=0.0):
        self.shift = shift

    def fit(self, X, y, groups=None):
        self.classes_ = np.array([0.0, 1.0])
        self.rows_, self.mean_, self.groups_ = X[:, 0].astype(int), y.mean(), groups
        return self

    def predict_proba(self, X):
        SEEN.append((self.rows_, X[:, 0].astype(int)))
        p = np.clip(self.mean_ + self.shift + 0.01 * X[:, 1], 0.01, 0.99)
        return np.column_stack([1 - p, p])
