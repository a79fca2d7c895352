"""Times as the store keeps them: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# One number orders a thread: a send becomes at most ten rows of one moment.
PARTS = 16


@overload
def micros(moment: datetime) -> int: ...
@overload
def micros(moment: datetime | None) -> int | None: ...
def micros(moment: datetime | None) -> int | None:
    """Exact, without a detour through floating point."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


@overload
def moment_of(stored: int) -> datetime: ...
@overload
def moment_of(stored: int | None) -> datetime | None: ...
def moment_of(stored: int | None) -> datetime | None:
    """The aware UTC time of a stored number."""
    return None if stored is None else _EPOCH + timedelta(microseconds=stored)


def instant_of(text: object) -> datetime | None:
    """A timestamptz as the server writes it, in UTC; None where there is none to read."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def position_of(timestamp: int, part: int = 0) -> int:
    """The place in a thread of the part-th row of what happened at `timestamp`."""
    return timestamp * PARTS + min(part, PARTS - 1)
