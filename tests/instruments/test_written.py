"""The probabilities alone are those of the whole result, to the last bit, for one and for many."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compare_with_node import draw, for_ogrs3, for_rsr
from instrument_inputs import CURRENT, any_value, valid
from risicoscreener.errors import ModelError
from risicoscreener.instruments import Instrument, golden_files, instruments
from risicoscreener.instruments.written import LEFT_TO_SCORE, Unusual, write

ALL = instruments()
IDS = [f"{i.id}-{i.version}" for i in ALL]
JUNK = st.sampled_from(
    ["", "yes", -1, 10**6, 2.5, 3.0, [], float("nan"), dt.date(1, 1, 1), "2001-02-03"]
)


def whole(instrument, inputs):
    return tuple(score.probability for score in instrument.score(inputs).scores) or None


def by_itself(instrument, inputs):
    """What the written function gives without help; None where it leaves the case to `score`."""
    try:
        return instrument._written.of_inputs(inputs)
    except (Unusual, *LEFT_TO_SCORE):
        return None


def drawn(n, seed=0):
    dice = random.Random(seed)
    ogrs3, rsr = Instrument.load("ogrs3", "2009"), Instrument.load("rsr", "2015")
    for person in (draw(dice) for _ in range(n)):
        yield ogrs3, for_ogrs3(person, list(ogrs3.choices["offence"]))
        yield rsr, for_rsr(person, list(rsr.choices["offence"]))


@pytest.mark.parametrize("instrument", ALL, ids=IDS)
def test_the_golden_cases_have_the_same_probabilities(instrument):
    cases = [case.inputs for stored in golden_files(instrument) for case in stored.cases]
    for inputs in cases:
        assert instrument.probabilities(inputs) == whole(instrument, inputs)
    scored = [inputs for inputs in cases if whole(instrument, inputs)]
    written = sum(by_itself(instrument, inputs) is not None for inputs in scored)
    assert written > len(scored) / 3


@pytest.mark.parametrize("id", CURRENT)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_complete_inputs_are_scored_without_help(id, data):
    instrument, inputs = Instrument.load(id, "1.0"), data.draw(valid(id))
    expected = whole(instrument, inputs)
    assert by_itself(instrument, inputs) == expected
    assert expected is not None


@pytest.mark.parametrize("instrument", ALL, ids=IDS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_whatever_is_given_has_the_same_probabilities(instrument, data):
    inputs = {
        name: data.draw(st.one_of(any_value(instrument, name), st.none(), JUNK))
        for name in instrument.inputs
        if data.draw(st.integers(0, 9))
    }
    if not data.draw(st.integers(0, 9)):
        inputs["strange"] = 1
    assert instrument.probabilities(inputs) == whole(instrument, inputs)


def test_drawn_people_have_the_same_probabilities_and_few_need_help():
    helped = 0
    for instrument, inputs in drawn(400):
        expected = whole(instrument, inputs)
        assert instrument.probabilities(inputs) == expected
        helped += expected is not None and by_itself(instrument, inputs) is None
    assert helped < 20


@pytest.mark.parametrize("place", [0, 1], ids=["ogrs3", "rsr"])
def test_many_are_each_as_one(place):
    cases = [pair for i, pair in enumerate(drawn(150)) if i % 2 == place]
    instrument = cases[0][0]
    frame = pd.DataFrame([inputs for _, inputs in cases])
    frame["birth_date"] = pd.to_datetime(frame["birth_date"])
    found = instrument.probabilities_many(frame)
    none = (np.nan,) * len(instrument.horizons)
    expected = np.array([whole(instrument, inputs) or none for _, inputs in cases], float)
    np.testing.assert_array_equal(found, expected)
    assert np.isnan(found).any()
    assert not np.isnan(found).all()


def test_an_empty_frame_and_a_strange_column():
    ogrs3 = Instrument.load("ogrs3", "2009")
    assert ogrs3.probabilities_many(pd.DataFrame({"sex": []})).shape == (0, 2)
    assert np.isnan(ogrs3.probabilities_many(pd.DataFrame(index=[0, 1]))).all()
    with pytest.raises(ModelError, match="strange"):
        ogrs3.probabilities_many(pd.DataFrame({"strange": [1]}))


def test_no_word_of_a_file_becomes_source(monkeypatch):
    sources = []
    monkeypatch.setattr(
        "risicoscreener.instruments.written.compile",
        lambda source, *rest: sources.append(source) or compile(source, *rest),
        raising=False,
    )
    for instrument in ALL:
        write(instrument)
    words = {word for i in ALL for word in (*i.all_inputs, *i.derived, *i.choices, *i.horizons)}
    assert sources
    for source in sources:
        found = set(source.replace("(", " ").replace(")", " ").replace(",", " ").split())
        assert not found & (words - {"date", "lacking", "total"})
