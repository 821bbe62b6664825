"""The description of the service: OpenAPI 3.1, by the Dutch API design rules of docs/service.md."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from risicoscreener.dossier.json_schema import dossier_json_schema
from risicoscreener.reentry.sharing import View, purposes
from risicoscreener.serve.asking import ON_ERROR
from risicoscreener.serve.bodies import JSON, LINES
from risicoscreener.serve.edge import API_VERSION
from risicoscreener.serve.problems import MEDIA_TYPE
from risicoscreener.serve.settings import Settings
from risicoscreener.serve.wording import data, say
from risicoscreener.texts import LANGUAGES, Lang

PLACE = "#/components/schemas/{name}"
FAULTS = {
    "screening": (400, 401, 403, 406, 408, 409, 410, 413, 415, 422, 429, 500, 503),
    "reading": (400, 401, 403, 406, 429, 500, 503),
    "open": (400, 406, 500, 503),
}


def openapi_document(settings: Settings, lang: Lang = "nl") -> dict[str, Any]:
    """The description, in ``nl`` or ``en``."""
    info: dict[str, Any] = {
        "title": say("openapi", "title", lang),
        "description": _about(settings, lang),
        "version": API_VERSION,
        "contact": {
            "name": settings.contact_name,
            "email": settings.contact_email,
            "url": settings.contact_url,
        },
        "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    }
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": settings.public_url.rstrip("/") + "/v1"}],
        "tags": [
            {"name": name, "description": words[lang]} for name, words in data()["tag"].items()
        ],
        "paths": _paths(lang),
        "components": {
            "schemas": {**_schemas(), **_own_schemas()},
            "headers": _headers(lang),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": say("openapi", "security", lang),
                }
            },
        },
    }
    if settings.demo:
        return document
    return {**document, "security": [{"token": []}]}


def _about(settings: Settings, lang: Lang) -> str:
    limits = {
        "per_minute": settings.requests_per_minute,
        "burst": settings.burst,
        "at_once": settings.max_at_once_of_client,
    }
    return f"{say('openapi', 'description', lang)} {say('openapi', 'limits', lang, **limits)}"


def _paths(lang: Lang) -> dict[str, Any]:
    dossier = {"schema": _ref("Dossier")}
    return {
        "/screenings": {
            "post": _operation(
                lang,
                "screenings",
                "screenings",
                "screening",
                {JSON: _ref("Screened"), LINES: _ref("ScreenedLine")},
                {JSON: dossier, LINES: dossier},
            )
        },
        "/explanations": {
            "post": _operation(
                lang,
                "explanations",
                "screenings",
                "screening",
                {JSON: _ref("Explained")},
                {JSON: dossier},
            )
        },
        "/policies": _get(lang, "policies", "policies", "reading"),
        "/policies/{kind}/{valid_from}": _get(
            lang, "policy", "policies", "reading", also=(404,), parameters=_of_policy(lang)
        ),
        "/bundle": _get(lang, "bundle", "models", "reading"),
        "/purposes": _get(lang, "purposes", "screenings", "reading"),
        "/health": _get(lang, "health", "service", "open"),
        "/readiness": _get(lang, "readiness", "service", "open"),
        "/openapi.json": _get(lang, "description", "service", "open"),
    }


def _get(
    lang: Lang,
    name: str,
    tag: str,
    faults: str,
    *,
    also: tuple[int, ...] = (),
    parameters: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    said = _operation(lang, name, tag, faults, {JSON: {"type": "object"}}, also=also)
    if parameters:
        said["parameters"] = parameters
    if faults == "open":
        said["security"] = []
    return {"get": said}


def _operation(
    lang: Lang,
    name: str,
    tag: str,
    faults: str,
    answers: dict[str, dict[str, Any]],
    bodies: dict[str, Any] | None = None,
    also: tuple[int, ...] = (),
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": name,
        "tags": [tag],
        "summary": say("operation", name, lang),
        "description": say("operation_more", name, lang),
        "responses": {
            "200": {
                "description": say("openapi", "answered", lang),
                "headers": _header_refs("200"),
                "content": {kind: {"schema": schema} for kind, schema in answers.items()},
            },
            **{str(status): _fault(status, lang) for status in sorted((*FAULTS[faults], *also))},
        },
    }
    if bodies is not None:
        said["parameters"] = _parameters(lang)
        said["requestBody"] = {"required": True, "content": bodies}
    return said


def _fault(status: int, lang: Lang) -> dict[str, Any]:
    return {
        "description": say("status", str(status), lang),
        "headers": _header_refs(str(status)),
        "content": {MEDIA_TYPE: {"schema": _problem_schema()}},
    }


def _parameters(lang: Lang) -> list[dict[str, Any]]:
    def query(name: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
        return {
            "name": name,
            "in": "query",
            "required": required,
            "description": say("parameter", name, lang),
            "schema": schema,
        }

    table = purposes()
    return [
        query("recipient", _enum(dict.fromkeys(one.recipient for one in table)), required=True),
        query("purpose", _enum(dict.fromkeys(one.id for one in table)), required=True),
        query("decision", {"type": "string", "default": "leave"}),
        query("asOf", {"type": "string", "format": "date"}),
        query("onError", {**_enum(ON_ERROR), "default": "raise"}),
        query("lang", {**_enum(LANGUAGES), "default": "nl"}),
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": say("parameter", "key", lang),
            "schema": {"type": "string", "minLength": 8, "maxLength": 128},
        },
    ]


def _of_policy(lang: Lang) -> list[dict[str, Any]]:
    days = {"type": "string", "format": "date"}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": say("parameter", name, lang),
            "schema": schema,
        }
        for name, schema in (("kind", {"type": "string"}), ("valid_from", days))
    ]


def _enum(values: Any) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def _headers(lang: Lang) -> dict[str, Any]:
    return {
        name: {"description": say("header", name, lang), "schema": {"type": kind}}
        for name, kind in (
            ("API-Version", "string"),
            ("X-Request-Id", "string"),
            ("Retry-After", "integer"),
            ("WWW-Authenticate", "string"),
        )
    }


def _header_refs(status: str) -> dict[str, Any]:
    names = ["API-Version", "X-Request-Id"]
    if status in ("429", "503"):
        names.append("Retry-After")
    if status in ("401", "403"):
        names.append("WWW-Authenticate")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": PLACE.format(name=name)}


@cache
def _schemas() -> dict[str, Any]:
    """The schemas of dossiers and views, as the library has them."""
    _, found = msgspec.json.schema_components([View], ref_template=PLACE)
    dossier = dossier_json_schema()
    moved = msgspec.json.decode(
        msgspec.json.encode(dossier["$defs"]).replace(b'"#/$defs/', b'"#/components/schemas/')
    )
    return {**found, **moved}


def _own_schemas() -> dict[str, Any]:
    text = {"type": "string"}
    record = {
        "type": "object",
        "properties": {"entry": {"type": "integer"}, "sha256": text, "screening": text},
        "required": ["entry", "sha256"],
    }
    screened = {"view": _ref("View"), "record": _ref("RecordEntry")}
    explained = {
        **screened,
        "explanation": {"type": "object"},
        "letter": {
            "type": "object",
            "properties": {"lang": text, "text": text},
            "required": ["lang", "text"],
        },
    }
    line = {
        **screened,
        "line": {"type": "integer"},
        "status": {"type": "integer"},
        "problem": _ref("Problem"),
        "done": {"type": "boolean"},
        "answered": {"type": "integer"},
    }
    return {
        "RecordEntry": record,
        "Screened": {"type": "object", "properties": screened, "required": ["view"]},
        "Explained": {
            "type": "object",
            "properties": explained,
            "required": ["view", "explanation", "letter"],
        },
        "ScreenedLine": {"type": "object", "properties": line},
        "Problem": _problem_schema(),
    }


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "instance": {"type": "string", "format": "uri"},
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": {"detail": text}},
            },
        },
        "required": ["status", "title", "detail"],
    }
