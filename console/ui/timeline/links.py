"""Web addresses in a text: found, checked, and shown with the host they really lead to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"https?://[^\s<>\"'\u200e\u200f\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}'…*_~"


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text: `start` and `length` in characters. `host` is in ASCII (punycode)."""

    start: int
    length: int
    url: str
    host: str


def host_of(url: str) -> str | None:
    """The host a browser would contact, in ASCII; None for anything but http and https."""
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return None
        return parts.hostname.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None


def is_deceptive(url: str) -> bool:
    """The host is not what it looks like: foreign letters, or a name in front of an @."""
    host = host_of(url)
    return host is None or "xn--" in host or "@" in urlsplit(url).netloc


def links_in(text: str) -> list[Link]:
    """Every http(s) address, without the punctuation that ends its sentence."""
    found = []
    for match in _ADDRESS.finditer(text):
        url = match.group().rstrip(_TRAILING)
        host = host_of(url)
        if host:
            found.append(Link(match.start(), len(url), url, host))
    return found
