"""Whatever is in a table, the report says so in words; it does not crash and does not warn."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from report import tables
from report.tables import report


def binary():
    """One division and one model, so that there is little to draw."""
    return tables.binary(200).drop(columns=["prison", "probability_old"])


def timed():
    return tables.timed(200)


def constant_score():
    return binary().assign(probability=0.3)


def one_class():
    return binary().assign(outcome=0)


def everybody_has_it():
    return binary().assign(outcome=1)


def twelve_events():
    frame = binary()
    frame.loc[frame.index[frame["outcome"] == 1][12:], "outcome"] = 0
    return frame


def ties():
    return binary().assign(probability=lambda f: f["probability"].round(1))


def separated():
    return binary().assign(outcome=lambda f: (f["probability"] > 0.5).astype(int))


def certain():
    return binary().assign(probability=lambda f: f["outcome"].astype(float))


def certain_and_wrong():
    return binary().assign(probability=lambda f: 1.0 - f["outcome"])


def all_missing():
    return binary().assign(outcome=np.nan)


def empty():
    return binary().iloc[:0]


def one_row():
    return binary().iloc[:1]


def two_rows():
    return pd.DataFrame({"probability": [0.2, 0.9], "outcome": [1, 0], "sex": ["a", "b"]})


def group_of_one():
    frame = binary()
    frame.loc[3, "sex"] = "alone"
    return frame


def one_group():
    return binary().assign(sex="man")


def every_row_one_person():
    return binary().assign(person_id="SYN-1")


def no_rival():
    return tables.binary(200).assign(probability_old=np.nan)


def nobody_followed():
    return timed().assign(outcome=0, time=1)


def timed_constant():
    return timed().assign(probability=0.4)


def timed_one_row():
    return timed().iloc[:1]


def timed_all_certain():
    return timed().assign(probability=1.0)


TABLES = [
    constant_score, one_class, everybody_has_it, twelve_events, ties, separated, certain,
    certain_and_wrong, all_missing, empty, one_row, two_rows, group_of_one, one_group,
    every_row_one_person, no_rival, nobody_followed, timed_constant, timed_one_row,
    timed_all_certain,
]  # fmt: skip


@pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
def test_a_degenerate_table_has_a_report(make):
    made = report(make(), groups=["sex"], replicates=20)
    page = made.to_html()
    assert page.endswith("</html>\n")
    assert "nan" not in page.lower().split()
    assert not re.search(r"\bNone\b", page)
    assert {v.question for v in made.data.verdicts} == {
        "enough", "completeness", "average", "levels", "ranking", "groups", "usefulness",
    }  # fmt: skip


def verdict(frame, question, **options):
    data = report(frame, replicates=20, **options).data
    return next(v for v in data.verdicts if v.question == question)


@pytest.mark.parametrize("make", [all_missing, empty])
def test_without_anybody_no_question_is_answered_and_the_report_says_why(make):
    data = report(make(), groups=["sex"]).data
    levels = {v.question: v.level for v in data.verdicts}
    assert {v for k, v in levels.items() if k != "completeness"} == {"unknown"}
    assert "Dat is niet te zeggen: er is niemand." in {v.sentence for v in data.verdicts}
    assert any("niemand" in text for text in data.summary)
    assert [s.name for s in data.sections][:2] == ["people", "missing"]


def test_with_one_class_discrimination_cannot_be_said():
    found = verdict(one_class(), "ranking")
    assert found.level == "unknown"
    assert found.sentence == "Dat is niet te zeggen: iedereen heeft dezelfde uitkomst."


def test_a_constant_score_is_said():
    assert any("dezelfde kans" in text for text in report(constant_score()).data.summary)


def test_twelve_events_are_too_few():
    found = verdict(twelve_events(), "enough")
    assert found.level == "problem"
    assert "12 met" in found.sentence


def test_a_group_of_one_is_not_shown_anywhere():
    made = report(group_of_one(), groups=["sex"], language="en")
    table = made.tables()["groups-0-table"].set_index("group")
    assert table.loc["alone", "people"] == "not shown"
    shown = made.tables()["groups-0-picture-table"]
    assert "alone" not in shown["group"].tolist()


def test_one_hidden_group_cannot_be_worked_out_from_the_others():
    table = report(group_of_one(), groups=["sex"], language="en").tables()["groups-0-table"]
    assert (table["people"] == "not shown").sum() > 1


@pytest.mark.parametrize("people", [tables.binary, tables.timed])
def test_a_small_group_does_not_follow_from_another_division_of_which_it_is_a_part(people):
    prison = np.repeat(["a", "b", "c", "d"], [200, 6, 4, 90])
    frame = people(300).assign(prison=prison, region=np.where(prison < "c", "north", "south"))
    made = report(frame, groups=["region", "prison"], language="en").tables()
    assert (made["groups-1-table"]["people"][1:] == "not shown").all()
    assert (made["groups-0-table"]["people"] != "not shown").all()


def test_everybody_below_the_lowest_cut_off_leaves_the_other_bands_empty():
    frame = binary().assign(probability=lambda f: f["probability"] / 100)
    bands = report(frame).tables()["icons-table"]
    assert bands["per_1000"].tolist() == [1000, 0, 0]
