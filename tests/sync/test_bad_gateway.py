"""Each fault that the gateway can commit, and the desk in full sync that gets over it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import jwt
import pytest

from console.domain.changes import Link
from console.domain.ids import MessageId
from console.remote import realtime
from console.sync import engine, push
from tests.remote.project import Agent, Project
from tests.sync.conftest import Desktop, desktop_of
from tests.waiting import eventually


async def hears(desktop: Desktop, project: Project, conversation: str, text: str) -> None:
    """A customer writes, and the desk shows it well before its timer would have asked."""
    project.desk.inbound(conversation, text)

    async def shown() -> bool:
        return any(m.content.text == text for m in await desktop.thread(conversation))

    await eventually(shown, within=15.0)


async def arrived(desktop: Desktop, *ids: str) -> bool:
    found = [await desktop.store.messages.get(MessageId(id)) for id in ids]
    return all(message is not None and not message.local for message in found)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doorbell waits shorter for everything."""
    short = {"SILENCE": 1.0, "_TICK": 0.2, "_REFUSED_WAIT": 0.5, "CONNECT_TIMEOUT": 2.0}
    for name, seconds in short.items():
        monkeypatch.setattr(realtime, name, seconds)


@pytest.mark.parametrize("status", [429, 502])
async def test_replies_arrive_once_and_in_order_when_half_of_all_calls_fail(
    desktop: Desktop,
    project: Project,
    budi: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    soon = timedelta(seconds=0.1)
    monkeypatch.setattr(push, "backoff", lambda *_: soon)
    monkeypatch.setattr(engine, "backoff", lambda *_: soon)
    project.misbehave(status=status, share=0.5, seed=3, paths=["/rest/v1/rpc/"])
    sent = [await desktop.send(budi, f"balasan {number}") for number in range(4)]
    await eventually(lambda: arrived(desktop, *sent), within=60.0)
    project.misbehave(status=0, paths=[], share=1.0)
    rows = project.rows(
        "select id::text from public.messages where direction = 'outbound' order by timestamp"
    )
    assert [id for (id,) in rows] == sent


async def test_slow_answers_hold_up_nothing_but_themselves(
    desktop: Desktop, project: Project, budi: str
) -> None:
    project.misbehave(slow=0.8)
    sent = await desktop.send(budi, "pelan")
    await hears(desktop, project, budi, "tetap terdengar")
    await eventually(lambda: arrived(desktop, sent))
    assert desktop.store.link is Link.ONLINE


@pytest.mark.usefixtures("impatient")
async def test_a_line_that_says_nothing_more_is_left_for_a_new_one(
    desktop: Desktop, project: Project, budi: str
) -> None:
    project.misbehave(silent=True)
    line = desktop.remote.doorbell._line
    await eventually(lambda: desktop.remote.doorbell._line > line)
    project.misbehave(silent=False)
    await desktop.online()
    await hears(desktop, project, budi, "sudah bersuara")


@pytest.mark.usefixtures("impatient")
async def test_a_refusal_for_too_many_joins_is_not_for_ever(
    desktop: Desktop, project: Project, budi: str
) -> None:
    project.misbehave(refuse_joins="ClientJoinRateLimitReached: Too many joins per second")
    project.gateway.control("realtime/limit")
    await eventually(lambda: not desktop.remote.doorbell.joined)
    project.misbehave(refuse_joins="")
    await eventually(lambda: bool(desktop.remote.doorbell.joined), within=40.0)
    await hears(desktop, project, budi, "boleh masuk lagi")


async def test_channels_closed_with_their_token_are_joined_anew(
    desktop: Desktop, project: Project, budi: str
) -> None:
    before = desktop.remote.doorbell.joined
    project.gateway.control("realtime/expire")
    await eventually(lambda: desktop.remote.doorbell.joined == before, within=40.0)
    await hears(desktop, project, budi, "masih di sini")


async def test_a_line_that_is_hung_up_is_built_anew(
    desktop: Desktop, project: Project, budi: str
) -> None:
    line = desktop.remote.doorbell._line
    project.gateway.control("realtime/hangup")
    project.desk.inbound(budi, "sementara putus")
    await eventually(lambda: desktop.remote.doorbell._line > line, within=40.0)
    await desktop.online()
    await hears(desktop, project, budi, "tersambung lagi")
    texts = [message.content.text for message in await desktop.thread(budi)]
    assert "sementara putus" in texts


async def test_a_project_that_signs_with_a_shared_secret_is_worked_with_all_the_same(
    project: Project, sari: Agent, budi: str, tmp_path: Path
) -> None:
    project.misbehave(symmetric=True, token_lifetime=63)  # renewed three seconds from now
    async with desktop_of(project, sari, tmp_path) as desktop:
        project.misbehave(token_lifetime=0)
        first = await desktop.remote.auth.token()
        assert jwt.get_unverified_header(first)["alg"] == "HS256"
        desktop.start()
        await desktop.online()
        await hears(desktop, project, budi, "rahasia bersama")

        async def renewed() -> bool:
            return await desktop.remote.auth.token() != first

        await eventually(renewed)
        sent = await desktop.send(budi, "masih boleh")
        await eventually(lambda: arrived(desktop, sent))
        await hears(desktop, project, budi, "dan terdengar")


async def test_a_channel_that_a_second_join_closed_is_joined_anew(
    desktop: Desktop, project: Project, budi: str
) -> None:
    client = desktop.remote.doorbell._client
    assert client is not None
    assert client._ws_connection is not None
    name = f"inbox:{project.desk.jakarta}"
    # The person's own channel is joined first; a second join only closes what has been joined.
    await eventually(lambda: name in desktop.remote.doorbell.joined)
    topic = f"realtime:{name}"
    config = {"broadcast": {}, "presence": {}, "private": True, "postgres_changes": []}
    token = await desktop.remote.auth.token()
    join = {"event": "phx_join", "topic": topic, "ref": "9001", "join_ref": "9001"}
    join |= {"payload": {"config": config, "access_token": token}}  # type: ignore[dict-item]
    channel = client.channels[topic]
    await client._ws_connection.send(json.dumps(join))

    async def replaced() -> bool:
        await asyncio.sleep(0)
        return client.channels.get(topic) not in (None, channel)

    await eventually(replaced, within=40.0)
    await desktop.online()
    await hears(desktop, project, budi, "dua kali masuk")
