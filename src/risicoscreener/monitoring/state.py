"""What is kept between runs, so that a monthly run goes on with the same test."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from msgspec import Struct

from risicoscreener.errors import MonitoringError
from risicoscreener.evaluation.sequential import (
    BettingSequence,
    Binned,
    CohortProcess,
    EProcess,
    TimingCurve,
)
from risicoscreener.strict_json import decode_json
from risicoscreener.writing import put_in_place

MOST_BYTES = 200_000_000
FORMAT = 2
"""Of the file; the first had no checksum."""


class PartState(Struct, frozen=True, forbid_unknown_fields=True):
    """An `EProcess`, or with ``by_cohort`` a `CohortProcess`, as plain values."""

    log_wealth: list[float | None]
    bets: int
    periods: int
    log_largest: float
    first: float
    mean_wait: float
    by_cohort: bool = False

    @classmethod
    def of(cls, process: EProcess) -> PartState:
        """As it is kept."""
        return cls(**process.to_dict(), by_cohort=isinstance(process, CohortProcess))

    def process(self) -> EProcess:
        """As it goes on."""
        kind = CohortProcess if self.by_cohort else EProcess
        return kind.from_dict(msgspec.structs.asdict(self))


class SequenceState(Struct, frozen=True, forbid_unknown_fields=True):
    """A `BettingSequence` as plain values."""

    level: float
    log_up: list[float | None]
    log_down: list[float | None]
    n: int
    total: float
    squares: float

    @classmethod
    def of(cls, sequence: BettingSequence) -> SequenceState:
        """As it is kept."""
        return cls(**sequence.to_dict())

    def sequence(self) -> BettingSequence:
        """As it goes on."""
        return BettingSequence.from_dict(msgspec.structs.asdict(self))


class CusumState(Struct, frozen=True, forbid_unknown_fields=True):
    """Two risk-adjusted sums: for more outcomes than predicted, and for fewer."""

    limits: tuple[float, float]
    values: tuple[float, float] = (0.0, 0.0)
    largest: tuple[float, float] = (0.0, 0.0)


class Point(Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """One stream in one period.

    Attributes
    ----------
    period
        Name of the period.
    n
        People, decisions or person-months.
    observed, expected, variance
        What was counted, what was to be expected, and the variance of that.
    log_e
        Log of the e-value after the period; for a CUSUM the larger of its two sums, over its limit.
    hits
        What was counted of each part, in their order.
    """

    period: str
    n: float
    observed: float
    expected: float
    variance: float
    log_e: float
    hits: tuple[float, ...] = ()


class StreamState(Struct, frozen=True, forbid_unknown_fields=True):
    """One stream of one group.

    Attributes
    ----------
    parts
        By name what is bet on.
    points
        What was counted, by period.
    alarm
        Period in which the alarm was first raised; empty without.
    sequence, cusum
        Of kinds that have one.
    """

    parts: dict[str, PartState]
    points: tuple[Point, ...] = ()
    alarm: str = ""
    sequence: SequenceState | None = None
    cusum: CusumState | None = None


class BinnedState(Struct, frozen=True, forbid_unknown_fields=True):
    """A `Binned` as plain values."""

    edges: list[float]
    counts: list[float]

    def binned(self) -> Binned:
        """As it is used."""
        return Binned.from_dict(msgspec.structs.asdict(self))


class Range(Struct, frozen=True, forbid_unknown_fields=True):
    """Between what a share, or a rate by month, is expected; and what it was in the reference."""

    low: float
    high: float
    reference: float


class Timing(Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """How outcomes come in of people with a probability below ``below``.

    ``curve`` has days and the part that is registered by then, as of `TimingCurve`.
    """

    below: float
    curve: tuple[tuple[float, float], ...]

    def process(self) -> TimingCurve:
        """As it is used.

        Raises
        ------
        EvaluationError
            If it is none.
        """
        days, shares = np.array(self.curve, dtype=np.float64).reshape(-1, 2).T
        return TimingCurve(days, shares)


class Baseline(Struct, frozen=True, forbid_unknown_fields=True):
    """What was learnt from the reference before the first period.

    Attributes
    ----------
    people
        Screenings in the reference.
    groups
        By column the groups that are watched apart.
    bins
        By column the bins of features, and of the score as ``score``.
    ranges
        By key of the stream, and part.
    timing
        How outcomes come in, from low to high risk; empty where no stream needs it.
    limits
        By key the two limits of a CUSUM.
    """

    people: int
    groups: dict[str, tuple[str, ...]]
    bins: dict[str, BinnedState]
    ranges: dict[str, dict[str, Range]]
    timing: tuple[Timing, ...] = ()
    limits: dict[str, tuple[float, float]] = {}

    def binned(self) -> dict[str, Binned]:
        """The bins as they are used."""
        return {name: kept.binned() for name, kept in self.bins.items()}


class MonitorState(Struct, frozen=True, forbid_unknown_fields=True):
    """A test that goes on.

    Attributes
    ----------
    settings
        Digest of the configuration that it belongs to.
    periods
        Names of the periods that were counted, and the screenings in each.
    streams
        By key.
    queue
        Deep assessments that waited at the end of each period.
    """

    settings: str
    baseline: Baseline
    streams: dict[str, StreamState]
    periods: dict[str, int] = {}
    queue: tuple[int, ...] = ()

    def to_json(self) -> bytes:
        """As it is kept, with its checksum: the same state gives the same bytes."""
        state = msgspec.json.encode(self, order="sorted")
        kept = _Kept(format_version=FORMAT, checksum=_checksum(state), state=msgspec.Raw(state))
        return msgspec.json.encode(kept) + b"\n"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file that is whole or not there.

        It holds counts of small groups too: keep it as the record is kept. A new file is for its
        owner alone, as a record is; one that is there keeps its permissions.
        """
        with put_in_place(path) as unfinished:
            unfinished.touch(mode=0o600)
            unfinished.write_bytes(self.to_json())


