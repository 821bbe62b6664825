"""tl2cgen: boosted trees compiled to C."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from competitors._interface import Competitor
from competitors._probability import Rows, training


@cache
def fitted() -> tuple[Any, Any]:
    """Boosted trees of scikit-learn, and the same compiled by tl2cgen."""
    import tl2cgen
    import treelite
    from sklearn.ensemble import HistGradientBoostingClassifier

    matrix, outcome = training()
    trees = HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=8, random_state=0)
    trees.fit(matrix, outcome)
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "trees.so"
        tl2cgen.export_lib(
            treelite.sklearn.import_model(trees), toolchain="gcc", libpath=library, verbose=False
        )
        predictor = tl2cgen.Predictor(str(library), verbose=False)
    return trees, predictor


class Trees(Competitor):
    name = "tl2cgen, boosted trees"
    task = "probability"
    does = "a probability, of a hundred trees of eight leaves"
    tuned = "compiled by gcc; as many threads as OpenMP gives"
    needs = ("tl2cgen", "treelite", "sklearn")
    kind_only = "boosted trees of its own, fitted to data drawn from ours"

    def absent(self) -> str:
        return super().absent() or ("" if shutil.which("gcc") else "there is no gcc")

    def prepare(self, data: Rows) -> tuple[Any, np.ndarray]:
        import tl2cgen

        fitted()
        return tl2cgen.DMatrix(data.matrix), data.matrix

    def run(self, prepared: tuple[Any, np.ndarray]) -> np.ndarray:
        return fitted()[1].predict(prepared[0]).reshape(-1)

    def reference(self, prepared: tuple[Any, np.ndarray]) -> np.ndarray:
        return fitted()[0].predict_proba(prepared[1])[:, 1]


COMPETITORS = (Trees(),)
