"""The command on real data: marks are reached, and models go through a bundle and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import real_data
from risicoscreener.datasets import Dataset, load_compas
from risicoscreener.errors import ModelError
from risicoscreener.models import Bundle, SplineLogisticClassifier
from risicoscreener.models.fitting import fit_risk_model

if TYPE_CHECKING:
    from risicoscreener.models import Performance, RiskModel


@pytest.fixture(scope="module")
def spline_recid(recid: Dataset) -> Performance:
    return real_data.out_of_fold(recid, SplineLogisticClassifier())


# -- marks -------------------------------------------------------------------------------------


def test_recid_reaches_both_aucs_and_the_brier_score_of_the_logistic_model(
    spline_recid: Performance,
) -> None:
    assert spline_recid.auc >= 0.687 - 0.005
    assert spline_recid.brier <= 0.1656 + 0.001
    assert 0.9 < spline_recid.calibration_slope < 1.1
    assert abs(spline_recid.calibration_intercept) < 0.05


def test_recid_is_not_so_good_that_something_must_leak(spline_recid: Performance) -> None:
    assert not any(v.suspect for v in real_data.verdicts("recid", spline_recid))
    assert spline_recid.auc < 0.72


def test_rossi_is_no_worse_than_a_plain_logistic_regression(rossi: Dataset) -> None:
    ours = real_data.out_of_fold(rossi, SplineLogisticClassifier())
    plain = real_data.out_of_fold(rossi, real_data.reference())
    assert ours.auc >= plain.auc - 0.005
    assert ours.brier <= plain.brier + 0.001
    assert 0.8 < ours.calibration_slope < 1.2


def test_the_performance_in_a_model_is_near_that_in_the_folds_of_the_marks(
    recid: Dataset, spline_recid: Performance
) -> None:
    stated = real_data.fit(recid).performance
    assert stated is not None
    assert stated.auc == pytest.approx(spline_recid.auc, abs=0.015)
    assert stated.brier == pytest.approx(spline_recid.brier, abs=0.002)


def test_compas_as_published_reaches_the_mark(real_compas: str) -> None:
    found = real_data.out_of_fold(
        load_compas(real_compas, age="as_published"), SplineLogisticClassifier()
    )
    assert abs(found.auc - 0.739) <= 0.005
    assert found.brier <= 0.2049 + 0.001


def test_compas_with_full_follow_up_does_not_depend_on_which_age_is_used(
    real_compas: str,
) -> None:
    found = [
        real_data.out_of_fold(
            load_compas(real_compas, rows="followed_up", age=age), SplineLogisticClassifier()
        ).auc
        for age in ("at_screening", "as_published")
    ]
    assert found[0] == pytest.approx(found[1], abs=0.002)
    assert found[0] >= 0.739 - 0.005


def test_additive_boosting_does_not_reach_the_stretch_mark_either(recid: Dataset) -> None:
    said = real_data.stretch_lines(recid, seeds=1)
    brier = {line[:56].strip(): float(line.split("Brier ")[1][:6]) for line in said[1:]}
    at_release = {k: v for k, v in brier.items() if k.startswith("features at release")}
    spline, additive, interactions = at_release.values()
    assert spline < additive
    assert interactions < additive


def test_the_day_of_screening_gives_the_outcome_away_until_only_the_followed_up_remain(
    real_compas: str,
) -> None:
    said = {line[:44].strip(): float(line[48:53]) for line in real_data.leak_lines(real_compas)}
    assert said["published     day of screening, alone"] > 0.63
    assert 0.47 < said["followed_up   day of screening, alone"] < 0.54


def test_the_leak_cannot_be_shown_without_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(real_data.VARIABLE, raising=False)
    with pytest.raises(SystemExit):
        real_data.main(["--leak"])
    assert "--leak needs --compas PATH" in capsys.readouterr().err


def performance(auc: float, brier: float) -> Performance:
    from risicoscreener.models import Performance

    return Performance(
        auc=auc, brier=brier, calibration_intercept=0.0, calibration_slope=1.0, method="made up"
    )


@pytest.mark.parametrize(
    ("auc", "brier", "reached", "suspect"),
    [
        (0.681, 0.1656, True, False),
        (0.6761, 0.1656, True, False),
        (0.6759, 0.1656, False, False),
        (0.681, 0.1665, True, False),
        (0.681, 0.1667, False, False),
        (0.72, 0.15, True, True),
    ],
)
def test_a_mark_is_reached_within_its_margin_and_suspect_far_above(
    auc: float, brier: float, reached: bool, suspect: bool
) -> None:
    verdict, stretch = real_data.verdicts("recid", performance(auc, brier))
    assert (verdict.reached, verdict.suspect) == (reached, suspect)
    assert (verdict.kind, stretch.kind) == ("demand", "stretch")


def test_only_a_missed_demand_or_a_leak_makes_the_command_fail() -> None:
    def result(auc: float, brier: float) -> list[dict[str, object]]:
        found = real_data.verdicts("recid", performance(auc, brier))
        return [{"marks": [vars(verdict) for verdict in found]}]

    assert not real_data.missed(result(0.685, 0.1640))
    assert real_data.missed(result(0.60, 0.1640))
    assert real_data.missed(result(0.75, 0.1500))


# -- bundles -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(data: Dataset) -> RiskModel:
    return real_data.fit(data)


def test_a_person_gets_a_probability_with_interval_and_support_from_a_loaded_bundle(
    data: Dataset, model: RiskModel, tmp_path: Path
) -> None:
    path = real_data.bundle(data, model).save(tmp_path / "bundle.json")
    loaded = Bundle.load(path, definitions=data.digests).models[0]
    estimator = SplineLogisticClassifier().fit(data.frame.to_numpy(), data.outcome.to_numpy())
    expected = estimator.predict_proba(data.frame.to_numpy())[:, 1]
    inside = 0
    for row in range(0, len(data.frame), 37):
        assessed = loaded.program.assess_one(data.frame[list(loaded.features)].iloc[row].tolist())
        assert assessed.probability == pytest.approx(expected[row], abs=1e-9)
        assert assessed.interval is not None
        assert 0 < assessed.interval.lower < assessed.probability < assessed.interval.upper < 1
        assert assessed.support is not None
        inside += assessed.support.status == "inside"
    assert inside > 5


def test_everyone_of_a_data_set_goes_through_the_whole_chain(
    data: Dataset, model: RiskModel
) -> None:
    screened = real_data.screen(data, real_data.reloaded(data, model))
    assert len(screened) == len(data.frame)
    assert screened.counts()["deny"] == 0
    for row in range(0, len(data.frame), 97):
        result = screened.result(row)
        (found,) = result.models
        values = data.frame[list(model.features)].iloc[row].tolist()
        assert found.probability == pytest.approx(model.program.score_one(values)[0], abs=1e-12)
        assert found.lower is not None
        assert found.upper is not None
        certainly_low = found.upper < 0.2 and found.support == "inside"
        assert (result.outcome == "grant") == certainly_low
        assert not result.bundle.synthetic
        assert "real_data" not in result.text("nl")


def test_a_bundle_keeps_the_outcome_the_source_and_the_waivers(
    data: Dataset, model: RiskModel
) -> None:
    loaded = Bundle.load(real_data.bundle(data, model).to_bytes()).models[0]
    assert loaded.outcome == data.outcome_text
    assert loaded.horizon_days == data.horizon_days
    assert loaded.provenance["*"].data_set == data.source
    assert {waiver.feature for waiver in loaded.waivers} == set(data.proxies)
    assert loaded.training.n == len(data.frame)
    assert loaded.training.events == data.outcome.sum()
    assert not loaded.synthetic


def test_a_bundle_of_other_definitions_is_refused(data: Dataset, model: RiskModel) -> None:
    changed = data.digests | {"age_years": "0" * 64}
    with pytest.raises(Exception, match="defined differently: age_years"):
        Bundle.load(real_data.bundle(data, model).to_bytes(), definitions=changed)


def test_someone_of_an_unheard_of_age_is_outside_the_support(
    data: Dataset, model: RiskModel
) -> None:
    values = data.frame[list(model.features)].iloc[0].copy()
    values["age_years"] = 110.0
    support = model.program.assess_one(values.tolist()).support
    assert support is not None
    assert support.status == "outside"
    assert [item.feature for item in support.outside] == ["age_years"]


def test_no_model_has_a_proxy_without_a_waiver(data: Dataset) -> None:
    with pytest.raises(ModelError, match="without a recorded waiver"):
        fit_risk_model(
            data.frame,
            data.outcome,
            name="no waiver",
            outcome=data.outcome_text,
            horizon_days=data.horizon_days,
            population=data.population,
            title=data.title,
            description=data.title,
            sensitivity=data.sensitivity,
            provenance=real_data.Provenance(
                data_set=data.source, command="test", made_on=real_data.dt.date(2025, 1, 1)
            ),
            synthetic=False,
        )


# -- command -----------------------------------------------------------------------------------


def test_the_command_prints_each_data_set_and_says_that_compas_was_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(real_data.VARIABLE, raising=False)
    assert real_data.main([]) == 0
    said = capsys.readouterr().out
    assert "recid, 24 months" in said
    assert "114 of 432" in said
    assert "COMPAS is left out" in said
    assert "NO (stretch)" in said


def test_the_command_gives_everything_as_json(
    compas_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up = load_compas(compas_path)
    entry = real_data.Entry("compas", "made up", made_up)
    monkeypatch.setattr(real_data, "entries", lambda path: [entry])
    assert real_data.main(["--json", "--compas", str(compas_path)]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert result["rows"] == 400
    assert result["events"] == made_up.outcome.sum()
    assert result["features"] == list(made_up.frame.columns)
    assert np.isfinite(result["spline"]["auc"])
    assert result["first_person"]["support"] == "inside"


def test_the_command_ends_with_a_sentence_when_the_file_is_absent(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert real_data.main(["--compas", str(tmp_path / "no.csv")]) == 2
    assert "does not exist" in capsys.readouterr().err
