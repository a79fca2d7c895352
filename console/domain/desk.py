"""What an agent has at hand beside the conversations: canned replies, templates, search hits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.conversation import ConversationStatus
from console.domain.ids import CannedReplyId, ConversationId, MessageId


@dataclass(frozen=True, slots=True)
class CannedFile:
    """A file of a canned reply, in the bucket `attachments`; `size` in bytes."""

    path: str
    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A text for many occasions, called by `/shortcut`; its body may hold {{variables}}."""

    id: CannedReplyId
    shortcut: str
    body: str
    files: tuple[CannedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A message that WhatsApp approved beforehand, sent by `content_sid`.

    `body` holds {{1}} or {{name}}; `variables` maps each to an example. `status` is WhatsApp's
    approval state, as the Content API says. `buttons` are what the customer can tap under it.
    """

    content_sid: str
    name: str
    language: str
    body: str
    variables: Mapping[str, str] = field(default_factory=dict)
    status: str = ""
    buttons: tuple[str, ...] = ()

    @property
    def is_approved(self) -> bool:
        return self.status == "approved"


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A message that holds what was searched. `spans` are (start, length) within `snippet`.

    `status` is its conversation's, where that is known.
    """

    message_id: MessageId
    conversation_id: ConversationId
    timestamp: datetime
    name: str
    snippet: str
    spans: tuple[tuple[int, int], ...] = ()
    status: ConversationStatus = ConversationStatus.OPEN
