"""Pictures of impact are drawn in two languages, and say in words what they draw."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from risicoscreener.evaluation.groups import Disclosure
from risicoscreener.impact import over_capacities, simulate
from risicoscreener.impact.screens import GRANT
from risicoscreener.report.pictures import impact as pictures

from .world import people, settings, told

LOOSE = Disclosure(1, 0)


@pytest.fixture(scope="module")
def scenarios():
    who, of = people([300] * 60), settings(2.0)
    screened = told(who, of)
    return (
        simulate(screened, None, of, label="rule"),
        simulate(told(who, of, (GRANT,) * 5), None, of, label="no rule"),
        over_capacities(screened, of, [1.0, 3.0, 9.0]),
    )


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_picture_has_labels_and_words(scenarios, lang):
    rule, without, capacities = scenarios
    by_name = {"rule": capacities}
    drawn = [
        (pictures.plot_queue([rule, without], language=lang),
         pictures.describe_queue([rule, without], language=lang)),
        (pictures.plot_queue(rule, name="late", language=lang),
         pictures.describe_queue(rule, name="late", language=lang)),
        (pictures.plot_waits([rule, without], language=lang),
         pictures.describe_waits([rule, without], language=lang)),
        (pictures.plot_capacity(by_name, language=lang),
         pictures.describe_capacity(by_name, language=lang)),
        (pictures.plot_by(rule, disclosure=LOOSE, language=lang),
         pictures.describe_by(rule, disclosure=LOOSE, language=lang)),
    ]  # fmt: skip
    for ax, words in drawn:
        assert ax.lines
        assert ax.get_ylabel() or ax.get_xlabel()
        assert "{" not in words
        ax.figure.canvas.draw()


def test_words_give_the_numbers_that_are_drawn(scenarios):
    rule, without, capacities = scenarios
    week = rule.weeks().query("name == 'queue'")["value"]
    assert f"{week.max():.0f}" in pictures.describe_queue(rule, language="en")
    waits = np.concatenate(rule.waits())
    assert f"half wait {np.median(waits):.0f} days" in pictures.describe_waits(rule, language="en")
    assert "no assessment was needed" in pictures.describe_waits(without, language="en")
    told_all = pictures.describe_capacity({"x": capacities}, language="en")
    assert capacities[-1]["wait_p90"].text("en") in told_all


def test_groups_that_are_hidden_are_not_drawn(scenarios):
    rule = scenarios[0]
    strict = Disclosure(1000, 0)
    assert pictures.describe_by(rule, disclosure=strict, language="en") == (
        "No group is large enough to be shown."
    )
    assert not pictures.plot_by(rule, disclosure=strict).get_yticklabels()


@pytest.mark.parametrize("months", [1, 3, 11])
def test_days_below_a_queue_are_whole_and_do_not_run_into_each_other(months):
    who, of = people([300] * 20), settings(2.0, months=months, replicates=1)
    ax = pictures.plot_queue(simulate(told(who, of), None, of, label="rule"))
    ax.figure.canvas.draw()
    labels = [one for one in ax.get_xticklabels() if one.get_text()]
    assert all(len(one.get_text()) == len("2022-01-03") for one in labels)
    boxes = [one.get_window_extent() for one in labels]
    assert len(boxes) >= 3
    assert not any(left.x1 > right.x0 for left, right in pairwise(boxes))
