"""Several variants of the new way of working in one pilot: each effect, and their differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtr

from risicoscreener.errors import PilotError
from risicoscreener.evaluation.figure import plain
from risicoscreener.evaluation.intervals import quantile
from risicoscreener.evaluation.pilots.cells import Cells
from risicoscreener.evaluation.pilots.design import FloatArray, PilotDesign
from risicoscreener.evaluation.pilots.design_checks import NEVER
from risicoscreener.evaluation.pilots.mixed import fit_mixed
from risicoscreener.evaluation.pilots.model import cell_model, with_effects

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class VariantEffect:
    """The effect of a variant against the old way, or against another variant.

    Attributes
    ----------
    variant, against
        Names; the second is empty for the old way.
    value, low, high
        Effect and interval, not corrected for the number of comparisons.
    p_value, p_holm
        Of no effect; the second corrected for all comparisons (Holm 1979, Scandinavian Journal of
        Statistics 6:65-70).
    degrees
        Of freedom, after Kenward and Roger.
    sites
        That work in this variant at some time.
    """

    variant: str
    against: str
    value: float
    low: float
    high: float
    p_value: float
    p_holm: float
    degrees: float
    sites: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {name: plain(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class VariantEffects:
    """Effects of all variants, then their differences."""

    items: tuple[VariantEffect, ...]

    def to_frame(self) -> pd.DataFrame:
        """A row for each comparison."""
        import pandas as pd

        return pd.DataFrame([one.to_dict() for one in self.items])

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"comparisons": [one.to_dict() for one in self.items]}

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, float_format="{:.4f}".format))


def analyse_variants(
    cells: Cells, design: PilotDesign, variants: Mapping[str, str], *, level: float = 0.95
) -> VariantEffects:
    """Effects of variants, from one mixed model with periods.

    Parameters
    ----------
    variants
        For each site that starts the variant that it works in.
    level
        Of intervals.

    Raises
    ------
    PilotError
        If a site that starts has no variant, or the effects cannot be told apart.
    """
    absent = [
        site
        for site, start in zip(design.sites, design.starts, strict=True)
        if start != NEVER and site not in variants
    ]
    if absent:
        raise PilotError(f"variants lacks site {absent[0]!r}; expected one for each that starts")
    names = sorted({variants[s] for s in design.sites if s in variants})
    of_site = np.array([variants.get(site, "") for site in design.sites])
    columns = np.stack([design.exposure * (of_site == name)[:, None] for name in names], -1)
    model = with_effects(cell_model(cells, design), columns[cells.seen & design.analysed])
    fit = fit_mixed(model)
    pairs = [(name, "") for name in names] + [(b, a) for a, b in combinations(names, 2)]
    found = []
    for variant, against in pairs:
        contrast = _contrast(names, variant, against, model.x.shape[1])
        one = replace(fit, model=replace(model, contrast=contrast))
        error, degrees = one.error()
        half = error * quantile(level, degrees + 1)
        p_value = 2 * float(stdtr(degrees, -abs(one.value) / error))
        found.append((variant, against, one.value, half, p_value, degrees))
    holm = _holm(np.array([row[4] for row in found]))
    return VariantEffects(
        tuple(
            VariantEffect(
                variant,
                against,
                value,
                value - half,
                value + half,
                p_value,
                float(holm[i]),
                degrees,
                int((of_site == variant).sum()),
            )
            for i, (variant, against, value, half, p_value, degrees) in enumerate(found)
        )
    )


def _contrast(names: list[str], variant: str, against: str, columns: int) -> FloatArray:
    contrast = np.zeros(columns)
    contrast[names.index(variant)] = 1.0
    if against:
        contrast[names.index(against)] = -1.0
    return contrast


def _holm(p_values: FloatArray) -> FloatArray:
    order = np.argsort(p_values)
    left = len(p_values) - np.arange(len(p_values))
    adjusted = np.minimum(np.maximum.accumulate(p_values[order] * left), 1.0)
    found = np.empty(len(p_values))
    found[order] = adjusted
    return found
