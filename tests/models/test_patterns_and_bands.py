"""A bundle may hold a program per pattern of what is known and sets of risk bands, and proves them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from risicoscreener.errors import BundleError, ModelError
from risicoscreener.models import Bundle, RiskModel, SplineLogisticClassifier, fit_risk_model
from risicoscreener.models.bundle import content_hash
from risicoscreener.models.difference import compare_bundles
from risicoscreener.models.missing import PatternSubmodels, fit_pattern_submodels
from risicoscreener.models.uncertainty import conformal_bands
from risicoscreener.models.updating import update

from .conftest import DEFINITIONS, cohort, settings

ESTIMATOR = SplineLogisticClassifier(knots=3, shrinkage=1.0, smoothness=0.1, monotone=[-1, 1, 0, 0])


@pytest.fixture(scope="module")
def whole() -> RiskModel:
    frame, y = cohort(3000)
    changes = {"cut_offs": (0.2, 0.6), "alpha": 0.2, "patterns": "pattern", "folds": 3}
    return fit_risk_model(frame, y, **settings(estimator=ESTIMATOR, **changes))


def bundle_of(*models: RiskModel, **changes: Any) -> Bundle:
    base: dict[str, Any] = {
        "id": "b",
        "owner": "o",
        "created": date(2025, 1, 1),
        "review_on": date(2026, 1, 1),
        "library_version": "0",
        "definitions": DEFINITIONS,
    }
    return Bundle.create(models=models, **base | changes)


@pytest.fixture(scope="module")
def bundle(whole: RiskModel) -> Bundle:
    return bundle_of(whole)


# -- what they are -----------------------------------------------------------------------------


def test_a_person_is_scored_by_the_program_of_what_is_known(whole: RiskModel) -> None:
    frame, _ = cohort(200)
    x = frame.to_numpy()
    by_pattern = {submodel.known: submodel.program for submodel in whole.patterns}
    assert set(by_pattern) == {"1111", "1101"}
    found = whole.scorer.score_many(x).probability
    for row, probability in zip(x, found, strict=True):
        known = ~np.isnan(row)
        program = by_pattern["".join("1" if mark else "0" for mark in known)]
        assert probability == program.score_one(row[known].tolist())[0]
    assert (found != whole.program.score_many(x).probability).mean() > 0.5


def test_a_pattern_without_submodel_is_scored_by_the_program_of_the_model(
    whole: RiskModel,
) -> None:
    values = [math.nan, 1.0, math.nan, 0.0]
    assert whole.scorer.score_one(values) == whole.program.score_one(values)


def test_directions_hold_in_each_submodel(whole: RiskModel) -> None:
    for submodel in whole.patterns:
        assert (np.diff(submodel.program.term("age_years").values) <= 1e-12).all()
        assert (np.diff(submodel.program.term("priors").values) >= -1e-12).all()


def test_the_stated_performance_is_that_of_all_programs_together() -> None:
    """Unknown for a reason: those without a value have the outcome for another cause."""
    rng = np.random.default_rng(0)
    frame, _ = cohort(3000)
    unknown = rng.random(3000) < 0.4
    slope = np.where(unknown, -2.0, 2.0)
    frame["priors"] = rng.normal(size=3000)
    y = (rng.random(3000) < 1 / (1 + np.exp(-slope * frame["priors"]))).astype(float)
    frame["debt_eur"] = np.where(unknown, np.nan, 1.0)
    options = settings(
        estimator=SplineLogisticClassifier(knots=3, shrinkage=1.0, smoothness=0.1), folds=2
    )
    one = fit_risk_model(frame, y, **options).performance
    many = fit_risk_model(frame, y, **options, patterns="pattern").performance
    assert one is not None
    assert many is not None
    assert many.auc > one.auc + 0.1


def test_sets_of_bands_cover_the_share_of_new_people(whole: RiskModel) -> None:
    assert whole.bands is not None
    frame, y = cohort(4000, seed=9)
    p = whole.scorer.score_many(frame.to_numpy()).probability
    sets = whole.bands.outcomes_many(p)
    held = sets[np.arange(len(y)), y.astype(int)]
    for outcome in (0, 1):
        assert held[y == outcome].mean() == pytest.approx(0.8, abs=0.04)


def test_bands_ask_for_people_who_count_alike() -> None:
    frame, y = cohort(600)
    weight = np.where(y == 1, 2.0, 1.0)
    with pytest.raises(ModelError, match="take no weights"):
        fit_risk_model(frame, y, **settings(sample_weight=weight, cut_offs=(0.5,), folds=2))


def test_submodels_with_another_fall_back_are_refused(model: RiskModel) -> None:
    frame, y = cohort(800)
    other = fit_pattern_submodels(SplineLogisticClassifier(knots=3, shrinkage=3.0), frame, y)
    with pytest.raises(ModelError, match="not the program of model 'any_2y'"):
        model.with_patterns(other)


def test_programs_with_and_without_an_interval_do_not_go_together(whole: RiskModel) -> None:
    bare = msgspec.structs.replace(whole.patterns[0].program, uncertainty=None)
    mixed = msgspec.structs.replace(whole.patterns[0], program=bare, max_leverage=None)
    with pytest.raises(ModelError, match="carry uncertainty and others do not"):
        msgspec.structs.replace(whole, patterns=(mixed,))


def test_an_update_of_one_program_of_several_is_refused(whole: RiskModel) -> None:
    frame, y = cohort(500, seed=3)
    with pytest.raises(ModelError, match="a program per pattern"):
        update(whole, frame, y, rung="logistic")
    assert update(whole, frame, y, rung="none").patterns == whole.patterns


def test_an_updated_model_has_no_sets_that_rest_on_the_old_probabilities(
    model: RiskModel,
) -> None:
    frame, y = cohort(500, seed=3)
    with_sets = model.with_bands(conformal_bands(y * 0.5 + 0.2, y, cut_offs=(0.5,)))
    assert update(with_sets, frame, y, rung="none").bands == with_sets.bands
    updated = update(with_sets, frame, y, rung="logistic")
    assert (updated.bands, updated.golden_bands) == (None, ())


# -- in a bundle -------------------------------------------------------------------------------


def test_they_survive_the_file_to_the_last_bit(bundle: Bundle) -> None:
    again = Bundle.load(bundle.to_bytes())
    assert again == bundle
    assert again.to_bytes() == bundle.to_bytes()
    content = json.loads(bundle.to_bytes())["content"]["models"][0]
    assert content["bands"]["kind"] == "conformal_bands"
    assert {p["kind"] for p in content["patterns"]} == {"pattern_submodel"}


def test_a_model_without_them_is_written_as_before(model: RiskModel) -> None:
    (content,) = json.loads(bundle_of(model).to_bytes())["content"]["models"]
    assert not {"patterns", "bands", "golden_patterns", "golden_bands"} & set(content)


def test_verification_counts_what_was_reproduced(bundle: Bundle) -> None:
    model = bundle.models[0]
    said = str(bundle.verify())
    assert f"{len(model.golden)} vectors, {len(model.golden_patterns)} of patterns" in said
    assert f"{len(model.golden_bands)} sets reproduced" in said


def rewritten(bundle: Bundle, change: Callable[[dict[str, Any]], None]) -> bytes:
    envelope = json.loads(bundle.to_bytes())
    change(envelope["content"]["models"][0])
    envelope["sha256"] = content_hash(envelope["content"])
    return json.dumps(envelope).encode()


@st.composite
def places(draw: Any) -> tuple[Any, ...]:
    program = ("patterns", draw(st.integers(0, 1)), "program")
    term = (*program, "terms", draw(st.integers(0, 2)))
    stratum = ("bands", "strata", 0)
    return draw(
        st.sampled_from(
            [
                (*program, "intercept"),
                (*program, "calibration", "slope"),
                (*program, "uncertainty", "level"),
                (*term, "values", draw(st.integers(0, 2))),
                (*term, "knots", draw(st.integers(0, 2))),
                (*term, "reference"),
                (*stratum, "quantiles", draw(st.integers(0, 1))),
                (*stratum, "edges", draw(st.integers(0, 18))),
                (*stratum, "lower", draw(st.integers(0, 19))),
                (*stratum, "upper", draw(st.integers(0, 19))),
            ]
        )
    )


@hypothesis_settings(max_examples=60, deadline=None)
@given(path=places(), sign=st.sampled_from([-1, 1]))
def test_a_changed_number_is_found_although_the_hash_was_computed_again(
    bundle: Bundle, path: tuple[Any, ...], sign: int
) -> None:
    if path[-2] == "edges":  # between bins of one interval an edge decides nothing
        assert bundle.models[0].bands is not None
        stratum = bundle.models[0].bands.strata[0]
        assume(stratum.lower[path[-1]] != stratum.lower[path[-1] + 1])

    def change(model: dict[str, Any]) -> None:
        place: Any = model
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] += sign * 0.004

    with pytest.raises(BundleError, match=r"any_2y|does not accept"):
        Bundle.load(rewritten(bundle, change))


def test_a_pattern_that_was_taken_out_is_found(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match=r"pattern vector \d+: linear_predictor"):
        Bundle.load(rewritten(bundle, lambda model: model["patterns"].pop()))


@pytest.mark.parametrize(
    ("part", "said"),
    [("golden_patterns", "no golden vector of pattern 1111"), ("golden_bands", "no golden set of")],
)
def test_a_part_without_golden_answers_is_refused(bundle: Bundle, part: str, said: str) -> None:
    with pytest.raises(BundleError, match=said):
        Bundle.load(rewritten(bundle, lambda model: model.pop(part)))


@pytest.mark.parametrize("part", ["patterns", "bands"])
def test_an_unknown_field_or_another_kind_is_refused(bundle: Bundle, part: str) -> None:
    def of(model: dict[str, Any]) -> dict[str, Any]:
        return model[part][0] if part == "patterns" else model[part]

    with pytest.raises(BundleError, match="unknown field `colour`"):
        Bundle.load(rewritten(bundle, lambda model: of(model).update(colour=1)))
    with pytest.raises(BundleError, match="Invalid value 'other'"):
        Bundle.load(rewritten(bundle, lambda model: of(model).update(kind="other")))


# -- what is said of them ----------------------------------------------------------------------


def test_a_difference_names_patterns_and_bands(bundle: Bundle, whole: RiskModel) -> None:
    bare = msgspec.structs.replace(whole, patterns=whole.patterns[:1], bands=None, golden_bands=())
    bare = msgspec.structs.replace(
        bare,
        golden_patterns=tuple(v for v in whole.golden_patterns if None not in v.values),
    )
    assert whole.patterns[0].known == "1111"
    found = compare_bundles(bundle, bundle_of(bare))
    assert found.text("en").splitlines()[3:] == [
        "  Programs per pattern of known features removed: age_years, priors, postcode_income.",
        "  Coverage of the sets of risk bands: 0.8 -> nothing.",
    ]
    assert "Dekking van de verzamelingen risicoklassen: 0.8 -> niets." in found.text("nl")
    assert compare_bundles(bundle, bundle).same


def test_a_changed_submodel_or_set_is_told(bundle: Bundle, whole: RiskModel) -> None:
    bands, first = whole.bands, whole.patterns[0]
    assert bands is not None
    open_set = msgspec.structs.replace(bands.strata[0], upper=(1.0,) * len(bands.strata[0].upper))
    moved = msgspec.structs.replace(first.program, intercept=first.program.intercept + 1.0)
    scorer = PatternSubmodels(
        whole.program, (msgspec.structs.replace(first, program=moved), whole.patterns[1])
    )
    changed = whole.with_bands(msgspec.structs.replace(bands, strata=(open_set,)))
    found = compare_bundles(bundle, bundle_of(changed.with_patterns(scorer)))
    assert [d.kind for d in found.differences] == ["pattern", "sets"]
    said = found.text("en")
    assert "With known age_years, priors, debt_eur, postcode_income: on" in said
    assert "Stratum *: of 1001 probabilities from 0 to 1, " in said


def test_other_cut_offs_coverage_and_strata_are_told(whole: RiskModel) -> None:
    rng = np.random.default_rng(0)
    p = rng.random(2000)
    y = (rng.random(2000) < p).astype(float)
    sex = np.where(rng.random(2000) < 0.5, "women", "men")
    one = whole.with_bands(conformal_bands(p, y, cut_offs=(0.5,), alpha=0.1))
    other = whole.with_bands(conformal_bands(p, y, cut_offs=(0.4,), alpha=0.2, strata=sex.tolist()))
    said = compare_bundles(bundle_of(one), bundle_of(other)).text("en")
    assert "Coverage of the sets of risk bands: 0.9 -> 0.8." in said
    assert "Cut-offs of the risk bands: 0.5 -> 0.4." in said
    assert "Strata with sets of risk bands of their own added: men, women." in said
