"""What a monitor found: each stream, the alarms, and what they mean."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from risicoscreener.evaluation.figure import number
from risicoscreener.evaluation.groups.disclosure import Disclosure, Relation, hidden_cells
from risicoscreener.evaluation.sequential import log_threshold
from risicoscreener.monitoring.baseline import OTHER, keys_of
from risicoscreener.monitoring.finding import StreamFound, apart_of, found_of, has_shares
from risicoscreener.monitoring.naming import column_name, part_name
from risicoscreener.monitoring.settings import MonitorSettings, StreamSettings, kinds
from risicoscreener.monitoring.state import MonitorState, Point
from risicoscreener.monitoring.whole import begun_before
from risicoscreener.monitoring.wording import tell

if TYPE_CHECKING:
    import pandas as pd

    from risicoscreener.monitoring.tables import Followed

GROUP_SILENT = 12
"""Periods without anything to count after which that is said of a group."""
FIRST_COMPLETE = 92
"""Days after the horizon and the lag within which some outcomes should be complete."""


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
    revised, gone
        Periods that were counted before and have more screenings or outcomes now; and those that
        have fewer of one and more of neither, as after a deletion.
    followed
        Whose outcome is awaited; None without outcomes.
    again
        People who were screened more than once since the first period.
    bundles
        The models that screenings were made with, by the first day of each, if a column ``bundle``
        says so.
    """

    settings: MonitorSettings
    state: MonitorState
    as_of: dt.date
    revised: tuple[str, ...]
    followed: Followed | None
    again: int = 0
    gone: tuple[str, ...] = ()
    bundles: tuple[tuple[str, dt.date], ...] = ()

    @cached_property
    def streams(self) -> tuple[StreamFound, ...]:
        """Each stream and group, in the order of the configuration."""
        hidden = self._hidden()
        tests = sum(one.cusum is None for one in self.state.streams.values())
        threshold = log_threshold(max(tests, 1), self.settings.alpha)
        return tuple(
            found_of(
                key,
                stream,
                group,
                self.state.streams[key],
                self.state.baseline,
                threshold,
                withheld=key in hidden,
            )
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

    @property
    def silent(self) -> tuple[StreamFound, ...]:
        """Streams in which nothing was counted in the last period; of groups, in the last year.

        Not those of complete outcomes as long as none can be complete.
        """
        return tuple(one for one in self.streams if self.periods and self._is_silent(one))

    def _is_silent(self, found: StreamFound) -> bool:
        stream = self.stream_settings(found)
        if stream.needs == "outcomes" and not stream.counts_months:
            wait = self.settings.horizon_days + self.settings.timing.lag_days
            if (self.as_of - self.settings.from_).days < wait + FIRST_COMPLETE:
                return False
        recent = self.points(found.key)[-(GROUP_SILENT if found.column else 1) :]
        return found.label != OTHER and not any(point.n for point in recent)

    @property
    def empty(self) -> tuple[str, ...]:
        """Periods in which nobody was screened."""
        return tuple(name for name, n in self.state.periods.items() if not n)

    @property
    def begun_before(self) -> tuple[StreamFound, ...]:
        """Streams whose test an earlier version began, which watches less than one would now."""
        states = self.state.streams
        return tuple(one for one in self.streams if begun_before(one.kind, states[one.key]))

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
        if stream.timing == "matured" and stream.needs == "outcomes":
            title = f"{title} ({tell('matured', lang)})"
        if not found.column:
            return title
        label = tell("other", lang) if found.label == OTHER else found.label
        column = column_name(found.column, lang)
        return tell("of_group", lang, title=title, column=column, label=label)

    def says(self, found: StreamFound, lang: str) -> str:
        """What was counted of a stream, and of an alarm whether that is much or little."""
        said = self._counted(found, lang)
        apart = apart_of(found)
        if not (found.is_alarm and apart) or found.slope is not None:
            return said
        counted, side = "often" if found.part else "many", "more" if apart > 0 else "less"
        return f"{said} {tell(f'{counted}_{side}', lang)}"

    def _counted(self, found: StreamFound, lang: str) -> str:
        stream = self.stream_settings(found)
        if found.kind == "volume" and self.periods and not self._n(found.key):
            expected = sum(point.expected for point in self.points(found.key))
            return tell("counted", lang, observed=0, expected=number(expected, 1, lang))
        if (found.n == 0 and found.kind != "volume") or (found.withheld and not self._n(found.key)):
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
                part=part_name(found.kind, found.part, lang),
                share=_percent(found.share, lang),
                reference=_percent(found.reference, lang),
            )
        if has_shares(stream, self.state.streams[found.key]):
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
        if stream.needs == "outcomes" and stream.counts_months:
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
        lines += self._of_outcomes(lang)
        if self.empty:
            lines.append(tell("empty", lang, periods=", ".join(self.empty)))
        if len(self.bundles) > 1:
            named = [tell("bundle", lang, name=n, first=first) for n, first in self.bundles]
            lines.append(tell("bundles", lang, names="; ".join(named)))
        if self.silent:
            names = "; ".join(self.name_of(one, lang) for one in self.silent)
            lines.append(tell("silent", lang, names=names))
        if self.again:
            lines.append(tell("again", lang, n=self.again))
        if self.begun_before:
            names = "; ".join(self.name_of(one, lang) for one in self.begun_before)
            lines.append(tell("begun_before", lang, names=names))
        for name, periods in (("revised", self.revised), ("gone", self.gone)):
            if periods:
                lines.append(tell(name, lang, periods=", ".join(periods)))
        return tuple(lines)

    def _of_outcomes(self, lang: str) -> list[str]:
        """Which outcomes are in no test."""
        if self.followed is None:
            return []
        counted = {
            "without_outcome": self.followed.without,
            "unscreened": self.followed.unscreened,
            "shared": self.followed.shared,
        }
        return [tell(name, lang, n=n) for name, n in counted.items() if n]

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
            "silent": [one.key for one in self.silent],
            "screened_again": self.again,
            "revised": list(self.revised),
            "gone": list(self.gone),
            "empty": list(self.empty),
            "bundles": {name: first.isoformat() for name, first in self.bundles},
            "begun_before": [one.key for one in self.begun_before],
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
