"""Evaluation at a horizon by scikit-survival, as `python make.py OUT` writes it to OUT.

It is not among the packages that the tests install; scikit_survival.json has what it answered,
and with which version. It counts a pair by the censoring curve of a day itself, the library by
that of just before; without ties these are the same.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import sksurv
from sksurv.metrics import brier_score, concordance_index_ipcw, cumulative_dynamic_auc
from sksurv.util import Surv

people = pd.read_csv(Path(__file__).parent / "people.csv")
y = Surv.from_arrays(people["cause"] == 1, people["time"])
days = [300.0, 600.0]
risk = people[["risk300", "risk600"]].to_numpy()
expected = {
    "version": sksurv.__version__,
    "days": days,
    "auc": cumulative_dynamic_auc(y, y, risk, days)[0].tolist(),
    "brier": brier_score(y, y, 1 - risk, days)[1].tolist(),
    "uno": [
        float(concordance_index_ipcw(y, y, r, tau=d)[0]) for r, d in zip(risk.T, days, strict=False)
    ],
}
assert np.isfinite(expected["auc"]).all()
out = Path(sys.argv[1]) / "scikit_survival.json"
out.write_text(json.dumps(expected, indent=2) + "\n", "utf-8")
