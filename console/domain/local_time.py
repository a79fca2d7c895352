"""What time it is where a customer lives: from what the team noted, else from their number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Under which name a team may have written it down; compared without case, blanks and signs.
_NAMES = frozenset({"timezone", "zonawaktu", "tz"})
# As people in Indonesia say it.
_SPOKEN = {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"}


@lru_cache(maxsize=512)
def _zones(number: str) -> tuple[str, ...]:
    # Here and not above: its tables take a tenth of a second, and most of a day nobody looks.
    import phonenumbers
    from phonenumbers import timezone

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ()
    return tuple(name for name in timezone.time_zones_for_number(parsed) if "Unknown" not in name)


def _named(attributes: Mapping[str, str]) -> ZoneInfo | None:
    for key, value in attributes.items():
        if "".join(c for c in key.casefold() if c.isalnum()) in _NAMES:
            wanted = _SPOKEN.get(value.strip().casefold(), value.strip())
            try:
                return ZoneInfo(wanted)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                return None
    return None


def local_zone(number: str | None, attributes: Mapping[str, str], now: datetime) -> ZoneInfo | None:
    """The customer's zone, or None where it is not known or their country has several times.

    The first call takes a tenth of a second: not for the thread of a window.
    """
    noted = _named(attributes)
    if noted is not None or not number:
        return noted
    found = []
    for name in _zones(number):
        try:
            found.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    if len({now.astimezone(zone).utcoffset() for zone in found}) != 1:
        return None
    return found[0]
