"""Until when something may be used: terms after release, consent, and what was revoked."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from risicoscreener.dossier import Dossier, read_dossier
from risicoscreener.errors import ReentryError
from risicoscreener.reentry.sharing import Consent, find_purpose, open_view, share
from risicoscreener.reentry.sharing.log import given_text, revoke
from risicoscreener.screening.record import Actor, open_log
from sharing_cases import case, consent_for

DAY = dt.date(2024, 4, 15)
DIRECTOR = Actor("director", "DIR-00A1")


# --- what ends --------------------------------------------------------------------------------


def released(on: str, **more: str) -> Dossier:
    stay = {"recorded_at": "2020-01-01", "arrived_on": "2020-01-01", "regime": "sentence"}
    person = {"birth_date": "1990-01-01", "sex": "male"}
    plain = {
        "person_id": "case-0001",
        "person": person,
        "detentions": [{**stay, "released_on": on}],
    }
    if more:
        plain["detentions"] += [{**stay, **more}]
    return read_dossier(json.dumps(plain))


def test_after_release_the_term_of_use_does_not_begin_anew():
    term = dt.timedelta(days=183)
    out = dt.date(2023, 3, 1)
    for later in (0, 1, 100, 183):
        day = out + dt.timedelta(days=later)
        view = share(released(str(out)), "municipality", "reintegration", day)
        assert view.ends_on == out + term
    too_late = out + term + dt.timedelta(days=1)
    with pytest.raises(
        ReentryError, match=r"could be used until 2023-08-31, 183 days after release"
    ):
        share(released(str(out)), "municipality", "reintegration", too_late)
    again = {"recorded_at": "2023-12-01", "arrived_on": "2023-12-01"}
    view = share(released(str(out), **again), "municipality", "reintegration", dt.date(2024, 1, 1))
    assert view.ends_on == dt.date(2024, 1, 1) + term


def test_who_is_still_inside_after_the_expected_day_has_no_term_that_ran_out():
    stay = {"recorded_at": "2020-01-01", "arrived_on": "2020-01-01", "regime": "sentence",
            "expected_release_on": "2021-01-01"}  # fmt: skip
    person = {"birth_date": "1990-01-01", "sex": "male"}
    dossier = read_dossier(
        json.dumps({"person_id": "case-0001", "person": person, "detentions": [stay]})
    )
    day = dt.date(2023, 1, 1)
    view = share(dossier, "municipality", "reintegration", day)
    assert view.ends_on == day + dt.timedelta(days=183)


@pytest.mark.parametrize("reference", ["", " ", "\n", "T-1\nsource: none"])
def test_a_consent_has_to_say_where_it_is_kept(reference):
    purpose = find_purpose("care_provider", "continuity_of_care", DAY)
    with pytest.raises(ReentryError, match="expected where it is kept"):
        consent_for(purpose, case().person_id, reference=reference)
    plain = msgspec.to_builtins(consent_for(purpose, case().person_id))
    with pytest.raises(ReentryError, match="expected where it is kept"):
        msgspec.convert({**plain, "reference": reference}, Consent)


def test_a_consent_with_a_day_that_is_none_is_refused_in_one_sentence():
    purpose = find_purpose("care_provider", "continuity_of_care", DAY)
    consent = consent_for(purpose, case().person_id, given_on="last year")
    with pytest.raises(ReentryError, match="the consent cannot be understood"):
        share(case(), purpose.recipient, purpose.id, DAY, consent=consent)


def test_a_view_says_on_which_consent_it_rests():
    purpose = find_purpose("care_provider", "continuity_of_care", DAY)
    consent = consent_for(purpose, case().person_id)
    view = share(case(), purpose.recipient, purpose.id, DAY, consent=consent)
    assert "consent: T-1" in view.text("en")
    assert "toestemming: T-1" in view.text("nl")


# --- what is revoked stays so -----------------------------------------------------------------


def recorded(path: Path) -> tuple[Any, Any, Any]:
    log = open_log(path, create=True)
    view = share(case(), "mayor", "return_serious_offence", DAY, log=log, by=DIRECTOR)
    other = share(case(), "municipality", "detention_end", DAY, log=log, by=DIRECTOR)
    return log, view, other


def test_what_was_revoked_stays_so_when_what_the_revocation_says_is_deleted(tmp_path):
    log, view, other = recorded(tmp_path / "record.db")
    with log:
        entry = revoke(log, view.sha256, dt.date(2024, 5, 1), DIRECTOR)
        log.delete([entry.link.sequence], basis="erasure", by=DIRECTOR)
        for day in (DAY, dt.date(2024, 5, 1)):  # since when is not known any more
            with pytest.raises(
                ReentryError, match="was revoked, on a day that the record does not"
            ):
                open_view(view.to_json(), day, log=log)
        assert "revoked; since when was deleted" in given_text(log, case().person_id, DAY, "en")
        assert open_view(other.to_json(), DAY, log=log) == other
        with pytest.raises(ReentryError, match="was revoked already"):
            revoke(log, view.sha256, DAY, DIRECTOR)
        assert log.verify().ok


def test_a_deletion_of_before_revocations_left_a_mark_concerns_all_that_was_given_by_then(tmp_path):
    from risicoscreener.reentry.sharing import log as part_log

    log, view, other = recorded(tmp_path / "record.db")
    with log:
        draft = part_log._draft(
            part_log.REVOKED, case().person_id, view.sha256,
            part_log.canonical(
                part_log.Revoked(sha256=view.sha256, on=dt.date(2024, 5, 1), by=DIRECTOR)
            ),
        )  # fmt: skip
        (entry,) = log.append([draft])
        assert open_view(view.to_json(), DAY, log=log) == view
        log.delete([entry.link.sequence], basis="erasure", by=DIRECTOR)
        later = share(case(), "mayor", "return_serious_offence", DAY, log=log, by=DIRECTOR)
        for one in (view, other):
            with pytest.raises(ReentryError, match="was revoked"):
                open_view(one.to_json(), DAY, log=log)
        assert open_view(later.to_json(), DAY, log=log) == later
        assert log.verify().ok


def test_the_mark_of_a_revocation_does_not_say_what_was_revoked(tmp_path):
    log, view, _ = recorded(tmp_path / "record.db")
    with log:
        entry = revoke(log, view.sha256, dt.date(2024, 5, 1), DIRECTOR)
        assert view.sha256 not in entry.link.blobs
        log.delete([entry.link.sequence], basis="erasure", by=DIRECTOR)
        (mark,) = log.entry(entry.link.sequence).link.blobs
        assert case().person_id.encode() not in log.blob(mark)


def test_a_later_revocation_can_be_brought_forward_and_the_first_day_counts(tmp_path):
    log, view, _ = recorded(tmp_path / "record.db")
    with log:
        revoke(log, view.sha256, dt.date(2030, 1, 1), DIRECTOR)
        revoke(log, view.sha256, dt.date(2024, 5, 1), DIRECTOR)
        with pytest.raises(ReentryError, match="was revoked on 2024-05-01"):
            open_view(view.to_json(), dt.date(2024, 5, 1), log=log)
