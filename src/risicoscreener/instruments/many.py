"""Many people through an instrument: a frame of inputs, a row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from risicoscreener.errors import ModelError
from risicoscreener.instruments.written import LEFT_TO_SCORE, Unusual

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from risicoscreener.instruments.instrument import Instrument
    from risicoscreener.instruments.result import InstrumentResult
    from risicoscreener.instruments.written import Probabilities

_MEASURES = ("probability", "percentage", "points", "scaled", "band", "linear_predictor")

_EXACT = 2.0**53
"""Below it a whole number is the same as an integer and as a float."""


def probabilities_many(instrument: Instrument, frame: pd.DataFrame) -> np.ndarray:
    """The probabilities of each row; see `Instrument.probabilities_many`."""
    import numpy as np

    _refuse_strange(instrument, frame)
    columns = {str(name): _plain(frame.iloc[:, i]) for i, name in enumerate(frame.columns)}
    absent = [None] * len(frame)
    of_row, none = instrument._written.of_row, (np.nan,) * len(instrument.horizons)
    found: list[Probabilities] = []
    rows = zip(*(columns.get(name, absent) for name in instrument._written.names), strict=True)
    for place, row in enumerate(rows):
        try:
            found.append(of_row(*row))
        except (Unusual, *LEFT_TO_SCORE):
            inputs = {name: column[place] for name, column in columns.items()}
            found.append(instrument.probabilities(inputs) or none)
    return np.array(found, dtype=np.float64).reshape(len(frame), len(instrument.horizons))


def score_many(instrument: Instrument, frame: pd.DataFrame) -> pd.DataFrame:
    """All answers of each row, as columns; see `Instrument.score_many`."""
    import pandas as pd

    _refuse_strange(instrument, frame)
    names = [str(name) for name in frame.columns]
    records = frame.astype(object).itertuples(index=False, name=None)
    rows = [_row(instrument.score(dict(zip(names, row, strict=True)))) for row in records]
    return pd.DataFrame(rows, index=frame.index, columns=_columns(instrument))


def _refuse_strange(instrument: Instrument, frame: pd.DataFrame) -> None:
    """Refuse a column that is no input of the family."""
    strange = instrument.unknown_fields(dict.fromkeys(map(str, frame.columns), True))
    if strange:
        raise ModelError(strange[0].text("en"))


def _columns(instrument: Instrument) -> list[str]:
    measures = [f"{m}_{h}" for h in instrument.horizons for m in _MEASURES]
    return ["variant", "applicable", *measures, "refused", "fallback", "assumed"]


def _row(result: InstrumentResult) -> dict[str, Any]:
    row: dict[str, Any] = {"variant": result.variant, "applicable": result.applicable}
    for score in result.scores:
        row |= {f"{m}_{score.horizon}": getattr(score, m) for m in _MEASURES}
    for kind in ("refused", "fallback", "assumed"):
        row[kind] = "; ".join(
            f"{p.code}: {', '.join(p.fields)}" for p in result.problems if p.kind == kind
        )
    return row


def _plain(column: pd.Series[Any]) -> list[Any]:
    """Values as Python's own, days without a time, None where one is missing."""
    values = column.dt.date if column.dtype.kind == "M" else column
    plain: list[Any] = values.tolist()
    if column.dtype.kind in "iub":
        return plain
    for place in column.isna().to_numpy().nonzero()[0]:
        plain[place] = None
    if column.dtype.kind == "f":  # whole numbers, if some are missing
        return [
            int(x) if x is not None and abs(x) < _EXACT and x.is_integer() else x for x in plain
        ]
    return plain
