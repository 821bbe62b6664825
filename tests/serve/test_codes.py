"""Every way in which a request is refused, and what the refusal says and does not say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import EXAMPLES
from risicoscreener.errors import RecordError, ServiceError
from risicoscreener.serve import Settings, openapi_document
from risicoscreener.serve.edge import API_VERSION
from risicoscreener.serve.limits import Buckets
from risicoscreener.serve.problems import Problem
from risicoscreener.serve.recording import Job, Recorder
from risicoscreener.serve.wording import data
from serving import DECIDER, EXPLAIN, ISSUER, JSON, LINES, SCREEN, on_a_day, running

GRANT = (EXAMPLES / "grant.json").read_bytes()


def refused(answer, status, code):
    """That an answer is a problem, as RFC 9457 and the Dutch API design rules have it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["api-version"] == API_VERSION
    said = answer.json()
    assert said["type"] == f"urn:risicoscreener:problem:{code}"
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    assert said["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    return said


# --- who asks ---------------------------------------------------------------------------------


def test_without_a_token_nothing_is_answered(service):
    answer = service.post(SCREEN, GRANT, {})
    refused(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


NOT_BELIEVED = {
    "expired": {"exp": int(time.time()) - 3600},
    "of another issuer": {"iss": "https://other.example.org"},
    "for another service": {"aud": "other"},
    "not valid yet": {"nbf": int(time.time()) + 3600},
    "without an end": {"exp": None},
    "without a subject": {"sub": None},
    "with a key that is not there": {"kid": "two"},
}


@pytest.mark.parametrize("claims", NOT_BELIEVED.values(), ids=NOT_BELIEVED)
def test_a_token_is_not_believed(service, issuer, claims):
    answer = service.post(SCREEN, GRANT, issuer.bearer(*DECIDER, **claims))
    refused(answer, 401, "unauthenticated")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_token_signed_by_somebody_else_is_not_believed(service, issuer):
    headers = issuer.bearer(*DECIDER, key=issuer.other, alg="RS256")
    refused(service.post(SCREEN, GRANT, headers), 401, "unauthenticated")


def test_a_token_that_shares_a_secret_or_has_no_signature_is_not_believed(service, issuer):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = issuer.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _, claims, _ = issuer.token(*DECIDER).split(".")

    def headed(alg):
        head = json.dumps({"alg": alg, "kid": "one", "typ": "JWT"}).encode()
        return f"{base64.urlsafe_b64encode(head).decode().rstrip('=')}.{claims}"

    signature = hmac.new(public, headed("HS256").encode(), hashlib.sha256).digest()
    signed = f"{headed('HS256')}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
    for token in (signed, f"{headed('none')}.", f"{headed('ES256')}."):
        answer = service.post(SCREEN, GRANT, {"authorization": f"Bearer {token}"})
        refused(answer, 401, "unauthenticated")


@pytest.mark.parametrize(
    "said", ["Bearer", "Bearer ", "Basic x", "Bearer a.b.c", "Bearer " + "x" * 9000]
)
def test_what_is_no_token_is_not_believed(service, said):
    refused(service.post(SCREEN, GRANT, {"authorization": said}), 401, "unauthenticated")


def test_a_token_with_a_body_that_was_changed_is_not_believed(service, issuer):
    head, body, signature = issuer.token("screenings").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["scope"] = " ".join(DECIDER)
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    answer = service.post(SCREEN, GRANT, {"authorization": f"Bearer {head}.{forged}.{signature}"})
    refused(answer, 401, "unauthenticated")


def test_a_token_signed_in_a_way_that_is_not_named_is_not_believed(tmp_path):
    import jwt

    from serving import Issuer

    issuer = Issuer(tmp_path)
    settings = issuer.settings(tmp_path / "record.db", algorithms=("RS256",))
    with pytest.raises(ServiceError, match="not allowed"), running(settings, today=on_a_day):
        pass
    listed = json.loads(issuer.keys.read_bytes())["keys"]
    public = jwt.algorithms.RSAAlgorithm.to_jwk(issuer.other.public_key(), as_dict=True)
    issuer.keys.write_text(json.dumps({"keys": [*listed, {**public, "kid": "two"}]}))
    with running(settings, today=on_a_day) as service:
        refused(service.post(SCREEN, GRANT, issuer.bearer(*DECIDER)), 401, "unauthenticated")
        headers = issuer.bearer(*DECIDER, key=issuer.other, alg="RS256", kid="two")
        assert service.post(SCREEN, GRANT, headers).status_code == 200


def test_new_keys_of_the_issuer_are_found(tmp_path):
    from cryptography.hazmat.primitives.asymmetric import ec

    from serving import Issuer

    issuer = Issuer(tmp_path)
    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        assert service.post(SCREEN, GRANT, issuer.bearer(*DECIDER)).status_code == 200
        issuer.key = ec.generate_private_key(ec.SECP256R1())
        issuer.publish("two")
        service.service.verifier._loaded_at -= 11
        fresh = issuer.bearer(*DECIDER, kid="two")
        assert service.post(SCREEN, GRANT, fresh).status_code == 200


LACKING = {
    "screenings": SCREEN,
    "explanations": EXPLAIN,
    "purpose:decision_maker/decision": SCREEN,
    "role:director": SCREEN,
}


@pytest.mark.parametrize(("scope", "path"), LACKING.items())
def test_what_a_token_does_not_name_is_not_allowed(service, issuer, scope, path):
    headers = issuer.bearer(*(one for one in DECIDER if one != scope))
    answer = service.post(path, GRANT, headers)
    refused(answer, 403, "insufficient-scope")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_a_token_with_two_roles_says_not_who_gives(service, issuer):
    headers = issuer.bearer(*DECIDER, "role:minister")
    refused(service.post(SCREEN, GRANT, headers), 403, "insufficient-scope")


def test_a_purpose_of_another_recipient_is_not_allowed(service, issuer):
    path = "/v1/screenings?recipient=person&purpose=access"
    answer = service.post(path, GRANT, issuer.bearer(*DECIDER))
    refused(answer, 403, "insufficient-scope")


def test_policies_are_for_who_may_read_them(service, issuer, everything):
    for path in ("/v1/policies", "/v1/bundle", "/v1/purposes"):
        refused(service.ask("GET", path), 401, "unauthenticated")
        lacking = issuer.bearer(*DECIDER)
        refused(service.ask("GET", path, headers=lacking), 403, "insufficient-scope")
        assert service.ask("GET", path, headers=everything).status_code == 200


# --- what is asked ------------------------------------------------------------------------------

BAD_PARAMETERS = {
    "": "recipient",
    "recipient=decision_maker": "purpose",
    "recipient=nobody&purpose=decision": "nobody",
    "recipient=decision_maker&purpose=access": "access",
    "recipient=decision_maker&purpose=decision&decision=parole": "parole",
    "recipient=decision_maker&purpose=decision&asOf=2024-W01-1": "asOf",
    "recipient=decision_maker&purpose=decision&asOf=9999-01-01": "asOf",
    "recipient=decision_maker&purpose=decision&onError=ignore": "onError",
    "recipient=decision_maker&purpose=decision&lang=fr": "lang",
    "recipient=decision_maker&purpose=decision&as_of=2024-01-01": "as_of",
    "recipient=decision_maker&recipient=person&purpose=decision": "twice",
    f"recipient={'x' * 300}&purpose=decision": "200",
}


@pytest.mark.parametrize(("query", "named"), BAD_PARAMETERS.items())
def test_a_parameter_that_is_not_right_is_named(service, everything, query, named):
    answer = service.post(f"/v1/screenings?{query}", GRANT, everything)
    assert named in refused(answer, 400, "parameter")["detail"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"person_id": 1}', b"[" * 9999]
)
def test_what_is_no_dossier_is_not_valid(service, everything, body):
    refused(service.post(SCREEN, body, everything), 400, "dossier")


def test_all_faults_of_a_dossier_are_named(service, everything):
    plain = json.loads(GRANT)
    plain["debts"][0]["kind"] = "no such kind"
    plain["housing"][0]["status"] = "no such status"
    said = refused(service.post(SCREEN, json.dumps(plain), everything), 400, "dossier")
    assert len(said["errors"]) == 2


def test_a_day_without_a_policy_is_valid_and_cannot_be_screened(service, everything):
    answer = service.post(f"{SCREEN}&asOf=1990-01-01", GRANT, everything)
    refused(answer, 422, "policy")


def test_a_purpose_that_gets_no_screening_gets_none(service, everything):
    path = "/v1/screenings?recipient=probation&purpose=reintegration"
    answer = service.post(path, GRANT, everything)
    refused(answer, 422, "basis")


def test_there_is_no_explanation_for_just_anybody(service, issuer):
    headers = issuer.bearer("explanations", "purpose:evaluator/evaluation", "role:director")
    path = "/v1/explanations?recipient=evaluator&purpose=evaluation"
    refused(service.post(path, GRANT, headers), 403, "no-explanation")


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/xml", "application/json; charset=latin-1"]
)
def test_a_body_of_another_kind_is_refused(service, everything, kind):
    answer = service.post(SCREEN, GRANT, {**everything, "content-type": kind})
    refused(answer, 415, "media-type")
    assert "application/json" in answer.headers["accept-post"]


