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
from urllib.parse import parse_qsl, urlsplit, urlunsplit

# Far more than Twilio sends, few enough to sort for anybody who knocks.
MOST_FIELDS = 5_000

_DEFAULT_PORTS = {"http": 80, "https": 443}


class TooManyFieldsError(ValueError):
    """The body has more form fields than we are willing to look at."""


def fields_of(body: bytes) -> list[tuple[bytes, bytes]]:
    """The form fields of a body as raw bytes, in order, blank values kept, nothing trimmed."""
    if body.count(b"&") >= MOST_FIELDS:
        raise TooManyFieldsError
    # latin-1 maps every byte to one character and back, so parsing loses nothing.
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    return [(key.encode("latin-1"), value.encode("latin-1")) for key, value in pairs]


def sign(token: str, url: str, fields: Iterable[tuple[bytes, bytes]]) -> str:
    """The signature of a form request: URL, then each key with its values, both sorted.

    Repeated values of one key count once.
    """
    text = url.encode("latin-1", "replace")
    text += b"".join(key + value for key, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), text, hashlib.sha1).digest()).decode()


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
    *, token: str, url: str, body: bytes, signature: str | None, is_json: bool = False
) -> bool:
    """Whether `signature` was made with `token` for this URL (query included) and this body.

    Raises TooManyFieldsError for a body that is not worth sorting.
    """
    if not signature or not signature.isascii():
        return False
    query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    expected = query.get("bodySHA256")
    if expected is not None and is_json:
        digest = hashlib.sha256(body).hexdigest()
        if not expected.isascii() or not hmac.compare_digest(digest, expected.lower()):
            return False
        variants: list[list[tuple[bytes, bytes]]] = [[]]
    else:
        raw = fields_of(body)
        variants = [raw]
        # Twilio's own libraries decode before they sign, and replace what is not UTF-8.
        replaced = [(_as_text(key), _as_text(value)) for key, value in raw]
        if replaced != raw:
            variants.append(replaced)
    genuine = False
    for fields in variants:
        for candidate in both_ports(url):
            genuine |= hmac.compare_digest(sign(token, candidate, fields), signature)
    return genuine


def _as_text(raw: bytes) -> bytes:
    return raw.decode("utf-8", "replace").encode()
