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


async def joined(stack: AsyncExitStack, project: Project, agent: Agent, claims: str = "") -> Remote:
    """Signed in, with the line open; under the name of somebody else where one is given."""
    remote = await connect(project.url, project.key)
    stack.push_async_callback(remote.close)
    await remote.auth.sign_in(agent.email, agent.password)
    remote.doorbell.want([f"inbox:{project.desk.jakarta}"])
    if claims:
        remote.presence._me = lambda: ProfileId(claims)
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
        hers.look("main", inbox, thread)
        hers.typing("main", True)
        at = ProfileId(sari.id)
        await eventually(lambda: his.company() == {thread: (Companion(at, typing=True),)})
        assert hers.company() == {}
        hers.typing("main", False)
        await eventually(lambda: his.company() == {thread: (Companion(at),)})

        project.gateway.control("realtime/hangup")
        await eventually(lambda: his.company() == {thread: (Companion(at),)}, within=20.0)
        hers.look("main", None, None)
        await eventually(lambda: his.company() == {})


async def test_each_window_of_an_agent_counts(project: Project, sari: Agent) -> None:
    inbox = InboxId(project.desk.jakarta)
    first, second = (ConversationId(project.desk.conversation(inbox)) for _ in range(2))
    budi = project.agent("budi", inbox)
    async with AsyncExitStack() as stack:
        hers = (await joined(stack, project, sari)).presence
        his = (await joined(stack, project, budi)).presence
        at = ProfileId(sari.id)
        hers.look("main", inbox, first)
        hers.typing("main", True)
        hers.look("own", inbox, second)
        await eventually(
            lambda: (
                his.company() == {first: (Companion(at, typing=True),), second: (Companion(at),)}
            )
        )
        hers.typing("own", True)
        hers.look("main", None, None)
        await eventually(lambda: his.company() == {second: (Companion(at, typing=True),)})


async def test_nobody_is_at_a_conversation_who_does_not_work_in_its_inbox(
    project: Project, sari: Agent
) -> None:
    inbox = InboxId(project.desk.jakarta)
    thread = ConversationId(project.desk.conversation(inbox))
    other = project.agent("dodi", InboxId(project.desk.bandung))
    budi = project.agent("budi", inbox)
    async with AsyncExitStack() as stack:
        hers = (await joined(stack, project, sari)).presence
        # one of the inbox's own people, under a stranger's name
        rogue = (await joined(stack, project, budi, claims=other.id)).presence
        rogue.look("main", inbox, thread)
        channels = hers._channels
        await eventually(lambda: other.id in channels[inbox].presence_state(), within=20.0)
        await eventually(lambda: inbox in hers._people)
        assert hers.company() == {}


async def test_walking_through_the_list_costs_no_more_calls_than_realtime_allows(
    project: Project, sari: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "_SETTLED", 0.0)
    inbox = InboxId(project.desk.jakarta)
    async with AsyncExitStack() as stack:
        hers = (await joined(stack, project, sari)).presence
        threads = [ConversationId(f"00000000-0000-4000-8000-{place:012}") for place in range(12)]
        for thread in threads:
            hers.look("main", inbox, thread)
            await asyncio.sleep(0.02)
        assert len(hers._calls[inbox]) <= presence.CALLS
