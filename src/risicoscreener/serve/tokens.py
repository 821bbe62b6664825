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
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from risicoscreener.errors import ServiceError
from risicoscreener.screening.record.decision import Actor
from risicoscreener.screening.record.wording import names
from risicoscreener.serve.keys import Keys, read_keys
from risicoscreener.serve.problems import Problem, unavailable
from risicoscreener.serve.settings import Settings

LEEWAY_SECONDS = 30
LONGEST_TOKEN = 8_192
KEEP_SECONDS = 300.0
"""How long keys are used before they are asked for again."""
OLDEST_SECONDS = 86_400.0
"""How long keys are used if those of now cannot be had: one may have been withdrawn."""
AGAIN_SECONDS = 10.0
"""How long after asking for keys they are not asked for again, whatever tokens come."""
REMEMBERED_SECONDS = 20.0
"""How long a token that was believed is believed without checking its signature again."""
MOST_REMEMBERED = 10_000
ACCESS_TOKEN, ANY_TOKEN = "at+jwt", "JWT"
CLAIMS = {
    ACCESS_TOKEN: ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"],
    ANY_TOKEN: ["iss", "exp", "aud", "sub"],
}
"""What a token of a type has to have; that of an access token by section 2.2 of RFC 9068."""
OF_OTHER_TOKENS = ("nonce", "at_hash", "c_hash", "s_hash", "events")
"""Claims of ID tokens (OpenID Connect) and of tokens that tell an event (RFC 8417): where tokens
need not say that they are access tokens, one with these is none."""
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
    ends_at
        Until when its token is believed, by the clock of the `Verifier`.
    """

    id: str
    scopes: frozenset[str] | None
    ends_at: float = float("inf")

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
        self._keys = Keys()
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
        self._keys = read_keys(str(self._settings.keys), self._settings.algorithms)
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
        if known is not None:
            self.check_still(known)
            if self._clock() < until:
                return known
        header = self._header(token)
        key = await self._key_for(header)
        client, seconds = self._believed(token, header, key)
        if known is not None and known.ends_at < client.ends_at:
            client = replace(client, ends_at=known.ends_at)
        self._believed_until[name] = (self._clock() + min(seconds, REMEMBERED_SECONDS), client)
        while len(self._believed_until) > MOST_REMEMBERED:
            self._believed_until.popitem(last=False)
        return client

    def check_still(self, client: Client) -> None:
        """Raise Problem 401 once the token has ended with which a client was believed.

        That is by a clock that only goes forward, whatever day the machine thinks it is since.
        """
        if self._clock() >= client.ends_at:
            raise _not_believed("it has expired")

    def _header(self, token: str) -> dict[str, Any]:
        """The head of a token, which says how it is to be read; its signature covers it too."""
        import jwt

        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise _not_believed("it cannot be read") from None
        if header.get("alg") not in self._settings.algorithms:
            raise _not_believed("its algorithm is not allowed")
        if "crit" in header:
            raise _not_believed("it demands something that is not understood")
        if _type_of(header) not in self._settings.token_types:
            expected = " or ".join(self._settings.token_types)
            raise _not_believed(f"its type (typ) is another; expected {expected}")
        return header

    async def _key_for(self, header: dict[str, Any]) -> Any:
        name, algorithm = str(header.get("kid", "")), header["alg"]
        age = self._clock() - self._loaded_at
        if age > KEEP_SECONDS or (
            age > AGAIN_SECONDS and (name not in self._keys.names() or self._too_old())
        ):
            await self._load_again()
        if self._too_old():
            raise unavailable("keys", "the keys of the issuer cannot be had")
        key = self._keys.usable.get((name, algorithm))
        if key is None:
            if self._mutex.locked() and name not in self._keys.names():
                raise unavailable("keys", "the keys of the issuer are being read", seconds=1)
            why = self._keys.unusable.get(name, "is not one of the issuer for this algorithm")
            raise _not_believed(f"its key {why}")
        return key

    def _too_old(self) -> bool:
        return self._clock() - self._read_at > OLDEST_SECONDS

    async def _load_again(self) -> None:
        """Read the keys, or let go on who comes while somebody else already waits for them.

        Otherwise a slow issuer, and tokens that anybody can make up, would fill all places.
        """
        if self._mutex.locked():
            return
        async with self._mutex:
            try:
                await asyncio.to_thread(self.load)
            except ServiceError:
                return  # those that are there are used until they are too old

    def _believed(self, token: str, header: dict[str, Any], key: Any) -> tuple[Client, float]:
        """Who asks, and the seconds until the token ends."""
        import jwt

        settings = self._settings
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[header["alg"]],
                audience=settings.audience,
                issuer=settings.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": CLAIMS[_type_of(header)]},
            )
            ends = float(claims["exp"])
        except jwt.ExpiredSignatureError:
            raise _not_believed("it has expired") from None
        except (jwt.PyJWTError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
            raise _not_believed(f"{type(error).__name__}") from None
        if _type_of(header) == ANY_TOKEN and any(name in claims for name in OF_OTHER_TOKENS):
            raise _not_believed("it is no access token")
        if not isinstance(claims.get("client_id", ""), str):
            raise _not_believed("client_id is no text")
        who = f"{claims['iss']}\0{claims.get('client_id') or claims['sub']}"
        digest = hashlib.sha256(who.encode("utf-8", "replace")).hexdigest()
        seconds = ends - time.time()
        client = Client(
            id=f"CLIENT-{digest[:16].upper()}",
            scopes=_scopes(claims),
            ends_at=self._clock() + seconds + LEEWAY_SECONDS,
        )
        return client, seconds


def _not_believed(why: str) -> Problem:
    return unauthenticated(f"the token is not believed: {why}", "invalid_token")


def _type_of(header: dict[str, Any]) -> str:
    """The type of a token: of one that does not say it, that of any."""
    said = str(header.get("typ") or ANY_TOKEN).lower().removeprefix("application/")
    return ANY_TOKEN if said == ANY_TOKEN.lower() else said


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    found = claims.get("scope", claims.get("scp", ""))
    listed = found.split() if isinstance(found, str) else found
    if not isinstance(listed, list):
        return frozenset()
    return frozenset(scope for scope in listed if isinstance(scope, str))
