"""Pictures of calibration hold what their results hold, and say it in words."""

from __future__ import annotations

import numpy as np
import pytest

from risicoscreener.evaluation import Sample
from risicoscreener.evaluation.calibration import (
    calibration_by,
    calibration_curve,
    calibration_hierarchy,
    reliability_diagram,
)
from risicoscreener.report.pictures.calibration import (
    describe_calibration,
    describe_calibration_by,
    describe_calibration_curves,
    describe_reliability,
    plot_calibration,
    plot_calibration_by,
    plot_calibration_curves,
    plot_reliability,
)


def people(n=400, share=1.0, cluster=None):
    rng = np.random.default_rng(6)
    p = share / (1 + np.exp(-rng.normal(-1, 1.2, n)))
    return Sample.of(p, rng.random(n) < p, cluster=cluster)


@pytest.fixture(scope="module")
def hierarchy():
    return calibration_hierarchy(people(), replicates=20)


@pytest.fixture(scope="module")
def by_group():
    labels = np.repeat(["noord", "zuid", "klein", "weg"], [200, 180, 15, 5])
    return calibration_by(people(), labels, replicates=20)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_the_curve_stands_above_the_people(hierarchy):
    ax = plot_calibration(hierarchy)
    assert ax.get_ylim()[0] < 0
    curve = next(line for line in ax.lines if line.get_label() == "kalibratiecurve")
    assert np.array_equal(curve.get_ydata(), hierarchy.curve.y)
    heights = [bar.get_height() for bar in ax.patches]
    assert max(heights) > 0 > min(heights)
    assert f"met uitkomst ({hierarchy.sample.events})" in texts(ax)
    assert [label.get_text() for label in ax.get_yticklabels()][-1] == "100%"


def test_axes_end_where_low_probabilities_end():
    rare = calibration_hierarchy(people(share=0.15), replicates=0)
    ax = plot_calibration(rare, language="en")
    assert ax.get_xlim() == (0, ax.get_ylim()[1])
    assert ax.get_xlim()[1] < 0.5


def test_a_picture_is_drawn_on_axes_that_are_given(hierarchy):
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert plot_calibration(hierarchy, ax=ax) is ax


def test_curves_differ_in_dashes_and_marks_too(by_group):
    ax = plot_calibration_curves([group.curve for group in by_group.groups])
    curves = [line for line in ax.lines if line.get_label() in {"noord", "zuid"}]
    assert len({line.get_linestyle() for line in curves}) == 2
    assert len({line.get_marker() for line in curves}) == 2
    assert "klein" not in {line.get_label() for line in ax.lines}


def test_the_staircase_has_its_band_and_the_parts_of_the_score():
    found = reliability_diagram(people(), replicates=20)
    ax = plot_reliability(found)
    assert len(ax.collections) == 1
    assert texts(ax)[0].startswith("miskalibratie 0,0")
    bare = plot_reliability(reliability_diagram(people(), band="none"), language="en")
    assert len(bare.collections) == 0


def test_each_group_is_a_dot_or_the_reason_why_not(by_group):
    ax = plot_calibration_by(by_group)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["klein (15)", "noord (200)", "zuid (180)"]
    assert sum(line.get_marker() == "o" for line in ax.lines) == 2
    assert len(texts(ax)) == 1
    slopes = plot_calibration_by(by_group, "calibration_slope", language="en")
    assert slopes.get_xlabel() == "Calibration slope"


def test_words_say_what_is_drawn(hierarchy, by_group):
    said = describe_calibration(hierarchy)
    assert said.startswith(f"Kalibratiecurve van 400 mensen, van wie {hierarchy.sample.events} met")
    assert hierarchy.estimates["calibration_slope"].text("nl", 2) in said
    said = describe_calibration_by(by_group, "expected_observed", language="en")
    assert "noord (200 people" in said
    assert said.endswith("Not shown because the group is too small: weg.")


def test_words_say_why_there_is_no_curve():
    curve = calibration_curve(Sample.of([0.2, 0.3], [0, 0]))
    assert "dezelfde uitkomst" in describe_calibration_curves([curve])
    plot_calibration(calibration_hierarchy(Sample.of([0.2, 0.3], [0, 0]), replicates=20))
    plot_calibration_curves([curve])


def test_words_say_how_far_a_staircase_is_beyond_chance():
    rng = np.random.default_rng(0)
    p = rng.random(600)
    off = reliability_diagram(Sample.of(p, rng.random(600) < p**3), replicates=20)
    said = describe_reliability(off, language="en")
    assert "outside the consistency band" in said
    assert said.endswith("by chance with probability 0.048.")
    clustered = reliability_diagram(people(cluster=np.arange(400) // 2), replicates=20)
    assert "toeval" not in describe_reliability(clustered)
