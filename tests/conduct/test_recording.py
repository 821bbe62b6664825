"""What a number of reports means in a prison: by hand, and against other implementations."""

from __future__ import annotations

import datetime as dt

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import example
from conduct_lives import DAY as LIFE_DAY
from conduct_lives import lives
from risicoscreener.conduct import exposure
from risicoscreener.conduct.recording import (
    MOST_ALIKE,
    RATIO,
    GammaPrior,
    exact_ratio,
    fit_gamma_prior,
)
from risicoscreener.decision import CompiledPolicy, PolicyBook
from risicoscreener.decision.policy import Reading
from risicoscreener.decision.policy import Test as PolicyTest
from risicoscreener.dossier import DossierTables
from risicoscreener.dossier.known import as_known
from risicoscreener.dossier.record import Conduct, Detention, Dossier, Person
from risicoscreener.errors import ConductError
from risicoscreener.features import catalogue
from risicoscreener.screening import Screener

DAY = dt.date(2021, 7, 1)


def someone(person_id, reports, *stays, subject="late"):
    """Stays are prison, days ago of arrival, and days ago of release or None."""

    def ago(days):
        return None if days is None else DAY - dt.timedelta(days=days)

    return Dossier(
        person_id=person_id,
        person=Person(birth_date=dt.date(1990, 1, 1), sex="female"),
        detentions=[
            Detention(
                recorded_at=ago(arrived),
                arrived_on=ago(arrived),
                released_on=ago(left),
                regime="sentence",
                prison=prison,
            )
            for prison, arrived, left in stays
        ],
        conduct=[
            Conduct(
                fact_id=f"r{i}",
                recorded_at=ago(days),
                occurred_on=ago(days),
                kind="incident",
                category="living_climate",
                grade="undesired",
                subject=subject,
            )
            for i, days in enumerate(reports)
        ],
    )


def of(*people, **more):
    return exposure(DossierTables.from_dossiers(people), DAY, **more)


def test_by_hand():
    # 70 days each. PI-A: 6 reports in 20 weeks, PI-B: 2 in 20 weeks.
    people = [
        someone("a1", [1, 2, 3], ("PI-A", 69, None)),
        someone("a2", [4, 5, 6], ("PI-A", 69, None)),
        someone("b1", [1], ("PI-B", 69, None)),
        someone("b2", [2], ("PI-B", 69, None)),
    ]
    found = of(*people)
    assert found.prisons["person_weeks"].tolist() == [20.0, 20.0]
    assert found.prisons["reports"].tolist() == [6, 2]
    a, m = found.prior
    # The posterior mean is (a + y) / (a / m + t), with the person's own reports and weeks left out.
    assert found.prisons.loc["PI-A", "shrunk_rate"] == pytest.approx((a + 6) / (a / m + 20))
    row = found.persons.loc["a1"]
    expected = 10 * (a + 3) / (a / m + 10)
    assert row["expected"] == pytest.approx(expected)
    assert row["ratio"] == pytest.approx(3 / expected)
    assert row["standardised"] == pytest.approx(3 / expected * m * 10)


def test_three_reports_in_a_strict_prison_equal_one_in_a_lax_one():
    strict = [someone(f"s{i}", [1, 2, 3], ("PI-A", 69, None)) for i in range(200)]
    lax = [someone(f"l{i}", [1], ("PI-B", 69, None)) for i in range(200)]
    found = of(*strict, *lax)
    ratios = found.persons["ratio"]
    assert ratios["s0"] == pytest.approx(1.0, abs=0.02)
    assert ratios["l0"] == pytest.approx(1.0, abs=0.02)
    assert found.persons.loc["s0", "standardised"] == pytest.approx(2.0, abs=0.05)
    assert found.prisons["relative"].tolist() == pytest.approx([1.5, 0.5], abs=0.02)


def test_a_move_divides_weeks_and_reports():
    moved = someone("m", [1, 50], ("PI-A", 69, 35), ("PI-B", 35, None))
    found = of(moved, someone("b", [2], ("PI-B", 69, None)))
    assert found.prisons.loc["PI-A", "person_weeks"] == pytest.approx(34 / 7)
    assert found.prisons["reports"].tolist() == [1, 2]
    assert found.persons.loc["m", "weeks"] == pytest.approx(10.0)
    assert found.persons.loc["m", "observed"] == 2


def test_only_the_window_and_only_some_subjects_count():
    people = [
        someone("p", [1, 100], ("PI-A", 300, None)),
        someone("q", [3], ("PI-A", 300, None), subject="drugs"),
    ]
    assert of(*people, window_days=70).prisons.loc["PI-A", "reports"] == 2
    assert of(*people, window_days=70).prisons.loc["PI-A", "person_weeks"] == pytest.approx(20.0)
    assert of(*people, subjects=["drugs"]).persons["observed"].tolist() == [0, 1]
    assert of(*people).by_subject.loc["PI-A", "drugs"] == pytest.approx(1 / 52)


