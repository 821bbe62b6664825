"""Compares OGRS3 and the RSR of 2015 with the Node library that they come from.

    python scripts/compare_with_node.py PATH_OF_CHECKOUT [--n 20000] [--seed 0] [--json]

Needs node, and a checkout of NOMS-DIGITAL-STUDIO/rsr-calculator. Draws inputs, edges among them
(birthdays, 29 February, borders of age groups, caps, 0 to 60 sanctions, days that coincide, and
inputs that contradict each other), has the library score them and scores them here. Prints how
many agree, the largest difference, and why one side refuses what the other scores. Ends with 1
if an answer differs by more than 1e-9 or a refusal has no reason.
"""

from __future__ import annotations

import argparse
import calendar
import datetime as dt
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from risicoscreener.instruments import Instrument, InstrumentResult

RUNNER = Path(__file__).with_name("node_runner.js")
TOLERANCE = 1e-9
HORIZONS = ("one_year", "two_years")
SEXES = ("male", "female")
VIOLENCE = 18
KINDS_OF_VIOLENCE = 5
AGE_BORDERS = (17, 18, 20, 21, 24, 25, 29, 30, 34, 35, 36, 39, 40, 42, 47, 48, 49, 50, 54, 59, 60)
YES_NO = {
    "past_homicide": "murder",
    "past_wounding": "wounding",
    "past_kidnapping": "kidnapping",
    "past_firearm": "firearmPossession",
    "past_robbery": "robbery",
    "past_aggravated_burglary": "burglary",
    "past_weapon": "anyOtherOffence",
    "past_endangering_life": "endagerLife",
    "past_arson": "arson",
    "weapon_carried": "useWeapon",
    "unemployed": "employment",
    "partner_violence": "domesticViolence",
}
LEVELS = {
    "accommodation": "accommodation",
    "relationship": "relationship",
    "alcohol_use": "currentUseOfAlcohol",
    "binge_drinking": "bingeDrinking",
    "impulsivity": "impulsivity",
    "temper_control": "temper",
    "attitudes": "proCriminal",
}
SEXUAL = {
    "contact_adult_sanctions": "contactAdult",
    "contact_child_sanctions": "contactChild",
    "image_sanctions": "indecentImage",
    "paraphilia_sanctions": "paraphilia",
}
DAYS = {
    "birth_date": "birthDate",
    "first_sanction_date": "firstSanctionDate",
    "conviction_date": "convictionDate",
    "sentence_date": "sentenceDate",
    "assessment_date": "assessmentDate",
    "last_sexual_offence_date": "mostRecentSexualOffence",
}
STRICTER = {
    "missing": "the day of the latest sexual offence is missing; the library counts 0 points",
    "first_sanction_not_after_conviction": "first sanction after the conviction",
    "first_sanction_after_birth": "first sanction before birth",
    "old_enough": "younger than ten",
    "violent_within_all": "more violent sanctions than sanctions",
    "sentence_not_after_month_of_assessment": "assessed before the month at liberty",
    "conviction_not_after_followup": "convicted after the start of follow-up",
}
"""Why ours refuses what the library scores."""


# -- inputs --------------------------------------------------------------------------------


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of another month, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def draw_day(dice: random.Random, first: int, last: int) -> dt.date:
    """A day, often a leap day or the end of a month."""
    year = dice.randint(first, last)
    if dice.random() < 0.1:
        return dt.date(year - year % 4, 2, 29) if year % 4 == 0 else dt.date(year, 2, 28)
    if dice.random() < 0.1:
        month = dice.randint(1, 12)
        return dt.date(year, month, calendar.monthrange(year, month)[1])
    return dt.date(year, 1, 1) + dt.timedelta(dice.randint(0, 364))


def near_birthday(dice: random.Random, birth: dt.date, age: int) -> dt.date:
    """The day on which an age is reached, the day before, or the day after."""
    return add_months(birth, 12 * age) + dt.timedelta(dice.choice((-1, 0, 1)))


