"""Bundles at the command line: verify, compare, sign."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from risicoscreener.cli import main
from risicoscreener.models.shipped import shipped_bundle_bytes

GOLDEN = str(Path(__file__).parent / "models" / "golden_bundles" / "format_1.json")


@pytest.fixture
def keys(tmp_path: Path) -> tuple[str, str]:
    private, public = str(tmp_path / "private.pem"), str(tmp_path / "public.pem")
    assert main(["bundle", "key", "--private", private, "--public", public]) == 0
    return private, public


def test_a_bundle_is_signed_and_verified_with_keys_made_here(
    keys: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed = str(tmp_path / "signed.json")
    shipped = tmp_path / "shipped.json"
    shipped.write_bytes(shipped_bundle_bytes())
    assert main(["bundle", "sign", str(shipped), "--key", keys[0], "--out", signed]) == 0
    assert main(["bundle", "verify", signed, "--trust", keys[1]]) == 0
    assert "ok    signature: fits, of key " in capsys.readouterr().out


def test_a_private_key_is_readable_by_its_owner_alone_and_never_overwritten(
    keys: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stat.S_IMODE(Path(keys[0]).stat().st_mode) == 0o600
    before = Path(keys[0]).read_bytes()
    other = str(tmp_path / "other.pem")
    assert main(["bundle", "key", "--private", keys[0], "--public", other]) != 0
    assert "is there already" in capsys.readouterr().err
    assert Path(keys[0]).read_bytes() == before
    assert not Path(other).exists()


def test_a_bundle_that_no_trusted_key_signed_is_refused(
    keys: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bundle", "verify", GOLDEN, "--trust", keys[1]]) != 0
    assert "is not signed" in capsys.readouterr().err


def test_a_public_key_cannot_sign(
    keys: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "signed.json"
    assert main(["bundle", "sign", GOLDEN, "--key", keys[1], "--out", str(out)]) != 0
    assert "no PEM file that can be read" in capsys.readouterr().err
    assert not out.exists()


def test_what_changed_is_said_in_words_and_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = tmp_path / "shipped.json"
    shipped.write_bytes(shipped_bundle_bytes())
    assert main(["bundle", "diff", GOLDEN, str(shipped), "--lang", "nl"]) == 0
    said = capsys.readouterr().out
    assert "Model any_2y" in said
    assert "Kenmerken vervallen: priors" in said
    assert main(["bundle", "diff", GOLDEN, str(shipped), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["old"] == "golden-format-1"


def test_show_names_what_a_model_carries_besides_its_program(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rich = str(Path(GOLDEN).parent / "format_2.json")
    assert main(["bundle", "show", rich, "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "  program for known age_years, priors: n = " in said
    assert "  sets of risk bands: coverage 0.9, cut-offs 0.2, 0.5, strata *" in said
    assert "  The model estimates as much as " in said
    assert main(["bundle", "show", rich, "--json"]) == 0
    model = json.loads(capsys.readouterr().out)["models"][0]
    assert [pattern["known"] for pattern in model["patterns"]] == [
        ["age_years", "priors", "debt_eur"],
        ["age_years", "priors"],
    ]
    assert model["bands"]["cut_offs"] == [0.2, 0.5]
    assert not {"golden", "golden_patterns", "golden_bands"} & set(model)
