"""Facts of the models: what a bundle says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, requires
from typing import TYPE_CHECKING

from risicoscreener.evaluation.figure import number
from risicoscreener.features.sensitivity import effective_sensitivity
from risicoscreener.features.wording import group_label
from risicoscreener.features.wording import label as feature_word
from risicoscreener.governance.fact import joined, same, say
from risicoscreener.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from risicoscreener.governance.known import Known
    from risicoscreener.models import RiskModel

Found = tuple[list[Texts], Texts | str]
MEASURES = (("auc", 3), ("brier", 4), ("calibration_intercept", 3), ("calibration_slope", 2))


def _of_models(key: str, known: Known, **parts: Callable[[RiskModel], object]) -> list[Texts]:
    return [
        say("fact", key, title=model.title, **{name: of(model) for name, of in parts.items()})
        for model in known.models
    ]


def _models(known: Known) -> Found:
    return (
        _of_models(
            "model",
            known,
            outcome=lambda m: m.outcome,
            horizon=_horizon,
            population=lambda m: m.population,
        ),
        known.bundle_source,
    )


def _horizon(model: RiskModel) -> Texts:
    if model.horizon_days is None:
        return say("fact", "no_horizon")
    return say("fact", "horizon", days=model.horizon_days)


def _owner(known: Known) -> Found:
    bundle = known.bundle
    key = "owner" if bundle.use_until is None else "owner_until"
    said = say("fact", key, owner=bundle.owner, on=bundle.review_on, until=bundle.use_until)
    standing = say("standing", bundle.standing(known.as_of), day=known.as_of)
    return [said, standing], known.bundle_source


def _version(known: Known) -> Found:
    bundle = known.bundle
    parts = {"id": bundle.id, "created": bundle.created, "library": bundle.library_version}
    return [say("fact", "version", sha=bundle.sha256, **parts)], known.bundle_source


def _history(known: Known) -> Found:
    lines = [
        same(" ".join(str(p) for p in (e.on, e.action, f"({e.by})", e.note) if p))
        for e in known.bundle.history
    ]
    return lines, known.bundle_source


def _training(known: Known) -> Found:
    lines = []
    for model in known.models:
        training = model.training
        period = say("fact", "no_period")
        if training.period_from is not None:
            period = say(
                "fact", "period", first=training.period_from, last=training.period_until or "?"
            )
        counted = {"n": training.n, "events": training.events}
        lines.append(say("fact", "training", title=model.title, period=period, **counted))
        if training.censoring:
            lines.append(say("fact", "censoring", text=training.censoring))
        if training.sample_size is not None:
            needed = training.sample_size
            lines.append(Texts(**{lang: needed.text(lang, training.n) for lang in LANGUAGES}))
    return lines, known.bundle_source


def _data_sets(known: Known) -> Found:
    lines = [
        say(
            "fact",
            "data_set",
            title=model.title,
            data_set=origin.data_set,
            command=origin.command,
            on=origin.made_on,
        )
        for model in known.models
        for origin in {repr(one): one for one in model.provenance.values()}.values()
    ]
    return lines, known.bundle_source


def _performance(known: Known) -> Found:
    lines = []
    for model in known.models:
        found = model.performance
        if found is None:
            continue
        figures = joined(
            _figure(name, getattr(found, name), digits, found.intervals.get(name))
            for name, digits in MEASURES
        )
        lines.append(
            say("fact", "performance", title=model.title, figures=figures, method=found.method)
        )
    return lines, known.bundle_source


def _figure(name: str, value: float, digits: int, interval: tuple[float, float] | None) -> Texts:
    def shown(lang: str) -> str:
        said = number(value, digits, lang)
        if interval is not None:
            low, high = (number(end, digits, lang) for end in interval)
            between = "tot" if lang == "nl" else "to"
            said += f" ({low} {between} {high})"
        return said

    return say("measure", name, value=Texts(nl=shown("nl"), en=shown("en")))


def _missing(known: Known) -> Found:
    lines = []
    for model in known.models:
        worst = sorted(model.training.missing_share.items(), key=lambda item: -item[1])[:3]
        shares = joined(
            Texts(**{lang: f"{name} {number(100 * s, 1, lang)}%" for lang in LANGUAGES})
            for name, s in worst
            if s > 0
        )
        if shares.nl:
            lines.append(say("fact", "missing", title=model.title, shares=shares))
    return lines, known.bundle_source


def _names(known: Known) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for model in known.models for name in model.features))


def _features(known: Known) -> Found:
    """Names of the features by their group."""
    definitions = known.definitions
    groups: dict[str, list[str]] = {}
    for name in _names(known):
        group = definitions[name].group if name in definitions else "?"
        groups.setdefault(group, []).append(name)
    lines = [
        say("fact", "group", group=_label(group_label, group), names=", ".join(members))
        for group, members in groups.items()
    ]
    return lines, known.bundle_source


def _label(of: Callable[[str, str], str], name: str) -> Texts:
    return Texts(**{lang: of(name, lang) for lang in LANGUAGES})


def _sensitive(known: Known) -> Found:
    definitions = known.definitions
    found = effective_sensitivity([n for n in _names(known) if n in definitions], definitions)
    marked = {name: kind for name, kind in found.items() if kind != "allowed"}
    lines = [
        say("fact", "sensitive", name=name, kind=_label(_sensitivity, kind))
        for name, kind in marked.items()
    ]
    waivers = dict.fromkeys(w for model in known.models for w in model.waivers)
    lines += [
        say("fact", "waiver", name=w.feature, reason=w.reason, by=w.granted_by, on=w.granted_on)
        for w in waivers
    ]
    return lines or [say("fact", "nothing_sensitive")], known.bundle_source


def _sensitivity(kind: str, lang: str) -> str:
    return feature_word("sensitivity", kind, lang)


def _competing(known: Known) -> Found:
    lines = [
        say("fact", "competing", title=model.title, events=", ".join(model.competing_events))
        for model in known.models
        if model.competing_events
    ]
    return lines, known.bundle_source


def _certainty(known: Known) -> Found:
    lines = []
    for model in known.models:
        program = model.program
        parts = [
            say("fact", key)
            for key, there in (
                ("with_interval", program.uncertainty is not None),
                ("with_support", program.support is not None),
                ("with_bands", model.bands is not None),
                ("with_patterns", bool(model.patterns)),
            )
            if there
        ]
        if parts:
            lines.append(say("fact", "certainty", title=model.title, parts=joined(parts)))
    return lines, known.bundle_source


def _proof(known: Known) -> Found:
    signature = known.bundle.signature
    counted = sum(len(model.golden) for model in known.models)
    lines = [say("fact", "golden", n=counted)]
    key = "unsigned" if signature is None else "signed"
    by = "" if signature is None else signature.key_id
    return [*lines, say("fact", key, key=by)], known.bundle_source


def _learning(known: Known) -> Found:
    return [say("fact", "not_self_learning")], known.bundle_source


def _synthetic(known: Known) -> Found:
    return ([known.bundle.disclaimer] if known.bundle.synthetic else []), known.bundle_source


def _status(known: Known) -> Found:
    """Models made on synthetic data are for no decision about people: still in development."""
    lines = [same("In ontwikkeling")] if known.bundle.synthetic else []
    return lines, known.bundle_source


def _requirements(_known: Known) -> Found:
    from risicoscreener import __version__

    try:
        listed: Iterable[str] = requires("risicoscreener") or ()
    except PackageNotFoundError:
        listed = ()
    needed = [line for line in listed if "extra ==" not in line]
    lines = [say("fact", "requires", names=", ".join(sorted(needed)))] if needed else []
    return lines, f"risicoscreener {__version__}, package metadata"


FACTS: dict[str, Callable[[Known], Found]] = {
    "models": _models,
    "owner": _owner,
    "version": _version,
    "history": _history,
    "training": _training,
    "data_sets": _data_sets,
    "performance": _performance,
    "missing": _missing,
    "features": _features,
    "sensitive": _sensitive,
    "competing": _competing,
    "certainty": _certainty,
    "proof": _proof,
    "learning": _learning,
    "synthetic": _synthetic,
    "status": _status,
    "requirements": _requirements,
}
