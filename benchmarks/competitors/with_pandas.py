"""pandas, as a user would write it: boolean masks and groupby."""

from __future__ import annotations

from typing import Any

import numpy as np

from competitors._features import LONGEST_AGO, MOST_DEBT, TODAY, VIOLENT, VIOLENT_DAYS, People
from competitors._interface import Competitor


def seven(frames: dict[str, Any], people: Any) -> np.ndarray:
    """The seven features, shape (n, 7), in the order of ``people``; NaN without a row."""
    import pandas as pd

    now = pd.Timestamp(TODAY, unit="D")
    known = {name: frame[frame["recorded_at"] <= now] for name, frame in frames.items()}
    convictions, debts, housing = known["convictions"], known["debts"], known["housing"]
    each = convictions.groupby("person", sort=False, observed=True)
    recent = convictions[
        (convictions["offence_on"] > now - pd.Timedelta(days=VIOLENT_DAYS))
        & convictions["offence_class"].isin(VIOLENT)
    ]
    debts = debts[debts["until"].isna() | (debts["until"] > now)]
    housing = housing[housing["until_on"].isna() | (housing["until_on"] > now)]
    latest = housing.loc[housing.groupby("person", sort=False, observed=True)["from_on"].idxmax()]
    own = (latest.set_index("person")["status"] == "own_address").astype(float)
    columns = (
        each.size(),
        recent.groupby("person", sort=False, observed=True).size(),
        (now - each["offence_on"].max()).dt.days.clip(upper=LONGEST_AGO),
        each["severity"].max(),
        each["offence_class"].nunique(),
        debts.groupby("person", sort=False, observed=True)["amount_eur"]
        .sum()
        .clip(upper=MOST_DEBT),
        own,
    )
    return np.column_stack([column.reindex(people).to_numpy(np.float64) for column in columns])


class Usual(Competitor):
    name = "pandas"
    task = "features"
    does = "the seven features; no corrections"
    tuned = "persons and codes as categories, groupby without sorting; one thread"
    needs = ("pandas",)
    key = "person_id"

    def prepare(self, data: People) -> tuple[dict[str, Any], Any]:
        frames = {}
        for name, table in data.tables.items():
            frame = table.to_pandas(date_as_object=False)
            frames[name] = frame.rename(columns={self.key: "person"})
        return frames, self.people(data)

    def people(self, data: People) -> Any:
        return data.dossiers.person_ids.to_pandas()

    def run(self, prepared: tuple[dict[str, Any], Any]) -> np.ndarray:
        return seven(*prepared)


class Numbered(Usual):
    name = "pandas, persons numbered"
    tuned = "as pandas, with persons as whole numbers beforehand; one thread"
    key = "number"

    def people(self, data: People) -> Any:
        return np.arange(data.n)


COMPETITORS = (Usual(), Numbered())
