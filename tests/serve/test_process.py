"""A service in a process of its own: stopped, killed, kept waiting, flooded, and not alone."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest

import _load
from cases import EXAMPLES
from risicoscreener.screening.record import open_log
from serving import DECIDER, JSON, LINES, SCREEN, process, words_of

GRANT = (EXAMPLES / "grant.json").read_bytes()
DENY = (EXAMPLES / "deny.json").read_bytes()


@pytest.fixture
def bearer(issuer):
    return {**JSON, **issuer.bearer(*DECIDER)}


@pytest.fixture
def place(issuer, tmp_path):
    """Settings in a file, with short patience."""
    settings = issuer.settings(tmp_path / "record.db")
    path = tmp_path / "service.toml"
    path.write_text("head_seconds = 1.0\nread_seconds = 1.0\nstall_seconds = 2.0\n")
    return settings, words_of(settings, "--settings", str(path))


@pytest.fixture(scope="module")
def shared(issuer, tmp_path_factory):
    """A service with short patience that no test ends."""
    folder = tmp_path_factory.mktemp("shared")
    path = folder / "service.toml"
    path.write_text("head_seconds = 1.0\nread_seconds = 1.0\nstall_seconds = 2.0\n")
    words = words_of(issuer.settings(folder / "record.db"), "--settings", str(path))
    with process(folder, *words) as service:
        yield service


def sent_under_load(service, bearer, asked, kill):
    """Answers that users got until the service was ended in the midst of it."""
    request = _load.request_of(SCREEN, GRANT, bearer)
    ended = []

    def ask(_, number):
        if number == asked and not ended:
            ended.append(True)
            asyncio.get_running_loop().call_later(0.002, kill)
        return request

    async def run():
        return await _load.load("127.0.0.1", service.port, ask, users=6, lasting=20.0, keep=True)

    return asyncio.run(run())


@pytest.mark.parametrize("kind", ["file", "server"])
def test_killed_under_load_it_loses_no_answer_that_was_sent(
    issuer, bearer, tmp_path, request, kind
):
    record = tmp_path / "record.db"
    if kind == "server":
        record = request.getfixturevalue("postgres").new_schema("killed")
    settings = issuer.settings(record)
    words = words_of(settings)
    with process(tmp_path, *words) as service:
        found = sent_under_load(service, bearer, 6, service.process.kill)
        assert service.process.wait(30) == -signal.SIGKILL
    assert len(found.answers) > 5
    with open_log(settings.record) as log:
        assert log.verify().ok
        for answer in found.answers:
            said = json.loads(answer)
            assert log.entry(said["record"]["entry"]).sha256 == said["record"]["sha256"]
            # what was given is there in the same transaction
            reference = log.entry(said["record"]["entry"] + 1).payload.reference
            assert reference == said["view"]["sha256"]


def test_asked_to_stop_it_finishes_what_runs_and_ends_well(place, bearer, tmp_path):
    settings, words = place
    with process(tmp_path, *words) as service:
        found = sent_under_load(
            service, bearer, 8, lambda: service.process.send_signal(signal.SIGTERM)
        )
        assert service.process.wait(30) in (0, -signal.SIGTERM)
        lines = [json.loads(line) for line in service.said.read_text().splitlines()]
    assert found.answers
    # nobody was cut off in the midst: refused, or closed between two requests
    assert set(found.failures) <= {
        "503",
        "IncompleteReadError",
        "ConnectionResetError",
        "ConnectionRefusedError",
        "BrokenPipeError",
    }
    assert lines[-1]["event"] == "stopped"
    screened = [
        line
        for line in lines
        if line.get("status") == 200 and line.get("route") == "/v1/screenings"
    ]
    with open_log(settings.record) as log:
        assert len(log) == 2 * len(screened) >= 2 * len(found.answers)


def test_a_head_that_comes_letter_by_letter_is_not_waited_for(shared):
    with socket.create_connection(("127.0.0.1", shared.port)) as slow:
        slow.settimeout(10)
        started = time.monotonic()
        try:
            for letter in b"GET /v1/health HTTP/1.1\r\nX-Slow: " + b"x" * 100:
                slow.sendall(bytes([letter]))
                time.sleep(0.05)
            assert slow.recv(100) == b""
        except OSError:
            pass
        assert time.monotonic() - started < 6
    assert httpx.get(f"{shared.address}/v1/health").status_code == 200


def let_go(connection, parts):
    """Seconds until the service closes a connection that sends so."""
    connection.settimeout(10)
    started = time.monotonic()
    try:
        for part in parts:
            connection.sendall(part)
            time.sleep(0.05)
        while connection.recv(1000):
            pass
    except ConnectionError:
        pass
    return time.monotonic() - started


def test_who_says_nothing_is_let_go_and_so_is_who_is_slow_the_second_time(shared):
    where = ("127.0.0.1", shared.port)
    with socket.create_connection(where) as silent:
        assert let_go(silent, []) < 6
    with socket.create_connection(where) as slow:
        slow.sendall(b"GET /v1/health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert slow.recv(1000).startswith(b"HTTP/1.1 200")
        head = b"GET /v1/health HTTP/1.1\r\nX-Slow: " + b"x" * 150
        assert let_go(slow, [bytes([letter]) for letter in head]) < 6


def test_asked_to_stop_a_stream_ends_and_says_that_it_is_not_whole(place, bearer, tmp_path):
    _, words = place
    line = json.dumps(json.loads(GRANT)).encode() + b"\n"
    with (
        process(tmp_path, *words) as service,
        socket.create_connection(("127.0.0.1", service.port)) as stream,
    ):
        stream.settimeout(20)
        head = _load.request_of(SCREEN, b"", {**bearer, **LINES, "Transfer-Encoding": "chunked"})
        stream.sendall(head.replace(b"Content-Length: 0\r\n", b""))
        chunk = b"%x\r\n%b\r\n" % (len(line), line)
        stream.sendall(chunk)
        said = stream.recv(1 << 20)
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        stream.sendall(chunk)
        while part := stream.recv(1 << 20):
            said += part
        assert b'"done":false' in said
        assert b"urn:risicoscreener:problem:stopping" in said
        assert service.process.wait(30) in (0, -signal.SIGTERM)


def test_a_body_that_does_not_come_is_not_waited_for(shared, bearer):
    with socket.create_connection(("127.0.0.1", shared.port)) as slow:
        slow.settimeout(10)
        head = _load.request_of(SCREEN, b"", bearer).replace(
            b"Content-Length: 0", b"Content-Length: 900"
        )
        slow.sendall(head + b"{")
        assert slow.recv(12) == b"HTTP/1.1 408"


def test_a_length_that_is_said_in_two_ways_is_refused_and_the_connection_ends(shared, bearer):
    with socket.create_connection(("127.0.0.1", shared.port)) as both:
        both.settimeout(10)
        head = _load.request_of(SCREEN, b"", {**bearer, "Transfer-Encoding": "chunked"})
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(GRANT), GRANT)
        hidden = b"GET /v1/health HTTP/1.1\r\nHost: a\r\n\r\n"
        both.sendall(head.replace(b"Content-Length: 0", b"Content-Length: 5") + body + hidden)
        said = b""
        with suppress(ConnectionError):
            while part := both.recv(1 << 16):
                said += part
    assert said.startswith(b"HTTP/1.1 400")
    assert said.count(b"HTTP/1.1") == 1


def test_a_stream_that_breaks_off_in_a_chunk_is_closed_and_is_no_fault(shared, bearer):
    line = json.dumps(json.loads(GRANT)).encode() + b"\n"
    before = shared.said.read_text().count('"event":"fault"')
    with socket.create_connection(("127.0.0.1", shared.port)) as broken:
        broken.settimeout(20)
        head = _load.request_of(SCREEN, b"", {**bearer, **LINES, "Transfer-Encoding": "chunked"})
        broken.sendall(head.replace(b"Content-Length: 0\r\n", b""))
        broken.sendall(b"%x\r\n%b\r\n" % (len(line), line))
        said = b""
        while b'"line":1' not in said:
            said += broken.recv(1 << 20)
        broken.sendall(b"no size of a chunk\r\n")
        with suppress(ConnectionError):
            while part := broken.recv(1 << 20):
                said += part
    assert b'"done":true' not in said
    assert said.count(b"HTTP/1.1") == 1
    assert httpx.get(f"{shared.address}/v1/health").status_code == 200
    assert shared.said.read_text().count('"event":"fault"') == before


def test_a_huge_body_is_refused_before_it_is_sent(shared, bearer):
    with socket.create_connection(("127.0.0.1", shared.port)) as huge:
        huge.settimeout(10)
        head = _load.request_of(SCREEN, b"", bearer).replace(
            b"Content-Length: 0", b"Content-Length: 99999999999"
        )
        huge.sendall(head)
        assert huge.recv(12) == b"HTTP/1.1 413"
    assert httpx.get(f"{shared.address}/v1/health").status_code == 200


def memory_of(pid):
    with open(f"/proc/{pid}/status") as stream:
        return next(int(line.split()[1]) for line in stream if line.startswith("VmRSS")) / 1024


def test_a_long_stream_is_answered_as_it_comes_in_bounded_memory(shared, bearer):
    line = json.dumps(json.loads(GRANT)).encode() + b"\n"
    with (
        socket.create_connection(("127.0.0.1", shared.port)) as both,
    ):
        head = _load.request_of(SCREEN, b"", {**bearer, **LINES, "Transfer-Encoding": "chunked"})
        both.sendall(head.replace(b"Content-Length: 0\r\n", b""))
        answers = []

        def read():
            while part := both.recv(1 << 16):
                answers.append(part)
                if b'"done":' in part:
                    return

        reader = threading.Thread(target=read)
        reader.start()
        both.sendall(b"%x\r\n%b\r\n" % (len(line), line))
        end = time.monotonic() + 20
        while not answers and time.monotonic() < end:
            time.sleep(0.01)
        assert answers  # the first is answered while the rest has yet to come
        for i in range(2000):
            if i == 600:
                before = memory_of(shared.process.pid)
            both.sendall(b"%x\r\n%b\r\n" % (len(line), line))
        both.sendall(b"0\r\n\r\n")
        reader.join(60)
        whole = b"".join(answers)
        assert b'{"done":true,"answered":2001}' in whole
        # 1,400 answers are 40 MB
        assert memory_of(shared.process.pid) - before < 20


def test_who_does_not_take_the_answers_is_let_go(shared, bearer):
    line = json.dumps(json.loads(GRANT)).encode() + b"\n"
    with socket.create_connection(("127.0.0.1", shared.port)) as deaf:
        deaf.settimeout(20)
        head = _load.request_of(SCREEN, b"", {**bearer, **LINES, "Transfer-Encoding": "chunked"})
        deaf.sendall(head.replace(b"Content-Length: 0\r\n", b""))
        with pytest.raises(OSError):
            deaf.sendall(b"%x\r\n%b\r\n" % (len(line), line) * 3000)
    assert httpx.get(f"{shared.address}/v1/health").status_code == 200


@contextmanager
def slow_streams(service, bearer, n):
    """Streams that stay open after their first answer, until asked to end."""
    line = json.dumps(json.loads(GRANT)).encode() + b"\n"
    head = _load.request_of(SCREEN, b"", {**bearer, **LINES, "Transfer-Encoding": "chunked"})
    head = head.replace(b"Content-Length: 0\r\n", b"")
    with ExitStack() as open_:
        streams = []
        for _ in range(n):
            stream = socket.create_connection(("127.0.0.1", service.port))
            streams.append(open_.enter_context(stream))
            stream.settimeout(20)
            stream.sendall(head + b"%x\r\n%b\r\n" % (len(line), line))
            said = b""
            while b'"line":1' not in said:
                said += stream.recv(1 << 20)
        yield streams


def test_one_client_never_has_all_places(issuer, bearer, tmp_path):
    path = tmp_path / "service.toml"
    path.write_text("max_at_once = 8\nread_seconds = 60.0\n")
    words = words_of(issuer.settings(tmp_path / "record.db"), "--settings", str(path))
    other = {**JSON, **issuer.bearer(*DECIDER, sub="system-b")}
    with process(tmp_path, *words) as service:

        def asked(headers):
            return httpx.post(f"{service.address}{SCREEN}", content=GRANT, headers=headers)

        with slow_streams(service, bearer, 2) as streams:
            refused = asked(bearer)
            assert refused.status_code == 429, refused.text
            assert refused.json()["type"] == "urn:risicoscreener:problem:too-many-at-once"
            assert refused.headers["retry-after"] == "1"
            # another token of the same client is the same client
            again = {**JSON, **issuer.bearer(*DECIDER, jti="another")}
            assert asked(again).status_code == 429
            assert asked(other).status_code == 200
            assert httpx.get(f"{service.address}/v1/readiness").status_code == 200
            streams[0].sendall(b"0\r\n\r\n")
            said = b""
            while b'"done":true' not in said:
                said += streams[0].recv(1 << 20)
            assert asked(bearer).status_code == 200
        # who goes away in the midst leaves the place too
        end = time.monotonic() + 20
        while (answer := asked(bearer)).status_code == 429 and time.monotonic() < end:
            time.sleep(0.05)
        assert answer.status_code == 200
        with slow_streams(service, bearer, 2):
            assert asked(bearer).status_code == 429


def test_two_services_write_one_record(place, bearer, tmp_path):
    settings, words = place
    with process(tmp_path, *words) as one, process(tmp_path, *words) as two:

        def ask(i):
            service = (one, two)[i % 2]
            headers = {**bearer, "idempotency-key": f"shared-key-{i // 4}"}
            return httpx.post(f"{service.address}{SCREEN}", content=GRANT, headers=headers)

        def race(i):
            service = (one, two)[i // 2 % 2]
            headers = {**bearer, "idempotency-key": f"raced-key-{i // 8}"}
            body = (GRANT, DENY)[i % 2]
            return httpx.post(f"{service.address}{SCREEN}", content=body, headers=headers)

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(ask, range(40)))
            raced = list(threads.map(race, range(24)))
    assert {answer.status_code for answer in answers} == {200}
    # of two questions under one key one is answered, whoever was asked first
    for key in range(3):
        of_key = raced[8 * key : 8 * key + 8]
        won = {i % 2 for i, answer in enumerate(of_key) if answer.status_code == 200}
        assert len(won) == 1
        assert len({answer.content for answer in of_key if answer.status_code == 200}) == 1
        lost = [answer for i, answer in enumerate(of_key) if i % 2 not in won]
        assert {answer.status_code for answer in lost} == {422}
    # one key, one entry, whichever service was asked
    for i in range(0, 40, 4):
        assert len({answer.content for answer in answers[i : i + 4]}) == 1
    with open_log(settings.record) as log:
        assert log.verify().ok
        assert len(log) == 2 * (10 + 3)


def test_what_cannot_start_says_why(run, tmp_path, issuer):
    record = tmp_path / "record.db"
    good = words_of(issuer.settings(record))
    assert run("serve", *good, "--check")[0] == 0
    for words, named in (
        ((), "record"),
        (("--demo", "--host", "0.0.0.0"), "127.0.0.1"),
        ((*good, "--host", "0.0.0.0"), "certificate"),
        ((*good, "--certificate", str(record)), "key"),
        ((*good[:-1], str(tmp_path / "no.json"), "--check"), "no.json"),
        (("--settings", str(tmp_path / "none.toml")), "none.toml"),
    ):
        code, out, err = run("serve", *words)
        assert code in (2, 3)
        assert not out
        assert named in err
    assert run("serve", "--port", "99999")[0] == 2


def test_settings_in_a_file_are_read_strictly(run, tmp_path):
    path = tmp_path / "service.toml"
    for text, named in (
        ("port = 1", "port"),
        ("burst = 0", "burst"),
        ("[", "TOML"),
        ('algorithms = ["HS256"]', "algorithms"),
    ):
        path.write_text(text)
        code, _, err = run("serve", "--settings", path, "--demo", "--check")
        assert code == 3
        assert named in err


def test_the_description_is_printed(run):
    code, out, _ = run("serve", "--describe", "--lang", "en")
    assert code == 0
    assert json.loads(out)["openapi"] == "3.1.0"
