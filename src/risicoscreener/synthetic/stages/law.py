"""The day of conditional release under both laws, and the sentence that leads to it."""

from __future__ import annotations

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import Array


def days_to_conditional_release(p: Parameters, sentence: Array, new_law: Array) -> Array:
    """Days to serve of an unconditional sentence before conditional release is possible.

    Parameters
    ----------
    sentence
        Days; sentences of up to a year are served in full.
    new_law
        Whether the judgment falls under the law since July 2021.
    """
    above, two_thirds = p["law.conditional_release_above_days"], p["law.two_thirds_above_days"]
    short = above + p["law.fraction_of_rest"] * (sentence - above)
    long = p["law.fraction_served"] * sentence
    long = np.where(new_law, np.maximum(long, sentence - p["law.longest_conditional_days"]), long)
    days = np.where(sentence > two_thirds, long, np.where(sentence > above, short, sentence))
    return np.rint(days).astype(np.int32)


def sentence_for_conditional_release(p: Parameters, stay: Array, new_law: Array) -> Array:
    """Days of the sentence of which a stay of more than a year is the part before release."""
    above, two_thirds = p["law.conditional_release_above_days"], p["law.two_thirds_above_days"]
    short = above + (stay - above) / p["law.fraction_of_rest"]
    long = stay / p["law.fraction_served"]
    long = np.where(new_law, np.minimum(long, stay + p["law.longest_conditional_days"]), long)
    days = np.where(short <= two_thirds, short, np.maximum(long, two_thirds))
    return np.where(stay > above, np.rint(days), stay).astype(np.int32)
