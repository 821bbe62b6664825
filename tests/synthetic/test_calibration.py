"""Free parameters are fitted to targets, and what cannot be reached is said by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from risicoscreener.errors import DataError
from risicoscreener.synthetic import load_parameters
from risicoscreener.synthetic.aims.calibration import Calibrated, TargetNotReachedError, calibrate
from risicoscreener.synthetic.aims.estimates import Estimate
from risicoscreener.synthetic.aims.levers import lever, moved
from risicoscreener.synthetic.aims.targets import reach, target_named, targets

PEOPLE = 4096


def wanted(key, value, tolerance=None):
    target = target_named(key)
    return replace(target, target=value, tolerance=tolerance or target.tolerance)


def test_a_known_lever_is_recovered():
    """People are women by a draw against the share, so that the share reached is the lever."""
    found = calibrate([wanted("female", 20.0, 0.5)], n=PEOPLE)
    assert found.changes["people.female_share"] == pytest.approx(0.2, abs=0.015)
    assert found.reached["female"].value == pytest.approx(20.0, abs=0.65)
    assert found.converged


def test_a_cohort_made_with_other_parameters_gives_them_back():
    truth = {"outcomes.any_2y.intercept": -2.1}
    aims = reach(PEOPLE, changes=truth, trend=False)
    found = calibrate([wanted("any_2y", aims["any_2y"].value)], n=PEOPLE)
    for path, value in truth.items():
        assert found.changes[path] == pytest.approx(value, abs=0.15), path
    assert found.steps >= 1


def test_levers_that_pull_at_each_others_targets_are_solved_together():
    """Whoever is addicted is less often in work."""
    aims = {"addicted": 60.0, "in_work": 18.0}
    found = calibrate([wanted(key, value) for key, value in aims.items()], n=PEOPLE)
    assert not found.missed()
    with_these = reach(PEOPLE, changes=found.changes, trend=False)
    for key, value in aims.items():
        assert with_these[key].value == pytest.approx(found.reached[key].value)
        assert target_named(key).tolerance >= abs(with_these[key].value - value)


def test_the_fit_starts_from_the_changes_of_the_caller_and_keeps_them():
    given = {"people.female_share": 0.5, "detention.prisons": 5}
    found = calibrate([wanted("female", 30.0)], changes=given, n=PEOPLE)
    assert found.changes["detention.prisons"] == 5
    assert found.changes["people.female_share"] == pytest.approx(0.3, abs=0.02)


def test_what_already_holds_is_left_where_it_is():
    found = calibrate([wanted("female", 6.0)], n=PEOPLE)
    assert found.steps == 0
    assert found.changes == {"people.female_share": load_parameters()["people.female_share"]}


def test_a_target_without_a_lever_is_measured_and_may_be_missed():
    rows = [wanted("female", 6.0), wanted("any_2y_men", 80.0)]
    found = calibrate(rows, n=PEOPLE)
    assert [target.key for target in found.missed()] == ["any_2y_men"]
    assert "any_2y_men" in found.to_dict()["missed"]
    assert found.rows()[1][-2:] == ("follows from others", "")


def reaching(error, **values):
    """A result that reaches values, with a standard error, of rows that have no lever."""
    rows = tuple(replace(wanted(key, 50.0, 1.0), fitted_by=None) for key in values)
    reached = {key: Estimate(value, error, "binomial", 9) for key, value in values.items()}
    return Calibrated({}, reached, rows, 0, True)


def test_a_row_without_a_lever_that_is_missed_is_refused_by_whoever_asked_for_it():
    found = reaching(0.0, female=50.9, detained_before=51.1, any_2y_men=40.0)
    with pytest.raises(TargetNotReachedError) as caught:
        found.check()
    said = str(caught.value)
    assert "target 'detained_before' of 50 % cannot be reached" in said
    assert "no parameter moves this row by itself" in said
    assert "the nearest value reached is 51.1 %" in said
    assert said.endswith("also out of tolerance: any_2y_men")
    assert caught.value.nearest == 51.1


@pytest.mark.parametrize(("value", "holds"), [(51.5, True), (51.7, False), (48.5, True)])
def test_a_row_may_lie_a_standard_error_outside_its_tolerance(value, holds):
    found = reaching(0.6, detained_before=value)
    assert found.rows()[0][4] == ("yes" if holds else "no")
    if holds:
        found.check()
        return
    with pytest.raises(TargetNotReachedError):
        found.check()


@pytest.mark.parametrize(("value", "holds"), [(50.9, True), (51.1, False), (float("nan"), False)])
def test_a_row_of_which_the_error_is_unknown_has_its_tolerance_alone(value, holds):
    assert (not reaching(float("nan"), detained_before=value).missed()) is holds


def test_an_unreachable_target_is_named_with_its_lever_its_limits_and_the_nearest_value():
    nearly = {"detention.conditional_release_used": 0.95}
    with pytest.raises(DataError) as caught:
        calibrate([wanted("conditional_release", 40.0)], changes=nearly, n=PEOPLE)
    said = str(caught.value)
    assert "target 'conditional_release' of 40 % cannot be reached" in said
    assert "detention.conditional_release_used may be from 0.001 to 0.999" in said
    assert "the nearest value reached is" in said


def test_a_fit_that_runs_out_of_steps_names_the_target():
    with pytest.raises(DataError, match="target 'female' of 60 % cannot be reached in 1 steps"):
        calibrate([wanted("female", 60.0)], n=PEOPLE, most_steps=1)


def test_a_lever_that_does_not_move_its_target_is_said():
    idle = replace(wanted("female", 20.0), fitted_by="visits")
    with pytest.raises(DataError, match="there is no parameter 'visits'"):
        calibrate([idle], n=PEOPLE)
    idle = replace(idle, fitted_by="programme.visits_per_week")
    with pytest.raises(
        DataError, match="'female' of 20 % cannot be reached as moving its lever changes"
    ):
        calibrate([idle], n=PEOPLE)


def test_two_targets_cannot_have_one_lever():
    other = replace(wanted("any_2y_men", 47.0), fitted_by="people.female_share")
    with pytest.raises(DataError, match="'female' and 'any_2y_men' are both fitted by people"):
        calibrate([wanted("female", 6.0), other], n=PEOPLE)


def test_a_target_that_nobody_shows_is_said():
    changes = {"people.female_share": 0.0}
    with pytest.raises(DataError, match="'detained_before_women' cannot be reached: the cohort"):
        calibrate([wanted("detained_before_women", 40.0)], changes=changes, n=500)


def test_the_result_does_not_depend_on_the_number_of_processes():
    rows = [wanted("female", 10.0), wanted("addicted", 40.0)]
    alone = calibrate(rows, n=500, accepted=1.0)
    assert calibrate(rows, n=500, accepted=1.0, n_jobs=2).changes == alone.changes


def test_the_trend_is_fitted_by_the_level_of_its_first_year():
    found = calibrate([wanted("trend", -15.0, 2.0)], n=PEOPLE)
    assert found.changes["outcomes.level_by_year.2002"] > 0.5
    assert found.reached["trend"].value == pytest.approx(-15.0, abs=2.0)


@pytest.mark.parametrize("target", [t for t in targets() if t.fitted_by], ids=lambda t: t.key)
def test_every_lever_that_the_package_names_is_a_number_within_its_limits(target):
    one = lever(target.fitted_by, load_parameters())
    assert one.least < one.value < one.most
    assert one.from_scale(one.to_scale(one.value)) == pytest.approx(one.value)
    ahead = one.from_scale(one.to_scale(one.value) + one.step)
    load_parameters("flow", moved({}, [one], [ahead]))


def test_no_lever_serves_two_targets():
    paths = [target.fitted_by for target in targets() if target.fitted_by]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize(
    ("path", "scale", "limits"),
    [
        ("people.female_share", "logit", (0.001, 0.999)),
        ("detention.length.sigma", "log", (1.665 / 50, 1.665 * 50)),
        ("detention.length.mu", "plain", (3.443 - 8, 3.443 + 8)),
        ("detention.length_on_propensity", "plain", (-1.0, 1.0)),
        ("outcomes.own_curve.ceiling", "log", (0.05, 0.99)),
    ],
)
def test_the_limits_of_a_lever_follow_from_its_kind(path, scale, limits):
    one = lever(path, load_parameters())
    assert one.scale == scale
    assert (one.least, one.most) == pytest.approx(limits)


@pytest.mark.parametrize("path", ["offences.mix", "calendar.extracted_on", "offences.severity"])
def test_what_is_no_number_is_no_lever(path):
    with pytest.raises(DataError, match=path):
        lever(path, load_parameters())


def test_a_lever_inside_a_changed_table_comes_after_it():
    one = lever("outcomes.any_2y.intercept", load_parameters())
    whole = dict(load_parameters()["outcomes.any_2y"])
    changes = moved({one.path: 0.0, "outcomes.any_2y": whole}, [one], [-3.0])
    assert load_parameters("flow", changes)["outcomes.any_2y"]["intercept"] == -3.0


def test_a_result_is_plain_data():
    found = Calibrated({"a": 1.0}, {}, (), 2, True)
    assert found.to_dict() == {
        "changes": {"a": 1.0},
        "steps": 2,
        "converged": True,
        "reached": {},
        "missed": [],
    }
