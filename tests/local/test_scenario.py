"""The demo's story: who writes what, how they react to the agent, what goes wrong on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from console.local.cast import ANSWERS, CAST, GONE, NEARLY, SCENES, SILENT_FOR, YESTERDAY
from console.local.scenario import Scenario, _shift, answer_to
from tests.conftest import Database
from tests.local.twilio_world import World, simulated_world
from tests.waiting import eventually


@pytest.fixture
def world() -> Iterator[World]:
    with simulated_world() as running:
        yield running


@asynccontextmanager
async def _playing(world: World) -> AsyncIterator[Scenario]:
    """A story told to its end, customers still listening."""
    scenario = Scenario(world.api_url, speed=60)
    running = asyncio.create_task(scenario.run())
    told = asyncio.create_task(scenario.told.wait())
    await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED, timeout=30)
    assert told.done(), running
    try:
        yield scenario
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _received(world: World, actor: str) -> list[dict[str, str]]:
    return [one.params for one in world.receiver.webhooks(From=CAST[actor].address)]


async def test_the_cast_writes_every_kind_of_message(world: World) -> None:
    async with _playing(world):
        types = {
            one.params.get("MessageType", "sms")
            for one in world.receiver.received
            if one.path == "/webhook"
        }
        kinds = {"text", "image", "audio", "document", "location", "contacts", "sms"}
        assert types == kinds
        assert len(world.receiver.webhooks()) == len(SCENES)
        siti = _received(world, "siti")
        assert siti[2]["OriginalRepliedMessageSid"] == siti[1]["MessageSid"]
        assert "WaId" not in _received(world, "yusuf")[0]
        assert "ProfileName" not in _received(world, "nameless")[0]
        assert _received(world, "nameless")[1]["Forwarded"] == "true"
        assert _received(world, "yusuf")[0]["ReferralSourceType"] == "ad"


async def test_a_customer_reads_an_answer_and_replies_to_what_it_says(world: World) -> None:
    async with _playing(world):
        before = len(_received(world, "siti"))
        sid = await asyncio.to_thread(
            world.create, CAST["siti"].address, body="Baik Bu, kami cek ke kurir dulu ya"
        )
        await eventually(lambda: world.receiver.statuses(sid) == ["sent", "delivered", "read"])
        await eventually(lambda: len(_received(world, "siti")) == before + 1)
        courier = next(one for one in ANSWERS if "kurir" in one.hears)
        assert _received(world, "siti")[-1]["Body"] in courier.says


async def test_a_talk_ends_with_thanks_and_then_they_only_read(world: World) -> None:
    async with _playing(world):
        address = CAST["bambang"].address
        before = len(_received(world, "bambang"))
        await asyncio.to_thread(world.create, address, body="Terima kasih, Pak!")
        await eventually(lambda: len(_received(world, "bambang")) == before + 1)
        sid = await asyncio.to_thread(world.create, address, body="Ada lagi?")
        await eventually(lambda: world.receiver.statuses(sid)[-1:] == ["read"])
        other = await asyncio.to_thread(world.create, CAST["jaya"].address, body="Siap")
        await eventually(lambda: len(_received(world, "jaya")) == 4)
        assert world.receiver.statuses(other)[-1] == "read"
        assert len(_received(world, "bambang")) == before + 1


async def test_one_is_gone_from_whatsapp_and_one_is_silent_for_a_day(world: World) -> None:
    async with _playing(world):
        gone = await asyncio.to_thread(world.create, CAST[GONE].address)
        late = await asyncio.to_thread(world.create, CAST[YESTERDAY].address)
        await asyncio.to_thread(world.ends, gone, "failed", 63024)
        await asyncio.to_thread(world.ends, late, "failed", 63016)


async def test_a_person_at_the_phone_takes_the_customer_over(world: World) -> None:
    async with _playing(world):
        address = CAST["siti"].address
        fields = {"address": address, "body": "Saya sendiri yang menulis"}
        await asyncio.to_thread(world.sim.post, "/phone/api/send", data=fields)
        before = len(_received(world, "siti"))
        sid = await asyncio.to_thread(world.create, address, body="Halo Bu Siti?")
        await asyncio.to_thread(world.create, CAST["jaya"].address, body="Halo?")
        await eventually(lambda: len(_received(world, "jaya")) == 4)
        assert len(_received(world, "siti")) <= before + 1
        await eventually(lambda: world.receiver.statuses(sid) == ["sent", "delivered"])


async def test_a_demo_started_again_does_not_tell_the_story_twice(world: World) -> None:
    async with _playing(world):
        told = len(world.receiver.webhooks())
    async with _playing(world):
        assert len(world.receiver.webhooks()) == told


def test_every_word_of_the_answers_can_be_heard() -> None:
    for answer in ANSWERS:
        assert answer_to(f"xx {answer.hears[0]} xx") in ANSWERS
    assert answer_to("zzz") is None


def test_the_old_conversation_lies_a_day_back_in_the_database(database: Database) -> None:
    now = datetime.now(UTC)

    def one(connection: psycopg.Connection[Any], statement: str, *values: object) -> Any:
        row = connection.execute(statement, values).fetchone()
        assert row is not None
        return row[0]

    with database.connect() as connection:
        inbox = one(
            connection,
            "insert into inboxes (name, channel, address) "
            "values ('Toko', 'whatsapp', 'whatsapp:+62215') returning id",
        )
        contact = one(connection, "insert into contacts (name) values ('Klinik') returning id")
        talk = one(
            connection,
            "insert into conversations (contact_id, inbox_id, last_message_at, last_inbound_at, "
            "waiting_since) values (%s, %s, %s, %s, %s) returning id",
            *(contact, inbox, now, now, now),
        )
        sid = f"SM{uuid.uuid4().hex}"
        connection.execute(
            "insert into messages (id, conversation_id, message_sid, direction, status, "
            'content, "timestamp") values (%s, %s, %s, %s, %s, %s, %s)',
            (uuid.uuid4(), talk, sid, "inbound", "received", "Halo", now),
        )
        _shift(database.dsn, sid, SILENT_FOR[YESTERDAY])
        (inbound, sent) = connection.execute(
            'select c.last_inbound_at, m."timestamp" from conversations c '
            "join messages m on m.conversation_id = c.id"
        ).fetchone() or (None, None)
    assert inbound == sent == now - SILENT_FOR[YESTERDAY]
    assert SILENT_FOR[NEARLY] < timedelta(hours=24) < SILENT_FOR[YESTERDAY]
