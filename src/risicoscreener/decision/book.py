"""All versions of all policies, and the one that applies on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path

from risicoscreener.decision.compiled import CompiledPolicy
from risicoscreener.decision.policy import Policy
from risicoscreener.errors import PolicyError

ONE_DAY = dt.timedelta(days=1)


class PolicyBook:
    """Versions by kind of decision, without overlap or gap in time.

    Parameters
    ----------
    policies
        Compiled versions, in any order.

    Raises
    ------
    PolicyError
        If versions of one kind overlap, leave a gap, or differ in the day that picks a version.
    """

    def __init__(self, policies: Iterable[CompiledPolicy]) -> None:
        by_kind: dict[str, list[CompiledPolicy]] = {}
        for compiled in policies:
            by_kind.setdefault(compiled.policy.kind, []).append(compiled)
        self._versions = {
            kind: tuple(sorted(found, key=lambda c: c.policy.valid_from))
            for kind, found in sorted(by_kind.items())
        }
        for versions in self._versions.values():
            for older, newer in pairwise(versions):
                _check_succession(older.policy, newer.policy)

    @classmethod
    def shipped(cls) -> PolicyBook:
        """The policies that come with the package; read and compiled once."""
        return _shipped()

    @classmethod
    def from_directory(cls, path: str | Path) -> PolicyBook:
        """The policies in files ``<kind>/<valid_from>.toml`` of a folder.

        Raises
        ------
        PolicyError
            If the folder has none, or a file is not understood or not named after its content.
        """
        folder = Path(path)
        if not folder.is_dir():
            raise PolicyError(f"{folder} is not a folder; expected files <kind>/<valid_from>.toml")
        return cls(_read_folder(folder))

    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds of decision, in the order of the alphabet."""
        return tuple(self._versions)

    def versions(self, kind: str) -> tuple[CompiledPolicy, ...]:
        """All versions of one kind, oldest first.

        Raises
        ------
        PolicyError
            If there is no such kind.
        """
        if kind not in self._versions:
            raise PolicyError(f"no policy for {kind!r}; expected one of {', '.join(self.kinds())}")
        return self._versions[kind]

    def pick(self, kind: str, as_of: dt.date, judged_on: dt.date | None = None) -> CompiledPolicy:
        """The version that applies to a decision on a day.

        Parameters
        ----------
        kind
            Kind of decision.
        as_of
            Day of the decision.
        judged_on
            Day of the judgment. It picks the version where the policy says so; without it, the
            version in force on ``as_of`` applies.

        Raises
        ------
        PolicyError
            If there is no such kind, or no version that holds on the day.
        """
        versions = self.versions(kind)
        by_judgment = versions[0].policy.date_basis == "judgment" and judged_on is not None
        day = judged_on if by_judgment and judged_on is not None else as_of
        if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
            raise PolicyError(f"{kind}: {day!r} is not a day; expected a datetime.date")
        for compiled in versions:
            if compiled.policy.in_force(day):
                return compiled
        held = ", ".join(_span(c.policy) for c in versions)
        basis = "judgment" if by_judgment else "decision"
        raise PolicyError(
            f"no policy for {kind!r} on {day} (day of the {basis}); expected a day within {held}; "
            f"known kinds: {', '.join(self.kinds())}"
        )


@cache
def _shipped() -> PolicyBook:
    return PolicyBook(_read_folder(files("risicoscreener.decision") / "policies"))


def _read_folder(folder: Traversable) -> list[CompiledPolicy]:
    compiled = []
    for kind in sorted(folder.iterdir(), key=lambda p: p.name):
        if not kind.is_dir() or kind.name.startswith((".", "_")):
            continue
        compiled += [
            CompiledPolicy(_read_file(path, f"{kind.name}/{path.name}"))
            for path in sorted(kind.iterdir(), key=lambda p: p.name)
            if path.name.endswith(".toml")
        ]
    if not compiled:
        raise PolicyError(f"{folder} has no policies; expected files <kind>/<valid_from>.toml")
    return compiled


def _read_file(path: Traversable, origin: str) -> Policy:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{origin} cannot be read: {error}") from None
    policy = Policy.from_toml(text, origin)
    if origin != f"{policy.id}.toml":
        raise PolicyError(f"{origin} holds {policy.id}; expected it in {policy.id}.toml")
    return policy


def _check_succession(older: Policy, newer: Policy) -> None:
    if older.valid_from == newer.valid_from:
        raise PolicyError(f"{newer.id} is there twice; expected one version that starts that day")
    expected = newer.valid_from - ONE_DAY
    if older.valid_until is None or older.valid_until > expected:
        raise PolicyError(
            f"{older.id} and {newer.id} overlap; expected valid_until = {expected} in the first"
        )
    if older.valid_until < expected:
        raise PolicyError(
            f"no version of {older.kind} between {older.valid_until} and {newer.valid_from}; "
            f"expected valid_until = {expected} in {older.id}"
        )
    if older.date_basis != newer.date_basis:
        raise PolicyError(
            f"{older.id} and {newer.id} differ in date_basis; expected one basis for {older.kind}"
        )


def _span(policy: Policy) -> str:
    return f"{policy.valid_from} to {policy.valid_until or 'now'}"
