"""Twilio's request signature: is this request really from our Twilio account?

Source: https://www.twilio.com/docs/usage/security#validating-requests. Everything is computed on
bytes, as Twilio signed them, so that text that is not UTF-8 can be checked as well. The only base
is the configured public URL: neither Host nor a proxy's headers have a say.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit, urlunsplit

# Far more than Twilio sends, few enough to sort for anybody who knocks.
MOST_FIELDS = 5_000

_DEFAULT_PORTS = {"http": 80, "https": 443}


class TooManyFieldsError(ValueError):
    """The body has more form fields than we are willing to look at."""


def fields_of(body: bytes) -> list[tuple[bytes, bytes]]:
    """The form fields of a body as raw bytes, in order, blank values kept, nothing trimmed."""
    if body.count(b"&") >= MOST_FIELDS:
        raise TooManyFieldsError
    fields = []
    for part in body.split(b"&"):
        if part:
            key, _, value = part.partition(b"=")
            fields.append((_unquoted(key), _unquoted(value)))
    return fields


def _unquoted(raw: bytes) -> bytes:
    raw = raw.replace(b"+", b" ")
    return unquote_to_bytes(raw) if b"%" in raw else raw


def sign(token: str, url: str, fields: Iterable[tuple[bytes, bytes]]) -> str:
    """The signature of a form request: URL, then each key with its values, both sorted.

    Repeated values of one key count once.
    """
    return _signature(token, url, _signed_text(fields))


def _signed_text(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(map(b"".join, sorted(set(fields))))


def _signature(token: str, url: str, text: bytes) -> str:
    digest = hmac.digest(token.encode(), url.encode("latin-1", "replace") + text, "sha1")
    return base64.b64encode(digest).decode()


@lru_cache(maxsize=64)
def both_ports(url: str) -> tuple[str, str]:
    """The URL with and without its port: Twilio is not consistent about which one it signs."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    name = host[: -len(f":{parts.port}")] if parts.port is not None else host
    port = parts.port if parts.port is not None else _DEFAULT_PORTS.get(parts.scheme, 443)
    # Cut out of the text, not rebuilt from the parts: an empty query's "?" is signed as well.
    rest = url[len(urlunsplit((parts.scheme, parts.netloc, "", "", ""))) :]
    return f"{parts.scheme}://{name}:{port}{rest}", f"{parts.scheme}://{name}{rest}"


def is_genuine(
    *,
    token: str,
    url: str,
    body: bytes,
    signature: str | None,
    is_json: bool = False,
    fields: list[tuple[bytes, bytes]] | None = None,
) -> bool:
    """Whether `signature` was made with `token` for this URL (query included) and this body.

    `fields` are those of the body, if known already. Raises TooManyFieldsError for a body that is
    not worth sorting.
    """
    if not signature or not signature.isascii():
        return False
    expected = _body_hash(url) if is_json else None
    if expected is not None:
        digest = hashlib.sha256(body).hexdigest()
        if not expected.isascii() or not hmac.compare_digest(digest, expected.lower()):
            return False
        variants: list[list[tuple[bytes, bytes]]] = [[]]
    else:
        raw = fields_of(body) if fields is None else fields
        variants = [raw]
        # Twilio's own libraries decode before they sign, and replace what is not UTF-8.
        if not _is_text(raw):
            variants.append([(_as_text(key), _as_text(value)) for key, value in raw])
    genuine = False
    for variant in variants:
        text = _signed_text(variant)
        for candidate in both_ports(url):
            genuine |= hmac.compare_digest(_signature(token, candidate, text), signature)
    return genuine


def _body_hash(url: str) -> str | None:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)).get("bodySHA256")


def _is_text(fields: list[tuple[bytes, bytes]]) -> bool:
    try:
        b"&".join(map(b"&".join, fields)).decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_text(raw: bytes) -> bytes:
    return raw.decode("utf-8", "replace").encode()
