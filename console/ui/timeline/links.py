"""Web addresses in a text: found, checked, and shown with the host they really lead to."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from PySide6.QtCore import QUrl

# Marks that turn the reading direction end an address, and so does a backslash: browsers read it
# as a slash, others as a part of the name.
_ADDRESS = re.compile(
    r"(?:https?://|(?<![\w@./-])www\.(?=[\w-]+\.\w))"
    r"[^\s<>\"'\\\u200e\u200f\u202a-\u202e\u2066-\u2069]+",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?)]}'…*_~"
LONGEST = 2_000  # characters
# Scheme and host, then what follows them; there people type what a strict reading refuses.
_PARTS = re.compile(r"(https?://[^/?#]*)(.*)", re.IGNORECASE)
_LONELY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LOOSE = "|{}[]^`"


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text: `start` and `length` in characters. `host` is in ASCII (punycode).

    What is written without a scheme, www.…, leads to https.
    """

    start: int
    length: int
    url: str
    host: str


def address_of(url: str) -> QUrl | None:
    """What a browser is given to open; None for anything but http and https.

    Qt reads it as strictly as it can, and what it read is what it opens: no second parser
    between what is shown and what is opened.
    """
    if len(url) > LONGEST or "\\" in url:
        return None
    found = _PARTS.match(url)
    if found is None:
        return None
    rest = _LONELY_PERCENT.sub("%25", found[2])
    encoded = "".join(f"%{ord(c):02X}" if c in _LOOSE else c for c in rest)
    made = QUrl(found[1] + encoded, QUrl.ParsingMode.StrictMode)
    if not made.isValid() or made.scheme() not in ("http", "https") or not made.host():
        return None
    return made


def host_of(url: str) -> str | None:
    """The host a browser would contact, in ASCII; None for anything but http and https."""
    made = address_of(url)
    if made is None:
        return None
    return str(made.host(QUrl.ComponentFormattingOption.FullyEncoded))


def is_deceptive(url: str) -> bool:
    """The host is not what it looks like.

    Foreign or invisible letters, a name in front of an @, a number instead of a name.
    """
    made, host = address_of(url), host_of(url)
    if made is None or host is None:
        return True
    written = url.partition("://")[2].partition("/")[0]
    return (
        any(part.startswith("xn--") for part in host.split("."))
        or not written.isascii()
        or bool(made.userInfo())
        or "@" in made.authority()
        or ("." in host and host.rpartition(".")[2].isdigit())
        or ":" in host
    )


def written_host(url: str) -> str:
    """The host as its letters look, where that differs from the real one; else empty."""
    made, host = address_of(url), host_of(url) or ""
    if made is None:
        return ""
    seen = made.host(QUrl.ComponentFormattingOption.PrettyDecoded)
    if seen == host and "xn--" in host:
        # Qt decodes only the names of registries that it trusts.
        seen = ".".join(_unicode(part) for part in host.split("."))
    seen = "".join(c for c in seen if unicodedata.category(c) not in ("Cf", "Cc", "Co", "Cn"))
    return seen if seen != host else ""


def links_in(text: str) -> list[Link]:
    """Every http(s) address, without the punctuation that ends its sentence."""
    found = []
    for match in _ADDRESS.finditer(text):
        written = match.group().rstrip(_TRAILING)
        url = written if "://" in written[:8] else f"https://{written}"
        host = host_of(url)
        if host:
            found.append(Link(match.start(), len(written), url, host))
    return found


def _unicode(part: str) -> str:
    try:
        return part.encode("ascii").decode("idna") if part.startswith("xn--") else part
    except UnicodeError:
        return part
