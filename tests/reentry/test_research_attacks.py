"""Attacks on exports for research: who is it, when was it, and what do two exports tell together."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import random
from collections import Counter
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.dossier import Dossier
from risicoscreener.dossier.record import Conduct, Conviction, Debt, Detention, Person
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing.research import (
    Pseudonyms,
    cell_table,
    export,
    measure,
    open_export,
    shipped_project,
)
from risicoscreener.reentry.sharing.research.anonymity import UNKNOWN, Before, recode
from risicoscreener.screening.record import Actor, open_log

KEY = b"k" * 32
DAY = dt.date(2022, 6, 1)
K = 5


def day(number: int) -> dt.date:
    return DAY - dt.timedelta(days=number)


def person(
    number: int,
    *,
    arrived: int = 1500,
    sex: str = "male",
    offence: str | None = None,
    conduct: tuple[int, ...] = (),
    born: int = 1990,
    severity: int = 3,
    index_offence: bool = True,
    debts: tuple[float, ...] = (),
    prison: str = "PI-1",
) -> Dossier:
    """Somebody who arrived so many days ago, and what happened so many days ago."""
    chosen = offence or ("theft", "drugs")[number % 2]
    return Dossier(
        person_id=f"case-{number:04}",
        person=Person(birth_date=dt.date(born, 1, 1), sex=sex),
        detentions=[
            Detention(
                recorded_at=day(arrived), arrived_on=day(arrived), regime="sentence",
                prison=prison, sentence_days=400,
            )
        ],
        convictions=[
            Conviction(
                recorded_at=day(arrived), offence_class=chosen, offence_on=day(arrived + 100),
                judged_on=day(arrived), sanction="custodial", severity=severity,
                index_offence=index_offence,
            )
        ],
        conduct=[
            Conduct(
                recorded_at=day(ago), occurred_on=day(ago), kind="incident",
                category="living_climate", grade="intolerable",
            )
            for ago in conduct
        ],
        debts=[
            Debt(recorded_at=day(arrived), kind="fine", creditor="state", amount_eur=amount,
                 since=day(arrived))
            for amount in debts
        ],
    )  # fmt: skip


def project(**changes: Any) -> Any:
    """A study of people by sex and regime, by default without facts."""
    shipped = shipped_project()
    quasi = tuple(v for v in shipped.quasi if v.name in ("sex", "regime"))
    return msgspec.structs.replace(
        shipped, **{"quasi": quasi, "tables": (), "date_step": 1, "most_left_out": 0.3, **changes}
    )


def pseudonyms(of: Any) -> Pseudonyms:
    return Pseudonyms(KEY, of.id, of.shift_days, of.receiver)


# --- when was it ------------------------------------------------------------------------------


def test_the_last_day_of_somebody_who_is_inside_does_not_tell_the_shift():
    """Of who is inside something is recorded nearly every day: without more the last one tells."""
    people = [person(i, conduct=tuple(range(0, 700, 3))) for i in range(40)]
    study = project(tables=("conduct",), shift_days=180)
    made = export(people, study, KEY, DAY)
    last = made.facts["conduct"].groupby("pseudonym").occurred_on.max()
    ends = [(day(180) - on).days for on in last]
    assert min(ends) >= 0
    assert max(ends) <= 3  # the step between two facts, whatever the shift is
    whose = pseudonyms(study)
    shifts = {whose.pseudonym(one.person_id): whose.shift(one.person_id) for one in people}
    assert len(set(shifts.values())) > 30
    guessed = [(on - DAY).days for on in last]
    true = [shifts[name] for name in last.index]
    assert sum(abs(g - t) <= 3 for g, t in zip(guessed, true, strict=True)) <= 4


def test_what_became_known_after_the_last_day_of_a_person_is_nowhere():
    people = [person(i, conduct=tuple(range(0, 700, 7))) for i in range(30)]
    study = project(tables=("conduct", "detentions", "convictions"))
    made = export(people, study, KEY, DAY)
    for frame in made.facts.values():
        for name in frame.columns:
            days = [one for one in frame[name] if isinstance(one, dt.date)]
            assert not [one for one in days if one > day(study.shift_days)]


def test_a_planned_day_after_the_last_day_of_a_person_tells_nothing(monkeypatch):
    """No column for research has one today; another table of purposes could name one."""
    from risicoscreener.reentry.sharing.research import exporting

    named = exporting.purpose_of_research(DAY)
    fields = {**named.fields, "detentions": (*named.fields["detentions"], "expected_release_on")}
    wider = msgspec.structs.replace(named, fields=fields)
    monkeypatch.setattr(exporting, "purpose_of_research", lambda on: wider)

    def expected(one: Dossier, on: dt.date) -> Dossier:
        stay = msgspec.structs.replace(one.detentions[0], expected_release_on=on)
        return msgspec.structs.replace(one, detentions=[stay])

    people = [expected(person(i), day(-20) if i % 2 else day(1000)) for i in range(30)]
    made = export(people, project(tables=("detentions",)), KEY, DAY)
    shown = made.facts["detentions"].expected_release_on
    assert shown.isna().sum() == 15
    assert shown.dropna().max() < day(180)


def test_who_was_not_known_on_their_last_day_is_left_out_and_counted():
    people = [person(i) for i in range(20)] + [person(50 + i, arrived=1) for i in range(6)]
    made = export(people, project(), KEY, DAY)
    assert (made.report.people_given, made.report.not_yet, made.report.people) == (26, 6, 20)
    assert "of 6 nothing was known yet" in made.report.text("en")


def test_a_period_among_the_quasi_identifiers_is_that_of_the_shifted_date():
    """The true year beside a shifted day bounds the shift, at the turn of a year to a day."""
    quasi = tuple(v for v in shipped_project().quasi if v.name == "arrived")
    people = [person(i, arrived=1200 + 30 * i) for i in range(60)]
    study = project(quasi=quasi, tables=("detentions",), most_left_out=1.0)
    made = export(people, study, KEY, DAY)
    assert made.report.steps["arrived"] == "year"
    shown = made.facts["detentions"].set_index("pseudonym").arrived_on
    years = made.persons.set_index("pseudonym").arrived
    assert len(years) > 20
    assert all(str(shown[name].year) == year for name, year in years.items())
    true = {
        pseudonyms(study).pseudonym(one.person_id): one.detentions[0].arrived_on for one in people
    }
    assert any(str(true[name].year) != year for name, year in years.items())


def test_the_day_of_the_week_is_not_kept():
    people = [person(i, conduct=tuple(range(400, 1400, 7))) for i in range(30)]
    made = export(people, project(tables=("conduct",), date_step=7), KEY, DAY)
    assert len({one.weekday() for one in made.facts["conduct"].occurred_on}) == 1


# --- who is it --------------------------------------------------------------------------------


def test_a_dictionary_of_everybody_gives_no_pseudonym_without_the_key():
    people = [person(i) for i in range(30)]
    made = export(people, project(), KEY, DAY)
    known = set(made.persons.pseudonym)
    for one in people:
        said = one.person_id.encode()
        tried = [
            hashlib.sha256(said).hexdigest(),
            hashlib.sha256(b"example" + said).hexdigest(),
            hmac.new(b"example", said, hashlib.sha256).hexdigest(),
            hmac.new(b"\0" * 32, said, hashlib.sha256).hexdigest(),
            Pseudonyms(b"o" * 32, "example", 180).pseudonym(one.person_id)[1:],
        ]
        assert not {f"p{digest[:32]}" for digest in tried} & known


def test_two_receivers_of_one_study_get_other_pseudonyms_and_other_days():
    people = [person(i, conduct=tuple(range(400, 900, 7))) for i in range(30)]
    one, other = (
        export(people, project(tables=("conduct",), receiver=name), KEY, DAY) for name in "ab"
    )
    assert not set(one.persons.pseudonym) & set(other.persons.pseudonym)
    with pytest.raises(ReentryError, match="is of example/a; expected one of example/b"):
        export(people, project(receiver="b"), KEY, DAY, earlier=[one])


def test_the_report_says_how_many_a_course_of_facts_gives_away():
    """Gaps stay as they are in any two exports: pseudonyms do not keep those apart."""
    alike = [person(i, conduct=(500, 520)) for i in range(20)]
    odd = [person(90 + i, conduct=(500, 520 + 3 * i + 1)) for i in range(5)]
    study = project(tables=("conduct",), shift_days=30)
    made = export([*alike, *odd], study, KEY, DAY)
    assert made.report.unique_courses == pytest.approx(5 / 25)
    assert made.report.unique_trails == 0
    assert "have a course" in made.report.text("en")
    coarse = export(
        [*alike, *odd], project(tables=("conduct",), shift_days=30, date_step=366), KEY, DAY
    )
    assert coarse.report.unique_courses < 0.2


def test_the_order_of_rows_says_nothing_of_the_order_in_which_they_were_given():
    people = [
        person(i, conduct=(500, 500, 700 + i), debts=(100.0, 200.0, 300.0)) for i in range(30)
    ]
    study = project(tables=("conduct", "debts", "convictions"))
    made = export(people, study, KEY, DAY)
    mixed = list(people)
    random.Random(1).shuffle(mixed)
    turned = [
        msgspec.structs.replace(one, conduct=one.conduct[::-1], debts=one.debts[::-1])
        for one in mixed
    ]
    again = export(turned, study, KEY, DAY)
    pd.testing.assert_frame_equal(again.persons, made.persons)
    for table, frame in made.facts.items():
        pd.testing.assert_frame_equal(again.facts[table], frame)
    assert again.sha256 == made.sha256


# --- rare values --------------------------------------------------------------------------------


def test_the_only_one_with_a_code_is_not_the_only_one_without_any():
    people = [person(i, offence="theft" if i < 20 else "drugs") for i in range(30)]
    people.append(person(99, offence="homicide"))
    made = export(people, project(tables=("convictions",), sensitive=()), KEY, DAY)
    shown = made.facts["convictions"].offence_class
    assert Counter(shown) == {"theft": 20, "drugs": 10}  # the fact itself is left out, and no gap
    assert made.report.rows_left_out == {"convictions.offence_class": 1}
    assert "convictions.offence_class: 1 facts left out" in made.report.text("en")
    assert len(made.persons) == 31
    sensitive = export(people, project(sensitive=shipped_project().sensitive), KEY, DAY)
    assert Counter(sensitive.persons.offence) == {"theft": 20, "rare": 11}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("theft", "drugs", "fraud", "homicide")),
            st.integers(1, 5),
            st.booleans(),
            st.lists(st.sampled_from((100.0, 900.0, 5000.0)), max_size=2),
        ),
        min_size=8,
        max_size=30,
    )
)
@settings(deadline=None, max_examples=60)
def test_in_every_table_each_code_is_of_k_people_and_no_gap_is_made(lives):
    people = [
        person(i, offence=offence, severity=severity, index_offence=index, debts=tuple(debts))
        for i, (offence, severity, index, debts) in enumerate(lives)
    ]
    study = project(tables=("convictions", "debts", "detentions"), sensitive=())
    made = export(people, study, KEY, DAY)
    for table, frame in made.facts.items():
        assert len(frame) == 0 or frame.pseudonym.nunique() >= K
        for name in frame.columns.drop("pseudonym"):
            column = frame[name]
            coded = column.map(lambda one: isinstance(one, str | bool)).any()
            if coded:
                assert frame.groupby(name).pseudonym.nunique().min() >= K, f"{table}.{name}"
                assert not column.isna().any()
            elif name in ("severity", "amount_eur") and column.notna().any():
                for end in (column.min(), column.max()):
                    assert frame[column == end].pseudonym.nunique() >= K


def test_facts_that_only_few_people_have_at_all_are_left_out():
    people = [person(i, debts=(500.0,) if i < 3 else ()) for i in range(30)]
    made = export(people, project(tables=("debts", "detentions"), sensitive=()), KEY, DAY)
    assert len(made.facts["debts"]) == 0
    assert len(made.facts["detentions"]) == 30
    inside = [one if i < 3 else msgspec.structs.replace(one, detentions=[])
              for i, one in enumerate(people)]  # fmt: skip
    study = project(tables=("detentions",), sensitive=(), most_left_out=0.0)
    made = export(inside, study, KEY, DAY)
    assert len(made.persons) == 30
    assert len(made.facts["detentions"]) == 0
    assert made.report.rows_left_out == {"detentions": 3}


def test_a_flag_that_few_people_have_is_not_shown():
    people = [person(i, index_offence=i != 3) for i in range(30)]
    made = export(people, project(tables=("convictions",), sensitive=()), KEY, DAY)
    assert made.facts["convictions"].index_offence.all()
    assert len(made.facts["convictions"]) == 29
    few = [person(i, index_offence=i < 3) for i in range(7)]
    rest = [msgspec.structs.replace(person(i), convictions=[]) for i in range(7, 30)]
    none = export([*few, *rest], project(tables=("convictions",), sensitive=()), KEY, DAY)
    assert none.facts["convictions"].index_offence.isna().all()
    assert "convictions.index_offence" in none.report.emptied
    fine = export(
        [person(i, index_offence=i % 2 == 0) for i in range(30)],
        project(tables=("convictions",), sensitive=()), KEY, DAY,
    )  # fmt: skip
    assert set(fine.facts["convictions"].index_offence) == {True, False}


def test_numbers_are_cut_off_at_both_ends():
    people = [person(i, debts=(5000.0 + 100 * (i % 3),)) for i in range(30)]
    people += [person(90, debts=(20.0,)), person(91, debts=(90_000.0,))]
    study = project(tables=("debts",), round={"amount_eur": 100}, sensitive=())
    made = export(people, study, KEY, DAY)
    shown = made.facts["debts"].amount_eur
    assert (shown.min(), shown.max()) == (5000, 5200)
    assert made.report.capped == {"debts.amount_eur": 5200}
    assert made.report.raised == {"debts.amount_eur": 5000}
    assert "debts.amount_eur: nothing below 5000" in made.report.text("en")


def test_a_number_of_which_few_people_are_on_either_side_of_every_value_is_left_out():
    people = [person(i, debts=(1000.0 * i,) if i < 6 else ()) for i in range(30)]
    made = export(people, project(tables=("debts",), sensitive=()), KEY, DAY)
    assert made.facts["debts"].amount_eur.isna().all()
    assert "debts.amount_eur" in made.report.emptied


def test_where_somebody_is_goes_along_with_no_fact():
    people = [person(i, prison="PI-SECRET") for i in range(30)]
    made = export(people, project(tables=("detentions",)), KEY, DAY)
    assert "prison" not in made.facts["detentions"]
    assert "PI-SECRET" not in made.facts["detentions"].to_csv()


def test_who_is_left_out_leaves_no_sensitive_value_that_few_have():
    people = [person(i, offence="theft" if i % 2 else "drugs") for i in range(26)]
    people += [person(50 + i, offence="fraud") for i in range(4)]
    people += [person(60, sex="female", offence="fraud"), person(61, sex="female")]
    made = export(people, project(), KEY, DAY)
    assert set(made.persons.sex) == {"male"}
    holders = Counter(made.persons.offence)
    assert min(holders.values()) >= K
    assert "fraud" not in holders


# --- two exports together -----------------------------------------------------------------------


def joined(first: Any, second: Any) -> pd.DataFrame:
    """What somebody has who has both: who is in which, and how coarse in each."""
    both = first.persons.merge(second.persons, on="pseudonym", how="outer", suffixes=("", "_2"))
    return both.fillna("-")


def smallest(first: Any, second: Any) -> int:
    both = joined(first, second)
    columns = [c for c in both.columns if c != "pseudonym" and "offence" not in c]
    return measure(both, columns).k


def test_who_came_since_an_earlier_export_cannot_be_told_from_two():
    before = [person(i) for i in range(30)]
    now = [*before, person(70), person(71)]
    study = project(sensitive=())
    first = export(before, study, KEY, DAY)
    alone = export(now, study, KEY, DAY)
    assert smallest(first, alone) == 2  # the attack
    second = export(now, study, KEY, DAY, earlier=[first])
    assert smallest(first, second) >= K
    assert set(second.persons.pseudonym) == set(first.persons.pseudonym)
    assert second.report.earlier == (first.sha256,)
    many = [*before, *(person(70 + i) for i in range(K))]
    assert len(export(many, study, KEY, DAY, earlier=[first]).persons) == 35


def test_who_went_since_an_earlier_export_cannot_be_told_from_two():
    before = [person(i, sex="female" if i < 8 else "male") for i in range(30)]
    now = before[1:]
    study = project(sensitive=(), most_left_out=0.5)
    first = export(before, study, KEY, DAY)
    assert smallest(first, export(now, study, KEY, DAY)) == 1
    second = export(now, study, KEY, DAY, earlier=[first])
    assert set(second.persons.sex) == {"male"}
    assert smallest(first, second) >= K
    none = project(sensitive=(), most_left_out=0.1)
    with pytest.raises(ReentryError, match="cannot be made k=5"):
        export(now, none, KEY, DAY, earlier=[first])


def test_what_is_fine_in_one_and_coarse_in_the_other_does_not_add_up_to_one_person():
    """Sex is shown in one and the age in the other: joined by the pseudonym both are."""
    age, sex = (next(v for v in shipped_project().quasi if v.name == n) for n in ("age", "sex"))
    people = [
        person(i, sex="female" if i % 4 == 0 else "male", born=1960 if i % 5 == 0 else 1990)
        for i in range(40)
    ]
    by_age, by_sex = (project(sensitive=(), quasi=(v,)) for v in (age, sex))
    first = export(people, by_age, KEY, DAY)
    assert smallest(first, export(people, by_sex, KEY, DAY)) < K
    second = export(people, by_sex, KEY, DAY, earlier=[first])
    assert smallest(first, second) >= K


def test_an_earlier_export_is_read_from_its_folder_and_has_to_be_of_this_study(tmp_path):
    people = [person(i) for i in range(30)]
    study = project()
    first = export(people, study, KEY, DAY)
    first.write(tmp_path / "first")
    from_folder = export(people, study, KEY, DAY, earlier=[tmp_path / "first"])
    assert from_folder.sha256 == export(people, study, KEY, DAY, earlier=[first]).sha256
    with pytest.raises(ReentryError, match="is of example; expected one of other"):
        export(people, project(id="other"), KEY, DAY, earlier=[first])
    with pytest.raises(ReentryError, match="has nobody of these people; expected one .* same key"):
        export(people, study, b"o" * 32, DAY, earlier=[first])
    (tmp_path / "first" / "persons.csv").write_text("pseudonym\n", "utf-8")
    with pytest.raises(ReentryError, match=r"persons.csv was changed"):
        export(people, study, KEY, DAY, earlier=[tmp_path / "first"])


def test_a_record_with_an_earlier_export_takes_no_second_that_was_not_compared(tmp_path):
    director = Actor("director", "DIR-00A1")
    people = [person(i) for i in range(30)]
    study = project()
    first = export(people, study, KEY, DAY)
    later = export(people, study, KEY, DAY + dt.timedelta(days=30))
    with open_log(tmp_path / "record.db", create=True) as log:
        sha256 = first.write(tmp_path / "first", log=log, by=director)
        with pytest.raises(ReentryError, match=f"{sha256[:16]}, and that can still be used"):
            later.write(tmp_path / "second", log=log, by=director)
        assert not (tmp_path / "second").exists()
        other = export(people, project(receiver="other"), KEY, DAY)
        other.write(tmp_path / "other", log=log, by=director)
        compared = export(people, study, KEY, DAY + dt.timedelta(days=30), earlier=[first])
        compared.write(tmp_path / "second", log=log, by=director)
        assert open_export(tmp_path / "second", DAY + dt.timedelta(days=30), log=log)
        assert len(log) == 3
    with (
        open_log(tmp_path / "empty.db", create=True) as log,
        pytest.raises(ReentryError, match="has nothing given"),
    ):
        open_export(tmp_path / "first", DAY, log=log)


@given(st.data(), st.integers(2, 4))
@settings(deadline=None, max_examples=150)
def test_nobody_is_among_fewer_than_k_in_all_exports_together(data, k):
    n = data.draw(st.integers(4, 24))
    codes = st.lists(st.integers(0, 2), min_size=n, max_size=n)
    ladders = [
        [np.array(data.draw(codes)), np.zeros(n, dtype=int)]
        for _ in range(data.draw(st.integers(1, 2)))
    ]
    before = []
    for _ in range(data.draw(st.integers(1, 2))):
        classes = np.array(
            data.draw(st.lists(st.integers(UNKNOWN, 1), min_size=n, max_size=n)), dtype=np.int64
        )
        gone = data.draw(st.lists(st.integers(0, 3), min_size=2, max_size=2))
        sizes = np.bincount(classes[classes >= 0], minlength=2) + np.array(gone)
        before.append(Before(classes, sizes))
    try:
        found = recode(ladders, [], k=k, diversity=1, most_left_out=1.0, before=before)
    except ReentryError:
        return
    shown = [ladder[step] for ladder, step in zip(ladders, found.steps, strict=True)]
    alike = Counter(
        tuple(int(c[i]) for c in (*shown, *(one.classes for one in before)))
        for i in np.flatnonzero(found.kept)
    )
    assert min(alike.values()) >= k
    for one in before:
        present = Counter(int(c) for c in one.classes[found.kept] if c >= 0)
        for number, size in enumerate(one.sizes):
            missing = size - present.get(number, 0)
            assert missing == 0 or missing >= k or present.get(number, 0) == 0


def crossed(*sizes: int) -> pd.DataFrame:
    cells = [("x", "p"), ("x", "q"), ("y", "p"), ("y", "q")]
    rows = [cell for cell, n in zip(cells, sizes, strict=True) for _ in range(n)]
    return pd.DataFrame(rows, columns=["a", "b"])


def test_what_changed_by_few_people_since_an_earlier_table_of_counts_is_hidden():
    first = cell_table(crossed(20, 20, 20, 20), "a", "b", fewest_people=5)
    alone = cell_table(crossed(22, 20, 20, 20), "a", "b", fewest_people=5)
    assert alone.counts.loc["x", "p"] - first.counts.loc["x", "p"] == 2  # the attack
    now = cell_table(crossed(22, 20, 20, 20), "a", "b", fewest_people=5, before=first)
    assert now.hidden.loc["x", "p"] == "changed"
    for place in (("x", "total"), ("total", "p"), ("total", "total")):
        assert now.hidden.loc[place]
    assert now.counts.loc["y", "total"] == 40
    more = cell_table(crossed(25, 20, 20, 30), "a", "b", fewest_people=5, before=first)
    assert (more.hidden == "").all(axis=None)
    same = cell_table(crossed(20, 20, 20, 20), "a", "b", fewest_people=5, before=first)
    assert same.counts.equals(first.counts)
    with pytest.raises(ReentryError, match="before is a table of a and b; expected one of b and a"):
        cell_table(crossed(20, 20, 20, 20), "b", "a", before=first)


@given(
    st.lists(st.integers(6, 14), min_size=4, max_size=4),
    st.lists(st.integers(0, 7), min_size=4, max_size=4),
)
@settings(deadline=None, max_examples=60)
def test_no_small_change_between_two_tables_is_shown_or_follows_from_sums(sizes, came):
    first = cell_table(crossed(*sizes), "a", "b", fewest_people=5)
    grown = [n + more for n, more in zip(sizes, came, strict=True)]
    now = cell_table(crossed(*grown), "a", "b", fewest_people=5, before=first)
    change = (now.counts - first.counts).abs()
    assert not ((change > 0) & (change < 5)).fillna(False).any(axis=None)
    hidden = now.counts.isna()
    for lines in (hidden, hidden.T):
        assert not (lines.sum(axis=1) == 1).any()
