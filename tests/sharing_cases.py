"""A dossier and a consent, for tests of what is given to others."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cases import EXAMPLES
from risicoscreener.dossier import Dossier, read_dossier
from risicoscreener.reentry.sharing import Consent


def case(name: str = "deep_assessment") -> Dossier:
    """One of the example dossiers."""
    return read_dossier((EXAMPLES / f"{name}.json").read_bytes())


def consent_for(asked: Any, whose: str, **changes: Any) -> Consent:
    """A consent for a purpose, given long ago."""
    given = {
        "person_id": whose,
        "recipient": asked.recipient,
        "purpose": asked.id,
        "given_on": dt.date(2009, 1, 1),
        "reference": "T-1",
    }
    return Consent(**{**given, **changes})
