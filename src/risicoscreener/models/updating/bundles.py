"""Update a model of a bundle, and write in its history what was done and what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from risicoscreener.models.bundle import Bundle, HistoryEntry
from risicoscreener.models.updating.closed_test import UpdateChoice, choose_rung
from risicoscreener.models.updating.comparison import UpdateComparison, compare_update
from risicoscreener.models.updating.ladder import update
from risicoscreener.models.updating.wording import Rung, check_rung, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from risicoscreener.features.definition import Sensitivity
    from risicoscreener.features.sensitivity import Waiver
    from risicoscreener.models.risk_model import Provenance


def update_bundle(
    bundle: Bundle,
    model_name: str,
    X: Any,  # noqa: N803
    y: Any,
    *,
    on: date,
    by: str,
    review_on: date,
    id: str | None = None,
    rung: str | None = None,
    level: float = 0.05,
    candidates: Sequence[str] | None = None,
    folds: int = 10,
    sample_weight: Any = None,
    groups: Any = None,
    monotone: Mapping[str, int] | None = None,
    sensitivity: Mapping[str, Sensitivity] | None = None,
    waivers: Iterable[Waiver] = (),
    definitions: Mapping[str, str] | None = None,
    period: tuple[date, date] | None = None,
    censoring: str = "",
    provenance: Provenance | None = None,
    library_version: str | None = None,
) -> Bundle:
    """A new bundle in which one model was updated to new people; the old one stays as it is.

    The history gets an entry with the rung, the tests, the numbers of people and of outcomes,
    calibration and Brier score before and after out of fold, and the sha256 of the old bundle.
    It is written also if the choice is to keep the model: that too was looked at.

    Parameters
    ----------
    bundle, model_name
        Where the model stands, and which.
    X, y, sample_weight, groups, monotone, period, censoring, provenance
        As for `update`.
    on, by
        Date of the update, and the role that did it; never a name.
    review_on
        From when the new bundle must be reviewed.
    id
        Of the new bundle; by default that of the old with the date.
    rung
        The update; None for that of `choose_rung` with ``level`` and ``candidates``, and then the
        comparison chooses in each fold anew.
    folds
        Of the comparison.
    sensitivity, waivers, definitions
        Of the new features of an extension: declared sensitivity, permission, and sha256 of the
        definition. Features that the bundle has keep theirs.
    library_version
        By default the version of this library.

    Raises
    ------
    BundleError
        If the bundle has no such model, or a new feature has no definition.
    ModelError
        As `update`.
    """
    from risicoscreener import __version__

    old = bundle.model(model_name)
    shared = {"sample_weight": sample_weight, "groups": groups}
    choice, chosen = None, check_rung(rung or "none")
    if rung is None:
        choice = choose_rung(old, X, y, level=level, candidates=candidates, **shared)
        chosen = choice.rung
    compared = compare_update(
        old,
        X,
        y,
        rung=rung,
        folds=folds,
        monotone=monotone,
        candidates=None if candidates is None else tuple(candidates),
        level=level,
        **shared,
    )
    new = update(
        old,
        X,
        y,
        rung=chosen,
        monotone=monotone,
        sensitivity=sensitivity,
        waivers=waivers,
        period=period,
        censoring=censoring,
        provenance=provenance,
        performance=compared.after,
        **shared,
    )
    entry = HistoryEntry(
        on=on,
        action=f"update {model_name}: {chosen}",
        by=by,
        note=_note(chosen, choice, compared),
        details=_details(bundle, model_name, chosen, choice, compared, y),
    )
    return Bundle.create(
        id=id or f"{bundle.id}-{on.isoformat()}",
        models=[new if model.name == model_name else model for model in bundle.models],
        owner=bundle.owner,
        created=on,
        review_on=review_on,
        library_version=library_version or __version__,
        definitions={**(definitions or {}), **bundle.definitions},
        history=[*bundle.history, entry],
    )


def _note(rung: Rung, choice: UpdateChoice | None, compared: UpdateComparison) -> str:
    lines = [sentence("rung", rung, "en")] if choice is None else list(choice.sentences("en"))
    return " ".join([*lines, *compared.sentences("en")])


def _details(
    bundle: Bundle,
    model_name: str,
    rung: Rung,
    choice: UpdateChoice | None,
    compared: UpdateComparison,
    y: Any,
) -> dict[str, float | str]:
    """What was measured, by name."""
    outcome = [float(value) for value in y]
    details: dict[str, float | str] = {
        "model": model_name,
        "rung": rung,
        "previous_sha256": bundle.sha256,
        "n": float(len(outcome)),
        "events": sum(outcome),
    }
    for when, performance in (("before", compared.before), ("after", compared.after)):
        details[f"auc_{when}"] = performance.auc
        details[f"brier_{when}"] = performance.brier
        details[f"calibration_intercept_{when}"] = performance.calibration_intercept
        details[f"calibration_slope_{when}"] = performance.calibration_slope
    brier = compared.differences["brier"]
    details["brier_difference"] = brier.estimate
    details["brier_difference_lower"] = brier.lower
    details["brier_difference_upper"] = brier.upper
    if choice is not None:
        details["test_level"] = choice.level
        details["aic_rung"] = choice.aic_rung
        for test in choice.tests:
            details[f"p_{test.smaller}"] = test.p_value
            details[f"likelihood_ratio_{test.smaller}"] = test.statistic
            details[f"degrees_of_freedom_{test.smaller}"] = test.degrees_of_freedom
    return details
