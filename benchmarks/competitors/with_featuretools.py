"""featuretools: an entity set, and its features by name."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from competitors._features import LONGEST_AGO, MOST_DEBT, TODAY, VIOLENT, VIOLENT_DAYS, People
from competitors._interface import Competitor


class Features(Competitor):
    name = "featuretools"
    task = "features"
    does = "the seven features; what is open or recent is filtered by hand, since it has no windows"
    tuned = "features named one by one rather than searched, one day for all; one process"
    needs = ("featuretools",)
    largest = 10_000

    def prepare(self, data: People) -> tuple[Any, ...]:
        import featuretools as ft
        import pandas as pd

        now = pd.Timestamp(TODAY, unit="D")
        frames = {
            n: t.drop_columns("person_id").to_pandas(date_as_object=False)
            for n, t in data.tables.items()
        }
        frames = {n: f[f["recorded_at"] <= now] for n, f in frames.items()}
        convictions, debts, housing = frames.values()
        since = now - pd.Timedelta(days=VIOLENT_DAYS)
        recent = (convictions["offence_on"] > since) & convictions["offence_class"].isin(VIOLENT)
        frames["violent"] = convictions[recent]
        frames["latest"] = convictions.sort_values("offence_on")
        frames["debts"] = debts[debts["until"].isna() | (debts["until"] > now)]
        frames["housing"] = housing[housing["until_on"].isna() | (housing["until_on"] > now)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            entities = ft.EntitySet("dossiers")
            entities.add_dataframe(pd.DataFrame({"number": range(data.n)}), "people", "number")
            for name, frame in frames.items():
                time = {"time_index": "from_on"} if name == "housing" else {}
                rows = frame.sort_values(list(time.values())) if time else frame
                entities.add_dataframe(
                    rows.reset_index(drop=True), name, "row", make_index=True, **time
                )
                entities.add_relationship("people", "number", name, "number")
        return entities, now, self._features(entities)

    def _features(self, entities: Any) -> list[Any]:
        import featuretools as ft
        from featuretools import primitives as p

        wanted = (
            ("convictions", "row", p.Count),
            ("violent", "row", p.Count),
            ("latest", "offence_on", p.Last),
            ("convictions", "severity", p.Max),
            ("convictions", "offence_class", p.NumUnique),
            ("debts", "amount_eur", p.Sum),
            ("housing", "status", p.Last),
        )
        return [
            ft.Feature(
                entities[table].ww[field], parent_dataframe_name="people", primitive=primitive
            )
            for table, field, primitive in wanted
        ]

    def run(self, prepared: tuple[Any, ...]) -> Any:
        import featuretools as ft

        entities, now, features = prepared
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ft.calculate_feature_matrix(features, entities, cutoff_time=now)

    def answers(self, prepared: tuple[Any, ...], found: Any) -> np.ndarray:
        import pandas as pd

        columns = [column for _, column in found.sort_index().items()]
        columns[2] = (prepared[1] - pd.to_datetime(columns[2])).dt.days.clip(upper=LONGEST_AGO)
        columns[6] = (columns[6] == "own_address").astype(float).where(columns[6].notna())
        values = np.column_stack([column.to_numpy(np.float64) for column in columns])
        owed = np.minimum(values[:, 5], MOST_DEBT)
        values[:, 5] = np.where(owed > 0, owed, np.nan)  # it does not tell none from nothing owed
        return values


COMPETITORS = (Features(),)
