"""Who may see which questions: by the table of purposes and by nothing else."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from cases import example
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.intake import Questionnaire, intake, intake_many
from risicoscreener.reentry.intake.many import completeness
from risicoscreener.reentry.intake.readers import questions_for
from risicoscreener.reentry.sharing.purposes import purposes

DAY = dt.date(2024, 4, 15)
CARE = {"health_insurance", "treatment", "addiction", "mental_health", "intellectual_disability"}


def seen(reader, consent=False):
    found, _ = questions_for(reader, Questionnaire.shipped(), DAY, consent=consent)
    return {question.id for question in found}


def test_the_municipality_sees_the_basic_conditions_without_care():
    assert seen("municipality") == {
        "debts_judicial",
        "debts_other",
        "arrangements",
        "housing_now",
        "leave_address",
        "income_work",
        "valid_id",
    }


def test_the_prisoner_sees_nothing_of_victims():
    assert "victims" not in seen("person")
    assert seen("victim_service") == {"victims", "earlier_liberties"}


def test_care_goes_out_with_consent_alone():
    with pytest.raises(ReentryError, match="without consent"):
        seen("care_continuity_officer")
    assert seen("care_continuity_officer", consent=True) == CARE
    for reader in ("municipality", "probation"):
        assert not seen(reader) & CARE


def test_a_question_is_shown_only_if_a_purpose_gives_every_field():
    for reader in {one.recipient for one in purposes()}:
        try:
            found, used = questions_for(reader, Questionnaire.shipped(), DAY, consent=True)
        except ReentryError:
            continue
        for question in found:
            asked = {*question.fields, *question.where}
            assert any(asked <= set(p.fields.get(question.table, ())) for p in used)
            assert all(p.recipient == reader and p.holds_on(DAY) for p in used)


def test_before_there_was_a_basis_nothing_is_shown():
    with pytest.raises(ReentryError, match="no purpose gives it the facts"):
        questions_for("municipality", Questionnaire.shipped(), dt.date(2021, 6, 30))


def test_a_reader_that_does_not_exist():
    with pytest.raises(ReentryError, match="reader 'mother'; expected one of decision_maker"):
        intake(example("grant"), DAY, reader="mother")


def test_nothing_of_the_other_questions_is_in_what_goes_out():
    found = intake(example("deny"), DAY, reader="municipality")
    said = json.dumps(found.to_dict()) + found.text("nl") + found.text("en")
    hidden = [q for q in Questionnaire.shipped() if q.id not in seen("municipality")]
    assert hidden
    for question in hidden:
        assert f'"{question.id}"' not in said
        assert question.text.nl not in said
        assert question.text.en not in said
    assert "Pbw art. 18a" in found.text("nl")


def test_many_and_one_give_the_same(small_cohort):
    tables, index = small_cohort
    frame = intake_many(tables, index)
    days = dict(zip(index.person_id, index.as_of, strict=True))
    for dossier in tables.to_dossiers():
        one = intake(dossier, days[dossier.person_id]).to_frame()
        mine = frame[frame.person_id == dossier.person_id].reset_index(drop=True)
        assert mine.equals(one.astype(mine.dtypes))


def test_shares_of_many(small_cohort):
    tables, index = small_cohort
    frame = intake_many(tables, index)
    shares = completeness(frame, "question")
    for question, row in shares.iterrows():
        mine = frame[(frame.question == question) & (frame.status != "not_applicable")]
        assert row.asked == len(mine)
        assert row.known == pytest.approx((mine.status == "known").mean())
        assert row.overdue == pytest.approx(mine.overdue.mean())
    with pytest.raises(ReentryError, match="by is 'prison'"):
        completeness(frame, "prison")


def test_who_is_not_detained_is_counted(small_cohort):
    tables, _ = small_cohort
    frame = intake_many(tables, dt.date(1951, 1, 1))
    assert len(frame) == 0
    assert frame.attrs["not_detained"] == tables.n_persons
    assert "asked" in completeness(frame).columns
