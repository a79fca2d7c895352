"""What an agent wants done: the only things the window writes."""

from __future__ import annotations

from dataclasses import dataclass

from console.domain.ids import ConversationId, MessageId


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file chosen in the composer; `size` in bytes.

    `path` is where it came from, empty for a pasted picture. `kept` names its bytes in the local
    store; None while they have yet to be read from `path`.
    """

    path: str
    name: str
    content_type: str
    size: int
    kept: int | None = None


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send text and files. `id` is made once and never changes, so repeats are harmless."""

    id: MessageId
    conversation_id: ConversationId
    text: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: MessageId | None = None


@dataclass(frozen=True, slots=True)
class RetryMessage:
    """Try a failed message again as a new, linked attempt."""

    message_id: MessageId
    new_id: MessageId


@dataclass(frozen=True, slots=True)
class SettleMessage:
    """The agent's answer for a message whose fate Twilio cannot tell: 'sent' or 'failed'."""

    message_id: MessageId
    outcome: str


@dataclass(frozen=True, slots=True)
class MarkRead:
    """This agent has seen the conversation up to `message_id`."""

    conversation_id: ConversationId
    message_id: MessageId


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the composer of one conversation."""

    conversation_id: ConversationId
    text: str
    attachments: tuple[Attachment, ...] = ()
