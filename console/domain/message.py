"""A message as the thread shows it: a row of the server, or an intent laid over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.domain.content import Content
from console.domain.delivery import ENDS, Direction, Status
from console.domain.ids import AttemptId, ConversationId, MessageId, ProfileId


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that this one answers, as far as we know it."""

    message_id: MessageId | None
    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """One bubble. `version` grows with every visible change and keys the layout cache.

    `local` is true while only this machine knows the message; `upload` is 0..1 while its
    files go up; `rule` is the short name of the server's rule that refused it; `last_try` is why
    a queued reply waits: the attempt that came back.
    """

    id: MessageId
    conversation_id: ConversationId
    direction: Direction
    content: Content
    timestamp: datetime
    status: Status | None
    version: int
    sid: str | None = None
    sent_by: ProfileId | None = None
    sender_name: str | None = None
    error_code: int | None = None
    error_text: str | None = None
    quote: Quote | None = None
    automatic: bool = False
    local: bool = False
    waiting: str | None = None
    upload: float | None = None
    rule: str | None = None
    last_try: Attempt | None = None

    @property
    def is_failed(self) -> bool:
        return self.status in ENDS


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to Twilio for a message, oldest first in the ledger.

    `outcome` is calling, accepted, refused, retry, uncertain or settled; `words` is what
    happened in a sentence for a person.
    """

    id: AttemptId
    message_id: MessageId
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    http_status: int | None = None
    error_code: int | None = None
    words: str | None = None
