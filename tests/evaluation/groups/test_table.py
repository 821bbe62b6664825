"""Figures by group and by intersection."""

from __future__ import annotations

import math

import numpy as np
import pytest

from risicoscreener.errors import EvaluationError
from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import mean_calibration, weak_calibration
from risicoscreener.evaluation.discrimination import auc_estimate, error_rates
from risicoscreener.evaluation.groups import Disclosure, by_group
from risicoscreener.evaluation.groups.table import FIGURES, RATES

from .people import drawn, oracle_answers, oracle_people, sample_of

FEW = {"replicates": 20}


def test_figures_by_group_are_those_of_fairlearn():
    people, answers = oracle_people(), oracle_answers()
    table = by_group(sample_of(people), people["group"], cut_offs=[answers["cut_off"]], **FEW)
    for label, expected in answers["group"].items():
        group = table[label]
        for name, value in expected.items():
            found = group.at[0][name] if name in RATES else group[name]
            assert found.value == pytest.approx(value, abs=1e-10), (label, name)


def test_figures_by_intersection_are_those_of_fairlearn():
    people, answers = oracle_people(), oracle_answers()
    table = by_group(
        sample_of(people),
        {"group": people["group"], "sex": people["sex"]},
        cut_offs=[answers["cut_off"]],
        intersections=2,
        **FEW,
    )
    assert {g.label for g in table.by("group", "sex")} == set(answers["both"])
    for group in table.by("group", "sex"):
        for name, value in answers["both"][group.label].items():
            found = group.at[0][name] if name in RATES else group[name]
            assert found.value == pytest.approx(value, abs=1e-10), (group.label, name)


def test_a_group_has_the_figures_and_intervals_of_a_sample_of_its_people():
    sample, labels = drawn(300)
    group = by_group(sample, labels, cut_offs=[0.3], **FEW)["g1"]
    part = sample.where(sample.sorted(labels) == "g1")
    assert group["auc"] == auc_estimate(part)
    assert group["expected_observed"] == mean_calibration(part)["expected_observed"]
    assert group["calibration_slope"] == weak_calibration(part)["calibration_slope"]
    assert group.at[0]["false_positive_rate"] == error_rates(part, 0.3)["false_positive_rate"]
    assert (group.n, group.events) == (len(part), part.events)


def test_everybody_comes_first_then_attributes_then_their_intersections():
    sample, labels = drawn(400)
    sex = np.tile(["f", "m"], 200)
    table = by_group(sample, {"g": labels, "sex": sex}, intersections=2, **FEW)
    assert [g.by for g in table] == [(), ("g",), ("g",), ("sex",), ("sex",), *[("g", "sex")] * 4]
    assert table.groups[0].title("nl") == "iedereen"
    assert table["g0", "m"].label == "g0 × m"
    assert sum(g.n for g in table.by("g", "sex")) == 400
    assert len(by_group(sample, {"g": labels, "sex": sex}, **FEW)) == 5


def test_a_small_group_is_hidden_with_its_counts_and_the_table_says_why():
    sample, labels = drawn(300)
    labels = labels.astype(object)
    labels[:6] = "few"
    table = by_group(sample, labels, cut_offs=[0.3], **FEW)
    few = table["few"]
    assert (few.n, few.events, few.hidden) == (None, None, "small")
    assert all(
        not e.ok and e.problem == "small_group" for e in [*few.estimates, *few.at[0].estimates]
    )
    assert "minder dan 10 mensen" in table.why_hidden(few, "nl")
    assert [g.hidden for g in table].count("derivable") == 1
    shown = table.to_dict()["groups"]
    assert [g["n"] for g in shown if g["labels"] == ["few"]] == [None]
    frame = table.to_frame()
    assert frame.loc[frame["group"] == "few", "people"].isna().all()


def test_hiding_can_be_switched_off():
    sample, labels = drawn(300)
    labels = labels.astype(object)
    labels[:2] = "few"
    few = by_group(sample, labels, disclosure=Disclosure(1, 0), **FEW)["few"]
    assert few.n == 2
    assert few["base_rate"].ok


