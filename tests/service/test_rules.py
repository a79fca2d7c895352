"""From the webhook to the automatic reply: a job only where there are rules, and no time lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from console.service.config import Config
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, Twilio, config_of
from tests.service.requests import CUSTOMER, INBOX, whatsapp
from tests.service.stand_in import StandIn, running
from tests.service.working import worker
from tests.waiting import eventually

JOBS = (
    "select args ->> 'message_id' as message from jobs.procrastinate_jobs"
    " where queue_name = 'rules'"
)

ACCEPTED = "select from public.messages where automatic and status = 'accepted'"


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with running() as server:
        yield server


@pytest.fixture
def config(database: Clone, stand_in: StandIn) -> Config:
    return config_of(database.dsn, TWILIO_API_URL=stand_in.url, SUPABASE_URL=stand_in.url)


@pytest.fixture
def inbox(rows: Rows) -> Any:
    """An inbox without rules."""
    return rows.value(
        "insert into public.inboxes (name, channel, address) values ('Toko', 'whatsapp', %s)"
        " returning id",
        INBOX,
    )


@pytest.fixture
def greeting(rows: Rows, inbox: Any) -> Any:
    return rows.value(
        "insert into public.auto_replies (inbox_id, kind, body)"
        " values (%s, 'greeting', 'Halo {{contact.name}}, ini {{inbox.name}}.') returning id",
        inbox,
    )


async def test_messages_of_an_inbox_without_rules_make_no_job(
    twilio: Twilio, rows: Rows, inbox: Any
) -> None:
    await twilio.delivers(whatsapp())
    await twilio.delivers(whatsapp())
    assert rows.all(JOBS) == []


async def test_each_message_of_one_with_rules_makes_one_whichever_way_it_came(
    twilio: Twilio, rows: Rows, greeting: Any
) -> None:
    first, second = whatsapp(), whatsapp()  # a new customer; a known one in a known thread
    for request in (first, second, second):
        await twilio.delivers(request)
    messages = rows.all('select id::text as message from public.messages order by "timestamp"')
    assert rows.all(JOBS + " order by id") == messages
    assert len(messages) == 2


async def test_the_automatic_reply_leaves_within_a_second_and_once(
    config: Config, stand_in: StandIn, twilio: Twilio, rows: Rows, greeting: Any
) -> None:
    async with worker(config):
        await eventually(lambda: rows.all("select from jobs.procrastinate_workers"))
        # Somebody before them: a worker that has only begun is not idle.
        await twilio.delivers(whatsapp(From="whatsapp:+6281200000001", WaId="6281200000001"))
        await eventually(lambda: rows.all(ACCEPTED))
        await twilio.delivers(whatsapp())
        await eventually(lambda: len(stand_in.creates) == 2, within=5.0)
        await twilio.delivers(whatsapp(Body="Ada orang?"))
        await eventually(lambda: not rows.all("select from jobs.procrastinate_jobs"))
        await eventually(lambda: len(rows.all(ACCEPTED)) == 2)
        reply = rows.one(
            "select * from public.messages where automatic and to_number = %s", CUSTOMER
        )
    (_, create) = stand_in.creates
    assert create.form["To"] == CUSTOMER
    assert create.form["Body"] == "Halo Siti Rahma, ini Toko."
    took = rows.value(
        "select extract(epoch from a.called_at - i.created_at)::float from public.messages m"
        " join public.messages i on i.id = (m.metadata #>> '{rule,answers}')::uuid"
        " join public.delivery_attempts a on a.message_id = m.id where m.id = %s",
        reply["id"],
    )
    assert took < 1.0


async def test_who_becomes_available_gets_those_who_wait(
    config: Config, twilio: Twilio, rows: Rows, inbox: Any
) -> None:
    rows.do("update public.inboxes set routing = true")
    agent = rows.value(
        "insert into public.profiles (id, display_name) values (gen_random_uuid(), 'Dewi')"
        " returning id"
    )
    rows.do("insert into public.inbox_members values (%s, %s)", inbox, agent)
    async with worker(config):
        await twilio.delivers(whatsapp())
        await eventually(lambda: not rows.all(JOBS))
        assert rows.value("select assignee_id from public.conversations") is None
        rows.do("update public.profiles set available = true")
        await eventually(
            lambda: rows.value("select assignee_id from public.conversations") == agent
        )
        rows.do("update public.inboxes set take_back_minutes = 0")
        rows.do("update public.profiles set available = false")
        await eventually(lambda: not rows.value("select assignee_id from public.conversations"))


async def test_a_scheduled_message_leaves_when_its_time_has_come(
    config: Config, stand_in: StandIn, twilio: Twilio, rows: Rows, inbox: Any
) -> None:
    await twilio.delivers(whatsapp())
    rows.do(
        "insert into public.messages (conversation_id, direction, content, timestamp, status,"
        " scheduled_at) select id, 'outbound', 'Selamat pagi', clock_timestamp(), 'scheduled',"
        " now() + interval '1 hour' from public.conversations"
    )
    status = "select status from public.messages where direction = 'outbound'"
    async with worker(config):
        await eventually(lambda: rows.all("select from jobs.procrastinate_workers"))
        assert rows.value(status) == "scheduled"
        rows.do("update public.messages set scheduled_at = now() where status = 'scheduled'")
        await eventually(lambda: rows.value(status) == "accepted")
    (create,) = stand_in.creates
    assert (create.form["To"], create.form["Body"]) == (CUSTOMER, "Selamat pagi")


async def test_two_workers_greet_and_route_each_of_many_customers_once(
    config: Config, stand_in: StandIn, twilio: Twilio, rows: Rows, inbox: Any, greeting: Any
) -> None:
    rows.do("update public.inboxes set routing = true")
    for name in ("Ani", "Budi"):
        rows.do(
            "with p as (insert into public.profiles (id, display_name, available, capacity)"
            " values (gen_random_uuid(), %s, true, 10) returning id)"
            " insert into public.inbox_members (inbox_id, profile_id) select %s, id from p",
            name,
            inbox,
        )
    customers = [f"62812000000{n:02}" for n in range(24)]
    async with worker(config), worker(config):
        await asyncio.gather(
            *(
                twilio.insists(whatsapp(From=f"whatsapp:+{who}", WaId=who, Body=text))
                for text in ("Halo", "Ada orang?", "Permisi")
                for who in customers
            )
        )
        await eventually(lambda: len(stand_in.creates) == len(customers), within=30.0)
        await eventually(lambda: not rows.all("select from jobs.procrastinate_jobs"), within=30.0)
        await eventually(
            lambda: rows.value("select count(assignee_id) from public.conversations") == 20
        )
    assert len(stand_in.creates) == len(customers)
    assert {create.form["To"][10:] for create in stand_in.creates} == set(customers)
    given = rows.all(
        "select count(*) as n from public.conversations where assignee_id is not null"
        " group by assignee_id"
    )
    assert [row["n"] for row in given] == [10, 10]
    assert rows.value("select count(*) from public.events where kind = 'assigned'") == 20
