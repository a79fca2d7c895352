"""Faults on the way in: kills and outages, and what was acknowledged is there once, in order."""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from tests.trials.callers import Message, Sent
from tests.trials.proxy import Behaviour
from tests.trials.world import WEBHOOKS, WORKERS, World
from tests.waiting import eventually

Size = SimpleNamespace


async def settled(world: World, sent: Sent, *, within: float = 300.0) -> list[Message]:
    """Wait until everything acknowledged is stored; then the ledger."""
    assert not sent.given_up
    await eventually(lambda: not world.ledger.missing(sent.acknowledged), within=within)
    world.ledger.check_inbound(sent.acknowledged)
    return sent.acknowledged


@dataclass
class Pulled:
    """What the pages of one series brought."""

    cursor: str
    sids: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)


def pull(desk: psycopg.Connection[Any], cursor: str) -> Pulled:
    """All pages from a cursor on, as a desktop pulls them."""
    pulled, more = Pulled(cursor), True
    while more:
        found = desk.execute("select public.pull_changes(%s, 500)", [pulled.cursor]).fetchone()
        assert found is not None
        page = found[0]
        pulled.cursor, more = page["cursor"], page["more"]
        pulled.sids |= {row["message_sid"] for row in page["messages"]}
        pulled.forgotten |= set(page["forget"])
    return pulled


@pytest.mark.trial("F1")
async def test_a_killed_webhook_loses_and_doubles_nothing(world: World, size: Size) -> None:
    async with world.load(size.customers, size.each) as sent:
        for number in range(size.kills):
            await asyncio.sleep(random.uniform(0.1, 0.6))
            name = WEBHOOKS[number % 2]
            await world.back(name, world.kill(name))
    stored = await settled(world, sent)
    assert len(stored) >= size.customers * size.each


@pytest.mark.trial("F2")
async def test_a_killed_database_loses_and_doubles_nothing(world: World, size: Size) -> None:
    async with world.load(size.customers, size.each) as sent:
        for _ in range(size.kills):
            await asyncio.sleep(random.uniform(0.2, 0.6))
            await world.back("postgres", world.kill("postgres"))
            await eventually(lambda: all(map(world.has_recovered, WEBHOOKS)), within=size.seconds)
    await eventually(lambda: all(map(world.is_ready, WEBHOOKS)), within=60)
    stored = await settled(world, sent)
    assert len(stored) >= size.customers * size.each


@pytest.mark.trial("F3")
async def test_a_database_that_is_away_for_long_loses_nothing(world: World, size: Size) -> None:
    unheard = world.customer()  # whose webhook is not called: only Twilio's list knows
    world.database.behave(Behaviour(refuse=True))
    told = world.tell_sim("inbound", **{"from": unheard, "body": "Tidak sampai", "deliver": False})
    async with world.load(size.customers, size.each) as sent:
        await asyncio.sleep(size.seconds)
        world.database.behave(Behaviour(black_hole=True))
        await asyncio.sleep(size.seconds / 2)
        spooled = world.ledger.missing(sent.acknowledged)
        assert spooled, "what was answered meanwhile lies in the spool"
        assert not world.is_stored(told["sid"])
        world.database.heal()
    await settled(world, sent)
    assert not world.ledger.missing_ids(spooled)
    await eventually(lambda: world.is_stored(told["sid"]), within=120)


@pytest.mark.trial("F4")
async def test_the_same_webhook_several_times_at_once_is_one_message(
    world: World, size: Size
) -> None:
    for number in range(size.messages):
        message = next(world.threads(1)[0])
        at_once = number % 6 + 1
        sent = await world.send([[message]] * at_once)
        assert sent.statuses == {200: at_once}
        (row,) = world.ledger.rows(
            "select id from public.messages where message_sid = %s", message.sid
        )
        changes = world.ledger.rows(
            "select from private.changes where kind = 'messages' and id = %s", str(row["id"])
        )
        assert len(changes) == 1, "one change, and so one notification"
        bells = world.ledger.rows(
            "select from realtime.messages where payload::text like %s", f"%{row['id']}%"
        )
        assert len(bells) == 1


