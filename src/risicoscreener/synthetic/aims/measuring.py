"""What a cohort reaches of the published aggregates, each with its standard error.

Everything that a register holds is measured on the dossiers as a register would be. The states that
registers see only in part (addiction, debts, address, work, identity document, diagnosis), the
number of true offences and the probabilities are those of the truth; `targets.toml` says which.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from risicoscreener.dossier.schema import tables
from risicoscreener.synthetic.aims.estimates import (
    Estimate,
    area,
    area_gain,
    mean,
    mean_by_row,
    paired_difference,
    ratio,
    share,
)
from risicoscreener.synthetic.cohort import Cohort, simulate
from risicoscreener.synthetic.fidelity.facts import Facts
from risicoscreener.synthetic.parameters import DEFAULT_POPULATION
from risicoscreener.synthetic.stages.draws import Array, probability

YEAR = 365.25
ONE_YEAR, TWO_YEARS, FIVE_YEARS = 365, 730, 1826
VERY_SERIOUS_FROM_GRADE = 4
MANY_CASES = 20
COMPLETE = {"calendar.extracted_on": dt.date(2150, 1, 1)}
"""Registers read when everything has come true: published figures are of mature cohorts."""
TREND_YEARS = (2002, 2010)
MOST_FOR_TREND = 40_000
"""People in each of the two cohorts of the trend: more than its tolerance asks for."""


def measure(cohort: Cohort, *, discrimination: bool = True) -> dict[str, Estimate]:
    """Every quantity that one cohort can show, by the key of its target.

    The trend is not among them: it takes two cohorts (`measure_trend`).

    Parameters
    ----------
    cohort
        All releases, with registers read late enough (`COMPLETE`).
    discrimination
        Whether to measure areas under the curve too, for which models are fitted.
    """
    people = _People(cohort)
    found = {
        **_who(people),
        **_before(people),
        **_after(people),
        **_circumstances(people),
        **_decisions(people),
    }
    return found | _discrimination(people) if discrimination else found


def measure_trend(
    n: int,
    *,
    seed: int = 1,
    population: str = DEFAULT_POPULATION,
    changes: Mapping[str, Any] | None = None,
) -> Estimate:
    """Reoffending within two years among those released in 2010 less that in 2002, in points.

    Both cohorts have the same people, whose stays lie in other years.
    """
    n = min(n, MOST_FOR_TREND)
    shares = []
    for year in TREND_YEARS:
        days = {
            "calendar.as_of_from": dt.date(year, 1, 1),
            "calendar.as_of_to": dt.date(year, 12, 31),
        }
        cohort = simulate(
            n, seed=seed, population=population, changes={**COMPLETE, **(changes or {}), **days}
        )
        shares.append(_People(cohort).has_case_within(TWO_YEARS))
    earlier, later = shares
    return paired_difference(later, earlier)


def reach(
    n: int,
    *,
    seed: int = 1,
    population: str = DEFAULT_POPULATION,
    changes: Mapping[str, Any] | None = None,
    n_jobs: int = 1,
    on_block: Callable[[int], None] | None = None,
    trend: bool = True,
    discrimination: bool = True,
) -> dict[str, Estimate]:
    """What a cohort with some parameters reaches, registers being read late enough.

    Parameters
    ----------
    n, seed, population, changes, n_jobs, on_block
        As for `simulate`.
    trend
        Whether to measure the trend too, for which two more cohorts are drawn.
    discrimination
        As for `measure`.

    Raises
    ------
    DataError
        As `simulate`.
    """
    cohort = simulate(
        n,
        seed=seed,
        population=population,
        changes={**COMPLETE, **(changes or {})},
        n_jobs=n_jobs,
        on_block=on_block,
    )
    found = measure(cohort, discrimination=discrimination)
    if trend:
        found["trend"] = measure_trend(n, seed=seed, population=population, changes=changes)
    return found


@dataclass
class _People:
    """The people of a cohort, with what several quantities need; arrays have shape (n,)."""

    cohort: Cohort

    def facts(self, table: str) -> Facts:
        return Facts.standing(self.cohort.tables, table)

    def recorded(self, table: str) -> Facts:
        """All facts, also those that later ones took the place of."""
        dossiers = self.cohort.tables
        rows, owner = dossiers.tables[table], dossiers.owners(table)
        return Facts(tables()[table], rows, self.n, np.arange(len(owner)), owner)

    def positions(self, ids: Any) -> Array:
        """Position of the person with each id."""
        import pandas as pd

        return self.cohort.truth.persons.index.get_indexer(pd.Index(ids))

    def truth(self, column: str) -> Array:
        values: Array = self.cohort.truth.persons[column].to_numpy()
        return values

    def day(self, column: str) -> Array:
        return self.truth(column).astype("datetime64[D]").astype(np.int64)

    def born(self) -> Array:
        column = self.cohort.tables.tables["persons"].column("birth_date")
        days: Array = column.cast("int32").to_numpy()
        return days

    @cached_property
    def n(self) -> int:
        return self.cohort.tables.n_persons

    @cached_property
    def female(self) -> Array:
        sexes = self.cohort.tables.to_pandas("persons")["sex"]
        return (sexes == "female").to_numpy()

    @cached_property
    def age(self) -> Array:
        return (self.day("as_of") - self.born()) / YEAR

    @cached_property
    def released(self) -> Array:
        return self.day("release_on")

    @cached_property
    def detentions(self) -> Facts:
        return self.facts("detentions")

    @cached_property
    def convictions(self) -> Facts:
        return self.facts("convictions")

    @cached_property
    def arrived(self) -> Array:
        """Arrival of the stay in which the index day lies."""
        stays = self.detentions
        arrived = stays.days("arrived_on")
        begun = arrived <= self.day("as_of")[stays.owner]
        return stays.where(begun).last(arrived[begun], arrived[begun])

    @cached_property
    def stay(self) -> Array:
        return self.released - self.arrived

    @cached_property
    def index(self) -> Facts:
        """The index cases, one for each of the people who have one."""
        return self.convictions.where(self.convictions.numbers("index_offence") > 0)

    def has_index(self, *classes: str) -> Array:
        """Whether the index case of each person is of some classes; False where there is none."""
        of_class = self.index.has("offence_class", *classes, vocabulary="offence_class")
        return self.index.count(of_class) > 0

    @cached_property
    def prior(self) -> Facts:
        """Registered cases before the present stay."""
        cases = self.convictions
        is_index = cases.numbers("index_offence") > 0
        return cases.where(~is_index & (cases.days("offence_on") < self.arrived[cases.owner]))

    @cached_property
    def later(self) -> Facts:
        """Registered cases after release."""
        cases = self.convictions
        is_index = cases.numbers("index_offence") > 0
        return cases.where(~is_index & (cases.days("offence_on") > self.released[cases.owner]))

    @cached_property
    def days_after(self) -> Array:
        """Days from release to each later case."""
        return self.later.days("offence_on") - self.released[self.later.owner]

    def has_case_within(self, days: int, chosen: Array | None = None) -> Array:
        """Whether each person has a (chosen) registered case within some days of release."""
        within = self.days_after <= days
        return self.later.count(within if chosen is None else within & chosen) > 0

    @cached_property
    def reoffended(self) -> Array:
        return self.has_case_within(TWO_YEARS)

    @cached_property
    def reoffended_violently(self) -> Array:
        return self.has_case_within(TWO_YEARS, _violent(self.later))


def _violent(cases: Facts) -> Array:
    return cases.has("offence_class", "@violent", vocabulary="offence_class")


def _who(people: _People) -> dict[str, Estimate]:
    age, stay = people.age, people.stay
    classes = {"index_property": "@property", "index_drugs": "drugs", "index_sexual": "sexual"}
    index = people.index
    return {
        "female": share(people.female),
        "age_18_22": share(age < 23),
        "age_23_44": share((age >= 23) & (age < 45)),
        "age_45": share(age >= 45),
        "stay_14_days": share(stay < 14),
        "stay_1_month": share(stay < YEAR / 12),
        "stay_3_months": share(stay < YEAR / 4),
        "stay_6_months": share(stay < YEAR / 2),
        "stay_1_year": share(stay > 365),
        "stay_mean": mean(stay),
        **{
            key: share(index.has("offence_class", code, vocabulary="offence_class"))
            for key, code in classes.items()
        },
    }


def _before(people: _People) -> dict[str, Estimate]:
    stays = people.detentions
    earlier = stays.days("arrived_on") < people.arrived[stays.owner]
    before = stays.count(earlier) > 0
    cases = people.prior.count()
    known = people.convictions.where(~(people.convictions.numbers("index_offence") > 0))
    weeks = (known.days("judged_on") - known.days("offence_on")) / 7.0
    return {
        "detained_before": share(before),
        "detained_before_men": share(before[~people.female]),
        "detained_before_women": share(before[people.female]),
        "detained_before_18_22": share(before[people.age < 23]),
        "no_prior_case": share(cases == 0),
        "many_prior_cases": share(cases >= MANY_CASES),
        "disposal_lag": mean_by_row(weeks, known.owner, people.n),
        "cleared": ratio(cases, people.truth("latent_true_offences").astype(np.float64), 100.0),
    }


def _after(people: _People) -> dict[str, Estimate]:
    seen, prior = people.reoffended, people.prior.count()
    stays = people.detentions
    after = stays.days("arrived_on") - people.released[stays.owner]
    very_serious = people.later.numbers("severity") >= VERY_SERIOUS_FROM_GRADE
    return {
        "any_2y": share(seen),
        "any_1y": share(people.has_case_within(ONE_YEAR)),
        "any_5y": share(people.has_case_within(FIVE_YEARS)),
        "violence_2y": share(people.reoffended_violently),
        "very_serious_2y": share(people.has_case_within(TWO_YEARS, very_serious)),
        "detained_2y": share(stays.count((after > 0) & (after <= TWO_YEARS)) > 0),
        "any_2y_stay_14_days": share(seen[people.stay > 14]),
        "any_2y_no_prior": share(seen[prior == 0]),
        "any_2y_many_prior": share(seen[prior >= MANY_CASES]),
        "any_2y_women": share(seen[people.female]),
        "any_2y_men": share(seen[~people.female]),
        "any_2y_age_50": share(seen[people.age >= 50]),
        "any_2y_property": share(seen[people.has_index("@property")]),
        "any_2y_drugs": share(seen[people.has_index("drugs")]),
        "any_2y_sexual": share(seen[people.has_index("sexual")]),
    }


def _circumstances(people: _People) -> dict[str, Estimate]:
    states = {
        "no_id": "no_id",
        "in_work": "in_work",
        "no_address": "homeless",
        "problematic_debt": "problematic_debt",
        "addicted": "addicted",
        "mental_disorder": "disordered",
        "diagnosed": "diagnosable",
    }
    income, care = people.facts("income_work"), people.recorded("identity_care")
    last = income.where(np.isnan(income.days("until_on")))
    of_screener = _has_text(care, "instrument", "screener")
    screened = care.where(care.has("kind", "intellectual_disability") & of_screener)
    return {
        **{key: share(people.truth(f"latent_{name}")) for key, name in states.items()},
        "no_income": share(last.has("kind", "none")),
        "screened_positive": share(screened.has("finding", "yes")),
        "conditions_known": share(_is_known(people)),
        "debt_relative_risk": relative_risk_of_debt(people),
    }


def _has_text(facts: Facts, column: str, wanted: str) -> Array:
    import pyarrow.compute as pc

    same: Array = pc.equal(facts.texts(column), wanted).fill_null(False).to_numpy(False)
    return same


def _is_known(people: _People) -> Array:
    """Whether all circumstances were inquired into completely before release."""
    inquiries = people.facts("inquiries")
    on_time = inquiries.days("recorded_at") <= people.released[inquiries.owner]
    whole = on_time & (inquiries.numbers("complete") > 0)
    subjects = ("housing", "income_work", "debts", "identity_care")
    known = [inquiries.count(whole & inquiries.has("subject", s)) > 0 for s in subjects]
    return np.logical_and.reduce(known)


def relative_risk_of_debt(people: _People) -> Estimate:
    """Mean risk if all had problematic debts over that if nobody had, the rest as it is.

    The log odds of the true probability are laid out over debts and everything else that risk
    depends on, so that what remains between people with and without debts is the debt. The error
    is that of the two means together with that of the coefficient.
    """
    chance = np.clip(people.truth("probability_any_2y_registered"), 1e-6, 1.0 - 1e-6)
    log_odds = np.log(chance / (1.0 - chance))
    has = people.truth("latent_problematic_debt").astype(np.float64)
    effect, of_effect = _first_coefficient(
        np.column_stack([has, _all_that_matters(people)]), log_odds
    )
    without, with_debt = (
        probability(log_odds - effect * has),
        probability(log_odds + effect * (1.0 - has)),
    )
    found = ratio(with_debt, without)
    rises = np.mean(with_debt * (1.0 - with_debt) * (1.0 - has))
    falls = np.mean(without * (1.0 - without) * has)
    slope = (rises + found.value * falls) / np.mean(without)
    error = float(np.hypot(found.error, slope * of_effect))
    return Estimate(found.value, error, found.method, people.n)


def _first_coefficient(predictors: Array, outcome: Array) -> tuple[float, float]:
    """The first coefficient of a linear regression, and its standard error."""
    inverse = np.linalg.pinv(predictors.T @ predictors)
    coefficients = inverse @ (predictors.T @ outcome)
    rest = outcome - predictors @ coefficients
    variance = float(rest @ rest) / max(len(outcome) - predictors.shape[1], 1)
    return float(coefficients[0]), float(np.sqrt(variance * inverse[0, 0]))


def _all_that_matters(people: _People) -> Array:
    states = ("addicted", "homeless", "in_work", "no_id", "disabled", "prone")
    traits = ("propensity", "momentum")
    index = [people.has_index(code) for code in ("@violent", "drugs", "sexual", "@property")]
    helped = people.cohort.truth.interventions
    columns = [
        np.ones(people.n),
        *(people.truth(f"latent_{name}").astype(np.float64) for name in (*states, *traits)),
        np.log1p(people.truth("latent_prior_cases")),
        people.age,
        people.age**2,
        people.female,
        *index,
        *(helped[name].to_numpy() for name in ("supervision", "debt_help", "housing_help")),
        helped["labour_hours"].to_numpy(),
    ]
    return np.column_stack(columns).astype(np.float64)


def _decisions(people: _People) -> dict[str, Estimate]:
    liberties, assessments = people.facts("liberties"), people.facts("assessments")
    early = liberties.where(
        liberties.has("kind", "conditional_release") & liberties.has("decision", "granted")
    )
    number = np.nan_to_num(early.numbers("special_conditions"))
    movements = people.cohort.truth.liberties
    owner = people.positions(movements["person_id"])
    done = assessments.days("done_on") <= people.released[assessments.owner]
    usable = assessments.count(done & assessments.has("kind", "needs_assessment")) > 0
    return {
        "conditional_release": share(early.count() > 0),
        "special_conditions": share(number > 0),
        "conditions_per_case": mean(number[number > 0]),
        "leave_failure": mean_by_row(movements["failed"].to_numpy(), owner, people.n, 100.0),
        "usable_risc": share(usable),
    }


def _discrimination(people: _People) -> dict[str, Estimate]:
    static = _static(people)
    dynamic = np.column_stack([static, _dynamic(people)])
    seen, violent = people.reoffended, people.reoffended_violently
    alone = _predicted(static, seen)
    return {
        "auc_static": area(seen, alone),
        "auc_violence": area(violent, _predicted(static, violent)),
        "auc_gain": area_gain(seen, _predicted(dynamic, seen), alone),
    }


def _static(people: _People) -> Array:
    prior = people.prior
    cases = prior.count()
    first = (prior.least(prior.days("offence_on")) - people.born()) / YEAR
    codes = people.index.spec.columns["offence_class"].codes
    index = [people.has_index(code) for code in codes]
    columns = [
        np.log1p(cases),
        np.log1p(prior.count(_violent(prior))),
        people.age / 10.0,
        np.where(np.isnan(first), people.age, first) / 10.0,
        people.female,
        *(column for column in index if 0 < column.sum() < people.n),
    ]
    return np.column_stack(columns).astype(np.float64)


def _dynamic(people: _People) -> Array:
    names = ("addicted", "problematic_debt", "homeless", "in_work", "no_id")
    conduct = people.facts("conduct")
    incident = conduct.count(conduct.has("kind", "incident")) > 0
    states = [people.truth(f"latent_{name}") for name in names]
    return np.column_stack([*states, incident]).astype(np.float64)


def _predicted(predictors: Array, outcome: Array) -> Array:
    """The log odds of a logistic regression, for each half of the people fitted on the other."""
    from sklearn.linear_model import LogisticRegression

    half = np.arange(len(outcome)) % 2 == 0
    score = np.zeros(len(outcome))
    for fitted in (half, ~half):
        if len(np.unique(outcome[fitted])) == 2:
            model = LogisticRegression(C=1e6, solver="newton-cholesky", max_iter=100)
            model.fit(predictors[fitted], outcome[fitted])
            score[~fitted] = model.decision_function(predictors[~fitted])
    return score
