"""The card of a cohort in a folder: what it is, how it was made, and a digest of what it says."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from risicoscreener.dossier.files import read_table
from risicoscreener.errors import DataError, DossierError
from risicoscreener.strict_json import read_json
from risicoscreener.synthetic.cohort import INDEX, Cohort
from risicoscreener.synthetic.scenario import Scenario
from risicoscreener.synthetic.storing.digest import Leaves, digest_of, joined, leaves_of
from risicoscreener.synthetic.storing.fields import Field, card_texts, field, table_meaning
from risicoscreener.writing import put_in_place

CARD, PAGE = "card.json", "CARD.md"
FORMAT_VERSION = 1


class _Record(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class TableCard(_Record, frozen=True, kw_only=True):
    """A table of a cohort: its name, its rows, a digest of its content, and its fields."""

    name: str
    rows: int
    sha256: str
    fields: tuple[Field, ...]


class Reached(_Record, frozen=True, kw_only=True):
    """A target, what is reached of it with its standard error, and whether that meets it.

    What is reached is written as in all tables; nothing where a cohort does not show it.
    """

    quantity: str
    target: float
    tolerance: float
    unit: str
    mark: str
    reached: str | None = None
    error: str | None = None
    is_within: bool | None = None


class Attained(_Record, frozen=True, kw_only=True):
    """What the first ``n`` people of a cohort reach of the published aggregates."""

    n: int
    targets: tuple[Reached, ...]


class DataCard(_Record, frozen=True, kw_only=True):
    """What can be said of a cohort without reading it.

    Attributes
    ----------
    name
        Name of the folder for which it was made.
    n, seed, population
        How many people, from which seed, of which population.
    scenario, scenario_text
        Id of the scenario, if it is one, and what changes in it.
    changes
        Changed parameters by path, those of the scenario included; days as text.
    command
        What makes the cohort again.
    library_version, numpy_version
        Of the versions that made it. Another version of NumPy may draw other people.
    index_days
        First and last index day.
    registers_read_on
        Day after which nothing is in the dossiers.
    sha256
        Digest of the content, the same for any form of storage; see `digest`.
    tables
        Every table, those of the truth included.
    attained
        What was aimed at and what is reached, if it was measured.
    """

    format_version: int = FORMAT_VERSION
    name: str
    n: int
    seed: int
    population: str
    scenario: str | None = None
    scenario_text: str = ""
    changes: dict[str, Any] = {}
    command: str
    library_version: str
    numpy_version: str
    index_days: tuple[dt.date, dt.date]
    registers_read_on: dt.date
    sha256: str
    tables: tuple[TableCard, ...]
    attained: Attained | None = None

    def write(self, folder: str | Path) -> None:
        """Write the card to a folder, as ``card.json`` and for people as ``CARD.md``."""
        content = msgspec.json.format(msgspec.json.encode(self), indent=1).decode() + "\n"
        for name, text in ((CARD, content), (PAGE, self.to_markdown())):
            with put_in_place(Path(folder) / name) as unfinished:
                unfinished.write_text(text, "utf-8", newline="\n")

    @classmethod
    def read(cls, folder: str | Path) -> DataCard:
        """The card in the folder of a cohort.

        Raises
        ------
        DataError
            If it is absent or not a card that this version reads.
        """
        path = Path(folder) / CARD
        expected = "expected the card that write_cohort makes"
        try:
            content, repeated = read_json(path.read_text("utf-8"))
            if not repeated:
                return _checked(msgspec.convert(content, cls))
            reason = f"it has {repeated[0].key!r} twice in one object"
        except (OSError, ValueError, RecursionError) as error:
            reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path} cannot be read as the card of a cohort: {reason}; {expected}")

    def to_markdown(self) -> str:
        """The card as a page."""
        about = card_texts()["about"]
        parts = [
            f"# {about['title']} `{self.name}`",
            about["what"],
            "\n".join(f"- {said}" for said in about["not_what"]),
            f"**Privacy.** {about['privacy']}",
            _table(("", ""), self._facts()),
            f"Made by\n\n```\n{self.command}\n```",
            *([] if self.attained is None else ["## Targets", _attained(self.attained)]),
            "## Tables",
            *(_of_table(table) for table in self.tables),
        ]
        return "\n\n".join(parts) + "\n"

    def _facts(self) -> list[tuple[str, str]]:
        first, last = self.index_days
        changes = "; ".join(f"`{path}` = {value}" for path, value in self.changes.items())
        return [
            ("people", f"{self.n:,}"),
            ("population", self.population),
            ("scenario", f"`{self.scenario}`: {self.scenario_text}" if self.scenario else "none"),
            ("changed parameters", changes or "none"),
            ("seed", str(self.seed)),
            ("index days", f"{first} to {last}"),
            ("registers read on", f"{self.registers_read_on}"),
            ("made with", f"risicoscreener {self.library_version}, NumPy {self.numpy_version}"),
            ("SHA-256 of the content", f"`{self.sha256}`"),
            ("licence", card_texts()["about"]["licence"]),
        ]


def _checked(card: DataCard) -> DataCard:
    if card.format_version != FORMAT_VERSION:
        found = f"it has format version {card.format_version}"
        raise ValueError(f"{found}; this version of the library reads {FORMAT_VERSION}")
    return card


def _attained(attained: Attained) -> str:
    head = ("quantity", "mark", "target", "tolerance", "reached", "error", "within")
    said = {None: "not shown", True: "yes", False: "no"}
    rows = [
        (
            one.quantity,
            one.mark,
            f"{one.target:g} {one.unit}".strip(),
            f"{one.tolerance:g}",
            one.reached or "",
            one.error or "",
            said[one.is_within],
        )
        for one in attained.targets
    ]
    about = card_texts()["about"]["targets"].format(n=attained.n)
    return f"{about}\n\n{_table(head, rows)}"


def _of_table(table: TableCard) -> str:
    head = f"### {table.name}\n\n{table_meaning(table.name)} {table.rows:,} rows."
    rows = [(f"`{f.name}`", f.kind, f.unit, f.meaning) for f in table.fields]
    return f"{head}\n\n{_table(('field', 'kind', 'unit', 'meaning'), rows)}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@dataclass(frozen=True)
class Recipe:
    """How a cohort is made: what the caller of `write_cohort` gave."""

    name: str
    n: int
    seed: int
    population: str
    scenario: Scenario | None
    changes: Mapping[str, Any]

    @property
    def all_changes(self) -> dict[str, Any]:
        """Changed parameters by path, those of the scenario included."""
        of_scenario = {} if self.scenario is None else self.scenario.changes
        return {**of_scenario, **self.changes}

    @property
    def command(self) -> str:
        """The command that makes it again; with changes of the caller, a line of Python."""
        return self._line() if self.changes else self._command()

    def _command(self) -> str:
        chosen = ["--population", self.population]
        if self.scenario is not None:
            chosen = ["--scenario", self.scenario.id + ("" if self._is_shipped else ".toml")]
        words = ["-n", str(self.n), "--seed", str(self.seed), *chosen, "--out", self.name]
        return f"risicoscreener synth make {shlex.join(words)}"

    @property
    def _is_shipped(self) -> bool:
        """Whether the scenario is one of the package, as it is or fitted to its own targets."""
        if self.scenario is None:
            return False
        shipped = Scenario.shipped().get(self.scenario.id)
        return shipped is not None and (bool(shipped.targets) or shipped == self.scenario)

    def _line(self) -> str:
        given = {"seed": f"{self.seed}"}
        if self.scenario is None:
            given["population"] = repr(self.population)
        else:
            given["scenario"] = f"risicoscreener.synthetic.Scenario.load({self.scenario.id!r})"
        given["changes"] = repr(dict(self.changes))
        said = ", ".join(f"{key}={value}" for key, value in given.items())
        return f"risicoscreener.synthetic.write_cohort({self.name!r}, {self.n}, {said})"


def card_of(
    recipe: Recipe,
    leaves: Mapping[str, Leaves],
    index_days: tuple[dt.date, dt.date],
    registers_read_on: dt.date,
    attained: Attained | None,
) -> DataCard:
    """The card of a cohort, from how it was made and the digests of its columns."""
    from risicoscreener import __version__

    tables = _table_cards(leaves)
    scenario = recipe.scenario
    return DataCard(
        name=recipe.name,
        n=recipe.n,
        seed=recipe.seed,
        population=recipe.population,
        scenario=None if scenario is None else scenario.id,
        scenario_text="" if scenario is None else scenario.description.en,
        changes=msgspec.to_builtins(recipe.all_changes),
        command=recipe.command,
        library_version=__version__,
        numpy_version=np.__version__,
        index_days=index_days,
        registers_read_on=registers_read_on,
        sha256=digest_of({table.name: table.sha256 for table in tables}),
        tables=tables,
        attained=attained,
    )


def _table_cards(tables: Mapping[str, Leaves]) -> tuple[TableCard, ...]:
    """The cards of the tables of a cohort, from the digests of their columns."""
    return tuple(
        TableCard(
            name=name,
            rows=leaves.rows,
            sha256=leaves.sha256,
            fields=tuple(field(name, column, kind) for column, kind in leaves.kinds.items()),
        )
        for name, leaves in tables.items()
    )


@dataclass(frozen=True, slots=True)
class CohortCheck:
    """Whether a cohort says what its card says.

    Attributes
    ----------
    folder
        Where the cohort stands.
    differing
        Names of tables that are not what the card says, such as ``dossiers/debts``.
    """

    folder: Path
    differing: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether no table differs."""
        return not self.differing

    def __str__(self) -> str:
        if self.ok:
            return f"{self.folder}: the content is what the card says"
        return f"{self.folder}: not what the card says: {', '.join(self.differing)}"


