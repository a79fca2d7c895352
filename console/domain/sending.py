"""Whether replies leave at all: what the service says about itself to everybody at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SendingState:
    """`state` is running, stopped or trying (one message goes first). Times are UTC.

    `error_code` and `error_text` say why it stopped, `next_try_at` when the service looks again.
    """

    state: str
    error_code: int | None = None
    error_text: str | None = None
    since: datetime | None = None
    next_try_at: datetime | None = None

    @property
    def is_stopped(self) -> bool:
        return self.state == "stopped"
