"""A new desk's first pull may take long: replies leave before it is whole, looked at first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from console.domain.changes import Link
from console.domain.feed import Page
from console.domain.ids import MessageId, new_message_id
from tests.database.conftest import Person
from tests.remote.project import Project
from tests.sync.conftest import Desktop
from tests.sync.test_return import asked, bubble, sent, write
from tests.waiting import eventually


@pytest.fixture
async def first_page(
    offline_desktop: Desktop, project: Project, budi: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[asyncio.Event]:
    """A brand new desk that shows Budi's thread, and whose next pages wait for the event."""
    calls, go_on = offline_desktop.remote.calls, asyncio.Event()
    pull = calls.pull_changes
    pages = 0

    async def slow(cursor: str, page_size: int) -> tuple[Page, timedelta | None]:
        nonlocal pages
        pages += 1
        if pages > 2:  # the inboxes, then what stands in them
            await go_on.wait()
        return await pull(cursor, page_size)

    monkeypatch.setattr(calls, "pull_changes", slow)
    offline_desktop.start()

    async def shown() -> bool:
        return pages > 2 and bool(await offline_desktop.thread(budi))

    await eventually(shown)
    assert offline_desktop.store.link is Link.CONNECTING
    yield go_on
    go_on.set()


@pytest.mark.usefixtures("first_page")
async def test_a_reply_leaves_before_the_first_pull_is_whole(
    offline_desktop: Desktop, project: Project, budi: str
) -> None:
    await write(offline_desktop, budi, "Sudah kami kirim")
    await eventually(lambda: sent(project) == ["Sudah kami kirim"])
    assert offline_desktop.store.link is Link.CONNECTING


@pytest.mark.parametrize("who", ["customer_wrote", "colleague_replied"])
async def test_what_the_pages_to_come_would_tell_is_asked_for_before_a_reply_leaves(
    offline_desktop: Desktop, project: Project, budi: str, first_page: asyncio.Event, who: str
) -> None:
    if who == "customer_wrote":
        project.desk.inbound(budi, "Batal saja")
    else:
        tono = Person(project.desk, project.agent("tono", project.desk.jakarta).id)
        tono.call("send_message", id=new_message_id(), conversation_id=budi, content="Sudah")
    before = sent(project)
    id = await write(offline_desktop, budi, "Sebentar")
    assert await asked(offline_desktop, id) == who
    first_page.set()
    await offline_desktop.online()
    assert (await bubble(offline_desktop, id)).waiting == "asking"
    assert sent(project) == before
    await offline_desktop.store.outbox.release(MessageId(id))
    await eventually(lambda: sent(project) == [*before, "Sebentar"])
