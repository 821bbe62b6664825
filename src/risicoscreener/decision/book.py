"""All versions of all policies, and the one that applies on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any

from risicoscreener.decision.compiled import CompiledPolicy
from risicoscreener.decision.drafting import resolve
from risicoscreener.decision.policy import Policy, raw_policy
from risicoscreener.errors import PolicyError

PARTS = "parts.toml"
"""File beside the kinds, with entries that several policies share."""
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
        self._versions: Mapping[str, tuple[CompiledPolicy, ...]] = {
            kind: _in_succession(found) for kind, found in sorted(by_kind.items())
        }

    @classmethod
    def shipped(cls) -> PolicyBook:
        """The policies that come with the package; those of a kind are read when it is asked for.

        A folder of your own is read and checked whole, so that a fault in it is known at once; in
        the policies of the package there is none.
        """
        return _shipped()

    @classmethod
    def examples(cls) -> PolicyBook:
        """Policies that ship to be compared and simulated, and that are not in force.

        Among them the leave rule of November 2021, as reported: a deep assessment for everybody
        convicted of a serious violent or sexual offence; and the rule as it was meant, for those of
        them who are placed in a forensic clinic.
        """
        return _examples()

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

    def kinds(self, on: dt.date | None = None) -> tuple[str, ...]:
        """Names of the kinds of decision, in the order of the alphabet.

        Parameters
        ----------
        on
            A day: only the kinds that there are on it. All by default.
        """
        if on is None:
            return tuple(self._versions)
        return tuple(
            kind
            for kind, versions in self._versions.items()
            if any(compiled.policy.in_force(on) for compiled in versions)
        )

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
    book = PolicyBook(())
    book._versions = _ReadWhenAsked(_folder("policies"))
    return book


@cache
def _examples() -> PolicyBook:
    return PolicyBook(_read_folder(_folder("examples"), within=_folder("policies")))


def _folder(name: str) -> Traversable:
    return files("risicoscreener.decision") / name


def _read_folder(folder: Traversable, *, within: Traversable | None = None) -> list[CompiledPolicy]:
    """The policies in a folder; versions and parts of ``within`` can be built upon too."""
    drafts = _Drafts(folder)
    if within is not None:
        drafts.add(within)
    compiled = [one for kind in _kinds_in(folder) for one in _read_kind(drafts, kind)]
    if not compiled:
        raise PolicyError(f"{folder} has no policies; expected files <kind>/<valid_from>.toml")
    return compiled


def _kinds_in(folder: Traversable) -> list[Traversable]:
    """The folders of the kinds of decision, in the order of the alphabet."""
    found = [p for p in folder.iterdir() if p.is_dir() and not p.name.startswith((".", "_"))]
    return sorted(found, key=lambda p: p.name)


def _read_kind(drafts: _Drafts, kind: Traversable) -> list[CompiledPolicy]:
    return [
        CompiledPolicy(drafts.policy(f"{kind.name}/{path.name.removesuffix('.toml')}"))
        for path in sorted(kind.iterdir(), key=lambda p: p.name)
        if path.name.endswith(".toml")
    ]


class _ReadWhenAsked(Mapping[str, tuple[CompiledPolicy, ...]]):
    """Versions by kind of the policies in a folder, of which a kind is read when it is asked for.

    Only for what the package ships, since who screens one dossier waits for one kind.
    """

    def __init__(self, folder: Traversable) -> None:
        self.folders = {kind.name: kind for kind in _kinds_in(folder)}
        self.folder = folder
        self.found: dict[str, tuple[CompiledPolicy, ...]] = {}
        self.lock = Lock()

    def __getitem__(self, kind: str) -> tuple[CompiledPolicy, ...]:
        found = self.found.get(kind)
        if found is None:
            folder = self.folders[kind]
            with self.lock:  # so that every thread gets the same
                if kind not in self.found:
                    self.found[kind] = _in_succession(_read_kind(self.drafts, folder))
            found = self.found[kind]
        return found

    @cached_property
    def drafts(self) -> _Drafts:
        return _Drafts(self.folder)

    def __contains__(self, kind: object) -> bool:
        return kind in self.folders

    def __iter__(self) -> Iterator[str]:
        return iter(self.folders)

    def __len__(self) -> int:
        return len(self.folders)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


class _Drafts:
    """Policy files of folders, put together with the parts and versions that they build on."""

    def __init__(self, folder: Traversable) -> None:
        self.folders = [folder]
        self.parts = _parts_of(folder)
        self.open: list[str] = []

    def add(self, folder: Traversable) -> None:
        """Look in this folder too, after those that there are."""
        self.folders.append(folder)
        here = _parts_of(folder)
        self.parts = {
            section: [*self.parts.get(section, ()), *here.get(section, ())]
            for section in {*self.parts, *here}
        }

    def policy(self, name: str) -> Policy:
        """The policy in ``<name>.toml``."""
        policy = Policy.from_raw(self.raw(name), f"{name}.toml")
        if policy.id != name:
            raise PolicyError(f"{name}.toml holds {policy.id}; expected it in {policy.id}.toml")
        return policy

    def raw(self, name: str) -> dict[str, object]:
        """Plain values of the policy of that name, in full."""
        origin = f"{name}.toml"
        if name in self.open:
            raise PolicyError(f"{origin} amends itself by way of {' and '.join(self.open)}")
        self.open.append(name)
        try:
            return resolve(raw_policy(self._text(name), origin), origin, self.parts, self.raw)
        finally:
            self.open.remove(name)

    def _text(self, name: str) -> str:
        kind, _, version = name.partition("/")
        for folder in self.folders:
            path = folder / kind / f"{version}.toml"
            if path.is_file():
                return _text_of(path, f"{name}.toml")
        raise PolicyError(f"there is no {name}.toml; expected a version that is there")


@cache
def shipped_parts() -> dict[str, Any]:
    """The entries that the shipped policies share, by section."""
    return _parts_of(_folder("policies"))


def _parts_of(folder: Traversable) -> dict[str, Any]:
    path = folder / PARTS
    return raw_policy(_text_of(path, PARTS), PARTS) if path.is_file() else {}


def _text_of(path: Traversable, origin: str) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{origin} cannot be read: {error}") from None


def _in_succession(policies: Iterable[CompiledPolicy]) -> tuple[CompiledPolicy, ...]:
    """Versions of one kind, oldest first, if they follow each other."""
    versions = tuple(sorted(policies, key=lambda c: c.policy.valid_from))
    for older, newer in pairwise(versions):
        _check_succession(older.policy, newer.policy)
    return versions


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
