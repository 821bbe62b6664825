"""What is true of each person of a cohort while at liberty, for who simulates decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from risicoscreener.synthetic.parameters import Parameters, load_parameters
from risicoscreener.synthetic.stages.draws import probability

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.synthetic.cohort import Cohort

_LATENT = {"propensity": "latent_propensity", "addicted": "latent_addicted"}
_LATENT |= {"homeless": "latent_homeless"}


def at_liberty(cohort: Cohort, parameters: Parameters | None = None) -> pd.DataFrame:
    """For each person how a liberty would end, whether or not it was granted.

    The table of liberties in the truth has only movements that took place. This has everybody, by
    the same equation, on the day before release and without a recent incident or an earlier
    failure.

    Parameters
    ----------
    cohort
        Its dossiers give the age.
    parameters
        Those that the cohort was made with; the default ones without.

    Returns
    -------
    By ``person_id``: ``failure`` (probability that one leave movement fails), ``offence_per_day``
    (hazard of any offence on a day outside, from the true probability of one within a year) and
    ``dangerous`` (1 for a violent offence within two years, registered or not).
    """
    import pandas as pd

    p = load_parameters() if parameters is None else parameters
    truth = cohort.truth.persons
    born = cohort.tables.to_pandas("persons")["birth_date"].to_numpy("datetime64[D]")
    age = (truth["as_of"].to_numpy("datetime64[D]") - born).astype(np.float64)
    variables = {name: truth[column].to_numpy(np.float64) for name, column in _LATENT.items()}
    variables |= {
        "age": age / p["calendar.days_per_year"] - p["people.age_centre"],
        "ln1p_prior": np.log1p(truth["latent_prior_cases"].to_numpy(np.float64)),
        "recent_incident": np.zeros(len(truth)),
        "failed_before": np.zeros(len(truth)),
        "years_to_release": np.zeros(len(truth)),
    }
    in_a_year = truth["probability_any_1y"].to_numpy(np.float64)
    return pd.DataFrame(
        {
            "failure": probability(p.linear("liberties.failure", variables)),
            "offence_per_day": -np.log1p(-in_a_year) / p["calendar.days_per_year"],
            "dangerous": truth["violence_2y"].to_numpy(np.float64),
        },
        index=truth.index,
    )
