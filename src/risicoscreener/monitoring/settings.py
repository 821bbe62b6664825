"""What is watched, from a TOML file: streams, levels, groups, what an alarm means and who acts."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import tomllib
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from risicoscreener.errors import MonitoringError
from risicoscreener.strict_toml import parse_toml
from risicoscreener.texts import Texts

MOST_BYTES = 200_000
Kind = Literal[
    "calibration", "slope", "cusum", "score", "features", "missing", "support", "volume",
    "outcomes", "overrides", "fast", "queue",
]  # fmt: skip
Timing = Literal["registered", "matured"]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Part = Annotated[float, Meta(gt=0, lt=1)]


class KindText(Struct, frozen=True, forbid_unknown_fields=True):
    """What a kind of stream is called, means and needs.

    Attributes
    ----------
    needs
        ``screenings``, ``outcomes`` or ``decisions``.
    tolerance
        What is tolerated if the configuration does not say.
    tolerated
        The tolerance in words.
    """

    needs: Literal["screenings", "outcomes", "decisions"]
    tolerance: float
    title: Texts
    tolerated: Texts
    meaning: Texts
    who: Texts


class StreamSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that is watched.

    Attributes
    ----------
    kind
        A name in ``streams.toml``.
    id
        What it is called in state, metrics and results; the kind without it.
    by
        Columns of groups that are watched too, beside everybody.
    tolerance
        What change is tolerated, in the measure of the kind; its default without it.
    timing
        ``registered``: outcomes count in the period in which they come in, person-month by
        person-month. ``matured``: each person counts once, when the horizon and the lag have
        passed.
    features
        Columns for ``features`` and ``missing``; all feature columns without it.
    meaning, who
        In place of the texts of the kind.
    """

    kind: Kind
    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,40}$")] | None = None
    by: tuple[Name, ...] = ()
    tolerance: Annotated[float, Meta(ge=0)] | None = None
    timing: Timing = "registered"
    features: tuple[Name, ...] | None = None
    meaning: Texts | None = None
    who: Texts | None = None

    @property
    def name(self) -> str:
        """Its id."""
        return self.id or self.kind

    @property
    def counts_months(self) -> bool:
        """Whether outcomes count as they come in; those of a CUSUM never do."""
        return self.timing == "registered" and self.kind != "cusum"

    @property
    def needs(self) -> str:
        """Which table it counts: screenings, decisions or outcomes."""
        return kinds()[self.kind].needs

    @property
    def tolerated(self) -> float:
        """What change is tolerated."""
        return kinds()[self.kind].tolerance if self.tolerance is None else self.tolerance


class ReferenceSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The time that later periods are compared with; both days are in it.

    Attributes
    ----------
    alpha
        Part of the level that is kept for chance in the reference itself.
    """

    from_: dt.date = msgspec.field(name="from")
    until: dt.date
    alpha: Part = 0.01

    @property
    def months(self) -> float:
        """Its length in mean months."""
        return ((self.until - self.from_).days + 1) / (365.25 / 12)


class TimingSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How outcomes come in.

    Attributes
    ----------
    curve
        Days after the start of follow-up, and the part of the outcomes within the horizon that is
        registered by then; without it, it is learnt from the reference.
    lag_days
        How long after the horizon outcomes may still be registered: then they are complete.
    """

    curve: tuple[tuple[Annotated[float, Meta(gt=0)], Annotated[float, Meta(gt=0, le=1)]], ...] = ()
    lag_days: Annotated[int, Meta(ge=0, le=3660)] = 180


class CusumSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """For how long the limit of the CUSUM is made, with which chance of a false alarm."""

    years: Annotated[float, Meta(gt=0, le=50)] = 5.0
    level: Part = 0.05
    runs: Annotated[int, Meta(ge=200, le=100_000)] = 2000
    seed: int = 0


class MonitorSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is watched, and how.

    Attributes
    ----------
    title, owner
        What it is about, and the role that owns the model; never a name.
    decision, model
        Kind of decision, for a record; and the model whose probabilities are watched.
    horizon_days
        Within which the outcome of the model counts.
    from_
        First day of the first period.
    period_months
        Length of a period.
    level
        Chance of a false alarm, over all streams and all time; the CUSUM has its own.
    control
        ``e_bh`` or ``bonferroni``.
    mean_wait
        Periods after which a change is expected, in the mean.
    fewest
        Groups of fewer people are not watched apart, and cells of fewer are not shown.
    fast_seconds
        Decisions in less time are fast.
    queue_days
        Within which a deep assessment should be settled.
    bins
        Of features and scores.
    """

    title: Name
    owner: Name
    model: Name
    decision: Name = "leave"
    horizon_days: Annotated[int, Meta(ge=1, le=36_600)] = 730
    from_: dt.date = msgspec.field(name="from")
    period_months: Literal[1, 3] = 1
    level: Part = 0.05
    control: Literal["e_bh", "bonferroni"] = "e_bh"
    mean_wait: Annotated[float, Meta(ge=1, le=10_000)] = 60.0
    fewest: Annotated[int, Meta(ge=1)] = 10
    fast_seconds: Annotated[float, Meta(ge=0)] = 30.0
    queue_days: Annotated[int, Meta(ge=1, le=3660)] = 42
    bins: Annotated[int, Meta(ge=2, le=50)] = 5
    reference: ReferenceSettings
    timing: TimingSettings = TimingSettings()
    cusum: CusumSettings = CusumSettings()
    streams: Annotated[tuple[StreamSettings, ...], Meta(min_length=1, max_length=100)]

    @property
    def alpha(self) -> float:
        """Level of the tests, without what is kept for the reference."""
        return self.level - self.reference.alpha

    @property
    def digest(self) -> str:
        """sha256 of what the tests depend on: texts may change while a test goes on."""
        streams = tuple(
            msgspec.structs.replace(one, meaning=None, who=None) for one in self.streams
        )
        plain = msgspec.structs.replace(self, title="-", owner="-", streams=streams)
        return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()

    def meaning(self, stream: StreamSettings, lang: str) -> str:
        """What an alarm of a stream means."""
        text = stream.meaning or kinds()[stream.kind].meaning
        return text.text(lang).replace("{queue_days}", str(self.queue_days))


@cache
def kinds() -> dict[str, KindText]:
    """What can be watched, from ``streams.toml``."""
    content = (files("risicoscreener.monitoring") / "streams.toml").read_bytes()
    return msgspec.toml.decode(content, type=dict[str, KindText])


def read_settings(source: str | os.PathLike[str] | bytes) -> MonitorSettings:
    """Read a configuration from a TOML file, and check that all of it fits together.

    Raises
    ------
    MonitoringError
        If it cannot be understood; the message names the field, its value and what was expected.
    """
    name, data = _bytes(source)
    try:
        found = msgspec.convert(parse_toml(data.decode("utf-8")), MonitorSettings)
    except msgspec.ValidationError as error:
        raise MonitoringError(f"{name}: {error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MonitoringError(f"{name} is no TOML: {error}") from None
    _check(found, name)
    return found


def _bytes(source: str | os.PathLike[str] | bytes) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "the configuration", source
    path = Path(source)
    if path.stat().st_size > MOST_BYTES:
        raise MonitoringError(f"{path} has more than {MOST_BYTES:,} bytes; expected one page")
    return str(path), path.read_bytes()


def _check(found: MonitorSettings, name: str) -> None:
    reference = found.reference
    names = [stream.name for stream in found.streams]
    twice = sorted({one for one in names if names.count(one) > 1})
    problems = [
        (
            found.from_.day != 1,
            f"from is {found.from_}; expected the first day of a month",
        ),
        (
            reference.from_ > reference.until,
            f"reference.from is {reference.from_}, after reference.until, {reference.until}",
        ),
        (
            reference.until >= found.from_,
            f"reference.until is {reference.until}; expected a day before from, {found.from_}: "
            "who is in the reference is not watched",
        ),
        (
            reference.alpha >= found.level,
            f"reference.alpha is {reference.alpha:g}; expected less than level, {found.level:g}",
        ),
        (
            bool(twice),
            f"streams has {', '.join(twice)} twice; give each an id of its own",
        ),
    ]
    for stream in found.streams:
        tolerated, least = stream.tolerated, 0.0 if stream.kind == "slope" else 1.0
        problems.append(
            (
                tolerated < least or (stream.kind == "cusum" and tolerated == 1.0),
                f"streams.{stream.name}.tolerance is {tolerated:g}; expected {least:g} or more"
                + (", and not 1" if stream.kind == "cusum" else ""),
            )
        )
    curve = found.timing.curve
    if curve:
        rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(curve))
        problems.append(
            (
                not rising or curve[-1][1] != 1,
                "timing.curve must have days that rise, and parts that do not fall and end at 1",
            )
        )
    for wrong, message in problems:
        if wrong:
            raise MonitoringError(f"{name}: {message}")
