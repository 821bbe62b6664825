"""Bearer tokens: JSON Web Tokens of one issuer, with what their client may do (RFC 9068).

The scopes that count: ``screenings``, ``explanations`` and ``policies`` for what can be asked;
``purpose:<recipient>/<purpose>`` for what for; ``role:<role>`` for who is recorded as giving it.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener

from msgspec import Struct

from risicoscreener.errors import ServiceError
from risicoscreener.screening.record.decision import Actor
from risicoscreener.screening.record.wording import names
from risicoscreener.serve.problems import Problem, unavailable
from risicoscreener.serve.settings import Settings, is_safe_address

LEEWAY_SECONDS = 30
LONGEST_TOKEN = 8_192
LARGEST_KEYS = 1_000_000
FETCH_SECONDS = 5.0
KEEP_SECONDS = 300.0
"""How long keys are used before they are asked for again."""
OLDEST_SECONDS = 86_400.0
"""How long keys are used if those of now cannot be had: one may have been withdrawn."""
AGAIN_SECONDS = 10.0
"""How long after asking for keys they are not asked for again, whatever tokens come."""
REMEMBERED_SECONDS = 20.0
"""How long a token that was believed is believed without checking its signature again."""
MOST_REMEMBERED = 10_000
PURPOSE, ROLE = "purpose:", "role:"
REALM = 'Bearer realm="risicoscreener"'


class Client(Struct, frozen=True, kw_only=True):
    """Who asks, and what it may.

    Attributes
    ----------
    id
        A pseudonym, the same in the record and in the limits.
    scopes
        What it may; None: everything, in a demonstration.
    """

    id: str
    scopes: frozenset[str] | None

    def may(self, scope: str) -> bool:
        """Whether a scope was given."""
        return self.scopes is None or scope in self.scopes

    def check(self, scope: str) -> None:
        """Raise Problem 403 if a scope was not given."""
        if not self.may(scope):
            raise insufficient(scope, f"the token lacks the scope {scope}")

    def actor(self) -> Actor:
        """As whom it is recorded.

        Raises
        ------
        Problem
            403, if its token names no role of the record, or several.
        """
        roles = [s.removeprefix(ROLE) for s in self.scopes or () if s.startswith(ROLE)]
        known = [role for role in roles if role in names("role")]
        if len(known) != 1:
            raise insufficient(
                f"{ROLE}<role>",
                f"the token names {len(known)} roles; expected one of {', '.join(names('role'))}",
            )
        return Actor(known[0], self.id)


DEMO = Client(id="DEMO-0000", scopes=None)


def insufficient(scope: str, detail: str) -> Problem:
    """The answer that a token does not allow something."""
    challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
    return Problem(403, "insufficient-scope", detail, {"WWW-Authenticate": challenge})


def unauthenticated(detail: str, error: str = "") -> Problem:
    """The answer that it is not known who asks."""
    challenge = f'{REALM}, error="{error}"' if error else REALM
    return Problem(401, "unauthenticated", detail, {"WWW-Authenticate": challenge})


class Verifier:
    """Reads tokens and believes those that the issuer signed for this service.

    Parameters
    ----------
    settings
        Issuer, audience, keys and algorithms.
    clock
        Seconds that only go forward, for the age of keys.

    Raises
    ------
    ServiceError
        If the package for tokens is not installed.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        try:
            import jwt  # noqa: F401
        except ImportError:
            raise ServiceError(
                "tokens need the package pyjwt: install risicoscreener[serve]"
            ) from None
        self._settings, self._clock = settings, clock
        self._keys: dict[str, Any] = {}
        self._believed_until: OrderedDict[bytes, tuple[float, Client]] = OrderedDict()
        self._loaded_at = self._read_at = float("-inf")
        self._mutex = asyncio.Lock()

    def load(self) -> None:
        """Read the keys of the issuer.

        Raises
        ------
        ServiceError
            If they cannot be had, or there is none that can be used.
        """
        self._loaded_at = self._clock()
        source = str(self._settings.keys)
        self._keys = _read_keys(_fetch(source) if "://" in source else _read(source), source)
        self._read_at = self._loaded_at

    async def client(self, authorization: str) -> Client:
        """Who asks, by the header ``Authorization``.

        Raises
        ------
        Problem
            401 if there is no token or it is not believed; 503 if the keys cannot be had.
        """
        scheme, _, token = authorization.partition(" ")
        if not authorization:
            raise unauthenticated("there is no token; expected Authorization: Bearer <token>")
        if scheme.lower() != "bearer" or not token or len(token) > LONGEST_TOKEN:
            raise unauthenticated("expected Authorization: Bearer <token>", "invalid_request")
        token = token.strip()
        name = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        until, known = self._believed_until.get(name, (float("-inf"), None))
        if known is not None and self._clock() < until:
            return known
        client, seconds = self._believed(token, await self._key_for(token))
        self._believed_until[name] = (self._clock() + min(seconds, REMEMBERED_SECONDS), client)
        while len(self._believed_until) > MOST_REMEMBERED:
            self._believed_until.popitem(last=False)
        return client

    async def _key_for(self, token: str) -> Any:
        import jwt

        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise _not_believed("it cannot be read") from None
        if header.get("alg") not in self._settings.algorithms:
            raise _not_believed("its algorithm is not allowed")
        wanted = str(header.get("kid", ""))
        age = self._clock() - self._loaded_at
        if age > KEEP_SECONDS or (
            age > AGAIN_SECONDS and (wanted not in self._keys or self._too_old())
        ):
            await self._load_again()
        if self._too_old():
            raise unavailable("keys", "the keys of the issuer cannot be had")
        if wanted not in self._keys:
            raise _not_believed("its key is not one of the issuer")
        return self._keys[wanted]

    def _too_old(self) -> bool:
        return self._clock() - self._read_at > OLDEST_SECONDS

    async def _load_again(self) -> None:
        async with self._mutex:
            if self._clock() - self._loaded_at <= AGAIN_SECONDS:
                return
            try:
                await asyncio.to_thread(self.load)
            except ServiceError:
                return  # those that are there are used until they are too old

    def _believed(self, token: str, key: Any) -> tuple[Client, float]:
        """Who asks, and the seconds until the token ends."""
        import jwt

        settings = self._settings
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm_name],
                audience=settings.audience,
                issuer=settings.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            ends = float(claims["exp"])
        except jwt.ExpiredSignatureError:
            raise _not_believed("it has expired") from None
        except (jwt.PyJWTError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
            raise _not_believed(f"{type(error).__name__}") from None
        who = f"{claims['iss']}\0{claims.get('client_id') or claims['sub']}"
        digest = hashlib.sha256(who.encode("utf-8", "replace")).hexdigest()
        client = Client(id=f"CLIENT-{digest[:16].upper()}", scopes=_scopes(claims))
        return client, ends - time.time()


def _not_believed(why: str) -> Problem:
    return unauthenticated(f"the token is not believed: {why}", "invalid_token")


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    found = claims.get("scope", claims.get("scp", ""))
    listed = found.split() if isinstance(found, str) else found
    if not isinstance(listed, list):
        return frozenset()
    return frozenset(scope for scope in listed if isinstance(scope, str))


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()[:LARGEST_KEYS]
    except OSError as error:
        raise ServiceError(f"keys: {path}: {error.strerror}") from None


class _Safely(HTTPRedirectHandler):
    """Follows an issuer to another address only if what is there cannot be replaced on the way."""

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """The request at the other address."""
        if not is_safe_address(newurl):
            raise ValueError("it leads to an address without https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _fetch(address: str) -> bytes:
    request = Request(address, headers={"Accept": "application/json"})  # noqa: S310  (checked)
    try:
        with build_opener(_Safely).open(request, timeout=FETCH_SECONDS) as answer:
            content: bytes = answer.read(LARGEST_KEYS)
    except (OSError, ValueError) as error:
        raise ServiceError(f"keys: {address}: {type(error).__name__}") from None
    return content


def _read_keys(content: bytes, source: str) -> dict[str, Any]:
    import jwt

    try:
        found = jwt.PyJWKSet.from_json(content.decode()).keys
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, RecursionError):
        raise ServiceError(f"keys: {source} is no JSON Web Key Set that can be used") from None
    keys = {
        str(key.key_id or ""): key
        for key in found
        if key.public_key_use in (None, "sig") and not key.algorithm_name.startswith("HS")
    }
    if not keys:
        raise ServiceError(f"keys: {source} has no public key to check signatures with")
    return keys
