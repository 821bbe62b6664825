"""What a letter says of what no example has: each place that chooses between two sentences."""

from __future__ import annotations

import math

import pytest
from msgspec.structs import replace

from cases import example
from risicoscreener.decision.compiled import Clause
from risicoscreener.screening.explanation import Explanation, explain
from risicoscreener.screening.explanation.explanation import Reason, Remedy
from risicoscreener.screening.explanation.steps import (
    _holding,
    _in_the_way,
    _lacking,
    _reached,
    _truth_once,
    fails,
)
from risicoscreener.screening.explanation.to_person import (
    _of_hundred,
    _sentence,
    _with_small_letter,
)
from risicoscreener.screening.explanation.wording import say
from risicoscreener.screening.result import Contribution
from risicoscreener.texts import Texts


@pytest.fixture(scope="module")
def found() -> Explanation:
    """An explanation in which risk decided, so that the letter speaks of the models."""
    return explain(example("deep_assessment"), "leave", as_of="2024-04-15")


def to_person(found: Explanation, **changes: object) -> str:
    """The letter in English, on one line, of an explanation of which something is changed."""
    return " ".join(replace(found, **changes).letter_to_person("en").text().split())


def to_decider(found: Explanation, **changes: object) -> str:
    return " ".join(replace(found, **changes).letter_to_decider("en").text().split())


def with_models(found: Explanation, **changes: object):
    """The result, with changes in each of its models."""
    models = tuple(replace(model, **changes) for model in found.result.models)
    return replace(found.result, models=models)


def test_a_factor_about_victims_does_not_reach_the_person_and_a_weightless_one_neither(found):
    def factor(name: str, group: str, weight: float) -> Contribution:
        return Contribution(name, group, 1.0, weight, Texts(nl=name, en=name), "")

    listed = (
        factor("number victims", "victims", 9.0),
        factor("number no weight", "conduct", 0.0),
        factor("number debts", "debt", 1.5),
        factor("number work", "work", -1.0),
        factor("number age", "person", 0.5),
        factor("number housing", "housing", 0.25),
    )
    text = to_person(found, result=with_models(found, contributions=listed))
    assert "number debts; number age" in text
    assert "number work" in text
    assert not [
        name for name in ("number victims", "number no weight", "number housing") if name in text
    ]
    told = to_decider(found, result=with_models(found, contributions=listed))
    assert "number victims (raises); number no weight (lowers); number debts (raises)" in told
    assert "number work" not in told


def test_someone_unlike_the_data_of_a_model_is_told_so(found):
    warning = say("risk", "unsupported", "en")
    assert warning not in to_person(found)
    outside = with_models(found, support="outside", support_text=Texts(nl="x", en="Unlike all."))
    assert warning in to_person(found, result=outside)
    assert "Unlike all." in to_decider(found, result=outside)
    assert "Unlike all." not in to_decider(found)


def test_an_interval_is_told_where_there_is_one_that_shows(found):
    def lines(**changes: float | None) -> str:
        return to_person(found, result=with_models(found, **changes))

    def between(low: int, high: int) -> str:
        return say("risk", "between", "en", low=low, high=high)

    assert between(1, 3) in lines(probability=0.02, lower=0.01, upper=0.03)
    assert between(2, 2) not in lines(probability=0.02, lower=0.0151, upper=0.0249)
    assert "may also be" not in lines(probability=0.02, lower=None, upper=0.03)
    assert "may also be" not in lines(probability=0.02, lower=0.01, upper=None)
    for bounds in ({"lower": None}, {"upper": None}):
        told = to_decider(found, result=with_models(found, probability=0.02, **bounds))
        assert "2.0%" in told
        assert "interval" not in told.partition("Risk")[2].partition("What else")[0]


def requirement(level: str, name: str = "of_nobody") -> Reason:
    text = Texts(nl="de voorwaarde", en="the condition of a test")
    return Reason(
        part="requirement",
        name=name,
        title=Texts(nl="t", en="the title"),
        level=level,
        text=text,
        source="law",
        features=(),
    )


