"""Threads from before Balas get their numbers from Twilio."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from console.service import adopted_numbers
from console.service.database import Database, webhook_pool
from console.service.twilio import Twilio
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, config_of
from tests.service.requests import CUSTOMER, INBOX, new_sid
from tests.service.stand_in import Answer, StandIn, refusal, running


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with running() as server:
        yield server


def _knows(stand_in: StandIn, sid: str) -> None:
    message = {"sid": sid, "from": CUSTOMER, "to": INBOX, "status": "received", "body": "x"}
    stand_in.fetches[sid] = Answer(200, json.dumps(message).encode())


async def test_old_messages_get_their_numbers_and_unknown_ones_are_asked_once(
    database: Clone, rows: Rows, stand_in: StandIn
) -> None:
    known, gone, foreign = new_sid(), new_sid(), "legacy/7"
    for sid in (known, gone, foreign):
        rows.do(
            """
            with person as (insert into public.contacts (name) values (null) returning id),
                 thread as (insert into public.conversations (contact_id, inbox_id, adopted)
                            select person.id, i.id, true from person, (
                              select id from public.inboxes union all
                              select private.inbox_for('+1', null, 'sms') limit 1) i
                            returning id)
            insert into public.messages (conversation_id, direction, message_sid, "timestamp")
            select id, 'inbound', %s, now() from thread
            """,
            sid,
        )
    _knows(stand_in, known)
    stand_in.fetches[gone] = refusal(404, 20404, "not found")
    config = config_of(database.dsn, TWILIO_API_URL=stand_in.url)
    twilio = Twilio(config)
    async with webhook_pool(config) as pool:
        for _ in range(2):
            await adopted_numbers.fill(Database(pool), twilio)
    await twilio.close()
    message = rows.one("select * from public.messages where message_sid = %s", known)
    assert (message["from_number"], message["to_number"]) == (CUSTOMER, INBOX)
    assert (
        rows.value("select count(*) from public.messages where metadata ? 'numbers_unknown'") == 2
    )
    assert stand_in.fetched == [known, gone] or stand_in.fetched == [gone, known]
