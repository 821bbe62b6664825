"""A synthetic cohort: dossiers, and apart from them the truth behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from risicoscreener.dossier.schema import tables
from risicoscreener.dossier.tables import DossierTables
from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.errors import DataError
from risicoscreener.synthetic.draws import Array, Block
from risicoscreener.synthetic.lives import Lives, draw_lives
from risicoscreener.synthetic.parameters import (
    DEFAULT_POPULATION,
    Parameters,
    load_parameters,
)
from risicoscreener.synthetic.rows import (
    as_extracted,
    join,
    persons_to_arrow,
    to_arrow,
    told_apart,
)
from risicoscreener.writing import put_in_place

if TYPE_CHECKING:
    import pandas as pd

BLOCK_SIZE = 4096
MOST_PEOPLE = 9_999_999
"""As many as the ids have digits for."""
_DOSSIERS, _TRUTH = "dossiers", "truth"
_DAYS = frozenset(("as_of", "release_on"))


@dataclass(frozen=True)
class Truth:
    """What the dossiers do not say; each attribute is a table of its own.

    Attributes
    ----------
    persons
        One row for each person, by ``person_id``: the index day ``as_of`` inside the stay,
        ``release_on``, what nobody measures (``latent_…``), for each outcome (``any``,
        ``violence``, ``serious_violence``) and horizon (``1y``, ``2y``, ``5y`` after release) the
        true probability of a case (``probability_any_2y``) and whether there was one (``any_2y``),
        both also as a register that is read late enough shows them (``…_registered``) and the
        second as it shows on the day on which registers were read (``any_2y_seen``); the years to
        the first case (``years_to_any``, absent where there is none in the years followed) and to
        what ruled one out (``competing_event``, ``years_to_competing_event``).
    liberties
        One row for each leave movement decided before the registers were read: ``person_id``,
        ``as_of`` (the day before the decision), ``kind``, ``probability_failed``, ``failed``.
    interventions
        One row for each person, by ``person_id``: which help they received, and probability and
        outcome with and without each (``probability_any_2y_if_supervision_1``).
    """

    persons: pd.DataFrame
    liberties: pd.DataFrame
    interventions: pd.DataFrame

    def observations(self) -> dict[str, pd.DataFrame]:
        """Every table with ``person_id`` as a column, as a model recipe observes them."""
        return {
            name: frame if frame.index.name is None else frame.reset_index()
            for name, frame in self.by_name().items()
        }

    def by_name(self) -> dict[str, pd.DataFrame]:
        """The tables by their names."""
        return {name: getattr(self, name) for name in TRUTH_TABLES}

    @classmethod
    def concatenate(cls, parts: Sequence[Truth]) -> Truth:
        """The truth of several groups of people as one."""
        return cls(**{n: _stacked([getattr(part, n) for part in parts]) for n in TRUTH_TABLES})


TRUTH_TABLES = tuple(field.name for field in fields(Truth))
_DRAWN_AS = {"persons": "truth", "liberties": "movements", "interventions": "interventions"}
"""For each table of the truth the columns of `Lives` that it is made of."""


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    is_by_person = frames[0].index.name is not None
    return pd.concat(frames, ignore_index=not is_by_person) if len(frames) > 1 else frames[0]


@dataclass(frozen=True)
class Cohort:
    """Synthetic people: their dossiers, and the truth."""

    tables: DossierTables
    truth: Truth

    def write(self, folder: str | Path) -> None:
        """Write ``dossiers/*.parquet`` and ``truth/*.parquet`` in a folder.

        ``index.parquet`` has for whom and on which day there is a truth: person_id and as_of.
        """
        folder = Path(folder)
        self.tables.write(folder / _DOSSIERS)
        (folder / _TRUTH).mkdir(parents=True, exist_ok=True)
        for name, frame in self.truth.by_name().items():
            with put_in_place(folder / _TRUTH / f"{name}.parquet") as unfinished:
                frame.to_parquet(unfinished)
        with put_in_place(folder / "index.parquet") as unfinished:
            self.truth.persons.reset_index()[["person_id", "as_of"]].to_parquet(unfinished)

    @classmethod
    def read(cls, folder: str | Path) -> Cohort:
        """The cohort that `write` put in a folder.

        Raises
        ------
        DataError
            If the truth is absent or cannot be read.
        DossierError
            If the dossiers are absent or not valid.
        """
        import pandas as pd

        folder = Path(folder)
        found = DossierTables.read(folder / _DOSSIERS)
        paths = {name: folder / _TRUTH / f"{name}.parquet" for name in TRUTH_TABLES}
        try:
            truth = Truth(**{name: pd.read_parquet(path) for name, path in paths.items()})
        except (OSError, pa.ArrowException) as error:
            what = f"the truth of the cohort in {folder} cannot be read: {error}"
            raise DataError(f"{what}; expected the files that Cohort.write makes") from None
        return cls(found, truth)


def simulate(
    n: int,
    *,
    seed: int = 1,
    population: str = DEFAULT_POPULATION,
    changes: Mapping[str, Any] | None = None,
    n_jobs: int = 1,
    on_block: Callable[[int], None] | None = None,
) -> Cohort:
    """A cohort of synthetic people.

    People are drawn in blocks of 4,096, each from random streams of its own. So the same seed
    gives the same cohort for any ``n_jobs``, and the first people of a larger cohort are the
    people of a smaller one.

    Parameters
    ----------
    n
        Number of people, from 1 to 9,999,999.
    seed
        A whole number from zero up.
    population
        ``flow`` (all releases) or ``sentenced`` (sentences of at least half a year).
    changes
        New values of parameters by path, as for `load_parameters`.
    n_jobs
        Number of processes.
    on_block
        Called after each block with the number of people drawn so far.

    Raises
    ------
    DataError
        For a number of people or a seed that is out of range, or for a population or a parameter
        that does not exist.
    """
    _check(n, seed)
    n, seed = int(n), int(seed)
    parameters = load_parameters(population, changes)
    drawn: list[Lives] = []
    done = 0
    for lives in _draw(n, seed, parameters, n_jobs):
        drawn.append(lives)
        done += lives.size
        if on_block is not None:
            on_block(done)
    return _cohort(n, drawn, parameters["calendar.extracted_on"])


def _check(n: int, seed: int) -> None:
    if not isinstance(n, Integral) or not 1 <= n <= MOST_PEOPLE:
        raise DataError(f"n is {n}; expected a whole number of people from 1 to {MOST_PEOPLE:,}")
    if not isinstance(seed, Integral) or seed < 0:
        raise DataError(f"seed is {seed}; expected zero or a positive whole number")


def _draw(n: int, seed: int, parameters: Parameters, n_jobs: int) -> Iterator[Lives]:
    """Each block in turn; of the last one only the people that are asked for."""
    jobs = [
        (Block(seed, number, BLOCK_SIZE, parameters), min(BLOCK_SIZE, n - first))
        for number, first in enumerate(range(0, n, BLOCK_SIZE))
    ]
    if n_jobs == 1 or len(jobs) == 1:
        yield from (draw_lives(block, wanted) for block, wanted in jobs)
        return
    from joblib import Parallel, delayed

    run = Parallel(n_jobs=n_jobs, return_as="generator")
    yield from run(delayed(draw_lives)(block, wanted) for block, wanted in jobs)


def _cohort(n: int, drawn: list[Lives], extracted_on: int) -> Cohort:
    ids = pa.array([f"SYN-{i + 1:07d}" for i in range(n)])
    offsets = np.cumsum([0, *(lives.size for lives in drawn)])
    raw = {"persons": persons_to_arrow(ids, **_joined([lives.persons for lives in drawn]))}
    for name in tables():
        blocks = [
            told_apart(as_extracted(lives.facts.pop(name), extracted_on)).moved(int(by))
            for lives, by in zip(drawn, offsets, strict=False)
        ]
        raw[name] = to_arrow(join(blocks), ids)
    return Cohort(DossierTables.from_arrow(raw), _truth(ids, drawn, offsets, extracted_on))


def _truth(ids: pa.Array, drawn: list[Lives], offsets: Array, extracted_on: int) -> Truth:
    """The tables of the truth; decisions after the registers were read are not among them."""
    frames = {}
    for name, drawn_as in _DRAWN_AS.items():
        columns = [getattr(lives, drawn_as) for lives in drawn]
        is_by_person = "owner" not in columns[0]
        frames[name] = (
            _of_persons(ids, columns) if is_by_person else _of_rows(ids, columns, offsets)
        )
    happened = frames["liberties"]["as_of"] <= np.datetime64(extracted_on, "D")
    frames["liberties"] = frames["liberties"][happened].reset_index(drop=True)
    return Truth(**frames)


def _joined(parts: Sequence[dict[str, Array]]) -> dict[str, Array]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _of_persons(ids: pa.Array, parts: Sequence[dict[str, Array]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(_readable(_joined(parts)), pd.Index(ids.to_pandas(), name="person_id"))


def _of_rows(ids: pa.Array, parts: Sequence[dict[str, Array]], offsets: Array) -> pd.DataFrame:
    import pandas as pd

    columns = _joined(parts)
    counts = [len(part["owner"]) for part in parts]
    owner = columns.pop("owner") + np.repeat(offsets[:-1], counts)
    return pd.DataFrame({"person_id": ids.take(pa.array(owner)).to_pandas(), **_readable(columns)})


def _readable(columns: dict[str, Array]) -> dict[str, Array]:
    """Columns with days as such, and kinds of liberties by their codes."""
    readable = dict(columns)
    for name in _DAYS & columns.keys():
        readable[name] = columns[name].astype("datetime64[D]").astype("datetime64[ns]")
    if "kind" in columns:
        readable["kind"] = np.array(vocabularies()["liberty_kind"].codes)[columns["kind"]]
    return readable
