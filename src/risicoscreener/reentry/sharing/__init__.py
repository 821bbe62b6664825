"""What of a dossier goes to whom, for which purpose, on which basis, and until when.

>>> from risicoscreener.reentry.sharing import share
>>> view = share(dossier, "municipality", "reintegration", as_of)            # doctest: +SKIP
>>> print(view.text("nl"))                                                   # doctest: +SKIP

What the table of purposes does not name is not given. `sharing.log` keeps who got what;
`sharing.research` makes exports in which nobody is named.
"""

from __future__ import annotations

from risicoscreener.reentry.sharing.consent import Consent
from risicoscreener.reentry.sharing.giving import share
from risicoscreener.reentry.sharing.opening import open_view
from risicoscreener.reentry.sharing.purposes import (
    Purpose,
    find_purpose,
    purposes,
    purposes_text,
    read_purposes,
)
from risicoscreener.reentry.sharing.view import View

__all__ = [
    "Consent",
    "Purpose",
    "View",
    "find_purpose",
    "open_view",
    "purposes",
    "purposes_text",
    "read_purposes",
    "share",
]