def test_someone_without_weeks_has_nothing_to_compare():
    found = of(someone("p", [1]), someone("q", [1], ("PI-A", 70, None)))
    assert np.isnan(found.persons.loc["p", "ratio"])
    assert "nothing to compare" in found.text("p", "en")
    assert of(someone("p", [1])).prisons.empty


def test_reports_of_one_person_are_not_compared_with_themselves():
    found = of(someone("p", [1, 2, 3], ("PI-A", 70, None)))
    assert np.isnan(found.persons.loc["p", "ratio"])
    said = found.text("p", "en")
    assert said.startswith("Number of reports in 10.14 weeks: 3.")
    assert "nothing to compare" in said


def test_where_nothing_is_recorded_nobody_is_said_to_have_been_outside():
    found = of(*(someone(name, [], ("PI-A", 70, None)) for name in "pq"))
    assert "10,14 weken: 0" in found.text("p", "nl")


def test_the_rate_of_a_single_prison_is_as_uncertain_as_its_counts():
    people = [someone("p", [1, 2, 3], ("PI-A", 69, None)), someone("q", [], ("PI-A", 69, None))]
    row = of(*people).prisons.loc["PI-A"]
    _, lower, upper = exact_ratio([3], [20.0])
    assert (row["lower"], row["upper"]) == pytest.approx((lower[0], upper[0]))


@pytest.mark.parametrize(
    ("count", "weeks", "expected"),
    [
        ([np.nan, 1], [1, 1], "count holds nan"),
        ([-1, 2], [1, 1], "count holds -1.0"),
        ([1, 2], [np.inf, 1], "exposure holds inf"),
        ([1, 2], [1, 2, 3], r"shape \(2,\) and exposure \(3,\)"),
    ],
)
def test_counts_that_cannot_be_meant_are_refused(count, weeks, expected):
    with pytest.raises(ConductError, match=expected):
        fit_gamma_prior(count, weeks)


def test_what_is_not_yet_recorded_does_not_count():
    late = someone("p", [1], ("PI-A", 70, None))
    late.conduct[0].recorded_at = DAY + dt.timedelta(days=1)
    assert of(late, someone("q", [1], ("PI-A", 70, None))).persons["observed"].tolist() == [0, 1]


def test_the_sentence_says_that_it_changes_nothing():
    found = of(*(someone(f"p{i}", [2], ("PI-A", 70, None)) for i in range(3)))
    for lang, said in (("nl", "verandert geen uitkomst"), ("en", "changes no outcome")):
        assert said in found.text("p1", lang)
    with pytest.raises(ConductError, match="is not in these tables"):
        found.text("nobody")


def test_no_shipped_policy_reads_the_ratio_and_one_of_your_own_can():
    shipped = Screener.load()
    book = shipped.policies
    assert not any(RATIO.name in v.inputs for k in book.kinds() for v in book.versions(k))
    leave = book.pick("leave", DAY).policy
    place = next(i for i, d in enumerate(leave.domains) if d.id == "conduct")
    strict = Reading(level="poor", all=(PolicyTest(input=RATIO.name, min=2.0),))
    conduct = msgspec.structs.replace(
        leave.domains[place], readings=(strict, *leave.domains[place].readings)
    )
    domains = (*leave.domains[:place], conduct, *leave.domains[place + 1 :])
    own = CompiledPolicy(msgspec.structs.replace(leave, domains=domains))
    known = catalogue().with_features(RATIO)
    screener = Screener(shipped.bundle, PolicyBook([own]), known)
    values = shipped.screen(example("grant"), "leave").values
    read = {n: v for n, v in values.items() if n in screener.route("leave").plan.names}
    frame = pd.DataFrame([read] * 3, index=["usual", "much", "unknown"], dtype=float)
    frame[RATIO.name] = [1.0, 3.0, np.nan]
    screened = screener.screen_features(frame, "leave", as_of=dt.date(2024, 4, 15))
    assert screened.outcomes.tolist() == ["grant", "deny", "deny"]


COUNTS = np.array([30, 4, 17, 55, 9, 2, 21, 12])
WEEKS = np.array([400.0, 350, 300, 500, 420, 180, 260, 510])


def test_the_prior_is_that_of_a_negative_binomial_regression():
    import statsmodels.api as sm

    found = fit_gamma_prior(COUNTS, WEEKS)
    model = sm.NegativeBinomial(COUNTS, np.ones((8, 1)), loglike_method="nb2", exposure=WEEKS)
    constant, alpha = model.fit(
        disp=0, method="newton", start_params=[-3.0, 0.5], maxiter=200
    ).params
    assert found.mean == pytest.approx(np.exp(constant), rel=1e-5)
    assert found.shape == pytest.approx(1.0 / alpha, rel=1e-5)
    # MASS::glm.nb(y ~ 1 + offset(log(t))) of R: exp(coef) and theta.
    assert found.mean == pytest.approx(0.0491276574, rel=1e-6)
    assert found.shape == pytest.approx(1.9699220465, rel=1e-5)


