"""The rung is chosen by a closed test that seldom updates needlessly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from risicoscreener.errors import ModelError
from risicoscreener.models import ScoringProgram, Term
from risicoscreener.models.updating import choose_rung
from risicoscreener.models.updating.mixture import mixture_tail

from .people import NAMES, bent, expected, oracle_people, straight, transport

SLOPES = {"revision": "slopes", "candidates": ["in_the_large", "logistic", "refit"]}


@pytest.mark.parametrize("weighting", ["plain", "weighted"])
def test_likelihood_ratios_are_those_of_glm_with_an_offset_in_r(weighting):
    people, known = oracle_people(), expected()[weighting]
    weight = people["w"] if weighting == "weighted" else None
    # All three are rejected at this level, so that all three tests are done.
    choice = choose_rung(
        straight(), people[list(NAMES)], people["y"], level=0.01, sample_weight=weight, **SLOPES
    )
    assert choice.rung == "refit"
    assert [test.statistic for test in choice.tests] == pytest.approx(known["statistic"], rel=1e-8)
    assert [test.p_value for test in choice.tests] == pytest.approx(known["p_value"], rel=1e-6)
    assert [test.degrees_of_freedom for test in choice.tests] == pytest.approx([4, 3, 2])
    likelihoods = [fit.log_likelihood for fit in choice.fits]
    in_r = [known["log_likelihood"][n] for n in ("none", "large", "logistic", "revision")]
    assert likelihoods == pytest.approx(in_r, rel=1e-9)


def test_aic_counts_the_parameters_that_were_estimated():
    people, known = oracle_people(), expected()["plain"]["log_likelihood"]
    choice = choose_rung(straight(), people[list(NAMES)], people["y"], **SLOPES)
    counted = dict(zip(("none", "large", "logistic", "revision"), (0, 1, 2, 4), strict=True))
    for fit, (name, df) in zip(choice.fits, counted.items(), strict=True):
        assert fit.aic == pytest.approx(2 * df - 2 * known[name], rel=1e-8)
    assert choice.aic_rung == "refit"


def test_testing_stops_at_the_first_rung_that_is_enough():
    people = oracle_people()
    choice = choose_rung(straight(), people[list(NAMES)], people["y"], level=1e-6, **SLOPES)
    assert choice.rung == "none"
    assert [test.rejected for test in choice.tests] == [False]


@pytest.mark.parametrize(
    ("change", "rung", "revision"),
    [
        ({}, "none", "curves"),
        ({}, "none", "slopes"),
        ({"shift": 0.8}, "in_the_large", "curves"),
        ({"shift": 0.8}, "in_the_large", "slopes"),
        ({"slope": 0.4}, "logistic", "curves"),
        ({"slope": 0.4}, "logistic", "slopes"),
        ({"effect": 0.8}, "refit", "curves"),
    ],
)
def test_the_change_in_the_population_gives_the_rung(change, rung, revision):
    x, y, _ = transport(3000, 5, **change)
    assert choose_rung(bent(), x, y, revision=revision).rung == rung


def test_needless_updates_are_as_rare_as_the_level_says():
    chosen = [choose_rung(bent(), *transport(600, seed)[:2], level=0.1).rung for seed in range(300)]
    needless = np.mean([rung != "none" for rung in chosen])
    assert 0.1 - 3.3 * 0.0173 < needless < 0.1 + 3.3 * 0.0173  # standard error 0.0173


def test_p_values_of_penalised_tests_are_uniform_if_nothing_changed():
    p = np.sort(
        [choose_rung(bent(), *transport(600, 1000 + s)[:2]).tests[0].p_value for s in range(200)]
    )
    furthest = np.abs(p - (np.arange(200) + 0.5) / 200).max()
    assert furthest < 1.63 / np.sqrt(200)  # Kolmogorov-Smirnov, 1 %


def test_new_columns_make_an_extension_a_candidate():
    x, y, _ = transport(3000, 2, width=4, effect=0.9)
    frame = pd.DataFrame(x, columns=[*NAMES, "visits"])
    assert choose_rung(bent(), frame, y).rung == "extension"


def test_new_columns_without_effect_are_left_out():
    x, y, _ = transport(3000, 3, width=4, shift=0.8)
    frame = pd.DataFrame(x, columns=[*NAMES, "visits"])
    assert choose_rung(bent(), frame, y).rung == "in_the_large"


def test_both_changed_terms_and_new_ones_can_be_needed():
    x, y, truth = transport(4000, 4, width=4, effect=0.9)
    rng = np.random.default_rng(0)
    y = (rng.random(4000) < 1 / (1 + np.exp(-truth - 0.9 * x[:, 2]))).astype(float)
    frame = pd.DataFrame(x, columns=[*NAMES, "visits"])
    choice = choose_rung(bent(), frame, y)
    assert choice.rung == "refit_and_extension"
    assert [test.smaller for test in choice.tests] == [
        "none",
        "in_the_large",
        "logistic",
        "refit",
        "extension",
    ]


def test_a_weight_of_two_is_a_row_seen_twice():
    x, y, _ = transport(400, 6, shift=0.5)
    weight = np.where(np.arange(400) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(400), weight.astype(int))
    a = choose_rung(bent(), x, y, sample_weight=weight).tests
    b = choose_rung(bent(), x[twice], y[twice]).tests
    assert [t.statistic for t in a] == pytest.approx([t.statistic for t in b], rel=1e-9)
    assert [t.p_value for t in a] == pytest.approx([t.p_value for t in b], rel=1e-6)


def test_people_copied_as_rows_of_one_person_are_no_more_evidence():
    x, y, _ = transport(500, 7, shift=0.3)
    copied = np.repeat(np.arange(500), 4)
    once = choose_rung(bent(), x, y, groups=np.arange(500), revision="slopes")
    four = choose_rung(bent(), x[copied], y[copied], groups=copied, revision="slopes")
    naive = choose_rung(bent(), x[copied], y[copied], revision="slopes")
    assert four.tests[0].p_value == pytest.approx(once.tests[0].p_value, rel=1e-6)
    assert naive.tests[0].p_value < 0.01 * once.tests[0].p_value


def test_the_order_of_rows_does_not_matter():
    x, y, _ = transport(500, 8, shift=0.5)
    order = np.random.default_rng(0).permutation(500)
    a, b = choose_rung(bent(), x, y), choose_rung(bent(), x[order], y[order])
    assert [t.statistic for t in a.tests] == pytest.approx([t.statistic for t in b.tests], rel=1e-9)


def test_a_complementary_log_log_program_is_tested_for_recalibration_only():
    x, y, _ = transport(800, 9)
    program = ScoringProgram(intercept=-1.0, terms=bent().terms, link="cloglog")
    choice = choose_rung(program, x, y)
    assert {fit.rung for fit in choice.fits} == {"none", "in_the_large", "logistic"}
    with pytest.raises(ModelError, match="logit"):
        choose_rung(program, x, y, candidates=["refit"])


def test_reasons_are_given_in_dutch_and_english():
    x, y, _ = transport(1500, 10, shift=0.8)
    choice = choose_rung(bent(), x, y)
    assert choice.sentences("nl")[0].startswith("Het model krijgt een nieuw intercept:")
    assert choice.sentences("en")[0] == (
        "The model gets a new intercept: the overall level of risk differs."
    )
    assert "< 0.001" in choice.sentences("en")[2]
    assert len(choice.sentences("nl")) == len(choice.sentences("en")) == 3 + len(choice.tests)


def test_another_opinion_of_the_aic_is_said():
    x, y, _ = transport(300, 12)
    choice = choose_rung(bent(), x, y, level=1e-9)
    import dataclasses

    other = dataclasses.replace(choice, aic_rung="refit")
    assert other.sentences("en")[-1].startswith("The information criterion (AIC) chooses different")


def test_an_old_model_that_says_the_same_of_everyone_cannot_be_tested():
    x, y, _ = transport(300, 11)
    flat = ScoringProgram(
        intercept=0.0, terms=tuple(Term(n, (0.0,), (0.0,), missing=0.0) for n in NAMES)
    )
    with pytest.raises(ModelError, match="same probability"):
        choose_rung(flat, x, y)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"level": 0.0}, "level"),
        ({"candidates": ["best"]}, "not on the ladder"),
        ({"candidates": ["extension"]}, "new features"),
        ({"sample_weight": np.zeros(300)}, "positive"),
        ({"groups": np.zeros(2)}, "person"),
    ],
)
def test_a_wrong_argument_is_named(change, message):
    x, y, _ = transport(300, 11)
    with pytest.raises(ModelError, match=message):
        choose_rung(bent(), x, y, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.full(300, 2.0)}, "0 or 1"),
        ({"y": np.zeros(300)}, "at least 5"),
        ({"x": pd.DataFrame({"age": np.zeros(300)})}, "priors, debt"),
        ({"x": np.full((300, 3), np.inf)}, "infinite"),
        ({"x": np.zeros((300, 2))}, "expected"),
        ({"x": [["a", "b", "c"]] * 300}, "no number"),
    ],
)
def test_unusable_data_are_refused(change, message):
    x, y, _ = transport(300, 11)
    given = {"x": x, "y": y} | change
    with pytest.raises(ModelError, match=message):
        choose_rung(bent(), given["x"], given["y"])


def test_the_tail_of_equal_weights_is_that_of_chi_squared():
    assert mixture_tail(7.0, np.full(3, 2.0)) == pytest.approx(chi2.sf(3.5, 3), rel=1e-12)


@pytest.mark.parametrize("t", [0.5, 3.0, 10.0, 30.0])
def test_the_tail_of_two_pairs_is_that_of_two_exponentials(t):
    a, b = 1.0, 0.4  # 2a and 2b are the means of two exponential variables
    exact = (a * np.exp(-t / 2 / a) - b * np.exp(-t / 2 / b)) / (a - b)
    assert mixture_tail(t, np.array([a, b, a, b])) == pytest.approx(exact, rel=1e-10)


def test_the_tail_of_many_unequal_weights_is_that_of_draws():
    weights = np.r_[1.0, np.linspace(0.9, 0.01, 20)]
    drawn = np.random.default_rng(0).chisquare(1, (100_000, 21)) @ weights
    for quantile in (0.5, 0.95, 0.99):
        tail = mixture_tail(float(np.quantile(drawn, quantile)), weights)
        assert tail == pytest.approx(1 - quantile, abs=4 * np.sqrt(0.25 / 100_000))


def test_a_statistic_of_nothing_is_no_evidence():
    assert mixture_tail(0.0, np.ones(2)) == 1.0
    assert mixture_tail(1.0, np.zeros(2)) == 0.0
