"""An instrument lowers to a risk model that scores, explains, carries support and bundles."""

from __future__ import annotations

import datetime as dt
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument_inputs import CURRENT, complete, valid
from risicoscreener.errors import BundleError, ModelError
from risicoscreener.instruments import Instrument, golden_files, instruments
from risicoscreener.models import Bundle

LOWERABLE = [
    (one, variant)
    for one in instruments()
    if not one.composite
    for variant in one.variants
    if one.definition.scale.kind != "points"
    or one.definition.scale.slope is not None
    or one.horizons[0] in one.definition.scale.probabilities
]
NAMES = [f"{one.id}-{one.version}-{variant}" for one, variant in LOWERABLE]


def model_of(id, **choice):
    return Instrument.load(id, "1.0").model(**choice)


@pytest.fixture(scope="module")
def bundle():
    models = [
        Instrument.load(name, "1.0").model(variant=variant)
        for name in CURRENT
        if name != "rsr"
        for variant in Instrument.load(name, "1.0").variants
    ]
    return Bundle.create(
        id="official",
        models=models,
        owner="model owner",
        created=dt.date(2026, 8, 4),
        review_on=dt.date(2027, 8, 4),
        library_version="0",
    )


class TestSameAnswers:
    @pytest.mark.parametrize(("instrument", "variant"), LOWERABLE, ids=NAMES)
    def test_on_its_golden_vectors(self, instrument, variant):
        model, rows, wanted = instrument.model(variant=variant), [], []
        cases = [case for file in golden_files(instrument) for case in file.cases]
        for case in cases:
            result = instrument.score(case.inputs)
            if result.ok and result.applicable and result.variant == variant:
                rows.append(instrument.feature_values(case.inputs, variant=variant))
                wanted.append(result.score.probability)
        assert rows
        scored = model.program.score_many(np.array(rows))
        assert np.allclose(scored.probability, wanted, rtol=0, atol=1e-9)

    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    @pytest.mark.parametrize("id", [one for one in CURRENT if one != "rsr"])
    def test_on_drawn_inputs(self, id, data):
        instrument = Instrument.load(id, "1.0")
        inputs = data.draw(valid(id))
        result = instrument.score(inputs)
        values = instrument.feature_values(inputs)
        probability, _, contributions = instrument.model().program.score_one(values)
        if result.applicable:
            assert probability == pytest.approx(result.score.probability, abs=1e-9)
            if result.score.linear_predictor is not None and id != "osp_dc":
                ours = [result.contributions.get(n, 0.0) for n in instrument.model().features]
                assert contributions == pytest.approx(ours, abs=1e-9)

    def test_the_static_variant_of_complete_inputs_can_be_asked_for(self):
        instrument = Instrument.load("ogrs4g", "1.0")
        values = instrument.feature_values(complete("ogrs4g"), variant="static")
        static = instrument.score(complete("ogrs4g", impulsivity=None)).score
        found = instrument.model(variant="static").program.score_one(values)[0]
        assert found == pytest.approx(static.probability, abs=1e-12)

    def test_no_points_at_all_is_probability_zero(self):
        instrument = Instrument.load("osp_dc", "1.0")
        nothing = complete(
            "osp_dc",
            birth_date="1950-01-01",
            last_sexual_offence_date="1963-01-01",
            sanctions=1,
            contact_adult_sanctions=0,
        )
        assert instrument.score(nothing).score.points == 0
        assert instrument.model().program.score_one(instrument.feature_values(nothing))[0] == 0.0


class TestSupport:
    @pytest.mark.parametrize("id", ["ogrs4g", "ogrs4v", "snsv"])
    def test_what_applies_to_everyone_counts_as_its_worst_when_unknown(self, id):
        instrument = Instrument.load(id, "1.0")
        program = instrument.model().program
        values = instrument.feature_values(complete(id))
        for position, name in enumerate(program.features):
            if name not in program.support.required:
                continue
            unknown = [*values[:position], math.nan, *values[position + 1 :]]
            found = program.assess_one(unknown)
            assert found.linear_predictor >= program.score_one(values)[1] - 1e-12
            assert found.support.status == "insufficient"

    def test_the_coefficients_of_the_other_sex_do_not_apply_and_add_nothing(self):
        instrument = Instrument.load("ogrs4g", "1.0")
        features = instrument.model().features
        values = dict(zip(features, instrument.feature_values(complete("ogrs4g")), strict=True))
        assert math.isnan(values["age_at_followup_female"])
        assert values["age_at_followup_male"] == 36

    def test_who_it_is_not_for_is_outside_the_population(self):
        instrument = Instrument.load("osp_dc", "1.0")
        woman = instrument.feature_values(complete("osp_dc", sex="female"))
        found = instrument.model().program.assess_one(woman)
        assert found.support.status == "outside"
        assert [o.reason for o in found.support.outside] == ["population"]

    def test_a_value_beyond_the_limits_is_outside_the_range(self):
        program = model_of("ogrs4g").program
        values = Instrument.load("ogrs4g", "1.0").feature_values(complete("ogrs4g"))
        values[program.features.index("sanctions")] = 1000.0
        assert program.assess_one(values).support.outside[0].feature == "sanctions"


class TestProvenance:
    def test_each_term_says_file_state_and_label_of_its_coefficient(self):
        model = model_of("ogrs4g", variant="static")
        told = model.provenance["age_at_followup_male"]
        assert "016919c5305b083e690a145856909c7b6de8c6a1" in told.data_set
        assert told.command.startswith("service/coefficients/AllReoffendingPredictorStatic.kt")
        assert "maleaai" in told.command

    @pytest.mark.parametrize(("instrument", "variant"), LOWERABLE, ids=NAMES)
    def test_no_term_with_an_effect_is_without_a_source(self, instrument, variant):
        model = instrument.model(variant=variant)
        felt = {t.feature for t in model.program.terms if any(t.values)}
        assert felt <= set(model.provenance)


class TestRefused:
    def test_a_composite_instrument_names_the_parts_to_take(self):
        with pytest.raises(ModelError, match="snsv, osp_dc, osp_iic"):
            model_of("rsr")

    def test_an_unknown_variant_or_horizon_is_said(self):
        with pytest.raises(ModelError, match="no dynamic variant; it has: static"):
            model_of("osp_dc", variant="dynamic")
        with pytest.raises(ModelError, match="no horizon 'ten_years'"):
            model_of("ogrs4g", horizon="ten_years")

    def test_inputs_that_cannot_be_scored_are_no_feature_values(self):
        with pytest.raises(ModelError, match="impulsivity"):
            Instrument.load("ogrs4g", "1.0").feature_values(complete("ogrs4g", impulsivity=None))


class TestBundle:
    def test_it_saves_and_loads_and_verifies(self, bundle, tmp_path):
        again = Bundle.load(bundle.save(tmp_path / "official.json"))
        assert again.sha256 == bundle.sha256
        assert again.verify().ok

    def test_a_changed_coefficient_is_refused_also_with_a_new_hash(self, bundle):
        from risicoscreener.models.bundle import content_hash

        stored = json.loads(bundle.to_bytes())
        terms = stored["content"]["models"][0]["program"]["terms"]
        terms[0]["values"][0] += 0.01
        stored["sha256"] = content_hash(stored["content"])
        with pytest.raises(BundleError, match="golden vectors"):
            Bundle.load(json.dumps(stored).encode())

    def test_no_model_is_marked_as_made_on_synthetic_people(self, bundle):
        assert not bundle.synthetic
