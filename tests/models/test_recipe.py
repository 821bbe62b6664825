"""A recipe is a file that is judged before anything is fitted, and gives the same bundle again."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from risicoscreener.errors import FeatureError, ModelError
from risicoscreener.features import catalogue, compute_features
from risicoscreener.models import Bundle, Ensemble, PopulationRule, Texts, Waiver
from risicoscreener.models.bundle_fitting import fit_bundle
from risicoscreener.models.calibration import Beta
from risicoscreener.models.kinds import EstimatorRecipe
from risicoscreener.models.recipe import (
    LONGEST_HORIZON,
    MAX_BYTES,
    FollowUp,
    ModelRecipe,
    Recipe,
)
from risicoscreener.models.risk_model import Provenance
from risicoscreener.models.shipped import SHIPPED_BUNDLE, shipped_bundle_bytes
from risicoscreener.synthetic import Cohort, simulate

TEXT = Texts(nl="tekst", en="text")
COMMAND = "risicoscreener fit -n 600 --seed 5"
MADE_ON = date(2026, 2, 28)
PROXY = "debts_open"
FORBIDDEN = "unlawful_stay"


def model_of(**changes: Any) -> ModelRecipe:
    base: dict[str, Any] = {
        "name": "any_2y",
        "observed": "persons",
        "outcome_column": "any_2y_registered",
        "features": ("age_years", "prior_convictions"),
        "horizon_days": 730,
        "outcome": TEXT,
        "population": TEXT,
        "title": TEXT,
        "description": TEXT,
        "knots": 3,
    }
    return ModelRecipe(**base | changes)


def recipe_of(*models: ModelRecipe, **changes: Any) -> Recipe:
    base: dict[str, Any] = {
        "id": "small",
        "owner": "model owner",
        "population": "sentenced",
        "review_months": 6,
        "models": models or (model_of(),),
    }
    return Recipe(**base | changes)


def waiver_for(feature: str, sensitivity: Any = "proxy") -> Waiver:
    return Waiver(
        feature=feature,
        sensitivity=sensitivity,
        reason="to show what leaving it out costs",
        granted_by="ethics board",
        granted_on=date(2026, 1, 2),
    )


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return simulate(1200, seed=5, population="sentenced")


def fit(cohort: Cohort, recipe: Recipe, **changes: Any) -> Bundle:
    base: dict[str, Any] = {
        "data_set": "synthetic cohort",
        "synthetic": True,
        "command": COMMAND,
        "made_on": MADE_ON,
    }
    return fit_bundle(recipe, cohort.tables, cohort.truth.observations(), **base | changes)


@pytest.fixture(scope="module")
def fitted(cohort: Cohort) -> Bundle:
    leave = model_of(
        name="leave_failure",
        observed="liberties",
        outcome_column="failed",
        horizon_days=3,
        features=("age_years", "prior_convictions", PROXY),
        required=("age_years",),
        population_rules=(PopulationRule("age_years", minimum=18.0),),
        max_missing_share=0.25,
        competing_events=("none",),
        censoring="none",
    )
    return fit(cohort, recipe_of(model_of(), leave, waivers=(waiver_for(PROXY),)))


# -- what a bundle says of how it was made -----------------------------------------------------


def test_the_same_command_gives_the_same_bytes(cohort: Cohort, tmp_path: Path) -> None:
    first = fit(cohort, recipe_of()).save(tmp_path / "first.json")
    second = fit(cohort, recipe_of()).save(tmp_path / "second.json")
    assert first.read_bytes() == second.read_bytes()


def test_provenance_and_history_say_the_command(fitted: Bundle) -> None:
    said = Provenance(data_set="synthetic cohort", command=COMMAND, made_on=MADE_ON)
    assert all(model.provenance == {"*": said} for model in fitted.models)
    (entry,) = fitted.history
    assert (entry.on, entry.action) == (MADE_ON, "fitted")
    assert (entry.by, entry.note) == ("model owner", COMMAND)


def test_the_bundle_is_named_dated_and_reviewed_as_the_recipe_says(fitted: Bundle) -> None:
    assert fitted.id == "small-2026-02-28"
    assert fitted.owner == "model owner"
    assert fitted.created == MADE_ON
    assert (fitted.review_on - MADE_ON).days == 180
    assert fitted.synthetic
    assert [model.name for model in fitted.models] == ["any_2y", "leave_failure"]


def test_the_definitions_are_those_that_were_computed(fitted: Bundle) -> None:
    assert fitted.definitions == catalogue().plan(list(fitted.features)).digests
    fitted.check_definitions(catalogue().plan(list(fitted.features)).digests)


def test_a_model_is_what_its_recipe_says(fitted: Bundle) -> None:
    model = fitted.model("leave_failure")
    assert model.features == ("age_years", "prior_convictions", PROXY)
    assert model.horizon_days == 3
    assert (model.competing_events, model.training.censoring) == (("none",), "none")
    support = model.program.support
    assert support is not None
    assert support.required == ("age_years",)
    assert support.rules == (PopulationRule("age_years", minimum=18.0),)
    assert support.max_missing_share == 0.25
    assert max(len(term.knots) for term in model.program.terms) <= 3


def test_training_counts_the_rows_and_spans_the_days_of_the_observations(
    fitted: Bundle, cohort: Cohort
) -> None:
    for name, table, outcome in (
        ("any_2y", cohort.truth.persons, "any_2y_registered"),
        ("leave_failure", cohort.truth.liberties, "failed"),
    ):
        training = fitted.model(name).training
        assert (training.n, training.events) == (len(table), int(table[outcome].sum()))
        assert training.period_from == table["as_of"].min().date()
        assert training.period_until == table["as_of"].max().date()


def test_features_are_of_what_was_known_on_each_index_day(fitted: Bundle, cohort: Cohort) -> None:
    known = compute_features(cohort.tables, cohort.truth.liberties, ["age_years", PROXY])
    share = np.isnan(known.values).mean(axis=0)
    found = fitted.model("leave_failure").training.missing_share
    assert [found["age_years"], found[PROXY]] == pytest.approx(share.tolist())


def test_each_model_is_announced_before_it_is_fitted(cohort: Cohort) -> None:
    heard: list[str] = []
    recipe = recipe_of(model_of(), model_of(name="again"))
    fit(cohort, recipe, on_model=heard.append)
    assert heard == ["any_2y", "again"]


# -- what a model is made with -----------------------------------------------------------------


TIMED: dict[str, Any] = {
    "outcome_column": None,
    "estimator": EstimatorRecipe(
        kind="subdistribution", parameters={"terms": "linear", "shrinkage": 1.0}
    ),
    "knots": None,
    "follow_up": FollowUp(
        event="years_to_any", observed=5.0, competing=("years_to_competing_event",), unit="years"
    ),
}


def test_a_recipe_names_estimator_calibration_and_replicates(cohort: Cohort) -> None:
    made = model_of(
        estimator=EstimatorRecipe(
            kind="boosting", parameters={"max_rounds": 20, "max_bins": 8, "folds": 2}
        ),
        knots=None,
        calibration="beta",
        replicates=10,
    )
    (model,) = fit(cohort, recipe_of(made)).models
    assert isinstance(model.program.calibration, Beta)
    assert isinstance(model.program.uncertainty, Ensemble)
    assert len(model.program.uncertainty.matrix) == 10


def test_a_model_in_time_is_lowered_at_its_horizon(cohort: Cohort) -> None:
    short, long = (model_of(name=f"any_{days}", horizon_days=days, **TIMED) for days in (365, 1461))
    bundle = fit(cohort, recipe_of(short, long))
    assert Bundle.load(bundle.to_bytes()) == bundle
    truth = cohort.truth.observations()["persons"]
    x = compute_features(cohort.tables, truth, short.features).values
    within = [
        (
            (truth["years_to_any"] * 365.25 <= days)
            & ~(truth["years_to_competing_event"] < truth["years_to_any"])
        ).mean()
        for days in (365, 1461)
    ]
    stated = [m.program.score_many(x).probability.mean() for m in bundle.models]
    assert stated == pytest.approx(within, abs=0.02)
    assert [m.program.link for m in bundle.models] == ["cloglog", "cloglog"]
    assert bundle.models[0].program.uncertainty is not None
    performance = bundle.models[0].performance
    assert performance is not None
    assert "at 365 days, weighted for censoring" in performance.method


def test_an_own_horizon_beyond_the_follow_up_is_said_before_anything_is_fitted(
    cohort: Cohort,
) -> None:
    recipe = recipe_of(model_of(), model_of(name="late", **TIMED | {"horizon_days": 3000}))
    with pytest.raises(ModelError, match="'late' has horizon_days 3000; .* at most 1826"):
        fit(cohort, recipe, on_model=refuse_to_fit)


def test_times_that_cannot_be_read_are_said_before_anything_is_fitted(cohort: Cohort) -> None:
    broken = FollowUp(event="person_id", observed=5.0)
    recipe = recipe_of(model_of(name="broken", **TIMED | {"follow_up": broken}))
    with pytest.raises(ModelError, match="follow_up of model 'broken'"):
        fit(cohort, recipe, on_model=refuse_to_fit)
    absent = FollowUp(event="nothing", observed="nowhere")
    recipe = recipe_of(model_of(name="broken", **TIMED | {"follow_up": absent}))
    with pytest.raises(ModelError, match="no column nothing and nowhere"):
        fit(cohort, recipe, on_model=refuse_to_fit)


def test_a_recipe_asks_for_sets_of_bands_and_a_program_per_pattern(cohort: Cohort) -> None:
    made = model_of(
        features=("age_years", "plan_goals_met_share"), cut_offs=(0.2, 0.5), patterns="pattern"
    )
    (model,) = fit(cohort, recipe_of(made)).models
    assert model.bands is not None
    assert (model.bands.cut_offs, model.bands.alpha) == ((0.2, 0.5), 0.1)
    assert {submodel.known for submodel in model.patterns} <= {"10", "11"}
    assert model.patterns


# -- what a term may do ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feature", "sign", "free_term"),
    [("prior_convictions", 1, "years_at_risk"), ("age_years", -1, "offence_career_days")],
)
def test_each_term_is_held_to_the_direction_of_its_feature(
    cohort: Cohort, feature: str, sign: int, free_term: str
) -> None:
    """Against the truth: the outcome is turned around, so that the data say the opposite."""
    persons = cohort.truth.persons.reset_index()
    persons["any_2y_registered"] = 1 - persons["any_2y_registered"]
    both = (feature, free_term)  # a term without a direction, so that something is left
    recipe = recipe_of(model_of(features=both))
    free = recipe_of(model_of(features=both, monotone=False))
    slopes = []
    for made_of in (recipe, free):
        bundle = fit_bundle(
            made_of,
            cohort.tables,
            {"persons": persons},
            data_set="d",
            synthetic=True,
            command="c",
            made_on=MADE_ON,
        )
        term = bundle.models[0].program.term(feature)
        slopes.append(np.diff(term.values) * sign)
    assert catalogue()[feature].direction == ("increasing" if sign > 0 else "decreasing")
    assert (slopes[0] >= -1e-12).all()
    assert (slopes[1] < -1e-6).any()


def test_a_feature_without_a_direction_is_held_to_none(cohort: Cohort, monkeypatch: Any) -> None:
    from risicoscreener.models import fitting

    asked: list[Any] = []

    def stop(*_: Any, estimator: Any, **__: Any) -> None:
        asked.append(estimator.monotone)
        raise _StopError

    monkeypatch.setattr(fitting, "fit_risk_model", stop)
    undirected = next(
        name
        for name, feature in catalogue().items()
        if (feature.direction, feature.sensitivity) == ("none", "allowed")
    )
    names = ("age_years", undirected, "prior_convictions")
    for monotone in (True, False):
        with pytest.raises(_StopError):
            fit(cohort, recipe_of(model_of(features=names, monotone=monotone)))
    assert asked == [[-1, 0, 1], None]


def test_the_rows_of_a_person_are_in_one_fold(cohort: Cohort, monkeypatch: Any) -> None:
    from risicoscreener.models import fitting

    given: dict[int, Any] = {}

    def stop(_: Any, y: Any, *, groups: Any, **__: Any) -> None:
        given[len(y)] = groups
        raise _StopError

    monkeypatch.setattr(fitting, "cross_validate", stop)
    for table, column in (("liberties", "failed"), ("persons", "any_2y_registered")):
        with pytest.raises(_StopError):
            fit(cohort, recipe_of(model_of(observed=table, outcome_column=column)))
    liberties = cohort.truth.liberties
    assert not liberties["person_id"].is_unique
    assert given[len(liberties)].tolist() == liberties["person_id"].tolist()
    assert given[len(cohort.truth.persons)] is None


class _StopError(Exception):
    """The test has seen enough."""


# -- what may not enter ------------------------------------------------------------------------


def test_a_proxy_is_refused_without_a_waiver(cohort: Cohort) -> None:
    with pytest.raises(ModelError, match=rf"{PROXY} \(proxy\)"):
        fit(cohort, recipe_of(model_of(features=("age_years", PROXY))))


def test_a_waiver_is_recorded_in_the_bundle_and_survives_the_file(fitted: Bundle) -> None:
    assert fitted.waivers == (waiver_for(PROXY),)
    assert fitted.model("leave_failure").sensitive == {PROXY: "proxy"}
    assert fitted.model("any_2y").waivers == ()
    assert Bundle.load(fitted.to_bytes()).waivers == fitted.waivers


@pytest.mark.parametrize("waivers", [(), (waiver_for(FORBIDDEN),)])
def test_a_forbidden_feature_is_refused_with_a_waiver_for_a_proxy_too(
    cohort: Cohort, waivers: tuple[Waiver, ...]
) -> None:
    recipe = recipe_of(model_of(features=("age_years", FORBIDDEN)), waivers=waivers)
    with pytest.raises(ModelError, match=rf"{FORBIDDEN} \(forbidden\)"):
        fit(cohort, recipe)


# -- before anything is fitted -----------------------------------------------------------------


def refuse_to_fit(_: str) -> None:
    pytest.fail("a model was begun before all were judged")


@pytest.mark.parametrize(
    ("second", "error", "said"),
    [
        ({"observed": "leaves"}, ModelError, "'leaves'; given: persons, liberties"),
        ({"outcome_column": "nothing"}, ModelError, "no column nothing"),
        ({"outcome_column": "release_on"}, ModelError, "other values than 0 and 1"),
        ({"outcome_column": "person_id"}, ModelError, "column person_id of .* model 'second'"),
        ({"features": ("shoe_size",)}, FeatureError, "shoe_size"),
        ({"features": (PROXY,)}, ModelError, "without a recorded waiver"),
    ],
)
def test_what_is_wrong_with_the_last_model_is_said_before_the_first_is_fitted(
    cohort: Cohort, second: dict[str, Any], error: type[Exception], said: str
) -> None:
    recipe = recipe_of(model_of(), model_of(name="second", **second))
    with pytest.raises(error, match=said):
        fit(cohort, recipe, on_model=refuse_to_fit)


def test_observations_lack_each_column_by_name(cohort: Cohort) -> None:
    bare = {"persons": pd.DataFrame({"any_2y_registered": [0, 1]})}
    with pytest.raises(ModelError, match="no column person_id and as_of"):
        fit_bundle(
            recipe_of(),
            cohort.tables,
            bare,
            data_set="d",
            synthetic=True,
            command="c",
            made_on=MADE_ON,
        )


@pytest.mark.parametrize(
    ("made_on", "said"),
    [
        (date(9999, 12, 31), "to 2199-12-31"),
        (date(2200, 1, 1), "to 2199-12-31"),
        (date(1899, 12, 31), "from 1900-01-01"),
        (datetime(2026, 2, 28, 12), "without a time"),
        ("2026-02-28", "expected a date"),
    ],
)
def test_a_bundle_is_made_on_a_day_that_can_be_meant(
    cohort: Cohort, made_on: Any, said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        fit(cohort, recipe_of(), made_on=made_on, on_model=refuse_to_fit)


@pytest.mark.parametrize("made_on", [date(1900, 1, 1), date(2199, 12, 31)])
def test_the_first_and_the_last_day_can_be_meant(cohort: Cohort, made_on: date) -> None:
    assert fit(cohort, recipe_of(), made_on=made_on).created == made_on


# -- what a recipe may say ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"features": ("age_years", "age_years")}, "feature age_years twice"),
        ({"required": ("shoe_size",)}, "requires or bounds shoe_size"),
        ({"population_rules": (PopulationRule("shoe_size", minimum=1.0),)}, "bounds shoe_size"),
        ({"population_rules": (PopulationRule("age_years"),)}, "minimum None and maximum None"),
        ({"population_rules": (PopulationRule("age_years", 5.0, 1.0),)}, "not above the maximum"),
        ({"population_rules": (PopulationRule("age_years", float("nan")),)}, "minimum nan"),
        ({"population_rules": (PopulationRule("age_years", 1.0, float("inf")),)}, "maximum inf"),
        ({"estimator": EstimatorRecipe(kind="forest")}, "'any_2y': estimator.kind is 'forest'"),
        ({"calibration": "gamma"}, "'any_2y': calibration is 'gamma'; expected one of none"),
        ({"replicates": 9}, "replicates 9; expected 0 or at least 10"),
        ({"cut_offs": (0.5, 0.2)}, r"cut_offs \[0.5, 0.2\]; expected ascending"),
        ({"cut_offs": (0.5, 1.0)}, "expected ascending probabilities"),
        ({"patterns": "known", "replicates": 10}, "replicates 10; expected none"),
        ({"outcome_column": None}, "expected outcome_column alone"),
        (TIMED | {"outcome_column": "any_2y_registered"}, "expected follow_up alone"),
        (TIMED | {"follow_up": None}, "expected follow_up alone"),
        (TIMED | {"horizon_days": None}, "needs a horizon"),
        (TIMED | {"replicates": 50}, "replicates 50; expected none with estimator.kind 'subd"),
        (TIMED | {"patterns": "known"}, "patterns 'known'; expected none"),
        (TIMED | {"cut_offs": (0.5,)}, r"cut_offs \(0.5,\); expected none"),
    ],
)
def test_a_model_that_contradicts_itself_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        model_of(**changes)


def test_a_rule_may_have_one_bound_or_two_that_are_equal() -> None:
    for bounds in ((18.0, None), (None, 60.0), (18.0, 18.0), (0.0, 60.0)):
        assert model_of(population_rules=(PopulationRule("age_years", *bounds),))


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(ModelError, match="model any_2y twice"):
        recipe_of(model_of(), model_of())


WHOLE = """
id = "small"
owner = "test"
population = "sentenced"
review_months = 6

