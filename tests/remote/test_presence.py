"""Colleagues see where each other are, over the line that each doorbell already has."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest

from console.domain.company import Companion
from console.domain.ids import ConversationId, InboxId, ProfileId
from console.remote import connect, presence
from console.remote.client import Remote
from tests.remote.project import Agent, Project
from tests.waiting import eventually


async def joined(stack: AsyncExitStack, project: Project, agent: Agent) -> Remote:
    """Signed in, with the line open."""
    remote = await connect(project.url, project.key)
    stack.push_async_callback(remote.close)
    await remote.auth.sign_in(agent.email, agent.password)
    remote.doorbell.want([f"inbox:{project.desk.jakarta}"])
    remote.presence.want([InboxId(project.desk.jakarta)])
    task = asyncio.create_task(remote.doorbell.run(lambda _: None))

    async def end() -> None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)
    await eventually(lambda: bool(remote.presence._joined), within=20.0)
    return remote


async def test_two_agents_see_where_each_other_are_and_who_writes_until_one_leaves(
    project: Project, sari: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "FORGET", 1.0)
    monkeypatch.setattr(presence, "REPEAT", 0.4)
    inbox = InboxId(project.desk.jakarta)
    thread = ConversationId(project.desk.conversation(inbox))
    budi = project.agent("budi", inbox)
    async with AsyncExitStack() as stack:
        hers = (await joined(stack, project, sari)).presence
        remote = await joined(stack, project, budi)
        his = remote.presence
        hers.look(inbox, thread)
        hers.typing(True)
        at = ProfileId(sari.id)
        await eventually(lambda: his.company() == {thread: (Companion(at, typing=True),)})
        assert hers.company() == {}
        hers.typing(False)
        await eventually(lambda: his.company() == {thread: (Companion(at),)})

        project.gateway.control("realtime/hangup")
        await eventually(lambda: his.company() == {thread: (Companion(at),)}, within=20.0)
        hers.look(None, None)
        await eventually(lambda: his.company() == {})


async def test_walking_through_the_list_costs_no_more_calls_than_realtime_allows(
    project: Project, sari: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "_SETTLED", 0.0)
    inbox = InboxId(project.desk.jakarta)
    async with AsyncExitStack() as stack:
        hers = (await joined(stack, project, sari)).presence
        threads = [ConversationId(f"00000000-0000-4000-8000-{place:012}") for place in range(12)]
        for thread in threads:
            hers.look(inbox, thread)
            await asyncio.sleep(0.02)
        assert len(hers._calls[inbox]) <= presence.CALLS
