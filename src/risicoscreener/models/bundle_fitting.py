"""A recipe carried out: features as of each day, every model fitted, and all put in a bundle.

What the recipe asks of the tables is looked at before anything is fitted. The same command on the
same data gives the same bundle.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from risicoscreener.dossier.schema import EARLIEST, LATEST
from risicoscreener.errors import ModelError
from risicoscreener.features.catalogue import catalogue
from risicoscreener.features.sensitivity import effective_sensitivity
from risicoscreener.models.bundle import Bundle, HistoryEntry
from risicoscreener.models.recipe import DIRECTIONS
from risicoscreener.models.risk_model import Provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy as np
    import pandas as pd

    from risicoscreener.dossier import DossierTables
    from risicoscreener.features import Catalogue
    from risicoscreener.features.sensitivity import Waiver
    from risicoscreener.models.recipe import ModelRecipe, Recipe
    from risicoscreener.models.risk_model import RiskModel

DAYS_PER_MONTH = 30


def fit_bundle(
    recipe: Recipe,
    tables: DossierTables,
    observations: Mapping[str, pd.DataFrame],
    *,
    data_set: str,
    synthetic: bool,
    command: str,
    made_on: dt.date,
    definitions: Catalogue | None = None,
    on_model: Callable[[str], None] | None = None,
) -> Bundle:
    """Fit every model of a recipe and put them in a bundle.

    Parameters
    ----------
    tables
        Dossiers; features use only what was recorded by each index day.
    observations
        Tables by the names that the recipe uses, each with ``person_id``, ``as_of`` and the
        outcome columns.
    data_set, command
        Provenance of the coefficients: on what, and by which command.
    synthetic
        Whether the people are made up; then the bundle says so wherever it is used.
    made_on
        Date of the bundle; its review date follows from it.
    on_model
        Called with the name of each model before it is fitted.

    Raises
    ------
    ModelError
        If a table or column is absent, an outcome is not 0 or 1, a sensitive feature has no
        waiver, or ``made_on`` is no day of this time: before anything is fitted. If a model
        cannot be fitted.
    FeatureError
        For a feature that is not defined.
    """
    from risicoscreener import __version__
    from risicoscreener.models.checking import check_no_victims, check_sensitivity

    known = catalogue() if definitions is None else definitions
    provenance = Provenance(data_set=data_set, command=command, made_on=made_on)
    _check_day(made_on)
    observed = [_observed(model, observations) for model in recipe.models]
    for model in recipe.models:
        check_no_victims(model.features, known)
        check_sensitivity(
            model.features, effective_sensitivity(model.features, known), recipe.waivers
        )
    models = []
    for model, frame in zip(recipe.models, observed, strict=True):
        if on_model is not None:
            on_model(model.name)
        models.append(_fit(model, tables, frame, known, provenance, recipe.waivers, synthetic))
    names = list(dict.fromkeys(name for model in models for name in model.features))
    return Bundle.create(
        id=f"{recipe.id}-{made_on.isoformat()}",
        models=models,
        owner=recipe.owner,
        created=made_on,
        review_on=made_on + dt.timedelta(days=recipe.review_months * DAYS_PER_MONTH),
        library_version=__version__,
        definitions=known.plan(names).digests,
        history=[HistoryEntry(on=made_on, action="fitted", by=recipe.owner, note=command)],
    )


def _check_day(made_on: dt.date) -> None:
    if not isinstance(made_on, dt.date) or isinstance(made_on, dt.datetime):
        raise ModelError(f"made_on is {made_on!r}; expected a date, without a time")
    if not EARLIEST <= made_on <= LATEST:
        raise ModelError(f"made_on is {made_on}; expected a day from {EARLIEST} to {LATEST}")


def _observed(model: ModelRecipe, observations: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The observations of a model, with the columns that it needs."""
    if model.observed not in observations:
        known = ", ".join(observations)
        raise ModelError(
            f"model {model.name!r} is to be fitted on observations {model.observed!r}; "
            f"given: {known}"
        )
    frame = observations[model.observed]
    timed = () if model.follow_up is None else model.follow_up.columns
    column = model.outcome_column
    needed = ("person_id", "as_of", *timed, *([] if column is None else [column]))
    lacking = [name for name in needed if name not in frame.columns]
    if lacking:
        raise ModelError(
            f"observations {model.observed!r} of model {model.name!r} have no column "
            f"{' and '.join(lacking)}"
        )
    if model.follow_up is not None:
        _check_follow_up(model, frame)
    elif not frame[column].isin((0, 1)).all():
        raise ModelError(
            f"column {column} of observations {model.observed!r}, the outcome of "
            f"model {model.name!r}, holds other values than 0 and 1"
        )
    return frame


def _check_follow_up(model: ModelRecipe, frame: pd.DataFrame) -> None:
    """Raise ModelError if times cannot be read, or end before the horizon."""
    assert model.follow_up is not None
    assert model.horizon_days is not None
    try:
        longest = model.follow_up.read(frame).longest
    except ModelError as error:
        raise ModelError(f"follow_up of model {model.name!r}: {error}") from None
    if longest < model.horizon_days:
        raise ModelError(
            f"model {model.name!r} has horizon_days {model.horizon_days}; its observations "
            f"{model.observed!r} are followed for at most {longest:g} days"
        )


def _fit(
    model: ModelRecipe,
    tables: DossierTables,
    observed: pd.DataFrame,
    known: Catalogue,
    provenance: Provenance,
    waivers: Iterable[Waiver],
    synthetic: bool,
) -> RiskModel:
    import numpy as np
    import pandas as pd

    from risicoscreener.features.table import compute_features
    from risicoscreener.models.fitting import fit_risk_model

    computed = compute_features(tables, observed, model.features, definitions=known)
    directions = [DIRECTIONS[known[name].direction] for name in model.features]
    days = pd.to_datetime(observed["as_of"])
    timed = model.follow_up
    outcome = (
        observed[model.outcome_column].to_numpy(dtype=np.float64)
        if timed is None
        else timed.read(observed)
    )
    return fit_risk_model(
        pd.DataFrame(computed.values, columns=list(computed.names)),
        outcome,
        name=model.name,
        outcome=model.outcome,
        horizon_days=model.horizon_days,
        population=model.population,
        title=model.title,
        description=model.description,
        sensitivity=effective_sensitivity(model.features, known),
        provenance=provenance,
        synthetic=synthetic,
        waivers=waivers,
        definitions=known.plan(model.features).digests,
        competing_events=model.competing_events,
        groups=_groups(observed["person_id"]),
        estimator=model.unfitted(directions if model.monotone else None),
        replicates=model.replicates,
        cut_offs=model.cut_offs,
        alpha=model.alpha,
        patterns=model.patterns,
        population_rules=model.population_rules,
        required=model.required,
        max_missing_share=model.max_missing_share,
        period=(days.min().date(), days.max().date()),
        censoring=model.censoring,
    )


def _groups(person_ids: pd.Series[Any]) -> np.ndarray | None:
    """The person of each row, if any person has several."""
    return None if person_ids.is_unique else person_ids.to_numpy()
