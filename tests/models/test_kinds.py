"""A recipe names an estimator by its kind; what it cannot be is said with key and value."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from risicoscreener.errors import ModelError
from risicoscreener.models.at_horizon import AtHorizon
from risicoscreener.models.calibrating import CalibratedAdditive, method_names
from risicoscreener.models.kinds import KINDS, EstimatorRecipe, MemberRecipe, make_estimator


def made(kind: str, **options: Any) -> Any:
    recipe = EstimatorRecipe(kind=kind, **options.pop("recipe", {}))
    return make_estimator(recipe, **options)


@pytest.mark.parametrize("kind", [name for name in KINDS if not KINDS[name].in_time])
def test_a_kind_without_parameters_is_its_class_as_it_comes(kind: str) -> None:
    estimator = made(kind)
    assert type(estimator) is KINDS[kind].load()
    assert repr(estimator) == repr(KINDS[kind].load()())


@pytest.mark.parametrize("kind", [name for name in KINDS if KINDS[name].in_time])
def test_a_kind_in_time_is_made_for_the_horizon_of_the_model(kind: str) -> None:
    estimator = made(kind, horizon_days=730, monotone=[1, 0])
    assert isinstance(estimator, AtHorizon)
    assert type(estimator.estimator) is KINDS[kind].load()
    assert (estimator.horizon_days, estimator.calibrated) == (730, True)
    assert estimator.estimator.monotone == [1, 0]
    assert not made(kind, horizon_days=730, calibration="none").calibrated


def test_parameters_reach_the_class_in_its_own_types() -> None:
    estimator = made("boosting", recipe={"parameters": {"pairs": 2, "learning_rate": 1}})
    assert (estimator.pairs, estimator.learning_rate) == (2, 1.0)
    assert made("boosting", recipe={"parameters": {"pairs": "auto"}}).pairs == "auto"
    knots = {"parameters": {"knots": [[1.0, 2.0], [0, 5]]}}
    assert made("spline_logistic", recipe=knots).knots == [[1.0, 2.0], [0.0, 5.0]]


def test_directions_and_knots_of_the_model_reach_the_estimator() -> None:
    estimator = made("spline_logistic", monotone=[1, -1], knots=4)
    assert (estimator.monotone, estimator.knots) == ([1, -1], 4)


@pytest.mark.parametrize("method", [*method_names(), "choose"])
@pytest.mark.parametrize("kind", ["spline_logistic", "scorecard", "boosting", "paired", "stack"])
def test_every_calibration_goes_with_every_kind(kind: str, method: Any) -> None:
    estimator = made(kind, calibration=method, monotone=[1])
    if isinstance(estimator, CalibratedAdditive):
        assert estimator.method == method
        estimator, fitted = estimator.estimator, None
    else:
        fitted = {"none": None}.get(method, method)
        assert estimator.calibration == fitted
    assert estimator.monotone == [1]
    estimator._check_parameters()


def test_members_of_a_stack_have_kinds_and_parameters_too() -> None:
    members = (
        MemberRecipe(name="curves", kind="spline_logistic"),
        MemberRecipe(name="steps", kind="boosting", parameters={"max_rounds": 50}),
    )
    stack = made("stack", recipe={"members": members})
    assert [name for name, _ in stack.members] == ["curves", "steps"]
    assert stack.members[1][1].max_rounds == 50


def test_tables_of_pairs_stand_on_the_one_member() -> None:
    base = MemberRecipe(name="card", kind="scorecard", parameters={"max_bins": 3})
    paired = made("paired", recipe={"members": (base,)}, monotone=[1])
    assert (type(paired.base).__name__, paired.base.max_bins) == ("ScorecardClassifier", 3)
    assert paired.monotone == [1]


@pytest.mark.parametrize(
    ("kind", "recipe", "options", "said"),
    [
        ("forest", {}, {}, r"estimator.kind is 'forest'; expected one of spline_logistic, "),
        ("scorecard", {"parameters": {"colour": 1}}, {}, "parameters.colour is 1; expected one of"),
        ("scorecard", {"parameters": {"max_bins": "six"}}, {}, "max_bins is 'six': Expected `int`"),
        ("scorecard", {"parameters": {"max_bins": 1}}, {}, "max_bins=1.* must be at least 2"),
        ("scorecard", {"parameters": {"binning": "tree"}}, {}, "binning is 'tree'"),
        ("boosting", {"parameters": {"replicates": 9}}, {}, "the key replicates of the model"),
        ("boosting", {"parameters": {"monotone": [1]}}, {}, "the key monotone of the model"),
        ("boosting", {"parameters": {"calibration": "beta"}}, {}, "the key calibration"),
        ("stack", {"parameters": {"members": []}}, {}, "the key members of the estimator"),
        ("scorecard", {}, {"knots": 5}, "parameters.knots is 5; expected one of"),
        ("cox", {"parameters": {"knots": 5}}, {"knots": 5}, "both say it"),
        (
            "cox",
            {"members": (MemberRecipe(name="a", kind="boosting"),)},
            {},
            "has 1 for kind 'cox'",
        ),
        ("paired", {"members": (MemberRecipe(name="a", kind="boosting"),) * 2}, {}, "has 2 for"),
        ("paired", {"parameters": {"base": 1}}, {}, "with one member"),
        ("stack", {"members": (MemberRecipe(name="a", kind="cox"),)}, {}, "'a'.kind is 'cox'"),
        ("stack", {"members": (MemberRecipe(name="a", kind="stack"),)}, {}, "'a'.kind is 'stack'"),
        ("spline_logistic", {}, {"calibration": "gamma"}, "calibration is 'gamma'; expected one"),
        ("cox", {}, {"calibration": "beta", "horizon_days": 9}, "calibration is 'beta'"),
        ("cox", {}, {}, "needs a horizon"),
    ],
)
def test_what_cannot_be_made_is_refused_by_key_value_and_expectation(
    kind: str, recipe: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        made(kind, recipe=recipe, **options)


def test_every_kind_of_the_register_is_an_estimator_that_lowers() -> None:
    for kind in KINDS.values():
        assert callable(kind.load().lower)
        assert "monotone" in inspect.signature(kind.load()).parameters