def draw(dice: random.Random) -> dict[str, Any]:
    """One person, as ours asks it; impossible ones among them."""
    birth = draw_day(dice, 1935, 1996)
    sentence = near_birthday(dice, birth, dice.choice(AGE_BORDERS))
    if dice.random() < 0.5:
        sentence = birth + dt.timedelta(dice.randint(17 * 365, 75 * 365))
    conviction = sentence - dt.timedelta(dice.choice((0, 0, 1, 27, 28, 31, dice.randint(0, 900))))
    assessment = add_months(sentence, dice.choice((0, 0, 1, 12, 35, 36, 37, dice.randint(0, 60))))
    assessment += dt.timedelta(dice.choice((0, 0, -1, 1)) if assessment > sentence else 0)
    sanctions = dice.choice((0, 0, 1, 1, 2, 3, 49, 50, 51, dice.randint(0, 60)))
    first = conviction
    if sanctions:
        earliest = add_months(birth, 12 * 10)
        first = earliest + (conviction - earliest) * dice.choice((0, 1, dice.random()))
    person: dict[str, Any] = {
        "sex": dice.choice((SEXES[0], SEXES[0], SEXES[1])),
        "birth_date": birth,
        "first_sanction_date": first,
        "conviction_date": conviction,
        "sentence_date": sentence,
        "assessment_date": assessment,
        "offence_type": dice.randrange(20),
        "kind_of_violence": dice.randrange(KINDS_OF_VIOLENCE),
        "previous_sanctions": sanctions,
        "violent_sanctions": dice.choice((0, 1, 2, dice.randint(0, sanctions + 1))),
        "interview": dice.random() < 0.6,
    }
    person["violent_sanctions"] = min(person["violent_sanctions"], sanctions + 1)
    person |= {name: dice.random() < 0.3 for name in YES_NO}
    person |= {name: dice.randint(0, 2) for name in LEVELS}
    person |= draw_sexual_history(dice, birth, first, assessment)
    return contradicted(dice, person) if dice.random() < 0.05 else person


def draw_sexual_history(
    dice: random.Random, birth: dt.date, first: dt.date, assessment: dt.date
) -> dict[str, Any]:
    """Sexual offences now and before; of someone without any, the counts are 0."""
    now, before = dice.random() < 0.2, dice.random() < 0.3
    known = now or before
    latest = first + (assessment - first) * dice.random()
    if dice.random() < 0.3:
        latest = max(first, near_birthday(dice, birth, dice.choice((15, 16, 17, 18))))
    counts = {name: dice.choice((0, 0, 1, 2, 3, 4)) if known else 0 for name in SEXUAL}
    return {
        "sexual_element": now,
        "sexual_history": before,
        "stranger_victim": now and dice.random() < 0.3,
        "last_sexual_offence_date": latest if known else None,
        **counts,
    }


def contradicted(dice: random.Random, person: dict[str, Any]) -> dict[str, Any]:
    """One input made impossible, or left out."""
    sentence, first = person["sentence_date"], person["first_sanction_date"]
    assessment = person["assessment_date"]
    return person | dice.choice(
        (
            {"conviction_date": add_months(sentence, 1)},
            {"conviction_date": sentence + dt.timedelta(3)},
            {"first_sanction_date": person["conviction_date"] + dt.timedelta(1)},
            {"last_sexual_offence_date": add_months(first, -1)},
            {"last_sexual_offence_date": None},
            {"assessment_date": add_months(sentence, -1)},
            {"birth_date": add_months(assessment, -12 * 16)},
            {"violent_sanctions": person["previous_sanctions"] + 2},
        )
    )


def for_library(person: dict[str, Any]) -> dict[str, Any]:
    """The input in the library's names and codes: there yes is 0 and no is 1."""
    given = {
        theirs: person[ours].isoformat()
        for ours, theirs in DAYS.items()
        if person[ours] is not None
    }
    given |= {theirs: int(not person[ours]) for ours, theirs in YES_NO.items()}
    given |= {theirs: person[ours] for ours, theirs in (LEVELS | SEXUAL).items()}
    violent = person["offence_type"] == VIOLENCE
    return given | {
        "sex": SEXES.index(person["sex"]),
        "currentOffenceType": person["offence_type"],
        "violentOffenceCategory": person["kind_of_violence"] if violent else None,
        "previousSanctions": person["previous_sanctions"],
        "violentSanctions": person["violent_sanctions"],
        "sexualElement": int(not person["sexual_element"]),
        "sexualOffenceHistory": int(not person["sexual_history"]),
        "strangerVictim": int(not person["stranger_victim"]),
        "oasysInterview": int(not person["interview"]),
    }


def for_ogrs3(person: dict[str, Any], offences: list[str]) -> dict[str, Any]:
    """The input of OGRS3."""
    names = ("sex", "birth_date", "first_sanction_date", "conviction_date", "previous_sanctions")
    given = {name: person[name] for name in names}
    return given | {
        "followup_date": person["assessment_date"],
        "offence": offences[person["offence_type"]],
    }


def for_rsr(person: dict[str, Any], offences: list[str]) -> dict[str, Any]:
    """The input of RSR; without the interview its answers are not given."""
    asked = {*DAYS, *SEXUAL, "sex", "previous_sanctions", "violent_sanctions"}
    asked |= {"sexual_element", "sexual_history", "stranger_victim"}
    if person["interview"]:
        asked |= {*YES_NO, *LEVELS}
    given = {name: value for name, value in person.items() if name in asked}
    return given | {"offence": offences[place_of_offence(person)]}


def place_of_offence(person: dict[str, Any]) -> int:
    """Violence stands in our list by its kinds, where the library has one entry."""
    kind = person["offence_type"]
    if kind < VIOLENCE:
        return int(kind)
    if kind == VIOLENCE:
        return VIOLENCE + int(person["kind_of_violence"])
    return int(kind) + KINDS_OF_VIOLENCE - 1


