"""The present stay: its length, ground, sentence, days in the calendar, and the index case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import (
    NO_DAY,
    Array,
    Block,
    Stream,
    choose,
    code,
    gamma_days,
    happens,
    pick_by,
    places,
)
from risicoscreener.synthetic.stages.law import (
    days_to_conditional_release,
    sentence_for_conditional_release,
)
from risicoscreener.synthetic.stages.offences import (
    Offences,
    draw_offences,
    factors_of_year,
    weights_of_groups,
)
from risicoscreener.synthetic.stages.people import People
from risicoscreener.synthetic.stages.rows import Rows, rows, stack

_SENTENCED = ("sentence", "self_reporter")
_CALLED_UP = ("sentence", "self_reporter", "arrestant")
_ALWAYS_REMAND = ("remand", "other")


@dataclass(frozen=True)
class Sentence:
    """What the sentenced have to serve.

    Attributes
    ----------
    days
        Unconditional days; -1 for those without a sentence.
    conditional_days
        Days of the conditional part, -1 where there is no sentence.
    release_after
        Days after arrival of the first possible conditional release; -1 where there is none.
    released_early
        Whether release was conditional.
    """

    days: Array
    conditional_days: Array
    release_after: Array
    released_early: Array


@dataclass(frozen=True)
class Stay:
    """The present stay of each person.

    Attributes
    ----------
    regime
        Ground of detention as a code, at release.
    offence
        Class and severity of the index offence.
    offence_on, judged_on
        Days of the index offence and its judgment (`NO_DAY` if it came to none).
    in_remand
        Whether the stay began in remand, and became a sentence or measure on `judged_on`.
    """

    arrived: Array
    released: Array
    as_of: Array
    born: Array
    regime: Array
    sentence: Sentence
    offence: Offences
    offence_on: Array
    judged_on: Array
    in_remand: Array
    unlawful: Array
    removal: Array
    tbs: Array
    prison: Array
    prison_effect: Array

    @property
    def days(self) -> Array:
        """Length in days."""
        return self.released - self.arrived

    @property
    def weeks(self) -> Array:
        """Whole weeks."""
        return self.days // 7

    @property
    def log_months(self) -> Array:
        """Natural logarithm of the length in months."""
        return np.log(self.days / 30.4375)

    @property
    def is_sentenced(self) -> Array:
        """Whether a prison sentence is served."""
        return has_regime(self.regime, _SENTENCED)

    @property
    def conditional_release_on(self) -> Array:
        """First possible day of conditional release, `NO_DAY` where there is none."""
        after = self.sentence.release_after
        return np.where(after >= 0, self.arrived + after, NO_DAY)


def has_regime(regime: Array, names: tuple[str, ...]) -> Array:
    """Whether each ground of detention is one of those named."""
    return np.isin(regime, places("regime", names))


def draw_stay(block: Block, people: People) -> Stay:
    """The present stay of the people of a block."""
    p, n, rng = block.parameters, block.size, block.stream("stay")
    z = _standard_length(rng, p, people)
    drawn = _length(p, z)
    regime = _ground(rng, p, drawn)
    as_of = rng.integers(p["calendar.as_of_from"], p["calendar.as_of_to"] + 1, n)
    offence = _index_offence(rng, p, people, z, as_of)
    unlawful = people.born_abroad & happens(rng, p["detention.unlawful_stay"], n)
    low, high = p["detention.as_of_fraction"]
    timing = _Timing(rng, p, regime, as_of, low + (high - low) * rng.random(n))
    sentence, days = _sentence(rng, p, drawn, regime, unlawful, timing)
    arrived = timing.arrival(days)
    in_remand, judged, _ = timing.judgment(days)
    offence_on, judged = _days_of_case(block, regime, arrived, arrived + days, in_remand, judged)
    born = (arrived - np.floor(people.age * p["calendar.days_per_year"])).astype(np.int32)
    prison = rng.integers(0, p["detention.prisons"], n)
    effects = block.shared_stream("prisons").standard_normal(p["detention.prisons"])
    grave = offence.severity >= p["victims.grave_from_grade"]
    tbs = has_regime(regime, _SENTENCED) & grave & happens(rng, p["detention.tbs_with_care"], n)
    return Stay(
        arrived=arrived,
        released=(arrived + days).astype(np.int32),
        as_of=as_of.astype(np.int32),
        born=born,
        regime=regime,
        sentence=sentence,
        offence=offence,
        offence_on=np.maximum(offence_on, born),
        judged_on=judged,
        in_remand=in_remand,
        unlawful=unlawful,
        removal=unlawful & happens(rng, p["detention.removal"], n),
        tbs=tbs,
        prison=prison,
        prison_effect=p["detention.prison_effect_sd"] * effects[prison],
    )


def _standard_length(rng: Stream, p: Parameters, people: People) -> Array:
    correlation = p["detention.length_on_propensity"]
    own = np.sqrt(1.0 - correlation**2) * rng.standard_normal(people.size)
    return correlation * people.propensity + own


def _length(p: Parameters, z: Array) -> Array:
    spec = p["detention.length"]
    days = np.exp(spec["mu"] + spec["sigma"] * z)
    return np.clip(np.rint(days), spec["least"], spec["most"]).astype(np.int32)


def _ground(rng: Stream, p: Parameters, days: Array) -> Array:
    kind = np.searchsorted(p["detention.length_classes_days"], days, side="right")
    weights = [p[f"detention.ground.length_{i + 1}"] for i in range(int(kind.max()) + 1)]
    return pick_by(rng, weights, kind, "regime")


def _index_offence(rng: Stream, p: Parameters, people: People, z: Array, as_of: Array) -> Offences:
    weights = weights_of_groups(p, people.violence_trait) * factors_of_year(p, as_of)
    group = choose(rng, weights)
    return draw_offences(rng, p, group, p["offences.tilt_of_length"] * z)


class _Timing:
    """When the judgment came, for a stay of which the length is still open."""

    def __init__(
        self, rng: Stream, p: Parameters, regime: Array, as_of: Array, fraction: Array
    ) -> None:
        n = len(regime)
        self._as_of, self._fraction = as_of, fraction
        self._new_from = p["law.new_regime_from"]
        self._most = p["detention.remand_share_at_most"]
        self._remand = gamma_days(rng, p["detention.remand_days"], n)
        self._lag = gamma_days(rng, p["detention.called_up_lag"], n)
        from_remand = happens(rng, p["detention.starts_in_remand"], n)
        self._from_remand = from_remand & has_regime(regime, ("sentence", "isd"))

    def arrival(self, days: Array) -> Array:
        """Day of arrival, such that the index day falls within a stay of so many days."""
        served = np.minimum(np.floor(self._fraction * days), days - 1)
        return (self._as_of - served).astype(np.int32)

    def judgment(self, days: Array) -> tuple[Array, Array, Array]:
        """Whether the stay begins in remand, the day of judgment, and whether under the new law."""
        arrived = self.arrival(days)
        in_remand = self._from_remand & (days > 1)
        remand = np.minimum(self._remand, np.floor(self._most * days)).astype(np.int32)
        judged = np.where(in_remand, arrived + remand, arrived - self._lag).astype(np.int32)
        return in_remand, judged, judged >= self._new_from


def _sentence(
    rng: Stream, p: Parameters, drawn: Array, regime: Array, unlawful: Array, timing: _Timing
) -> tuple[Sentence, Array]:
    """The sentence, and the days of the stay."""
    n = len(drawn)
    sentenced = has_regime(regime, _SENTENCED)
    partly = sentenced & happens(rng, p["detention.partly_suspended"], n)
    eligible = sentenced & ~partly & ~unlawful & (drawn > p["law.conditional_release_above_days"])
    eligible &= happens(rng, p["detention.conditional_release_used"], n)
    early = eligible & happens(rng, p["detention.released_on_condition"], n)
    if p["detention.length_is"] == "stay":
        days, imposed = drawn, _imposed(p, drawn, early, timing)
    else:
        days, imposed = _served(p, drawn, early, timing)
    days = np.where(has_regime(regime, ("isd",)), np.minimum(days, p["law.isd_days"]), days)
    new_law = timing.judgment(days)[2]
    after = np.where(early, days, days_to_conditional_release(p, imposed, new_law))
    known = sentenced | has_regime(regime, ("arrestant",))
    share = p["detention.partly_suspended_share"]
    suspended = np.where(partly, np.rint(imposed * share / (1.0 - share)), 0)
    sentence = Sentence(
        days=np.where(known, imposed, -1).astype(np.int32),
        conditional_days=np.where(known, suspended, -1).astype(np.int32),
        release_after=np.where(eligible, after, -1).astype(np.int32),
        released_early=early,
    )
    return sentence, days.astype(np.int32)


def _imposed(p: Parameters, stay: Array, early: Array, timing: _Timing) -> Array:
    new_law = timing.judgment(stay)[2]
    return np.where(early, sentence_for_conditional_release(p, stay, new_law), stay)


def _served(p: Parameters, drawn: Array, early: Array, timing: _Timing) -> tuple[Array, Array]:
    """Days served, and the sentence.

    The law depends on the day of judgment, which depends on the days served. Where neither law
    fits with itself, the sentence is cut to one that both treat alike.
    """
    never, always = np.zeros(len(drawn), dtype=bool), np.ones(len(drawn), dtype=bool)
    by_new = np.where(early, days_to_conditional_release(p, drawn, always), drawn)
    by_old = np.where(early, days_to_conditional_release(p, drawn, never), drawn)
    is_new, is_old = timing.judgment(by_new)[2], ~timing.judgment(by_old)[2]
    served = np.where(is_new, by_new, by_old)
    alike = np.rint(p["law.longest_conditional_days"] / (1.0 - p["law.fraction_served"]))
    imposed = np.where(is_new | is_old, drawn, np.minimum(drawn, alike)).astype(np.int32)
    cut = days_to_conditional_release(p, imposed, always)
    return np.where((imposed < drawn) & early, cut, np.minimum(served, imposed)), imposed


def _days_of_case(
    block: Block, regime: Array, arrived: Array, released: Array, in_remand: Array, judged: Array
) -> tuple[Array, Array]:
    """Days of the index offence and of its judgment."""
    p, n, rng = block.parameters, block.size, block.stream("index case")
    lag = gamma_days(rng, p["registration.disposal_lag"], n)
    gap = gamma_days(rng, p["detention.remand_gap_days"], n)
    arrested = in_remand | has_regime(regime, _ALWAYS_REMAND)
    offence_on = np.where(arrested, arrived - gap, judged - lag)
    convicted = has_regime(regime, ("remand",)) & happens(rng, p["detention.remand_convicted"], n)
    later = np.maximum(offence_on + lag, released)
    judged = np.where(has_regime(regime, _ALWAYS_REMAND), NO_DAY, judged)
    judged = np.where(convicted, later, judged)
    return offence_on.astype(np.int32), judged.astype(np.int32)


def prison_names(p: Parameters) -> Array:
    """Names of the prisons."""
    return np.array([f"PI-{i + 1:02d}" for i in range(p["detention.prisons"])])


def detention_rows(block: Block, stay: Stay) -> Rows:
    """The present stay: as remand first for some, and again when conditional release is denied."""
    everyone = np.arange(block.size)
    first = stay.in_remand
    denied = (stay.sentence.release_after >= 0) & ~stay.sentence.released_early
    parts = [
        _remand_part(block, stay, everyone[first]),
        _main_part(block, stay, everyone),
        _denied_part(block, stay, everyone[denied]),
    ]
    return stack(parts)


_FACT_IDS = np.array(["stay-1", "stay-2", "stay-3"])


def recording_lag(block: Block, stage: str, path: str, size: int) -> Array:
    """Days before facts are recorded."""
    return gamma_days(block.stream(f"{stage} recording"), block.parameters[path], size)


def noticed(block: Block, stay: Stay) -> Array:
    """Day on which the prison recorded the arrival: never after the index day."""
    lag = recording_lag(block, "arrival", "detention.recording", block.size)
    return np.minimum(stay.arrived + lag, stay.as_of)


def _common(p: Parameters, stay: Stay, who: Array) -> Mapping[str, Any]:
    return {
        "arrived_on": stay.arrived[who],
        "prison": prison_names(p)[stay.prison[who]],
        "unlawful_stay": stay.unlawful[who],
        "removal_or_extradition": stay.removal[who],
    }


def _remand_part(block: Block, stay: Stay, who: Array) -> Rows:
    return rows(
        "detentions",
        who,
        **_common(block.parameters, stay, who),
        regime=code("regime", "remand"),
        unit=code("unit", "regular"),
        recorded_at=noticed(block, stay)[who],
        fact_id=_FACT_IDS[0],
    )


def _terms_recorded(block: Block, stay: Stay) -> Array:
    changed = recording_lag(block, "sentence", "detention.recording", block.size)
    known = noticed(block, stay)
    return np.where(stay.in_remand, np.maximum(stay.judged_on + changed, known), known)


def _main_part(block: Block, stay: Stay, who: Array) -> Rows:
    return rows(
        "detentions",
        who,
        **_common(block.parameters, stay, who),
        **_terms(stay, who, _expected_release(stay, block.parameters)),
        recorded_at=_terms_recorded(block, stay),
        fact_id=_FACT_IDS[1],
        supersedes=np.where(stay.in_remand, _FACT_IDS[0], ""),
    )


def _denied_part(block: Block, stay: Stay, who: Array) -> Rows:
    days_before = block.parameters["liberties.conditional_decided_before"]
    decided = stay.conditional_release_on - days_before
    return rows(
        "detentions",
        who,
        **_common(block.parameters, stay, who),
        **_terms(stay, who, stay.released),
        recorded_at=np.maximum(decided, _terms_recorded(block, stay))[who],
        fact_id=_FACT_IDS[2],
        supersedes=_FACT_IDS[1],
    )


def _expected_release(stay: Stay, p: Parameters) -> Array:
    """Release as expected at first: conditional where that is possible; unknown in remand."""
    known = stay.sentence.days >= 0
    end = np.where(known, stay.arrived + stay.sentence.days, NO_DAY)
    isd = has_regime(stay.regime, ("isd",))
    end = np.where(isd, stay.arrived + p["law.isd_days"], end)
    return np.where(stay.sentence.release_after >= 0, stay.conditional_release_on, end)


def _terms(stay: Stay, who: Array, expected: Array) -> Mapping[str, Any]:
    isd = has_regime(stay.regime, ("isd",))
    unit = np.where(isd, np.int8(code("unit", "isd")), np.int8(code("unit", "regular")))
    served = ~has_regime(stay.regime, _ALWAYS_REMAND)
    total = stay.sentence.days + np.maximum(stay.sentence.conditional_days, 0)
    return {
        "regime": stay.regime[who],
        "unit": unit[who],
        "sentence_days": total[who],
        "conditional_days": stay.sentence.conditional_days[who],
        "judged_on": np.where(served, stay.judged_on, NO_DAY)[who],
        "expected_release_on": expected[who],
        "conditional_release_on": stay.conditional_release_on[who],
        "released_on": stay.released[who],
        "tbs_with_care": stay.tbs[who],
    }


def index_conviction(block: Block, stay: Stay) -> Rows:
    """The conviction for which the stay is served, or that follows on remand."""
    p, n = block.parameters, block.size
    who = np.flatnonzero(stay.judged_on != NO_DAY)
    lag = gamma_days(block.stream("index registration"), p["registration.after_judgment"], n)
    isd = has_regime(stay.regime, ("isd",))
    sanction = np.where(isd, code("sanction", "measure"), code("sanction", "custodial"))
    days = np.where(
        isd, p["law.isd_days"], np.where(stay.is_sentenced, stay.sentence.days, stay.days)
    )
    return rows(
        "convictions",
        who,
        offence_class=stay.offence.offence_class[who],
        offence_on=stay.offence_on[who],
        judged_on=stay.judged_on[who],
        sanction=sanction[who],
        severity=stay.offence.severity[who],
        custodial_days=days[who],
        index_offence=True,
        recorded_at=(stay.judged_on + lag)[who],
    )
