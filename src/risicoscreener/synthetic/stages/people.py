"""The people of a block: sex, age, origin, and the traits that nobody measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risicoscreener.synthetic.parameters import Parameters
from risicoscreener.synthetic.stages.draws import Array, Block, Stream, happens, places
from risicoscreener.synthetic.stages.rows import Rows, rows

_FEMALE, _MALE = "female", "male"


@dataclass(frozen=True)
class People:
    """Who the people are.

    Attributes
    ----------
    age
        Age in years on the day of arrival.
    disadvantage, propensity, violence_trait
        Latent, each with mean zero and standard deviation of about one.
    """

    size: int
    female: Array
    age: Array
    born_abroad: Array
    disadvantage: Array
    propensity: Array
    violence_trait: Array

    @property
    def sex(self) -> Array:
        """Sex as a code."""
        return places("sex", [_MALE, _FEMALE])[self.female.astype(np.int8)]

    def as_variables(self, p: Parameters) -> dict[str, Array]:
        """The variables that linear predictors name; age is centred."""
        return {
            "female": self.female.astype(np.float64),
            "age": self.age - p["people.age_centre"],
            "disadvantage": self.disadvantage,
            "propensity": self.propensity,
            "violence_trait": self.violence_trait,
        }


def draw_people(block: Block) -> People:
    """The people of a block."""
    p, n, rng = block.parameters, block.size, block.stream("people")
    abroad_share = p["people.born_abroad_share"]
    female = happens(rng, p["people.female_share"], n)
    age = _ages(rng, p, n)
    abroad = happens(rng, abroad_share, n)
    shift = p["people.disadvantage_of_born_abroad"] * (abroad - abroad_share)
    disadvantage = rng.standard_normal(n) + shift
    propensity = _follows(
        rng.standard_normal(n), disadvantage, p["people.propensity_on_disadvantage"]
    )
    violence = _follows(rng.standard_normal(n), propensity, p["people.violence_on_propensity"])
    return People(n, female, age, abroad, disadvantage, propensity, violence)


_DRAWS_OF_AGE = 3


def _ages(rng: Stream, p: Parameters, n: int) -> Array:
    """Ages from a gamma; whoever comes out too old is drawn again."""
    shape, scale = p["people.age"]["shape"], p["people.age"]["scale"]
    drawn = p["people.least_age"] + rng.gamma(shape, scale, (_DRAWS_OF_AGE, n))
    first = np.argmax(drawn <= p["people.greatest_age"], axis=0)
    return np.minimum(drawn[first, np.arange(n)], p["people.greatest_age"])


def _follows(own: Array, other: Array, correlation: float) -> Array:
    return correlation * other + np.sqrt(1.0 - correlation**2) * own


def audit_rows(block: Block, people: People, arrived: Array, recorded: Array) -> Rows:
    """Origin and neighbourhood, which no feature can read."""
    cuts = block.parameters["people.neighbourhood_income_cuts"]
    income = np.array(["high_income", "mid_income", "low_income"])[
        np.searchsorted(cuts, people.disadvantage)
    ]
    origin = np.where(people.born_abroad, "born_abroad", "born_in_nl")
    attribute = places("audit_attribute", ["origin_group", "neighbourhood_income"])
    return rows(
        "audit",
        np.repeat(np.arange(people.size), 2),
        attribute=np.tile(attribute, people.size),
        value=np.stack([origin, income.astype(origin.dtype)], axis=1).ravel(),
        noted_on=np.repeat(arrived, 2),
        recorded_at=np.repeat(recorded, 2),
    )
