"""Policies by name or from a file, in force alone or one after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from risicoscreener.decision import CompiledPolicy, Policy, PolicyBook
from risicoscreener.decision.book import shipped_parts
from risicoscreener.decision.drafting import resolve
from risicoscreener.decision.policy import raw_policy
from risicoscreener.errors import PolicyError

ONE_DAY = dt.timedelta(days=1)


def policy_of(name: str | Path) -> CompiledPolicy:
    """A policy by id, shipped or an example, or from a file that may amend one of these.

    Raises
    ------
    PolicyError
        If there is no such id or file, or the file is not understood.

    Examples
    --------
    >>> policy_of("leave/2021-07-01").id
    'leave/2021-07-01'
    """
    known = _known()
    if str(name) in known:
        return known[str(name)]
    path = Path(name)
    if not path.is_file():
        raise PolicyError(
            f"there is no policy {str(name)!r}; expected a TOML file or one of {', '.join(known)}"
        )
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path} cannot be read: {error}") from None
    return policy_from(text, str(path))


def policy_from(text: str, origin: str = "policy") -> CompiledPolicy:
    """A policy from the text of a file that may amend one that ships, or use its shared parts.

    Raises
    ------
    PolicyError
        Naming ``origin``, the place and what was expected there.
    """
    raw = resolve(raw_policy(text, origin), origin, shipped_parts(), _in_full)
    return CompiledPolicy(Policy.from_raw(raw, origin))


class Course(PolicyBook):
    """Policies as they follow each other in a scenario, which may begin before they did.

    Parameters
    ----------
    policies
        Compiled versions, with the days that they have in the scenario.
    called
        By the id of each the id that the policy has by itself.
    """

    def __init__(self, policies: Iterable[CompiledPolicy], called: Mapping[str, str]) -> None:
        super().__init__(policies)
        self.called = dict(called)


def book_of(*policies: CompiledPolicy, start: dt.date | None = None) -> Course:
    """A book in which of each kind a policy holds until the next one begins, the last for good.

    Parameters
    ----------
    policies
        One or more versions of one or more kinds.
    start
        Day from which the first version of each kind holds, if that is earlier than its own: what
        if it had been there.

    Raises
    ------
    PolicyError
        If two versions of a kind begin on the same day.
    """
    by_kind: dict[str, list[Policy]] = {}
    for compiled in policies:
        by_kind.setdefault(compiled.policy.kind, []).append(compiled.policy)
    found, called = [], {}
    for versions in by_kind.values():
        ordered = sorted(versions, key=lambda policy: policy.valid_from)
        ends = [policy.valid_from - ONE_DAY for policy in ordered[1:]]
        for place, (policy, end) in enumerate(zip(ordered, [*ends, None], strict=True)):
            first = policy.valid_from
            if place == 0 and start is not None and start < first:
                first = start
            changes: dict[str, Any] = {"valid_from": first, "valid_until": end}
            found.append(CompiledPolicy(msgspec.structs.replace(policy, **changes)))
            called[found[-1].id] = policy.id
    return Course(found, called)


def _known() -> dict[str, CompiledPolicy]:
    books = (PolicyBook.shipped(), PolicyBook.examples())
    return {c.id: c for book in books for kind in book.kinds() for c in book.versions(kind)}


def _in_full(name: str) -> dict[str, object]:
    known = _known()
    if name not in known:
        raise PolicyError(f"there is no policy {name!r}; expected one of {', '.join(known)}")
    plain: dict[str, object] = msgspec.json.decode(msgspec.json.encode(known[name].policy))
    return plain
