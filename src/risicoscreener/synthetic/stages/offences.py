"""Offences of past, present and later cases: class, severity and sanction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from risicoscreener.dossier.vocabulary import vocabularies
from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import (
    Array,
    Stream,
    by_code,
    choose,
    choose_by,
    code,
    gamma_days,
    happens,
    pick,
)
from risicoscreener.synthetic.stages.rows import Rows, rows

MOST_SEVERE = 5


@dataclass(frozen=True)
class Offences:
    """Offences by row: group (position in `groups`), class as a code, severity from 1 to 5."""

    group: Array
    offence_class: Array
    severity: Array


def groups(p: Parameters) -> list[str]:
    """Names of the groups of offences."""
    return list(p["offences.mix"])


def is_in(vocabulary: str, group: str, codes: Array) -> Array:
    """Whether each code is in a group of its vocabulary."""
    found = vocabularies()[vocabulary]
    return np.isin(codes, [found.codes.index(name) for name in found.groups[group]])


def weights_of_groups(p: Parameters, trait: Array) -> Array:
    """Weights of the groups for each person, shape (n, groups).

    The trait moves weight between people; the mix of all people stays near the mix given.
    """
    mix = np.array(list(p["offences.mix"].values()))
    tilt = np.array([p["offences.tilt_of_violence_trait"][name] for name in groups(p)])
    return mix * np.exp(tilt * trait[:, None] - tilt**2 / 2)


def factors_of_year(p: Parameters, day: Array) -> Array:
    """By which the weights of the groups differ in the year of each day, shape (n, groups)."""
    year = 1970.0 + day / p["calendar.days_per_year"]
    by_group = p["offences.mix_by_year"]
    factors = [
        np.interp(year, [float(y) for y in by_group[name]], list(by_group[name].values()))
        for name in groups(p)
    ]
    return np.stack(factors, axis=1)


def draw_offences(rng: Stream, p: Parameters, group: Array, tilt: Array | None = None) -> Offences:
    """Class and severity of offences, given their group.

    Parameters
    ----------
    tilt
        For each row what a grade of severity adds to the log weight of a class.
    """
    weights = weights_of_classes(p)
    grade = by_code("offence_class", p["offences.severity.grade"], int)
    if tilt is None:
        chosen = choose_by(rng, weights, group)
    else:
        chosen = choose(rng, weights[group] * np.exp(tilt[:, None] * grade))
    return graded(rng, p, group, chosen)


def graded(rng: Stream, p: Parameters, group: Array, classes: Array) -> Offences:
    """Offences of some classes, with a severity near the grade of the class."""
    grade = by_code("offence_class", p["offences.severity.grade"], int)
    step = np.array(list(p["offences.severity_step"].values()))
    moved = choose_by(rng, step[None, :], np.zeros(len(group), dtype=np.int64)) - 1
    severity = np.clip(grade[classes] + moved, 1, MOST_SEVERE).astype(np.int32)
    return Offences(group, classes.astype(np.int8), severity)


def weights_of_classes(p: Parameters) -> Array:
    """Weights of the classes of each group, shape (groups, classes)."""
    by_group = [by_code("offence_class", p[f"offences.classes.{name}"]) for name in groups(p)]
    return np.array(by_group)


def draw_sanctions(
    rng: Stream, p: Parameters, severity: Array, factor: Array | float, odds: Array | float = 1.0
) -> tuple[Array, Array]:
    """Sanction as a code, and days of custody (-1 where there is none).

    Parameters
    ----------
    factor
        By which the chance of custody differs from that of an adult with a past case.
    odds
        By which the odds of custody are multiplied on top of that.
    """
    n = len(severity)
    share = np.array(p["offences.severity.custodial_share"])[severity - 1]
    share = np.minimum(share * factor, 1.0)
    custodial = happens(rng, share * odds / (1.0 - share + share * odds), n)
    others = pick(rng, p["offences.severity.other_sanctions"], "sanction", n)
    sanction = np.where(custodial, np.int8(code("sanction", "custodial")), others)
    return sanction, np.where(custodial, draw_custody(rng, p, severity), np.int32(-1))


def convictions_for(
    rng: Stream,
    p: Parameters,
    owner: Array,
    offences: Offences,
    sanctions: tuple[Array, Array],
    offence_on: Array,
    judged_on: Array,
    **more: Any,
) -> Rows:
    """Convictions for offences, each recorded some time after its judgment.

    Parameters
    ----------
    sanctions
        As `draw_sanctions` gives them.
    more
        Other columns of the table.
    """
    sanction, days = sanctions
    return rows(
        "convictions",
        owner,
        offence_class=offences.offence_class,
        offence_on=offence_on,
        judged_on=judged_on,
        sanction=sanction,
        severity=offences.severity,
        custodial_days=days,
        index_offence=False,
        recorded_at=judged_on + gamma_days(rng, p["registration.after_judgment"], len(owner)),
        **more,
    )


def draw_custody(rng: Stream, p: Parameters, severity: Array) -> Array:
    """Days of custody by severity."""
    median = np.array(p["offences.severity.custodial_median_days"], dtype=np.float64)
    spread = p["offences.severity.custodial_sigma"] * rng.standard_normal(len(severity))
    days = np.maximum(np.rint(median[severity - 1] * np.exp(spread)), 1)
    return np.minimum(days, p["detention.length"]["most"]).astype(np.int32)
