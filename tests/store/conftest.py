"""A store, and a server that sends it pages."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from console.domain.changes import Changes
from console.domain.feed import (
    AddressRow,
    ContactRow,
    ConversationFacts,
    InboxRow,
    MessageFacts,
    Page,
)
from console.domain.ids import ContactId, ConversationId, InboxId, MessageId, ProfileId
from console.domain.profile import Profile
from console.store.store import Store

KEY = bytes(range(32))
ME = ProfileId("00000000-0000-4000-8000-000000000001")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass
class Server:
    """Makes the pages that a server would send. Time moves a second with each row."""

    now: datetime = NOON
    inbox: InboxId = field(default_factory=lambda: InboxId(new_id()))
    channel: str = "whatsapp"
    cursors: int = 0

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def page(self, **rows: object) -> Page:
        """A page with these rows."""
        self.cursors += 1
        empty = Page(cursor=f"c{self.cursors}", more=False, server_time=self.now)
        return replace(empty, **rows)  # type: ignore[arg-type]

    def start(self) -> Page:
        """The inbox and the agent."""
        inbox = InboxRow(self.inbox, "Jakarta", self.channel, f"{self.channel}:+6281")
        return self.page(inboxes=(inbox,), profiles=(Profile(ME, "Sari"),))

    def customer(
        self, name: str, number: str | None = None, **facts: object
    ) -> tuple[ContactRow, ConversationFacts]:
        """A contact with a conversation that has no message yet."""
        contact_id = ContactId(new_id())
        number = number or f"+62{uuid.uuid4().int % 10**10:010d}"
        address = AddressRow(new_id(), contact_id, f"whatsapp:{number}", "whatsapp")
        conversation = ConversationFacts(
            id=ConversationId(new_id()),
            inbox_id=self.inbox,
            contact_id=contact_id,
            status="open",
            assignee_id=None,
            priority=None,
            snoozed_until=None,
            last_message_at=None,
            last_inbound_at=None,
            waiting_since=None,
        )
        return (
            ContactRow(contact_id, name, None, False, (address,)),
            replace(conversation, **facts),  # type: ignore[arg-type]
        )

    def inbound(self, conversation_id: ConversationId, text: str, **facts: object) -> MessageFacts:
        """What a customer wrote just now."""
        message = MessageFacts(
            id=MessageId(new_id()),
            conversation_id=conversation_id,
            direction="inbound",
            message_type="text",
            content=text,
            timestamp=self.tick(),
            status="received",
            sid=f"SM{uuid.uuid4().hex}",
            metadata={"kind": "text"},
        )
        return replace(message, **facts)  # type: ignore[arg-type]

    def outbound(
        self, id: MessageId, conversation_id: ConversationId, status: str, **facts: object
    ) -> MessageFacts:
        """A row of a reply as the server has it now."""
        message = MessageFacts(
            id=id,
            conversation_id=conversation_id,
            direction="outbound",
            message_type="text",
            content="reply",
            timestamp=self.tick(),
            status=status,
            sent_by=ME,
            updated_at=self.now,
        )
        return replace(message, **facts)  # type: ignore[arg-type]


@dataclass
class Desk:
    """An open store with what it announced, and the server it copies."""

    store: Store
    server: Server
    heard: list[Changes] = field(default_factory=list)

    async def customer(self, name: str, *texts: str, **facts: object) -> ConversationId:
        """A conversation with messages, already in the store."""
        contact, conversation = self.server.customer(name, **facts)  # type: ignore[arg-type]
        messages = tuple(self.server.inbound(conversation.id, text) for text in texts)
        last = messages[-1].timestamp if messages else None
        await self.store.feed.apply(
            self.server.page(
                contacts=(contact,),
                conversations=(replace(conversation, last_message_at=last),),
                messages=messages,
            )
        )
        return conversation.id

    async def apply(self, **rows: object) -> None:
        """A page from the server."""
        await self.store.feed.apply(self.server.page(**rows))

    async def texts(self, conversation_id: ConversationId) -> list[str]:
        """What the thread shows."""
        return [m.content.text for m in await self.store.messages.latest(conversation_id)]


def undo_people(connection: apsw.Connection) -> None:
    """Take back the last migration, to have a store of an older version."""
    connection.execute("drop table people_triples; drop table people_names")
    connection.execute("drop table people_heads")
    connection.execute("drop index people_row; alter table people drop column row")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store lies; nothing is there yet."""
    return tmp_path / "stores" / "store.db"


async def open_desk(path: Path, key: bytes = KEY) -> Desk:
    """Open a store and let the agent in."""
    store = await Store.open(path, key)
    desk = Desk(store, Server())
    await store.set_me(ME)
    await store.feed.apply(desk.server.start())
    await store.refresh_me()
    store.changes.subscribe(desk.heard.append)
    return desk


@pytest.fixture
async def desk(path: Path) -> AsyncIterator[Desk]:
    """Sari's store with one inbox and nothing in it."""
    made = await open_desk(path, secrets.token_bytes(32))
    yield made
    await made.store.close()
