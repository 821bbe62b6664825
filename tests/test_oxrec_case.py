"""The faults of a probation tool that stayed unseen for years, and where each is caught here.

Formulas of two groups swapped, a wrong coefficient, a base rate that drifted, a stand-in for
poverty; made carelessly, and by someone who also computes the checks again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from risicoscreener.errors import BundleError, ModelError
from risicoscreener.models import (
    Bundle,
    PopulationRule,
    Provenance,
    RiskModel,
    ScoringProgram,
    SplineLogisticClassifier,
    Texts,
    fit_risk_model,
)
from risicoscreener.models.bundle import content_hash
from risicoscreener.models.difference import compare_bundles
from risicoscreener.models.fitting import measure_performance
from risicoscreener.models.golden import golden_vectors
from risicoscreener.models.updating import choose_rung, update_bundle

FEATURES = ["released", "age", "priors"]
LEVEL = {"prison": -0.6, "probation": -1.8}
RELEASED = {"prison": 1.0, "probation": 0.0}
TEXTS = Texts(nl="tekst", en="text")


def people(group: str, n: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """People of one group, whose formula differs from that of the other."""
    rng = np.random.default_rng(seed)
    age, priors = rng.uniform(18, 65, n), rng.poisson(3.0, n).astype(float)
    weight = 0.25 if group == "prison" else 0.10
    lp = LEVEL[group] + shift + weight * (priors - 3) - 0.03 * (age - 40)
    y = (rng.random(n) < 1 / (1 + np.exp(-lp))).astype(float)
    return pd.DataFrame({"released": RELEASED[group], "age": age, "priors": priors, "y": y})


def fitted(group: str, frame: pd.DataFrame, **changes: Any) -> RiskModel:
    names = [name for name in frame.columns if name != "y"]
    settings: dict[str, Any] = {
        "name": group,
        "outcome": TEXTS,
        "horizon_days": 730,
        "population": TEXTS,
        "title": TEXTS,
        "description": TEXTS,
        "sensitivity": dict.fromkeys(names, "allowed"),
        "provenance": Provenance(data_set="made up", command="fit", made_on=date(2025, 1, 3)),
        "synthetic": True,
        "population_rules": [PopulationRule("released", RELEASED[group], RELEASED[group])],
        "estimator": SplineLogisticClassifier(shrinkage=1.0, smoothness=0.1),
        "folds": 5,
    }
    return fit_risk_model(frame[names], frame["y"], **(settings | changes))


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle.create(
        id="two-groups",
        models=[fitted(group, people(group, 20_000, seed)) for seed, group in enumerate(LEVEL)],
        owner="model owner",
        created=date(2025, 2, 1),
        review_on=date(2026, 2, 1),
        library_version="0.1.0",
    )


def rewritten(bundle: Bundle, change: Callable[[dict[str, Any]], None], rehash: bool) -> bytes:
    envelope = json.loads(bundle.to_bytes())
    change(envelope["content"])
    if rehash:
        envelope["sha256"] = content_hash(envelope["content"])
    return json.dumps(envelope).encode()


def swap(*parts: str) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        one, other = content["models"]
        for part in parts:
            one[part], other[part] = other[part], one[part]

    return change


def with_new_vectors(model: dict[str, Any]) -> None:
    program = msgspec.convert(model["program"], ScoringProgram)
    model["golden"] = msgspec.to_builtins(golden_vectors(program))


def swap_without_rules(content: dict[str, Any]) -> None:
    swap("program")(content)
    for model in content["models"]:
        model["program"]["support"]["rules"] = []
        model["program"]["support"]["ranges"][0].update(low=0.0, high=1.0)
        with_new_vectors(model)


def turn_priors_round(content: dict[str, Any]) -> None:
    term = content["models"][0]["program"]["terms"][2]
    assert term["feature"] == "priors"
    term["values"] = [-value for value in term["values"]]


def intercept(bundle: Bundle, group: str, frame: pd.DataFrame) -> tuple[float, float]:
    """Interval of the calibration in the large on local people."""
    chance = bundle.model(group).program.score_many(frame[FEATURES]).probability
    logit = np.log(chance / (1 - chance))
    found = measure_performance(frame["y"].to_numpy(), logit, method="local")
    return found.intervals["calibration_intercept"]


@pytest.mark.parametrize("change", [swap("program"), turn_priors_round])
def test_an_edited_file_is_refused_at_load_by_its_hash(bundle: Bundle, change: Any) -> None:
    with pytest.raises(BundleError, match="was changed after it was saved"):
        Bundle.load(rewritten(bundle, change, rehash=False))


@pytest.mark.parametrize("change", [swap("program"), turn_priors_round])
def test_with_the_hash_made_to_fit_it_is_refused_at_load_by_its_golden_vectors(
    bundle: Bundle, change: Any
) -> None:
    with pytest.raises(BundleError, match="does not reproduce its golden vectors"):
        Bundle.load(rewritten(bundle, change, rehash=True))


def test_swapped_with_their_vectors_every_person_is_outside_at_scoring(bundle: Bundle) -> None:
    swapped = Bundle.load(rewritten(bundle, swap("program", "golden"), rehash=True))
    for group in LEVEL:
        frame = people(group, 500, seed=7)[FEATURES]
        right = bundle.model(group).program.assess_many(frame).support.labels()
        wrong = swapped.model(group).program.assess_many(frame).support.labels()
        assert (right == "outside").mean() < 0.05
        assert (wrong == "outside").all()


def test_swapped_without_rules_they_do_not_fit_local_people_at_calibration(bundle: Bundle) -> None:
    hidden = Bundle.load(rewritten(bundle, swap_without_rules, rehash=True))
    prison, probation = people("prison", 2000, seed=8), people("probation", 2000, seed=9)
    assert intercept(bundle, "prison", prison)[0] < 0 < intercept(bundle, "prison", prison)[1]
    assert intercept(hidden, "prison", prison)[0] > 0  # expected too little
    assert intercept(hidden, "probation", probation)[1] < 0  # expected too much
    assert choose_rung(hidden.model("prison"), prison[FEATURES], prison["y"]).rung != "none"
    assert choose_rung(bundle.model("prison"), prison[FEATURES], prison["y"]).rung == "none"


def test_a_coefficient_wrong_from_the_start_is_named_by_the_comparison_with_the_version_before(
    bundle: Bundle,
) -> None:
    def change(content: dict[str, Any]) -> None:
        turn_priors_round(content)
        with_new_vectors(content["models"][0])

    mistaken = Bundle.load(rewritten(bundle, change, rehash=True))
    curves = [d for d in compare_bundles(bundle, mistaken).differences if d.kind == "curve"]
    assert [(d.model, d.facts["feature"]) for d in curves] == [("prison", "priors")]
    local = people("prison", 2000, seed=8)
    assert choose_rung(mistaken.model("prison"), local[FEATURES], local["y"]).rung == "refit"


def test_a_drifted_base_rate_is_found_at_calibration_mended_and_written_in_the_history(
    bundle: Bundle,
) -> None:
    later = people("prison", 3000, seed=10, shift=0.5)
    updated = update_bundle(
        bundle,
        "prison",
        later[FEATURES],
        later["y"],
        on=date(2026, 1, 1),
        by="model owner",
        review_on=date(2027, 1, 1),
    )
    details = updated.history[-1].details
    assert details["rung"] == "in_the_large"
    assert details["previous_sha256"] == bundle.sha256
    assert details["calibration_intercept_before"] == pytest.approx(0.5, abs=0.15)
    assert details["calibration_intercept_after"] == pytest.approx(0.0, abs=0.02)
    assert Bundle.load(updated.to_bytes()) == updated


def test_a_stand_in_for_poverty_is_refused_by_the_guard(bundle: Bundle) -> None:
    frame = people("prison", 300, seed=11).assign(debts=1.0)
    frame.insert(0, "debt", np.random.default_rng(0).random(len(frame)))
    frame = frame.drop(columns="debts")
    sensitivity = dict.fromkeys(["debt", *FEATURES], "allowed") | {"debt": "proxy"}
    with pytest.raises(ModelError, match=r"debt \(proxy\) may not reach a model"):
        fitted("prison", frame, sensitivity=sensitivity)


def test_a_stand_in_whose_waiver_was_struck_from_the_file_is_refused_at_load(
    bundle: Bundle,
) -> None:
    def change(content: dict[str, Any]) -> None:
        content["models"][0]["sensitive"] = {"priors": "proxy"}

    with pytest.raises(BundleError, match=r"priors \(proxy\) without a recorded waiver"):
        Bundle.load(rewritten(bundle, change, rehash=True))


def test_that_nobody_looked_for_years_is_said_after_the_review_date(bundle: Bundle) -> None:
    report = bundle.verify(on=date(2026, 2, 1))
    assert not report.ok
    assert "FAIL  review date: to be reviewed 2026-02-01" in str(report)
