"""Facts of a cohort as frames, as of an index day."""

from __future__ import annotations

import numpy as np

from risicoscreener.dossier.schema import tables


def facts(cohort, name):
    """A table with the position of the person of each row as ``owner``."""
    frame = cohort.tables.to_pandas(name)
    return frame.drop(columns="person_id").assign(owner=cohort.tables.owners(name))


def of_owner(cohort, name, frame):
    """A column of the truth, for each row of a table."""
    return cohort.truth.persons[name].to_numpy()[frame["owner"]]


def visible(cohort, name):
    """What a table says on each person's index day: facts recorded, and fields that came true."""
    frame = facts(cohort, name)
    as_of = of_owner(cohort, "as_of", frame)
    hidden = {
        column.name: ~(frame[column.known_from].to_numpy() <= as_of)
        for column in tables()[name].columns.values()
        if column.known_from is not None
    }
    for column, rows in hidden.items():
        frame[column] = frame[column].where(~rows)
    known = frame[(frame["recorded_at"] <= as_of).to_numpy()]
    return known.dropna(axis=1, how="all").reset_index(drop=True)


def present_stay(cohort):
    """The row with the terms of each person's present stay, by position of the person."""
    stays = facts(cohort, "detentions")
    stays = stays[stays["fact_id"].isin(["stay-2", "stay-3"])]
    return stays.drop_duplicates("owner", keep="first").set_index("owner")


def logit(p):
    """Log odds."""
    return np.log(p / (1.0 - p))
