"""What can be looked up: policies, models, purposes, whether the service lives, its description."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from risicoscreener.errors import BundleError, RecordError
from risicoscreener.reentry.sharing import purposes
from risicoscreener.serve.asking import check_query
from risicoscreener.serve.bodies import JSON, check_accepted
from risicoscreener.serve.edge import seen_of
from risicoscreener.serve.openapi import openapi_document
from risicoscreener.serve.problems import Problem, problem_of, unavailable
from risicoscreener.serve.wording import language_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Awaitable, Callable

    from risicoscreener.decision import CompiledPolicy, PolicyBook
    from risicoscreener.models import Bundle
    from risicoscreener.serve.app import Service

READS = ["GET", "HEAD"]
SCOPE = "policies"
CHECKED_SECONDS = 1.0
"""How long it is believed that the record can be reached."""


def add_looking(api: FastAPI, service: Service) -> None:
    """Declare what can be looked up."""

    def add(path: str, found: Callable[[Request], Awaitable[Any]], scope: str = SCOPE) -> None:
        async def endpoint(request: Request) -> Response:
            seen_of(request).route = path
            if scope:
                await service.client(request, scope)
            check_query(request, ())
            check_accepted(request, JSON)
            return Response(msgspec.json.encode(await found(request)), 200, media_type=JSON)

        api.add_api_route(path, endpoint, methods=READS, response_model=None)

    async def listed(_: Request) -> Any:
        book = service.screener.policies
        return {
            "policies": [
                {"kind": kind, "versions": [policy_outline(one) for one in book.versions(kind)]}
                for kind in book.kinds()
            ]
        }

    async def policy(request: Request) -> Any:
        return _policy(service, request.path_params["kind"], request.path_params["valid_from"])

    async def bundle(_: Request) -> Any:
        return bundle_outline(service.screener.bundle, service.today())

    async def told(_: Request) -> Any:
        return {"purposes": [one.to_dict() for one in purposes()]}

    async def health(_: Request) -> Any:
        return {"status": "alive"}

    readiness = _Readiness(service)

    async def ready(_: Request) -> Any:
        await readiness.check()
        return {"status": "ready"}

    async def described(request: Request) -> Any:
        lang = language_of(request.headers.get("accept-language", ""))
        return openapi_document(service.settings, lang)

    add("/v1/policies", listed)
    add("/v1/policies/{kind}/{valid_from}", policy)
    add("/v1/bundle", bundle)
    add("/v1/purposes", told)
    add("/v1/health", health, scope="")
    add("/v1/readiness", ready, scope="")
    add("/v1/openapi.json", described, scope="")


class _Readiness:
    """Whether screenings can be taken now; the record is asked once in a while, not by everyone."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._checked_at = float("-inf")
        self._ok = False

    async def check(self) -> None:
        """Raise Problem 503 if screenings cannot be taken."""
        if self._service.stopping:
            raise unavailable("stopping", "the service is being stopped")
        try:
            self._service.check_usable()
        except BundleError as error:
            raise problem_of(error) from None
        recorder = self._service.recorder
        if recorder is None:
            return
        now = time.monotonic()
        if now - self._checked_at > CHECKED_SECONDS:
            self._checked_at = now
            try:
                await self._service.in_thread(recorder.check)
                self._ok = True
            except (RecordError, Problem):
                self._ok = False
        if not self._ok:
            raise unavailable("record", "the record cannot be reached")


def _policy(service: Service, kind: str, valid_from: str) -> dict[str, Any]:
    """A version of a policy as it was read; in addresses words have hyphens."""
    book = service.screener.policies
    kinds = {name.replace("_", "-"): name for name in book.kinds()}
    version = version_from(book, kinds.get(kind), valid_from)
    if version is None:
        raise Problem(404, "not-found", "there is no such version; expected one of /v1/policies")
    plain: dict[str, Any] = msgspec.to_builtins(version.policy)
    return {**policy_outline(version), **plain}


def version_from(book: PolicyBook, kind: str | None, valid_from: str) -> CompiledPolicy | None:
    """The version of a kind of decision that holds from a day; None if there is no such version."""
    versions = book.versions(kind) if kind in book.kinds() else ()
    return next((v for v in versions if v.policy.valid_from.isoformat() == valid_from), None)


def policy_outline(compiled: CompiledPolicy) -> dict[str, Any]:
    """What names a version of a policy, and where it is."""
    policy = compiled.policy
    return {
        "id": compiled.id,
        "title": msgspec.to_builtins(policy.title),
        "status": msgspec.to_builtins(policy.status),
        "valid_from": policy.valid_from,
        "valid_until": policy.valid_until,
        "digest": compiled.digest,
        "href": f"/v1/policies/{policy.kind.replace('_', '-')}/{policy.valid_from}",
    }


def bundle_outline(bundle: Bundle, on: dt.date) -> dict[str, Any]:
    """What the models are, what they were made on, and how well they do; not how they score."""
    return {
        "id": bundle.id,
        "sha256": bundle.sha256,
        "signature": bundle.signature,
        "created": bundle.created,
        "review_on": bundle.review_on,
        "use_until": bundle.use_until,
        "standing": bundle.standing(on),
        "owner": bundle.owner,
        "synthetic": bundle.synthetic,
        "disclaimer": bundle.disclaimer,
        "models": [
            {
                "name": model.name,
                "title": model.title,
                "outcome": model.outcome,
                "horizon_days": model.horizon_days,
                "population": model.population,
                "features": model.features,
                "training": model.training,
                "performance": model.performance,
            }
            for model in bundle.models
        ],
    }