def test_a_body_that_is_packed_is_refused(service, everything):
    headers = {**everything, "content-encoding": "gzip"}
    refused(service.post(SCREEN, GRANT, headers), 415, "media-type")


def test_a_stream_is_not_explained(service, everything):
    refused(service.post(EXPLAIN, GRANT, {**everything, **LINES}), 415, "media-type")


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "image/*"])
def test_an_answer_that_is_not_taken_is_not_made(service, everything, accept):
    refused(service.post(SCREEN, GRANT, {**everything, "accept": accept}), 406, "not-acceptable")


@pytest.mark.parametrize("key", ["short", "with a space in it", "x" * 129, "é" * 10])
def test_a_key_that_is_none_is_refused(service, everything, key):
    headers = {**everything, "idempotency-key": key.encode("latin-1")}
    answer = service.post(SCREEN, GRANT, headers)
    refused(answer, 400, "parameter")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(service, everything):
    read = []

    async def parts():
        read.append(1)
        yield b"x" * 10

    headers = {**everything, "content-length": "5000001"}
    refused(service.post(SCREEN, parts(), headers), 413, "too-large")
    assert not read


def test_a_body_that_does_not_say_how_large_it_is_is_read_up_to_the_limit(service, everything):
    read = []

    async def parts():
        for _ in range(20):
            read.append(1)
            yield b"x" * 1_000_000

    refused(service.post(SCREEN, parts(), everything), 413, "too-large")
    assert len(read) <= 7


