"""WhatsApp's 24-hour window for free text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from console.domain.conversation import Channel

# Source: https://www.twilio.com/docs/whatsapp/key-concepts#the-24-hour-window
WINDOW = timedelta(hours=24)
# From here on the list and the header warn: short enough to matter, long enough to act.
CLOSING = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Window:
    """What the agent may write now. `left` is None where no window applies (SMS).

    `never` is true when the customer has not written yet: the window was not open before.
    """

    left: timedelta | None
    never: bool = False

    @property
    def is_open(self) -> bool:
        return self.left is None or self.left > timedelta(0)

    @property
    def is_closing(self) -> bool:
        return self.left is not None and timedelta(0) < self.left <= CLOSING


def window_of(channel: Channel, last_inbound_at: datetime | None, now: datetime) -> Window:
    """The window at `now`, which must be the server's time (UTC), not this machine's."""
    if channel is not Channel.WHATSAPP:
        return Window(None)
    if last_inbound_at is None:
        return Window(timedelta(0), never=True)
    return Window(max(last_inbound_at + WINDOW - now, timedelta(0)))