# -- compare -------------------------------------------------------------------------------


@dataclass
class Tally:
    """What came of one quantity."""

    name: str
    equal: int = 0
    both_refuse: int = 0
    largest: float = 0.0
    differences: list[str] = field(default_factory=list)
    ours_refuses: Counter[str] = field(default_factory=Counter)
    library_refuses: Counter[str] = field(default_factory=Counter)

    @property
    def explained(self) -> bool:
        """No answer differs, and each refusal of one side has a reason."""
        return not (self.differences or self.library_refuses or "?" in self.ours_refuses)

    def add(self, label: str, ours: InstrumentResult, library: Any, refused: list[str]) -> None:
        """One case: the library's answers per horizon, or why it has none."""
        if not ours.ok and refused:
            self.both_refuse += 1
        elif refused:
            self.library_refuses[", ".join(refused)] += 1
        elif not ours.ok:
            self.ours_refuses[reason(ours)] += 1
        else:
            self._compare(label, ours, library)

    def _compare(self, label: str, ours: InstrumentResult, library: list[float]) -> None:
        gaps = [
            abs((score.probability or 0.0) - wanted)
            for score, wanted in zip(ours.scores, library, strict=True)
        ]
        self.largest = max(self.largest, *gaps)
        if max(gaps) <= TOLERANCE:
            self.equal += 1
        else:
            self.differences.append(f"{label}: {[s.probability for s in ours.scores]}, {library}")

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "quantity": self.name,
            "equal": self.equal,
            "largest_difference": self.largest,
            "differences": len(self.differences),
            "both_refuse": self.both_refuse,
            "ours_refuses": dict(self.ours_refuses),
            "library_refuses": dict(self.library_refuses),
        }

    def lines(self) -> Iterator[str]:
        """For a reader."""
        yield (
            f"{self.name}: {self.equal} equal (largest difference {self.largest:.1e}), "
            f"{len(self.differences)} different, {self.both_refuse} refused by both"
        )
        for why, n in self.ours_refuses.most_common():
            yield f"    {n} refused here alone: {why}"
        for why, n in self.library_refuses.most_common():
            yield f"    {n} refused by the library alone: {why}"
        yield from (f"    {difference}" for difference in self.differences[:5])


def reason(result: InstrumentResult) -> str:
    """Why ours has no score, in the words of `STRICTER`; "?" if that is not among them."""
    codes = dict.fromkeys(p.code for p in result.problems if p.kind == "refused")
    return "; ".join(STRICTER.get(code, "?") for code in codes)


def library_answers(checkout: Path, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers of the library."""
    lines = "".join(json.dumps(for_library(person)) + "\n" for person in people)
    done = subprocess.run(
        ["node", str(RUNNER), str(checkout)],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TZ": "UTC"},
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(checkout: Path, n: int, seed: int) -> list[Tally]:
    """Score ``n`` drawn people on both sides."""
    dice = random.Random(seed)
    people = [draw(dice) for _ in range(n)]
    ogrs3, rsr = Instrument.load("ogrs3", "2009"), Instrument.load("rsr", "2015")
    offences3, offences = list(ogrs3.choices["offence"]), list(rsr.choices["offence"])
    tallies = {name: Tally(name) for name in ("ogrs3", "snsv", "osp_dc", "osp_iic", "rsr")}
    library_names = {"snsv": "serious_violence", "osp_iic": "images", "rsr": "rsr"}
    for number, (person, theirs) in enumerate(
        zip(people, library_answers(checkout, people), strict=True)
    ):
        label = f"case {number}"
        tallies["ogrs3"].add(label, ogrs3.score(for_ogrs3(person, offences3)), theirs["ogrs3"], [])
        total = rsr.score(for_rsr(person, offences))
        refused = theirs["errors"]
        for name, key in library_names.items():
            result = total.parts.get(name, total)
            # What the library refuses it refuses for all parts; each of ours for its own inputs.
            if not (refused and result.ok and name != "rsr"):
                tallies[name].add(label, result, theirs[key], refused)
        if person["sex"] == SEXES[0] and not refused:
            tallies["osp_dc"].add(label, total.parts["osp_dc"], theirs["contact"], refused)
    return list(tallies.values())


def main(arguments: list[str] | None = None) -> int:
    """Compare and print; 1 if something is unexplained."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    tallies = compare(chosen.checkout, chosen.n, chosen.seed)
    if chosen.json:
        print(json.dumps([tally.to_dict() for tally in tallies], indent=1))
    else:
        print(f"{chosen.n} drawn inputs, seed {chosen.seed}")
        for tally in tallies:
            print("\n".join(tally.lines()))
    return 0 if all(tally.explained for tally in tallies) else 1


if __name__ == "__main__":
    sys.exit(main())
