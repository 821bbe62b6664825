"""System card and model cards of the Dutch Algorithm Reporting Standard, version 0.1a14."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from risicoscreener.errors import GovernanceError
from risicoscreener.governance.entries import LAW_SITE, law_links, outgoing

if TYPE_CHECKING:
    from risicoscreener.governance.document import Document, Field
    from risicoscreener.governance.known import Known
    from risicoscreener.models import RiskModel

VERSION = "0.1a14"
TEXTS = (
    "name",
    "description",
    "status",
    "begin_date",
    "goal_and_impact",
    "considerations",
    "risk_management",
    "human_intervention",
    "used_data",
    "technical_design",
)
LISTS = (
    "interaction_details",
    "version_requirements",
    "deployment_variants",
    "hardware_requirements",
)
PROFILE = ("type", "risk_group", "role")
MEASURES = ("auc", "brier", "calibration_intercept", "calibration_slope")


def system_card(document: Document) -> dict[str, Any]:
    """The card as the standard writes it: answers and facts, nothing that nobody confirmed."""
    found = {field.id: field for field in document.fields}

    def out(name: str) -> Any:
        return outgoing(found[name])

    card: dict[str, Any] = {"schema_version": VERSION}
    card |= {name: out(name) for name in TEXTS}
    card |= {name: _lines(out(name)) for name in LISTS}
    card["owners"] = _listed(organization=out("organization"), email=out("email"))
    card["ai_act_profile"] = _present({name: out(name) for name in PROFILE})
    card["legal_base"] = _laws(found["legal_base"])
    card["user_interface"] = _listed(description=out("user_interface"))
    card["external_providers"] = _listed(name=out("external_providers"))
    if "type" not in card["ai_act_profile"]:
        del card["ai_act_profile"]  # the standard requires it there
    return _present(card)


def model_cards(document: Document, known: Known) -> list[dict[str, Any]]:
    """The cards of the models, as the standard writes them.

    Raises
    ------
    GovernanceError
        If nobody said under which licence the models are: the standard requires it.
    """
    fields = {field.id: field for field in document.fields}
    lacking = [m.name for m in known.models if fields[f"{m.name}.licence"].value is None]
    if lacking:
        raise GovernanceError(
            f"model_card.licence of {', '.join(lacking)} is open; expected an answer: a card of "
            "the standard needs one"
        )
    return [_model_card(m, known, outgoing(fields[f"{m.name}.licence"])) for m in known.models]


def _model_card(model: RiskModel, known: Known, licence: str) -> dict[str, Any]:
    return {
        "name": model.title.nl,
        "license": {"license_name": licence},
        "owners": [{"organization": known.bundle.owner}],
        "model_index": [
            {
                "name": model.name,
                "model": f"urn:sha256:{known.bundle.sha256}",
                "results": [
                    {
                        "task": [{"type": "risk", "name": model.outcome.nl}],
                        "datasets": _data_sets(model),
                        "metrics": _metrics(model),
                        "measurements": {},
                    }
                ],
            }
        ],
    }


def _data_sets(model: RiskModel) -> list[dict[str, Any]]:
    named = dict.fromkeys(origin.data_set for origin in model.provenance.values())
    return [{"type": name, "name": name, "features": list(model.features)} for name in named]


def _metrics(model: RiskModel) -> list[dict[str, Any]]:
    found = model.performance
    if found is None:
        return []
    return [
        {
            "type": name,
            "name": f"{name}, {found.method}",
            "dtype": "float",
            "value": getattr(found, name),
        }
        for name in MEASURES
    ]


def _laws(field: Field) -> list[dict[str, str]]:
    """The laws of the policies, once a lawyer answered for them."""
    if field.value is None:
        return []
    cited = law_links(field)
    return [{"name": name, "link": LAW_SITE + number} for name, number in cited]


def _lines(text: Any) -> list[str]:
    return text.splitlines() if isinstance(text, str) else []


def _listed(**parts: Any) -> list[dict[str, Any]]:
    found = _present(parts)
    return [found] if found else []


def _present(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value not in (None, "", [], {})}
