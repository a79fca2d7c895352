"""Realtime through supabase-py: private channels, broadcasts from commits, tokens, bad days."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from realtime import AsyncRealtimeChannel, RealtimeSubscribeStates
from supabase import AsyncClient
from websockets.asyncio.client import ClientConnection, connect

from tests.conftest import Database
from tests.local.conftest import Client, Gateway, Person, execute, sign_in, token_of
from tests.waiting import eventually, wait_until

# WORKAROUND: realtime 2.34.1 reads the deprecated ConnectionClosed.code of websockets when a socket
# breaks; as an error the warning would end its listener.
pytestmark = pytest.mark.filterwarnings("ignore:ConnectionClosed:DeprecationWarning")


@dataclass
class Listener:
    """What one channel told its client."""

    channel: AsyncRealtimeChannel
    states: list[str] = field(default_factory=list)
    bells: list[dict[str, Any]] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        return [bell["payload"]["n"] for bell in self.bells]


async def listen(one: AsyncClient, topic: str, *, private: bool = True) -> Listener:
    channel = one.channel(
        topic, {"config": {"private": private, "broadcast": None, "presence": None}}
    )
    listener = Listener(channel)

    def changed(state: RealtimeSubscribeStates, _error: Exception | None) -> None:
        listener.states.append(state.value)

    channel.on_broadcast("changed", lambda bell: listener.bells.append(dict(bell)))
    await channel.subscribe(changed)
    return listener


async def own_topic(one: AsyncClient) -> str:
    answer = await one.auth.get_user()
    assert answer is not None
    return f"inbox:{answer.user.id}"


def ring(database: Database, topic: str, n: int = 0, *, private: bool = True) -> None:
    execute(
        database,
        f"select realtime.send('{{\"n\": {n}}}', 'changed', '{topic}', {str(private).lower()})",
    )


@pytest.fixture
def loud(caplog: pytest.LogCaptureFixture) -> None:
    """The client logs what this test provokes."""
    caplog.set_level(logging.WARNING, logger="realtime")


async def test_a_commit_rings_the_private_channel_of_those_who_may_hear(
    budi: AsyncClient, gateway: Gateway
) -> None:
    topic = await own_topic(budi)
    listener = await listen(budi, topic)
    assert listener.states == ["SUBSCRIBED"]
    ring(gateway.database, topic, 7)
    await eventually(lambda: listener.bells)
    assert listener.bells[0]["event"] == "changed"
    assert listener.numbers == [7]


async def test_nothing_rings_before_the_commit_or_after_a_rollback(
    budi: AsyncClient, gateway: Gateway
) -> None:
    topic = await own_topic(budi)
    listener = await listen(budi, topic)
    with psycopg.connect(gateway.database.dsn) as connection:
        connection.execute("select realtime.send('{\"n\": 1}', 'changed', %s)", [topic])
        connection.rollback()
        connection.execute("select realtime.send('{\"n\": 2}', 'changed', %s)", [topic])
        assert listener.bells == []
    await eventually(lambda: listener.bells)
    assert listener.numbers == [2]


async def test_a_long_payload_arrives_whole(budi: AsyncClient, gateway: Gateway) -> None:
    topic = await own_topic(budi)
    listener = await listen(budi, topic)
    with psycopg.connect(gateway.database.dsn) as connection:
        long = json.dumps({"text": "x" * 50_000})
        connection.execute("select realtime.send(%s, 'changed', %s)", [long, topic])
    await eventually(lambda: listener.bells)
    assert len(listener.bells[0]["payload"]["text"]) == 50_000


async def test_a_notification_that_is_no_broadcast_ends_nothing(
    budi: AsyncClient, gateway: Gateway
) -> None:
    topic = await own_topic(budi)
    listener = await listen(budi, topic)
    for strange in ("no json", "{}", "[]", '"word"'):
        execute(gateway.database, f"select pg_notify('realtime_messages', '{strange}')")
    ring(gateway.database, topic, 1)
    await eventually(lambda: listener.bells)
    assert listener.numbers == [1]


@pytest.mark.usefixtures("loud")
async def test_a_private_channel_of_others_is_refused(
    budi: AsyncClient, citra: AsyncClient, client: Client, gateway: Gateway
) -> None:
    topic = await own_topic(budi)
    for other in (citra, await client()):
        listener = await listen(other, topic)
        assert listener.states == ["CHANNEL_ERROR"]
        ring(gateway.database, topic)
        assert listener.bells == []


async def test_a_public_channel_hears_no_private_broadcast(
    citra: AsyncClient, gateway: Gateway
) -> None:
    listener = await listen(citra, "inbox:1", private=False)
    ring(gateway.database, "inbox:1", 1)
    ring(gateway.database, "inbox:1", 2, private=False)
    await eventually(lambda: listener.bells)
    assert listener.numbers == [2]


async def test_the_channel_closes_when_the_token_expires(
    client: Client, person: Callable[[str], Person], gateway: Gateway
) -> None:
    gateway.control("misbehave", token_lifetime=2)
    one = await sign_in(await client(), person("budi"))
    listener = await listen(one, await own_topic(one))
    await eventually(lambda: "CLOSED" in listener.states)
    assert listener.states[0] == "SUBSCRIBED"


async def test_a_new_token_keeps_the_channel(
    client: Client, person: Callable[[str], Person], gateway: Gateway
) -> None:
    gateway.control("misbehave", token_lifetime=2)
    one = await sign_in(await client(), person("budi"))
    first = await one.auth.get_session()
    assert first is not None
    topic = await own_topic(one)
    listener = await listen(one, topic)
    gateway.control("misbehave", token_lifetime=0)
    session = (await one.auth.refresh_session()).session
    assert session is not None
    await one.realtime.set_auth(session.access_token)
    await eventually(lambda: time.time() > (first.expires_at or 0) + 0.3)
    ring(gateway.database, topic, 3)
    await eventually(lambda: listener.bells)
    assert listener.states == ["SUBSCRIBED"]


async def test_a_token_that_lost_its_right_loses_the_channel(
    budi: AsyncClient, gateway: Gateway
) -> None:
    listener = await listen(budi, await own_topic(budi))
    execute(gateway.database, "insert into public.muted select id from auth.users")
    await budi.realtime.set_auth(await token_of(budi))
    await eventually(lambda: "CLOSED" in listener.states)


async def test_clients_see_who_is_present(
    budi: AsyncClient, client: Client, gateway: Gateway
) -> None:
    other = await client()
    seen: list[set[str]] = []
    channel = budi.channel(
        "room", {"config": {"private": False, "broadcast": None, "presence": None}}
    )
    channel.on_presence_sync(lambda: seen.append(_names(channel)))
    await channel.subscribe()
    guest = other.channel(
        "room", {"config": {"private": False, "broadcast": None, "presence": None}}
    )
    await guest.subscribe()
    await guest.track({"name": "Citra"})
    await eventually(lambda: seen and seen[-1] == {"Citra"})
    await other.realtime.close()
    await eventually(lambda: seen[-1] == set())


async def test_clients_may_send_where_a_policy_lets_them(
    budi: AsyncClient, client: Client, gateway: Gateway
) -> None:
    topic = await own_topic(budi)
    again = await client()
    session = await budi.auth.get_session()
    assert session is not None
    await again.realtime.set_auth(session.access_token)
    listener = await listen(again, topic)
    sender = await listen(budi, topic)
    await sender.channel.send_broadcast("changed", {"n": 5})
    await eventually(lambda: listener.bells)
    assert sender.bells == []


@pytest.mark.usefixtures("loud")
async def test_it_drops_repeats_and_reorders_when_told_to(
    budi: AsyncClient, gateway: Gateway
) -> None:
    topic = await own_topic(budi)
    listener = await listen(budi, topic)
    gateway.control("misbehave", drop=0.2, repeat=0.2, reorder=0.2, seed=7)
    for n in range(60):
        ring(gateway.database, topic, n)
    gateway.control("misbehave", drop=0.0, repeat=0.0, reorder=0.0)
    ring(gateway.database, topic, 99)
    await eventually(lambda: 99 in listener.numbers)
    numbers = [n for n in listener.numbers if n != 99]
    assert len(set(numbers)) < 60
    assert len(numbers) > len(set(numbers))
    assert numbers != sorted(numbers)


async def test_it_closes_all_channels_when_told_to(budi: AsyncClient, gateway: Gateway) -> None:
    listener = await listen(budi, await own_topic(budi))
    assert gateway.control("realtime/limit")["channels"] == 1
    await eventually(lambda: "CLOSED" in listener.states)


@pytest.mark.usefixtures("loud")
async def test_a_hung_up_client_reconnects_and_hears_again(
    budi: AsyncClient, gateway: Gateway
) -> None:
    topic = await own_topic(budi)
    listener = await listen(budi, topic)
    gateway.control("realtime/hangup")
    await eventually(lambda: listener.states.count("SUBSCRIBED") == 2)
    ring(gateway.database, topic, 1)
    await eventually(lambda: listener.bells)


async def test_broadcasts_return_with_postgres(budi: AsyncClient, gateway: Gateway) -> None:
    topic = await own_topic(budi)
    listener = await listen(budi, topic)
    server = gateway.database.server
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    wait_until(lambda: gateway.ask("GET", "/local/health").status_code == 503)
    server.start()
    wait_until(lambda: gateway.ask("GET", "/local/health").status_code == 200)
    ring(gateway.database, topic, 4)
    await eventually(lambda: listener.bells)


# The wire itself ---------------------------------------------------------------------


@pytest.fixture
async def wire(gateway: Gateway) -> AsyncIterator[ClientConnection]:
    """A bare socket."""
    url = gateway.url.replace("http", "ws")
    key = gateway.config.keys.publishable_key
    async with connect(f"{url}/realtime/v1/websocket?apikey={key}&vsn=1.0.0") as socket:
        yield socket


async def _exchange(wire: ClientConnection, **frame: object) -> dict[str, Any]:
    await wire.send(json.dumps(frame))
    async with asyncio.timeout(5):
        answer = json.loads(await wire.recv())
    assert isinstance(answer, dict)
    return answer


async def test_a_heartbeat_is_answered_with_its_null_ref(wire: ClientConnection) -> None:
    beat: dict[str, Any] = {"topic": "phoenix", "event": "heartbeat", "payload": {}, "ref": None}
    assert await _exchange(wire, **beat) == beat | {
        "event": "phx_reply",
        "payload": {"status": "ok", "response": {}},
    }


async def test_a_second_join_closes_the_first(wire: ClientConnection) -> None:
    join: dict[str, Any] = {"topic": "realtime:a", "event": "phx_join", "payload": {"config": {}}}
    first = await _exchange(wire, **join, ref="1", join_ref="1")
    assert first["payload"] == {"status": "ok", "response": {"postgres_changes": []}}
    closed = await _exchange(wire, **join, ref="2", join_ref="2")
    assert (closed["event"], closed["ref"]) == ("phx_close", "1")
    assert json.loads(await wire.recv())["ref"] == "2"


async def test_postgres_changes_are_refused_in_words(wire: ClientConnection) -> None:
    config = {"postgres_changes": [{"event": "*", "schema": "public"}]}
    answer = await _exchange(
        wire, topic="realtime:a", event="phx_join", ref="1", payload={"config": config}
    )
    assert answer["payload"]["status"] == "error"
    assert "postgres_changes" in answer["payload"]["response"]["reason"]


async def test_a_silent_server_accepts_and_says_nothing(
    wire: ClientConnection, gateway: Gateway
) -> None:
    gateway.control("misbehave", silent=True)
    await wire.send(
        json.dumps({"topic": "phoenix", "event": "heartbeat", "payload": {}, "ref": "1"})
    )
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await wire.recv()


def _names(channel: AsyncRealtimeChannel) -> set[str]:
    return {str(one["name"]) for ones in channel.presence_state().values() for one in ones}  # type: ignore[typeddict-item]
