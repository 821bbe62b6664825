"""Whether, and how far, to update a model after an alarm on its calibration."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.dossier.schema import day_number
from risicoscreener.errors import ModelError
from risicoscreener.evaluation.figure import number
from risicoscreener.monitoring.settings import MonitorSettings
from risicoscreener.monitoring.tables import Followed
from risicoscreener.monitoring.wording import tell

if TYPE_CHECKING:
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.risk_model import RiskModel
    from risicoscreener.models.updating import UpdateChoice
    from risicoscreener.monitoring.finding import StreamFound
    from risicoscreener.monitoring.result import Monitored

CALIBRATION = ("calibration", "slope", "cusum")
WIDEST = 40.0
"""Log odds beyond which a probability says no more."""


@dataclass(frozen=True)
class Advice:
    """What is advised on updating a model.

    Attributes
    ----------
    is_needed
        Whether there is an alarm on calibration of everybody or of a group.
    choice
        Of the closed test over the updating ladder; None if nothing was tested.
    n, events, needed
        People with a complete outcome since the change, those of them with it, and how many are
        needed to estimate a new level; None without an alarm.
    since
        First day from which people were taken.
    slope
        Whether the slope raised an alarm.
    whole
        Whether the features were there, so that terms could be tested too.
    ratio
        Outcomes that came in since the change over those expected, of everybody: a first idea of
        the size.
    others
        Whether other streams raised an alarm, without one on calibration.
    """

    is_needed: bool
    choice: UpdateChoice | None = None
    n: int = 0
    events: int = 0
    needed: int | None = None
    since: dt.date | None = None
    slope: bool = False
    whole: bool = False
    ratio: float | None = None
    others: bool = False

    def sentences(self, lang: str = "nl") -> tuple[str, ...]:
        """The advice and its reasons, in ``nl`` or ``en``."""
        if not self.is_needed:
            return (tell("other" if self.others else "none", lang, topic="advice"),)
        lines = [tell("slope", lang, topic="advice")] if self.slope else []
        if self.choice is None:
            few = {"n": self.n, "events": self.events, "needed": self.needed}
            lines.append(tell("few", lang, topic="advice", **few))
            if self.ratio is not None:
                ratio = number(self.ratio, 2, lang)
                lines.append(tell("ratio", lang, topic="advice", ratio=ratio))
            return tuple(lines)
        lines += self.choice.sentences(lang)
        lines.append(tell("basis", lang, topic="advice", n=self.n, since=self.since))
        if not self.whole:
            lines.append(tell("only_probability", lang, topic="advice"))
        return tuple(lines)

    def text(self, lang: str = "nl") -> str:
        """The sentences, a line each."""
        return "\n".join(self.sentences(lang)) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "is_needed": self.is_needed,
            "rung": None if self.choice is None else self.choice.rung,
            "n": self.n,
            "events": self.events,
            "needed": self.needed,
            "since": None if self.since is None else self.since.isoformat(),
            "slope": self.slope,
            "whole": self.whole,
            "ratio": self.ratio,
            "others": self.others,
            "sentences": {lang: list(self.sentences(lang)) for lang in ("nl", "en")},
        }


def advise(
    found: Monitored, model: RiskModel | ScoringProgram | None = None, *, level: float = 0.05
) -> Advice:
    """Advice after an alarm on calibration, with the reasons of the updating ladder.

    People whose outcome is complete, and who started from the moment on at which the change is
    most likely, are put to the closed test of `models.updating.choose_rung`. The test comes after
    an alarm on in part the same outcomes: its p-values are of use to choose between rungs, not to
    prove the change again.

    Parameters
    ----------
    found
        What a monitor found.
    model
        The model that is watched. If the screenings have its features its terms are tested too;
        without it only intercept and slope are.
    level
        Of the closed test.
    """
    alarms = [one for one in found.alarms if one.kind in CALIBRATION]
    if not alarms or found.followed is None:
        return Advice(is_needed=False, others=bool(found.alarms))
    since = _started_from(alarms, found.settings)
    rows = _complete(found.followed, found.settings, found.as_of, since)
    p = rows.screenings.probability
    window = found.settings.horizon_days + found.settings.timing.lag_days
    y = (rows.registered_on <= rows.start_on + window).astype(np.float64)
    slope = any(one.kind == "slope" for one in alarms)
    common: dict[str, Any] = {"is_needed": True, "n": len(y), "events": int(y.sum())}
    common |= {"since": since, "slope": slope, "ratio": _ratio(alarms)}
    needed = _needed(found.followed.screenings.probability)
    if len(y) < needed:
        return Advice(needed=needed, **common)
    choice, whole = _choice(rows, p, y, model, level)
    return Advice(choice=choice, needed=needed, whole=whole, **common)


def _started_from(alarms: list[StreamFound], settings: MonitorSettings) -> dt.date:
    """The first day of the earliest change, but not before the model was watched."""
    first = min(one.since for one in alarms)
    return max(dt.date.fromisoformat(f"{first}-01"), settings.from_)


def _ratio(alarms: list[StreamFound]) -> float | None:
    """Observed over expected since the change, of the first alarm of everybody in the large."""
    for one in alarms:
        if one.kind == "calibration" and not one.column and one.observed and one.expected:
            return one.observed / one.expected
    return None


def _complete(
    followed: Followed, settings: MonitorSettings, as_of: dt.date, since: dt.date
) -> Followed:
    """Whose outcome is complete, of those who were at risk after a day.

    A change that shows in what comes in now is in the outcomes of who started up to a horizon
    before; only those who started after it have all of their follow-up behind it.
    """
    window = settings.horizon_days + settings.timing.lag_days
    p = followed.screenings.probability
    complete = followed.start_on + window <= day_number(as_of)
    after = followed.start_on >= day_number(since)
    return followed.rows(complete & after & (p > 0) & (p < 1))


def _needed(probability: np.ndarray) -> int:
    """People needed to estimate a new level."""
    from risicoscreener.models.updating import needed_sample_size_for_update

    p = probability[(probability > 0) & (probability < 1)]
    if not len(p):
        return 1
    log_odds = np.log(p) - np.log1p(-p)
    needed = needed_sample_size_for_update(log_odds, rung="in_the_large")
    return int(needed.n)


def _choice(
    rows: Followed,
    p: np.ndarray,
    y: np.ndarray,
    model: RiskModel | ScoringProgram | None,
    level: float,
) -> tuple[UpdateChoice, bool]:
    import pandas as pd

    from risicoscreener.models.updating import choose_rung

    columns = rows.screenings.columns
    if model is not None and all(name in columns for name in model.features):
        frame = pd.DataFrame({name: rows.screenings.numbers(name) for name in model.features})
        try:
            return choose_rung(model, frame, y, level=level), True
        except ModelError:
            # Too few people for every term: intercept and slope can still be told.
            pass
    log_odds = np.log(p) - np.log1p(-p)
    candidates = ("none", "in_the_large", "logistic")
    x = log_odds[:, None]
    return choose_rung(_as_program(), x, y, level=level, candidates=candidates), False


def _as_program() -> ScoringProgram:
    """A model of one feature: the log odds that were predicted, as they are."""
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.terms import Term

    term = Term("log_odds", (-WIDEST, WIDEST), (-WIDEST, WIDEST), missing=0.0)
    return ScoringProgram(intercept=0.0, terms=(term,))
