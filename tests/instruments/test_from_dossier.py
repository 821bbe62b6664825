"""What a dossier answers of an instrument, as of a day, and what lacks."""

from __future__ import annotations

import datetime as dt

import pytest

from risicoscreener.dossier import read_dossier
from risicoscreener.instruments import Instrument, inputs_from_dossier, instruments
from risicoscreener.instruments.mapping import sources

AS_OF = dt.date(2026, 6, 1)


def conviction(judged, offence="theft", index=False, recorded=None, **changes):
    return {
        "recorded_at": recorded or judged,
        "offence_class": offence,
        "offence_on": judged,
        "judged_on": judged,
        "sanction": "custodial",
        "severity": 2,
        "index_offence": index,
        **changes,
    }


def dossier(**tables):
    import json

    plain = {
        "person_id": "p1",
        "person": {"birth_date": "1990-05-05", "sex": "male"},
        "detentions": [
            {
                "recorded_at": "2026-01-02",
                "arrived_on": "2026-01-02",
                "regime": "sentence",
                "expected_release_on": "2026-09-01",
            }
        ],
        "convictions": [
            conviction("2010-03-03", "violence"),
            conviction("2010-03-03", "damage"),
            conviction("2026-01-02", "robbery", index=True, severity=4),
        ],
        "inquiries": [
            {
                "recorded_at": "2026-01-03",
                "subject": "convictions",
                "source": "justice_documentation",
                "consulted_on": "2026-01-03",
                "complete": True,
            }
        ],
        **tables,
    }
    return read_dossier(json.dumps(plain).encode(), recorded_by=dt.date(2026, 12, 31))


def asked(id="rsr", as_of=AS_OF, **tables):
    return inputs_from_dossier(Instrument.load(id, "1.0"), dossier(**tables), as_of)


class TestFound:
    def test_judgments_on_one_day_are_one_sanction(self):
        assert asked().inputs["sanctions"] == 2

    def test_the_offence_category_is_that_of_the_gravest_offence_of_the_sentence(self):
        assert asked().inputs["offence_category"] == "acquisitive_violence"

    def test_expected_release_is_the_start_of_the_period(self):
        assert asked().inputs["followup_date"] == dt.date(2026, 9, 1)

    def test_without_a_known_release_inside_does_not_count_as_offence_free(self):
        inside = [{"recorded_at": "2026-01-02", "arrived_on": "2026-01-02", "regime": "sentence"}]
        found = asked(detentions=inside)
        assert found.inputs["followup_date"] == AS_OF
        assert "followup_date" in found.approximated
        result = Instrument.load("ogrs4g", "1.0").score(
            inputs_from_dossier(
                Instrument.load("ogrs4g", "1.0"), dossier(detentions=inside), AS_OF
            ).inputs
        )
        assert result.derived["offence_free_months"] == 0

    def test_what_is_an_approximation_is_said(self):
        assert {"sanctions", "offence_category"} <= set(asked().approximated)
        assert "birth_date" not in asked().approximated

    def test_what_was_found_can_be_scored(self):
        found = asked()
        assert Instrument.load("rsr", "1.0").score(found.inputs).variant == "static"


class TestAsOf:
    def test_a_conviction_recorded_later_is_not_read(self):
        late = conviction("2020-01-01", "sexual", recorded="2026-06-02")
        with_late = asked(convictions=[*dossier_rows(), late])
        assert with_late.inputs["sanctions"] == 2
        assert with_late.inputs["sexual_offence_ever"] is False
        later = asked(convictions=[*dossier_rows(), late], as_of=dt.date(2026, 6, 2))
        assert later.inputs["sexual_offence_ever"] is True

    def test_a_fact_that_was_replaced_is_not_read(self):
        old = conviction("2015-01-01", fact_id="f1")
        withdrawn = conviction("2015-01-01", supersedes="f1", void=True, recorded="2026-02-02")
        rows = [*dossier_rows(), old, withdrawn]
        assert asked(convictions=rows).inputs["sanctions"] == 2
        before = asked(convictions=rows, as_of=dt.date(2026, 2, 1))
        assert before.inputs["sanctions"] == 3

    def test_the_day_of_the_picture_is_the_day_of_the_assessment(self):
        assert asked().inputs["assessment_date"] == AS_OF


def dossier_rows():
    return [
        conviction("2010-03-03", "violence"),
        conviction("2026-01-02", "robbery", index=True, severity=4),
    ]


class TestMissing:
    def test_without_a_consulted_register_no_convictions_are_unknown_and_not_zero(self):
        found = asked(convictions=[], inquiries=[])
        assert "sanctions" not in found.inputs
        assert "sexual_offence_ever" not in found.inputs
        assert {m.name for m in found.missing if m.level == "static"} >= {"sanctions"}

    def test_who_could_supply_it_is_said_in_both_languages(self):
        temper = next(m for m in asked().missing if m.name == "temper")
        assert temper.level == "dynamic"
        assert temper.provider.en == "the assessor, from interview and file"
        assert temper.provider.nl

    def test_what_does_not_apply_to_the_person_is_not_asked(self):
        assert "contact_child_sanctions" not in {m.name for m in asked().missing}
        history = [*dossier_rows(), conviction("2012-01-01", "sexual")]
        names = {m.name for m in asked(convictions=history).missing}
        assert "contact_child_sanctions" in names

    def test_it_is_plain_data_and_text(self):
        assert asked().to_dict()["as_of"] == "2026-06-01"
        assert "temper" in asked().text("nl")


class TestFile:
    @pytest.mark.parametrize("instrument", instruments(), ids=lambda i: f"{i.id}-{i.version}")
    def test_an_answer_is_one_that_the_instrument_accepts(self, instrument):
        found = inputs_from_dossier(instrument, dossier(), AS_OF)
        wrong = [
            p
            for p in instrument.score(found.inputs).problems
            if p.code in ("wrong_kind", "not_allowed", "unknown_field", "unknown_code")
        ]
        assert wrong == []

    def test_every_way_says_in_both_languages_what_it_takes(self):
        ways = [way for each in sources("ogrs4g").values() for way in each]
        assert all(way.remark.nl and way.remark.en for way in ways)
