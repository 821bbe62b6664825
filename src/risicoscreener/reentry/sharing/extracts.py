"""The extract of a screening that goes along with a view: made, and looked through on opening."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from risicoscreener.dossier.problems import on_one_line
from risicoscreener.errors import ReentryError
from risicoscreener.features.catalogue import catalogue
from risicoscreener.features.sensitivity import about_victims
from risicoscreener.reentry.sharing.purposes import Purpose
from risicoscreener.screening.audience import ALL, WITHHELD, Audience, audiences
from risicoscreener.screening.result import ScreeningResult

if TYPE_CHECKING:
    from risicoscreener.decision import PolicyBook


def extract_of(
    result: ScreeningResult,
    purpose: Purpose,
    person_id: str,
    as_of: dt.date,
    policies: PolicyBook | None,
) -> dict[str, Any]:
    """What the recipient of a purpose may see of a result.

    Raises
    ------
    ReentryError
        If no extract is for this purpose, or the result is of another person or a later day.
    """
    if not purpose.extract:
        raise ReentryError(
            f"{purpose.recipient}/{purpose.id} gets no extract of a screening; give no result"
        )
    if result.person_id != person_id:
        raise ReentryError("the result is of another person; expected one of this dossier")
    if result.as_of > as_of:
        raise ReentryError(
            f"the result is as of {result.as_of}; expected one of {as_of} or before, the day on "
            "which it is given"
        )
    return result.for_audience(purpose.recipient, policies=policies).to_dict()


def check_extract(extract: Any, purpose: Purpose, person_id: str | None, as_of: dt.date) -> None:
    """Raise ReentryError for an extract with something that its reader may not see.

    It is looked through by what is named for the reader (`screening.audience`): parts, domains and
    groups of features. What depends on hidden facts without naming them is not found out.

    Parameters
    ----------
    person_id
        Whom the view is about; None if that is not said.
    as_of
        The day on which the view was given.
    """
    where = f"{purpose.recipient}/{purpose.id}: screening"
    if not purpose.extract:
        raise ReentryError(f"{where} is there; expected none, since no extract is for this purpose")
    try:
        result = msgspec.convert(extract, ScreeningResult)
    except msgspec.ValidationError as error:
        raise ReentryError(f"{where}: {on_one_line(str(error))}") from None
    if not _within(extract, result.to_dict()):
        raise ReentryError(f"{where} has fields that no screening has; expected none")
    reader = audiences()[purpose.recipient]
    allowed = (WITHHELD, person_id) if "person_id" in reader.parts else (WITHHELD,)
    if result.person_id not in allowed or result.as_of > as_of:
        raise ReentryError(
            f"{where} is of another person or a later day; expected that of the view"
        )
    for beyond in _beyond(result, reader):
        raise ReentryError(f"{where} has {beyond}; expected only what {reader.id} may see")


def _within(given: Any, whole: Any) -> bool:
    """Whether plain values have nothing that others do not have."""
    if isinstance(given, dict) and isinstance(whole, dict):
        return all(key in whole and _within(given[key], whole[key]) for key in given)
    if isinstance(given, list) and isinstance(whole, list):
        return len(given) == len(whole) and all(map(_within, given, whole))
    return bool(given == whole)


def _beyond(result: ScreeningResult, reader: Audience) -> Iterator[str]:
    """What of an extract a reader may not see."""
    for part in ("requirements", "domains", "conditions", "models", "changes", "missing", "values"):
        if getattr(result, part) and part not in reader.parts:
            yield part
    if "rule" not in reader.parts and result.rule.id != WITHHELD:
        yield "rule"
    for domain in result.domains:
        if ALL not in reader.domains and domain.name not in reader.domains:
            yield f"domain {domain.name!r}"
    for name in _features(result):
        if not _may_see(name, reader):
            yield f"feature {name!r}"
    groups = {group for model in result.models for group in model.by_group}
    for group in sorted(groups - set(reader.groups)):
        yield f"group {group!r}"


def _features(result: ScreeningResult) -> Iterator[str]:
    yield from result.values
    for model in result.models:
        yield from (one.feature for one in model.contributions)
        yield from (one.feature for one in model.outside)
        yield from (one.feature for one in model.if_known)
        yield from (*model.unknown, *model.unusual, *(model.pattern or ()))


def _may_see(name: str, reader: Audience) -> bool:
    feature = catalogue().get(name)
    if feature is None or feature.group not in reader.groups:
        return False
    return reader.victims == "facts" or not about_victims([name], catalogue())