@pytest.mark.trial("F5")
async def test_statuses_in_any_order_end_in_the_highest(world: World, size: Size) -> None:
    words = ["queued", "sent", "delivered", "read", "failed", "delivered"]
    orders = list(itertools.permutations(words))
    address = world.customer()
    thread = world.conversation(address)
    for order in random.sample(orders, size.orders):
        message = next(world.threads(1)[0])
        world.ledger.rows(
            """
            insert into public.messages (conversation_id, message_sid, direction, content, status,
                                         "timestamp", to_number)
            values (%s, %s, 'outbound', 'x', 'accepted', clock_timestamp(), %s) returning id
            """,
            thread,
            message.sid,
            address,
        )
        for word in order:
            world.report(message.sid, word, error=63016 if word == "failed" else None)
        (row,) = world.ledger.rows(
            "select status, error_code, error_text from public.messages where message_sid = %s",
            message.sid,
        )
        assert row["status"] == "read", order
        assert row["error_code"] == 63016, order
        assert row["error_text"], order


@pytest.mark.trial("F6")
async def test_a_status_that_comes_before_the_sid_is_applied(world: World, size: Size) -> None:
    number = world.facts["fault_numbers"]["callbacks_before_response"]
    address = world.customer(number)
    for text in range(size.messages):
        (reply,) = world.reply(address, f"{number} {text} {random.random()}")
        await eventually(lambda reply=reply: world.sid(reply), within=30)  # type: ignore[misc]
        await world.reaches(reply, "delivered", "read", within=2.0)


@pytest.mark.trial("F25")
async def test_a_rolling_restart_is_not_noticed(world: World, size: Size) -> None:
    address, texts = world.customer(), []
    world.complaints()
    async with world.load(size.customers, size.each) as sent:
        for turn in range(size.rounds):
            for name in (*WEBHOOKS, *WORKERS):
                texts += [f"{address} {turn} {name} {n}" for n in range(2)]
                world.reply(address, *texts[-2:])
                await world.back(name, world.kill(name, signal.SIGTERM))
    await settled(world, sent)
    assert not (said := world.complaints(*WEBHOOKS)), "\n".join(said)
    # A line that closes under a request costs another try; a burst of errors would cost more.
    assert set(sent.statuses) <= {200, 0}, sent.statuses
    assert sent.most_tries <= 4, sent.statuses
    replies = [(address, text) for text in texts]
    await eventually(
        lambda: sum(bool(c["sid"]) for c in world.creates(address)) >= len(replies), within=60
    )
    world.ledger.check_outbound(world.creates(address), replies)


@pytest.mark.trial("F26")
async def test_an_open_transaction_delays_no_change(world: World, size: Size) -> None:
    address = world.customer()
    with world.connection() as idle, world.agent() as desk:
        idle.execute("insert into public.labels (name) values ('F26')")
        cursor = pull(desk, "").cursor
        for number in range(size.messages):
            told = world.tell_sim("inbound", **{"from": address, "body": f"ke {number}"})
            pulled = pull(desk, cursor)
            assert told["sid"] in pulled.sids
            cursor = pulled.cursor
            await asyncio.sleep(size.seconds / size.messages)
        idle.rollback()


@pytest.mark.trial("F27")
async def test_who_joins_an_inbox_sees_all_of_it_and_who_leaves_forgets_it(
    world: World, size: Size
) -> None:
    async with world.load(size.customers, size.each) as sent:
        pass
    everything = {message.sid for message in await settled(world, sent)}
    inbox = world.ledger.value(
        "select id from public.inboxes where address = %s", world.facts["inbox_address"]
    )
    before = world.ledger.rows("select * from public.inbox_members where inbox_id = %s", inbox)
    with world.administrator() as admin, world.agent() as desk:
        admin.execute("delete from public.inbox_members where inbox_id = %s", [inbox])
        outside = pull(desk, "")
        assert not outside.sids & everything
        for member in before:
            admin.execute(
                "insert into public.inbox_members (inbox_id, profile_id) values (%s, %s)",
                [inbox, member["profile_id"]],
            )
        joined = pull(desk, outside.cursor)
        assert everything <= joined.sids
        assert not joined.forgotten
        admin.execute("delete from public.inbox_members where inbox_id = %s", [inbox])
        try:
            left = pull(desk, joined.cursor)
            assert left.forgotten == {str(inbox)}
            world.customer()
            assert not pull(desk, left.cursor).sids
        finally:
            for member in before:
                admin.execute(
                    "insert into public.inbox_members (inbox_id, profile_id) values (%s, %s)",
                    [inbox, member["profile_id"]],
                )
