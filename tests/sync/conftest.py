"""States of a desktop: its store, its client and the engine between them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from console.domain.changes import Changes, Link
from console.domain.conversation import ConversationRow, Filter, View
from console.domain.ids import ConversationId, ProfileId, new_message_id
from console.domain.intents import Attachment, SendMessage
from console.domain.message import Message
from console.remote import connect
from console.remote.client import Remote
from console.store.store import Store
from console.sync.engine import Engine
from tests.remote.project import Agent, Project, project, shared_project
from tests.waiting import eventually


@dataclass
class Desktop:
    """One agent's desktop without its window."""

    store: Store
    remote: Remote
    engine: Engine
    heard: list[Changes] = field(default_factory=list)
    running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to sync."""
        self.running = asyncio.create_task(self.engine.run())

    async def stop(self) -> None:
        """Stop syncing; the store stays open."""
        if self.running is not None:
            self.running.cancel()
            with suppress(asyncio.CancelledError):
                await self.running

    async def rows(self) -> list[ConversationRow]:
        return await self.store.conversations.page(View(Filter.ALL))

    async def thread(self, conversation: str) -> list[Message]:
        return await self.store.messages.latest(ConversationId(conversation))

    async def send(self, conversation: str, text: str, *files: Attachment) -> str:
        """Write a reply, as Enter does."""
        id = new_message_id()
        await self.store.outbox.send(SendMessage(id, ConversationId(conversation), text, files))
        return id

    async def online(self) -> None:
        """Wait until the line stands and the doorbell is heard."""

        def ready() -> bool:
            return self.store.link is Link.ONLINE and bool(self.remote.doorbell.joined)

        await eventually(ready)


@asynccontextmanager
async def desktop_of(project: Project, agent: Agent, folder: Path) -> AsyncIterator[Desktop]:
    """A signed-in desktop whose engine does not run yet."""
    store = await Store.open(folder / f"{agent.id}.db", secrets.token_bytes(32))
    remote = await connect(project.url, project.key)
    identity = await remote.auth.sign_in(agent.email, agent.password)
    await remote.keep_session_in(store.session)
    await store.set_me(ProfileId(identity.profile_id))
    desktop = Desktop(store, remote, Engine(store, remote))
    store.changes.subscribe(desktop.heard.append)
    yield desktop
    await desktop.stop()
    await remote.close()
    await store.close()


__all__ = ["project", "shared_project"]  # fixtures of another file


@pytest.fixture
def sari(project: Project) -> Agent:
    """An agent of the inbox Jakarta."""
    return project.agent("sari", project.desk.jakarta)


@pytest.fixture
def budi(project: Project) -> str:
    """A customer's open conversation in Jakarta, with one message in it."""
    conversation = project.desk.conversation(project.desk.jakarta, "Budi")
    project.desk.inbound(conversation, "Halo, pesanan saya?")
    return conversation


@pytest.fixture
async def offline_desktop(project: Project, sari: Agent, tmp_path: Path) -> AsyncIterator[Desktop]:
    """Sari's desktop, signed in, its engine not running."""
    async with desktop_of(project, sari, tmp_path) as desktop:
        yield desktop


@pytest.fixture
async def desktop(offline_desktop: Desktop, budi: str) -> Desktop:
    """Sari's desktop in full sync, Budi's conversation in its list."""
    offline_desktop.start()
    await offline_desktop.online()
    return offline_desktop
