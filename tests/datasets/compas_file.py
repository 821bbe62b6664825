"""Made-up files with the columns of ProPublica's, names and birth dates included."""

from __future__ import annotations

import numpy as np
import pandas as pd

RACES = ("African-American", "Caucasian", "Hispanic", "Other", "Asian", "Native American")


def compas_frame(n: int = 400, seed: int = 0, **changes: object) -> pd.DataFrame:
    """Rows that all pass the usual filter, with a risk that falls with age and rises with priors.

    ``changes`` replaces whole columns, by a value or a list.
    """
    rng = np.random.default_rng(seed)
    screened = pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 450, n), unit="D")
    arrived = screened - pd.to_timedelta(rng.integers(0, 20, n), unit="D")
    left = arrived + pd.to_timedelta(rng.integers(0, 60, n), unit="D")
    age = rng.integers(21, 70, n)
    priors = rng.poisson(2.5, n)
    risk = 1 / (1 + np.exp(1.0 + 0.04 * (age - 35) - 0.35 * priors))
    event = (rng.random(n) < risk).astype(int)
    frame = pd.DataFrame(
        {
            "id": np.arange(1, n + 1),
            "name": [f"secret-name-{i}" for i in range(n)],
            "first": "secret-first",
            "last": "secret-last",
            "compas_screening_date": screened.strftime("%Y-%m-%d"),
            "sex": rng.choice(["Male", "Female"], n, p=[0.8, 0.2]),
            "dob": "1901-02-03",
            "age": age,
            "age_cat": "25 - 45",
            "race": rng.choice(RACES, n),
            "juv_fel_count": rng.poisson(0.1, n),
            "decile_score": rng.integers(1, 11, n),
            "juv_misd_count": rng.poisson(0.1, n),
            "juv_other_count": rng.poisson(0.1, n),
            "priors_count": priors,
            "days_b_screening_arrest": -1.0,
            "c_jail_in": arrived.strftime("%Y-%m-%d 06:03:42"),
            "c_jail_out": left.strftime("%Y-%m-%d 05:41:20"),
            "c_case_number": "secret-case",
            "c_charge_degree": rng.choice(["F", "M"], n, p=[0.6, 0.4]),
            "is_recid": event,
            "two_year_recid": event,
        }
    )
    return frame.assign(**changes)
