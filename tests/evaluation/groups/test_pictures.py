"""Pictures of groups have their numbers, and words that say the same."""

from __future__ import annotations

import numpy as np
import pytest

from risicoscreener.evaluation.groups import (
    by_group,
    contrasts,
    impossibility,
    prediction_shift,
    proxies,
)
from risicoscreener.report.pictures import groups as pictures

from .people import drawn
from .test_proxies_and_shifts import LINE, told

LANGUAGES = ("nl", "en")


@pytest.fixture(scope="module")
def table():
    sample, labels = drawn(300, shares=(0.4, 0.3, 0.28, 0.02))
    return by_group(sample, labels, cut_offs=[0.4], replicates=20)


def y_labels(ax):
    return [t.get_text() for t in ax.get_yticklabels()]


def test_every_group_has_a_row_and_hidden_ones_say_so_without_numbers(table):
    ax = pictures.plot_groups(table, language="en")
    assert y_labels(ax)[-1].startswith("everybody (300, ")
    assert [label for label in y_labels(ax) if "(" not in label] == ["g3", "g1"]
    assert [t.get_text() for t in ax.texts] == ["not shown", "not shown"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_have_each_figure_and_who_is_not_shown(table, language):
    text = pictures.describe_groups(table, "auc", language=language)
    for group in table.shown:
        assert group["auc"].text(language) in text
    assert "g1, g3" in text


def test_rates_at_a_cut_off_name_it_in_the_language(table):
    ax = pictures.plot_groups(table, "ppv", cut_off=0.4)
    assert ax.get_xlabel().endswith("grenswaarde 0,40")
    words = pictures.describe_groups(table, "ppv", cut_off=0.4, language="en")
    assert table.groups[0].at[0]["ppv"].text("en") in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_contrasts_show_what_chance_gives(language):
    sample, labels = drawn(300)
    found = contrasts(sample, labels, replicates=20, shuffles=20)
    ax = pictures.plot_contrasts(found, "auc", language=language)
    assert ax.get_legend().get_texts()[0].get_text() in ("door toeval", "by chance")
    text = pictures.describe_contrasts(found, "auc", language=language)
    assert found.items[0].difference.text(language) or text
    shown = f"{found.spread('auc').by_chance:.3f}"
    assert (shown if language == "en" else shown.replace(".", ",")) in text
    plain = contrasts(sample, labels, replicates=20, shuffles=0)
    assert pictures.plot_contrasts(plain, "auc").get_legend() is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_counted_rates_stand_beside_the_line_that_base_rates_leave(language):
    sample, labels = drawn(400, shift=1.0)
    found = impossibility(sample, labels, 0.4, replicates=20)
    ax = pictures.plot_impossibility(found, language=language)
    drawn_at = {tuple(np.ravel(line.get_xydata())) for line in ax.lines}
    for group in found.groups:
        point = (group["base_rate"].value, group["false_positive_rate"].value)
        assert point in drawn_at
    line = ax.lines[0]
    at = np.interp(found["g1"]["base_rate"].value, line.get_xdata(), line.get_ydata())
    assert at == pytest.approx(found["g1"]["implied_false_positive_rate"].value, abs=0.01)
    assert found.text(language) in pictures.describe_impossibility(found, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_proxies_have_a_bar_for_each_feature(language):
    x, group = told(200)
    found = proxies(x, group, "abroad", classifier=LINE)
    ax = pictures.plot_proxies(found, language=language)
    assert [b.get_width() for b in ax.patches] == [f.lost for f in found.features[::-1]]
    assert found.reading(language) in pictures.describe_proxies(found, language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shift_is_a_histogram_of_everybody(language):
    found = prediction_shift([0.2, 0.3, 0.5], [0.25, 0.3, 0.7])
    ax = pictures.plot_shift(found, language=language)
    assert sum(b.get_height() for b in ax.patches) == 3
    assert found["prediction_shift"].text(language) in pictures.describe_shift(
        found, language=language
    )


def test_pictures_are_drawn_on_axes_that_are_given(table):
    ax = pictures.plot_groups(table)
    assert pictures.plot_groups(table, "auc", ax=ax) is ax
