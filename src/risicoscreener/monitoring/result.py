"""What a monitor found: each stream, the alarms, and what they mean."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.evaluation.figure import number
from risicoscreener.evaluation.groups.disclosure import Disclosure, Relation, hidden_cells
from risicoscreener.evaluation.sequential import log_threshold, slope_bets, stability_index
from risicoscreener.monitoring.baseline import BINNED, OTHER, keys_of
from risicoscreener.monitoring.settings import MonitorSettings, StreamSettings, kinds
from risicoscreener.monitoring.state import MonitorState, Point, StreamState
from risicoscreener.monitoring.wording import tell

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.monitoring.tables import Followed

RECENT = 12
"""Periods of the stability index that is shown."""


@dataclass(frozen=True)
class StreamFound:
    """One stream of one group.

    Attributes
    ----------
    key, kind
        Its name and kind.
    column, label
        Of the group; both empty for everybody.
    alarm
        Period in which the alarm was raised; empty without one.
    since
        Period from which the change is most likely; empty without an alarm.
    log_e, threshold
        Log of the e-value now, and what is an alarm whatever the other streams do; of a CUSUM the
        larger sum over its limit, and 1.
    n, observed, expected
        What was counted, since the change if there is an alarm; None if it is withheld.
    part, share, reference
        Of streams of several parts: that with the most evidence, its share over the same periods,
        and its share in the reference.
    interval
        Of calibration: observed minus predicted, as shares, with the level of the monitor at every
        moment, if it is the same all the time.
    slope
        Of the slope: what there is most evidence for.
    stability
        Population stability index of the last year, of the column of ``part``; None for others.
    """

    key: str
    kind: str
    column: str
    label: str
    alarm: str
    since: str
    log_e: float
    threshold: float
    n: float | None = None
    observed: float | None = None
    expected: float | None = None
    part: str = ""
    share: float | None = None
    reference: float | None = None
    interval: tuple[float, float] | None = None
    slope: float | None = None
    stability: float | None = None

    @property
    def is_alarm(self) -> bool:
        """Whether an alarm was raised."""
        return bool(self.alarm)

    @property
    def withheld(self) -> bool:
        """Whether its counts are not shown."""
        return self.n is None


@dataclass(frozen=True, eq=False)
class Monitored:
    """What a run of a monitor found.

    Attributes
    ----------
    settings
        What is watched.
    state
        To go on with.
    as_of
        Day up to which the tables are complete.
    revised
        Periods that were closed before and have another number of screenings now.
    followed
        Whose outcome is awaited; None without outcomes.
    """

    settings: MonitorSettings
    state: MonitorState
    as_of: dt.date
    revised: tuple[str, ...]
    followed: Followed | None

    @cached_property
    def streams(self) -> tuple[StreamFound, ...]:
        """Each stream and group, in the order of the configuration."""
        hidden = self._hidden()
        tests = sum(one.cusum is None for one in self.state.streams.values())
        threshold = log_threshold(max(tests, 1), self.settings.alpha)
        return tuple(
            _found(key, stream, group, self, threshold, withheld=key in hidden)
            for key, stream, group in keys_of(self.settings, self.state.baseline.groups)
        )

    @property
    def alarms(self) -> tuple[StreamFound, ...]:
        """The streams that raised an alarm."""
        return tuple(one for one in self.streams if one.is_alarm)

    @property
    def periods(self) -> tuple[str, ...]:
        """Names of the periods that were counted."""
        return tuple(self.state.periods)

    def __getitem__(self, key: str) -> StreamFound:
        for one in self.streams:
            if one.key == key:
                return one
        raise KeyError(f"{key} is not among {', '.join(one.key for one in self.streams)}")

    def stream_settings(self, found: StreamFound) -> StreamSettings:
        """The settings of a stream."""
        name = found.key.split("/")[0]
        return next(one for one in self.settings.streams if one.name == name)

    def points(self, key: str) -> tuple[Point, ...]:
        """What was counted of a stream, by period."""
        return self.state.streams[key].points

    def _hidden(self) -> set[str]:
        """Keys of which the counts are small, or follow from others."""
        found: set[str] = set()
        rule = Disclosure(fewest_people=self.settings.fewest, fewest_of_class=0)
        for stream in self.settings.streams:
            for column in stream.by or ("",):
                keys = [stream.name]
                if column:
                    labels = (*self.state.baseline.groups[column], OTHER)
                    keys += [f"{stream.name}/{column}={label}" for label in labels]
                counts = [(int(self._n(key)), 0) for key in keys]
                there = [i for i in range(1, len(keys)) if counts[i][0]]
                relations = [Relation(0, tuple(there))] if there else []
                hidden = hidden_cells(counts, relations, rule)
                found |= {key for key, why in zip(keys, hidden, strict=True) if why}
        return found

    def _n(self, key: str) -> float:
        return sum(point.n for point in self.points(key))

    def name_of(self, found: StreamFound, lang: str) -> str:
        """What a stream is called, in ``nl`` or ``en``."""
        stream = self.stream_settings(found)
        title = kinds()[stream.kind].title.text(lang)
        if stream.timing == "matured" and kinds()[stream.kind].needs == "outcomes":
            title = f"{title} ({tell('matured', lang)})"
        if not found.column:
            return title
        label = tell("other", lang) if found.label == OTHER else found.label
        return tell("of_group", lang, title=title, column=found.column, label=label)

    def says(self, found: StreamFound, lang: str) -> str:
        """What was counted of a stream, in a sentence."""
        stream = self.stream_settings(found)
        if found.n == 0 or (found.withheld and not self._n(found.key)):
            return tell("nothing", lang)
        if found.withheld:
            return tell("withheld", lang)
        assert found.n is not None
        assert found.observed is not None
        assert found.expected is not None
        if found.part:
            assert found.share is not None
            assert found.reference is not None
            return tell(
                "part",
                lang,
                part=found.part,
                share=_percent(found.share, lang),
                reference=_percent(found.reference, lang),
            )
        if _has_shares(stream, self.state.streams[found.key]):
            return tell("steady", lang, n=number(found.n, 0, lang))
        counts = {
            "observed": number(found.observed, 0, lang),
            "expected": number(found.expected, 1, lang),
        }
        if found.kind == "volume":
            return tell("counted", lang, **counts)
        if found.slope is not None:
            counts["slope"] = number(found.slope, 1, lang)
            name = "found_slope" if found.alarm else "found_all"
        else:
            name = "found" if found.alarm else "found_all"
        n = number(found.n, 0, lang)
        if kinds()[stream.kind].needs == "outcomes" and stream.counts_months:
            n = tell("person_months", lang, n=n)
        return tell(name, lang, n=n, **counts)

    def sentence(self, found: StreamFound, lang: str) -> str:
        """A stream in words: what was found, and of an alarm what it means and who acts."""
        name, said = self.name_of(found, lang), self.says(found, lang)
        if not found.is_alarm:
            return tell("no_alarm", lang, name=name, found=said)
        stream = self.stream_settings(found)
        return tell(
            "alarm",
            lang,
            name=name,
            alarm=found.alarm,
            since=found.since,
            found=said,
            meaning=self.settings.meaning(stream, lang),
            who=(stream.who or kinds()[stream.kind].who).text(lang),
        )

    def summary(self, lang: str = "nl") -> tuple[str, ...]:
        """What there is to know before the streams, a sentence each."""
        tests = [one for one in self.state.streams.values() if one.cusum is None]
        level = _percent(self.settings.level, lang)
        lines = [
            tell(
                "title",
                lang,
                title=self.settings.title,
                periods=len(self.periods),
                as_of=self.as_of,
            )
        ]
        if not self.periods:
            return (*lines, tell("not_yet", lang))
        if self.alarms:
            lines.append(tell("alarms", lang, alarms=len(self.alarms), streams=len(self.streams)))
        else:
            name = "quiet_e_bh" if self.settings.control == "e_bh" else "quiet"
            lines.append(tell(name, lang, streams=len(tests), level=level))
        if len(tests) < len(self.streams):
            cusum = self.settings.cusum
            level = _percent(cusum.level, lang)
            lines.append(tell("cusum", lang, level=level, years=number(cusum.years, 0, lang)))
        if self.state.queue[-1]:
            lines.append(tell("queue", lang, n=self.state.queue[-1]))
        if self.followed is not None and self.followed.without:
            lines.append(tell("without_outcome", lang, n=self.followed.without))
        if self.revised:
            lines.append(tell("revised", lang, periods=", ".join(self.revised)))
        return tuple(lines)

    def text(self, lang: str = "nl") -> str:
        """What was found, alarms first, in ``nl`` or ``en``."""
        ordered = sorted(self.streams, key=lambda one: not one.is_alarm)
        lines = [*self.summary(lang), *(f"- {self.sentence(one, lang)}" for one in ordered)]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with None for what is withheld."""
        return {
            "title": self.settings.title,
            "model": self.settings.model,
            "as_of": self.as_of.isoformat(),
            "periods": list(self.periods),
            "level": self.settings.level,
            "control": self.settings.control,
            "alarm": bool(self.alarms),
            "alarms": [one.key for one in self.alarms],
            "revised": list(self.revised),
            "waiting": self.state.queue[-1] if self.state.queue else None,
            "streams": [self._plain(one) for one in self.streams],
        }

    def _plain(self, found: StreamFound) -> dict[str, Any]:
        points: list[dict[str, Any]] = []
        if not found.column:
            points = [self._plain_point(point) for point in self.points(found.key)]
        return {
            **asdict(found),
            "name": {lang: self.name_of(found, lang) for lang in ("nl", "en")},
            "points": points,
        }

    def _plain_point(self, point: Point) -> dict[str, Any]:
        few = 0 < point.n < self.settings.fewest
        return {
            "period": point.period,
            "n": None if few else point.n,
            "observed": None if few else point.observed,
            "expected": None if few else point.expected,
            "log_e": point.log_e,
        }

    def to_frame(self) -> pd.DataFrame:
        """A row for each stream and group."""
        import pandas as pd

        return pd.DataFrame([asdict(one) for one in self.streams]).set_index("key")

    def _repr_html_(self) -> str:
        kept = ["alarm", "since", "n", "observed", "expected", "log_e", "threshold", "part"]
        return self.to_frame()[kept].to_html(float_format="{:.2f}".format, escape=True)

    def __repr__(self) -> str:
        return (
            f"<Monitored {self.settings.title}: {len(self.periods)} periods, "
            f"{len(self.alarms)} alarms in {len(self.streams)} streams>"
        )


