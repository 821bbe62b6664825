"""What a result says in words, and what a batch says of how far it is."""

from __future__ import annotations

import msgspec
import pytest

from risicoscreener import Screener
from risicoscreener.dossier import DossierTables, read_dossier
from risicoscreener.screening.render import say, say_date


def test_a_batch_says_after_each_block_how_many_rows_are_done_of_how_many(
    screener, cohort, monkeypatch
):
    monkeypatch.setattr("risicoscreener.screening.many.BLOCK", 300)
    heard = []
    index = cohort.truth.persons.reset_index()[["person_id", "as_of"]]
    screener.screen_many(
        cohort.tables, "leave", index, on_block=lambda done, of: heard.append((done, of))
    )
    assert heard == [(300, 1000), (300, 1000), (300, 1000), (100, 1000)]


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_result_says_until_when_it_holds_and_that_a_person_decides(screener, granted, lang):
    result = screener.screen(granted)
    until = say_date(result.valid_until, lang)
    for written in (result.text(lang), result.html(lang)):
        assert say("phrase", "valid", lang, valid_until=until) in written
        assert say("phrase", "person_decides", lang) in written


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_models_fitted_on_synthetic_people_are_warned_of_and_others_not(screener, granted, lang):
    warning = say("phrase", "not_for_decisions", lang)
    result = screener.screen(granted)
    assert result.bundle.synthetic
    assert warning in result.text(lang)
    assert '<p role="note">' in result.html(lang)
    real = msgspec.structs.replace(
        result, bundle=msgspec.structs.replace(result.bundle, synthetic=False)
    )
    assert warning not in real.text(lang)
    assert '<p role="note">' not in real.html(lang)


def test_what_is_met_is_marked_and_what_is_plain_is_not(screener, granted):
    page = screener.screen(granted).html("en")
    assert '<li class="ok">' in page
    assert "<li>" in page
    assert 'class=""' not in page
    granted["person"]["birth_date"] = "1931-01-01"
    assert '<li class="unknown">' in screener.screen(granted).html("en")


def test_of_a_model_that_may_not_speak_the_unknown_features_are_named_and_no_known_ones(screener):
    person = {"person_id": "x", "person": {"birth_date": "1990-01-01", "sex": "male"}}
    result = screener.screen(person, "leave", as_of="2024-04-15")
    silent = [model for model in result.models if model.support != "inside"]
    assert silent
    named = {item.name for item in result.missing}
    for model in silent:
        for item in model.contributions:
            if item.value is not None:
                assert item.feature not in named
    of_models = named & {c.feature for model in silent for c in model.contributions}
    assert of_models


def test_rows_set_apart_are_counted_in_words(screener, granted):
    granted["debts"][0]["amount_eur"] = -1.0
    result = screener.screen(granted, on_error="quarantine")
    assert say("phrase", "quarantined", "en", n=1) in result.text("en")
    whole = Screener.load().screen(
        {k: v for k, v in granted.items() if k != "debts"}, as_of=result.as_of
    )
    assert say("phrase", "quarantined", "en", n=0) not in whole.text("en")


def test_each_row_of_a_batch_counts_the_rows_set_apart_of_its_own_person(screener, granted):
    import pyarrow as pa

    both = DossierTables.from_dossiers(
        [read_dossier(granted), read_dossier(granted | {"person_id": "OTHER"})]
    )
    debts = both.tables["debts"].to_pandas(date_as_object=True)
    debts.loc[debts["person_id"] == "OTHER", "amount_eur"] = -1.0
    raw = dict(both.tables) | {"debts": pa.Table.from_pandas(debts, preserve_index=False)}
    flawed = DossierTables.from_arrow(raw, on_error="quarantine")
    screened = screener.screen_many(flawed, "leave", "2024-04-15")
    assert [screened.result(i).quarantined_rows for i in (0, 1)] == [0, 1]
    assert screened.outcomes[0] == "grant"
    assert screened.outcomes[1] != "grant"
