"""Who must be told what of a detention, by when, on which ground; and what was told.

>>> from risicoscreener.reentry.notices import notices
>>> print(notices(dossier, as_of, entries).text("nl"))                       # doctest: +SKIP

Beside the begin and end of detention, returns after serious offences and serious risks, the
duties to victims are listed as `risicoscreener.victims` finds them.
"""

from __future__ import annotations

from risicoscreener.reentry.notices.duties import list_notices, notices, notices_of_many, prepare
from risicoscreener.reentry.notices.entries import (
    Died,
    Entry,
    Judged,
    Sent,
    Withdrawn,
    entries_as_lines,
    read_entries,
)
from risicoscreener.reentry.notices.found import (
    OPEN,
    WRONG,
    NoticeFound,
    Notices,
    Unfounded,
    table_of,
    table_of_unfounded,
)
from risicoscreener.reentry.notices.rules import NoticeRule, notice_rules, read_notice_rules

__all__ = [
    "OPEN",
    "WRONG",
    "Died",
    "Entry",
    "Judged",
    "NoticeFound",
    "NoticeRule",
    "Notices",
    "Sent",
    "Unfounded",
    "Withdrawn",
    "entries_as_lines",
    "list_notices",
    "notice_rules",
    "notices",
    "notices_of_many",
    "prepare",
    "read_entries",
    "read_notice_rules",
    "table_of",
    "table_of_unfounded",
]