def _percent(share: float, lang: str) -> str:
    return number(100 * share, 1, lang) + "%"


def _found(
    key: str,
    stream: StreamSettings,
    group: tuple[str, str],
    monitored: Monitored,
    threshold: float,
    *,
    withheld: bool,
) -> StreamFound:
    state = monitored.state.streams[key]
    last = state.points[-1].log_e if state.points else 0.0
    place = _strongest(state)
    start = _since(key, stream, state, monitored) if state.alarm else 0
    common: dict[str, Any] = {
        "key": key,
        "kind": stream.kind,
        "column": group[0],
        "label": group[1],
        "alarm": state.alarm,
        "since": state.points[start].period if state.alarm else "",
        "log_e": last,
        "threshold": 1.0 if stream.kind == "cusum" else threshold,
    }
    if withheld:
        return StreamFound(**common)
    counted = state.points[start:]
    common["n"] = sum(point.n for point in counted)
    common["observed"] = sum(point.observed for point in counted)
    common["expected"] = sum(point.expected for point in counted)
    if common["n"] and _has_shares(stream, state) and (state.alarm or _evidence(state, place) > 0):
        common |= _of_part(key, stream, state, place, start, monitored)
    if stream.kind == "slope":
        common["slope"] = float(slope_bets(stream.tolerated)[_bet(state)])
    if state.sequence is not None:
        low, high = state.sequence.sequence().interval
        common["interval"] = (2 * low - 1, 2 * high - 1)
    return StreamFound(**common)


