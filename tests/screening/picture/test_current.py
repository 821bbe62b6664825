"""The picture as facts arrive is that of a screening from scratch on the day, in every field."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cases import EXAMPLES, example
from following import DAY, incident, person, stay, stream, without_facts
from risicoscreener.dossier import read_dossier
from risicoscreener.errors import BundleError, DossierError, PolicyError
from risicoscreener.screening import Screener
from risicoscreener.screening.picture import CurrentPicture, Event
from strategies import dossiers

TODAY = dt.date.today()


def assert_is_from_scratch(picture, screener, kinds=None):
    for kind in kinds or picture.kinds:
        try:
            scratch = screener.screen(picture.dossier, kind, as_of=picture.day)
        except PolicyError as error:
            assert picture.standing(kind).outcome is None
            with pytest.raises(PolicyError) as said:
                picture.result(kind)
            assert str(said.value) == str(error)
            continue
        assert picture.result(kind).to_json() == scratch.to_json()
        standing = picture.standing(kind)
        assert standing.outcome == scratch.outcome
        assert standing.policy == scratch.policy.id
        assert standing.valid_until == scratch.valid_until
        assert standing.domains == {d.name: d.level for d in scratch.domains}
        assert standing.requirements == {r.name: r.level for r in scratch.requirements}
        for found in standing.models:
            model = scratch.model(found.name)
            assert (found.probability, found.lower) == (model.probability, model.lower)


@settings(max_examples=30, deadline=None)
@given(dossiers(max_rows=4), st.data())
def test_each_fact_gives_what_a_screening_from_scratch_gives(screener, routes, dossier, data):
    assume(dossier.person.birth_date <= TODAY)
    events = stream(dossier)
    first = min([e.fact.recorded_at for e in events], default=dossier.person.birth_date)
    picture = CurrentPicture(without_facts(dossier), day=first, routes=routes)
    for event in events:
        kinds = data.draw(st.lists(st.sampled_from(screener.kinds), min_size=1, max_size=3))
        before = picture.day, picture.dossier
        try:
            picture.add(event)
        except DossierError:  # two stays at once until a correction arrives
            assert (picture.day, picture.dossier) == before
        assert_is_from_scratch(picture, screener, kinds)
        if data.draw(st.booleans()):
            ahead = picture.day + data.draw(st.integers(0, 400)) * DAY
            later = [e.fact.recorded_at for e in events if e.fact.recorded_at > picture.day]
            picture.advance(min([ahead, TODAY, *later]))
            assert_is_from_scratch(picture, screener, kinds)


@settings(max_examples=15, deadline=None)
@given(dossiers(max_rows=3), st.randoms())
def test_facts_that_arrive_late_count_from_then_on(screener, routes, dossier, chance):
    assume(dossier.person.birth_date <= TODAY)
    events = stream(dossier)
    chance.shuffle(events)
    picture = CurrentPicture(
        without_facts(dossier), day=dossier.person.birth_date, routes=routes, late="accept"
    )
    for event in events:
        try:
            picture.add(event)
        except DossierError:  # a correction before the fact that it corrects
            continue
    assert_is_from_scratch(picture, screener)


def test_the_example_gives_its_outcome_fact_by_fact(screener, routes):
    dossier = read_dossier(example("grant"))
    picture = CurrentPicture(without_facts(dossier), day="2016-01-01", routes=routes)
    for event in stream(dossier):
        picture.add(event)
    assert picture.standing("leave").outcome == "grant"
    assert_is_from_scratch(picture, screener)


def test_a_picture_can_begin_with_a_dossier(screener, routes):
    picture = CurrentPicture(example("grant"), routes=routes)
    assert picture.day == dt.date(2024, 4, 15)
    assert_is_from_scratch(picture, screener)


def test_one_kind_may_be_named_by_itself_and_twice_is_once(screener):
    for kinds in ("leave", ["leave"], ["leave", "leave"]):
        picture = CurrentPicture(person(), kinds=kinds, day="2022-01-03", screener=screener)
        assert picture.kinds == ("leave",)


@pytest.mark.parametrize("step", [float("nan"), -0.1, 1.5])
def test_a_step_that_is_no_difference_of_probabilities_is_refused(routes, step):
    with pytest.raises(DossierError, match="step is"):
        CurrentPicture(person(), day="2022-01-03", routes=routes, step=step)


def test_daily_steps_end_where_one_step_ends(screener, routes):
    one, daily = (CurrentPicture(example("grant"), routes=routes) for _ in range(2))
    one.advance("2024-06-20")
    moved = daily.advance("2024-06-20", daily=True)
    assert [daily.result(k) for k in ("leave", "low_security")] == [
        one.result(k) for k in ("leave", "low_security")
    ]
    assert len({m.day for m in moved}) > 1
    assert_is_from_scratch(daily, screener)


@pytest.fixture
def asked(inside, monkeypatch):
    """Grows by the program of each model that is asked."""
    found = []
    programs = {type(v.program) for r in inside.routes.routes.values() for v in r.models}
    for kind in programs:
        kept = kind.assess_one
        monkeypatch.setattr(
            kind, "assess_one", lambda self, v, k=kept: (found.append(id(self)), k(self, v))[1]
        )
    return found


def test_nothing_is_computed_again_that_a_fact_cannot_touch(inside, asked):
    fact = {"recorded_at": str(inside.day), "attribute": "religion", "value": "none"}
    before = inside.standings()
    moved = inside.add("audit", {**fact, "noted_on": str(inside.day)})
    assert (moved, asked, inside.standings()) == ((), [], before)


def test_a_model_of_several_kinds_is_asked_once_a_day(inside, asked):
    inside.advance(inside.day + DAY)
    names = {v.model.name for r in inside.routes.routes.values() for v in r.models}
    assert 0 < len(asked) <= len(names)
    assert len(set(asked)) == len(asked)


def test_every_table_touches_only_what_reads_it(routes):
    for table in ("debts", "conduct", "victims"):
        places, _ = routes.touched_by((table,))
        assert 0 < len(places) < len(routes.plan.names)
    everything, _ = routes.touched_by(("detentions",))
    assert len(everything) > len(routes.touched_by(("debts",))[0])


def told_of(picture):
    """All that can be told to have moved, but for probabilities."""
    found = {}
    for kind, standing in picture.standings().items():
        found[kind, "outcome", kind] = standing.outcome
        found[kind, "policy", kind] = standing.policy
        for name, level in standing.domains.items():
            if name != "admissibility":
                found[kind, "level", name] = level
        for name, level in standing.requirements.items():
            found[kind, "requirement", name] = level
    return found


@settings(max_examples=25, deadline=None)
@given(dossiers(max_rows=3), st.data())
def test_what_moved_is_all_that_differs(routes, dossier, data):
    assume(dossier.person.birth_date <= TODAY)
    events = stream(dossier)
    first = min([e.fact.recorded_at for e in events], default=dossier.person.birth_date)
    picture = CurrentPicture(without_facts(dossier), day=first, routes=routes)
    now = told_of(picture)
    for event in events:
        now = follow_the_moves(picture.advance(event.fact.recorded_at), now, told_of(picture))
        try:
            moved = picture.add(event)
        except DossierError:
            continue
        now = follow_the_moves(moved, now, told_of(picture))


def follow_the_moves(moved, now, then):
    """What was told, changed by each move, is what can be told after it."""
    other_version = {m.decision for m in moved if m.what == "policy"}
    for one in moved:
        if one.what in ("band", "probability"):
            continue
        key = one.decision, one.what, one.name
        assert now.get(key) == one.before
        assert one.before != one.after
        now[key] = one.after
    for key in then:
        if key[0] not in other_version or key[1] in ("outcome", "policy"):
            assert now[key] == then[key]
    return then


@settings(max_examples=25, deadline=None)
@given(dossiers(max_rows=3))
def test_a_value_that_moved_by_a_fact_names_facts_of_the_dossier(routes, dossier):
    assume(dossier.person.birth_date <= TODAY)
    events = stream(dossier)
    first = min([e.fact.recorded_at for e in events], default=dossier.person.birth_date)
    picture = CurrentPicture(without_facts(dossier), day=first, routes=routes)
    for event in events:
        try:
            moved = picture.add(event)
        except DossierError:
            continue
        for one in moved:
            for because in one.because:
                assert because.before != because.after
                for fact in (*because.joined, *because.left):
                    row = getattr(picture.dossier, fact.table)[fact.position]
                    assert row.recorded_at == fact.recorded_at
            for lang in ("nl", "en"):
                assert one.text(lang).count("\n") == len(one.because)


def test_following_one_person_loads_no_heavy_library():
    code = (
        "import sys\n"
        "from risicoscreener.screening.picture import follow\n"
        f"follow(open({str(EXAMPLES / 'grant.json')!r}, 'rb').read(), [], until='2024-04-20')\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"pandas", "pyarrow", "scipy", "matplotlib", "sklearn", "statsmodels"}


class TestWhatMoved:
    def test_an_incident_moves_conduct_and_names_itself(self, inside):
        moved = inside.add("conduct", incident("2022-02-01", "intolerable"))
        by = {(m.decision, m.what, m.name): m for m in moved}
        level = by["leave", "level", "conduct"]
        assert (level.before, level.after, level.cause) == ("good", "intolerable", "fact")
        assert (level.fact.table, level.fact.position) == ("conduct", 0)
        assert any(level.fact in b.joined for b in level.because)
        for lang in ("nl", "en"):
            assert level.because[0].text.text(lang) in level.text(lang)

    def test_a_window_that_passes_moves_it_back_without_a_fact(self, inside):
        inside.add("conduct", incident("2022-02-01"))
        moved = inside.advance("2022-12-01", daily=True)
        (level,) = [m for m in moved if m.decision == "leave" and m.name == "conduct"]
        assert (level.before, level.after, level.cause) == ("mixed", "good", "time")
        assert level.fact is None
        (because,) = [b for b in level.because if b.feature == "undesired_incidents_6m"]
        assert [(f.table, f.position) for f in because.left] == [("conduct", 0)]
        window = inside.routes.plan.features["undesired_incidents_6m"].window_days
        assert level.day == dt.date(2022, 2, 1) + window * DAY

    def test_a_date_that_comes_moves_a_requirement(self, inside):
        moved = inside.advance("2022-12-31", daily=True)
        (met,) = [m for m in moved if m.decision == "leave" and m.name == "last_phase"]
        assert (met.before, met.after) == ("not_met", "met")
        assert met.day == dt.date(2023, 8, 26) - 365 * DAY

    def test_a_withdrawn_fact_no_longer_counts(self, inside):
        inside.add("conduct", incident("2022-02-01", "intolerable", fact_id="i1"))
        gone = incident("2022-02-01", "intolerable", supersedes="i1", void=True)
        moved = inside.add("conduct", {**gone, "recorded_at": "2022-02-03"})
        (level,) = [m for m in moved if m.decision == "leave" and m.name == "conduct"]
        assert (level.before, level.after) == ("intolerable", "good")
        assert any(f.position == 0 for b in level.because for f in b.left)

    def test_another_version_is_said_as_the_cause(self, routes):
        picture = CurrentPicture(person(), day="2021-06-29", routes=routes)
        picture.add("detentions", stay(recorded_at="2021-06-29", arrived_on="2021-06-29"))
        moved = picture.advance("2021-07-01")
        (version,) = [m for m in moved if m.decision == "leave" and m.what == "policy"]
        assert (version.before, version.after) == ("leave/1999-01-01", "leave/2021-07-01")
        assert {m.cause for m in moved if m.decision == "leave"} == {"policy"}

    def test_small_steps_of_a_probability_add_up_to_one_move(self, screener):
        picture = CurrentPicture(example("grant"), screener=screener, kinds=["leave"], step=1e-4)
        said = {m.name: m.before for m in picture.advance("2024-06-30", daily=True)}
        assert said
        for model in picture.standing("leave").models:
            assert abs(picture._told[model.name] - model.probability) < 1e-4

    def test_a_move_is_plain_values_too(self, inside):
        (first, *_) = inside.add("conduct", incident("2022-02-01", "intolerable"))
        assert first.to_dict()["day"] == "2022-02-01"


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_where_each_kind_stands_is_told(routes, lang):
    picture = CurrentPicture(example("grant"), routes=routes)
    text = picture.text(lang)
    for kind in picture.kinds:
        if picture.standing(kind).outcome is None:
            assert kind in text
            continue
        result = picture.result(kind)
        assert result.policy.title.text(lang) in text
        for model in result.models:
            assert model.outcome.text(lang) in text


class TestMisuse:
    @pytest.mark.parametrize(
        ("table", "fact", "says"),
        [
            ("behaviour", {}, "behaviour.*expected one of"),
            ("conduct", {**incident("2022-02-01"), "grade": "awful"}, "grade.*awful"),
            ("conduct", {**incident("2022-02-01"), "supersedes": "x"}, "supersedes"),
            ("conduct", incident("2022-01-01"), "before the day of the picture"),
            ("conduct", incident("2099-01-01"), "recorded_at"),
            ("detentions", stay(recorded_at="2022-02-01", arrived_on="2022-02-01"), "another stay"),
            ("conduct", 3, "conduct"),
        ],
    )
    def test_a_fact_that_cannot_be_changes_nothing(self, inside, table, fact, says):
        before = inside.day, inside.dossier, inside.standings()
        with pytest.raises(DossierError, match=says):
            inside.add(Event(table, fact))
        assert (inside.day, inside.dossier, inside.standings()) == before

    def test_time_does_not_go_back(self, inside):
        with pytest.raises(DossierError, match="cannot go back"):
            inside.advance("2022-01-01")
        with pytest.raises(DossierError, match="today"):
            inside.advance("2099-01-01")

    def test_where_it_begins_is_checked(self, routes):
        with pytest.raises(DossierError, match="first day"):
            CurrentPicture(person(), routes=routes)
        with pytest.raises(DossierError, match="birth"):
            CurrentPicture(person(), day="1980-01-01", routes=routes)
        with pytest.raises(DossierError, match="cannot begin"):
            CurrentPicture(example("grant"), day="2023-01-01", routes=routes)
        with pytest.raises(DossierError, match="late"):
            CurrentPicture(person(), day="2022-01-01", routes=routes, late="maybe")

    def test_a_kind_that_is_not_followed(self, screener):
        picture = CurrentPicture(person(), day="2022-01-01", screener=screener, kinds=["leave"])
        with pytest.raises(PolicyError, match="not followed"):
            picture.result("low_security")


def test_after_the_last_day_of_use_of_the_models_nothing_is_decided(screener):
    last = dt.date(2022, 1, 5)
    bundle = msgspec.structs.replace(screener.bundle, review_on=last, use_until=last)
    limited = Screener(bundle, screener.policies)
    picture = CurrentPicture(person(), day=last - DAY, screener=limited)
    picture.add("detentions", stay(arrived_on="2022-01-04", recorded_at="2022-01-05"))
    before = picture.standings()
    with pytest.raises(BundleError, match="may be used up to and including 2022-01-05"):
        picture.advance(last + DAY)
    with pytest.raises(BundleError, match="by its own rule"):
        picture.add("conduct", incident("2022-01-06"))
    assert (picture.day, picture.standings()) == (last, before)
    with pytest.raises(BundleError, match="by its own rule"):
        CurrentPicture(person(), day=last + DAY, screener=limited)
