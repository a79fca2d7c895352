"""A store in memory with the window's side of `console.store`, for pictures and window tests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

from console.domain.changes import Changes, Link
from console.domain.conversation import Channel, ConversationRow, ConversationStatus
from console.domain.delivery import Direction
from console.domain.desk import SearchHit
from console.domain.feed import ContactRow, ConversationFacts
from console.domain.ids import ConversationId, MessageId
from console.domain.intents import (
    Attachment,
    Draft,
)
from console.domain.message import Attempt, Message
from console.domain.profile import Profile
from console.domain.sending import SendingState
from console.store.bus import ChangeBus
from console.store.drafts import with_file
from console.store.store import Store
from tests.gallery.memory_contacts import MemoryContacts
from tests.gallery.memory_desk import ME, NOW, MemoryConversations, MemoryDesk
from tests.gallery.memory_outbox import MemoryOutbox
from tests.gallery.memory_shift import MemoryTeamWork

__all__ = ["ME", "NOW", "MemoryPreferences", "MemoryStore"]


def file_bytes(path: str) -> bytes:
    return Path(path).read_bytes()


class MemoryMessages:
    """Names the customer on what they wrote, as the real one does."""

    def __init__(
        self, threads: dict[ConversationId, list[Message]], conversations: MemoryConversations
    ) -> None:
        self.threads = threads
        self._conversations = conversations
        self.ledger: dict[MessageId, list[Attempt]] = {}
        self.wanted: list[ConversationId] = []
        self.complete = True

    async def latest(
        self,
        conversation_id: ConversationId,
        limit: int = 60,
        *,
        since: Message | None = None,
        until: Message | None = None,
    ) -> list[Message]:
        thread = self.threads.get(conversation_id, [])
        if until is not None and until.id in [message.id for message in thread]:
            thread = thread[: self._place(thread, until) + 1]
        elif until is not None:
            thread = [message for message in thread if message.timestamp <= until.timestamp]
        if since is not None and since.id in [message.id for message in thread]:
            thread = thread[self._place(thread, since) :]
        elif since is not None:
            thread = [message for message in thread if message.timestamp >= since.timestamp]
        return self._named(thread[-limit:])

    async def before(
        self, conversation_id: ConversationId, oldest: Message, limit: int = 60
    ) -> list[Message]:
        thread = self.threads[conversation_id]
        place = self._place(thread, oldest)
        return self._named(thread[max(0, place - limit) : place])

    async def after(
        self, conversation_id: ConversationId, newest: Message, limit: int = 60
    ) -> list[Message]:
        thread = self.threads[conversation_id]
        place = self._place(thread, newest)
        return self._named(thread[place + 1 : place + 1 + limit])

    async def around(
        self, conversation_id: ConversationId, at: MessageId | datetime, limit: int = 60
    ) -> list[Message]:
        thread = self.threads.get(conversation_id, [])
        place = next(
            (
                i
                for i, m in enumerate(thread)
                if (m.timestamp >= at if isinstance(at, datetime) else m.id == at)
            ),
            None,
        )
        if place is None:
            return []
        return self._named(thread[max(0, place - limit // 2) : place + limit - limit // 2])

    async def get(self, id: MessageId) -> Message | None:
        found = [m for t in self.threads.values() for m in t if m.id == id]
        return next(iter(self._named(found)), None)

    async def attempts(self, id: MessageId) -> list[Attempt]:
        return self.ledger.get(id, [])

    async def is_complete(self, conversation_id: ConversationId) -> bool:
        return self.complete

    def want_older(self, conversation_id: ConversationId, until: datetime | None = None) -> None:
        self.wanted.append(conversation_id)

    def _named(self, messages: Sequence[Message]) -> list[Message]:
        names = {row.id: row.name or row.address for row in self._conversations.rows}
        return [
            replace(message, sender_name=names.get(message.conversation_id))
            if message.direction is Direction.INBOUND and message.sender_name is None
            else message
            for message in messages
        ]

    @staticmethod
    def _place(thread: Sequence[Message], message: Message) -> int:
        return [entry.id for entry in thread].index(message.id)


class MemorySearch:
    """Every message that holds the words, newest first."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def messages(
        self,
        text: str,
        *,
        conversation_id: ConversationId | None = None,
        before: SearchHit | None = None,
        limit: int = 50,
    ) -> list[SearchHit]:
        wanted = text.casefold()
        known = {row.id: row for row in self._store.conversations.rows}
        hits = [
            SearchHit(
                message.id,
                message.conversation_id,
                message.timestamp,
                (known[message.conversation_id].name or known[message.conversation_id].address)
                if message.conversation_id in known
                else "",
                message.content.text,
                ((message.content.text.casefold().index(wanted), len(wanted)),),
                known[message.conversation_id].status
                if message.conversation_id in known
                else ConversationStatus.OPEN,
            )
            for thread in self._store.messages.threads.values()
            for message in thread
            if wanted in message.content.text.casefold()
            and conversation_id in (None, message.conversation_id)
        ]
        hits.sort(key=lambda hit: hit.timestamp, reverse=True)
        start = hits.index(before) + 1 if before in hits else 0
        return hits[start : start + limit]


