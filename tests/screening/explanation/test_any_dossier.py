"""No valid dossier, however bare or odd, stops an explanation, an extract or what they rest on."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risicoscreener.conduct import classify
from risicoscreener.dossier.known import as_known
from risicoscreener.errors import PolicyError
from risicoscreener.screening.audience import audiences
from risicoscreener.screening.explanation import explain
from risicoscreener.screening.screener import default_screener
from risicoscreener.victims import duties, duties_text, interests
from strategies import dossiers

BOOK = default_screener().policies
TODAY = dt.date.today()
VERSIONS = [version for kind in BOOK.kinds() for version in BOOK.versions(kind)]
BY_JUDGMENT = {v.policy.kind for v in VERSIONS if v.policy.date_basis == "judgment"}


def a_day_of(data: st.DataObject, version) -> dt.date:
    """A day on which a version may apply; where the judgment picks it, any day."""
    policy = version.policy
    if policy.kind in BY_JUDGMENT:
        return data.draw(st.dates(dt.date(2010, 1, 1), TODAY))
    until = TODAY if policy.valid_until is None else min(policy.valid_until, TODAY)
    return data.draw(st.dates(max(policy.valid_from, dt.date(1999, 1, 1)), until))


@pytest.mark.parametrize("version", VERSIONS, ids=lambda v: v.id)
@given(data=st.data())
@settings(max_examples=6, deadline=None)
def test_every_part_can_be_made_and_read(version, data):
    day = a_day_of(data, version)
    dossier = as_known(data.draw(dossiers(max_rows=2)), TODAY)
    try:
        found = explain(dossier, version.policy.kind, as_of=day)
    except PolicyError as error:
        assert "no policy for" in str(error)  # judged before there was a rule
        return
    for lang in ("nl", "en"):
        for letter in (found.letter_to_person(lang), found.letter_to_decider(lang)):
            assert "{" not in letter.text()
            assert "<main>" in letter.html()
    assert found.to_dict()
    for reader in audiences():
        assert found.result.for_audience(reader).to_json()
    for part in (classify(dossier, day), interests(dossier, day)):
        assert part.text("nl")
        assert part.html("en")
        assert part.to_dict()
    assert duties_text(duties(dossier, day), "en")