def verify_cohort(folder: str | Path) -> CohortCheck:
    """Compare a cohort in a folder with its card, part by part.

    Returns
    -------
    CohortCheck
        Which tables differ, if any; ``index`` if it is not on the people of the truth, ``card``
        if the card does not agree with itself.

    Raises
    ------
    DataError, DossierError
        If the card or a table cannot be read, or is not sound.
    """
    folder = Path(folder)
    card = DataCard.read(folder)
    said = {table.name: table.sha256 for table in card.tables}
    index = _Index(folder)
    parts = []
    for cohort in Cohort.read_parts(folder):
        parts.append(leaves_of(cohort))
        index.compare(cohort)
    found = {name: leaves.sha256 for name, leaves in joined(parts).items()}
    differing = [name for name in {**said, **found} if said.get(name) != found.get(name)]
    differing += [] if index.is_as_the_truth else ["index"]
    differing += [] if digest_of(said) == card.sha256 else ["card"]
    return CohortCheck(folder, tuple(differing))


class _Index:
    """The index of a cohort, compared part by part with the truth."""

    def __init__(self, folder: Path) -> None:
        try:
            self._rest = read_table(folder / INDEX)
        except DossierError as error:
            raise DataError(
                f"the index of the cohort in {folder} cannot be read: {error}"
            ) from None
        self._differs = False

    def compare(self, cohort: Cohort) -> None:
        people = cohort.index()
        of_part = self._rest.slice(0, len(people)).to_pandas()
        self._rest = self._rest.slice(len(people))
        try:
            self._differs |= not of_part.astype(people.dtypes).equals(people)
        except (KeyError, TypeError, ValueError, OverflowError):  # other columns, or no such values
            self._differs = True

    @property
    def is_as_the_truth(self) -> bool:
        return not self._differs and not self._rest.num_rows