def _of_part(
    key: str,
    stream: StreamSettings,
    state: StreamState,
    place: int,
    start: int,
    monitored: Monitored,
) -> dict[str, Any]:
    """The part with the most evidence, and how its column is spread now."""
    baseline = monitored.state.baseline
    part = list(state.parts)[place]
    counted = state.points[start:]
    n = sum(point.n for point in counted)
    found: dict[str, Any] = {
        "part": part,
        "share": sum(point.hits[place] for point in counted) / n,
        "reference": baseline.ranges[key][part].reference,
    }
    if stream.kind in BINNED:
        column = part.rsplit(": ", 1)[0]
        places = [i for i, name in enumerate(state.parts) if name.rsplit(": ", 1)[0] == column]
        recent = [np.array(point.hits)[places] for point in state.points[-RECENT:]]
        shares = [baseline.ranges[key][list(state.parts)[i]].reference for i in places]
        found["stability"] = stability_index(np.array(shares), np.sum(recent, axis=0))
    return found


def _has_shares(stream: StreamSettings, state: StreamState) -> bool:
    """Whether it counts the shares of several parts."""
    return len(state.parts) > 1 and kinds()[stream.kind].needs != "outcomes"


def _bet(state: StreamState) -> int:
    """Place of the bet with the most wealth."""
    return list(state.parts.values())[_strongest(state)].process().strongest


def _evidence(state: StreamState, place: int) -> float:
    """Log of the e-value of one part."""
    return list(state.parts.values())[place].process().log_e


def _strongest(state: StreamState) -> int:
    """Place of the part with the most evidence."""
    logs = [part.process().log_e for part in state.parts.values()]
    return int(np.argmax(logs)) if logs else 0


def _since(key: str, stream: StreamSettings, state: StreamState, monitored: Monitored) -> int:
    """Place of the period from which the sum of what is too much or too little stands out most.

    The maximum likelihood estimate of the moment of a change, with normal errors. Of the slope the
    period after that with the least evidence.
    """
    points, place = state.points, _strongest(state)
    last = [point.period for point in points].index(state.alarm)
    if stream.kind == "slope":
        before = [0.0, *(point.log_e for point in points[:last])]
        return len(before) - 1 - int(np.argmin(before[::-1]))
    if _has_shares(stream, state):
        part = list(state.parts)[place]
        share = monitored.state.baseline.ranges[key][part].reference
        apart = np.array([point.hits[place] - point.n * share for point in points])
        variance = np.array([point.n * share * (1 - share) for point in points])
    else:
        apart = np.array([point.observed - point.expected for point in points])
        variance = np.array([point.variance for point in points])
    tail = np.cumsum(apart[::-1])[::-1]
    spread = np.cumsum(variance[::-1])[::-1]
    score = np.divide(tail**2, spread, out=np.zeros(len(tail)), where=spread > 0)
    return int(np.argmax(score[: last + 1]))
