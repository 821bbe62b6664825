"""A model with a program per pattern and sets of bands screens alike alone and in a batch."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from comparing import differences
from risicoscreener import Screener
from risicoscreener.models import ScoringProgram
from risicoscreener.models.missing import PatternSubmodels, Submodel, missing_bounds
from risicoscreener.models.uncertainty import conformal_bands
from risicoscreener.synthetic import Cohort, simulate

MODEL, OTHER = "leave_failure", "violence_2y"
UNKNOWN = "plan_goals_met_share"
PEOPLE = 80


def without(program: ScoringProgram, feature: str) -> ScoringProgram:
    """The program without one feature, and another intercept."""
    return ScoringProgram(
        intercept=program.intercept + 0.3,
        terms=tuple(term for term in program.terms if term.feature != feature),
        calibration=program.calibration,
    )


@pytest.fixture(scope="module")
def rich(screener: Screener) -> Screener:
    model = screener.bundle.model(MODEL)
    program = msgspec.structs.replace(model.program, uncertainty=None)
    known = "".join("0" if name == UNKNOWN else "1" for name in program.features)
    submodel = Submodel(known, 300, 50, without(program, UNKNOWN))
    rng = np.random.default_rng(0)
    p = rng.beta(1.0, 80.0, 20_000)
    bands = conformal_bands(p, (rng.random(20_000) < p).astype(float), cut_offs=(0.01, 0.02))
    changed = msgspec.structs.replace(model, program=program, golden=())
    changed = changed.with_patterns(PatternSubmodels(program, (submodel,))).with_bands(bands)
    models = tuple(changed if m.name == MODEL else m for m in screener.bundle.models)
    bundle = msgspec.structs.replace(screener.bundle, models=models)
    return Screener(bundle, screener.policies, screener.definitions)


@pytest.fixture(scope="module")
def people() -> Cohort:
    return simulate(PEOPLE, seed=7, population="sentenced")


@pytest.fixture(scope="module")
def screened(rich: Screener, people: Cohort):
    index = people.truth.persons.reset_index()[["person_id", "as_of"]]
    return index, rich.screen_many(people.tables, "leave", index)


def test_alone_and_in_a_batch_the_results_are_the_same(
    rich: Screener, people: Cohort, screened
) -> None:
    index, batch = screened
    used = set()
    for row, dossier in zip(range(len(index)), people.tables.to_dossiers(), strict=True):
        single = rich.screen(dossier, "leave", as_of=index["as_of"][row].date())
        assert not differences(batch.result(row).to_dict(), single.to_dict())
        used.add(single.model(MODEL).pattern is None)
    assert used == {True, False}


def test_a_result_names_the_features_that_were_used(rich: Screener, screened) -> None:
    _, batch = screened
    scorer = rich.bundle.model(MODEL).scorer
    for row in range(PEOPLE):
        found = batch.result(row).model(MODEL)
        values = {c.feature: c.value for c in found.contributions}
        inputs = [np.nan if values[name] is None else values[name] for name in scorer.features]
        assert found.pattern == scorer.known_for(inputs)
        assert found.probability == pytest.approx(scorer.score_one(inputs)[0])
        if found.lowest is not None:
            assert found.lowest == pytest.approx(missing_bounds(scorer, inputs).lowest)
        if found.pattern is not None:
            unknown = {c.feature: c.contribution for c in found.contributions}[UNKNOWN]
            assert (values[UNKNOWN], unknown) == (None, 0.0)


def test_a_result_names_the_bands_that_cannot_be_ruled_out(rich: Screener, screened) -> None:
    _, batch = screened
    bands = rich.bundle.model(MODEL).bands
    sets = set()
    for row in range(PEOPLE):
        found = batch.result(row).model(MODEL)
        assert found.band_set.bands == bands.bands_one(found.probability)
        assert (found.band_set.lower, found.band_set.upper) == bands.interval_one(found.probability)
        assert (found.band_set.coverage, found.band_set.cut_offs) == (0.9, (0.01, 0.02))
        sets.add(found.band_set.bands)
    assert len(sets) > 2


def test_both_are_said_in_words(screened) -> None:
    _, batch = screened
    result = next(r for r in map(batch.result, range(PEOPLE)) if r.model(MODEL).pattern is not None)
    assert "Computed with a model for people of whom this is not known: " in result.text("en")
    assert "Berekend met een model voor personen van wie dit niet bekend is: " in result.text("nl")
    assert "(coverage 90.0%); that fits risk band " in result.text("en")
    assert "risicoklasse" in result.text("nl")
    assert "risk band" in result.html("en")


def test_a_model_without_them_says_neither(screened) -> None:
    _, batch = screened
    found = batch.result(0).model(OTHER)
    assert (found.pattern, found.band_set) == (None, None)
