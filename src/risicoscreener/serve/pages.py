"""The pages of a demonstration: a case to try by hand, and what evaluators look at.

They work without scripts. What the browser runs and how it looks are files of the package; nothing
is asked of any other place.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from risicoscreener.decision.html import policy_html
from risicoscreener.errors import BundleError, DossierError
from risicoscreener.screening.render import outline, say_outcome
from risicoscreener.serve.bodies import read_whole
from risicoscreener.serve.edge import seen_of
from risicoscreener.serve.looking import READS, version_from
from risicoscreener.serve.problems import Problem
from risicoscreener.serve.trying import (
    EXAMPLES,
    Plain,
    Tried,
    differences,
    dossier_of,
    example,
    form_of,
    outcomes,
    tried,
)
from risicoscreener.serve.wording import language_of, say
from risicoscreener.templating import template
from risicoscreener.texts import Lang

if TYPE_CHECKING:
    from risicoscreener.serve.app import Service

STATIC = {"page.css": "text/css", "page.js": "text/javascript"}
MOST_FIELDS = 20_000
FORM = "application/x-www-form-urlencoded"
POLICY = (
    "default-src 'none'; style-src {style}; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def add_pages(api: FastAPI, service: Service) -> None:
    """Declare the pages."""

    async def case(request: Request) -> Response:
        _begin(request, "/")
        query = dict(request.query_params)
        name = query.get("example", EXAMPLES[0])
        return _page(_try_page(service, name, None, query, _lang(request, query)))

    async def screened(request: Request) -> Response:
        _begin(request, "/")
        if not request.headers.get("content-type", "").startswith(FORM):
            raise Problem(415, "media-type", f"expected {FORM}")
        limits = service.settings
        body = await read_whole(request, limits.max_dossier_bytes, limits.read_seconds)
        given = _form(body)
        lang = _lang(request, given)
        return _page(
            await service.in_thread(
                _try_page, service, given.get("example", EXAMPLES[0]), given, given, lang
            )
        )

    async def evaluators(request: Request) -> Response:
        _begin(request, "/evaluation")
        return _page(_evaluation_page(service, _lang(request, dict(request.query_params))))

    async def policy(request: Request) -> Response:
        _begin(request, "/evaluation/{kind}/{valid_from}")
        lang = _lang(request, dict(request.query_params))
        kind = request.path_params["kind"].replace("-", "_")
        version = version_from(service.screener.policies, kind, request.path_params["valid_from"])
        if version is None:
            raise Problem(404, "not-found", "there is no such version")
        return _page(policy_html(version.policy, lang))

    async def static(request: Request) -> Response:
        _begin(request, "/static/{name}")
        name = request.path_params["name"]
        if name not in STATIC:
            raise Problem(404, "not-found", "there is no such file")
        content = (files("risicoscreener.serve") / "page" / name).read_bytes()
        return Response(content, 200, media_type=STATIC[name])

    for path, endpoint, methods in (
        ("/", case, READS),
        ("/", screened, ["POST"]),
        ("/evaluation", evaluators, READS),
        ("/evaluation/{kind}/{valid_from}", policy, READS),
        ("/static/{name}", static, READS),
    ):
        api.add_api_route(path, endpoint, methods=methods, response_model=None)


def _begin(request: Request, route: str) -> None:
    """Note the page."""
    seen_of(request).route = route


def _lang(request: Request, given: dict[str, str]) -> Lang:
    wanted = given.get("lang", "")
    if wanted in ("nl", "en"):
        return "en" if wanted == "en" else "nl"
    return language_of(request.headers.get("accept-language", ""))


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise Problem(400, "request", "the form cannot be read") from None
    return dict(pairs)


def _page(html: str) -> Response:
    """A page; a style that stands in it is allowed by its hash, and no other."""
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()}'"
        for found in _STYLE.findall(html)
    ]
    headers = {"Content-Security-Policy": POLICY.format(style=" ".join(["'self'", *hashes]))}
    return Response(html, 200, headers, "text/html; charset=utf-8")


def _rendered(name: str, lang: Lang, **values: Any) -> str:
    return template("risicoscreener.serve", f"page/{name}.html.jinja").render(
        lang=lang,
        other="en" if lang == "nl" else "nl",
        w=lambda key, **parts: say("page", key, lang, **parts),
        **values,
    )


def _try_page(
    service: Service, name: str, given: dict[str, str] | None, chosen: dict[str, str], lang: Lang
) -> str:
    """The form, and what came of it if it was sent."""
    name = name if name in EXAMPLES else EXAMPLES[0]
    kinds = service.screener.kinds
    decision = chosen.get("decision", "leave")
    decision = decision if decision in kinds else "leave"
    original: Plain = json.loads(example(name))
    plain, fault = original, ""
    if given is not None:
        try:
            plain = dossier_of(given)
        except DossierError as error:
            fault = str(error)
    found = None
    if given is not None:
        found = _result(service, original, plain, decision, chosen.get("as_of", ""), lang, fault)
    return _rendered(
        "try",
        lang,
        page="/",
        example=name,
        examples=EXAMPLES,
        decision=decision,
        kinds=[
            (k, service.screener.policies.versions(k)[-1].policy.title.text(lang)) for k in kinds
        ],
        as_of=chosen.get("as_of", ""),
        person_id=plain["person_id"],
        tables=form_of(plain, lang),
        found=found,
    )


def _result(
    service: Service,
    original: Plain,
    plain: Plain,
    decision: str,
    as_of: str,
    lang: Lang,
    fault: str,
) -> dict[str, Any]:
    try:
        service.check_usable()
    except BundleError:
        return {"faults": (say("page", "refused", lang, day=service.screener.bundle.use_until),)}
    now = Tried(faults=(fault,)) if fault else tried(service.screener, plain, decision, as_of)
    if now.explanation is None:
        return {"faults": now.faults}
    result = now.explanation.result
    before = tried(service.screener, original, decision, as_of).explanation
    changed = differences(original, plain, lang)
    return {
        "faults": (),
        "outline": outline(result, lang),
        "outcome": say_outcome(result, result.outcome, lang),
        "changed": changed,
        "before": before and say_outcome(before.result, before.result.outcome, lang),
        "same": before is not None and before.result.outcome == result.outcome,
        "outcomes": outcomes(before.result, result, lang) if before else [],
        "letters": [
            ("letter_person", now.explanation.letter_to_person(lang)),
            ("letter_decider", now.explanation.letter_to_decider(lang)),
        ],
        "json": json.dumps(result.to_dict(), ensure_ascii=False, indent=1),
    }


def _evaluation_page(service: Service, lang: Lang) -> str:
    book, bundle = service.screener.policies, service.screener.bundle
    return _rendered(
        "evaluation",
        lang,
        page="/evaluation",
        versions=[version for kind in book.kinds() for version in book.versions(kind)],
        bundle=bundle,
        expired=bundle.expired(service.today()),
        figures=[(model, _figures(model.performance, lang)) for model in bundle.models],
        number=_number,
    )


def _figures(performance: Any, lang: Lang) -> list[str]:
    names = ("calibration_intercept", "calibration_slope", "auc", "brier")
    if performance is None:
        return [say("page", "unknown", lang)] * len(names)
    said = []
    for name in names:
        figure = f"{getattr(performance, name):.3f}"
        if name in performance.intervals:
            low, high = performance.intervals[name]
            figure += f" ({low:.3f} – {high:.3f})"
        said.append(figure.replace(".", ",") if lang == "nl" else figure)
    return said


def _number(value: int, lang: Lang) -> str:
    return f"{value:,}".replace(",", "." if lang == "nl" else ",")
