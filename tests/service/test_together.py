"""Messages that come at the same time share a commit, and nothing else."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from console.service import inbound, signature
from console.service.config import Config
from console.service.database import Database, webhook_pool
from console.service.together import Together
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, Twilio
from tests.service.requests import CUSTOMER, INBOX, encoded, media, new_sid, whatsapp

ANOTHER = "whatsapp:+6281200000002"


def item(**changes: str | None) -> dict[str, Any]:
    """One message of a batch, as the webhook makes it."""
    body = encoded(whatsapp(**changes))
    message = inbound.parse(inbound.decode(signature.fields_of(body)))
    assert message is not None
    return {
        **message.as_json(),
        "body": body.decode("latin-1"),
        "headers": {"user-agent": "TwilioProxy/1.1"},
        "flagged": None,
        "path": "/webhook",
    }


Store = Callable[..., list[Any]]


@pytest.fixture
def store(rows: Rows) -> Store:
    """Stores a batch; what became of each."""

    def together(*batch: dict[str, Any]) -> list[Any]:
        found: list[Any] = rows.value("select private.ingest_together(%s)", Jsonb(list(batch)))
        return found

    return together


def thread(rows: Rows, address: str = CUSTOMER) -> list[str]:
    """A customer's messages in the order of the thread."""
    query = 'select content from public.messages where from_number = %s order by "timestamp"'
    return [row["content"] for row in rows.all(query, address)]


def test_a_batch_is_stored_as_its_messages_would_be_one_by_one(rows: Rows, store: Store) -> None:
    alone, others = item(), [item(Body=str(n)) for n in range(3)]
    store(alone)
    answers = store(*others)
    assert [set(answer) for answer in answers] == [
        {"message_id", "conversation_id", "inbox_id"}
    ] * 3
    first, *rest = rows.all(
        """
        select m.*, r.path, r.headers, r.parameters, r.body from public.messages m
          join private.webhook_requests r on r.message_id = m.id order by m."timestamp"
        """
    )
    for one, sent in zip(rest, others, strict=True):
        assert one["body"] == sent["body"].encode("latin-1")
        assert one["metadata"] == sent["metadata"]
        own = {"id", "message_sid", "content", "timestamp", "body", "metadata", "parameters"}
        own |= {"created_at", "updated_at"}
        assert {k: v for k, v in one.items() if k not in own} == {
            k: v for k, v in first.items() if k not in own
        }
    talk = rows.one("select * from public.conversations")
    assert talk["last_message_at"] == talk["last_inbound_at"] == rest[-1]["timestamp"]
    assert talk["waiting_since"] == first["timestamp"]


def test_the_order_of_arrival_is_the_order_of_the_thread(rows: Rows, store: Store) -> None:
    store(item(Body="first"), item(From=ANOTHER, WaId="6281200000002"))
    chance = random.Random(4)
    expected: dict[str, list[str]] = {CUSTOMER: ["first"], ANOTHER: []}
    batch = []
    for number in range(40):
        who = chance.choice([CUSTOMER, ANOTHER])
        expected[who].append(str(number))
        # every tenth one names an address that nobody knows yet, and so goes another way
        new = f"whatsapp:ID.{number}" if number % 10 == 3 else None
        batch.append(item(From=who, WaId=who[10:], Body=str(number), ExternalUserId=new))
    assert all(store(*batch))
    assert thread(rows) == expected[CUSTOMER]
    assert thread(rows, ANOTHER)[1:] == expected[ANOTHER]
    assert rows.value("select count(*) from public.conversations") == 2


def test_a_sid_that_comes_twice_is_one_message(rows: Rows, store: Store) -> None:
    store(item(Body="known"))
    once = item(Body="once")
    answers = store(once, once, item(Body="other"), once)
    assert [answer.get("duplicate") for answer in answers] == [None, True, None, True]
    assert store(once, once) == [{"duplicate": True}] * 2
    assert thread(rows) == ["known", "once", "other"]


def test_an_answer_to_a_message_of_the_same_batch_finds_it(rows: Rows, store: Store) -> None:
    store(item())
    asked = new_sid()
    store(item(MessageSid=asked), item(Body="about that", OriginalRepliedMessageSid=asked))
    quoted = rows.one("select reply_to from public.messages where content = 'about that'")
    assert quoted["reply_to"] == rows.value(
        "select id from public.messages where message_sid = %s", asked
    )