def test_no_spread_beyond_chance_means_one_rate():
    prior = fit_gamma_prior([5, 5, 5, 5], [100.0, 100, 100, 100])
    assert prior.shape > 1e4
    rates = prior.posterior_mean(np.array([5.0, 0.0]), np.array([100.0, 100.0]))
    assert rates == pytest.approx([0.05, 0.05], rel=1e-2)


@pytest.mark.parametrize(
    ("count", "weeks"), [([], []), ([0, 0], [10.0, 20.0]), ([3], [10.0]), ([2, 0], [4.0, 0.0])]
)
def test_too_little_to_tell_prisons_apart(count, weeks):
    prior = fit_gamma_prior(count, weeks)
    assert prior.shape == MOST_ALIKE
    assert np.isfinite(prior.posterior_mean(np.array(count), np.array(weeks))).all()


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 500)), min_size=2, max_size=12),
    st.floats(0.5, 40),
)
@settings(deadline=None)
def test_a_rate_lies_between_its_own_and_that_of_all(units, factor):
    count, weeks = np.array(units, dtype=float).T
    prior = fit_gamma_prior(count, weeks)
    rates = prior.posterior_mean(count, weeks)
    low, high = np.minimum(count / weeks, prior.mean), np.maximum(count / weeks, prior.mean)
    assert (rates >= low - 1e-12).all()
    assert (rates <= high + 1e-12).all()
    # In other units of time the rates are those in other units.
    again = fit_gamma_prior(count, weeks * factor)
    assert again.mean * factor == pytest.approx(prior.mean, rel=1e-3, abs=1e-9)


def test_the_exact_interval_is_that_of_r():
    # poisson.test(3, T = 1.5)$conf.int and poisson.test(0, T = 2)$conf.int of R.
    ratio, lower, upper = exact_ratio([3, 0, 2], [1.5, 2.0, 0.0])
    assert ratio[:2] == pytest.approx([2.0, 0.0])
    assert lower[:2] == pytest.approx([0.4124481, 0.0], abs=1e-6)
    assert upper[:2] == pytest.approx([5.844849, 1.844440], abs=1e-5)
    assert np.isnan([ratio[2], lower[2], upper[2]]).all()


def test_the_posterior_interval_is_that_of_its_gamma():
    lower, upper = GammaPrior(2.0, 0.5).posterior_interval(np.array([3.0]), np.array([6.0]), 0.9)
    # qgamma(c(0.05, 0.95), shape = 5, rate = 10) of R.
    assert (lower[0], upper[0]) == pytest.approx((0.1970150, 0.9153519), abs=1e-6)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"subjects": ["x"]}, "subject 'x'"),
        ({"subjects": "late"}, "expected a list"),
        ({"window_days": 0}, "window_days is 0"),
        ({"level": 1.0}, "level is 1.0"),
        ({"level": "x"}, "level is 'x'"),
        ({"subjects": []}, "expected a list of aggression"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong, expected):
    with pytest.raises(ConductError, match=expected):
        of(someone("p", []), **wrong)


@given(st.tuples(lives("p1"), lives("p2"), lives("p3")))
@settings(deadline=None, max_examples=30)
def test_nothing_that_was_recorded_later_matters_and_reports_add_up(people):
    found = exposure(DossierTables.from_dossiers(people), LIFE_DAY, window_days=60)
    then = exposure(
        DossierTables.from_dossiers([as_known(p, LIFE_DAY) for p in people]),
        LIFE_DAY,
        window_days=60,
    )
    pd.testing.assert_frame_equal(found.persons, then.persons)
    pd.testing.assert_frame_equal(found.prisons, then.prisons)
    assert found.persons["weeks"].sum() == pytest.approx(found.prisons["person_weeks"].sum())
    assert found.persons["observed"].sum() == found.prisons["reports"].sum()


@given(st.tuples(lives("p1"), lives("p2")), st.permutations(range(2)))
@settings(deadline=None, max_examples=20)
def test_the_order_of_people_does_not_matter(people, order):
    one = exposure(DossierTables.from_dossiers(people), LIFE_DAY).persons
    other = exposure(DossierTables.from_dossiers([people[i] for i in order]), LIFE_DAY).persons
    pd.testing.assert_frame_equal(one, other.loc[one.index])


def test_what_are_no_tables_is_refused():
    with pytest.raises(ConductError, match="of type Dossier; expected DossierTables"):
        exposure(someone("p", []), DAY)
    with pytest.raises(ConductError, match="as_of is '2021'"):
        exposure(DossierTables.from_dossiers([someone("p", [])]), "2021")
