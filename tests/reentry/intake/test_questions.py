"""The questionnaire: what the package asks, and what a user may add."""

from __future__ import annotations

import pytest

from intake_cases import a_dossier, day
from risicoscreener.dossier.schema import tables
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.intake import Questionnaire, intake
from risicoscreener.reentry.intake.questions import STATUSES, status_text

OWN = """
[askers]
chaplain = { nl = "geestelijke verzorging", en = "chaplaincy" }

[[questions]]
id = "visits"
title = { nl = "bezoek", en = "visits" }
group = "programme"
text = { nl = "Wie komt op bezoek?", en = "Who comes to visit?" }
asker = "chaplain"
registers = ["prison"]
table = "programme"
where = { kind = ["visit"] }
kind = "event"
within_days = 21
source = "project"
"""


def own(tmp_path, text=OWN):
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return Questionnaire.from_toml(path)


def test_the_letter_is_covered():
    groups = {question.group for question in Questionnaire.shipped()}
    basic_conditions = {"work_income", "housing", "debt", "identity", "care"}
    assert groups >= basic_conditions | {"criminal_history", "conduct", "programme", "victims"}
    assert Questionnaire.shipped()["plan_made"].within_days == 28


def test_every_question_has_a_source_both_languages_and_a_remark_where_it_is_unread():
    shipped = Questionnaire.shipped()
    for question in shipped:
        for text in (question.title, question.text, shipped.askers[question.asker]):
            assert text.nl.strip()
            assert text.en.strip()
        assert question.source
        assert question.remark is not None
        assert question.table in tables()
    assert all(status_text(status).nl for status in STATUSES)


def test_victims_are_asked_for_through_their_channel_alone():
    for question in Questionnaire.shipped():
        about = "victims" in (question.table, question.group)
        assert about == (question.channel == "victim_service")
        assert ("victim_service" in question.registers) == about


def test_care_needs_consent():
    care = {"treatment", "addiction", "mental_health", "intellectual_disability"}
    consent = {question.id for question in Questionnaire.shipped() if question.consent}
    assert consent == care


def test_a_user_adds_a_question(tmp_path):
    questions = own(tmp_path)
    assert len(questions) == len(Questionnaire.shipped()) + 1
    found = intake(a_dossier(), day(30), questions=questions)["visits"]
    assert (found.status, found.due_on) == ("not_asked", day(21))
    assert found.asker.en == "chaplaincy"


def test_a_user_replaces_a_question_in_its_place(tmp_path):
    text = OWN.replace('"visits"', '"plan_made"').replace('["visit"]', '["plan_made"]')
    questions = own(tmp_path, text)
    assert [q.id for q in questions] == [q.id for q in Questionnaire.shipped()]
    assert questions["plan_made"].within_days == 21


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('group = "programme"', 'group = "plan"', "group = 'plan'; expected one of detention"),
        ('asker = "chaplain"', 'asker = "nobody"', "asker = 'nobody'"),
        ('["prison"]', '["newspaper"]', "registers = 'newspaper'"),
        ('["prison"]', "[]", "registers = 'empty'"),
        ('table = "programme"', 'table = "audit"', "table = 'audit'"),
        ('["visit"]', '["holiday"]', "'holiday' is not in vocabulary 'programme_kind'"),
        ("{ kind =", "{ goal_of =", "where = 'goal_of'"),
        ('kind = "event"', 'kind = "each"', "kind = 'each'; expected fields of a table"),
        ('kind = "event"', 'kind = "current"', "fields = 'empty'"),
        ('source = "project"', 'source = " "', "source = 'empty'"),
        ("within_days = 21", "within_days = -1", "expected_at_least|>= 0"),
        ("within_days = 21", 'within_days = "soon"', "within_days"),
        ('id = "visits"', 'id = "Visits!"', "id = 'Visits!'"),
        ("[[questions]]", "[[question]]", "unknown field"),
        ('table = "programme"', 'table = "victims"', "channel = 'prison'; expected victim_service"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path, before, after, said):
    with pytest.raises(ReentryError, match=said) as raised:
        own(tmp_path, OWN.replace(before, after, 1))
    assert "own.toml" in str(raised.value)


def test_a_question_that_is_there_twice(tmp_path):
    with pytest.raises(ReentryError, match="'visits' stands there twice"):
        own(tmp_path, OWN + OWN[OWN.index("[[questions]]") :])


def test_a_question_that_does_not_exist():
    with pytest.raises(ReentryError, match="question 'nope'; expected one of detention_title"):
        Questionnaire.shipped()["nope"]
