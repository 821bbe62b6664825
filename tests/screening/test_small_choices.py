"""Small choices of the parts of a screening that no whole example makes."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from cases import OUTCOMES, example
from risicoscreener import Screener
from risicoscreener.decision import PolicyBook
from risicoscreener.decision.compiled import CompiledPolicy
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import PolicyError, RecordError
from risicoscreener.screening import ScreeningResult
from risicoscreener.screening.admissible import admissible, admissible_many
from risicoscreener.screening.explanation import explain
from risicoscreener.screening.picture.compiled import WATCHED, PictureRoutes
from risicoscreener.screening.render import say_date
from risicoscreener.screening.route import JUDGMENT

MONTHS = {
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "en": "January February March April May June July August September October November December",
}


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_each_month_has_its_name(lang):
    said = [say_date(dt.date(2024, month, 5), lang) for month in range(1, 13)]
    assert said == [f"5 {name} 2024" for name in MONTHS[lang].split()]


# --- what is prepared for a kind ------------------------------------------------------------------


def test_alerts_read_their_features_whatever_kinds_are_followed(screener):
    routes = PictureRoutes(screener, ["promotion"])
    assert set(WATCHED) <= set(routes.plan.names)
    assert set(WATCHED) <= set(screener.definitions)


@pytest.mark.parametrize(("kind", "asks"), [("promotion", False), ("conditional_release", True)])
def test_the_day_of_the_judgment_is_computed_where_it_picks_the_version(screener, kind, asks):
    assert screener.route(kind).by_judgment is asks
    assert (JUDGMENT in screener.route(kind).names) is asks
    plan, _ = PictureRoutes(screener, [kind]).of_requirements
    assert (JUDGMENT in plan.names) is asks


def test_a_model_that_is_not_there_is_said_with_all_versions_that_read_it(screener):
    versions = screener.policies.versions("leave")[-1:]
    first = versions[0].policy
    later = replace(first, valid_from=first.valid_from + dt.timedelta(days=365))
    book = PolicyBook(
        [
            CompiledPolicy(replace(first, valid_until=later.valid_from - dt.timedelta(days=1))),
            CompiledPolicy(later),
        ]
    )
    bare = replace(screener.bundle, models=screener.bundle.models[:0])
    with pytest.raises(PolicyError, match=f"{book.versions('leave')[0].id}, {later.kind}/"):
        Screener(bare, book, screener.definitions).route("leave")


def test_a_model_without_a_support_speaks_of_everybody(screener):
    models = tuple(
        replace(m, program=replace(m.program, support=None, uncertainty=None), golden=())
        for m in screener.bundle.models
    )
    bare = Screener(replace(screener.bundle, models=models), screener.policies)
    for model in bare.screen(example("grant"), "leave").models:
        assert (model.support, model.unknown, model.outside, model.unusual) == (
            "inside",
            (),
            (),
            (),
        )
        assert (model.lower, model.upper, model.level) == (None, None, None)


def test_what_is_no_result_is_refused_with_its_place():
    for text in (b"{}", b"{", b"[]", b"\xff", '{"schema_version": "\ud800"}'):
        with pytest.raises(RecordError, match="this is no result of a screening"):
            ScreeningResult.from_json(text)


# --- explanations ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OUTCOMES)
def test_each_first_step_is_about_a_reason_that_can_change(screener, name):
    for kind in ("leave", "conditional_release", "low_security", "promotion"):
        found = explain(example(name), kind, screener=screener, as_of="2024-04-15")
        compiled = next(
            v for v in screener.policies.versions(kind) if v.id == found.result.policy.id
        )
        changeable = {d.id for d in compiled.domains if d.changeable}
        expected = [
            reason.name
            for reason in found.reasons
            if reason.part == "requirement" or reason.name in changeable
        ]
        assert [step.name for step in found.first] == expected


@pytest.mark.parametrize("is_late", [True, False])
def test_a_first_step_after_the_last_day_of_the_models_is_said_to_be(screener, is_late):
    found = explain(example("deny"), "conditional_release", screener=screener, as_of="2024-04-15")
    assert found.to_person.first
    assert not [way for way in found.to_person.helps if way.open]
    first = tuple(replace(step, models_may_decide=not is_late) for step in found.to_person.first)
    told = replace(found.to_person, first=first, waiting=None)
    letter = replace(found, to_person=told, models_until=dt.date(2031, 2, 3)).letter_to_person("en")
    assert ("3 February 2031" in letter.text()) is is_late


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_source_of_a_reason_is_that_of_its_domain_and_of_a_built_in_one_that_of_the_rule(
    screener, name
):
    for kind in ("leave", "conditional_release", "promotion"):
        found = explain(example(name), kind, screener=screener, as_of="2024-04-15")
        policy = next(
            v.policy for v in screener.policies.versions(kind) if v.id == found.result.policy.id
        )
        own = {d.id: d.source for d in policy.domains}
        for reason in found.reasons:
            if reason.part == "domain":
                assert reason.source == own.get(reason.name, found.result.rule.source)


def test_facts_for_the_person_are_those_behind_what_the_person_is_told(screener):
    plain = example("grant")
    victim = {"recorded_at": "2024-04-10", "known_on": "2024-04-10", "interest": "known"}
    plain["victims"] = [{**victim, "protection_need": "high", "objects_to_liberty": True}]
    found = explain(plain, "leave", screener=screener, as_of="2024-04-15")
    assert [reason.name for reason in found.reasons] == ["victims"]
    assert found.to_person.reasons == ()
    assert "victims" in {fact.table for fact in found.facts}
    assert "victims" not in {fact.table for fact in found.to_person.facts}
    by_risk = explain(example("deny"), "leave", screener=screener, as_of="2024-04-15")
    assert by_risk.to_person.reasons == by_risk.reasons
    assert by_risk.to_person.facts == tuple(f for f in by_risk.facts if f.table != "victims")


# --- time lines -----------------------------------------------------------------------------------


def test_a_time_line_says_itself(screener):
    line = admissible(example("grant"), "leave", screener=screener)
    assert str(line) == line.text()


def test_of_many_people_each_has_the_days_of_one(screener, monkeypatch):
    listed = [read_dossier(example(name)) for name in OUTCOMES]
    tables = DossierTables.from_dossiers(listed)
    day = dt.date(2024, 4, 15)
    frame = admissible_many(tables, "leave", day, screener=screener).to_frame()
    assert list(frame.columns) == [
        *("decision", "as_of", "now", "possible_from", "possible_until", "last")
    ]
    for dossier in listed:
        line = admissible(dossier, "leave", day, screener=screener)
        (kind,) = line.kinds
        row = frame.loc[dossier.person_id]
        assert row["possible_from"].date() == kind.windows[0].first
        assert row["possible_until"].date() == kind.windows[-1].last
        assert row["now"] == (kind.windows[0].first == day)
