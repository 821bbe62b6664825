"""Conditional release under both laws, on cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risicoscreener.synthetic import load_parameters
from risicoscreener.synthetic.stages.law import (
    days_to_conditional_release,
    sentence_for_conditional_release,
)

P = load_parameters()


def served(sentence, new_law):
    return int(days_to_conditional_release(P, np.array([sentence]), np.array([new_law]))[0])


@pytest.mark.parametrize(
    ("sentence", "old", "new"),
    [
        (300, 300, 300),  # up to a year in full
        (365, 365, 365),
        (545, 425, 425),  # a year and a third of the other 180 days
        (730, 487, 487),
        (900, 600, 600),  # two thirds
        (2190, 1460, 1460),  # two thirds, and two years less: both
        (3000, 2000, 2270),  # at most two years of it are conditional since July 2021
    ],
)
def test_days_to_serve_before_conditional_release(sentence, old, new):
    assert served(sentence, new_law=False) == old
    assert served(sentence, new_law=True) == new


@given(st.integers(366, 7000), st.booleans())
def test_the_sentence_for_a_stay_leads_to_that_stay(stay, new_law):
    law = np.array([new_law])
    sentence = sentence_for_conditional_release(P, np.array([stay]), law)
    assert served(int(sentence[0]), new_law) == stay


@given(st.integers(1, 7000), st.booleans())
def test_nobody_serves_more_than_the_sentence_and_a_longer_one_never_less(sentence, new_law):
    assert served(sentence, new_law) <= sentence
    assert served(sentence, new_law) <= served(sentence + 1, new_law)


@given(st.integers(1, 365), st.booleans())
def test_a_stay_of_up_to_a_year_is_the_sentence(stay, new_law):
    found = sentence_for_conditional_release(P, np.array([stay]), np.array([new_law]))
    assert found.tolist() == [stay]
