"""A bundle proves itself when it is loaded, or says what is wrong and what to do."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from risicoscreener.errors import BundleError
from risicoscreener.models import Bundle, RiskModel, bundle_file
from risicoscreener.models.bundle_file import content_hash

from .conftest import DEFINITIONS


def rewritten(bundle: Bundle, change: Callable[[dict[str, Any]], None], rehash: bool) -> bytes:
    """The file after a change of its content, with or without a new hash."""
    envelope = json.loads(bundle.to_bytes())
    change(envelope["content"])
    if rehash:
        envelope["sha256"] = content_hash(envelope["content"])
    return json.dumps(envelope).encode()


# -- round trip -----------------------------------------------------------------------------------


def test_a_saved_bundle_loads_equal(bundle: Bundle, tmp_path: Path) -> None:
    path = bundle.save(tmp_path / "b.json")
    assert Bundle.load(path, definitions=DEFINITIONS) == bundle
    assert Bundle.load(path.read_bytes()) == bundle


def test_the_file_is_canonical_json_whose_hash_anyone_can_check(bundle: Bundle) -> None:
    import hashlib

    envelope = json.loads(bundle.to_bytes())
    text = json.dumps(
        envelope["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert hashlib.sha256(text.encode()).hexdigest() == envelope["sha256"]
    assert bundle.to_bytes() == Bundle.load(bundle.to_bytes()).to_bytes()


def test_white_space_does_not_change_the_content(bundle: Bundle) -> None:
    pretty = json.dumps(json.loads(bundle.to_bytes()), indent=2).encode()
    assert Bundle.load(pretty) == bundle


def test_saving_replaces_a_file_whole_and_leaves_nothing_behind(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.json"
    path.write_text("old")

    def fail(self: Bundle, private_key: object = None) -> bytes:
        raise BundleError("half way")

    monkeypatch.setattr(Bundle, "to_bytes", fail)
    with pytest.raises(BundleError, match="half way"):
        bundle.save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_only_definitions_of_features_in_use_are_kept(bundle: Bundle) -> None:
    assert bundle.definitions == DEFINITIONS


def test_a_synthetic_model_makes_a_synthetic_bundle_with_a_disclaimer(bundle: Bundle) -> None:
    assert bundle.synthetic
    assert "synthetic data" in bundle.disclaimer.en
    assert "synthetische gegevens" in bundle.disclaimer.nl


def test_a_bundle_of_synthetic_models_cannot_say_that_it_is_real(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="not marked synthetic"):
        msgspec.structs.replace(bundle, synthetic=False)


def test_waivers_of_the_models_are_those_of_the_bundle(bundle: Bundle) -> None:
    assert [waiver.feature for waiver in bundle.waivers] == ["postcode_income"]


def test_a_bundle_expires_on_its_review_date(bundle: Bundle) -> None:
    assert not bundle.expired(date(2026, 1, 31))
    assert bundle.expired(date(2026, 2, 1))


def test_a_model_is_found_by_name(bundle: Bundle) -> None:
    assert bundle.model("violence_2y").name == "violence_2y"
    with pytest.raises(BundleError, match="it has: any_2y, violence_2y"):
        bundle.model("fraud_2y")


def test_a_bundle_and_its_parts_are_shown_in_a_line(bundle: Bundle) -> None:
    assert repr(bundle) == "<Bundle 'test-1': any_2y, violence_2y; to be reviewed 2026-02-01>"
    assert repr(bundle.models[0]).startswith("<RiskModel 'any_2y': text, 730 days, synthetic, ")
    program = bundle.models[0].program
    assert "(age_years, priors, debt_eur, postcode_income), link logit" in repr(program)
    assert "coefficients)" in repr(program.uncertainty)


def test_two_models_of_one_name_are_refused(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="names must differ"):
        msgspec.structs.replace(bundle, models=bundle.models[:1] * 2)


# -- a file that is not what it should be -----------------------------------------------------------


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"none\.json cannot be read"):
        Bundle.load(tmp_path / "none.json")


@pytest.mark.parametrize("cut", [0, 1, 1000, -1])
def test_a_file_that_was_cut_off_is_refused(bundle: Bundle, cut: int) -> None:
    with pytest.raises(BundleError, match="not JSON or was cut off"):
        Bundle.load(bundle.to_bytes()[:cut])


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"[" * 100_000, b"PK\x03\x04"])
def test_bytes_that_are_no_json_are_refused(raw: bytes) -> None:
    with pytest.raises(BundleError, match="not JSON or was cut off"):
        Bundle.load(raw)


@pytest.mark.parametrize("raw", [b"[]", b"{}", b'{"format":"other"}', b"3"])
def test_json_that_is_no_bundle_is_refused(raw: bytes) -> None:
    with pytest.raises(BundleError, match="JSON but not a bundle"):
        Bundle.load(raw)


def test_a_file_that_is_too_big_is_not_read(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bundle.save(tmp_path / "b.json")
    monkeypatch.setattr(bundle_file, "MAX_BYTES", 1000)
    for source in (path, path.read_bytes()):
        with pytest.raises(BundleError, match="at most 1000 are read"):
            Bundle.load(source)


@pytest.mark.parametrize("version", [0, 3, "1", True, None])
def test_an_unknown_format_version_is_refused(bundle: Bundle, version: Any) -> None:
    envelope = json.loads(bundle.to_bytes()) | {"format_version": version}
    with pytest.raises(BundleError, match=r"format version .* this library reads 1 to 2"):
        Bundle.load(json.dumps(envelope).encode())


GOLDEN = sorted((Path(__file__).parent / "golden_bundles").glob("*.json"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_bundle_of_every_format_that_ever_was_loads_and_keeps_its_hash(path: Path) -> None:
    bundle = Bundle.load(path)
    assert bundle.verify().ok
    assert bundle.sha256 == json.loads(path.read_bytes())["sha256"]


def test_the_golden_bundle_of_the_present_format_holds_everything_that_it_can() -> None:
    bundle = Bundle.load(GOLDEN[-1])
    assert GOLDEN[-1].stem == f"format_{bundle_file.FORMAT_VERSION}"
    programs = [model.program for model in bundle.models]
    assert {type(p.calibration).__name__ for p in programs} >= {
        "Identity",
        "Logistic",
        "Beta",
        "Spline",
        "Table",
        "VennAbers",
    }
    assert {type(p.uncertainty).__name__ for p in programs} == {
        "Uncertainty",
        "Ensemble",
        "NoneType",
    }
    assert {p.link for p in programs} == {"logit", "cloglog"}
    assert any(p.pairs for p in programs)
    assert any(model.patterns for model in bundle.models)
    assert any(model.bands is not None for model in bundle.models)
    assert any("ogrs3" in model.name for model in bundle.models)
    assert {model.synthetic for model in bundle.models} == {True, False}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_golden_bundle_scores_its_vectors_one_by_one_and_as_a_batch(path: Path) -> None:
    for model in Bundle.load(path).models:
        for scorer, vectors in (
            (model.program, model.golden),
            (model.scorer, model.golden_patterns),
        ):
            if not vectors:
                continue
            inputs = [vector.inputs() for vector in vectors]
            found = scorer.assess_many(inputs)
            expected = [vector.probability for vector in vectors]
            assert found.scores.probability == pytest.approx(expected, rel=1e-9)
            assert [scorer.score_one(row)[0] for row in inputs] == pytest.approx(expected, rel=1e-9)
            if vectors[0].interval is not None:
                assert found.intervals is not None
                lower = [v.interval[0] for v in vectors if v.interval is not None]
                assert found.intervals.lower == pytest.approx(lower, rel=1e-6, abs=1e-12)


def test_an_old_bundle_that_is_saved_again_is_of_the_present_format() -> None:
    old = Bundle.load(GOLDEN[0])
    again = Bundle.load(old.to_bytes())
    assert json.loads(GOLDEN[0].read_bytes())["format_version"] == 1
    assert json.loads(old.to_bytes())["format_version"] == 2
    assert again == old
    assert again.sha256 != old.sha256


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_is_refused(bundle: Bundle, number: str) -> None:
    raw = bundle.to_bytes().replace(b'"intercept":', f'"intercept":{number},"x":'.encode(), 1)
    with pytest.raises(BundleError, match="is no number"):
        Bundle.load(raw)


def test_a_number_too_large_to_be_finite_is_refused(bundle: Bundle) -> None:
    raw = bundle.to_bytes().replace(b'"intercept":', b'"intercept":1e999,"x":', 1)
    with pytest.raises(BundleError, match="too large to be finite"):
        Bundle.load(raw)


def test_a_key_given_twice_is_refused(bundle: Bundle) -> None:
    raw = bundle.to_bytes().replace(b'"owner":', b'"owner":"me","owner":', 1)
    with pytest.raises(BundleError, match="owner twice"):
        Bundle.load(raw)


def test_an_unknown_field_is_refused(bundle: Bundle) -> None:
    envelope = json.loads(bundle.to_bytes()) | {"colour": "red"}
    with pytest.raises(BundleError, match=r"unknown fields .colour."):
        Bundle.load(json.dumps(envelope).encode())
    deep = rewritten(bundle, lambda c: c["models"][0]["program"].update(colour=1), rehash=True)
    with pytest.raises(BundleError, match=r"unknown field `colour`.*program"):
        Bundle.load(deep)


def test_too_many_knots_are_refused(bundle: Bundle) -> None:
    def grow(content: dict[str, Any]) -> None:
        term = content["models"][0]["program"]["terms"][0]
        term["knots"] = [float(i) for i in range(201)]
        term["values"] = [0.0] * 201

    with pytest.raises(BundleError, match="length <= 200"):
        Bundle.load(rewritten(bundle, grow, rehash=True))


def test_a_covariance_that_is_not_what_it_should_be_is_refused(bundle: Bundle) -> None:
    def spoil(content: dict[str, Any]) -> None:
        content["models"][0]["program"]["uncertainty"]["factor"] = "AAAA"

    with pytest.raises(BundleError, match="covariance factor has 3 bytes"):
        Bundle.load(rewritten(bundle, spoil, rehash=True))


def test_a_bundle_without_its_waiver_is_refused(bundle: Bundle) -> None:
    def strip(content: dict[str, Any]) -> None:
        content["models"][0]["waivers"] = []

    with pytest.raises(BundleError, match=r"postcode_income .proxy. without a recorded waiver"):
        Bundle.load(rewritten(bundle, strip, rehash=True))


# -- a file that was changed ----------------------------------------------------------------------


def test_a_changed_file_is_refused_by_its_hash(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="changed after it was saved"):
        Bundle.load(rewritten(bundle, lambda c: c.update(owner="someone else"), rehash=False))


@st.composite
def coefficients(draw: Any) -> tuple[Any, ...]:
    """Where a number stands in a program: intercept, calibration or something of a term."""
    term = ("terms", draw(st.integers(0, 3)))
    position = draw(st.integers(0, 6))
    return draw(
        st.sampled_from(
            [
                ("intercept",),
                ("calibration", "intercept"),
                ("calibration", "slope"),
                (*term, "values", position),
                (*term, "knots", position),
                (*term, "missing"),
                (*term, "reference"),
                ("uncertainty", "level"),
                ("uncertainty", "centres", term[1], min(position, 5)),
                ("support", "ranges", term[1], draw(st.sampled_from(["low", "high"]))),
                ("support", "max_leverage"),
                ("support", "rules", 0, "minimum"),
            ]
        )
    )


@hypothesis_settings(max_examples=60, deadline=None)
@given(path=coefficients(), sign=st.sampled_from([-1, 1]))
def test_a_changed_coefficient_is_found_although_the_hash_was_computed_again(
    bundle: Bundle, path: tuple[Any, ...], sign: int
) -> None:
    def change(content: dict[str, Any]) -> None:
        place: Any = content["models"][1]["program"]
        for step in path[:-1]:
            place = place[step]
        last = min(path[-1], len(place) - 1) if isinstance(place, list) else path[-1]
        place[last] += sign * (0.01 if path[-1] != "max_leverage" else 0.5 * place[last])

    with pytest.raises(BundleError, match=r"violence_2y|does not accept"):
        Bundle.load(rewritten(bundle, change, rehash=True))


@pytest.mark.parametrize(("part", "named"), [("uncertainty", "interval"), ("support", "status")])
def test_a_bundle_stripped_of_its_uncertainty_or_support_is_refused(
    bundle: Bundle, part: str, named: str
) -> None:
    def strip(content: dict[str, Any]) -> None:
        content["models"][0]["program"][part] = None

    with pytest.raises(BundleError, match=f"vector 0: {named}: expected .*, got None"):
        Bundle.load(rewritten(bundle, strip, rehash=True))


def test_the_message_names_model_vector_expected_and_got(bundle: Bundle) -> None:
    def change(content: dict[str, Any]) -> None:
        content["models"][1]["program"]["intercept"] += 1e-6

    with pytest.raises(
        BundleError,
        match=r"model 'violence_2y', vector 0: linear_predictor: expected -?\d.*, got -?\d",
    ):
        Bundle.load(rewritten(bundle, change, rehash=True))


def test_a_bundle_without_golden_vectors_is_refused(bundle: Bundle) -> None:
    def strip(content: dict[str, Any]) -> None:
        content["models"][0]["golden"] = content["models"][0]["golden"][:49]

    with pytest.raises(BundleError, match="49 golden vectors; at least 50"):
        Bundle.load(rewritten(bundle, strip, rehash=True))


def test_a_golden_vector_of_another_width_is_refused(bundle: Bundle) -> None:
    def shorten(content: dict[str, Any]) -> None:
        content["models"][0]["golden"][3]["values"].pop()

    with pytest.raises(BundleError, match="vector 3: values: 3 for 4 features"):
        Bundle.load(rewritten(bundle, shorten, rehash=True))


def test_a_model_that_does_not_reproduce_itself_is_not_bundled(
    bundle: Bundle, model: RiskModel
) -> None:
    program = msgspec.structs.replace(model.program, intercept=0.0)
    with pytest.raises(BundleError, match="does not reproduce its golden vectors"):
        Bundle.create(
            id="x",
            models=[msgspec.structs.replace(model, program=program)],
            owner="o",
            created=date(2025, 1, 1),
            review_on=date(2026, 1, 1),
            library_version="0",
            definitions=DEFINITIONS,
        )


# -- definitions of features -----------------------------------------------------------------------


def test_other_feature_definitions_are_named(bundle: Bundle) -> None:
    here = {k: v for k, v in DEFINITIONS.items() if k != "priors"} | {"debt_eur": "other"}
    with pytest.raises(BundleError) as error:
        Bundle.load(bundle.to_bytes(), definitions=here)
    assert "not defined here: priors" in str(error.value)
    assert "defined differently: debt_eur" in str(error.value)
    assert "0.1.0" in str(error.value)


def test_definitions_that_no_model_uses_may_change(bundle: Bundle) -> None:
    Bundle.load(bundle.to_bytes(), definitions=DEFINITIONS | {"shoe_size": "new"})


def test_a_bundle_lacking_the_definition_of_a_feature_is_not_made(
    bundle: Bundle, model: RiskModel
) -> None:
    with pytest.raises(BundleError, match="definition of priors"):
        Bundle.create(
            id="x",
            models=[model],
            owner="o",
            created=date(2025, 1, 1),
            review_on=date(2026, 1, 1),
            library_version="0",
            definitions={k: v for k, v in DEFINITIONS.items() if k != "priors"},
        )


# -- verification ------------------------------------------------------------------------------------


def test_verification_reports_every_check(bundle: Bundle) -> None:
    report = bundle.verify(DEFINITIONS, on=date(2025, 6, 1))
    assert report.ok
    assert "bundle test-1: verified" in str(report)
    assert "golden vectors of any_2y" in str(report)
    assert "feature definitions: 4 as fitted" in str(report)
    assert bundle.sha256 == json.loads(bundle.to_bytes())["sha256"]
    assert f"sha256 {bundle.sha256}" in str(report)


def test_verification_does_not_stop_at_the_first_failure(bundle: Bundle) -> None:
    broken = copy.deepcopy(bundle)
    program = msgspec.structs.replace(broken.models[0].program, intercept=9.0)
    changed = msgspec.structs.replace(broken.models[0], program=program)
    report = msgspec.structs.replace(broken, models=(changed, broken.models[1])).verify(
        {}, on=date(2030, 1, 1)
    )
    assert not report.ok
    assert [passed for _, passed, _ in report.checks] == [False, True, False, False]
    assert "FAIL  golden vectors of any_2y: model 'any_2y', vector 0" in str(report)


def test_loading_imports_nothing_that_only_fitting_needs(bundle: Bundle, tmp_path: Path) -> None:
    path = bundle.save(tmp_path / "b.json")
    code = (
        "import sys; from risicoscreener.models import Bundle; "
        f"Bundle.load({str(path)!r}).verify(); "
        "print([m for m in ('sklearn', 'scipy', 'pandas', 'statsmodels') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
