"""What goes wrong with a request, as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from risicoscreener.errors import (
    AudienceError,
    BundleError,
    DossierError,
    PolicyError,
    RecordError,
    ReentryError,
    RisicoscreenerError,
)
from risicoscreener.serve.wording import say
from risicoscreener.texts import Lang

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100
"""How many faults of a dossier are named in one answer."""
LONGEST_ERROR = 500
PREFIX = "urn:risicoscreener:problem:"


class Problem(Exception):  # noqa: N818  (the word of RFC 9457)
    """A request that is not answered as it was meant.

    Parameters
    ----------
    status
        Status of the answer.
    code
        What is wrong, for programs; the title in words belongs to it.
    detail
        What is wrong in this case. It goes to who asked, and never to a log.
    headers
        Headers that the answer must have.
    errors
        All faults, where there are several.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        errors: Iterable[object] = (),
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.headers = dict(headers or {})
        self.errors = tuple(str(one)[:LONGEST_ERROR] for one in tuple(errors)[:MOST_ERRORS])

    def to_dict(self, lang: Lang, request_id: str = "") -> dict[str, Any]:
        """Plain values, after RFC 9457."""
        plain: dict[str, Any] = {
            "type": f"{PREFIX}{self.code}",
            "title": say("problem", self.code, lang),
            "status": self.status,
            "detail": self.detail,
        }
        if request_id:
            plain["instance"] = f"urn:uuid:{request_id}"
        if self.errors:
            plain["errors"] = [{"detail": one} for one in self.errors]
        return plain

    def to_json(self, lang: Lang, request_id: str = "") -> bytes:
        """The same as JSON."""
        return msgspec.json.encode(self.to_dict(lang, request_id))


def problem_of(error: RisicoscreenerError) -> Problem:
    """How an error of the library is answered.

    What is not valid by itself is 400 (/core/error-handling/invalid-input of the Dutch API design
    rules); what is valid and cannot be screened or given is 422; what is not the client's is 503.
    """
    if isinstance(error, DossierError):
        message = str(error).splitlines()[0]
        return Problem(400, "dossier", message, errors=error.problems)
    if isinstance(error, PolicyError):
        return Problem(422, "policy", str(error))
    if isinstance(error, (ReentryError, AudienceError)):
        return Problem(422, "basis", str(error).splitlines()[0])
    if isinstance(error, BundleError):
        detail = "the models are past their last day of use, by their own rule; nothing was kept"
        return unavailable("bundle", detail, seconds=3600)
    if isinstance(error, RecordError):
        return unavailable("record", "the record cannot be written; nothing was kept")
    raise error


def unavailable(code: str, detail: str, seconds: int = 5) -> Problem:
    """The answer that something can be asked again after so many seconds."""
    return Problem(503, code, detail, {"Retry-After": str(seconds)})
