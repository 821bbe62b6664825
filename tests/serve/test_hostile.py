"""Clients that go away, a server that complains, and a start that fails: what is said and logged."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import subprocess
import sys
import threading
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from cases import EXAMPLES
from risicoscreener.errors import ServiceError
from risicoscreener.screening.record import open_log
from risicoscreener.serve import Settings
from risicoscreener.serve.keys import Unusable, algorithm_of
from risicoscreener.serve.logs import Log, ServerLines
from serving import EVERYTHING, LINES, SCREEN, Issuer, free_port, on_a_day, running, words_of

LINE = json.dumps(json.loads((EXAMPLES / "grant.json").read_bytes())).encode() + b"\n"


def cut_off(service, headers, *parts):
    """Ask, send those parts of a body, and go away."""
    path, _, query = SCREEN.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    coming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    sent = []

    async def receive():
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    asyncio.run(service.edge(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    ("kind", "parts", "kept"),
    [
        ("application/json", [LINE[:100]], 0),
        ("application/json", [LINE], 0),
        (LINES["content-type"], [LINE[:100]], 0),
        (LINES["content-type"], [LINE, LINE[:100]], 2),
    ],
)
def test_who_goes_away_in_the_midst_is_no_fault_and_half_a_body_is_not_screened(
    issuer, everything, tmp_path, kind, parts, kept
):
    settings = issuer.settings(tmp_path / "record.db")
    with running(settings, today=on_a_day) as service:
        sent = cut_off(service, {**everything, "content-type": kind}, *parts)
        lines = service.lines
    assert [line["event"] for line in lines] == ["request"]
    assert lines[0]["problem"] == "cut-off"
    assert b'"done":true' not in b"".join(m.get("body", b"") for m in sent)
    with open_log(settings.record) as log:
        assert len(log) == kept


@pytest.mark.parametrize("what", ["record", "keys"])
def test_a_start_that_fails_says_why_and_no_password(issuer, tmp_path, what):
    record = tmp_path / "record.db"
    if what == "record":
        record = f"postgresql://user:a-password@127.0.0.1:{free_port()}/none"
    else:
        (tmp_path / "none.json").write_text("{}")
    words = words_of(issuer.settings(record))
    if what == "keys":
        words[-1] = str(tmp_path / "none.json")
    command = [sys.executable, "-m", "risicoscreener", "serve", "--port", str(free_port())]
    ended = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    *lines, last = ended.stderr.splitlines()
    assert ended.returncode == 3
    assert last.startswith(f"error: {what}")
    assert all(json.loads(line)["event"] in ("fault", "server") for line in lines)
    assert "a-password" not in ended.stderr + ended.stdout


def test_what_the_server_says_is_a_line_without_what_it_speaks_of():
    stream = io.StringIO()
    server = logging.getLogger("uvicorn.error")
    with ServerLines(Log(stream, b"k" * 32)):
        server.warning("Invalid HTTP request received.")
        server.warning("it is about %s", "case-0001")
        server.error("many\nlines of case-0001")
        server.info("not worth a line")
        try:
            raise ZeroDivisionError("case-0001")
        except ZeroDivisionError:
            server.exception("Exception in ASGI application\n")
    server.warning("afterwards nothing is written")
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["event"] for one in said] == ["server", "server", "fault"]
    assert said[0]["message"] == "Invalid HTTP request received."
    assert said[2]["error"] == "ZeroDivisionError"
    assert "case-0001" not in stream.getvalue()


# --- tokens that the issuer signed, and that are not right all the same ---------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["other"]},
        {"aud": {"risicoscreener": 1}},
        {"aud": "risicoscreener2"},
        {"aud": "RISICOSCREENER"},
        {"iss": "https://issuer.example.org/"},
        {"exp": "never"},
        {"exp": 10**400},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": True},
        {"exp": [9999999999]},
        {"nbf": "never"},
        {"sub": ["a"]},
        {"sub": 1},
    ],
    ids=str,
)
def test_claims_of_another_kind_are_not_believed(service, issuer, claims):
    answer = service.post(SCREEN, LINE, issuer.bearer(*EVERYTHING, **claims))
    assert answer.status_code == 401, answer.text
    assert answer.json()["type"] == "urn:risicoscreener:problem:unauthenticated"


@pytest.mark.parametrize(
    "scope",
    [
        "screenings purpose:decision_maker/* role:director",
        "screenings purpose:* role:director",
        "SCREENINGS purpose:decision_maker/decision role:director",
        "screenings,purpose:decision_maker/decision,role:director",
        "screenings purpose:decision_maker/decision role:king",
        "screenings purpose:decision_maker/decision role:",
        "screenings purpose:decision_maker/decision ROLE:director",
        {"screenings": 1},
        [["screenings"]],
        1,
    ],
    ids=str,
)
def test_a_scope_counts_only_as_it_is_written(service, issuer, scope):
    answer = service.post(SCREEN, LINE, issuer.bearer(scope=scope))
    assert answer.status_code == 403, answer.text


def test_keys_that_cannot_be_had_again_are_used_for_a_day_and_no_longer(tmp_path):
    issuer = Issuer(tmp_path)
    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        verifier, now = service.service.verifier, [0.0]
        verifier._clock = lambda: now[0]
        verifier.load()
        issuer.keys.unlink()
        for now[0], status in ((86_000.0, 200), (86_500.0, 503)):
            answer = service.post(SCREEN, LINE, issuer.bearer(*EVERYTHING, jti=str(now)))
            assert answer.status_code == status, answer.text
        assert answer.json()["type"] == "urn:risicoscreener:problem:keys"
        issuer.publish("one")
        now[0] += 11
        assert service.post(SCREEN, LINE, issuer.bearer(*EVERYTHING)).status_code == 200


def test_one_waits_for_a_slow_issuer_and_nobody_else(tmp_path, monkeypatch):
    from risicoscreener.serve import tokens

    issuer, hangs, read = Issuer(tmp_path), threading.Event(), tokens.read_keys

    def slowly(*given):
        hangs.wait(30)
        return read(*given)

    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        verifier = service.service.verifier
        verifier._loaded_at -= 400.0
        monkeypatch.setattr(tokens, "read_keys", slowly)

        async def asked():
            async with service.client() as client:

                async def post(**claims):
                    headers = {"content-type": "application/json"}
                    headers |= issuer.bearer(*EVERYTHING, **claims)
                    return await client.post(SCREEN, content=LINE, headers=headers)

                first = asyncio.create_task(post(kid="unknown"))
                while not verifier._mutex.locked():
                    await asyncio.sleep(0.01)
                async with asyncio.timeout(20):
                    others = [await post(kid=f"unknown-{i}") for i in range(3)]
                    others.append(await post())
                hangs.set()
                return [*others, await first, await post(kid="unknown")]

        codes = [answer.status_code for answer in asyncio.run(asked())]
    assert codes == [503, 503, 503, 200, 401, 401]


@pytest.mark.parametrize(
    "kid", ["", "One", "one ", "../one", "one' OR '1'='1", "/dev/null", "x" * 5000]
)
def test_the_name_of_a_key_leads_to_that_key_alone(service, issuer, kid):
    answer = service.post(SCREEN, LINE, issuer.bearer(*EVERYTHING, kid=kid))
    assert answer.status_code == 401, answer.text


# --- tokens of the same issuer that are for something else (RFC 9068, section 5; RFC 8725) ---------

ID_TOKEN = {"nonce": "n-0S6_WzA2Mj", "at_hash": "MTIzNDU2Nzg5MDEyMzQ1Ng", "auth_time": 1}


@pytest.fixture(scope="module")
def lenient(issuer, tmp_path_factory):
    """A service that believes tokens that do not say that they are access tokens."""
    record = tmp_path_factory.mktemp("lenient") / "record.db"
    settings = issuer.settings(record, token_types=("at+jwt", "JWT"))
    with running(settings, today=on_a_day) as found:
        yield found


def asked_with(service, issuer, typ, **claims):
    return service.post(SCREEN, LINE, issuer.bearer(*EVERYTHING, head={"typ": typ}, **claims))


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_an_access_token_says_that_it_is_one(service, lenient, issuer, typ):
    for there in (service, lenient):
        assert asked_with(there, issuer, typ).status_code == 200


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "application/jwt"])
def test_one_that_does_not_say_so_is_believed_only_where_that_is_set(service, lenient, issuer, typ):
    answer = asked_with(service, issuer, typ)
    assert answer.status_code == 401, answer.text
    assert "at+jwt" in answer.json()["detail"]
    assert asked_with(lenient, issuer, typ, client_id=None, jti=None).status_code == 200
    for claim, value in ID_TOKEN.items():
        status = asked_with(lenient, issuer, typ, **{claim: value}).status_code
        assert status == (200 if claim == "auth_time" else 401), claim


@pytest.mark.parametrize(
    "typ",
    [
        "logout+jwt",
        "secevent+jwt",
        "dpop+jwt",
        "id+jwt",
        "at+jwt ",
        "at+jwt2",
        "x/at+jwt",
        ["at+jwt"],
        {"at+jwt": 1},
        1,
    ],
    ids=str,
)
def test_a_token_of_another_type_opens_nothing(service, lenient, issuer, typ):
    for there in (service, lenient):
        assert asked_with(there, issuer, typ).status_code == 401


@pytest.mark.parametrize("typ", ["at+jwt", "JWT"])
def test_an_id_token_of_the_same_issuer_opens_nothing(service, lenient, issuer, typ):
    told = {"typ": typ} if typ == "JWT" else {}
    for there in (service, lenient):
        claims = {**ID_TOKEN, "scope": None, "client_id": None, "jti": None}
        headers = issuer.bearer(head=told, **claims)
        for path in (SCREEN, SCREEN.replace("screenings", "explanations", 1)):
            assert there.post(path, LINE, headers).status_code in (401, 403)
        assert there.ask("GET", "/v1/policies", headers=headers).status_code in (401, 403)


@pytest.mark.parametrize("claim", ["client_id", "jti", "iat"])
def test_an_access_token_has_what_it_has_to_have(service, issuer, claim):
    assert asked_with(service, issuer, "at+jwt", **{claim: None}).status_code == 401


@pytest.mark.parametrize("client", [["a"], {"a": 1}, 1, True], ids=str)
def test_a_client_has_a_name(lenient, issuer, client):
    for typ in ("at+jwt", "JWT"):
        assert asked_with(lenient, issuer, typ, client_id=client).status_code == 401


@pytest.mark.parametrize(
    "head",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"crit": ["b64"], "b64": True},
        {"b64": False},
        {"zip": "DEF"},
    ],
    ids=str,
)
def test_what_a_token_demands_and_is_not_understood_is_refused(service, issuer, head):
    # "zip" is of encrypted tokens, and says nothing here
    headers = issuer.bearer(*EVERYTHING, head=head)
    assert service.post(SCREEN, LINE, headers).status_code == (200 if "zip" in head else 401)


def test_a_stream_does_not_outlive_its_token(issuer, everything, tmp_path):
    settings = issuer.settings(tmp_path / "record.db")
    now = [0.0]

    async def lines():
        yield LINE
        now[0] = 700.0
        yield LINE

    with running(settings, today=on_a_day) as service:
        verifier = service.service.verifier
        verifier._clock = lambda: now[0]
        verifier.load()
        answer = service.post(SCREEN, lines(), {**everything, **LINES})
    said = [json.loads(one) for one in answer.text.splitlines()]
    assert [one.get("status") for one in said] == [200, None]
    assert (said[1]["done"], said[1]["problem"]["status"]) == (False, 401)
    with open_log(settings.record) as log:
        assert len(log) == 2


def test_a_clock_that_goes_back_revives_no_token(tmp_path):
    issuer = Issuer(tmp_path)
    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        verifier, now = service.service.verifier, [0.0]
        verifier._clock = lambda: now[0]
        verifier.load()
        headers = issuer.bearer(*EVERYTHING)
        # the machine's own clock stands still, or goes back, while ten minutes go by
        for now[0], status in ((0.0, 200), (599.0, 200), (640.0, 401)):
            assert service.post(SCREEN, LINE, headers).status_code == status, now


# --- what could be read in two ways ----------------------------------------------------------------


TWICE = {
    "authorization": "Bearer x",
    "content-type": "text/plain",
    "content-encoding": "gzip",
    "idempotency-key": "another-key-1",
    "origin": "https://evil.example.org",
    "x-request-id": "0f8fad5b-d9cb-469f-a165-70867728950e",
}


@pytest.mark.parametrize("name", TWICE)
def test_what_is_said_twice_is_refused(service, everything, name):
    said = {
        **everything,
        "content-type": "application/json",
        "content-encoding": "identity",
        "idempotency-key": "a-key-of-mine-1",
        "origin": "https://dossier.example.org",
        "x-request-id": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    }
    twice = [*said.items(), (name.title(), TWICE[name])]
    answer = service.ask("POST", SCREEN, content=LINE, headers=twice)
    assert answer.status_code == 400, answer.text
    assert answer.json()["type"] == "urn:risicoscreener:problem:request"
    assert name in answer.json()["detail"]
    assert answer.headers["connection"] == "close"


def test_what_may_be_said_twice_is_read_as_one_list(service, everything):
    listed = [*everything.items(), ("content-type", "application/json"), ("x-other", "1")]
    listed += [("accept", "text/html"), ("accept", "application/json"), ("x-other", "2")]
    assert service.ask("POST", SCREEN, content=LINE, headers=listed).status_code == 200


# --- keys that are not for this -----------------------------------------------------------------


def published(public, **said):
    plain = {"kid": "one", "use": "sig", **public, **said}
    return {name: value for name, value in plain.items() if value is not None}


EC, RSA = ({"kty": "EC", "crv": "P-256"}, {"kty": "RSA"})
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")


@pytest.mark.parametrize(
    ("public", "allowed", "algorithm"),
    [
        (EC, ALGORITHMS, "ES256"),
        ({**EC, "alg": "ES256"}, ALGORITHMS, "ES256"),
        ({"kty": "OKP", "crv": "Ed25519"}, ALGORITHMS, "EdDSA"),
        ({**RSA, "alg": "PS256"}, ALGORITHMS, "PS256"),
        ({**RSA, "key_ops": ["verify"], "alg": "RS256"}, ALGORITHMS, "RS256"),
        (RSA, ("RS256", "ES256"), "RS256"),
        (RSA, ALGORITHMS, None),
        (EC, ("RS256",), None),
        ({**EC, "crv": "P-384"}, ALGORITHMS, None),
        ({**EC, "crv": "P-384", "alg": "ES256"}, ALGORITHMS, None),
        ({**EC, "alg": "RS256"}, ALGORITHMS, None),
        ({**RSA, "alg": "ES256"}, ALGORITHMS, None),
        ({**RSA, "alg": "HS256"}, ALGORITHMS, None),
        ({**RSA, "alg": "none"}, ALGORITHMS, None),
        ({**RSA, "alg": "RSA-OAEP", "use": "enc"}, ALGORITHMS, None),
        ({**RSA, "alg": "RS256", "use": "enc"}, ALGORITHMS, None),
        ({**RSA, "alg": "RS256", "key_ops": ["encrypt"]}, ALGORITHMS, None),
        ({**RSA, "alg": "RS256", "key_ops": "verify"}, ALGORITHMS, None),
        ({**EC, "d": "AA"}, ALGORITHMS, None),
        ({"kty": "oct", "k": "AA", "alg": "RS256"}, ALGORITHMS, None),
        ({"kty": "oct", "k": "AA"}, ALGORITHMS, None),
        ({"kty": ["RSA"], "alg": "RS256"}, ALGORITHMS, None),
        ({"alg": "RS256"}, ALGORITHMS, None),
    ],
    ids=str,
)
def test_a_key_is_used_with_the_one_algorithm_that_it_is_for(public, allowed, algorithm):
    if algorithm is None:
        with pytest.raises(Unusable):
            algorithm_of(published(public), allowed)
    else:
        assert algorithm_of(published(public), allowed) == algorithm


def publish(issuer, *keys):
    issuer.keys.write_text(json.dumps({"keys": list(keys)}))


def rsa_key(key, **said):
    return published(json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), **said)


def test_an_rsa_key_that_does_not_say_its_algorithm_needs_settings_that_do(tmp_path):
    issuer = Issuer(tmp_path)
    publish(issuer, rsa_key(issuer.other))
    settings = issuer.settings(tmp_path / "record.db")
    with pytest.raises(ServiceError, match="'one' does not say its algorithm.*RS256, PS256"):
        running(settings, today=on_a_day).__enter__()
    settings = issuer.settings(tmp_path / "record.db", algorithms=("PS256", "ES256"))
    with running(settings, today=on_a_day) as service:
        for alg, status in (("PS256", 200), ("RS256", 401)):
            headers = issuer.bearer(*EVERYTHING, key=issuer.other, alg=alg)
            assert service.post(SCREEN, LINE, headers).status_code == status, alg


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_key_that_is_not_used_spoils_no_other_and_its_tokens_are_told_why(tmp_path):
    issuer = Issuer(tmp_path)
    good = json.loads(issuer.keys.read_bytes())["keys"][0]
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    publish(
        issuer, good, rsa_key(issuer.other, kid="two"), rsa_key(short, kid="three", alg="RS256"), 7
    )
    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        assert service.post(SCREEN, LINE, issuer.bearer(*EVERYTHING)).status_code == 200
        for kid, key, why in (("two", issuer.other, "alg"), ("three", short, "1024 bits")):
            headers = issuer.bearer(*EVERYTHING, key=key, alg="RS256", kid=kid)
            answer = service.post(SCREEN, LINE, headers)
            assert answer.status_code == 401
            assert why in answer.json()["detail"]


def test_one_name_for_two_keys_is_one_key_for_each_algorithm(tmp_path):
    issuer = Issuer(tmp_path)
    good = json.loads(issuer.keys.read_bytes())["keys"][0]
    publish(issuer, good, rsa_key(issuer.other, alg="RS256"))
    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        for key, alg, status in (
            (issuer.key, "ES256", 200),
            (issuer.other, "RS256", 200),
            (issuer.other, "PS256", 401),
        ):
            headers = issuer.bearer(*EVERYTHING, key=key, alg=alg)
            assert service.post(SCREEN, LINE, headers).status_code == status


# --- forms that nobody filled in ------------------------------------------------------------------

PLACES = ["²", "٣", "+1", "-1", "1_0", "499", "500", "9999", "00000", "", "x"]
TYPED = [
    "²",
    "nan",
    "1e400",
    "9" * 4500,
    "9999-12-31",
    "\x00",
    "{{7*7}}",
    "<script>alert(1)</script>",
]


@pytest.fixture(scope="module")
def demonstration():
    with running(Settings(demo=True), today=on_a_day) as found:
        yield found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("typed", TYPED, ids=[one[:8] for one in TYPED])
def test_a_form_that_nobody_filled_in_is_no_fault(demonstration, place, typed):
    form = urlencode({"person_id": "case-0001", f"debts.{place}.kind": typed, "as_of": typed})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = demonstration.post("/", form, headers)
    assert answer.status_code == 200, answer.text
    assert "<script>alert" not in answer.text
