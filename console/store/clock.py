"""The server's time as far as this machine knows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Our clock corrected by what the server last said; windows are judged by this time."""

    def __init__(self, offset: timedelta) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The server's time now, aware, UTC."""
        return datetime.now(UTC) + self.offset
