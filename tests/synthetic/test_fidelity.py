"""What a cohort is like is measured as an independent reckoning would, and differences are found."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from risicoscreener.dossier.record import (
    AuditFact,
    Conduct,
    Conviction,
    Debt,
    Detention,
    Dossier,
    Housing,
    IdentityCare,
    IncomeWork,
    Inquiry,
    Liberty,
    Person,
    Programme,
    VictimFact,
)
from risicoscreener.dossier.tables import DossierTables
from risicoscreener.errors import DataError
from risicoscreener.synthetic import load_parameters, simulate
from risicoscreener.synthetic.fidelity import (
    check_structure,
    compare,
    dependence,
    describe,
    marginals,
    quantities,
    reoffended,
    tell_apart,
)

AS_OF = dt.date(2024, 6, 1)
STRUCTURE = tomllib.loads(
    (files("risicoscreener.synthetic.fidelity") / "structure.toml").read_text("utf-8")
)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def conviction(offence: str, judged: str = "", recorded: str = "", **fields) -> Conviction:
    judged = judged or offence
    given = {"offence_class": "theft", "sanction": "fine", "severity": 1, **fields}
    return Conviction(
        offence_on=day(offence),
        judged_on=day(judged),
        recorded_at=day(recorded or judged),
        **given,
    )


def conduct(on: str, kind: str, grade: str, **fields) -> Conduct:
    return Conduct(
        occurred_on=day(on),
        recorded_at=day(on),
        kind=kind,
        grade=grade,
        category="living_climate",
        **fields,
    )


def person(number: int, born: str = "1990-06-01", **parts) -> Dossier:
    who = Person(birth_date=day(born), sex=parts.pop("sex", "male"))
    return Dossier(person_id=f"P-{number}", person=who, **parts)


def full() -> Dossier:
    """A person in whose dossier every quantity has a value that can be counted by hand."""
    return person(
        1,
        sex="female",
        detentions=[
            Detention(
                arrived_on=day("2020-01-01"),
                released_on=day("2020-03-01"),
                regime="remand",
                recorded_at=day("2020-01-01"),
            ),
            Detention(
                arrived_on=day("2024-03-03"),
                regime="sentence",
                sentence_days=200,
                expected_release_on=day("2024-09-09"),
                released_on=day("2024-09-09"),
                recorded_at=day("2024-03-03"),
            ),
        ],
        convictions=[
            conviction("2010-06-01"),
            conviction("2015-06-01", offence_class="robbery", severity=4),
            conviction("2023-06-02", offence_class="violence", severity=2, index_offence=True),
            conviction("2023-01-01", "2024-05-01", "2024-06-02"),  # not known yet
            conviction("2024-04-20", "2024-05-01"),  # in the present stay
        ],
        debts=[
            Debt(kind="fine", creditor="state", amount_eur=500.0, since=day("2020-01-01"),
                 recorded_at=day("2024-03-10")),
            Debt(kind="rent", creditor="landlord", amount_eur=900.0, since=day("2020-01-01"),
                 until=day("2024-05-01"), recorded_at=day("2024-03-10")),
            Debt(kind="tax", creditor="state", amount_eur=300.0, since=day("2020-01-01"),
                 until=day("2024-08-01"), recorded_at=day("2024-03-10")),
        ],
        housing=[
            Housing(status="own_address", from_on=day("2015-01-01"),
                    until_on=day("2022-01-01"), recorded_at=day("2024-03-10")),
            Housing(status="shelter", from_on=day("2022-01-01"), recorded_at=day("2024-03-10")),
        ],
        income_work=[
            IncomeWork(kind="none", from_on=day("2022-01-01"), recorded_at=day("2024-03-10")),
        ],
        identity_care=[
            IdentityCare(kind="valid_id", finding="no", from_on=day("2024-03-10"),
                         recorded_at=day("2024-03-10")),
            IdentityCare(kind="addiction", finding="yes", from_on=day("2024-03-10"),
                         recorded_at=day("2024-03-10")),
            IdentityCare(kind="mental_health", finding="unclear", from_on=day("2024-03-10"),
                         recorded_at=day("2024-03-10")),
        ],
        conduct=[
            conduct("2020-02-01", "incident", "undesired"),  # in an earlier stay
            conduct("2024-04-01", "incident", "undesired", discipline="warning"),
            conduct("2024-04-08", "incident", "intolerable"),
            conduct("2024-04-15", "week_review", "desired"),
            conduct("2024-04-22", "week_review", "undesired"),
            conduct("2024-07-01", "incident", "intolerable"),  # not known yet
        ],
        programme=[
            Programme(kind="promotion", occurred_on=day("2024-04-01"),
                      recorded_at=day("2024-04-01")),
            Programme(kind="goal", goal="debts", occurred_on=day("2024-04-01"), status="met",
                      status_on=day("2024-05-01"), recorded_at=day("2024-04-01")),
            Programme(kind="goal", goal="housing", occurred_on=day("2024-04-01"), status="met",
                      status_on=day("2024-07-01"), recorded_at=day("2024-04-01")),
            Programme(kind="labour", occurred_on=day("2024-04-01"), hours=10.0,
                      recorded_at=day("2024-04-01")),
            Programme(kind="labour", occurred_on=day("2024-05-01"), hours=20.0,
                      recorded_at=day("2024-05-01")),
        ],
        liberties=[
            Liberty(kind="short_leave", asked_on=day("2024-04-01"), decision="granted",
                    decided_on=day("2024-04-10"), started_on=day("2024-05-01"), outcome="late",
                    ended_on=day("2024-05-02"), recorded_at=day("2024-04-10")),
            Liberty(kind="short_leave", asked_on=day("2024-05-01"), decision="denied",
                    decided_on=day("2024-05-10"), recorded_at=day("2024-05-10")),
            Liberty(kind="short_leave", asked_on=day("2024-05-15"), decision="granted",
                    decided_on=day("2024-05-20"), started_on=day("2024-06-10"),
                    recorded_at=day("2024-05-20")),
        ],
        victims=[VictimFact(known_on=day("2024-04-01"), interest="known",
                            recorded_at=day("2024-04-01"))],
        audit=[AuditFact(attribute="origin_group", value="born_abroad",
                         noted_on=day("2024-03-03"), recorded_at=day("2024-03-03"))],
    )  # fmt: skip


EXPECTED = {
    "age": 34.0,
    "female": 1.0,
    "origin_group": "born_abroad",
    "regime": "sentence",
    "days_served": 90.0,
    "sentence_days": 200.0,
    "days_to_release": 100.0,
    "earlier_stays": 1.0,
    "prior_cases": 2.0,
    "prior_violent_cases": 1.0,
    "age_at_first_case": 20.0,
    "years_since_last_case": 9.0,
    "index_class": "violence",
    "index_violent": 1.0,
    "index_severity": 2.0,
    "debts": 2.0,
    "debts_eur": 800.0,
    "homeless": 1.0,
    "in_work": 0.0,
    "no_income": 1.0,
    "no_id": 1.0,
    "uninsured": np.nan,
    "treated": np.nan,
    "addicted": 1.0,
    "disordered": np.nan,
    "disabled": np.nan,
    "incidents": 2.0,
    "sanctioned": 1.0,
    "undesired_reviews": 0.5,
    "on_plus": 1.0,
    "goals": 2.0,
    "goals_met": 1.0,
    "labour_hours": 15.0,
    "visits_per_week": 0.0,
    "leaves": 1.0,
    "leaves_denied": 1.0,
    "leave_failed": 1.0,
    "victim_interest": 1.0,
    "assessed": 0.0,
}


@pytest.fixture(scope="module")
def one() -> pd.Series:
    tables = DossierTables.from_dossiers([full()])
    return quantities(tables, AS_OF).iloc[0]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_quantity_is_what_can_be_counted_by_hand(one, name):
    expected = EXPECTED[name]
    if isinstance(expected, str):
        assert one[name] == expected
    else:
        assert one[name] == pytest.approx(expected, abs=0.01, nan_ok=True)


def test_every_quantity_is_counted_by_hand_and_has_a_meaning(one):
    assert list(one.index) == list(EXPECTED)
    assert {*EXPECTED, "reoffended"} == set(STRUCTURE["quantities"])


def test_what_was_not_inquired_is_unknown_and_what_was_found_empty_is_none():
    asked = Inquiry(
        subject="debts",
        source="collection_agency",
        consulted_on=day("2024-01-01"),
        complete=True,
        recorded_at=day("2024-01-01"),
    )
    tables = DossierTables.from_dossiers([person(1), person(2, inquiries=[asked])])
    found = quantities(tables, AS_OF)
    assert found["debts"].isna().tolist() == [True, False]
    assert found["debts"].iloc[1] == 0.0
    assert found["homeless"].isna().all()


def test_a_corrected_fact_counts_from_the_day_of_the_correction_on():
    first = {"arrived_on": day("2024-01-01"), "recorded_at": day("2024-01-01"), "fact_id": "a"}
    later = {
        "arrived_on": day("2024-01-01"),
        "recorded_at": day("2024-02-01"),
        "fact_id": "b",
        "supersedes": "a",
    }
    stays = [Detention(regime="remand", **first), Detention(regime="sentence", **later)]
    tables = DossierTables.from_dossiers([person(1, detentions=stays)])
    found = [quantities(tables, day(d))["regime"].iloc[0] for d in ("2024-01-31", "2024-02-01")]
    assert found == ["remand", "sentence"]


def test_a_correction_of_another_person_with_the_same_id_of_the_fact_does_not_count():
    stay = Detention(
        arrived_on=day("2024-01-01"), recorded_at=day("2024-01-01"), regime="remand", fact_id="a"
    )
    other = Detention(
        arrived_on=day("2024-01-01"),
        recorded_at=day("2024-01-02"),
        regime="isd",
        fact_id="b",
        supersedes="a",
    )
    people = [person(1, detentions=[stay]), person(2, detentions=[stay, other])]
    found = quantities(DossierTables.from_dossiers(people), AS_OF)
    assert found["regime"].tolist() == ["remand", "isd"]


def test_a_replaced_fact_does_not_count_beside_the_one_that_replaced_it():
    first = conviction("2015-01-01", fact_id="a")
    second = conviction("2015-01-02", fact_id="b", supersedes="a")
    tables = DossierTables.from_dossiers([person(1, convictions=[first, second])])
    assert quantities(tables, AS_OF)["prior_cases"].tolist() == [1.0]


def test_ids_of_facts_are_not_mixed_up_with_the_number_of_the_person():
    people = [person(i) for i in range(12)]
    people[1].convictions = [
        conviction("2015-01-01", fact_id="1a"),
        conviction("2015-01-02", fact_id="b", supersedes="1a"),
    ]
    people[11].convictions = [conviction("2015-01-01", fact_id="a")]
    found = quantities(DossierTables.from_dossiers(people), AS_OF)["prior_cases"]
    assert found[["P-1", "P-11"]].tolist() == [1.0, 1.0]


def test_quantities_of_a_cohort_do_not_come_from_what_happens_after_the_index_day():
    cohort = simulate(1000, seed=4)
    days = cohort.truth.persons["as_of"]
    tables = cohort.tables.tables
    early = {"persons": tables["persons"]}
    for name, table in tables.items():
        if name != "persons":
            limit = days.to_numpy()[cohort.tables.owners(name)]
            known = table.to_pandas(date_as_object=False)["recorded_at"].to_numpy() <= limit
            early[name] = table.filter(known)
    pd.testing.assert_frame_equal(
        quantities(DossierTables.from_arrow(early), days), quantities(cohort.tables, days)
    )


def test_days_may_come_in_another_order_than_the_people():
    tables = DossierTables.from_dossiers([person(1), person(2)])
    days = pd.Series({"P-2": "2020-06-01", "P-1": "2010-06-01"})
    assert quantities(tables, days)["age"].round().tolist() == [20.0, 30.0]
    frame = days.rename_axis("person_id").rename("as_of").reset_index()
    assert quantities(tables, frame)["age"].round().tolist() == [20.0, 30.0]


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (pd.Series({"P-1": "2020-01-01"}), "no day for 'P-2'"),
        (pd.Series(["2020-01-01"] * 3, ["P-1", "P-1", "P-2"]), "several days for 'P-1'"),
        (pd.DataFrame({"person_id": ["P-1", "P-2"]}), r"lacks the columns \['as_of'\]"),
    ],
)
def test_a_person_without_exactly_one_day_is_refused(days, message):
    tables = DossierTables.from_dossiers([person(1), person(2)])
    with pytest.raises(DataError, match=message):
        quantities(tables, days)


def test_tables_without_an_index_day_are_not_described():
    tables = DossierTables.from_dossiers([person(1)])
    with pytest.raises(DataError, match="give as_of"):
        describe(tables)
    with pytest.raises(DataError, match="expected describe"):
        compare(tables, tables)


# Marginals


@pytest.fixture(scope="module")
def three() -> pd.DataFrame:
    people = [
        person(1, convictions=[conviction("2020-01-01", "2020-03-31"), conviction("2021-01-01")]),
        person(2, convictions=[conviction("2020-01-01", offence_class="fraud")]),
        person(3),
        person(4),
    ]
    tables = DossierTables.from_dossiers(people)
    return marginals(tables, quantities(tables, AS_OF)).frame.set_index(
        ["table", "quantity", "statistic"]
    )


@pytest.mark.parametrize(
    ("table", "quantity", "statistic", "value"),
    [
        ("convictions", "rows per person", "mean", 0.75),
        ("convictions", "rows per person", "q50", 0.5),
        ("convictions", "offence_class", "share of theft", 2 / 3),
        ("convictions", "offence_class", "share of fraud", 1 / 3),
        ("convictions", "offence_class", "share of unknown", 0.0),
        ("convictions", "custodial_days", "share of unknown", 1.0),
        ("convictions", "offence_on to judged_on (days)", "mean", 30.0),
        ("convictions", "offence_on to judged_on (days)", "q95", 81.0),
        ("person", "prior_cases", "mean", 0.75),
        ("person", "age_at_first_case", "share of unknown", 0.5),
    ],
)
def test_a_marginal_is_what_can_be_counted_by_hand(three, table, quantity, statistic, value):
    assert three.loc[(table, quantity, statistic), "value"] == pytest.approx(value)


def test_the_number_of_people_counts_who_has_such_rows(three):
    row = three.loc[("convictions", "offence_class", "share of theft")]
    assert row["people"] == 2
    assert row["spread"] == pytest.approx(np.sqrt(2 / 9))


# Dependence


@pytest.fixture(scope="module")
def mixed() -> pd.DataFrame:
    """Numbers, yes or no, and codes, some unknown, with ties."""
    rng = np.random.default_rng(5)
    n = 400
    x = rng.poisson(3.0, n).astype(float)
    frame = pd.DataFrame(
        {
            "x": x,
            "y": np.where(rng.random(n) < 0.2, np.nan, x + rng.normal(0, 2, n)),
            "yes": np.where(rng.random(n) < 0.3, np.nan, (x + rng.normal(0, 2, n) > 3) * 1.0),
            "code": pd.Categorical(
                np.where(x > rng.normal(3, 2, n), "a", rng.choice(["b", "c"], n))
            ),
        }
    )
    return frame.assign(other=pd.Categorical(rng.choice(["k", "l"], n)))


def association(frame: pd.DataFrame, first: str, second: str) -> pd.Series:
    found = dependence(frame).frame.set_index(["first", "second"])
    return found.loc[(first, second)]


@pytest.mark.parametrize("second", ["y", "yes"])
def test_numbers_are_associated_by_the_rank_correlation_of_who_is_known(mixed, second):
    known = mixed[["x", second]].dropna()
    expected = stats.spearmanr(known["x"], known[second]).statistic
    found = association(mixed, "x", second)
    assert found["value"] == pytest.approx(expected, abs=1e-12)
    assert found["people"] == len(known)
    assert found["z"] == pytest.approx(np.arctanh(expected) * np.sqrt((len(known) - 3) / 1.06))


def test_a_number_is_associated_with_codes_as_kruskal_and_wallis_have_it(mixed):
    groups = [part["y"].dropna() for _, part in mixed.groupby("code", observed=True)]
    h, n = stats.kruskal(*groups).statistic, mixed["y"].notna().sum()
    assert association(mixed, "y", "code")["value"] == pytest.approx(np.sqrt(h / (n - 1)))


def test_codes_are_associated_by_the_v_of_cramer(mixed):
    table = pd.crosstab(mixed["code"], mixed["other"])
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    expected = np.sqrt(chi2 / len(mixed) / (min(table.shape) - 1))
    assert association(mixed, "code", "other")["value"] == pytest.approx(expected)


def test_the_matrix_is_symmetric_with_ones_on_the_diagonal(mixed):
    matrix = dependence(mixed).matrix.to_numpy()
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_array_equal(np.diag(matrix), 1.0)


def test_a_quantity_that_is_the_same_for_all_has_no_association(mixed):
    assert np.isnan(association(mixed.assign(same=1.0), "x", "same")["value"])


# Causal structure


@pytest.fixture(scope="module")
def base():
    return simulate(12_000, seed=11)


@pytest.fixture(scope="module")
def described(base):
    return describe(base)


def test_the_generator_has_the_signs_and_orders_of_its_causal_structure(described):
    checks = described.structure.frame
    assert checks.loc[checks["holds"] == "no", "claim"].tolist() == []
    assert (checks["holds"] == "yes").mean() > 0.9


def test_a_reversed_dependence_is_found(described):
    turned = described.quantities.assign(prior_cases=-described.quantities["prior_cases"])
    checks = check_structure(turned).frame.set_index("claim")
    assert checks.loc["prior_cases and age", "holds"] == "no"
    assert not check_structure(turned).holds
    assert described.structure.holds


def test_a_dependence_that_was_shuffled_away_is_unclear(described):
    rng = np.random.default_rng(1)
    mixed_up = rng.permutation(described.quantities["addicted"].to_numpy())
    checks = check_structure(described.quantities.assign(addicted=mixed_up)).frame
    assert checks.set_index("claim").loc["addicted and homeless", "holds"] == "unclear"


@pytest.mark.parametrize("claim", [*STRUCTURE["pair"], *STRUCTURE["order"]], ids=str)
def test_a_claim_of_the_structure_is_about_quantities_and_has_a_source(claim):
    names = [claim.get("first"), claim.get("second"), *claim.get("stronger", ())]
    names += [*claim.get("weaker", ()), *claim.get("above", ())]
    assert {name for name in names if name} <= set(STRUCTURE["quantities"])
    assert claim["mark"] in "CDMA"
    assert claim["source"]


# Time structure


def released(number: int, on: str, *cases: str) -> Dossier:
    """Ten days inside until a day; each case is judged and recorded a hundred days after it."""
    later = [conviction(c, (day(c) + dt.timedelta(days=100)).isoformat()) for c in cases]
    stay = Detention(
        arrived_on=day(on) - dt.timedelta(days=10),
        released_on=day(on),
        regime="sentence",
        recorded_at=day(on) - dt.timedelta(days=10),
    )
    return person(number, "1980-01-01", detentions=[stay], convictions=later)


@pytest.fixture(scope="module")
def followed():
    people = [
        released(1, "2015-01-01", "2015-07-02"),
        released(2, "2015-01-01", "2017-07-02", "2017-07-12"),
        released(3, "2018-01-01"),  # followed less than two years
        released(4, "2015-01-01"),
    ]
    people[3].conduct = [conduct("2020-01-01", "week_review", "desired")]  # registers read
    days = pd.Series({p.person_id: p.detentions[0].arrived_on for p in people})
    return describe(DossierTables.from_dossiers(people), days)


def at(described, aspect: str) -> pd.Series:
    return described.time.aspect(aspect).set_index("at")["value"]


def test_the_first_case_after_release_allows_for_who_was_followed_less_long(followed):
    found = at(followed, "first registered case after release")
    assert found["1 years"] == pytest.approx(1 / 4)
    assert found["3 years"] == pytest.approx(1 - 3 / 4 * 1 / 2)


def test_the_end_of_the_register_in_which_cases_are_still_missing_is_left_out():
    people = [released(1, "2015-01-01"), released(2, "2018-01-01"), released(3, "2015-01-01")]
    people[0].convictions = [conviction("2015-07-02", "2015-08-21")]  # 50 days
    people[1].convictions = [conviction("2019-12-01", "2019-12-21")]  # 20 days
    people[2].conduct = [conduct("2020-01-01", "week_review", "desired")]
    days = pd.Series({p.person_id: p.detentions[0].arrived_on for p in people})
    # 35 days and twice 15 before the register was read: the case of December 2019 is too late.
    found = at(
        describe(DossierTables.from_dossiers(people), days), "first registered case after release"
    )
    assert found["2 years"] == pytest.approx(1 / 3)


def test_the_first_case_stands_beside_the_published_curve(followed):
    rows = followed.time.aspect("first registered case after release").set_index("at")
    curve = load_parameters()["outcomes.curve"]
    expected = curve["ceiling"] * (1 - np.exp(-curve["rate"] * 2.0 ** curve["shape"]))
    assert rows.loc["2 years", "expected"] == pytest.approx(expected)
    assert expected == pytest.approx(0.47, abs=0.005)


def test_gaps_run_from_one_case_to_the_next_of_the_same_person(followed):
    assert at(followed, "gap to the next case").to_dict() == {"after case 1 to 2": 10.0}


def test_lags_run_from_offence_to_judgment_and_to_the_record(followed):
    found = at(followed, "lag of registration")
    assert found.to_dict() == {"offence to judgment": 100.0, "judgment to record": 0.0}


def test_weekdays_are_those_of_the_calendar(followed):
    found = at(followed, "weekday of an offence")
    days = [day(d).strftime("%A") for d in ("2015-07-02", "2017-07-02", "2017-07-12")]
    assert found[found > 0].to_dict() == dict.fromkeys(days, pytest.approx(1 / 3))


def test_crime_by_age_counts_years_of_life_with_a_case():
    cases = [conviction(d) for d in ("1996-06-01", "1996-09-01", "1998-06-01")]
    tables = DossierTables.from_dossiers([person(1, "1980-01-01", convictions=cases)])
    found = at(describe(tables, day("2001-01-02")), "year of life with a case")
    assert found["age 15 to 17"] == pytest.approx(1 / 3)  # at 16; twice in one year
    assert found["age 18 to 20"] == pytest.approx(1 / 3)  # at 18
    assert "age 21 to 24" not in found.index  # not lived a whole year of it


def test_conduct_by_week_counts_weeks_with_an_incident():
    stay = Detention(
        arrived_on=day("2024-01-01"),
        released_on=day("2024-02-26"),  # eight weeks
        regime="sentence",
        recorded_at=day("2024-01-01"),
    )
    on = ("2024-01-02", "2024-01-03", "2024-01-09", "2024-02-20")
    rows = [conduct(d, "incident", "undesired") for d in on]
    tables = DossierTables.from_dossiers([person(1, detentions=[stay], conduct=rows)])
    found = at(describe(tables, day("2024-02-01")), "week of the stay with an incident")
    assert found["week 1 to 4"] == pytest.approx(2 / 4)
    assert found["week 5 to 13"] == pytest.approx(1 / 4)


def test_leaves_are_placed_in_the_part_of_the_stay_that_was_served():
    stay = Detention(
        arrived_on=day("2024-01-01"),
        released_on=day("2024-04-10"),  # a hundred days
        regime="sentence",
        recorded_at=day("2024-01-01"),
    )
    leaves = [
        Liberty(
            kind="short_leave",
            asked_on=day(d),
            decision="granted",
            decided_on=day(d),
            started_on=day(d),
            recorded_at=day(d),
        )
        for d in ("2024-03-01", "2024-04-01", "2024-04-10")
    ]
    tables = DossierTables.from_dossiers([person(1, detentions=[stay], liberties=leaves)])
    found = at(describe(tables, day("2024-02-01")), "part of the stay in which a leave begins")
    assert found.to_list() == pytest.approx([0.0, 0.0, 1 / 3, 2 / 3])


def test_offences_are_spread_evenly_over_the_week_and_the_year(described):
    found = at(described, "offences over the calendar")
    assert (found < 0.02).all()


def test_an_outcome_that_the_registers_cannot_show_yet_is_unknown():
    people = [released(1, "2015-01-01", "2015-07-02"), released(2, "2018-01-01")]
    people[1].conduct = [conduct("2020-01-01", "week_review", "desired")]
    tables = DossierTables.from_dossiers(people)
    as_of = np.array([(p.detentions[0].arrived_on - dt.date(1970, 1, 1)).days for p in people])
    np.testing.assert_array_equal(reoffended(tables, as_of), [1.0, np.nan])


def test_reoffending_is_what_the_truth_says_a_register_shows():
    ripe = simulate(3000, seed=2, changes={"calendar.extracted_on": dt.date(2150, 1, 1)})
    days = ripe.truth.persons["as_of"].to_numpy().astype("datetime64[D]").astype(float)
    shown = ripe.truth.persons["any_2y_seen"].to_numpy()
    np.testing.assert_array_equal(reoffended(ripe.tables, days), shown)


# Comparison


@pytest.fixture(scope="module")
def biased():
    changes = {
        "registration.detection_odds_ratio": 2.0,
        "registration.history_odds_ratio": 2.0,
    }
    return simulate(12_000, seed=11, changes=changes)


@pytest.fixture(scope="module")
def compared(described, biased):
    return compare(described, biased)


def test_a_cohort_does_not_differ_from_itself(described):
    itself = compare(described, described)
    assert itself.auc == pytest.approx(0.5)
    assert len(itself.largest(10)) == 0


def test_two_halves_of_a_cohort_differ_by_no_more_than_noise(base):
    half = np.arange(12_000) % 2 == 0
    a, b = (describe(base.tables.select(who), base.truth.persons["as_of"]) for who in (half, ~half))
    halves = compare(a, b)
    assert len(halves.largest(100)) <= 2
    assert halves.told_apart.interval[0] < 0.51


def test_unequal_registration_is_found_where_it_is(compared):
    found = compared.largest(6)
    touched = found["what"].str.contains("origin_group|cases|convictions|stays|detentions")
    assert touched.all()
    assert found["what"].iloc[0] == "origin_group, prior_cases, eta"


def test_two_populations_are_told_apart(described):
    other = compare(described, simulate(2000, seed=1, population="sentenced"))
    assert other.auc > 0.95
    assert "person, regime, share of sentence" in set(other.largest(20)["what"])


def test_a_standardised_difference_is_in_standard_deviations():
    a, b = (
        describe(
            DossierTables.from_dossiers([person(i, born) for i, born in enumerate(births)]), AS_OF
        )
        for births in (["1990-06-01", "2000-06-01"] * 30, ["1980-06-01", "1990-06-01"] * 30)
    )
    rows = compare(a, b).marginals.frame.set_index(["quantity", "statistic"]).sort_index()
    age = rows.loc[("age", "mean")].iloc[0]
    assert age["effect"] == pytest.approx(10 / 5, rel=1e-3)
    assert age["z"] == pytest.approx(2 / np.sqrt(2 / 60), rel=1e-3)
    assert age["size"] == pytest.approx(10.0, rel=1e-3)


def test_a_code_that_only_one_cohort_has_is_compared_with_none(described):
    other = describe(simulate(300, seed=1, population="sentenced"))
    found = compare(described, other).marginals.frame
    shares = found[found["statistic"].str.startswith("share of")]
    assert shares[["a", "b"]].notna().all(axis=None)


def test_the_difference_of_an_association_is_taken_after_fishers_transform(compared):
    found = compared.dependence.frame.set_index(["first", "second"])
    row = found.loc[("age", "prior_cases")]
    assert row["effect"] == pytest.approx(np.arctanh(row["b"]) - np.arctanh(row["a"]))
    noise = np.sqrt(2 * 1.06 / (12_000 - 3))
    assert row["z"] == pytest.approx(row["effect"] / noise)


def numbers(n: int, shift: float, seed: int) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(shift, 1.0, (n, 2))
    return pd.DataFrame(values, columns=["u", "v"], index=[f"{seed}-{i}" for i in range(n)])


def test_two_samples_of_one_distribution_are_not_told_apart():
    found = tell_apart(numbers(1500, 0.0, 1), numbers(1500, 0.0, 2))
    assert found.interval[0] < 0.5 < found.interval[1]


def test_a_known_shift_is_told_apart_as_well_as_can_be():
    found = tell_apart(numbers(3000, 0.0, 1), numbers(3000, 0.5, 2))
    best = stats.norm.cdf(0.5 * np.sqrt(2) / np.sqrt(2))
    assert found.auc == pytest.approx(best, abs=0.03)
    assert found.auc < best + 0.01


def test_the_standard_error_is_that_of_the_scores_of_many_samples():
    pairs = [tell_apart(numbers(200, 0.0, 2 * i), numbers(200, 0.6, 2 * i + 1)) for i in range(24)]
    spread = np.std([found.auc for found in pairs], ddof=1)
    assert np.mean([found.standard_error for found in pairs]) == pytest.approx(spread, rel=0.4)


def test_a_person_in_both_samples_is_not_recognised():
    a = numbers(400, 0.0, 1)
    assert tell_apart(a, a).auc == pytest.approx(0.5, abs=0.02)


def test_samples_with_other_columns_are_refused():
    with pytest.raises(DataError, match=r"other quantities: \['u'\]"):
        tell_apart(numbers(100, 0.0, 1), numbers(100, 0.0, 2).drop(columns="u"))


def test_too_few_people_are_not_told_apart():
    with pytest.raises(DataError, match="at least 50"):
        tell_apart(numbers(100, 0.0, 1), numbers(49, 0.0, 2))


# What people see


def test_a_description_is_shown_as_tables(described):
    assert described.to_markdown().startswith("## Dossiers of 12,000 people")
    assert "| prior_cases and age | + |" in described.to_markdown()
    assert "<table" in described._repr_html_()


def test_a_comparison_is_shown_with_its_overall_figure_first(compared):
    text = compared.to_markdown().splitlines()
    assert text[2] == str(compared.told_apart)
    assert "origin_group" in text[6]
    assert "<table" in compared._repr_html_()


def test_results_are_plain_values_that_json_can_hold(described, compared):
    plain = [described.to_dict(), compared.to_dict(3)]
    again = json.loads(json.dumps(plain, allow_nan=False))
    assert again == plain
    assert again[0]["people"] == 12_000
    assert len(again[1]["largest"]) == 3


def test_no_person_is_in_the_plain_values_of_a_description(described):
    assert "SYN-" not in json.dumps(described.to_dict())
