"""The doorbell keeps ringing, whatever Realtime does to its channels."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from console.remote import realtime
from console.remote.client import Remote
from console.remote.realtime import Ring
from tests.remote.project import Agent, Project
from tests.waiting import eventually


@dataclass
class Ear:
    """Who listens, and what it heard."""

    remote: Remote
    project: Project
    conversation: str
    rings: list[Ring] = field(default_factory=list)

    @property
    def bells(self) -> int:
        return sum(ring.bell for ring in self.rings)

    async def hears_a_new_message(self) -> None:
        """A customer writes, and the bell rings."""
        before = self.bells
        self.project.desk.inbound(self.conversation, "halo")
        await eventually(lambda: self.bells > before, within=5.0)

    async def listening(self) -> None:
        await eventually(lambda: len(self.remote.doorbell.joined) == 2, within=30.0)


@pytest.fixture
async def ear(signed_in: Remote, project: Project, sari: Agent) -> AsyncIterator[Ear]:
    """Sari listens to her inbox and to herself."""
    conversation = project.desk.conversation(project.desk.jakarta)
    made = Ear(signed_in, project, conversation)
    signed_in.doorbell.want([f"inbox:{project.desk.jakarta}", f"profile:{sari.id}"])
    task = asyncio.create_task(signed_in.doorbell.run(made.rings.append))
    await made.listening()
    yield made
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_joining_rings_and_so_does_a_new_message(ear: Ear) -> None:
    assert [ring.bell for ring in ear.rings] == [False, False]
    await ear.hears_a_new_message()


async def test_channels_that_the_server_closes_are_joined_anew(ear: Ear) -> None:
    before = len(ear.rings)
    ear.project.gateway.control("realtime/limit")
    await eventually(lambda: len(ear.rings) > before)
    await ear.listening()
    await ear.hears_a_new_message()


async def test_a_line_that_is_hung_up_is_built_anew_and_rings(ear: Ear) -> None:
    before = len(ear.rings)
    ear.project.gateway.control("realtime/hangup")
    await eventually(lambda: len(ear.rings) >= before + 2, within=20.0)
    await ear.listening()
    await ear.hears_a_new_message()


async def test_a_silent_line_is_found_out_and_built_anew(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime, "SILENCE", 1.0)
    monkeypatch.setattr(realtime, "_TICK", 0.2)
    before = len(ear.rings)
    ear.remote.doorbell.want([*ear.remote.doorbell.joined])  # wakes the loop to the new pace
    await eventually(lambda: len(ear.rings) >= before + 2, within=20.0)


async def test_an_inbox_that_is_not_ours_is_refused_once_and_does_not_disturb(ear: Ear) -> None:
    foreign = f"inbox:{ear.project.desk.bandung}"
    ear.remote.doorbell.want([*ear.remote.doorbell.joined, foreign])
    await eventually(lambda: any(ring.topic == foreign for ring in ear.rings))
    assert foreign not in ear.remote.doorbell.joined
    await ear.hears_a_new_message()
    assert sum(ring.topic == foreign for ring in ear.rings) == 1


async def test_a_topic_no_longer_wanted_is_left(ear: Ear) -> None:
    [profile] = [topic for topic in ear.remote.doorbell.joined if topic.startswith("profile:")]
    ear.remote.doorbell.want([profile])
    await eventually(lambda: ear.remote.doorbell.joined == {profile})
    before = ear.bells
    ear.project.desk.inbound(ear.conversation, "tak terdengar")
    ear.remote.doorbell.want([profile, f"inbox:{ear.project.desk.jakarta}"])
    await ear.listening()
    assert ear.bells == before
    await ear.hears_a_new_message()


async def test_a_token_that_ends_is_replaced_before_the_channel_closes(
    remote: Remote, project: Project, sari: Agent
) -> None:
    project.misbehave(token_lifetime=62)  # two seconds more than the margin for renewing
    await remote.auth.sign_in(sari.email, sari.password)
    project.misbehave(token_lifetime=0)
    first = await remote.auth.token()
    made = Ear(remote, project, project.desk.conversation(project.desk.jakarta))
    remote.doorbell.want([f"inbox:{project.desk.jakarta}", f"profile:{sari.id}"])
    task = asyncio.create_task(remote.doorbell.run(made.rings.append))
    await made.listening()

    async def renewed() -> bool:
        remote.doorbell.want(remote.doorbell.joined)
        return await remote.auth.token() != first

    await eventually(renewed)
    await made.hears_a_new_message()
    assert [ring.bell for ring in made.rings] == [False, False, True]
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_bell_does_not_wait_for_a_new_token(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    async def token(*, stale: str | None = None) -> str:
        asked.set()
        await never.wait()
        return stale or ""

    monkeypatch.setattr(ear.remote.auth, "token", token)
    ear.remote.doorbell.want(ear.remote.doorbell.joined)  # wakes the loop, which asks for one
    await asked.wait()
    await ear.hears_a_new_message()


async def test_a_bell_names_the_messages(ear: Ear) -> None:
    id = ear.project.desk.inbound(ear.conversation, "halo")
    await eventually(lambda: bool(ear.bells))
    assert [ring.messages for ring in ear.rings if ring.bell] == [(id,)]


async def test_a_bell_that_nobody_can_take_does_not_end_the_line(
    signed_in: Remote, project: Project, sari: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    made = Ear(signed_in, project, project.desk.conversation(project.desk.jakarta))

    def take(ring: Ring) -> None:
        made.rings.append(ring)
        if ring.bell:
            raise ValueError

    signed_in.doorbell.want([f"inbox:{project.desk.jakarta}", f"profile:{sari.id}"])
    task = asyncio.create_task(signed_in.doorbell.run(take))
    await made.listening()
    await made.hears_a_new_message()
    await made.hears_a_new_message()
    assert [ring.bell for ring in made.rings] == [False, False, True, True]
    assert caplog.text.count("a bell could not be passed on") == 2
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