@pytest.mark.parametrize(("level", "key"), [("not_met", "not_met"), ("unknown", "not_known")])
def test_a_requirement_without_plain_words_is_told_in_its_own(found, level, key):
    reason = requirement(level)
    told = replace(found.to_person, reasons=(reason,))
    assert say("why", key, "en", text="the condition of a test") in to_person(found, to_person=told)
    other = {"not_met": "unknown", "unknown": "not_met"}[level]
    decider = to_decider(found, reasons=(reason,))
    assert say("decider", level, "en", text="the condition of a test") in decider
    assert say("decider", other, "en", text="the condition of a test") not in decider


def test_a_requirement_that_is_unknown_is_told_in_plain_words_and_that_it_is_unknown(found):
    name = next(r.name for r in found.result.requirements)
    unknown = say("why", "unknown", "en")
    for level, is_told in (("unknown", True), ("not_met", False)):
        told = replace(found.to_person, reasons=(requirement(level, name),))
        assert (unknown in to_person(found, to_person=told)) is is_told


def test_what_is_missing_is_told_unless_it_was_told_before_or_is_about_victims(found):
    unknown = explain({**example("deep_assessment"), "inquiries": []}, "leave", as_of="2024-04-15")
    told = 0
    for one in unknown.result.missing:
        shown = to_person(unknown, about_victims=frozenset())
        hidden = to_person(unknown, about_victims=frozenset({one.name}))
        text = _sentence(one.text.text("en"))
        if text in shown:
            told += 1
            assert text not in hidden
            before = replace(unknown.to_person, reasons=(requirement("not_met", one.name),))
            assert text not in to_person(unknown, about_victims=frozenset(), to_person=before)
    assert told


def test_that_victims_were_considered_is_told_where_they_were(found):
    sentence = say("why", "victims", "en")
    for is_weighed in (True, False):
        told = replace(found.to_person, victims_weighed=is_weighed)
        assert (sentence in to_person(found, to_person=told)) is is_weighed


def test_without_a_reason_the_rule_is_told(found):
    rule = say("why", "rule", "en", text=found.result.rule.text.text("en"))
    assert rule not in to_person(found)
    told = replace(found.to_person, reasons=(), victims_weighed=False)
    assert rule in to_person(found, to_person=told)
    weighed = replace(told, victims_weighed=True)
    assert rule not in to_person(found, to_person=weighed)


@pytest.mark.parametrize(("level", "key"), [("unknown", "ask"), ("not_met", "nothing")])
def test_where_nothing_can_be_done_it_is_said_whether_asking_may_help(found, level, key):
    nothing = {"helps": (), "first": (), "waiting": None, "depends_on_victims": False}
    told = replace(found.to_person, reasons=(requirement(level),), **nothing)
    text = to_person(found, to_person=told, result=replace(found.result, missing=()))
    assert say("help", key, "en") in text


@pytest.mark.parametrize("days", [None, 7])
@pytest.mark.parametrize("unread", [True, False])
def test_a_way_to_object_is_told_with_its_term_and_whether_it_was_read(found, days, unread):
    one = Remedy(
        text=Texts(nl="x", en="Go to court."), source="s", term_days=days, to_verify=unread
    )
    text = to_person(found, remedies=(one,))
    assert ("Go to court. " + say("remedy", "term", "en", days=7) in text) is (days is not None)
    assert (say("remedy", "unread", "en") in text) is unread
    assert say("remedy", "first", "en") in text
    assert say("remedy", "first", "en") not in to_person(found, remedies=())


def test_a_remedy_is_read_and_has_no_term_unless_it_is_said():
    plain = Remedy(text=Texts(nl="x", en="x"), source="s")
    assert (plain.term_days, plain.to_verify) == (None, False)


@pytest.mark.parametrize(
    ("probability", "people"),
    [(0.0, 1), (0.004, 1), (0.014, 1), (0.016, 2), (0.5, 50), (0.986, 99), (0.996, 99), (1.0, 99)],
)
def test_nobody_is_told_that_it_is_certain(probability, people):
    assert _of_hundred(probability) == people


