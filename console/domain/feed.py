"""Rows of the server as the feed brings them, typed: what `remote` reads and `store` keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.domain.ids import (
    AttemptId,
    ContactId,
    ConversationId,
    InboxId,
    MessageId,
    ProfileId,
)
from console.domain.intents import Attachment
from console.domain.profile import Profile


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One sender of the business."""

    id: InboxId
    name: str
    channel: str
    address: str | None
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class AddressRow:
    """One address of a contact, e.g. `whatsapp:+62812…`."""

    id: str
    contact_id: ContactId
    address: str
    channel: str
    opted_out_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A person with all their addresses; the phone may be absent."""

    id: ContactId
    name: str
    phone: str | None
    blocked: bool
    addresses: tuple[AddressRow, ...] = ()
    locale: str | None = None
    notes: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConversationFacts:
    """A row of `conversations`; names and previews are the store's to work out."""

    id: ConversationId
    inbox_id: InboxId
    contact_id: ContactId | None
    status: str
    assignee_id: ProfileId | None
    priority: str | None
    snoozed_until: datetime | None
    last_message_at: datetime | None
    last_inbound_at: datetime | None
    waiting_since: datetime | None
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """A row of `messages`, with `media` and `metadata` as the database holds them."""

    id: MessageId
    conversation_id: ConversationId
    direction: str
    message_type: str | None
    content: str | None
    timestamp: datetime
    status: str | None
    media: tuple[Mapping[str, Any], ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    sid: str | None = None
    sent_by: ProfileId | None = None
    error_code: int | None = None
    error_text: str | None = None
    reply_to: MessageId | None = None
    automatic: bool = False
    scheduled_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadRow:
    """How far this agent has read one conversation."""

    conversation_id: ConversationId
    read_at: datetime
    message_id: MessageId | None


@dataclass(frozen=True, slots=True)
class DraftRow:
    """This agent's draft as the server keeps it; files are named there, not held."""

    conversation_id: ConversationId
    text: str
    updated_at: datetime | None
    reply_to: MessageId | None = None
    note: str = ""
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One call to Twilio for one message."""

    id: AttemptId
    message_id: MessageId
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    http_status: int | None
    error_code: int | None
    words: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a small table (notes, events, labels, templates, …), kept as it came.

    `kind` is the table's name; `data` the row. Screens that need one read it by kind.
    """

    kind: str
    id: str
    conversation_id: ConversationId | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of `pull_changes`. `cursor` is opaque and belongs to exactly these rows.

    `forget` names inboxes this agent has left; `deleted` maps a table to ids that are gone.
    Rows that could not be read are left out and counted in `unreadable`.
    """

    cursor: str
    more: bool
    server_time: datetime | None
    forget: tuple[InboxId, ...] = ()
    deleted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()
    inboxes: tuple[InboxRow, ...] = ()
    contacts: tuple[ContactRow, ...] = ()
    conversations: tuple[ConversationFacts, ...] = ()
    messages: tuple[MessageFacts, ...] = ()
    reads: tuple[ReadRow, ...] = ()
    drafts: tuple[DraftRow, ...] = ()
    attempts: tuple[AttemptRow, ...] = ()
    records: tuple[Record, ...] = ()
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class OlderPage:
    """One answer of `messages_before`: newest first; `more` is false at the thread's start.

    `records` are the notes and events of the same stretch of time.
    """

    messages: tuple[MessageFacts, ...]
    more: bool
    contacts: tuple[ContactRow, ...] = ()
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """The answer of a call that changes something: the rows as a page of the feed would bring them.

    The call's own work only; empty sets where it was as asked already. `dropped` names people whom
    a note may not mention, because they cannot see its conversation. With a `conflict` the call
    changed nothing: somebody else had changed these fields, and the rows are as they made them.
    """

    conversations: tuple[ConversationFacts, ...] = ()
    records: tuple[Record, ...] = ()
    deleted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dropped: tuple[ProfileId, ...] = ()
    conflict: tuple[str, ...] = ()