@pytest.mark.parametrize(
    "path", ["/v1/screening", "/v1/screenings/", "/v1", "/v2/screenings", "/v1/policies/x/y"]
)
def test_where_nothing_is_nothing_is_found(service, everything, path):
    refused(service.ask("GET", path, headers=everything), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", SCREEN, "POST"), ("PUT", SCREEN, "POST"), ("POST", "/v1/policies", "GET")],
)
def test_another_method_is_told_which_there_are(service, everything, method, path, allowed):
    answer = service.ask(method, path, headers=everything)
    refused(answer, 405, "method")
    assert allowed in answer.headers["allow"]


def test_who_asks_too_much_is_told_when_to_come_back(issuer, tmp_path):
    settings = issuer.settings(tmp_path / "record.db", requests_per_minute=6, burst=2)
    now = [0.0]
    with running(settings, today=on_a_day, clock=lambda: now[0]) as service:
        headers = issuer.bearer(*DECIDER)
        codes = [service.post(SCREEN, GRANT, headers).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        answer = service.post(SCREEN, GRANT, headers)
        refused(answer, 429, "too-many-requests")
        assert answer.headers["retry-after"] == "11"
        other = issuer.bearer(*DECIDER, sub="system-b")
        assert service.post(SCREEN, GRANT, other).status_code == 200
        now[0] = 11.0
        assert service.post(SCREEN, GRANT, headers).status_code == 200


def test_a_bucket_never_holds_more_than_its_size():
    now = [0.0]
    buckets = Buckets(60, 3, lambda: now[0])
    buckets.take("a")
    now[0] = 1e6
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(Problem):
        buckets.take("a")


def test_a_place_is_left_however_a_request_ends(issuer, everything, tmp_path, monkeypatch):
    settings = issuer.settings(tmp_path / "record.db", max_at_once=3)
    assert settings.max_at_once_of_client == 1
    with running(settings, today=on_a_day) as service:
        places = service.service.places
        for body, status in ((GRANT, 200), (b"{", 400)):
            assert service.post(SCREEN, body, everything).status_code == status
        assert service.ask("GET", "/v1/bundle", headers=everything).status_code == 200
        line = json.dumps(json.loads(GRANT))
        assert '"done":true' in service.post(SCREEN, line, {**everything, **LINES}).text

        def fails(*_):
            raise ZeroDivisionError

        with monkeypatch.context() as broken:
            broken.setattr(service.service.answers, "prepare", fails)
            assert service.post(SCREEN, GRANT, everything).status_code == 500
        assert not places.taken

        async def meanwhile():
            yield GRANT[:100]
            assert list(places.taken.values()) == [1]
            inner.append(await asked("/v1/policies", everything))
            inner.append(await asked("/v1/policies", issuer.bearer("policies", sub="system-b")))
            yield GRANT[100:]

        async def asked(path, headers):
            async with service.client() as client:
                return await client.get(path, headers=headers)

        inner = []
        assert service.post(SCREEN, meanwhile(), everything).status_code == 200
        refused(inner[0], 429, "too-many-at-once")
        assert inner[0].headers["retry-after"] == "1"
        assert inner[1].status_code == 200
        assert not places.taken


def test_more_at_once_than_there_are_places_is_asked_to_come_back(issuer, everything, tmp_path):
    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        service.edge.running = service.service.settings.max_at_once
        answer = service.post(SCREEN, GRANT, everything)
        refused(answer, 503, "busy")
        assert answer.headers["retry-after"] == "1"
        assert service.ask("GET", "/v1/health").status_code == 200


# --- when the service cannot ----------------------------------------------------------------------


def test_what_cannot_be_recorded_is_not_answered(issuer, everything, tmp_path, monkeypatch):
    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        recorder = service.service.recorder

        def fails(_):
            raise RecordError("disk full at /secret/place")

        monkeypatch.setattr(recorder, "_together", fails)
        answer = service.post(SCREEN, GRANT, everything)
        refused(answer, 503, "record")
        assert "secret" not in answer.text
        assert answer.headers["retry-after"]
        refused(service.ask("GET", "/v1/readiness"), 503, "record")
        monkeypatch.undo()
        assert service.post(SCREEN, GRANT, everything).status_code == 200
        recorder.check()


def test_a_record_that_does_not_answer_is_not_waited_for(issuer, everything, tmp_path, monkeypatch):
    settings = issuer.settings(tmp_path / "record.db", answer_seconds=0.5)
    with running(settings, today=on_a_day) as service:
        recorder = service.service.recorder
        together, hangs = recorder._together, threading.Event()

        def waits(jobs):
            hangs.wait(30)
            return together(jobs)

        monkeypatch.setattr(recorder, "_together", waits)
        headers = {**everything, "idempotency-key": "a-key-to-ask-again"}
        answer = service.post(SCREEN, GRANT, headers)
        refused(answer, 503, "record")
        hangs.set()
        again = service.post(SCREEN, GRANT, headers)
        assert again.status_code == 200
        # it was kept after all, once
        assert again.json()["record"]["entry"] == 1
        assert len(recorder._reading) == 2


def test_what_takes_too_long_is_not_kept(issuer, everything, tmp_path, monkeypatch):
    settings = issuer.settings(tmp_path / "record.db", answer_seconds=0.5)
    with running(settings, today=on_a_day) as service:
        prepare, goes_on = service.service.answers.prepare, threading.Event()

        def slow(*given):
            goes_on.wait(30)
            return prepare(*given)

        monkeypatch.setattr(service.service.answers, "prepare", slow)
        answer = service.post(SCREEN, GRANT, everything)
        refused(answer, 503, "too-long")
        assert "nothing was kept" in answer.json()["detail"]
        goes_on.set()
        recorder = service.service.recorder
        service.service._threads.shutdown()
        assert len(recorder._reading) == 0


def test_what_was_handed_to_the_record_can_not_be_called_off(tmp_path):
    log = tmp_path / "record.db"
    recorder = Recorder(str(log))
    done = Future()
    recorder.add_made(lambda: SimpleNamespace(job=Job(())), done)
    written = done.result(10)[1]
    assert written == []
    assert not done.cancel()

    called_off = Future()
    called_off.cancel()
    recorder.add_made(lambda: SimpleNamespace(job=Job(())), called_off)
    failed = Future()
    recorder.add_made(lambda: SimpleNamespace(job=None), failed)
    with pytest.raises(RecordError, match="without a job"):
        failed.result(10)
    recorder.close()


def test_while_it_stops_nothing_new_is_begun(issuer, everything, tmp_path):
    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        service.edge.stopping = True
        refused(service.post(SCREEN, GRANT, everything), 503, "stopping")
        refused(service.ask("GET", "/v1/readiness"), 503, "stopping")
        assert service.ask("GET", "/v1/health").status_code == 200


def test_a_fault_of_the_service_says_nothing_of_the_case(issuer, everything, tmp_path, monkeypatch):
    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:

        def fails(*_):
            raise ZeroDivisionError("EXAMPLE-GRANT was born in 1979")

        monkeypatch.setattr(service.service.answers, "prepare", fails)
        answer = service.post(SCREEN, GRANT, everything)
        refused(answer, 500, "fault")
        assert "1979" not in answer.text
        assert "1979" not in service.stream.getvalue()
        fault = next(line for line in service.lines if line["event"] == "fault")
        assert fault["error"] == "ZeroDivisionError"


# --- what every answer has, and what the log has not ---------------------------------------------


def test_every_answer_has_the_headers_of_the_rules(service, everything):
    answers = [
        service.post(SCREEN, GRANT, everything),
        service.post(SCREEN, b"{", everything),
        service.ask("GET", "/v1/health"),
        service.ask("GET", "/nothing"),
    ]
    for answer in answers:
        headers = answer.headers
        assert headers["api-version"] == API_VERSION
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["strict-transport-security"]
        assert "access-control-allow-origin" not in headers


def test_other_sites_may_call_if_they_are_named(issuer, everything, tmp_path):
    site = "https://dossier.example.org"
    settings = issuer.settings(tmp_path / "record.db", origins=(site,))
    with running(settings, today=on_a_day) as service:
        answer = service.ask("OPTIONS", SCREEN, headers={"origin": site})
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == site
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        other = service.ask("OPTIONS", SCREEN, headers={"origin": "https://evil.example.org"})
        assert "access-control-allow-origin" not in other.headers
        answer = service.post(SCREEN, GRANT, {**everything, "origin": site})
        assert answer.headers["access-control-allow-origin"] == site
        open_ = service.ask("GET", "/v1/openapi.json", headers={"origin": "https://a.example.org"})
        assert open_.headers["access-control-allow-origin"] == "*"


def test_a_title_is_in_the_language_that_is_asked_for(service):
    for lang in ("nl", "en"):
        answer = service.ask("GET", "/nothing", headers={"accept-language": f"{lang}-XX,fr;q=0.5"})
        assert answer.json()["title"] == data()["problem"]["not-found"][lang]
        assert answer.headers["content-language"] == lang


def test_a_head_is_a_get_without_its_body(service, everything):
    answer = service.ask("HEAD", "/v1/bundle", headers=everything)
    assert answer.status_code == 200


def test_the_log_has_nobody_and_nothing_of_a_case(issuer, everything, tmp_path):
    plain = {**json.loads(GRANT), "person_id": "case-0001"}
    with running(issuer.settings(tmp_path / "record.db"), today=on_a_day) as service:
        service.post(SCREEN, json.dumps(plain), everything)
        service.post(SCREEN + "&asOf=case-0001", json.dumps(plain), everything)
        plain["debts"][0]["kind"] = "case-0001"
        service.post(SCREEN, json.dumps(plain), everything)
        service.ask("GET", "/v1/case-0001", headers=everything)
        service.post(SCREEN, json.dumps(plain), {**everything, "x-request-id": "case-0001"})
        logged, lines = service.stream.getvalue(), service.lines
    for secret in ("case-0001", "1979", "system-a", "Bearer", "GM0344"):
        assert secret not in logged
    first = lines[0]
    assert (first["status"], first["outcome"], first["route"]) == (200, "grant", "/v1/screenings")
    assert len(first["case"]) == 16
    assert first["purpose"] == "decision"
    assert first["client"].startswith("CLIENT-")
    assert [line["problem"] for line in lines[1:4]] == ["parameter", "dossier", "not-found"]


def test_a_request_keeps_its_id_and_its_trace(service):
    own = "0f8fad5b-d9cb-469f-a165-70867728950e"
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"x-request-id": own, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    assert service.ask("GET", "/v1/health", headers=headers).headers["x-request-id"] == own
    assert service.lines[-1]["request_id"] == own
    assert service.lines[-1]["trace_id"] == trace


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "record"),
        ({"record": "a.db"}, "issuer"),
        (
            {"record": "a.db", "issuer": ISSUER, "audience": "a", "keys": "http://keys.org/a"},
            "keys",
        ),
        ({"demo": True, "record": "a.db"}, "demo"),
        ({"demo": True, "origins": ("*",)}, "origins"),
        ({"demo": True, "public_url": "ftp://a"}, "public_url"),
    ],
)
def test_settings_that_cannot_be_meant_are_named(given, named):
    with pytest.raises(ServiceError, match=named):
        Settings(**given).checked()


