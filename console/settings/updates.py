"""The signed word on new releases: what it says, whether it may be believed, what follows from it.

An administrator publishes one small JSON file, the manifest, at an https address, signed with a key
that only they hold. The desktop believes it only with their public key, which came with the build.
All that can follow is a sentence with a link: nothing is ever downloaded or started by itself.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from console.settings.project import project_file

log = logging.getLogger(__name__)

LARGEST = 8_192  # bytes; a manifest is about 300
# Signed with the text, so that a signature made for something else never fits.
_CONTEXT = b"balas update manifest 1\n"
_VERSION = re.compile(r"\d{1,5}(?:\.\d{1,5}){0,3}", flags=re.ASCII)


class ManifestError(ValueError):
    """A manifest that may not be believed; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the administrator says of releases.

    `version` is the one to have, `notes_url` (https) says what is new and where to get it, and
    whatever is older than `minimum` should no longer be used.
    """

    version: str
    notes_url: str
    minimum: str


class Standing(StrEnum):
    """How this program stands to a manifest."""

    CURRENT = "current"
    NEWER_THERE = "newer_there"
    TOO_OLD = "too_old"  # below the minimum


@dataclass(frozen=True, slots=True)
class UpdateSource:
    """Where the manifest is, and the public key that it must be signed with (base64)."""

    url: str
    key: str


def find_updates(
    *, environment: Mapping[str, str] = os.environ, program_folder: Path | None = None
) -> UpdateSource | None:
    """From BALAS_UPDATE_URL and BALAS_UPDATE_KEY, else from the project file beside the program.

    None without an address over https, or without a key: then nobody is asked anything.
    """
    url, key = environment.get("BALAS_UPDATE_URL", ""), environment.get("BALAS_UPDATE_KEY", "")
    if not (url and key):
        try:
            data = json.loads(project_file(program_folder).read_text(encoding="utf-8"))
            url, key = str(data["update_url"]), str(data["update_key"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
    url, key = url.strip(), key.strip()
    if not _is_https(url) or _public(key) is None:
        log.warning("the update notice is off: its address is not https or its key is no key")
        return None
    return UpdateSource(url, key)


def read_manifest(data: bytes, key: str) -> Manifest:
    """The manifest in `data`, when `key` (base64) signed it.

    Raises ManifestError for anything else; nothing of its content is used before the signature.
    """
    if len(data) > LARGEST:
        raise ManifestError("larger than a manifest may be")
    public = _public(key)
    if public is None:
        raise ManifestError("the key is no key")
    try:
        found = json.loads(data)
        text, signature = found["manifest"], found["signature"]
        public.verify(base64.b64decode(signature, validate=True), _CONTEXT + text.encode())
    except InvalidSignature:
        raise ManifestError("signed by somebody else, or changed since") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ManifestError("not a signed manifest") from None
    try:
        said = json.loads(text)
        fields = [said[name] for name in ("version", "notes_url", "minimum")]
    except (ValueError, KeyError, TypeError):
        raise ManifestError("signed, but not in a form that this release knows") from None
    if not all(isinstance(field, str) for field in fields):
        raise ManifestError("signed, but not in a form that this release knows")
    return checked(Manifest(*fields))


def checked(manifest: Manifest) -> Manifest:
    """The manifest itself when every field is in order; raises ManifestError."""
    for version in (manifest.version, manifest.minimum):
        if not _VERSION.fullmatch(version):
            raise ManifestError("a version is not numbers and dots")
    if _numbers(manifest.minimum) > _numbers(manifest.version):
        raise ManifestError("the minimum is newer than the version itself")
    if not _is_https(manifest.notes_url):
        raise ManifestError("the notes are not at an https address")
    return manifest


def standing(manifest: Manifest, running: str) -> Standing:
    """How the running version stands to what the manifest says."""
    if _numbers(running) < _numbers(manifest.minimum):
        return Standing.TOO_OLD
    if _numbers(running) < _numbers(manifest.version):
        return Standing.NEWER_THERE
    return Standing.CURRENT


def signed(manifest: Manifest, private_key: str) -> bytes:
    """The file to publish. `private_key` as `new_key` made it; raises ManifestError."""
    text = json.dumps(asdict(checked(manifest)), sort_keys=True)
    signature = _private(private_key).sign(_CONTEXT + text.encode())
    whole = {"manifest": text, "signature": base64.b64encode(signature).decode("ascii")}
    return json.dumps(whole, indent=1).encode("ascii") + b"\n"


def new_key() -> str:
    """A new private key, base64: to be kept like the keys of the house."""
    return base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode("ascii")


def public_key_of(private_key: str) -> str:
    """What goes into the builds, base64; raises ManifestError."""
    raw = _private(private_key).public_key().public_bytes_raw()
    return base64.b64encode(raw).decode("ascii")


def _private(key: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(key, validate=True))
    except (ValueError, binascii.Error):
        raise ManifestError("the private key is no key") from None


def _public(key: str) -> Ed25519PublicKey | None:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
    except (ValueError, binascii.Error):
        return None


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def _numbers(version: str) -> tuple[int, ...]:
    """1.2 and 1.2.0 are the same; what is not numbers (a build of one's own) counts as newest."""
    if not _VERSION.fullmatch(version):
        return (10**9,)
    numbers = [int(part) for part in version.split(".")]
    return tuple([*numbers, 0, 0, 0][:4])
