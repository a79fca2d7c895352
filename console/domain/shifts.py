"""What changes hands at the end of a shift, and the notes in which somebody is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.domain.ids import ConversationId, MessageId, ProfileId


@dataclass(frozen=True, slots=True)
class Handed:
    """A handover as the server did it: how many went, and how many could not be given."""

    count: int
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Mention:
    """A note that mentions this agent. `customer` is whom its conversation is with."""

    id: MessageId
    conversation_id: ConversationId
    author_id: ProfileId | None
    author: str
    customer: str
    body: str
    at: datetime
    unread: bool
