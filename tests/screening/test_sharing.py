"""A screener and its results go to other processes, and nothing is changed behind their back."""

from __future__ import annotations

import copy
import pickle
import shutil
from dataclasses import FrozenInstanceError
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from cases import KINDS, example
from risicoscreener import Screener
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import BundleError, PolicyError
from risicoscreener.models import Bundle
from risicoscreener.models.bundle import content_hash
from risicoscreener.screening.route import LONGEST_VALIDITY
from risicoscreener.screening.table import COLUMNS


@pytest.mark.parametrize(
    "send", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_a_screener_that_has_screened_can_be_copied_and_sent(screener, granted, send):
    before = {kind: screener.screen(granted, kind) for kind in KINDS}
    received = send(screener)
    assert {kind: received.screen(granted, kind) for kind in KINDS} == before
    assert received.bundle == screener.bundle


@pytest.mark.parametrize(
    "send", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_results_of_one_and_of_many_can_be_copied_and_sent(screener, granted, send):
    result = screener.screen(granted)
    assert send(result) == result
    screened = screener.screen_many(
        DossierTables.from_dossiers([read_dossier(granted)]), "leave", result.as_of
    )
    received = send(screened)
    assert received.result(0) == result
    pd.testing.assert_frame_equal(received.to_frame(), screened.to_frame())


@pytest.mark.parametrize("part", ["bundle", "policies", "definitions"])
def test_the_parts_of_a_screener_cannot_be_exchanged_under_what_it_compiled(screener, part):
    with pytest.raises(FrozenInstanceError):
        setattr(screener, part, getattr(screener, part))


@pytest.mark.parametrize("decision", [None, 3, [], b"leave", "", "LEAVE", "../leave"])
def test_what_is_no_kind_of_decision_is_refused_alike_for_one_and_many(screener, granted, decision):
    with pytest.raises(PolicyError, match="expected one of conditional_release, degr"):
        screener.screen(granted, decision)
    with pytest.raises(PolicyError, match="expected one of conditional_release, degr"):
        screener.screen_many(
            DossierTables.from_dossiers([read_dossier(granted)]), decision, "2024-04-15"
        )


def policies_with(folder: Path, *changes: tuple[str, str]) -> Path:
    """The shipped policies, the newest on leave changed."""
    with_them = folder / "policies"
    shutil.copytree(str(files("risicoscreener.decision") / "policies"), with_them)
    newest = with_them / "leave" / "2021-07-01.toml"
    text = newest.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    newest.write_text(text, "utf-8")
    return with_them


def test_an_outcome_that_would_hold_beyond_the_calendar_is_refused(tmp_path, granted):
    longest = policies_with(tmp_path, ("validity_days = 28", f"validity_days = {LONGEST_VALIDITY}"))
    result = Screener.load(policies=longest).screen(granted)
    assert (result.valid_until - result.as_of).days == LONGEST_VALIDITY
    newest = longest / "leave" / "2021-07-01.toml"
    said = f"validity_days = {LONGEST_VALIDITY}"
    newest.write_text(newest.read_text("utf-8").replace(said, f"{said[:-1]}6"), "utf-8")
    with pytest.raises(PolicyError, match=f"validity_days = {LONGEST_VALIDITY + 1}; expected at"):
        Screener.load(policies=longest).screen(granted)


def test_a_domain_that_would_hide_a_column_of_the_results_is_refused(tmp_path, granted):
    hiding = policies_with(
        tmp_path,
        ('id = "victims"', 'id = "rule"'),
        ("victims = ", "rule = "),
        ('matters = "victims"', 'matters = "rule"'),
    )
    for kind in hiding.iterdir():  # others amend this one
        if kind.is_dir() and kind.name != "leave":
            shutil.rmtree(kind)
    screener = Screener.load(policies=hiding)
    assert screener.screen(granted).domain("rule").level
    tables = DossierTables.from_dossiers([read_dossier(granted)])
    with pytest.raises(PolicyError, match="two columns rule; rename"):
        screener.screen_many(tables, "leave", "2024-04-15")


def test_the_columns_that_all_results_have_are_those_that_no_domain_may_hide(screener, granted):
    tables = DossierTables.from_dossiers([read_dossier(granted)])
    common = [set(screener.screen_many(tables, k, "2024-04-15").to_frame()) for k in KINDS]
    assert set(COLUMNS) <= set.intersection(*common)
    result = screener.screen(granted)
    by_domain = {domain.name for domain in result.domains}
    by_model = {n for n in common[1] if n.startswith(tuple(model.name for model in result.models))}
    old = {d.name for d in screener.screen(granted, as_of="2020-01-01").domains}
    assert common[1] == set(COLUMNS) | by_domain | old | by_model


def test_a_policy_may_have_more_versions_than_a_byte_counts(tmp_path, granted):
    count = 130
    folder = policies_with(tmp_path)
    newest = folder / "leave" / "2021-07-01.toml"
    text = newest.read_text("utf-8")
    days = [pd.Timestamp("2021-07-01") + pd.Timedelta(days=i) for i in range(count)]
    for day, after in zip(days, [*days[1:], None], strict=True):
        dated = text.replace("valid_from = 2021-07-01", f"valid_from = {day.date()}")
        if after is not None:
            until = (after - pd.Timedelta(days=1)).date()
            dated = dated.replace("date_basis =", f"valid_until = {until}\ndate_basis =", 1)
        (folder / "leave" / f"{day.date()}.toml").write_text(dated, "utf-8")
    screener = Screener.load(policies=folder)
    tables = DossierTables.from_dossiers([read_dossier(granted)])
    screened = screener.screen_many(tables, "leave", "2024-04-15")
    assert screened.to_frame()["policy"].tolist() == [f"leave/{days[-1].date()}"]
    assert screened.outcomes.tolist() == ["grant"]


def test_half_a_character_in_a_bundle_is_refused_as_any_damage(screener):
    plain = screener.bundle.to_dict()
    plain["owner"] = "\ud800"
    with pytest.raises(BundleError, match="half a character"):
        content_hash(plain)
    with pytest.raises(BundleError, match="cannot be read"):
        Bundle.load("a\0b")


def test_a_bundle_that_lacks_the_models_of_a_policy_is_refused_by_their_names(screener, granted):
    import msgspec

    other = msgspec.structs.replace(screener.bundle, models=screener.bundle.models[:1])
    lacking = Screener(other, screener.policies)
    for kind in KINDS:
        with pytest.raises(PolicyError, match="reads a model that is not there"):
            lacking.screen(example("grant"), kind)


def test_models_of_another_population_ask_for_an_expert(screener, granted):
    """The same models with a rule that this person does not meet: never a number alone."""
    import msgspec

    from risicoscreener.models import PopulationRule

    def of_the_young(model):
        support = msgspec.structs.replace(
            model.program.support, rules=(PopulationRule("age_years", maximum=21.0),)
        )
        program = msgspec.structs.replace(model.program, support=support)
        return msgspec.structs.replace(model, program=program)

    models = tuple(of_the_young(model) for model in screener.bundle.models)
    other = Screener(msgspec.structs.replace(screener.bundle, models=models), screener.policies)
    result = other.screen(granted)
    assert result.outcome == "deep_assessment"
    assert {model.support for model in result.models} == {"outside"}
    tables = DossierTables.from_dossiers([read_dossier(granted)])
    assert other.screen_many(tables, "leave", result.as_of).result(0) == result


def test_the_judgment_picks_the_version_also_if_no_policy_asks_for_its_day(tmp_path, granted):
    folder = policies_with(tmp_path)
    for path in (folder / "conditional_release").iterdir():
        text = path.read_text("utf-8")
        path.write_text(text.replace('input = "days_until_judgment"', 'input = "in_ebi"'), "utf-8")
    for fact in granted["convictions"]:
        fact |= {"offence_on": "2014-01-01", "judged_on": "2015-01-01"}
        fact["recorded_at"] = "2015-02-01"
    granted["detentions"][0]["judged_on"] = "2015-01-01"
    screener = Screener.load(policies=folder)
    result = screener.screen(granted, "conditional_release")
    assert result.policy.id == "conditional_release/2008-07-01"
    tables = DossierTables.from_dossiers([read_dossier(granted)])
    batch = screener.screen_many(tables, "conditional_release", result.as_of).result(0)
    assert (batch.policy, batch.outcome, batch.values) == (
        result.policy,
        result.outcome,
        result.values,
    )