def test_a_group_of_one_person_with_hiding_off_gives_problems_and_no_crash():
    sample, labels = drawn(100)
    labels = labels.astype(object)
    labels[0] = "one"
    one = by_group(sample, labels, cut_offs=[0.3], disclosure=Disclosure(1, 0), **FEW)["one"]
    assert one["auc"].problem == "one_class"
    assert one["base_rate"].value in (0.0, 1.0)
    assert not one["ici"].ok


TOLD_BY_RATES = ("ppv", "npv", "false_positive_rate", "false_negative_rate")


def test_of_few_people_above_a_cut_off_no_rate_is_shown_that_tells_how_many_have_the_outcome():
    sample, labels = drawn(300)
    table = by_group(sample, labels, cut_offs=[float(np.sort(sample.probability)[-5])], **FEW)
    at = table.groups[0].at[0]
    assert all(at[name].problem == "few_at_cut_off" for name in TOLD_BY_RATES)
    assert at["share_above"].value == 5 / 300
    # of nobody it is not defined, which tells nothing about anybody
    nobody = by_group(sample, labels, cut_offs=[1.0], **FEW).groups[0].at[0]["ppv"]
    assert nobody.problem == "nobody"


def test_hidden_rates_do_not_follow_from_those_of_another_group_and_of_everybody():
    sample, labels = drawn(300)
    p = sample.probability[np.argsort(sample.order)]
    labels = np.where((p >= 0.6) & (np.cumsum(p >= 0.6) > 5), "g1", labels)
    few = (labels == "g0") & (p >= 0.6)
    assert 0 < few.sum() < 10 < (p >= 0.6).sum()
    whole, *groups = by_group(sample, labels, cut_offs=[0.6], **FEW)
    assert whole.at[0]["ppv"].ok
    for group in groups:
        assert not group.hidden
        assert all(group.at[0][name].problem == "few_at_cut_off" for name in TOLD_BY_RATES)


def test_a_hidden_part_does_not_follow_from_a_whole_that_is_another_attribute():
    sample, _ = drawn(300)
    sizes = {"a": 200, "b": 6, "c": 4, "d": 90}
    prison = np.repeat(list(sizes), list(sizes.values()))
    region = np.where(np.isin(prison, ["a", "b"]), "north", "south")
    table = by_group(sample, {"region": region, "prison": prison}, **FEW)
    # two small prisons protect each other in the sum of all, but not in that of their region
    assert [g.label for g in table.by("prison") if not g.hidden] == []
    assert not any(g.hidden for g in table.by("region"))


def test_a_group_without_a_name_is_not_called_everybody():
    sample, labels = drawn(300)
    table = by_group(sample, np.where(labels == "g0", "", labels), **FEW)
    assert [g.title("en") for g in table] == ["everybody", "", "g1"]


def test_groups_whose_labels_read_alike_are_shown_apart():
    sample, _ = drawn(400)
    first = np.tile(["x × y", "x"], 200)
    second = np.tile(["z", "y × z"], 200)
    table = by_group(sample, {"a": first, "b": second}, intersections=2, **FEW)
    assert len(table) == 7
    assert table._repr_html_().partition("<tbody>")[2].count("<tr>") == 7


def test_every_figure_is_in_the_table_of_rows():
    sample, labels = drawn(300)
    frame = by_group(sample, labels, cut_offs=[0.3, 0.5], **FEW).to_frame("nl")
    assert len(frame) == 3 * (len(FIGURES) + 2 * len(RATES))
    assert set(frame["name"]) == {*FIGURES, *RATES}
    assert "iedereen" in set(frame["group"])
    assert "base_rate" in by_group(sample, labels, **FEW)._repr_html_()


def test_clusters_go_with_their_people():
    sample, labels = drawn(300)
    p, y = np.empty(300), np.empty(300)
    p[sample.order], y[sample.order] = sample.probability, sample.outcome
    clustered = Sample.of(p, y, cluster=np.arange(300) // 3)
    assert by_group(clustered, labels, **FEW)["g0"]["auc"].method == "clustered"


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (["a"], "group has shape"),
        (["a", None, "b", "a"], r"group\[1\] is missing"),
        ({"sex": ["a", math.nan, "b", "a"]}, r"sex\[1\] is missing"),
        ({}, "no groups"),
    ],
)
def test_labels_that_are_not_there_are_refused(groups, message):
    with pytest.raises(EvaluationError, match=message):
        by_group(Sample.of([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1]), groups)
