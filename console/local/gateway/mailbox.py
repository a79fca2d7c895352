"""The mails that Auth would send: kept in memory for holders of the secret key, never logged."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. `kind` is what the code is for, `sent_at` is ISO time in UTC."""

    to: str
    kind: str
    code: str
    sent_at: str


class Mailbox:
    """The last hundred mails, newest first."""

    def __init__(self) -> None:
        self._mails: deque[Mail] = deque(maxlen=100)

    def deliver(self, to: str, kind: str, code: str) -> None:
        """Put one mail in front."""
        self._mails.appendleft(Mail(to, kind, code, datetime.now(UTC).isoformat()))

    def mails(self, to: str | None = None) -> list[dict[str, str]]:
        """All mails, or those to one address."""
        return [asdict(mail) for mail in self._mails if to is None or mail.to == to.lower()]