def test_words_within_a_sentence():
    assert [_with_small_letter(t) for t in ("Niet nu", "VI", "a", "")] == ["niet nu", "VI", "a", ""]
    assert [_sentence(t) for t in ("a b", "A?", "a!", "a.")] == ["A b.", "A?", "A!", "A."]


# --- what stands in the way -----------------------------------------------------------------------


def clause(*tests: tuple[int, float, float], every: bool = True) -> Clause:
    return Clause(every, tests)


def test_what_a_test_lacks_and_on_which_side_it_could_be_left():
    tests = clause((0, 1.0, 2.0), (1, -math.inf, 3.0), (2, 4.0, math.inf))
    assert list(_lacking(tests, (math.nan, 3.0, 4.0))) == [(0, "unknown")]
    assert list(_lacking(tests, (0.9, 3.1, 3.9))) == [
        (0, "too_low"),
        (1, "too_high"),
        (2, "too_low"),
    ]
    assert list(_lacking(tests, (2.1, 3.0, 4.0))) == [(0, "too_high")]
    assert list(_lacking(tests, (1.0, -9.0, 9.0))) == []
    assert list(_holding(tests, (1.0, 3.0, 4.0))) == [
        *((0, "too_high"), (0, "too_low")),
        *((1, "too_low"), (2, "too_high")),
    ]
    assert list(_holding(tests, (0.9, 3.1, math.nan))) == [(2, "unknown")]


def test_what_is_unknown_does_not_fail():
    assert [fails(v, 1.0, 2.0) for v in (0.9, 1.0, 2.0, 2.1, math.nan)] == [
        True,
        False,
        False,
        True,
        False,
    ]


class Readings:
    """A domain with a level for each of the values 0 and 1, and another for all else."""

    readings = ((0, clause((0, 0.0, 0.0))), (2, clause((0, 1.0, 1.0))))
    otherwise = 1


def test_what_keeps_a_domain_from_a_level_is_what_is_lacking_there_and_what_holds_elsewhere():
    read = Readings()
    assert list(_in_the_way(read, 0, (1.0,))) == [(0, "too_high"), (0, "too_high"), (0, "too_low")]
    assert list(_in_the_way(read, 1, (5.0,))) == [(0, "too_high")]
    assert list(_in_the_way(read, 2, (5.0,))) == [(0, "too_high"), (0, "too_high")]


@pytest.mark.parametrize(
    ("target", "value", "mended", "comes"),
    [
        (0, 1.0, {0}, True),  # the first reading holds once its input is mended
        (0, 0.0, set(), True),
        (1, 5.0, set(), True),  # nothing holds: what is otherwise
        (0, 5.0, set(), False),
        (1, 1.0, set(), False),  # a worse reading holds
        (2, 1.0, set(), True),
        (0, math.nan, set(), False),  # may hold, which is not enough
    ],
)
def test_whether_a_level_is_reached(target, value, mended, comes):
    assert _reached(Readings(), target, (value,), frozenset(mended)) is comes


def test_a_clause_once_some_inputs_are_mended():
    both, either = (
        clause((0, 1.0, 1.0), (1, 1.0, 1.0)),
        clause((0, 1.0, 1.0), (1, 1.0, 1.0), every=False),
    )
    true, false, unknown = (
        _truth_once(clause((0, v, v)), (1.0,), frozenset(), 9) for v in (1.0, 2.0, math.nan)
    )
    assert _truth_once(both, (0.0, 1.0), frozenset({0}), true) == true
    assert _truth_once(both, (0.0, 0.0), frozenset({0}), true) == false
    assert _truth_once(both, (1.0, 1.0), frozenset({0}), false) == false
    assert _truth_once(either, (0.0, 0.0), frozenset({0}), true) == true
    assert _truth_once(either, (1.0, 1.0), frozenset({0}), false) == true
    assert _truth_once(either, (1.0, 1.0), frozenset({0, 1}), false) == false
    assert unknown != true
