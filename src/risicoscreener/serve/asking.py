"""What stands in the address and the headers of a request, read strictly."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from risicoscreener.errors import DossierError
from risicoscreener.reentry.sharing import purposes
from risicoscreener.screening.screener import DEFAULT_DECISION, check_day
from risicoscreener.serve.answers import Asked
from risicoscreener.serve.problems import Problem
from risicoscreener.serve.wording import language_of
from risicoscreener.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

QUERY = ("decision", "recipient", "purpose", "asOf", "onError", "lang")
ON_ERROR = ("raise", "quarantine")
LONGEST = 200
_KEY = re.compile(r'"?[\x21\x23-\x7e]{8,128}"?')


def check_query(request: Request, known: Sequence[str]) -> dict[str, str]:
    """The parameters of an address.

    Raises
    ------
    Problem
        400 for one that is unknown, twice there, or too long.
    """
    given = request.query_params.multi_items()
    found: dict[str, str] = {}
    for name, value in given:
        if name not in known:
            expected = ", ".join(known) or "none"
            raise _bad(f"query parameter {name[:50]!r}; expected one of: {expected}")
        if name in found:
            raise _bad(f"query parameter {name} is there twice; expected it once")
        if len(value) > LONGEST:
            raise _bad(f"query parameter {name} has more than {LONGEST} letters")
        found[name] = value
    return found


def asked_of(request: Request, what: Any, kinds: Sequence[str], today: dt.date) -> Asked:
    """What a request asks of a dossier, on a day after which no picture can be.

    Raises
    ------
    Problem
        400, naming the parameter, its value and what was expected.
    """
    query = check_query(request, QUERY)
    decision = _one_of("decision", query.get("decision", DEFAULT_DECISION), kinds)
    known = _purposes()
    recipient = _one_of("recipient", query.get("recipient"), tuple(known))
    lang = _one_of("lang", query.get("lang", _language(request)), LANGUAGES)
    return Asked(
        what=what,
        decision=decision,
        recipient=recipient,
        purpose=_one_of("purpose", query.get("purpose"), known[recipient]),
        as_of=_day(query.get("asOf"), today),
        on_error=_mode(query.get("onError", "raise")),
        lang="en" if lang == "en" else "nl",
    )


@cache
def _purposes() -> dict[str, tuple[str, ...]]:
    """The purposes of each recipient."""
    found: dict[str, dict[str, None]] = {}
    for one in purposes():
        found.setdefault(one.recipient, {})[one.id] = None
    return {recipient: tuple(ids) for recipient, ids in found.items()}


def key_of(request: Request) -> str:
    """The key under which a client asks; empty if there is none.

    Raises
    ------
    Problem
        400 if it is none.
    """
    given = request.headers.get("idempotency-key")
    if given is None:
        return ""
    if not _KEY.fullmatch(given):
        raise _bad("Idempotency-Key; expected 8 to 128 printable letters without spaces")
    return given.strip('"')


def _language(request: Request) -> str:
    return language_of(request.headers.get("accept-language", ""))


def _one_of(name: str, value: str | None, known: Sequence[str]) -> str:
    if value is None:
        raise _bad(f"query parameter {name} is absent; expected one of: {', '.join(known)}")
    if value not in known:
        raise _bad(f"{name} is {value!r}; expected one of: {', '.join(known)}")
    return value


def _mode(value: str) -> Literal["raise", "quarantine"]:
    return "raise" if _one_of("onError", value, ON_ERROR) == "raise" else "quarantine"


def _day(value: str | None, today: dt.date) -> dt.date | None:
    if value is None:
        return None
    try:
        return check_day(value, "asOf", today=today)
    except DossierError as error:
        raise _bad(str(error)) from None


def _bad(detail: str) -> Problem:
    return Problem(400, "parameter", detail)
