"""What an agent wants done: the only things the window writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from console.domain.ids import ConversationId, LabelId, MessageId, NoteId, ProfileId


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file chosen in the composer; `size` in bytes.

    `path` is where it came from, empty for a pasted picture. `kept` names its bytes in the local
    store; None while they have yet to be read from `path`. With neither it is known by name alone:
    it was attached on another machine, or in a store that is lost. One with a `caption` leaves as
    a message of its own, with the caption as its text.
    """

    path: str
    name: str
    content_type: str
    size: int
    kept: int | None = None
    caption: str = ""

    @property
    def is_missing(self) -> bool:
        """Nothing of it is here but the name."""
        return self.kept is None and not self.path


@dataclass(frozen=True, slots=True)
class TemplateChoice:
    """A template with its values, as `send_message` takes it."""

    content_sid: str
    name: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send text and files, or a template. `id` is made once, so repeats are harmless.

    With a template `text` is what the customer will read: its body with the values filled in.
    `seen` is the newest message the agent had before them: what came after it while the line was
    down is shown to them before the reply leaves. `hold` is for how many seconds the reply can
    still be taken back.
    """

    id: MessageId
    conversation_id: ConversationId
    text: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: MessageId | None = None
    template: TemplateChoice | None = None
    seen: MessageId | None = None
    hold: float = 0.0


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
class Assign:
    """Give the conversation to someone, or to nobody."""

    conversation_id: ConversationId
    assignee_id: ProfileId | None


@dataclass(frozen=True, slots=True)
class Take:
    """Give the conversation to oneself, unless a colleague got it who was not seen to have it.

    `seen` is whose it was when it was asked for; None for nobody's.
    """

    conversation_id: ConversationId
    assignee_id: ProfileId
    seen: ProfileId | None


@dataclass(frozen=True, slots=True)
class Snooze:
    """Put the conversation away until a moment (UTC), or until the customer writes."""

    conversation_id: ConversationId
    until: datetime


@dataclass(frozen=True, slots=True)
class Resolve:
    """The conversation is done."""

    conversation_id: ConversationId


@dataclass(frozen=True, slots=True)
class Reopen:
    """Bring a snoozed or resolved conversation back."""

    conversation_id: ConversationId


@dataclass(frozen=True, slots=True)
class SetLabel:
    """Put a label on the conversation, or take it off."""

    conversation_id: ConversationId
    label_id: LabelId
    on: bool


@dataclass(frozen=True, slots=True)
class SetPriority:
    """How urgent the conversation is: low, normal, high or urgent."""

    conversation_id: ConversationId
    priority: str


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write a note that only the team sees. `id` is made once, so repeats are harmless."""

    id: NoteId
    conversation_id: ConversationId
    body: str
    mentions: tuple[ProfileId, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the composer of one conversation: a reply (which may quote), or a note."""

    conversation_id: ConversationId
    text: str
    attachments: tuple[Attachment, ...] = ()
    reply_to: MessageId | None = None
    note: str = ""
