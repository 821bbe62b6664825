"""Two populations with formulas of their own, and what happens when these are interchanged.

People with a longer stay can follow another formula of reoffending than the rest. If the formulas
are interchanged, each of the two follows that of the other: what a model meets that was made for
one population and is used on another.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import Array


def added_by_formula(p: Parameters, variables: Mapping[str, Array], days: Array) -> Array:
    """What the formula that people follow adds to their log odds of any case.

    Parameters
    ----------
    variables
        Those of the equation of reoffending, shape (n,) each.
    days
        Length of the stay, shape (n,).

    Returns
    -------
    ndarray of shape (n,)
        Zero for those who follow the formula of shorter stays.
    """
    above = days > p["formulas.above_days"]
    follows = ~above if p["formulas.assigned"] == "interchanged" else above
    return np.where(follows, p.linear("formulas.above", variables), 0.0)
