"""A signature says who made a bundle, and nothing else passes for it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from risicoscreener.errors import BundleError
from risicoscreener.models import Bundle, signing


@pytest.fixture(scope="module")
def key() -> signing.PrivateKey:
    return signing.generate_key()


def test_a_signed_bundle_loads_for_who_trusts_the_key(
    bundle: Bundle, key: signing.PrivateKey, tmp_path: Path
) -> None:
    path = bundle.save(tmp_path / "signed.json", private_key=key)
    other = signing.generate_key().public_key()
    loaded = Bundle.load(path, trusted_keys=[other, key.public_key()])
    assert loaded == bundle
    assert loaded.signature is not None


def test_a_bundle_that_is_loaded_and_saved_keeps_its_signature(
    bundle: Bundle, key: signing.PrivateKey
) -> None:
    signed = bundle.to_bytes(key)
    assert Bundle.load(signed).to_bytes() == signed


def test_a_bundle_without_signature_is_refused_where_a_key_is_asked(
    bundle: Bundle, key: signing.PrivateKey
) -> None:
    with pytest.raises(BundleError, match="is not signed"):
        Bundle.load(bundle.to_bytes(), trusted_keys=[key.public_key()])


@pytest.mark.parametrize("trusted", [[], [signing.generate_key().public_key()]])
def test_a_bundle_signed_by_another_is_refused(
    bundle: Bundle, key: signing.PrivateKey, trusted: list[Any]
) -> None:
    with pytest.raises(BundleError, match="not among the trusted keys"):
        Bundle.load(bundle.to_bytes(key), trusted_keys=trusted)


def test_a_signature_of_another_bundle_does_not_fit(
    bundle: Bundle, key: signing.PrivateKey
) -> None:
    envelope = json.loads(bundle.to_bytes())
    envelope["signature"] = {
        "algorithm": "ed25519",
        "public_key": signing.sign("0" * 64, key).public_key,
        "signature": signing.sign("0" * 64, key).signature,
    }
    with pytest.raises(BundleError, match="does not fit its content"):
        Bundle.load(json.dumps(envelope).encode())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"signature": "?"}, "not base64"),
        ({"public_key": "AAAA"}, "does not fit"),
        ({"algorithm": "none"}, "cannot be read"),
        ({"extra": 1}, "cannot be read"),
    ],
)
def test_a_signature_that_cannot_be_read_is_refused(
    bundle: Bundle, key: signing.PrivateKey, change: dict[str, Any], message: str
) -> None:
    envelope = json.loads(bundle.to_bytes(key))
    envelope["signature"] |= change
    with pytest.raises(BundleError, match=message):
        Bundle.load(json.dumps(envelope).encode())


def test_keys_go_to_pem_files_and_back(key: signing.PrivateKey, tmp_path: Path) -> None:
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    private.write_bytes(signing.private_pem(key))
    public.write_bytes(signing.public_pem(key))
    raw = key.public_key().public_bytes_raw()
    assert signing.read_private_key(private).public_key().public_bytes_raw() == raw
    assert signing.read_public_key(public).public_bytes_raw() == raw


def test_openssl_agrees_that_the_signature_is_right(
    bundle: Bundle, key: signing.PrivateKey, tmp_path: Path
) -> None:
    import base64

    (tmp_path / "public.pem").write_bytes(signing.public_pem(key))
    (tmp_path / "message").write_bytes(b"risicoscreener-bundle sha256 " + bundle.sha256.encode())
    signature = signing.sign(bundle.sha256, key).signature
    (tmp_path / "signature").write_bytes(base64.b64decode(signature))
    command = "openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in message -sigfile"
    try:
        done = subprocess.run(
            [*command.split(), "signature"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("content", [b"", b"-----BEGIN nothing-----"])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    with pytest.raises(BundleError, match="no PEM file"):
        signing.read_private_key(path)
    with pytest.raises(BundleError, match=r"none\.pem cannot be read"):
        signing.read_public_key(tmp_path / "none.pem")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    path = tmp_path / "key.pem"
    path.write_bytes(signing.private_pem(X25519PrivateKey.generate()))  # type: ignore[arg-type]
    with pytest.raises(BundleError, match="not an Ed25519 key"):
        signing.read_private_key(path)
