"""What scenarios turn on: each mechanism alone, against what it plainly means."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from risicoscreener.dossier import vocabularies
from risicoscreener.synthetic import load_parameters, simulate
from risicoscreener.synthetic.stages.circumstances import draw_circumstances
from risicoscreener.synthetic.stages.conduct import draw_conduct
from risicoscreener.synthetic.stages.draws import Block
from risicoscreener.synthetic.stages.offences import factors_of_year, groups
from risicoscreener.synthetic.stages.people import draw_people
from risicoscreener.synthetic.stages.recording import as_recorded, draw_faults
from risicoscreener.synthetic.stages.rows import rows
from risicoscreener.synthetic.stages.stay import draw_stay
from risicoscreener.synthetic.stages.swapping import added_by_formula

from .looking import facts, present_stay

FORMULAS = {"formulas.above_days": 100, "formulas.above": {"intercept": -1.0, "in_work": 0.5}}
DAYS = np.array([100, 101, 100, 101])
IN_WORK = {"in_work": np.array([0.0, 0.0, 1.0, 1.0])}


def days(text):
    return (dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days


def block_of(**changes):
    """A block of the sentenced with changed parameters, dots in paths written as two underscores."""
    paths = {name.replace("__", "."): value for name, value in changes.items()}
    return Block(7, 0, 4096, load_parameters("sentenced", paths))


@pytest.mark.parametrize(
    ("assigned", "expected"),
    [("own", [0.0, -1.0, 0.0, -0.5]), ("interchanged", [-1.0, 0.0, -0.5, 0.0])],
)
def test_each_population_follows_its_own_formula_or_that_of_the_other(assigned, expected):
    p = load_parameters(changes={**FORMULAS, "formulas.assigned": assigned})
    np.testing.assert_array_equal(added_by_formula(p, IN_WORK, DAYS), expected)


def test_the_formula_is_one_where_nothing_is_changed():
    p = load_parameters(changes={"formulas.assigned": "interchanged"})
    np.testing.assert_array_equal(added_by_formula(p, IN_WORK, DAYS), np.zeros(4))


def test_a_factor_by_year_is_interpolated_and_held_outside_the_years():
    p = load_parameters(changes={"offences.mix_by_year.drugs": {"2010": 1.0, "2020": 2.0}})
    middle = days("2015-01-01")
    found = factors_of_year(p, np.array([days("1990-06-01"), middle, days("2024-06-01")]))
    drugs = groups(p).index("drugs")
    np.testing.assert_allclose(found[:, drugs], [1.0, 1.5, 2.0], atol=0.001)
    np.testing.assert_array_equal(np.delete(found, drugs, axis=1), np.ones((3, 4)))


def test_municipalities_are_as_likely_as_each_other_without_segregation():
    changes = {"circumstances.municipalities": 10}
    homes = facts(simulate(8000, changes=changes), "housing")["municipality"].dropna()
    counts = homes.value_counts()
    assert len(counts) == 10
    assert (np.abs(counts - len(homes) / 10) < 5 * np.sqrt(len(homes) / 10)).all()


def test_places_follow_disadvantage_and_origin_as_far_as_they_correlate():
    block = block_of(circumstances__municipality__on={"disadvantage": 0.4, "born_abroad": 0.3})
    people = draw_people(block)
    place = draw_circumstances(block, people).place
    slope = np.linalg.lstsq(
        np.column_stack([people.disadvantage, people.born_abroad, np.ones(block.size)]), place
    )[0]
    np.testing.assert_allclose(slope[:2], [0.4, 0.3 / np.sqrt(0.47 * 0.53)], rtol=1e-9)


def drawn_conduct(block):
    people = draw_people(block)
    stay = draw_stay(block, people)
    return draw_conduct(block, people, stay, draw_circumstances(block, people)), stay


def test_registered_incidents_are_a_part_of_the_true_ones_with_the_share_that_is_said():
    block = block_of(conduct__registered={"intercept": -1.0})
    conduct, _ = drawn_conduct(block)
    incident = vocabularies()["conduct_kind"].codes.index("incident")
    kept = conduct.rows.where(conduct.rows.columns["kind"] == incident)
    true = set(zip(conduct.incident_owner, conduct.incident_on, strict=True))
    assert set(zip(kept.owner, kept.columns["occurred_on"], strict=True)) <= true
    assert conduct.true_incidents.sum() == len(conduct.incident_owner)
    share = 1 / (1 + np.exp(1.0))
    noise = np.sqrt(share * (1 - share) / len(conduct.incident_owner))
    assert len(kept) / len(conduct.incident_owner) == pytest.approx(share, abs=4 * noise)


def test_true_incidents_do_not_depend_on_the_share_that_is_registered():
    usual, little = (
        drawn_conduct(block_of(conduct__registered={"intercept": x}))[0] for x in (0, -4)
    )
    np.testing.assert_array_equal(usual.incident_on, little.incident_on)
    np.testing.assert_array_equal(usual.true_incidents, little.true_incidents)


def test_prisons_differ_in_what_they_register_and_not_in_what_happens():
    conduct, stay = drawn_conduct(block_of(detention__prison_effect_sd=1.0))
    incident = vocabularies()["conduct_kind"].codes.index("incident")
    kept = conduct.rows.owner[conduct.rows.columns["kind"] == incident]
    true = np.bincount(stay.prison[conduct.incident_owner], minlength=26)
    share = np.bincount(stay.prison[kept], minlength=26) / true
    assert share.max() - share.min() > 0.5
    weeks = np.bincount(stay.prison, weights=stay.days, minlength=26) / 7
    per_week = true / weeks
    assert per_week.std() / per_week.mean() < 0.4


def linked_share(**changes):
    block = block_of(**changes)
    people = draw_people(block)
    return draw_faults(block, people, draw_stay(block, people)).linked, people.born_abroad


def test_whoever_is_not_found_is_not_found_when_more_are_missed_either():
    few, _ = linked_share()
    many, _ = linked_share(recording__unlinked={"intercept": -2.0, "born_abroad": 0.4})
    assert not many[~few].any()
    assert (~many).sum() > 3 * (~few).sum()


def test_everybody_is_found_where_the_chance_is_nil():
    linked, _ = linked_share(recording__unlinked={"intercept": -100.0})
    assert linked.all()


def test_faults_leave_the_present_stay_and_its_conviction():
    block = block_of(recording__unlinked={"intercept": 100.0})
    people = draw_people(block)
    stay = draw_stay(block, people)
    owner = np.array([0, 0, 0, 1])
    arrived = stay.arrived[owner] + np.array([-500, 0, 900, 0])
    found = {
        "detentions": rows("detentions", owner, arrived_on=arrived),
        "convictions": rows(
            "convictions", owner, index_offence=[0, 1, 0, 1], offence_class=0, judged_on=0
        ),
        "inquiries": rows("inquiries", owner, subject=0),
        "conduct": rows("conduct", owner, subject=0, occurred_on=0),
    }
    for name in ("debts", "housing", "income_work", "identity_care", "programme"):
        found[name] = rows(name, owner)
    recorded = as_recorded(block.parameters, stay, draw_faults(block, people, stay), found)
    assert recorded["detentions"].owner.tolist() == [0, 1]
    assert recorded["convictions"].owner.tolist() == [0, 1]
    for name in ("inquiries", "conduct", "debts", "programme"):
        assert len(recorded[name]) == 4


def test_two_codes_can_be_exchanged():
    changes = {
        "recording.recoded_from": dt.date(1900, 1, 1),
        "recording.recoded_offences": {"theft": "fraud", "fraud": "theft"},
    }
    base, found = simulate(2000), simulate(2000, changes=changes)
    counts = [facts(c, "convictions")["offence_class"].value_counts() for c in (base, found)]
    judged = facts(base, "convictions")["judged_on"].notna().all()
    assert judged
    assert counts[1]["theft"] == counts[0]["fraud"]
    assert counts[1]["fraud"] == counts[0]["theft"]


def test_a_municipality_is_of_those_that_there_are():
    found = simulate(500, changes={"circumstances.municipality.on.disadvantage": 0.7})
    names = set(facts(found, "housing")["municipality"].dropna())
    assert names <= {f"GM-{i + 1:03d}" for i in range(340)}
    assert len(present_stay(found)) == 500
