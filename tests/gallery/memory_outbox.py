"""The outbox in memory: remembers every intent and shows what it does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from console.domain.content import Content, Kind, MediaItem, MediaState
from console.domain.conversation import ConversationStatus
from console.domain.delivery import Direction, Status
from console.domain.ids import ConversationId, MessageId
from console.domain.intents import (
    AddNote,
    Assign,
    Draft,
    MarkRead,
    Reopen,
    Resolve,
    RetryMessage,
    SendMessage,
    SetLabel,
    SetPriority,
    SettleMessage,
    Snooze,
    Take,
)
from console.domain.message import Message
from tests.gallery.memory_desk import ME

if TYPE_CHECKING:
    from tests.gallery.memory import MemoryStore


class MemoryOutbox:
    """Remembers every intent; a sent reply shows in its thread as the real one does."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.intents: list[object] = []
        self.discarded: list[MessageId] = []
        self.gone: set[MessageId] = set()  # what has left and cannot be taken back
        self.waiting = 0
        self.failure: Exception | None = None

    async def send(self, intent: SendMessage, kept: Draft | None = None) -> None:
        if self.failure is not None:
            raise self.failure
        self.intents.append(intent)
        kind = Kind.TEXT
        media: tuple[MediaItem, ...] = ()
        if intent.attachments:
            first = intent.attachments[0]
            family = first.content_type.partition("/")[0]
            kind = Kind(family) if family in ("image", "audio", "video") else Kind.DOCUMENT
            media = tuple(
                MediaItem(
                    index=index,
                    content_type=item.content_type,
                    name=item.name,
                    size=item.size,
                    state=MediaState.PENDING,
                    bucket="attachments",
                    path=f"kept/{item.kept}",
                )
                for index, item in enumerate(intent.attachments)
            )
        self._store.add(
            Message(
                id=intent.id,
                conversation_id=intent.conversation_id,
                direction=Direction.OUTBOUND,
                content=Content(kind, intent.text, media),
                timestamp=self._store.server_now(),
                status=Status.QUEUED,
                version=1,
                sent_by=ME.id,
                local=True,
            )
        )

    async def retry(self, intent: RetryMessage) -> None:
        self.intents.append(intent)

    async def settle(self, intent: SettleMessage) -> None:
        self.intents.append(intent)

    async def mark_read(self, intent: MarkRead) -> None:
        self.intents.append(intent)

    async def assign(self, intent: Assign) -> None:
        name = next((p.name for p in self._store.desk.team if p.id == intent.assignee_id), None)
        self._change(intent, assignee_id=intent.assignee_id, assignee_name=name)

    async def take(self, intent: Take) -> None:
        name = next((p.name for p in self._store.desk.team if p.id == intent.assignee_id), None)
        self._change(intent, assignee_id=intent.assignee_id, assignee_name=name)

    async def resolve(self, intent: Resolve) -> None:
        self._change(intent, status=ConversationStatus.RESOLVED, waiting_since=None)

    async def reopen(self, intent: Reopen) -> None:
        self._change(intent, status=ConversationStatus.OPEN, snoozed_until=None)

    async def snooze(self, intent: Snooze) -> None:
        self._change(intent, status=ConversationStatus.SNOOZED, snoozed_until=intent.until)

    async def label(self, intent: SetLabel) -> None:
        row = await self._store.conversations.get(intent.conversation_id)
        assert row is not None
        kept = tuple(label for label in row.labels if label.id != intent.label_id)
        known = tuple(label for label in self._store.desk.known if label.id == intent.label_id)
        self._change(intent, labels=kept + (known if intent.on else ()))

    async def prioritise(self, intent: SetPriority) -> None:
        self._change(intent, priority=intent.priority)

    async def note(self, intent: AddNote) -> None:
        if self.failure is not None:
            raise self.failure
        self.intents.append(intent)
        self._store.add(
            Message(
                id=MessageId(intent.id),
                conversation_id=intent.conversation_id,
                direction=Direction.OUTBOUND,
                content=Content(Kind.NOTE, intent.body, mentions=intent.mentions),
                timestamp=self._store.server_now(),
                status=None,
                version=1,
                sent_by=ME.id,
                sender_name=ME.name,
                local=True,
            )
        )

    async def take_back(self, message_id: MessageId) -> Draft | None:
        intent = next((entry for entry in self.sent() if entry.id == message_id), None)
        if intent is None or message_id in self.gone:
            return None
        self.intents.remove(intent)
        thread = self._store.messages.threads[intent.conversation_id]
        thread[:] = [message for message in thread if message.id != message_id]
        present = await self._store.drafts.get(intent.conversation_id)
        now = present or Draft(intent.conversation_id, "")
        draft = replace(
            now,
            text="\n\n".join(
                text for text in (intent.template is None and intent.text, now.text) if text
            ),
            attachments=intent.attachments + now.attachments,
            reply_to=now.reply_to or intent.reply_to,
        )
        await self._store.drafts.save(draft)
        self._store.announce(intent.conversation_id)
        return draft

    async def mark_unread(self, conversation_id: ConversationId) -> None:
        self._store.conversations.change(conversation_id, unread=1)
        self._store.announce(conversation_id)

    def _change(
        self,
        intent: Assign | Take | Resolve | Reopen | Snooze | SetLabel | SetPriority,
        **values: object,
    ) -> None:
        self.intents.append(intent)
        self._store.conversations.change(intent.conversation_id, **values)
        self._store.announce(intent.conversation_id)

    async def discard(self, message_id: MessageId) -> None:
        self.discarded.append(message_id)

    async def pending(self) -> int:
        return self.waiting

    def sent(self) -> list[SendMessage]:
        return [intent for intent in self.intents if isinstance(intent, SendMessage)]