# --- the description ------------------------------------------------------------------------------


def test_the_description_is_for_everyone_and_speaks_two_languages(service):
    nl = service.ask("GET", "/v1/openapi.json").json()
    en = service.ask("GET", "/v1/openapi.json", headers={"accept-language": "en"}).json()
    assert nl == openapi_document(service.service.settings, "nl")
    assert nl["info"]["description"] != en["info"]["description"]
    assert set(nl["paths"]) == set(en["paths"])


def test_the_description_has_every_address_and_method(service):
    told = openapi_document(service.service.settings)
    there = {
        (route.path.removeprefix("/v1"), method.lower())
        for route in service.edge.app.routes
        for method in route.methods - {"HEAD"}
    }
    described = {(path, method) for path, item in told["paths"].items() for method in item}
    assert described == there


def test_the_description_follows_the_linter_of_the_rules(service):
    """The rules of media/linter.yaml of the Dutch API design rules (2.2.0-rc.1) that concern it."""
    import re

    told = openapi_document(service.service.settings)
    assert re.fullmatch(r"3(.\d+){1,2}", told["openapi"])
    assert all(re.search(r"/v[\d+]", server["url"]) for server in told["servers"])
    assert {"email", "name", "url"} <= set(told["info"]["contact"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["info"]["version"])
    identifiers = []
    for path, item in told["paths"].items():
        assert re.fullmatch(r"(/([a-z0-9\-]+|{[^}]+}))+", path.removesuffix(".json"))
        for method, operation in item.items():
            identifiers.append(operation["operationId"])
            parameters = operation.get("parameters", [])
            for one in parameters:
                if one["in"] == "query":
                    assert re.fullmatch(r"[a-z][a-z\d]*([A-Z][a-z\d]*)*", one["name"])
            if method == "post" or parameters:
                assert "400" in operation["responses"]
            for status, response in operation["responses"].items():
                assert "API-Version" in response["headers"]
                if status[0] in "45":
                    schema = response["content"]["application/problem+json"]["schema"]
                    assert {"status", "title", "detail"} <= set(schema["properties"])
    assert len(set(identifiers)) == len(identifiers)
    assert all(name[0].isupper() for name in told["components"]["schemas"])


def test_every_reference_in_the_description_leads_somewhere(service):
    told = openapi_document(service.service.settings)
    text = json.dumps(told)
    for reference in {
        json.loads(f'"{r}"') for r in __import__("re").findall(r'"\$ref": "([^"]+)"', text)
    }:
        found = told
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def test_an_answer_is_what_the_description_says(service, everything):
    import jsonschema

    told = openapi_document(service.service.settings)
    answer = service.post(SCREEN, GRANT, everything).json()
    schema = {"$ref": "#/components/schemas/Screened", "components": told["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer)
    problem = service.post(SCREEN, b"{", everything).json()
    jsonschema.Draft202012Validator(told["components"]["schemas"]["Problem"]).validate(problem)


# --- whatever comes -----------------------------------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
PLAIN = json.loads(GRANT)
FIELDS = [
    (table, i, name)
    for table, rows in PLAIN.items()
    if isinstance(rows, list)
    for i, row in enumerate(rows)
    for name in row
]


@st.composite
def spoilt_dossiers(draw):
    plain = json.loads(GRANT)
    for table, i, name in draw(st.lists(st.sampled_from(FIELDS), max_size=3)):
        plain[table][i][name] = draw(anything)
    if draw(st.booleans()):
        plain[draw(st.sampled_from([*plain, "new"]))] = draw(anything)
    return json.dumps(plain).encode()


queries = st.dictionaries(
    st.sampled_from(["decision", "recipient", "purpose", "asOf", "onError", "lang", "x"]),
    st.sampled_from(
        [
            "leave",
            "decision_maker",
            "decision",
            "person",
            "access",
            "2024-01-01",
            "0001-01-01",
            "quarantine",
            "en",
            "\x00",
            "é",
        ]
    ),
)


@given(
    body=st.binary(max_size=300) | spoilt_dossiers(),
    query=queries,
    kind=st.sampled_from([JSON, LINES, {}]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_comes_is_a_fault(service, everything, body, query, kind):
    query = {"recipient": "decision_maker", "purpose": "decision", **query}
    headers = {**everything, **kind, "content-type": kind.get("content-type", "text/plain")}
    answer = service.ask("POST", "/v1/screenings", params=query, content=body, headers=headers)
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    for line in answer.text.splitlines():
        assert json.loads(line).get("status", 200) < 500
