"""A policy file may build on shared parts and on an earlier version; what comes out is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

import risicoscreener
from risicoscreener.decision import OUTCOMES, PolicyBook, compare, verify
from risicoscreener.decision.drafting import resolve
from risicoscreener.errors import PolicyError

SHIPPED = Path(risicoscreener.__file__).parent / "decision" / "policies"
HEAD = 'amends = "leave/2021-07-01"\nvalid_from = 2023-01-01\n'


def book_of(folder: Path, amendment: str, parts: str = "") -> PolicyBook:
    base = (SHIPPED / "leave" / "2021-07-01.toml").read_text("utf-8")
    here = folder / "leave"
    here.mkdir()
    ended = base.replace(
        "valid_from = 2021-07-01", "valid_from = 2021-07-01\nvalid_until = 2022-12-31"
    )
    here.joinpath("2021-07-01.toml").write_text(ended, "utf-8")
    here.joinpath("2023-01-01.toml").write_text(amendment, "utf-8")
    if parts:
        folder.joinpath("parts.toml").write_text(parts, "utf-8")
    return PolicyBook.from_directory(folder)


def test_an_amendment_that_says_nothing_changes_only_the_dates(tmp_path):
    old, new = book_of(tmp_path, HEAD).versions("leave")
    assert new.id == "leave/2023-01-01"
    assert new.policy.valid_until is None
    assert new.policy.rules == old.policy.rules
    assert new.policy.domains == old.policy.domains


def test_an_entry_of_the_same_id_replaces_only_what_it_names(tmp_path):
    change = HEAD + '[[models]]\nmodel = "leave_failure"\ncuts = [0.10, 0.20]\n'
    old, new = book_of(tmp_path, change).versions("leave")
    assert new.policy.models[0].cuts == (0.10, 0.20)
    assert new.policy.models[0].source == old.policy.models[0].source
    assert new.policy.models[1] == old.policy.models[1]


def test_all_said_anew_as_any_takes_the_place_of_all(tmp_path):
    change = (
        HEAD + '[[requirements]]\nid = "sentenced"\nany = [{ input = "is_convicted", min = 1 }]\n'
    )
    old, new = book_of(tmp_path, change).versions("leave")
    before, after = old.policy.requirements[0], new.policy.requirements[0]
    assert (before.id, before.any, after.all) == (after.id, None, None)
    assert before.all is not None
    assert [t.input for t in after.any] == ["is_convicted"]


def test_any_of_an_entry_takes_the_place_of_all_of_its_part(tmp_path):
    parts = (
        '[[conditions]]\nid = "sober"\ntext = { nl = "nuchter", en = "sober" }\nsource = "project"\n'
        'all = [{ input = "drug_incidents_6m", min = 1 }]\n'
    )
    change = HEAD + '[[conditions]]\nlike = "sober"\nany = [{ input = "refusals_6m", min = 1 }]\n'
    condition = book_of(tmp_path, change, parts).versions("leave")[1].policy.conditions[-1]
    assert condition.all is None
    assert [t.input for t in condition.any] == ["refusals_6m"]


def test_entries_fall_away_and_come_where_the_amendment_says(tmp_path):
    change = (
        HEAD.replace(
            "valid_from",
            'repeals = { conditions = ["escort"], properties = ["risk_is_managed"] }\nvalid_from',
            1,
        )
        + '[[rules]]\nid = "new"\nbefore = "assessment_favourable"\nwhen = { gravity = ["serious"], '
        'assessment = ["none"] }\noutcome = "deny"\nsource = "project"\ntext = { nl = "x", en = "x" }\n'
    )
    old, new = book_of(tmp_path, change).versions("leave")
    ids = [r.id for r in new.policy.rules]
    assert ids[ids.index("new") + 1] == "assessment_favourable"
    assert len(ids) == len(old.policy.rules) + 1
    assert {c.id for c in old.policy.conditions} - {c.id for c in new.policy.conditions} == {
        "escort"
    }


def test_a_part_gives_what_an_entry_does_not_say(tmp_path):
    parts = '[[conditions]]\nid = "sober"\ntext = { nl = "nuchter", en = "sober" }\nsource = "project"\n'
    change = HEAD + '[[conditions]]\nlike = "sober"\nsource = "Rtvi art. 5"\n'
    condition = book_of(tmp_path, change, parts).versions("leave")[1].policy.conditions[-1]
    assert (condition.id, condition.text.en, condition.source) == ("sober", "sober", "Rtvi art. 5")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (HEAD + '[[domains]]\nlike = "nothing"\n', "like 'nothing'; expected one of none"),
        (
            'repeals = { rules = ["none"] }\n' + HEAD,
            "repeals 'none'; expected one of not_admissible",
        ),
        (
            'repeals = { rules = "risk_high" }\n' + HEAD,
            "repeals rules is 'risk_high'; expected a list",
        ),
        (
            'repeals = ["risk_high"]\n' + HEAD,
            r"repeals is \['risk_high'\]; expected ids by section",
        ),
        ('repeals = { title = ["x"] }\n' + HEAD, "repeals 'title'; expected one of"),
        ('repeals = { titles = ["x"] }\n' + HEAD, "repeals 'titles'; expected one of"),
        (HEAD + '[[rules]]\nid = "x"\nbefore = "y"\n', "'x' before 'y'; expected one of"),
        (HEAD + "[[rules]]\nid = 1\n", "rules has .*; expected a list of tables, each with its id"),
        (HEAD + "[rules]\nid = 1\n", "rules has None; expected a list of tables, each with its id"),
        (HEAD + "[[models]]\ncuts = [0.5]\n", "models has .*; expected .*, each with its model"),
        (HEAD.replace("2021-07-01", "1850-01-01"), "is no leave/1850-01-01.toml"),
        (HEAD.replace("2021-07-01", "2023-01-01"), "amends itself"),
        ("repeals = { rules = [] }\nvalid_from = 2023-01-01", "repeals without amends"),
        (HEAD + '[[rules]]\nid = "risk_high"\nunheard = 1\n', "unheard"),
        (
            'repeals = { rules = ["risk_high"] }\n' + HEAD + '[[rules]]\nid = "risk_high"\n',
            "rules 'risk_high' is repealed and said anew; expected one of the two",
        ),
        (
            'repeals = { conditions = ["new"] }\n'
            + HEAD
            + '[[conditions]]\nid = "new"\nsource = "project"\ntext = { nl = "x", en = "x" }\n',
            "conditions 'new' is repealed and said anew",
        ),
        (
            HEAD + '[[rules]]\nid = "risk_high"\n\n[[rules]]\nid = "risk_high"\n',
            "rules 'risk_high' twice",
        ),
    ],
)
def test_what_cannot_be_put_together_is_refused_with_its_place(tmp_path, change, said):
    with pytest.raises(PolicyError, match=said):
        book_of(tmp_path, change)


def test_a_fault_in_the_shared_parts_is_said_to_be_there(tmp_path):
    change = HEAD + '[[conditions]]\nlike = "sober"\n'
    with pytest.raises(PolicyError, match=r"^parts.toml: conditions has .*'id': 1"):
        book_of(tmp_path, change, "[[conditions]]\nid = 1\n")


def test_a_text_that_stands_alone_amends_nothing():
    with pytest.raises(PolicyError, match="amends 'leave/2021-07-01'"):
        resolve({"amends": "leave/2021-07-01"}, "a.toml", {}, None)


def test_the_rule_of_november_2021_only_asks_for_more_assessments():
    wide = PolicyBook.examples().versions("leave")[0]
    before = PolicyBook.shipped().versions("leave")[-1]
    assert verify(wide).ok
    moved = compare(before, wide)
    assert moved.more == 0
    assert moved.less == moved.count("grant", "deep_assessment") > 0


def test_the_rule_of_november_2021_as_meant_asks_an_assessment_only_of_those_in_a_clinic():
    before = PolicyBook.shipped().versions("leave")[-1]
    wide, repaired = PolicyBook.examples().versions("leave")
    assert verify(repaired).ok
    back = compare(wide, repaired)
    assert back.less == 0
    assert back.more == compare(before, wide).less
    assert compare(before, repaired).more == compare(before, repaired).less == 0
    placed = repaired.cells({"clinic": ("placed",), "gravity": ("serious",)})
    elsewhere = repaired.cells({"clinic": ("elsewhere",), "gravity": ("serious",)})
    shares = [(repaired.outcomes[c] == OUTCOMES.index("grant")).sum() for c in (placed, elsewhere)]
    assert 0 < shares[0] < shares[1]
