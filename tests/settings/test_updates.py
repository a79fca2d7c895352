"""The update notice: believed only when the house signed it, and never more than a sentence."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path

import manifest as command
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.settings.project import project_file
from console.settings.updates import (
    LARGEST,
    Manifest,
    ManifestError,
    Standing,
    UpdateSource,
    find_updates,
    new_key,
    public_key_of,
    read_manifest,
    signed,
    standing,
)

KEY = new_key()
PUBLIC = public_key_of(KEY)
GOOD = Manifest("1.4.0", "https://balas.example.com/notes", "1.2")


def test_what_the_house_signed_is_believed() -> None:
    assert read_manifest(signed(GOOD, KEY), PUBLIC) == GOOD


def test_another_key_is_not_believed() -> None:
    with pytest.raises(ManifestError, match="somebody else"):
        read_manifest(signed(GOOD, new_key()), PUBLIC)


@pytest.mark.parametrize("field", ["version", "notes_url", "minimum"])
def test_no_field_can_be_changed_after_signing(field: str) -> None:
    whole = json.loads(signed(GOOD, KEY))
    said = json.loads(whole["manifest"])
    said[field] += "1"
    whole["manifest"] = json.dumps(said, sort_keys=True)
    with pytest.raises(ManifestError, match="changed"):
        read_manifest(json.dumps(whole).encode(), PUBLIC)


def test_a_bare_signature_over_the_text_made_for_another_use_does_not_fit() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    text = json.loads(signed(GOOD, KEY))["manifest"]
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(KEY))
    other = base64.b64encode(private.sign(text.encode())).decode()
    with pytest.raises(ManifestError):
        read_manifest(json.dumps({"manifest": text, "signature": other}).encode(), PUBLIC)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_anything_else_is_refused_in_one_way(data: bytes) -> None:
    with pytest.raises(ManifestError):
        read_manifest(data, PUBLIC)


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[]",
        b'"text"',
        b"[" * 8_000,
        b'{"manifest": 1, "signature": "AA=="}',
        b'{"manifest": "{}", "signature": "\xc3\xa9"}',
        b" " * (LARGEST + 1),
    ],
)
def test_odd_json_is_refused_too(data: bytes) -> None:
    with pytest.raises(ManifestError):
        read_manifest(data, PUBLIC)


@pytest.mark.parametrize(
    "manifest",
    [
        Manifest("1.4; rm", "https://balas.example.com", "1.0"),
        Manifest("1.4", "http://balas.example.com", "1.0"),
        Manifest("1.4", "javascript:alert(1)", "1.0"),
        Manifest("1.4", "https://ani@balas.example.com", "1.0"),
        Manifest("1.4", "https://balas.example.com", "1.5"),
        Manifest("", "https://balas.example.com", ""),
    ],
)
def test_a_manifest_that_makes_no_sense_cannot_be_signed(manifest: Manifest) -> None:
    with pytest.raises(ManifestError):
        signed(manifest, KEY)


@pytest.mark.parametrize(
    ("running", "expected"),
    [
        ("1.4.0", Standing.CURRENT),
        ("1.4", Standing.CURRENT),
        ("1.10", Standing.CURRENT),
        ("1.3.9", Standing.NEWER_THERE),
        ("1.2.0", Standing.NEWER_THERE),
        ("1.1.99", Standing.TOO_OLD),
        ("1.5-ours", Standing.CURRENT),
    ],
)
def test_how_a_version_stands_to_it(running: str, expected: Standing) -> None:
    assert standing(GOOD, running) is expected


def test_address_and_key_come_with_the_build(tmp_path: Path) -> None:
    file = tmp_path / "balas-project.json"
    preset = {"supabase_url": "https://x.example", "publishable_key": "sb_publishable_x"}
    file.write_text(json.dumps(preset))
    assert find_updates(environment={}, program_folder=tmp_path) is None
    preset |= {"update_url": "https://balas.example.com/update.json", "update_key": PUBLIC}
    file.write_text(json.dumps(preset))
    found = find_updates(environment={}, program_folder=tmp_path)
    assert found == UpdateSource("https://balas.example.com/update.json", PUBLIC)
    chosen = {"BALAS_UPDATE_URL": "https://other.example", "BALAS_UPDATE_KEY": PUBLIC}
    found = find_updates(environment=chosen, program_folder=tmp_path)
    assert found == UpdateSource("https://other.example", PUBLIC)


def test_in_a_bundle_of_macos_the_file_is_where_a_signature_allows_it(tmp_path: Path) -> None:
    program = tmp_path / "Balas.app" / "Contents" / "MacOS"
    assert project_file(program) == program.parent / "Resources" / "balas-project.json"
    assert project_file(tmp_path) == tmp_path / "balas-project.json"


@pytest.mark.parametrize(
    ("url", "key"),
    [("http://balas.example.com", PUBLIC), ("https://x.example", "no key")],
    ids=["no tls", "no key"],
)
def test_an_address_without_tls_or_a_key_that_is_none_turns_it_off(
    url: str, key: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = {"BALAS_UPDATE_URL": url, "BALAS_UPDATE_KEY": key}
    with caplog.at_level(logging.WARNING):
        assert find_updates(environment=chosen, program_folder=tmp_path) is None
    assert "the update notice is off" in caplog.text


def test_the_command_makes_a_key_signs_and_checks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, file = tmp_path / "update.key", tmp_path / "update.json"
    assert command.main(["key", str(key)]) == 0
    public = capsys.readouterr().out.strip()
    assert key.stat().st_mode & 0o777 == 0o600
    words = ["--version", "1.4", "--minimum", "1.2", "--notes", "https://balas.example.com"]
    assert command.main(["sign", str(key), *words]) == 0
    file.write_text(capsys.readouterr().out)
    assert command.main(["check", str(file), "--key", public]) == 0
    assert "1.4, not below 1.2" in capsys.readouterr().out
    assert command.main(["check", str(file), "--key", PUBLIC]) == 1
    assert command.main(["key", str(key)]) == 1, "an older key is never written over"
