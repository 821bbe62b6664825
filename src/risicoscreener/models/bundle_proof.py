"""The proof of a bundle: golden vectors, definitions of features, no facts about victims, dates.

The golden vectors say that the models answer what they answered when they were fitted, also if
someone changed a coefficient and computed the hash again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from risicoscreener.errors import BundleError
from risicoscreener.features.sensitivity import about_victims

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from risicoscreener.features.definition import Feature
    from risicoscreener.models.bundle import Bundle
    from risicoscreener.models.risk_model import RiskModel

MIN_GOLDEN_VECTORS = 50


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What was checked in a bundle and what was found; ``str`` of it is for a command line."""

    bundle_id: str
    sha256: str
    checks: tuple[tuple[str, bool, str], ...]

    @property
    def ok(self) -> bool:
        """Every check passed."""
        return all(passed for _, passed, _ in self.checks)

    def __str__(self) -> str:
        verdict = "verified" if self.ok else "NOT verified"
        lines = [f"bundle {self.bundle_id}: {verdict}", f"  sha256 {self.sha256}"]
        for name, passed, detail in self.checks:
            lines.append(f"  {'ok  ' if passed else 'FAIL'}  {name}: {detail}")
        return "\n".join(lines)


def verify(
    bundle: Bundle, definitions: Mapping[str, str] | None, on: date | None
) -> VerificationReport:
    """Check all, without stopping at the first failure; see `Bundle.verify`."""
    checks = [golden_check(model) for model in bundle.models]
    if bundle.signature is not None:
        checks.append(("signature", True, f"fits, of key {bundle.signature.key_id}"))
    if definitions is not None:
        try:
            check_definitions(bundle, definitions)
            checks.append(("feature definitions", True, f"{len(bundle.features)} as fitted"))
        except BundleError as error:
            checks.append(("feature definitions", False, str(error)))
    if on is not None:
        checks.append(("review date", not bundle.expired(on), f"to be reviewed {bundle.review_on}"))
        if bundle.use_until is not None:
            may = bundle.standing(on) != "refused"
            checks.append(("last day of use", may, f"to be used until {bundle.use_until}"))
    return VerificationReport(bundle.id, bundle.sha256, tuple(checks))


def check_definitions(bundle: Bundle, definitions: Mapping[str, str]) -> None:
    """The features are defined as in the fit; see `Bundle.check_definitions`."""
    absent = [name for name in bundle.features if name not in definitions]
    changed = [
        name
        for name in bundle.features
        if name in definitions and bundle.definitions.get(name) != definitions[name]
    ]
    if absent or changed:
        parts = [f"not defined here: {', '.join(absent)}"] if absent else []
        parts += [f"defined differently: {', '.join(changed)}"] if changed else []
        raise BundleError(
            f"bundle {bundle.id!r} was fitted with other feature definitions ({'; '.join(parts)})"
            ". Install the library version that it names "
            f"({bundle.library_version}), or fit the models again."
        )


def check_no_victims(bundle: Bundle, definitions: Mapping[str, Feature]) -> None:
    """No model uses facts about victims; see `Bundle.check_no_victims`."""
    barred = about_victims(bundle.features, definitions)
    if barred:
        raise BundleError(
            f"bundle {bundle.id!r} uses {', '.join(barred)}, made of facts about victims, which "
            "no model may use; fit its models again without them."
        )


def golden_check(model: RiskModel) -> tuple[str, bool, str]:
    """Name, outcome and detail of the check of the golden vectors of a model."""
    differences, unproven = model.differences(), model.unproven()
    passed = not differences and unproven is None and len(model.golden) >= MIN_GOLDEN_VECTORS
    counts = [f"{len(model.golden)} vectors"]
    counts += [f"{len(model.golden_patterns)} of patterns"] if model.patterns else []
    counts += [f"{len(model.golden_bands)} sets"] if model.bands is not None else []
    detail = differences[0] if differences else unproven or f"{', '.join(counts)} reproduced"
    return f"golden vectors of {model.name}", passed, detail


def check_golden(bundle: Bundle) -> None:
    """Every model has its golden vectors and reproduces them."""
    for model in bundle.models:
        if len(model.golden) < MIN_GOLDEN_VECTORS:
            raise BundleError(
                f"model {model.name!r} has {len(model.golden)} golden vectors; at least "
                f"{MIN_GOLDEN_VECTORS} are needed. Make the model with fit_risk_model."
            )
        unproven = model.unproven()
        if unproven is not None:
            raise BundleError(
                f"model {model.name!r} has {unproven}. Make the model with fit_risk_model, "
                "with_patterns and with_bands."
            )
        differences = model.differences()
        if differences:
            raise BundleError(
                f"bundle {bundle.id!r} does not reproduce its golden vectors ({len(differences)} "
                f"differ; first: {differences[0]}). It must not score: a coefficient was changed "
                "or this machine computes differently. Take the original file."
            )