[[models]]
name = "any_2y"
observed = "persons"
outcome_column = "any_2y_registered"
horizon_days = 730
outcome = { nl = "a", en = "a" }
population = { nl = "a", en = "a" }
title = { nl = "a", en = "a" }
description = { nl = "a", en = "a" }
features = ["age_years"]
"""


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "recipe.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [WHOLE, WHOLE.replace("\n", "\r\n"), "\ufeff" + WHOLE],
    ids=["plain", "windows lines", "byte order mark"],
)
def test_a_recipe_is_read_however_an_editor_wrote_it(tmp_path: Path, content: str) -> None:
    recipe = Recipe.load(written(tmp_path, content))
    (model,) = recipe.models
    assert recipe.review_months == 6
    assert (model.features, model.knots, model.monotone) == (("age_years",), None, True)
    assert (model.max_missing_share, recipe.waivers) == (0.5, ())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "small"', "", "missing required field `id`"),
        ("review_months = 6", "review_months = 0", r"\$.review_months"),
        ("review_months = 6", "review_months = 61", r"\$.review_months"),
        ("horizon_days = 730", "horizon_days = 0", r"\$.models\[0\].horizon_days"),
        ("horizon_days = 730", f"horizon_days = {LONGEST_HORIZON + 1}", "horizon_days"),
        ("horizon_days = 730", "horizon_days = 1.5", "horizon_days"),
        ('features = ["age_years"]', "features = []", r"\$.models\[0\].features"),
        ('name = "any_2y"', 'name = ""', r"\$.models\[0\].name"),
        ("features =", "knots = 1\nfeatures =", "knots"),
        ("features =", "knots = 51\nfeatures =", "knots"),
        ("features =", "max_missing_share = 1.5\nfeatures =", "max_missing_share"),
        ("features =", "colour = 'red'\nfeatures =", "unknown field `colour`"),
        ("features =", "calibration = 'gamma'\nfeatures =", r"\$.models\[0\].calibration"),
        ("features =", "replicates = 1001\nfeatures =", r"\$.models\[0\].replicates"),
        ("features =", "patterns = 'all'\nfeatures =", r"\$.models\[0\].patterns"),
        ("features =", "estimator = {kind = 'tree'}\nfeatures =", "estimator.kind is 'tree'"),
        ("features =", "estimator = {sort = 'tree'}\nfeatures =", "unknown field `sort`"),
        (
            "features =",
            "estimator = {kind = 'scorecard', parameters = {max_bins = 2.5}}\nfeatures =",
            "estimator.parameters.max_bins is 2.5: Expected `int`, got `float`",
        ),
        ('outcome_column = "any_2y_registered"', "", "expected outcome_column alone"),
        ("features =", "required = ['shoe_size']\nfeatures =", "shoe_size, of which it is not"),
        ('title = { nl = "a", en = "a" }', 'title = { nl = "a" }', "`en` - at `"),
        ("[[models]]", "[models]", r"\$.models"),
        ("owner", "id", "recipe.toml is not a recipe"),
        ("review_months = 6", "review_months = " + "[" * 50_000, "nested too deeply"),
        ("review_months = 6", "review_months = 6\0", "is not a recipe"),
    ],
)
def test_a_bad_recipe_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in WHOLE
    path = written(tmp_path, WHOLE.replace(old, new, 1))
    with pytest.raises(ModelError, match=said) as caught:
        Recipe.load(path)
    assert str(caught.value).startswith(f"recipe {path} is not a recipe: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe", "cannot be read"), (b"#" * (MAX_BYTES + 1), "more than 1,000,000 bytes")],
)
def test_a_file_that_is_no_text_or_far_too_large_is_refused(
    tmp_path: Path, content: bytes, said: str
) -> None:
    with pytest.raises(ModelError, match=said):
        Recipe.load(written(tmp_path, content))


def test_a_recipe_of_the_largest_size_is_read(tmp_path: Path) -> None:
    padded = WHOLE + "#" * (MAX_BYTES - len(WHOLE))
    assert Recipe.load(written(tmp_path, padded)).id == "small"


@pytest.mark.parametrize("path", [".", "nowhere.toml", "a\0b"])
def test_what_is_no_file_is_refused(path: str) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        Recipe.load(path)


# -- what the package ships --------------------------------------------------------------------


def test_the_shipped_recipe_uses_only_what_is_allowed_without_a_waiver() -> None:
    recipe = Recipe.default()
    assert recipe.waivers == ()
    used = {name for model in recipe.models for name in model.features}
    assert {catalogue()[name].sensitivity for name in used} == {"allowed"}
    assert all(model.monotone for model in recipe.models)


def test_the_shipped_bundle_is_of_the_shipped_recipe() -> None:
    bundle, recipe = Bundle.load(shipped_bundle_bytes()), Recipe.default()
    assert bundle.id == f"{recipe.id}-{bundle.created}"
    assert bundle.owner == recipe.owner
    assert [(m.name, m.features, m.horizon_days) for m in bundle.models] == [
        (m.name, m.features, m.horizon_days) for m in recipe.models
    ]
    assert "risicoscreener fit -n 50000 --seed 1" in bundle.history[0].note


def test_an_installation_without_its_bundle_says_so(monkeypatch: Any, tmp_path: Path) -> None:
    from risicoscreener.errors import BundleError
    from risicoscreener.models import shipped

    monkeypatch.setattr(shipped, "files", lambda _: tmp_path)
    with pytest.raises(BundleError, match=f"no bundle {SHIPPED_BUNDLE} .*install the package"):
        shipped_bundle_bytes()


def test_a_recipe_is_plain_data_that_comes_back_the_same() -> None:
    recipe = recipe_of(waivers=(waiver_for(PROXY),))
    assert msgspec.convert(recipe.to_dict(), Recipe) == recipe
