"""What dcurves 1.1.7 makes of the same people, stored in dcurves.json.

Run it where that package is installed; the tests do not need it.   python make_dcurves.py
"""

import json
from pathlib import Path

import dcurves
import pandas as pd

HERE = Path(__file__).parent
CUT_OFFS = [0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7]

people = pd.read_csv(HERE / "people.csv")
found = dcurves.dca(
    data=people, outcome="outcome", modelnames=["first", "second"], thresholds=CUT_OFFS
)
columns = ["model", "threshold", "net_benefit", "net_intervention_avoided"]
(HERE / "dcurves.json").write_text(
    json.dumps(found[columns].to_dict(orient="records"), indent=1) + "\n", "utf-8"
)
