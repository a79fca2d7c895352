"""Realtime: who may join, what a commit rings, presence, and how a channel is taken away."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from realtime import AsyncRealtimeChannel, RealtimeSubscribeStates
from supabase import AsyncClient
from websockets.asyncio.client import ClientConnection, connect

from tests.contract.conftest import Open, Seat, SignIn
from tests.contract.targets import Target
from tests.database.conftest import Desk
from tests.remote.project import Project
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def _realtime(target: Target, caplog: pytest.LogCaptureFixture) -> None:
    target.needs("realtime")
    caplog.set_level(logging.WARNING, logger="realtime")  # the client logs each refusal


@dataclass
class Ear:
    """What one channel told its client."""

    channel: AsyncRealtimeChannel
    states: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    bells: list[dict[str, Any]] = field(default_factory=list)


async def listen(one: AsyncClient, topic: str, *, private: bool = True) -> Ear:
    config: Any = {"private": private, "broadcast": None, "presence": {"key": "", "enabled": True}}
    ear = Ear(one.channel(topic, {"config": config}))

    def changed(state: RealtimeSubscribeStates, error: Exception | None) -> None:
        ear.states.append(state.value)
        ear.reasons.append(str(error or ""))

    ear.channel.on_broadcast("changed", lambda bell: ear.bells.append(dict(bell)))
    await ear.channel.subscribe(changed)
    return ear


async def test_an_agent_joins_their_own_channel(sari: Seat) -> None:
    ear = await listen(sari.client, f"profile:{sari.agent.id}")
    assert ear.states == ["SUBSCRIBED"]


@pytest.mark.parametrize("topic", [f"inbox:{uuid.UUID(int=0)}", "profile:x", "anything"])
async def test_a_private_channel_of_others_is_refused_with_a_reason(sari: Seat, topic: str) -> None:
    ear = await listen(sari.client, topic)
    assert ear.states == ["CHANNEL_ERROR"]
    assert "Unauthorized" in ear.reasons[0]


async def test_the_publishable_key_alone_joins_no_private_channel(client: Open, sari: Seat) -> None:
    ear = await listen(await client(), f"profile:{sari.agent.id}")
    assert ear.states == ["CHANNEL_ERROR"]


async def test_a_commit_rings_for_those_who_may_hear_and_carries_ids_alone(
    sari: Seat, target: Target, desk: Desk, sign_in: SignIn
) -> None:
    other = await sign_in(target.agent("budi", desk.bandung))
    ear = await listen(sari.client, f"inbox:{desk.jakarta}")
    deaf = await listen(other.client, f"inbox:{desk.jakarta}")
    own = await listen(other.client, f"inbox:{desk.bandung}")
    thread = desk.conversation(desk.jakarta)
    message = desk.inbound(thread, "rahasia-pelanggan")
    desk.run("select private.ring_due_bells()")
    await eventually(lambda: any(message in json.dumps(bell) for bell in ear.bells))
    assert all(isinstance(bell["payload"], dict) for bell in ear.bells)
    assert "rahasia-pelanggan" not in json.dumps(ear.bells)
    desk.inbound(desk.conversation(desk.bandung))
    desk.run("select private.ring_due_bells()")
    await eventually(lambda: own.bells)
    assert deaf.states == ["CHANNEL_ERROR"]
    assert message not in json.dumps([deaf.bells, own.bells])


async def test_the_same_topic_joined_as_a_public_one_hears_nothing_private(
    sari: Seat, desk: Desk
) -> None:
    public = await listen(sari.client, f"inbox:{desk.jakarta}", private=False)
    if public.states != ["SUBSCRIBED"]:
        pytest.skip("the project allows no public channels")
    desk.run("select realtime.send('{}', 'changed', %s, true)", f"inbox:{desk.jakarta}")
    desk.run("select realtime.send('{}', 'changed', %s, false)", f"inbox:{desk.jakarta}")
    await eventually(lambda: public.bells)
    assert len(public.bells) == 1


async def test_agents_hear_and_do_not_speak(
    sari: Seat, target: Target, desk: Desk, sign_in: SignIn
) -> None:
    colleague = await sign_in(target.agent("dewi", desk.jakarta))
    topic = f"inbox:{desk.jakarta}"
    ear, mouth = await listen(sari.client, topic), await listen(colleague.client, topic)
    await mouth.channel.send_broadcast("changed", {"messages": [str(uuid.uuid4())]})
    await mouth.channel.track({"typing": True})
    desk.run("select realtime.send('{\"n\": 1}', 'changed', %s, true)", topic)
    await eventually(lambda: ear.bells)
    assert [bell["payload"].get("n") for bell in ear.bells] == [1]
    assert ear.channel.presence_state() == {}


async def test_presence_comes_as_a_state_and_then_as_what_changed(
    sari: Seat, client: Open, desk: Desk
) -> None:
    topic = f"room-{uuid.uuid4()}"
    first = await listen(sari.client, topic, private=False)
    await first.channel.track({"name": "Sari"})
    guest = await client()
    second = await listen(guest, topic, private=False)
    await eventually(lambda: _names(second.channel) == {"Sari"})
    await second.channel.track({"name": "Tamu"})
    await eventually(lambda: _names(first.channel) == {"Sari", "Tamu"})
    await guest.realtime.close()
    await eventually(lambda: _names(first.channel) == {"Sari"})


async def test_the_sixth_presence_call_in_half_a_minute_closes_the_channel(
    sari: Seat, desk: Desk
) -> None:
    ear = await listen(sari.client, f"room-{uuid.uuid4()}", private=False)
    for place in range(5):
        await ear.channel.track({"place": place})
    await eventually(lambda: _places(ear.channel) == {4})
    assert ear.states == ["SUBSCRIBED"]
    await ear.channel.untrack()
    await eventually(lambda: "CLOSED" in ear.states)


async def test_a_private_place_and_a_public_one_of_the_same_name_are_two(
    sari: Seat, client: Open, desk: Desk
) -> None:
    inside = await listen(sari.client, f"profile:{sari.agent.id}")
    outside = await listen(await client(), f"profile:{sari.agent.id}", private=False)
    await outside.channel.track({"name": "Tamu"})
    await eventually(lambda: _names(outside.channel) == {"Tamu"})
    assert inside.channel.presence_state() == {}


@pytest.fixture
def gateway(target: Target) -> Project:
    """Ours, which can be told to be as bad as the real one is on some days."""
    if target.project is None:
        pytest.skip("a real project cannot be told to misbehave")
    return target.project


async def test_a_channel_is_closed_with_its_token(
    sari: Seat, gateway: Project, sign_in: SignIn
) -> None:
    gateway.misbehave(token_lifetime=2)
    late = await sign_in(sari.agent)
    ear = await listen(late.client, f"profile:{sari.agent.id}")
    assert ear.states == ["SUBSCRIBED"]
    await eventually(lambda: "CLOSED" in ear.states)


async def test_who_was_put_out_of_an_inbox_loses_its_channel_with_the_next_token(
    sari: Seat, desk: Desk
) -> None:
    ear = await listen(sari.client, f"inbox:{desk.jakarta}")
    desk.leave(sari.agent.id, desk.jakarta)
    session = (await sari.client.auth.refresh_session()).session
    assert session is not None
    await sari.client.realtime.set_auth(session.access_token)
    await eventually(lambda: "CLOSED" in ear.states)


# The wire itself ---------------------------------------------------------------------------------


@pytest.fixture
async def wire(target: Target) -> AsyncIterator[ClientConnection]:
    """A bare socket."""
    url = target.url.replace("http", "ws", 1)
    query = f"apikey={target.key}&vsn=1.0.0"
    async with connect(f"{url}/realtime/v1/websocket?{query}") as socket:
        yield socket


async def said(wire: ClientConnection) -> dict[str, Any]:
    found: list[dict[str, Any]] = []

    async def arrived() -> bool:
        found.append(json.loads(await wire.recv()))
        return True

    await eventually(arrived)
    return found[0]


def join(topic: str, ref: str, token: str) -> str:
    config = {"broadcast": {}, "presence": {"key": "", "enabled": False}, "private": True}
    return json.dumps(
        {
            "event": "phx_join",
            "topic": f"realtime:{topic}",
            "ref": ref,
            "join_ref": ref,
            "payload": {"config": config | {"postgres_changes": []}, "access_token": token},
        }
    )


async def test_a_heartbeat_without_a_ref_is_answered_with_none(wire: ClientConnection) -> None:
    beat: dict[str, Any] = {
        "topic": "phoenix",
        "event": "heartbeat",
        "payload": {},
        "ref": None,
        "join_ref": None,
    }
    await wire.send(json.dumps(beat))
    answer = await said(wire)
    assert (answer["event"], answer["payload"]["status"]) == ("phx_reply", "ok")
    assert answer["ref"] is None


async def test_a_second_join_of_a_topic_closes_the_first(
    wire: ClientConnection, sari: Seat
) -> None:
    topic = f"profile:{sari.agent.id}"
    await wire.send(join(topic, "1", sari.token))
    assert (await said(wire))["payload"]["status"] == "ok"
    await wire.send(join(topic, "2", sari.token))
    frames: list[dict[str, Any]] = []
    while not any(frame["ref"] == "2" for frame in frames):
        frames.append(await said(wire))
    assert ("phx_close", "1") in [(frame["event"], frame["ref"]) for frame in frames]


@pytest.mark.parametrize("key", ["sb_publishable_other", ""])
async def test_a_join_with_a_wrong_token_is_refused(
    wire: ClientConnection, sari: Seat, key: str
) -> None:
    await wire.send(join(f"profile:{sari.agent.id}", "1", key or "nonsense"))
    answer = await said(wire)
    assert (answer["event"], answer["payload"]["status"]) == ("phx_reply", "error")
    assert answer["payload"]["response"]["reason"]


def _names(channel: AsyncRealtimeChannel) -> set[str]:
    return {str(one["name"]) for ones in channel.presence_state().values() for one in ones}  # type: ignore[typeddict-item]


def _places(channel: AsyncRealtimeChannel) -> set[int]:
    return {one["place"] for ones in channel.presence_state().values() for one in ones}  # type: ignore[typeddict-item]
