"""Which column of a table holds what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from risicoscreener.report.evaluation.problems import Problem, TableError

ROLES = (
    "probability",
    "outcome",
    "weight",
    "time",
    "horizon",
    "prison",
    "person_id",
    "decision",
)
REQUIRED = ("probability", "outcome")
RIVAL = "probability_"
"""How the column of a second model begins; what follows is its name."""


@dataclass(frozen=True)
class Columns:
    """Roles and the columns that have them.

    Attributes
    ----------
    of
        By role the name of the column; roles that no column has are absent.
    groups
        Columns that divide people into groups.
    rivals
        By name of a further model the column with its probabilities.
    """

    of: Mapping[str, str]
    groups: tuple[str, ...] = ()
    rivals: Mapping[str, str] = field(default_factory=dict)

    @property
    def all(self) -> tuple[str, ...]:
        """Every column that is used, once."""
        return tuple(dict.fromkeys((*self.of.values(), *self.rivals.values(), *self.groups)))


def find_columns(
    present: Iterable[str],
    *,
    named: Mapping[str, str] | None = None,
    groups: Sequence[str] = (),
) -> Columns:
    """The columns of a table by their role.

    Parameters
    ----------
    present
        Names of the columns of the table.
    named
        By role (`ROLES`, or ``probability_`` and the name of a model) the column that has it,
        where that is not the column of the same name.
    groups
        Columns that divide people into groups.

    Raises
    ------
    TableError
        If a column that is needed or named is not there, is there twice, or a role is unknown.
    """
    columns, named = list(present), dict(named or {})
    twice = sorted({c for c in columns if columns.count(c) > 1})
    problems = [Problem(c, None, "", "each name once; it is there twice") for c in twice]
    problems += _unknown_roles(named)
    of = {role: named.get(role, role) for role in ROLES if role in named or role in columns}
    taken = set(of.values())
    rivals = {c[len(RIVAL) :]: c for c in columns if c.startswith(RIVAL) and c not in taken}
    rivals |= {role[len(RIVAL) :]: c for role, c in named.items() if role.startswith(RIVAL)}
    for role in REQUIRED:
        of.setdefault(role, role)
    wanted = (*of.values(), *rivals.values(), *groups)
    problems += [
        Problem(column, None, "", f"a column of that name; the table has {_listed(columns)}")
        for column in dict.fromkeys(wanted)
        if column not in columns
    ]
    if "time" in of and "horizon" not in of:
        problems.append(Problem(of["time"], None, "", "a column horizon (days) beside a time"))
    if problems:
        raise TableError(
            "the table lacks what the report needs; name columns with --columns role=column",
            tuple(problems),
        )
    return Columns(of, tuple(dict.fromkeys(groups)), rivals)


def _unknown_roles(named: Mapping[str, str]) -> list[Problem]:
    known = ", ".join((*ROLES, f"{RIVAL}NAME"))
    return [
        Problem(column, None, "", f"a role out of {known}, not {role!r}")
        for role, column in named.items()
        if role not in ROLES and not (role.startswith(RIVAL) and len(role) > len(RIVAL))
    ]


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(repr(c) for c in columns[:12]) or "none"
    return f"{shown} and {len(columns) - 12} more" if len(columns) > 12 else shown
