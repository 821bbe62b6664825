"""What changed between two bundles, in words: for who has to agree to the newer one."""

from __future__ import annotations

import math
import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from risicoscreener.models.golden import golden_inputs, inside
from risicoscreener.models.piecewise import Piecewise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from risicoscreener.models.bundle import Bundle
    from risicoscreener.models.missing.patterns import Submodel
    from risicoscreener.models.piecewise import FloatArray
    from risicoscreener.models.program import ScoringProgram
    from risicoscreener.models.risk_model import RiskModel
    from risicoscreener.models.support import Support
    from risicoscreener.models.terms import Term
    from risicoscreener.models.uncertainty.conformal import ConformalBands

ROUNDING = 1e-9
"""Differences of contributions and probabilities below this are rounding."""

PROBABILITIES = 1001
"""From 0 to 1, at which sets of risk bands are compared."""

BUNDLE_FIELDS = (
    "id",
    "owner",
    "created",
    "review_on",
    "use_until",
    "library_version",
    "synthetic",
)
MODEL_FIELDS = ("outcome", "population", "title", "description", "horizon_days")
MEASURES = ("auc", "brier", "calibration_intercept", "calibration_slope")


@cache
def _texts() -> dict[str, Any]:
    path = files("risicoscreener.models") / "difference.toml"
    return tomllib.loads(path.read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed.

    Attributes
    ----------
    model
        Name of the model; None for the bundle as a whole.
    kind
        What sort of sentence it is: ``changed``, ``added``, ``removed``, ``curve``, ``cell``,
        ``range``, ``width``, ``answers``, ``pattern``, ``sets``.
    facts
        What the sentence is filled with; ``what`` names a part of a bundle or model.
    """

    model: str | None
    kind: str
    facts: dict[str, Any]

    def text(self, lang: str = "nl") -> str:
        """One sentence in ``nl`` or ``en``."""
        said = {name: _said(value, lang) for name, value in self.facts.items()}
        if "what" in self.facts:
            said["what"] = _texts()["what"][self.facts["what"]][lang]
        sentence: str = _texts()[self.kind][lang]
        return sentence.format(**said)


@dataclass(frozen=True, slots=True)
class BundleDifference:
    """All that changed between two bundles; ``text`` of it is for a command line."""

    old: str
    new: str
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Nothing changed."""
        return not self.differences

    def of(self, model: str | None) -> tuple[Difference, ...]:
        """What changed in a model; with None, in the bundle as a whole."""
        return tuple(d for d in self.differences if d.model == model)

    def text(self, lang: str = "nl") -> str:
        """Headings and sentences, in ``nl`` or ``en``."""
        if self.same:
            return str(_texts()["none"][lang])
        lines = [_texts()["heading"][lang].format(old=self.old, new=self.new)]
        for model in dict.fromkeys(d.model for d in self.differences):
            heading = _texts()["whole" if model is None else "model"][lang]
            lines += ["", heading.format(model=model)]
            lines += [f"  {d.text(lang)}" for d in self.of(model)]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, with the sentences in both languages."""
        return {
            "old": self.old,
            "new": self.new,
            "differences": [
                {**_plain(asdict(d)), "nl": d.text("nl"), "en": d.text("en")}
                for d in self.differences
            ],
        }


def compare_bundles(old: Bundle, new: Bundle) -> BundleDifference:
    """What changed from one bundle to a newer one.

    Models are paired by name. Curves are compared relative to the average of each bundle's own
    training data, so that a constant moved between intercept and term is no difference; answers
    are compared on the made-up inputs of both.
    """
    found = [Difference(None, *parts) for parts in _of_bundles(old, new)]
    names = {model.name for model in new.models}
    for model in old.models:
        if model.name in names:
            parts_of = _of_models(model, new.model(model.name))
            found += [Difference(model.name, *parts) for parts in parts_of]
    return BundleDifference(old.id, new.id, tuple(found))


Parts = tuple[str, dict[str, Any]]


def _of_bundles(old: Bundle, new: Bundle) -> Iterator[Parts]:
    for field in BUNDLE_FIELDS:
        yield from _changed(field, getattr(old, field), getattr(new, field))
    yield from _members("models", [m.name for m in old.models], [m.name for m in new.models])
    for feature in sorted(set(old.definitions) & set(new.definitions)):
        before, after = old.definitions[feature], new.definitions[feature]
        if before != after:
            facts = {"old": f"{feature} {before[:12]}", "new": f"{feature} {after[:12]}"}
            yield "changed", {"what": "definitions", **facts}
    yield from _members("history", _entries(old), _entries(new))


def _entries(bundle: Bundle) -> list[str]:
    return [f"{e.on} {e.action} ({e.by}) {e.note}".strip() for e in bundle.history]


def _of_models(old: RiskModel, new: RiskModel) -> Iterator[Parts]:
    for field in MODEL_FIELDS:
        yield from _changed(field, getattr(old, field), getattr(new, field))
    yield from _members("competing_events", old.competing_events, new.competing_events)
    yield from _of_programs(old.program, new.program)
    yield from _of_patterns(old.patterns, new.patterns)
    yield from _of_bands(old.bands, new.bands)
    yield from _of_trainings(old, new)
    yield from _members("waivers", _waivers(old), _waivers(new))


def _of_patterns(old: tuple[Submodel, ...], new: tuple[Submodel, ...]) -> Iterator[Parts]:
    before, after = (
        {", ".join(s.program.features): s.program for s in side} for side in (old, new)
    )
    yield from _members("patterns", list(before), list(after))
    for known in before:
        if known in after:
            for _, facts in _of_answers(before[known], after[known]):
                yield "pattern", {"known": known, **facts}


def _of_bands(old: ConformalBands | None, new: ConformalBands | None) -> Iterator[Parts]:
    """Whether there are sets, at which coverage and cut-offs, of which strata, and which sets."""
    coverages = [None if bands is None else 1.0 - bands.alpha for bands in (old, new)]
    yield from _changed("bands", *coverages)
    if old is None or new is None:
        return
    yield from _changed("cut_offs", old.cut_offs, new.cut_offs)
    strata = [[stratum.name for stratum in bands.strata] for bands in (old, new)]
    yield from _members("strata", *strata)
    p = np.linspace(0.0, 1.0, PROBABILITIES)
    for name in strata[0] if old.cut_offs == new.cut_offs else ():
        named = [name] * len(p)
        moved = (old.bands_many(p, named) != new.bands_many(p, named)).any(axis=1)
        if moved.any() and name in strata[1]:
            yield "sets", {"stratum": name, "n": len(p), "k": int(moved.sum())}


def _waivers(model: RiskModel) -> list[str]:
    return [f"{w.feature} ({w.sensitivity}): {w.reason} ({w.granted_by})" for w in model.waivers]


def _of_programs(old: ScoringProgram, new: ScoringProgram) -> Iterator[Parts]:
    yield from _members("features", old.features, new.features)
    yield from _changed("intercept", old.reference, new.reference)
    for feature in old.features:
        if feature in new.features:
            yield from _of_terms(old.term(feature), new.term(feature))
    yield from _of_pairs(old, new)
    for field in ("link", "calibration"):
        yield from _changed(field, getattr(old, field), getattr(new, field))
    yield from _of_uncertainty(old, new)
    yield from _of_supports(old.support, new.support)
    yield from _of_answers(old, new)


def _of_terms(old: Term, new: Term) -> Iterator[Parts]:
    """Where two curves differ most: at a knot, left of a jump, or for an unknown value."""
    knots = np.array(sorted({*old.knots, *new.knots}))
    jumps = np.array(sorted({*_jumps(old), *_jumps(new)}))
    x = np.concatenate([knots, np.nextafter(jumps, -np.inf)])
    at = [*knots.tolist(), *(f"< {jump:.4g}" for jump in jumps), math.nan]
    before = [*_curve(old, x).tolist(), old.missing - old.reference]
    after = [*_curve(new, x).tolist(), new.missing - new.reference]
    most = int(np.argmax(np.abs(np.subtract(after, before))))
    a, b = before[most], after[most]
    if abs(b - a) > ROUNDING:
        facts = {"at": at[most], "old": a, "new": b, "ratio": _times(b - a)}
        yield "curve", {"feature": old.feature, **facts}


def _jumps(term: Term) -> list[float]:
    return [left for left, right in pairwise(term.knots) if left == right]


def _curve(term: Term, x: FloatArray) -> FloatArray:
    return Piecewise(term.knots, term.values, term.feature).many(x) - term.reference


def _times(log_odds: float) -> float:
    return math.exp(min(log_odds, 700.0))


def _of_pairs(old: ScoringProgram, new: ScoringProgram) -> Iterator[Parts]:
    before, after = ({pair.name: pair for pair in p.pairs} for p in (old, new))
    yield from _members("pairs", list(before), list(after))
    for name in before.keys() & after.keys():
        a, b = before[name], after[name]
        sides = [
            inside(sorted({*one, *other}))
            for one, other in (
                (a.first_edges, b.first_edges),
                (a.second_edges, b.second_edges),
            )
        ]
        gaps = [
            b.one(x, y) - b.reference - a.one(x, y) + a.reference
            for x in sides[0]
            for y in sides[1]
        ]
        most = max(gaps, key=abs)
        if abs(most) > ROUNDING:
            yield "cell", {"pair": name, "size": abs(most), "ratio": _times(most)}


def _of_uncertainty(old: ScoringProgram, new: ScoringProgram) -> Iterator[Parts]:
    kinds = [type(p.uncertainty).__name__.lower() for p in (old, new)]
    yield from _changed("uncertainty", *kinds)
    if old.uncertainty is None or new.uncertainty is None:
        return
    before, after = (p.interval_many(_inputs(p, p)) for p in (old, new))
    assert before is not None
    assert after is not None
    ratio = after.standard_error.mean() / before.standard_error.mean()
    if abs(ratio - 1.0) > ROUNDING:
        yield "width", {"ratio": float(ratio)}


def _of_supports(old: Support | None, new: Support | None) -> Iterator[Parts]:
    if old is None or new is None:
        return
    for field in ("required", "rules"):
        yield from _members(field, _listed(getattr(old, field)), _listed(getattr(new, field)))
    for field in ("max_missing_share", "max_leverage", "max_distance"):
        yield from _changed(field, getattr(old, field), getattr(new, field))
    ranges = dict(zip(new.features, new.ranges, strict=True))
    for feature, before in zip(old.features, old.ranges, strict=True):
        after = ranges.get(feature)
        if after is not None and (before.low, before.high) != (after.low, after.high):
            facts = {"old": (before.low, before.high), "new": (after.low, after.high)}
            yield "range", {"feature": feature, **facts}


def _listed(items: tuple[Any, ...]) -> list[str]:
    return [
        item if isinstance(item, str) else f"{item.feature} {item.minimum}..{item.maximum}"
        for item in items
    ]


def _of_answers(old: ScoringProgram, new: ScoringProgram) -> Iterator[Parts]:
    """How the probabilities of made-up people differ; a feature that one lacks is unknown to it."""
    before, after = (
        np.concatenate([p.score_many(_inputs(source, p)).probability for source in (old, new)])
        for p in (old, new)
    )
    gap = after - before
    moved = np.abs(gap) > ROUNDING
    if not moved.any():
        return
    most = int(np.argmax(np.abs(gap)))
    yield (
        "answers",
        {
            "n": len(gap),
            "k": int(moved.sum()),
            "higher": int((gap > ROUNDING).sum()),
            "lower": int((gap < -ROUNDING).sum()),
            "mean": float(np.abs(gap).mean()),
            "most": float(abs(gap[most])),
            "old": float(before[most]),
            "new": float(after[most]),
        },
    )


def _inputs(source: ScoringProgram, target: ScoringProgram) -> FloatArray:
    """The made-up inputs of one program as those of another, ``(n, F)`` of the other."""
    made = np.array(golden_inputs(source))
    places = {feature: place for place, feature in enumerate(source.features)}
    unknown = np.full(len(made), np.nan)
    columns = [made[:, places[f]] if f in places else unknown for f in target.features]
    return np.column_stack(columns)


def _of_trainings(old: RiskModel, new: RiskModel) -> Iterator[Parts]:
    for field in ("n", "events", "censoring"):
        yield from _changed(field, getattr(old.training, field), getattr(new.training, field))
    needed = [
        None if m.training.sample_size is None else m.training.sample_size.n for m in (old, new)
    ]
    yield from _changed("sample_size", *needed)
    periods = [(m.training.period_from, m.training.period_until) for m in (old, new)]
    yield from _changed("period", *periods)
    for field in MEASURES:
        values = [
            None if m.performance is None else getattr(m.performance, field) for m in (old, new)
        ]
        yield from _changed(field, *values)
    sources = [sorted({p.data_set for p in m.provenance.values()}) for m in (old, new)]
    yield from _members("provenance", *sources)


def _changed(what: str, old: Any, new: Any) -> Iterator[Parts]:
    if old != new:
        yield "changed", {"what": what, "old": old, "new": new}


def _members(what: str, old: Any, new: Any) -> Iterator[Parts]:
    """What is in one list and not in the other."""
    for kind, side, others in (("removed", old, new), ("added", new, old)):
        gone = [item for item in side if item not in others]
        if gone:
            yield kind, {"what": what, "old" if kind == "removed" else "new": ", ".join(gone)}


def _said(value: Any, lang: str) -> str:
    """A value as a sentence says it."""
    if value is None or value == "":
        return str(_texts()["nothing"][lang])
    if isinstance(value, float):
        return str(_texts()["unknown"][lang]) if math.isnan(value) else f"{value:.4g}"
    if isinstance(value, tuple):
        return " - ".join(_said(part, lang) for part in value)
    return str(value.text(lang)) if hasattr(value, "text") else str(value)


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON can hold them: what is no number is null."""
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(facts)
    inner = plain["facts"].items()
    plain["facts"] = {name: None if value != value else value for name, value in inner}
    return plain
