"""pandas, as a user would write it: boolean masks and groupby."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from competitors._chain import Chain, outcome_many
from competitors._features import (
    COLUMNS,
    DATES,
    LONGEST_AGO,
    MOST_DEBT,
    SEVEN,
    TODAY,
    VIOLENT,
    VIOLENT_DAYS,
    People,
)
from competitors._interface import Competitor
from competitors.with_python import OneDossier, decided
from competitors.with_sklearn import calibrated_on_seven


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
    largest = 1_000_000
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


class Single(OneDossier):
    name = "pandas"
    tuned = "a frame for each of three tables, only the columns that are read; one thread"
    needs = ("pandas",)

    def run(self, prepared: bytes) -> tuple[list[float], float, int]:
        import pandas as pd

        found = json.loads(prepared)
        frames = {}
        for name, columns in COLUMNS.items():
            frame = pd.DataFrame(found[name], columns=list(columns))
            for column in columns:
                if column in DATES:
                    frame[column] = pd.to_datetime(frame[column], format="%Y-%m-%d")
            frame["person"] = 0
            frames[name] = frame
        return decided(seven(frames, np.arange(1))[0].tolist())


class Batch(Usual):
    name = "pandas, scikit-learn and np.select"
    task = "batch"
    does = "seven features, a probability of a model of its own, four rules"
    tuned = "as for the features; calibrated pipeline on a frame; one thread"
    needs = ("pandas", "sklearn")

    def prepare(self, data: People) -> tuple[dict[str, Any], Any]:
        calibrated_on_seven()
        return super().prepare(data)

    def run(self, prepared: tuple[dict[str, Any], Any]) -> Any:
        import pandas as pd

        features = seven(*prepared)
        frame = pd.DataFrame(features, columns=SEVEN)
        probability = calibrated_on_seven().predict_proba(frame)[:, 1]
        return features, outcome_many(features, probability)

    def answers(self, prepared: Any, found: Any) -> Chain:  # noqa: ARG002
        return Chain(found[0])


COMPETITORS = (Usual(), Numbered(), Single(), Batch())
