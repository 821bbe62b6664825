"""What changed between two bundles is said in words, and nothing that changed is left out."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

import msgspec
import pytest

from risicoscreener.models import (
    Bundle,
    HistoryEntry,
    Logistic,
    PairTerm,
    RiskModel,
    ScoringProgram,
    Term,
    Texts,
)
from risicoscreener.models.difference import Difference, compare_bundles
from risicoscreener.models.golden import golden_vectors

replace = msgspec.structs.replace


def with_program(bundle: Bundle, program: ScoringProgram, **changes: Any) -> Bundle:
    """The bundle with another first model."""
    model = replace(bundle.models[0], program=program, golden=golden_vectors(program), **changes)
    return replace(bundle, models=(model, *bundle.models[1:]))


def raised(term: Term, at: int, by: float) -> Term:
    values = list(term.values)
    values[at] += by
    return replace(term, values=tuple(values))


def found(old: Bundle, new: Bundle, kind: str) -> list[Difference]:
    return [d for d in compare_bundles(old, new).differences if d.kind == kind]


def test_a_bundle_does_not_differ_from_itself(bundle: Bundle) -> None:
    difference = compare_bundles(bundle, Bundle.load(bundle.to_bytes()))
    assert difference.same
    assert difference.text("nl") == "De bundels zijn gelijk."


def test_one_coefficient_that_moved_is_named_with_its_place_and_size(bundle: Bundle) -> None:
    program = bundle.models[0].program
    term = program.terms[1]
    moved = raised(term, 2, math.log(2.0))
    changed = replace(program, terms=(program.terms[0], moved, *program.terms[2:]))
    (curve,) = found(bundle, with_program(bundle, changed), "curve")
    assert curve.model == bundle.models[0].name
    assert curve.facts["feature"] == term.feature
    assert curve.facts["at"] == term.knots[2]
    assert curve.facts["ratio"] == pytest.approx(2.0)
    assert "(odds times 2)" in curve.text("en")
    assert "(kansverhouding keer 2)" in curve.text("nl")


def test_a_value_for_unknown_that_moved_is_named_as_such(bundle: Bundle) -> None:
    program = bundle.models[0].program
    first = replace(program.terms[0], missing=program.terms[0].missing + 3.0)
    changed = replace(program, terms=(first, *program.terms[1:]))
    (curve,) = found(bundle, with_program(bundle, changed), "curve")
    assert math.isnan(curve.facts["at"])
    assert " at unknown, " in curve.text("en")


def test_left_of_a_jump_is_said_as_such(bundle: Bundle) -> None:
    program = replace(bundle.models[0].program, uncertainty=None)
    step = Term(program.features[0], (1.0, 1.0), (0.0, 5.0), missing=0.0)
    lower = replace(step, values=(-2.0, 5.0))
    old, new = (
        with_program(bundle, replace(program, terms=(term, *program.terms[1:])))
        for term in (step, lower)
    )
    (curve,) = found(old, new, "curve")
    assert curve.facts["at"] == "< 1"
    assert curve.text("en").startswith("Feature age_years: the contribution changes most at < 1, ")


def test_a_constant_moved_between_intercept_and_term_is_no_difference(bundle: Bundle) -> None:
    program = bundle.models[0].program
    first = program.terms[0]
    shifted = Term(
        first.feature,
        first.knots,
        tuple(value + 1.0 for value in first.values),
        first.missing + 1.0,
        first.reference + 1.0,
    )
    changed = replace(
        program, intercept=program.intercept - 1.0, terms=(shifted, *program.terms[1:])
    )
    difference = compare_bundles(bundle, with_program(bundle, changed))
    assert not [d for d in difference.differences if d.kind in ("curve", "answers")]


def test_an_intercept_that_moved_moves_all_answers_one_way(bundle: Bundle) -> None:
    program = bundle.models[0].program
    changed = replace(program, intercept=program.intercept + 0.5)
    (answers,) = found(bundle, with_program(bundle, changed), "answers")
    assert answers.facts["higher"] == answers.facts["k"] == answers.facts["n"]
    assert answers.facts["lower"] == 0
    assert answers.facts["new"] - answers.facts["old"] == pytest.approx(answers.facts["most"])


def test_pairs_are_compared_cell_by_cell(model: RiskModel, bundle: Bundle) -> None:
    program = replace(model.program, uncertainty=None)
    names = program.features
    pair = PairTerm(names[0], names[1], (30.0,), (), ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0)))
    other = replace(pair, values=((0.0, 0.0), (0.7, 0.0), (0.0, 0.0)))
    old = with_program(bundle, replace(program, pairs=(pair,)))
    (cell,) = found(old, with_program(bundle, replace(program, pairs=(other,))), "cell")
    assert cell.facts["size"] == pytest.approx(0.7)
    (added,) = found(with_program(bundle, program), old, "added")
    assert added.facts == {"what": "pairs", "new": pair.name}


def test_models_that_came_and_went_are_named(bundle: Bundle) -> None:
    renamed = replace(bundle.models[1], name="arson_2y")
    difference = compare_bundles(bundle, replace(bundle, models=(bundle.models[0], renamed)))
    assert [d.text("en") for d in difference.of(None)] == [
        "Models removed: violence_2y.",
        "Models added: arson_2y.",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"horizon_days": 365}, "Horizon in days: 730 -> 365."),
        ({"horizon_days": None}, "Horizon in days: 730 -> nothing."),
        ({"outcome": Texts(nl="anders", en="other")}, "Outcome: text -> other."),
        ({"competing_events": ("death",)}, "Competing events added: death."),
        ({"waivers": (), "sensitive": {}}, "Waivers for sensitive features removed: "),
    ],
)
def test_what_a_model_says_of_itself_is_compared(
    bundle: Bundle, changes: dict[str, Any], sentence: str
) -> None:
    model = replace(bundle.models[0], **changes)
    difference = compare_bundles(bundle, replace(bundle, models=(model, bundle.models[1])))
    assert difference.differences[0].text("en").startswith(sentence)


def test_calibration_training_performance_and_support_are_compared(bundle: Bundle) -> None:
    model = bundle.models[0]
    assert model.performance is not None
    assert model.program.support is not None
    ranges = list(model.program.support.ranges)
    ranges[0] = replace(ranges[0], high=ranges[0].high + 9.0)
    program = replace(
        model.program,
        calibration=Logistic(intercept=0.1, slope=1.5),
        support=replace(model.program.support, ranges=tuple(ranges), required=()),
    )
    new = with_program(
        bundle,
        program,
        training=replace(model.training, n=900),
        performance=replace(model.performance, auc=0.5),
    )
    said = compare_bundles(bundle, new).text("en")
    for start in (
        "Calibration: ",
        "Range of age_years: ",
        "Required features removed: priors",
        "Number of people or moments: 800 -> 900.",
        "AUC: ",
    ):
        assert f"\n  {start}" in said


def test_history_and_definitions_of_features_are_compared(bundle: Bundle) -> None:
    entry = HistoryEntry(on=date(2025, 5, 1), action="recalibrated", by="analyst", note="slope")
    new = replace(
        bundle,
        history=(*bundle.history, entry),
        definitions=bundle.definitions | {"priors": "changed"},
    )
    assert [d.text("en") for d in compare_bundles(bundle, new).of(None)] == [
        "Definition of feature: priors b2 -> priors changed.",
        "History added: 2025-05-01 recalibrated (analyst) slope.",
    ]


def test_plain_data_is_json_with_both_languages(bundle: Bundle) -> None:
    program = bundle.models[0].program
    first = replace(program.terms[0], missing=9.0)
    new = with_program(bundle, replace(program, terms=(first, *program.terms[1:])))
    plain = json.loads(json.dumps(compare_bundles(bundle, new).to_dict(), allow_nan=False))
    assert plain["differences"][0]["facts"]["at"] is None
    assert {"nl", "en"} <= plain["differences"][0].keys()