class MemoryDrafts:
    def __init__(self, media: MemoryMedia) -> None:
        self._media = media
        self.kept: dict[ConversationId, Draft] = {}
        self.failure: Exception | None = None
        self.door = asyncio.Event()  # what is taken in waits here
        self.door.set()

    async def get(self, conversation_id: ConversationId) -> Draft | None:
        return self.kept.get(conversation_id)

    async def save(self, draft: Draft) -> None:
        if draft.text or draft.attachments or draft.note:
            self.kept[draft.conversation_id] = draft
        else:
            self.kept.pop(draft.conversation_id, None)

    async def take(self, attachment: Attachment, content: bytes | None = None) -> Attachment:
        await self.door.wait()
        if self.failure is not None:
            raise self.failure
        number = len(self._media.files)
        data = file_bytes(attachment.path) if content is None else content
        self._media.files[f"kept/{number}"] = data
        return replace(attachment, size=len(data), kept=number)

    async def read(self, attachment: Attachment) -> bytes | None:
        return self._media.files.get(f"kept/{attachment.kept}")

    async def add(
        self,
        conversation_id: ConversationId,
        attachment: Attachment,
        known: tuple[str, ...] = (),
    ) -> None:
        present = self.kept.get(conversation_id, Draft(conversation_id, ""))
        await self.save(with_file(present, attachment, known))


class MemoryMedia:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.problems: dict[str, str] = {}
        self.wanted: list[str] = []

    async def read(self, bucket: str, path: str) -> bytes | None:
        return self.files.get(path)

    async def problem(self, bucket: str, path: str) -> str | None:
        return self.problems.get(path)

    def want(self, bucket: str, path: str) -> None:
        self.wanted.append(path)


class MemoryFeed:
    """Takes in what a search of the server brought."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def add_unknown(
        self, conversations: Sequence[ConversationFacts], contacts: Sequence[ContactRow]
    ) -> None:
        names = {contact.id: contact.name for contact in contacts}
        for facts in conversations:
            self._store.conversations.rows.append(
                ConversationRow(
                    id=facts.id,
                    inbox_id=facts.inbox_id,
                    contact_id=facts.contact_id,
                    name=names[facts.contact_id] if facts.contact_id else "",
                    address="",
                    channel=Channel.WHATSAPP,
                    status=ConversationStatus(facts.status),
                    assignee_id=facts.assignee_id,
                    assignee_name=None,
                    last_message_at=facts.last_message_at,
                    last_inbound_at=facts.last_inbound_at,
                    waiting_since=facts.waiting_since,
                    unread=0,
                    preview=None,
                    draft=None,
                    failed=None,
                )
            )


class MemoryStore:
    def __init__(
        self,
        rows: Sequence[ConversationRow] = (),
        threads: dict[ConversationId, list[Message]] | None = None,
    ) -> None:
        self.changes = ChangeBus()
        self.conversations = MemoryConversations(list(rows))
        self.contacts = MemoryContacts(self)
        self.messages = MemoryMessages(threads or {}, self.conversations)
        self.outbox = MemoryOutbox(self)
        self.desk = MemoryDesk()
        self.team = MemoryTeamWork(self)
        self.search = MemorySearch(self)
        self.media = MemoryMedia()
        self.drafts = MemoryDrafts(self.media)
        self.feed = MemoryFeed(self)
        self.me: Profile | None = ME
        self.link = Link.ONLINE
        self.now = NOW
        self.sending_state: SendingState | None = None

    async def sending(self) -> SendingState | None:
        return self.sending_state

    async def asking(self) -> list[tuple[ConversationId, MessageId]]:
        return [
            (id, message.id)
            for id, thread in self.messages.threads.items()
            for message in thread
            if message.waiting == "asking"
        ]

    def set_sending(self, state: SendingState) -> None:
        self.sending_state = state
        self.changes.publish(Changes(sending=True))

    def server_now(self) -> datetime:
        return self.now

    def add(self, message: Message) -> None:
        """A message appears in its thread, as after a commit."""
        self.messages.threads.setdefault(message.conversation_id, []).append(message)
        self.announce(message.conversation_id)

    def change(self, message: Message) -> None:
        """A message takes the place of its older version."""
        thread = self.messages.threads[message.conversation_id]
        place = [entry.id for entry in thread].index(message.id)
        thread[place] = replace(message, version=thread[place].version + 1)
        self.announce(message.conversation_id)

    def announce(self, conversation_id: ConversationId) -> None:
        ids = frozenset({conversation_id})
        self.changes.publish(Changes(conversations=ids, threads=ids))

    def set_link(self, link: Link) -> None:
        self.link = link
        self.changes.publish(Changes(link=link))

    def as_store(self) -> Store:
        """As the window knows it."""
        return cast(Store, self)


class MemoryPreferences:
    def __init__(self, **values: object) -> None:
        self.values = values

    def get(self, name: str) -> object:
        return self.values.get(name)

    def set(self, name: str, value: object) -> None:
        self.values[name] = value
