"""Exports for research: pseudonyms, dates, k and l, small cells, and what risk is reported."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import json
import pickle
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import risicoscreener.reentry.sharing.research as part
from cases import ROOT
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import ReentryError
from risicoscreener.evaluation.groups.disclosure import Relation
from risicoscreener.reentry.sharing.csv_text import csv_text
from risicoscreener.reentry.sharing.log import GIVEN
from risicoscreener.reentry.sharing.research import (
    Pseudonyms,
    cell_table,
    export,
    measure,
    new_key,
    open_export,
    read_key,
    read_project,
    shipped_project,
)
from risicoscreener.reentry.sharing.research.anonymity import recode
from risicoscreener.reentry.sharing.research.events import rare_together
from risicoscreener.reentry.sharing.research.exporting import sensitive_labels
from risicoscreener.reentry.sharing.research.project import purpose_of_research
from risicoscreener.reentry.sharing.research.variables import ladder_of, value_of
from risicoscreener.screening.record import Actor, open_log

DAY = dt.date(2021, 6, 1)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
ORACLE = json.loads((ROOT / "tests" / "oracles" / "anonymity" / "pycanon.json").read_text("utf-8"))


@cache
def tables() -> DossierTables:
    return DossierTables.read(ROOT / "data" / "synthetic" / "sentenced_40" / "dossiers")


@cache
def made() -> Any:
    return export(tables(), shipped_project(), KEY, DAY)


# --- k and l ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", ORACLE["cases"], ids=lambda case: f"{len(case['rows'])}-{case['k']}"
)
def test_k_and_l_are_those_of_pycanon(case):
    frame = pd.DataFrame(case["rows"])
    found = measure(frame, ORACLE["quasi"], ORACLE["sensitive"])
    assert (found.k, found.diversity) == (case["k"], case["l"])


def test_what_is_not_known_makes_nobody_more_diverse():
    frame = pd.DataFrame({"a": ["x", "x", None, None], "s": ["p", None, "p", "q"]})
    found = measure(frame, ["a"], ["s"])
    assert (found.k, found.diversity, found.classes) == (2, {"s": 1}, 2)
    assert (found.highest_risk, found.mean_risk) == (0.5, 0.5)
    with pytest.raises(ReentryError, match="column 'z' is not there; expected one of a, s"):
        measure(frame, ["z"])


ladders = st.integers(4, 24).flatmap(
    lambda n: st.lists(
        st.lists(st.lists(st.integers(0, 3), min_size=n, max_size=n), min_size=1, max_size=2),
        min_size=1,
        max_size=3,
    ).map(lambda given: [[*steps, [0] * n] for steps in given])
)


@given(ladders, st.integers(2, 4), st.sampled_from((0.0, 0.2, 0.5)), st.data())
@settings(deadline=None)
def test_recoding_finds_the_least_loss_for_which_few_enough_are_left_out(given_, k, share, data):
    n = len(given_[0][0])
    sensitive = data.draw(st.lists(st.integers(-1, 2), min_size=n, max_size=n))
    wanted = data.draw(st.integers(1, 2))

    def left_out(node: tuple[int, ...]) -> set[int]:
        alike: dict[tuple[int, ...], list[int]] = {}
        for i in range(n):
            alike.setdefault(
                tuple(lad[s][i] for lad, s in zip(given_, node, strict=True)), []
            ).append(i)
        return {
            i
            for members in alike.values()
            if len(members) < k or len({sensitive[m] for m in members} - {-1}) < wanted
            for i in members
        }

    nodes = list(itertools.product(*(range(len(ladder)) for ladder in given_)))
    losses = {
        node: sum(s / (len(lad) - 1) for s, lad in zip(node, given_, strict=True)) / len(given_)
        for node in nodes
    }
    fine = [node for node in nodes if len(left_out(node)) <= share * n]
    arrays = [[np.array(step) for step in ladder] for ladder in given_]
    settings_ = {"k": k, "diversity": wanted, "most_left_out": share}
    if not fine:
        with pytest.raises(ReentryError, match="cannot be made"):
            recode(arrays, [np.array(sensitive)], **settings_)
        return
    found = recode(arrays, [np.array(sensitive)], **settings_)
    least = min(losses[node] for node in fine)
    best = [node for node in fine if losses[node] <= least + 1e-9]
    assert found.loss == pytest.approx(least)
    assert found.steps in best
    assert set(np.flatnonzero(~found.kept)) == left_out(found.steps)
    assert len(left_out(found.steps)) == min(len(left_out(node)) for node in best)


def test_an_export_has_k_and_l_by_an_independent_count():
    project = shipped_project()
    quasi = [variable.name for variable in project.quasi]
    groups = made().persons.groupby(quasi)
    assert groups.size().min() >= project.k
    known = made().persons.replace("?", np.nan)
    assert known.groupby(quasi)["offence"].nunique().min() >= project.diversity
    report = made().report
    assert report.k == groups.size().min()
    assert report.people == len(made().persons)
    assert report.people_given == 40
    assert (report.people_given - report.not_yet - report.people) / 40 <= project.most_left_out
    assert report.highest_risk == pytest.approx(1 / report.k)


# --- who it is ----------------------------------------------------------------------------------


def test_no_identifier_and_no_true_date_is_in_an_export():
    text = "".join(frame.to_csv() for frame in (made().persons, *made().facts.values()))
    ids = set(tables().tables["persons"].column("person_id").to_pylist())
    assert not [one for one in ids if one in text]
    prisons = set(tables().tables["detentions"].column("prison").to_pylist()) - {None}
    assert not [one for one in prisons if f",{one}," in text]
    pseudonyms = Pseudonyms(KEY, "example", 180)
    shown = made().facts["conduct"]
    seen = 0
    for dossier in tables().to_dossiers():
        whose = shown[shown.pseudonym == pseudonyms.pseudonym(dossier.person_id)]
        last = DAY - dt.timedelta(days=180 + pseudonyms.shift(dossier.person_id))
        days = [row.occurred_on for row in dossier.conduct if row.recorded_at <= last]
        moved = [pseudonyms.shifted(dossier.person_id, day) for day in days]
        if len(whose):
            seen += 1
            weeks = [dt.date.fromordinal(day.toordinal() // 7 * 7) for day in moved]
            assert sorted(whose.occurred_on) == sorted(weeks)
            assert 0 < abs(pseudonyms.shift(dossier.person_id)) <= 180
    assert seen > 10


def test_the_pseudonyms_of_two_projects_are_different_also_with_one_key():
    ids = [f"case-{i:04}" for i in range(200)]
    first, second, third = (
        {Pseudonyms(key, project, 30).pseudonym(one) for one in ids}
        for key, project in ((KEY, "one"), (KEY, "two"), (OTHER_KEY, "one"))
    )
    assert len(first) == len(second) == len(third) == 200
    assert not first & second
    assert not first & third
    shifts = [
        [Pseudonyms(KEY, project, 30).shift(one) for one in ids] for project in ("one", "two")
    ]
    assert shifts[0] != shifts[1]
    assert {abs(day) for day in shifts[0]} <= set(range(1, 31))


def test_pseudonyms_do_not_follow_the_order_in_which_people_were_given():
    persons = made().persons.pseudonym
    assert list(persons) == sorted(persons)
    backwards = list(tables().to_dossiers())[::-1]
    again = export(backwards, shipped_project(), KEY, DAY)
    pd.testing.assert_frame_equal(again.persons, made().persons)
    assert again.report == made().report


def test_the_key_is_in_nothing_that_comes_out(tmp_path):
    key = new_key(tmp_path / "project.key")
    assert read_key(tmp_path / "project.key") == key
    assert (tmp_path / "project.key").stat().st_mode & 0o077 == 0
    export(tables(), shipped_project(), key, DAY).write(tmp_path / "out")
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    for form in (key, key.hex().encode()):
        assert form not in written
    pseudonyms = Pseudonyms(key, "example", 30)
    assert key.hex() not in repr(pseudonyms)
    with pytest.raises(TypeError, match="hold a key"):
        pickle.dumps(pseudonyms)
    with pytest.raises(FileExistsError):
        new_key(tmp_path / "project.key")
    (tmp_path / "bad.key").write_text("secret-words", "ascii")
    with pytest.raises(ReentryError, match="is no key") as refused:
        read_key(tmp_path / "bad.key")
    assert "secret-words" not in str(refused.value)
    with pytest.raises(ReentryError, match="the key is too short"):
        Pseudonyms(b"short", "example", 30)


# --- the tables of facts ------------------------------------------------------------------------


def test_only_columns_of_the_purpose_that_are_no_quasi_identifiers_go_along():
    purpose = purpose_of_research(DAY)
    for table, frame in made().facts.items():
        assert set(frame.columns) - {"pseudonym"} <= set(purpose.fields[table])
    assert "prison" not in made().facts["detentions"]
    assert "regime" not in made().facts["detentions"]
    assert "arrived_on" in made().facts["detentions"]
    kept = set(made().persons.pseudonym)
    assert all(set(frame.pseudonym) <= kept for frame in made().facts.values())


def test_codes_that_few_people_have_are_not_shown():
    k = shipped_project().k
    for table, frame in made().facts.items():
        for name in frame.columns.drop("pseudonym"):
            column = frame[name]
            if column.dtype == object and column.map(lambda v: isinstance(v, str)).any():
                holders = frame.dropna(subset=[name]).groupby(name).pseudonym.nunique()
                assert holders.min() >= k, f"{table}.{name}"


@given(
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from(("a", "b", "c", None)))),
    st.integers(2, 4),
)
def test_rare_codes_are_taken_together_or_left_out(values, k):
    codes, n_together = rare_together(values, k)
    holders: dict[str, set[int]] = {}
    for (whose, _), code in zip(values, codes, strict=True):
        if code is not None:
            holders.setdefault(code, set()).add(whose)
    assert all(len(who) >= k for who in holders.values())
    before = {code: {w for w, c in values if c == code} for _, code in values if code}
    rare = {code for code, who in before.items() if len(who) < k}
    kept = {code for code in before if code in codes}
    assert not kept & rare
    assert n_together == len(before) - len(kept)
    everybody = {whose for whose, code in values if code is not None}
    if len(everybody) >= k:  # nobody is told apart by a code that is left out
        assert [c is None for c in codes] == [c is None for _, c in values]
    others = {code for code in before if code not in kept} - rare
    if others:  # no more than needed joined the rare ones
        without = set().union(*(before[code] for code in rare))
        assert len(without) < k
        assert len(others) == 1


def test_numbers_are_rounded_and_cut_off_at_what_k_people_reach():
    debts = made().facts["debts"]
    assert (debts.amount_eur.dropna() % 100 == 0).all()
    top = made().report.capped["debts.amount_eur"]
    assert debts[debts.amount_eur == top].pseudonym.nunique() >= shipped_project().k


def test_the_report_says_what_was_done_and_what_remains():
    for lang in ("nl", "en"):
        text = made().report.text(lang)
        assert "None" not in text
        assert "example" in text
    assert "these remain personal data" in made().report.text("en")
    assert made().report.to_dict()["ends_on"] == "2026-06-02"
    assert 0 <= made().report.unique_trails <= 1
    assert "<article" in made()._repr_html_()


# --- variables ----------------------------------------------------------------------------------


def test_age_bands_periods_and_groups():
    project = shipped_project()
    age = next(v for v in project.quasi if v.name == "age")
    assert ladder_of(age, [24, 25, None]) == [
        ["20-24", "25-29", "?"],
        ["20-29", "20-29", "?"],
        ["20-39", "20-39", "?"],
        ["*", "*", "*"],
    ]
    arrived = next(v for v in project.quasi if v.name == "arrived")
    days = [dt.date(2019, 12, 31), dt.date(2020, 1, 1)]
    assert ladder_of(arrived, days)[:2] == [["2019", "2020"], ["2015-2019", "2020-2024"]]
    offence = msgspec.structs.replace(
        project.sensitive[0], steps=("group",), groups={"violent": ("@violent",)}
    )
    assert ladder_of(offence, ["homicide", "theft", None])[0] == ["violent", "other", "?"]
    dossier = read_dossier((ROOT / "examples" / "deep_assessment.json").read_bytes())
    assert value_of(age, dossier, dt.date(2024, 9, 1)) == 30
    assert value_of(age, dossier, dt.date(2024, 9, 2)) == 31
    assert value_of(project.sensitive[0], dossier, dt.date(2024, 4, 15)) == "serious_violence"


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "example"', 'id = "../up"', "Expected `str` matching regex"),
        ("\nk = 5", "\nk = 1", "Expected `int` >= 2"),
        ('from = "persons.sex"', 'from = "persons.name"', "from is 'persons.name'"),
        ('steps = ["5", "10", "20"]', 'steps = ["5", "12"]', "multiple of the one before"),
        ('steps = ["5", "10", "20"]', 'steps = ["x"]', "multiple of the one before"),
        ('steps = ["year", "five_years"]', 'steps = ["day"]', "expected year then five_years"),
        ('name = "sex"', 'name = "age"', "age is there twice"),
        ('name = "sex"', 'name = "pseudonym"', "pseudonym is there twice"),
        ('"liberties"]', '"gossip"]', "table is 'gossip'"),
        ('take = "index"', 'take = "first"', "Invalid enum value 'first'"),
        ('take = "index"\nsteps = ["code"]', 'take = "index"\nsteps = ["group"]', "needs groups"),
        ("\nk = 5", "\nk = ", "Invalid value"),
        ("\nk = 5", "\nkk = 5", "unknown field `kk`"),
        ("amount_eur = 100", "amout_eur = 100", "round has 'amout_eur'; expected a column of num"),
        ("date_step = 7", "date_step = 0", "Expected `int` >= 1"),
        ('basis = "AVG art. 89; Wjsg"', 'basis = " "', "basis is empty"),
    ],
)
def test_a_project_that_cannot_be_understood_is_refused(tmp_path, old, new, said):
    text = (Path(part.__file__).parent / "project.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "own.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ReentryError, match=said):
        read_project(tmp_path / "own.toml")


def _project(**changes: Any) -> Any:
    return msgspec.structs.replace(shipped_project(), **changes)


def test_what_is_not_for_research_is_refused():
    age = shipped_project().quasi[0]
    other = msgspec.structs.replace(
        age, name="home", source="housing.municipality", steps=("code",)
    )
    with pytest.raises(
        ReentryError, match=r"home: from is 'housing.municipality'; expected one of"
    ):
        export(tables(), _project(quasi=(other,)), KEY, DAY)
    for table in ("victims", "audit", "identity_care"):
        with pytest.raises(ReentryError, match=f"table '{table}' is not for research"):
            export(tables(), _project(tables=(table,)), KEY, DAY)
    with pytest.raises(ReentryError, match="project example ended on 2020-01-01"):
        export(tables(), _project(ends_on=dt.date(2020, 1, 1)), KEY, DAY)


def test_too_few_people_are_refused():
    few = list(tables().to_dossiers())[:3]
    with pytest.raises(ReentryError, match="there are 3 people of whom .* expected at least k=5"):
        export(few, shipped_project(), KEY, DAY)
    with pytest.raises(ReentryError, match="cannot be made k=5, l=50"):
        export(tables(), _project(diversity=50), KEY, DAY)
    with pytest.raises(ReentryError, match="someone is there twice"):
        export(few * 3, shipped_project(), KEY, DAY)


# --- files --------------------------------------------------------------------------------------


def test_an_export_that_was_written_is_opened_until_it_ends_and_not_when_changed(tmp_path):
    director = Actor("director", "DIR-00A1")
    with open_log(tmp_path / "record.db", create=True) as log:
        with pytest.raises(ReentryError, match="expected who gives"):
            made().write(tmp_path / "out", log=log)
        assert not (tmp_path / "out").exists()
        sha256 = made().write(tmp_path / "out", log=log, by=director)
        (entry,) = log.entries()
        assert (entry.link.kind, entry.payload.subject) == (GIVEN, "")
        assert entry.payload.reference == sha256
    assert open_export(tmp_path / "out", DAY) == made().report
    with pytest.raises(ReentryError, match="expired: it could be used up to and including 2026"):
        open_export(tmp_path / "out", dt.date(2026, 6, 3))
    with pytest.raises(ReentryError, match="is no export"):
        open_export(tmp_path, DAY)
    (tmp_path / "out" / "more.csv").write_text("x", "utf-8")
    with pytest.raises(ReentryError, match=r"more.csv was added or removed"):
        open_export(tmp_path / "out", DAY)
    (tmp_path / "out" / "more.csv").unlink()
    (tmp_path / "out" / "debts.csv").write_text("x", "utf-8")
    with pytest.raises(ReentryError, match=r"debts.csv was changed"):
        open_export(tmp_path / "out", DAY)


@given(st.lists(st.sampled_from(("=1+1", "+1", "-1.0", "@x", "\tx", "x", "a=b", "")), min_size=1))
def test_no_text_of_a_table_is_a_formula(cells):
    text = csv_text(pd.DataFrame({"a": cells, "n": [-1.5] * len(cells)}))
    rows = list(csv.reader(io.StringIO(text)))[1:]
    assert not [row for row in rows if row[0].startswith(("=", "+", "-", "@", "\t"))]
    assert [row[0].removeprefix("'") for row in rows] == cells
    assert {row[1] for row in rows} == {"-1.5"}


# --- small cells --------------------------------------------------------------------------------


def _reachable(shown: np.ndarray, relations: list[Relation]) -> np.ndarray:
    """Lowest and highest value that each hidden count can have, by linear programming."""
    from scipy.optimize import linprog

    flat = shown.ravel()
    known = ~np.isnan(flat)
    rows = [
        [1.0 if i in r.children else -1.0 if i == r.parent else 0.0 for i in range(flat.size)]
        for r in relations
    ]
    rows += [[float(i == j) for i in range(flat.size)] for j in np.flatnonzero(known)]
    right = [0.0] * len(relations) + list(flat[known])
    found = []
    for place in range(flat.size):
        aim = [float(i == place) for i in range(flat.size)]
        ends = [
            linprog([sign * a for a in aim], A_eq=rows, b_eq=right, bounds=(0, None)).fun
            for sign in (1, -1)
        ]
        found.append((ends[0], None if ends[1] is None else -ends[1]))
    return np.array(found, dtype=float)


@given(st.lists(st.integers(0, 14), min_size=9, max_size=9).filter(any))
@settings(deadline=None, max_examples=15)
def test_no_hidden_cell_of_a_table_follows_from_what_is_shown(sizes):
    rows = [
        {"row": f"r{i // 3}", "column": f"c{i % 3}"} for i, n in enumerate(sizes) for _ in range(n)
    ]
    frame = pd.DataFrame(rows)
    table = cell_table(frame, "row", "column", fewest_people=5)
    shown = table.counts.to_numpy(dtype=float, na_value=np.nan)
    true = pd.crosstab(frame.row, frame.column, margins=True).to_numpy()
    assert ((shown == true) | np.isnan(shown)).all()
    assert not ((true < 5) & ~np.isnan(shown)).any()
    width = shown.shape[1]
    sums = [
        Relation(i * width + width - 1, tuple(range(i * width, i * width + width - 1)))
        for i in range(shown.shape[0])
    ] + [
        Relation(
            (shown.shape[0] - 1) * width + j, tuple(range(j, (shown.shape[0] - 1) * width, width))
        )
        for j in range(width)
    ]
    ends = _reachable(shown, sums)
    hidden = np.isnan(shown.ravel())
    assert (ends[hidden][:, 1] - ends[hidden][:, 0] > 0.5).all() or hidden.all()


def test_a_table_of_counts_in_words():
    frame = pd.DataFrame({"a": ["x"] * 12 + ["y"] * 2, "b": ["p"] * 10 + ["q"] * 4})
    table = cell_table(frame, "a", "b")
    assert "fewer than 10" in table.text("en")
    assert table.hidden.loc["y", "total"] == "small"
    for wrong, said in ((("a", "z"), "'z' is not there"), (("a", "a"), "expected two variables")):
        with pytest.raises(ReentryError, match=said):
            cell_table(frame, *wrong)
    with pytest.raises(ReentryError, match="no people to count"):
        cell_table(frame[:0], "a", "b")


def test_the_shipped_project_is_what_its_file_says():
    text = (Path(part.__file__).parent / "project.toml").read_text("utf-8")
    plain = tomllib.loads(text)
    assert [one["name"] for one in plain["quasi"]] == [v.name for v in shipped_project().quasi]


def test_what_few_people_lack_stays_not_known_and_is_no_rare_value():
    offence = shipped_project().sensitive[0]
    told = sensitive_labels(offence, ["theft"] * 6 + ["drugs", "fraud", None], 2)
    assert told == ["theft"] * 6 + ["rare", "rare", "?"]
