"""Definitions of conduct are read strictly, and a prison says no less than the nation."""

from __future__ import annotations

import datetime as dt

import pytest

from conduct_lives import local
from risicoscreener.conduct import Definition, Definitions
from risicoscreener.errors import ConductError

WHOLE = """
name = "pi_01"
scope = "local"
prisons = ["PI-01"]
valid_from = 2021-01-01
title = { nl = "Huisregels", en = "House rules" }
source = "project"

[[rules]]
id = "again"
grade = "undesired"
subjects = ["refusal"]
times = 2
within_days = 7
text = { nl = "twee keer", en = "twice" }
source = "project"
"""


def test_a_file_is_read():
    found = Definition.from_toml(WHOLE, "x.toml")
    assert found.id == "pi_01/2021-01-01"
    assert found.in_force(dt.date(2021, 1, 1))
    assert not found.in_force(dt.date(2020, 12, 31))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('grade = "undesired"', 'grade = "bad"', "expected one of desired, undesired"),
        ('grade = "undesired"', 'grade = "desired"', "a row counts at least"),
        ('["refusal"]', '["no_such"]', "subject 'no_such'; expected one of"),
        ("within_days = 7", "", "expected within_days where times is more than 1"),
        ("times = 2", "times = 0", "`int` >= 1"),
        ('scope = "local"', 'scope = "national"', "expected prisons in a local definition"),
        ('prisons = ["PI-01"]', "", "expected prisons in a local definition"),
        ('name = "pi_01"', 'name = "pi 01"', "expected a name such as national"),
        (
            "valid_from = 2021-01-01",
            "valid_from = 2021-01-01\nvalid_until = 2020-01-01",
            "or later",
        ),
        ('subjects = ["refusal"]', 'kinds = ["positive_act"]', "counts as an incident"),
        ('id = "again"', 'id = "again"\nunknown = 1', "unknown field `unknown`"),
        ("[[rules]]", "[[rules", "is no definition of conduct"),
    ],
)
def test_what_is_wrong_is_named(old, new, expected):
    assert old in WHOLE
    with pytest.raises(ConductError, match=expected):
        Definition.from_toml(WHOLE.replace(old, new, 1), "x.toml")


def test_a_prison_may_not_say_less_than_the_nation():
    text = WHOLE.replace(
        'subjects = ["refusal"]', 'subjects = ["aggression"]\nkinds = ["incident"]'
    )
    milder = Definition.from_toml(text, "x.toml")
    with pytest.raises(
        ConductError, match="'again' counts .incident, .*, aggression, .* intolerable or worse"
    ):
        Definitions.shipped().and_also(milder)


def test_the_same_is_no_less_when_the_national_rule_does_not_hold_yet():
    text = WHOLE.replace('subjects = ["refusal"]', 'subjects = ["aggression"]')
    text = text.replace("2021-01-01", "2015-01-01\nvalid_until = 2020-09-30")
    Definitions.shipped().and_also(Definition.from_toml(text, "x.toml"))


def test_two_national_versions_on_one_day_are_refused():
    national = Definitions.shipped().all[1]
    double = local(name="other", scope="national", prisons=(), rules=national.rules)
    with pytest.raises(ConductError, match="hold on the same day"):
        Definitions.shipped().and_also(double)


def test_one_id_twice_is_refused():
    with pytest.raises(ConductError, match="occurs twice"):
        Definitions.shipped().and_also(local(), local())


def test_a_folder_of_definitions_is_read(tmp_path):
    (tmp_path / "a.toml").write_text(WHOLE, "utf-8")
    assert [d.id for d in Definitions.from_directory(tmp_path).all] == ["pi_01/2021-01-01"]
    with pytest.raises(ConductError, match="holds no definitions"):
        Definitions.from_directory(tmp_path / "none")


def test_what_was_not_read_is_marked():
    for definition in Definitions.shipped().all:
        assert definition.to_verify
        for rule in definition.rules:
            assert rule.to_verify
            assert rule.remark is not None
