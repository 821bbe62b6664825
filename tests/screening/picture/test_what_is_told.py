"""What moved and alerts, in the cases that no example has, and at their limits."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace

from cases import example
from following import DAY, incident, person, stay
from risicoscreener.decision import OUTCOMES
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.errors import DossierError
from risicoscreener.screening.picture import (
    BandLatch,
    CurrentPicture,
    RescreenList,
    Watch,
    course_of,
    follow,
    read_events,
    rescreen_list,
)
from risicoscreener.screening.picture.alerts import _band, _next_known
from risicoscreener.screening.picture.events import FactRef
from risicoscreener.screening.picture.moved import Because, Moved, _said_band, because_text
from risicoscreener.screening.picture.rescreen import REASONS
from risicoscreener.screening.stretches import stretches
from risicoscreener.texts import Texts

A_DAY = dt.date(2022, 2, 1)


# --- bands ----------------------------------------------------------------------------------------


def test_bands_with_names_are_told_by_name_and_others_by_number_from_one():
    assert _said_band((0, 3))[0] == "low"
    assert _said_band((1, 3))[0] == "moderate"
    assert _said_band((2, 9)) == ("2", Texts(nl="3", en="3"))
    few, many = BandLatch((0.1, 0.2), 0.01), BandLatch(tuple(np.arange(1, 9) / 10), 0.01)
    assert _band(1, few) == _said_band((1, 3))[1]
    assert _band(2, many) == Texts(nl="3", en="3")


@pytest.mark.parametrize(("before", "severity"), [(0, "warning"), (2, "notice")])
def test_a_band_that_rises_is_a_warning_and_one_that_falls_a_notice(routes, before, severity):
    picture = CurrentPicture(example("grant"), routes=routes)
    watch = Watch(picture)
    model = picture.standing("leave").models[0]
    latch = watch._latches[picture.standing("leave").policy][model.name]
    p = model.probability
    latch.band, latch.margin, latch.cuts = before, 0.0, (p - 1e-6, p + 1e-6)
    told = [a.severity for a in watch._of_bands() if a.decision == "leave"]
    assert (told, latch.band) == ([severity], 1)


def test_a_band_is_told_with_what_it_is_a_probability_of(routes):
    picture = CurrentPicture(example("grant"), routes=routes)
    watch = Watch(picture)
    standing = picture.standing("leave")
    for model in standing.models:
        latch = watch._latches[standing.policy][model.name]
        latch.band, latch.margin, latch.cuts = 0, 0.0, (model.probability - 1e-6,)
    told = [a.message.en for a in watch._of_bands() if a.decision == "leave"]
    views = routes.routes["leave"].models
    outcomes = {v.model.name: v.model.outcome.en for v in views}
    assert len(told) == len(standing.models)
    for model, message in zip(standing.models, told, strict=True):
        assert outcomes[model.name] in message


def test_a_probability_that_may_not_be_told_changes_no_band(inside, monkeypatch):
    watch = Watch(inside)
    for latches in watch._latches.values():
        for latch in latches.values():
            latch.band, latch.margin = len(latch.cuts), 0.0
    standings = {
        kind: replace(found, models=tuple(replace(m, supported=False) for m in found.models))
        for kind, found in inside.standings().items()
    }
    monkeypatch.setattr(inside, "standing", standings.__getitem__)
    assert list(watch._of_bands()) == []


# --- requirements that are lost -------------------------------------------------------------------


def requirement(name: str, before: str | None, after: str) -> Moved:
    text = Texts(nl=name, en=name)
    return Moved(
        day=A_DAY,
        decision="leave",
        what="requirement",
        name=name,
        title=text,
        before=before,
        after=after,
        before_text=text,
        after_text=text,
        cause="fact",
    )


def test_what_is_no_longer_met_is_told_before_what_is_no_longer_known(inside):
    watch = Watch(inside)
    watch._admissible["leave"] = True

    def lost(*moved: Moved) -> list[str]:
        return [a.message.en for a in watch._of_moves(moved)]

    gone, unsure = requirement("A", "met", "not_met"), requirement("B", "met", "unknown")
    (both,) = lost(gone, unsure)
    assert "A" in both
    assert "B" not in both
    (alone,) = lost(unsure)
    assert "B" in alone
    assert alone != both.replace("A", "B")
    assert lost(requirement("C", "unknown", "not_met")) == []
    watch._admissible["leave"] = False
    assert lost(gone) == []
    assert lost(requirement("D", None, "met")) == []
    (met,) = lost(requirement("E", "not_met", "met"))
    assert "E" in met


def test_days_ahead_are_a_number_of_a_year_at_most(inside):
    for days in (0, 1, 366):
        assert Watch(inside, ahead_days=days).ahead_days == days
    for days in (-1, 367, 1.5, "7", None):
        with pytest.raises(DossierError, match="expected from 0 to 366 days"):
            Watch(inside, ahead_days=days)


def test_a_watch_does_not_go_back_and_stays_where_it_is(inside):
    watch = Watch(inside)
    assert watch.advance(inside.day) == ()
    with pytest.raises(DossierError, match="go back"):
        watch.advance(inside.day - DAY)


def test_the_next_day_on_which_a_field_comes_true():
    plain = {**person(), "detentions": [stay(released_on="2022-05-01", recorded_at="2022-01-03")]}
    picture = CurrentPicture(plain, day="2022-01-03")
    release = dt.date(2022, 5, 1)
    assert _next_known(picture.dossier, dt.date(2022, 1, 3)) <= release
    assert _next_known(picture.dossier, release - DAY) == release
    assert _next_known(picture.dossier, release) > release
    assert _next_known(picture.dossier, dt.date(2090, 1, 1)) == dt.date.max


def test_an_assessment_that_expires_is_told_up_to_its_last_day(inside):
    done = {"kind": "deep_risk_assessment", "asked_on": "2022-02-01", "done_on": "2022-02-01"}
    until = dt.date(2022, 6, 1)
    fact = {"recorded_at": "2022-02-01", "outcome": "favourable", "valid_until": str(until), **done}
    inside.add("assessments", fact)
    for days, is_told in ((10, True), (0, True), (-1, False), (11, False)):
        picture = CurrentPicture(inside.dossier, day=until - days * DAY, routes=inside.routes)
        codes = [a.code for a in Watch(picture, ahead_days=10).opening]
        assert ("assessment_expiring" in codes) is is_told


# --- what moved -----------------------------------------------------------------------------------


def because(**changes: object) -> Because:
    given = {"feature": "f", "text": Texts(nl="x", en="the value"), "unit": "", "before": 1.0}
    return Because(**{**given, "after": 2.0, **changes})


def fact(n: int, table: str = "conduct") -> FactRef:
    return FactRef(table, n, A_DAY + n * DAY)


def test_a_value_that_changed_is_told_with_its_facts():
    bare = because_text(because()).en
    assert "the value" in bare
    joined = because_text(because(joined=(fact(0), fact(1)))).en
    assert joined.startswith(bare.rstrip("."))
    assert "1 February 2022" in joined
    assert "2 February 2022" in joined
    both = because_text(because(joined=(fact(0),), left=(fact(3, "debts"),))).en
    assert "; " in both
    assert "4 February 2022" in both
    unknown = because_text(because(before=None, after=0.0)).en
    assert "unknown" in unknown


def test_many_facts_are_told_by_their_number_and_tables():
    three = because_text(because(joined=tuple(fact(n) for n in range(3)))).en
    assert "3 February 2022" in three
    four = because_text(
        because(joined=(*(fact(n) for n in range(3)), fact(3, "debts"), fact(4, "debts")))
    ).en
    assert "February" not in four
    assert "5 " in four
    assert ", debts" in four


def test_the_cause_of_a_move_names_its_fact_where_a_fact_is_the_cause():
    moved = requirement("A", "met", "not_met")
    plain = moved.text("en")
    named = replace(moved, fact=fact(0)).text("en")
    assert named != plain
    assert replace(moved, fact=fact(0), cause="policy").text("en") == replace(
        moved, cause="policy"
    ).text("en")


def test_the_strongest_changes_of_a_probability_are_its_reasons(inside):
    before = {m.name: m.probability for m in inside.standing("leave").models}
    inside.step = 1e-9
    moved = inside.add("conduct", incident("2022-02-01", "intolerable"))
    found = [m for m in moved if m.what == "probability"]
    assert found
    for one in found:
        assert one.decision is None
        assert len(one.because) <= 3
        if one.name in before:
            assert one.before == pytest.approx(before[one.name], abs=0.2)
        for reason in one.because:
            assert reason.before != reason.after


# --- alerts at the beginning ----------------------------------------------------------------------


def test_what_is_so_at_the_beginning_is_told_at_the_beginning(routes):
    plain = example("grant")
    day = "2024-04-10"
    victim = {"recorded_at": day, "known_on": day, "interest": "known"}
    plain["victims"] = [*plain.get("victims", []), {**victim, "contact_wish": "informed_only"}]
    opening = Watch(CurrentPicture(plain, routes=routes)).opening
    assert [a.severity for a in opening if a.code == "victims_not_informed"] == ["warning"]
    reached = [a.decision for a in opening if a.code == "admissible_reached"]
    standings = CurrentPicture(plain, routes=routes).standings()
    met = [
        k for k, s in standings.items() if s.requirements and {*s.requirements.values()} == {"met"}
    ]
    assert reached == met != []


def test_a_kind_that_has_no_version_yet_moves_from_none(routes):
    picture = CurrentPicture(person(), day="2021-06-29", routes=routes)
    picture.add("detentions", stay(recorded_at="2021-06-29", arrived_on="2021-06-29"))
    moved = picture.advance("2021-07-01")
    begun = [m for m in moved if m.decision == "extramural_leave" and m.what == "outcome"]
    assert [(m.before, m.before_text.en) for m in begun] == [(None, "none")]
    ended = [m for m in moved if m.decision == "regime_leave" and m.what == "outcome"]
    assert [(m.after, m.after_text.en) for m in ended] == [(None, "none")]


def test_a_correction_of_what_was_consulted_may_be_about_another_register(inside, screener):
    """What was looked at is another table then: the features of both are computed anew."""
    asked = {"recorded_at": "2022-01-20", "source": "prison", "consulted_on": "2022-01-20"}
    inside.add("inquiries", {**asked, "subject": "debts", "complete": False, "fact_id": "a"})
    right = {"subject": "housing", "complete": False, "fact_id": "b", "supersedes": "a"}
    inside.add("inquiries", {**asked, **right})
    for kind in ("leave", "conditional_release", "low_security"):
        scratch = screener.screen(inside.dossier, kind, as_of=inside.day)
        assert inside.result(kind).to_json() == scratch.to_json()


def test_a_picture_and_a_person_who_was_followed_say_themselves(routes):
    picture = CurrentPicture(example("grant"), routes=routes)
    assert str(picture) == picture.text()
    followed = follow(example("grant"), [], routes=routes, until="2024-04-20")
    assert str(followed) == followed.text()
    plain = followed.to_dict()
    assert list(plain) == ["person_id", "first", "last", "outcomes", "steps"]
    assert plain["person_id"] == example("grant")["person_id"]
    assert set(plain["outcomes"]) == set(routes.kinds)


# --- days in a row, courses and lists -------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1], [(0, 0, 1)]),
        ([1, 1, 1], [(0, 2, 1)]),
        ([1, 2, 2, 1], [(0, 0, 1), (1, 2, 2), (3, 3, 1)]),
    ],
)
def test_days_in_a_row(values, found):
    assert list(stretches(np.array(values))) == found


class TestCourse:
    @pytest.fixture(scope="class")
    def course(self, screener):
        kinds = ["leave", "conditional_release"]
        return course_of(example("grant"), kinds=kinds, first="2024-04-10", screener=screener)

    def test_it_is_asked_by_kind(self, course):
        for kind in ("leave", "conditional_release"):
            assert course[kind].decision == kind
        with pytest.raises(KeyError, match="'promotion' is not among leave, conditional_release"):
            course["promotion"]

    def test_one_day_is_a_course_and_none_is_not(self, course, screener):
        day = course.last
        one = course_of(example("grant"), kinds="leave", first=day, last=day, screener=screener)
        assert one.days == 1
        with pytest.raises(DossierError, match="up to and including"):
            course_of(example("grant"), kinds="leave", first=day, last=day - DAY, screener=screener)

    def test_it_begins_with_the_latest_arrival_that_is_known(self, screener):
        whole = course_of(example("grant"), kinds="leave", screener=screener)
        arrived = max(row["arrived_on"] for row in example("grant")["detentions"])
        assert str(whole.first) == arrived

    def test_each_day_is_that_of_a_screening(self, course, screener):
        for kind in course.kinds:
            for n in range(course.days):
                day = course.first + n * DAY
                scratch = screener.screen(example("grant"), kind.decision, as_of=day)
                assert OUTCOMES[kind.outcome[n]] == scratch.outcome
                assert kind.admissible[n] == all(r.level == "met" for r in scratch.requirements)
                assert kind.title == scratch.policy.title

    def test_days_without_a_version_have_no_outcome(self, screener):
        kind = "regime_leave"
        none = course_of(
            example("grant"), kinds=kind, first="2024-04-14", last="2024-04-15", screener=screener
        )[kind]
        assert none.outcome.tolist() == [-1, -1]
        assert none.admissible.tolist() == [False, False]
        assert none.title == screener.policies.versions(kind)[-1].policy.title

    def test_cut_offs_are_those_of_all_versions_ascending(self, course):
        for model in course.models:
            assert list(model.cuts) == sorted(set(model.cuts))
            assert model.cuts


class TestRescreenList:
    @pytest.fixture
    def found(self) -> RescreenList:
        why = np.array([[0, 1], [0, 0], [1 << 4 | 1 << 8, 1 << 4]], np.uint16)
        return RescreenList(A_DAY, pa.array(["A", "B", "C"]), ("leave", "promotion"), why)

    def test_it_is_counted_by_screening_by_reason_and_by_person(self, found):
        assert len(found) == 3
        assert found.people().tolist() == [0, 2]
        counts = {name: n for name, n in found.counts().items() if n}
        assert counts == {"never_screened": 1, "new_fact": 2, "level_changed": 1}
        assert found.reasons(2, "leave") == ("new_fact", "level_changed")
        assert found.reasons(1, "leave") == ()

    def test_reasons_are_told_in_words(self, found):
        assert found.text_of(1, "leave").en == ""
        assert found.text_of(2, "promotion").en in found.text_of(2, "leave").en

    def test_as_a_frame_it_has_a_row_for_each_screening(self, found):
        frame = found.to_frame()
        assert frame[["person_id", "decision"]].to_numpy().tolist() == [
            ["A", "promotion"],
            ["C", "leave"],
            ["C", "promotion"],
        ]
        assert list(frame.columns) == ["person_id", "decision", *REASONS]
        assert frame["new_fact"].tolist() == [False, True, True]
        assert frame["never_screened"].tolist() == [True, False, False]

    def test_the_shipped_screener_is_used_where_none_is_given(self, screener):
        tables = DossierTables.from_dossiers([read_dossier(example("grant"))])
        for given in ({}, {"screener": screener}):
            found = rescreen_list(tables, "2024-06-01", "2024-04-15", kinds="leave", **given)
            assert found.reasons(0, "leave")

    def test_a_day_after_the_morning_is_refused_and_named(self, screener):
        tables = DossierTables.from_dossiers([read_dossier(example("grant"))])
        rescreen_list(tables, "2024-06-01", "2024-06-01", kinds="leave", screener=screener)
        with pytest.raises(DossierError, match="the morning, 2024-06-01"):
            rescreen_list(tables, "2024-06-01", "2024-06-02", kinds="leave", screener=screener)


# --- events ---------------------------------------------------------------------------------------

FIRST = '{"person_id": "SYN-000001", "person": {"birth_date": "1990-01-01", "sex": "male"}}\n'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{}", "events, line 2: it has no keys; expected table and fact, or advance_to"),
        ('{"table": "conduct"}', "line 2: it has table; expected table and fact"),
        ('{"table": "conduct", "fact": [1]}', r"line 2: the fact is \[1\]; expected an object"),
        ('{"table": "conduct", "fact": {}}', "line 2: recorded_at is None; expected a day"),
        ('{"table": "x", "fact": {}}', "line 2: table 'x'; expected one of"),
        ('{"table": 3, "fact": {}}', "line 2: table 3; expected one of"),
        ('{"advance_to": "soon"}', "line 2: advance_to is 'soon'; expected a day"),
        ("[]", "line 2: expected an object"),
        ("{", "line 2 is not JSON"),
        ('{"a": 1, "a": 2}', "line 2: 'a' is there twice"),
    ],
)
def test_a_line_that_is_no_event_is_named(line, said):
    with pytest.raises(DossierError, match=said):
        read_events(FIRST + line)


def test_the_first_line_says_who_it_is_about():
    assert read_events(FIRST + "\n").events == ()
    assert read_events(FIRST + '{"advance_to": "2024-01-02"}').events == (dt.date(2024, 1, 2),)
    for text, said in (("", "is empty"), ("{}", "line 1: it has no keys; expected person_id")):
        with pytest.raises(DossierError, match=said):
            read_events(text)
    with pytest.raises(DossierError, match="line 1: it has person_id"):
        read_events('{"person_id": "SYN-000001"}')
    with pytest.raises(DossierError, match="mine is not UTF-8"):
        read_events(b"\xff", "mine")