def test_a_resolved_thread_opens_again_and_files_are_copied(rows: Rows, store: Store) -> None:
    store(item())
    rows.do("update public.conversations set status = 'resolved', waiting_since = null")
    store(item(**media("image/jpeg")), item())
    assert rows.value("select status from public.conversations") == "open"
    assert rows.one("select data from public.events where kind = 'reopened'")["data"] == {
        "by": "customer",
        "was": "resolved",
    }
    assert rows.value("select count(*) from jobs.procrastinate_jobs") == 1


def test_whoever_is_busy_is_left_out_and_nobody_waits(
    rows: Rows, store: Store, database: Clone
) -> None:
    store(item(), item(From=ANOTHER, WaId="6281200000002"))
    with database.connect(autocommit=False) as agent:
        agent.execute(
            "select from public.conversations c join public.contact_addresses a"
            " using (contact_id) where a.address = %s for update of c",
            [ANOTHER],
        )
        left, stored = store(item(From=ANOTHER, WaId="6281200000002"), item(Body="mine"))
        assert (left, set(stored)) == (None, {"message_id", "conversation_id", "inbox_id"})
        agent.execute(
            "select pg_advisory_xact_lock(hashtextextended('balas:address:' || %s, 0))", [CUSTOMER]
        )
        assert store(item(), item()) == [None, None]
    assert thread(rows)[-1] == "mine"


def test_opting_out_and_newcomers_go_the_careful_way(rows: Rows, store: Store) -> None:
    store(item())
    store(item(Body="STOP", OptOutType="STOP"), item(From=ANOTHER, WaId="6281200000002"))
    assert rows.one("select * from public.contact_addresses where address = %s", CUSTOMER)[
        "opted_out_at"
    ]
    assert rows.value("select count(*) from public.contacts") == 2
    flagged = rows.one("select * from public.inboxes")
    assert (flagged["address"], flagged["flagged"]) == (INBOX, True)


@pytest.fixture
async def together(config: Config) -> AsyncIterator[Together]:
    async with webhook_pool(config) as pool:
        yield Together(Database(pool), b"select private.ingest_together($1::jsonb)")


async def test_one_that_cannot_be_stored_harms_no_other(rows: Rows, together: Together) -> None:
    good = [item(Body=str(n)) for n in range(5)]
    bad = {**item(), "message_type": "hologram"}

    async def send(one: dict[str, Any]) -> Any:
        return await together.store(one, len(one["body"]), within=15.0)

    await asyncio.gather(*(send(one) for one in good))
    answers = await asyncio.gather(*(send(one) for one in [bad, *good, bad]))
    # What went along with a bad one has to go alone, and nothing of it is stored until then.
    assert {answer is None or "duplicate" in answer for answer in answers} == {True}
    assert rows.value("select count(*) from public.messages where message_type = 'hologram'") == 0


async def test_a_hundred_at_once_are_a_hundred_rows(rows: Rows, twilio: Twilio) -> None:
    sent = [
        whatsapp(From=f"whatsapp:+62812{n % 20:08d}", WaId=f"62812{n % 20:08d}", Body=str(n))
        for n in range(100)
    ]
    await asyncio.gather(*(twilio.delivers(one) for one in sent))
    assert rows.value("select count(distinct message_sid) from public.messages") == 100
    assert rows.value("select count(*) from private.webhook_requests") == 100


@pytest.mark.usefixtures("warnings_expected")
async def test_a_name_that_is_no_text_harms_no_other(rows: Rows, twilio: Twilio) -> None:
    """Half of a surrogate pair is JSON for Python, and nothing that Postgres or UTF-8 can hold."""
    broken = '{"type":"whatsapp","data":{"context":{"ProfileName":"\\ud83d"}}}'
    sent = [
        whatsapp(From=f"whatsapp:+62812000{n:04}", ProfileName=None, ChannelMetadata=metadata)
        for n, metadata in enumerate([None, broken, None, None])
    ]
    answers = await asyncio.gather(*(twilio.post("/webhook", one) for one in sent))

    assert {answer.status_code for answer in answers} == {200}
    assert rows.value("select count(*) from public.messages") == 3
    assert rows.value("select count(*) from private.webhook_requests") == 4
