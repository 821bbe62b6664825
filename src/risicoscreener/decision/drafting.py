"""Policy files that build on others: shared parts, and versions that amend an earlier one.

A regulation is amended by a text that names only what changes, and so may a policy file be. What
comes out is a whole policy, as if it had been written in full; only that is checked, compiled and
shown.

``like = "assessment"``
    In an entry: the part of that id in ``parts.toml`` of the same section. What the entry says
    itself goes before what the part says.
``amends = "leave/2021-07-01"``
    At the head: everything of that version, with what this file says instead. An entry with the id
    of an existing one replaces the fields that it names, and ``all`` or ``any`` the other of the
    two. A new entry comes last, or where ``before`` says. ``repeals`` lists per section the ids
    that fall away; what falls away cannot also be said anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from risicoscreener.errors import PolicyError

Raw = dict[str, Any]
SECTIONS = ("models", "requirements", "domains", "conditions", "rules", "properties")
"""Lists of entries in a policy file, in the order of the file."""
BY_MODEL = "models"
ONE_OF = ("all", "any")
"""Fields of which an entry has one: whoever says the one anew takes the other away."""


def resolve(
    raw: Raw, origin: str, parts: Mapping[str, Any], version: Callable[[str], Raw] | None
) -> Raw:
    """The policy in full.

    Parameters
    ----------
    raw
        What a file says.
    origin
        Names the file in errors.
    parts
        Per section the shared parts, each with an id.
    version
        Gives another version in full, by its id; None where no other version can be had.

    Raises
    ------
    PolicyError
        If a part, a version, or an entry that is named does not exist, or if an entry is said
        twice, or both repealed and said anew.
    """
    own = {
        name: [_completed(entry, name, origin, parts) for entry in raw[name]]
        if name in SECTIONS and isinstance(raw[name], list)
        else raw[name]
        for name in raw
    }
    amended = own.pop("amends", None)
    repeals = own.pop("repeals", {})
    if amended is None:
        if repeals:
            raise PolicyError(f"{origin}: repeals without amends; expected the version amended")
        return own
    if version is None or not isinstance(amended, str):
        raise PolicyError(f"{origin}: amends {amended!r}; expected the id of a version in reach")
    base = {name: part for name, part in version(amended).items() if name != "valid_until"}
    return _amended(base, own, repeals, origin)


def _completed(entry: Any, section: str, origin: str, parts: Mapping[str, Any]) -> Any:
    """An entry with what its part says beside it."""
    if not isinstance(entry, dict) or "like" not in entry:
        return entry
    shared = {_key(part, section): part for part in _entries(parts, section, "parts.toml")}
    name = entry["like"]
    if not isinstance(name, str) or name not in shared:
        known = ", ".join(shared) or "none"
        raise PolicyError(f"{origin}: {section}: like {name!r}; expected one of {known}")
    return _over(shared[name], {key: said for key, said in entry.items() if key != "like"})


def _over(earlier: Raw, said: Raw) -> Raw:
    """An entry with what is said of it later."""
    replaced = ONE_OF if any(name in said for name in ONE_OF) else ()
    return {name: part for name, part in earlier.items() if name not in replaced} | said


def _amended(base: Raw, own: Raw, repeals: Any, origin: str) -> Raw:
    found = dict(base)
    for name in SECTIONS:
        if name in own:
            there = _entries(base, name, origin)
            found[name] = _merged(there, _entries(own, name, origin), name, origin)
    found |= {name: said for name, said in own.items() if name not in SECTIONS}
    if not isinstance(repeals, dict):
        raise PolicyError(f"{origin}: repeals is {repeals!r}; expected ids by section")
    for section, ids in repeals.items():
        if section not in SECTIONS or section not in found:
            raise PolicyError(f"{origin}: repeals {section!r}; expected one of {SECTIONS}")
        entries = _entries(found, section, origin)
        if not isinstance(ids, list):
            raise PolicyError(f"{origin}: repeals {section} is {ids!r}; expected a list of ids")
        said_anew = [_key(entry, section) for entry in own.get(section, ())]
        for gone in ids:
            if gone in said_anew:
                place = f"{origin}: {section} {gone!r}"
                raise PolicyError(f"{place} is repealed and said anew; expected one of the two")
            position = _position(entries, gone, section, f"{origin}: repeals")
            entries = [*entries[:position], *entries[position + 1 :]]
        found[section] = entries
    return found


def _merged(entries: list[Any], said: Any, section: str, origin: str) -> list[Any]:
    """The entries of a section with those of the amending file."""
    changed = []
    for entry in said:
        key = _key(entry, section)
        if key in changed:
            raise PolicyError(f"{origin}: {section} {key!r} twice; expected each name once")
        changed.append(key)
        place = next((i for i, e in enumerate(entries) if _key(e, section) == key), None)
        if place is not None:
            entries[place] = _over(entries[place], entry)
        elif "before" in entry:
            at = _position(entries, entry["before"], section, f"{origin}: {section} {key!r} before")
            entries.insert(at, {name: part for name, part in entry.items() if name != "before"})
        else:
            entries.append(entry)
    return entries


def _position(entries: list[Any], key: Any, section: str, place: str) -> int:
    known = [_key(entry, section) for entry in entries]
    if key not in known:
        raise PolicyError(f"{place} {key!r}; expected one of {', '.join(map(str, known))}")
    return known.index(key)


def _key(entry: Raw, section: str) -> Any:
    return entry.get("model" if section == BY_MODEL else "id")


def _entries(raw: Mapping[str, Any], section: str, origin: str) -> list[Raw]:
    """The entries of a section, each a table whose name is a text."""
    entries = raw.get(section, [])
    for entry in entries if isinstance(entries, list) else [None]:
        if not isinstance(entry, dict) or not isinstance(_key(entry, section), str):
            raise PolicyError(
                f"{origin}: {section} has {entry!r}; expected a list of tables, each with its "
                f"{'model' if section == BY_MODEL else 'id'}"
            )
    return list(entries)