class _Version(Struct, frozen=True):
    """What every format says of itself."""

    format_version: int


class _Kept(Struct, frozen=True, forbid_unknown_fields=True):
    """The file: a state as it was written, and what its bytes add up to."""

    format_version: int
    checksum: str
    state: msgspec.Raw


class _FirstFormat(MonitorState, frozen=True, forbid_unknown_fields=True):
    """The file of the first format: a state without a checksum."""

    format_version: Literal[1] = 1

    def as_now(self) -> MonitorState:
        """The state in it."""
        fields = {name: getattr(self, name) for name in MonitorState.__struct_fields__}
        return MonitorState(**fields)


def _checksum(state: bytes) -> str:
    return hashlib.sha256(state).hexdigest()


def read_state(path: str | os.PathLike[str]) -> MonitorState:
    """A state that was saved.

    That of the first format, which has no checksum, is read too; saved again it has one.

    Raises
    ------
    MonitoringError
        If the file is no state, was cut off or changed since it was written, or was written by a
        later version of this library. Whether it can go on with a configuration `checked_state`
        says.
    OSError
        If it cannot be read.
    """
    file = Path(path)
    if file.stat().st_size > MOST_BYTES:
        raise MonitoringError(f"{path} has more than {MOST_BYTES:,} bytes; expected a state")
    content = file.read_bytes()
    try:
        version = decode_json(content, _Version).format_version
        if version == 1:
            return decode_json(content, _FirstFormat).as_now()
        if version != FORMAT:
            raise MonitoringError(
                f"{path} is the state of a monitor in format {version}; expected {FORMAT} or 1: go "
                "on with the version of this library that wrote it, or start anew without the file"
            )
        kept = decode_json(content, _Kept)
        if _checksum(bytes(kept.state)) != kept.checksum:
            raise MonitoringError(
                f"{path} was changed after it was written: its content does not add up to its "
                "checksum; go on with a copy of what was written, or start anew without the file"
            )
        return decode_json(kept.state, MonitorState)
    except msgspec.DecodeError as error:
        raise MonitoringError(
            f"{path} is no state of a monitor, or was cut off: {error}; expected the file that an "
            "earlier run wrote: go on with a copy, or start anew without the file"
        ) from None
