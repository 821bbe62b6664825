"""What is shown in the documentation and in the file of the image can be started so."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cases import EXAMPLES, ROOT
from risicoscreener.cli.running import _parser
from risicoscreener.errors import ServiceError
from risicoscreener.serve import Settings, read_settings
from risicoscreener.serve.settings import is_this_machine
from serving import DECIDER, SCREEN, Issuer, on_a_day, running

GRANT = (EXAMPLES / "grant.json").read_bytes()


def test_the_settings_of_the_documentation_can_be_used(tmp_path):
    page = (ROOT / "docs" / "service.md").read_text("utf-8")
    path = tmp_path / "service.toml"
    path.write_text(re.search(r"^```ini\n(.*?)^```$", page, re.MULTILINE | re.DOTALL).group(1))
    found = read_settings(path).checked()
    assert found.burst == 200
    assert found.origins == ("https://dossier.example.org",)


def test_the_words_of_the_image_are_understood():
    text = (ROOT / "Containerfile").read_text("utf-8")
    words = [
        word
        for key in ("ENTRYPOINT", "CMD")
        for word in json.loads(re.search(rf"^{key} (\[.*\])$", text, re.MULTILINE).group(1))
    ]
    assert words[0] == "risicoscreener"
    given = _parser().parse_args(words[1:])
    assert (given.host, given.port) == ("0.0.0.0", 8443)
    assert given.certificate
    for line in re.findall(r"^COPY (?!--from)(.*) \./$", text, re.MULTILINE):
        assert all((ROOT / name).exists() for name in line.split())
    assert re.search(r"^USER risicoscreener$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("host", "is_it"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("127.9.9.9", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
        ("", False),
    ],
)
def test_which_names_are_this_machine(host, is_it):
    assert is_this_machine(host) is is_it


@pytest.mark.parametrize("name", ["keys", "origins", "public_url"])
def test_an_address_that_is_none_is_refused(name):
    address = "https://[::1"
    given = {"keys": "keys.json", name: (address,) if name == "origins" else address}
    settings = Settings(record="r", issuer="i", audience="a", **given)
    with pytest.raises(ServiceError, match=f"{name} (is|has) 'https"):
        settings.checked()


class Keys(BaseHTTPRequestHandler):
    """An issuer that publishes its keys."""

    content = b""
    elsewhere = ""

    def do_GET(self):
        self.send_response(302 if self.elsewhere and self.path != "/other" else 200)
        if self.elsewhere:
            self.send_header("Location", self.elsewhere)
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_):
        pass


@pytest.fixture
def published(tmp_path):
    issuer = Issuer(tmp_path)
    Keys.content = issuer.keys.read_bytes()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield issuer, f"http://127.0.0.1:{server.server_address[1]}/keys.json"
    server.shutdown()
    server.server_close()


def settings_with(issuer, keys, tmp_path, **given):
    import msgspec

    settings = issuer.settings(tmp_path / "record.db", **given)
    return msgspec.structs.replace(settings, keys=keys)


def test_keys_can_stand_at_an_address(published, tmp_path):
    issuer, address = published
    with running(settings_with(issuer, address, tmp_path), today=on_a_day) as service:
        assert service.post(SCREEN, GRANT, issuer.bearer(*DECIDER)).status_code == 200


def test_an_issuer_leads_to_no_address_without_https(published, tmp_path, monkeypatch):
    issuer, address = published
    settings = settings_with(issuer, address, tmp_path)
    monkeypatch.setattr(Keys, "elsewhere", "http://keys.example.org/keys.json")
    with pytest.raises(ServiceError, match="ValueError"), running(settings, today=on_a_day):
        pass
    monkeypatch.setattr(Keys, "elsewhere", address.replace("keys.json", "other"))
    with running(settings, today=on_a_day) as service:
        assert service.post(SCREEN, GRANT, issuer.bearer(*DECIDER)).status_code == 200


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": [{"kty": "oct", "k": "AAAA", "kid": "one"}]}'],
)
def test_without_a_key_that_can_be_used_it_does_not_start(published, tmp_path, content):
    issuer, address = published
    Keys.content = content
    with (
        pytest.raises(ServiceError, match="keys"),
        running(settings_with(issuer, address, tmp_path), today=on_a_day),
    ):
        pass


def test_a_message_never_has_what_a_file_of_settings_holds(tmp_path):
    path = tmp_path / "service.toml"
    path.write_text('record = "postgresql://user:secret@host/db"\nburst = "secret"\n')
    with pytest.raises(ServiceError) as found:
        read_settings(path)
    assert "secret" not in str(found.value)
    assert "burst" in str(found.value)


def test_a_demonstration_asks_for_nothing():
    assert Settings(demo=True).checked().record is None
