"""How fast replies leave: each sender at its pace, each customer in turn, nobody starved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

import console.service.worker
from console.service.config import Config
from console.service.jobs.send_message import IN_A_ROW
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, config_of
from tests.service.requests import CUSTOMER, INBOX
from tests.service.stand_in import Answer, Request, StandIn, refusal, running
from tests.service.working import Desk, worker
from tests.waiting import eventually


class Clocked(StandIn):
    """Writes down when each create came."""

    def __init__(self) -> None:
        super().__init__()
        self.came: dict[str, datetime] = {}

    def answer(self, request: Request) -> Answer:
        if request.method == "POST":
            self.came[request.form["To"]] = datetime.now(UTC)
        return super().answer(request)


@pytest.fixture
async def stand_in() -> AsyncIterator[Clocked]:
    async with running(Clocked()) as server:
        assert isinstance(server, Clocked)
        yield server


@pytest.fixture
def config(database: Clone, stand_in: Clocked) -> Config:
    return config_of(database.dsn, TWILIO_API_URL=stand_in.url, SUPABASE_URL=stand_in.url)


@pytest.fixture
def desk(rows: Rows) -> Desk:
    return Desk(rows)


def customer(number: int) -> str:
    return f"whatsapp:+62811{number:07d}"


def texts(stand_in: StandIn, prefix: str) -> list[str]:
    bodies = [str(create.form["Body"]) for create in stand_in.creates]
    return [body for body in bodies if body.startswith(prefix)]


def many_replies(desk: Desk, conversation: Any, count: int) -> None:
    """Queue `count` replies with a job each, as an agent's desktop does after a day offline."""
    desk.rows.do(
        """
        with made as (
          insert into public.messages (conversation_id, direction, content, "timestamp", status,
                                       from_number, to_number)
          select %s, 'outbound', 'a' || n, clock_timestamp(), 'queued', %s, %s
            from generate_series(0, %s - 1) n
          returning id, conversation_id)
        select private.enqueue('send_message', jsonb_build_object('message_id', id),
                               'conversation:' || conversation_id, queue => 'send') from made
        """,
        conversation, INBOX, CUSTOMER, count,
    )  # fmt: skip


async def test_a_sender_keeps_its_pace_over_all_workers(
    config: Config, stand_in: Clocked, desk: Desk, rows: Rows
) -> None:
    rows.do("update public.inboxes set messages_per_second = 20")
    for number in range(24):
        desk.reply(conversation=desk.conversation_with(customer(number)), to=customer(number))
    async with worker(config), worker(config):
        await eventually(lambda: len(stand_in.creates) == 24)
    turns = {
        row["recipient"]: row["turn"]
        for row in rows.all("select recipient, sent_at[1] as turn from private.pair_pace")
    }
    gaps = [(b - a).total_seconds() for a, b in pairwise(sorted(turns.values()))]
    assert min(gaps) >= 0.05
    # nobody left before its turn
    assert all(stand_in.came[recipient] >= turn for recipient, turn in turns.items())


async def test_an_inbox_without_a_setting_sends_80_a_second(rows: Rows, desk: Desk) -> None:
    inbox = rows.one("select * from public.inboxes")
    assert (inbox["messages_per_second"], inbox["replies_per_half_minute"]) == (80, 14)


async def test_retry_after_holds_its_sender_and_no_other(
    config: Config, stand_in: Clocked, desk: Desk, rows: Rows
) -> None:
    stand_in.script.append(refusal(429, 20429, "Too Many", **{"retry-after": "3600"}))
    first = desk.reply("satu")
    async with worker(config):
        await eventually(lambda: desk.attempts(first) and desk.status(first) == "queued")
        same = desk.reply("dua", conversation=desk.conversation_with(customer(1)), to=customer(1))
        desk.inbox = rows.value(
            "insert into public.inboxes (name, channel, address)"
            " values ('Cabang', 'whatsapp', 'whatsapp:+622199999999') returning id"
        )
        other = desk.reply("tiga", conversation=desk.conversation_with(customer(2)), to=customer(2))
        await eventually(lambda: desk.status(other) == "accepted")
        await eventually(
            lambda: (
                rows.value(
                    "select count(*) from jobs.procrastinate_jobs where scheduled_at > now()"
                )
                == 2
            )
        )
        assert desk.attempts(same) == []
        assert [create.form["Body"] for create in stand_in.creates] == ["satu", "tiga"]
        rows.do("update private.sender_pace set held_until = now()")
        rows.do("update jobs.procrastinate_jobs set scheduled_at = now()")
        await eventually(lambda: desk.status(first) == desk.status(same) == "accepted")


async def test_a_customer_gets_no_fifteenth_reply_within_half_a_minute(
    config: Config, stand_in: Clocked, desk: Desk, rows: Rows
) -> None:
    many_replies(desk, desk.conversation, 20)
    held = (
        "select scheduled_at - now() between '5 s' and '31 s' as held"
        " from jobs.procrastinate_jobs where scheduled_at > now()"
    )
    async with worker(config):
        await eventually(lambda: rows.all(held))
        assert rows.value(held) is True
        assert texts(stand_in, "a") == [f"a{n}" for n in range(14)]
        rows.do(
            "update private.pair_pace set sent_at ="
            " array(select t - interval '1 minute' from unnest(sent_at) t)"
        )
        rows.do("update jobs.procrastinate_jobs set scheduled_at = now()")
        await eventually(lambda: len(stand_in.creates) == 20)
    assert texts(stand_in, "a") == [f"a{n}" for n in range(20)]


async def test_what_twilio_turned_away_does_not_count_against_the_customer(
    config: Config, stand_in: Clocked, desk: Desk, rows: Rows
) -> None:
    rows.do("update public.inboxes set replies_per_half_minute = 2")
    turned_away = refusal(429, 20429, "Too Many", **{"retry-after": "0"})
    stand_in.script.extend([turned_away] * 3)
    reply = desk.reply()
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted")
    assert len(stand_in.creates) == 4


async def test_500_replies_to_one_customer_do_not_keep_another_waiting(
    config: Config,
    stand_in: Clocked,
    desk: Desk,
    rows: Rows,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # the worst case: one place to work at, and the long conversation came first
    monkeypatch.setattr(console.service.worker, "AT_ONCE", 1)
    rows.do("update public.inboxes set replies_per_half_minute = 1000")
    many_replies(desk, desk.conversation, 500)
    single = desk.conversation_with(customer(1))
    reply = desk.reply("b", conversation=single, to=customer(1))
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted")
        # and the long one goes on, by one job instead of hundreds
        await eventually(lambda: len(texts(stand_in, "a")) > 2 * IN_A_ROW)
        assert rows.value("select count(*) from jobs.procrastinate_jobs") == 1
    bodies = [create.form["Body"] for create in stand_in.creates]
    assert bodies.index("b") == IN_A_ROW
    sent = texts(stand_in, "a")
    assert sent == [f"a{n}" for n in range(len(sent))]


async def test_a_reply_that_comes_while_its_conversation_is_drained_is_not_forgotten(
    config: Config, stand_in: Clocked, desk: Desk, rows: Rows
) -> None:
    rows.do("update public.inboxes set replies_per_half_minute = 1000")
    async with worker(config), worker(config):
        for number in range(40):
            desk.reply(f"a{number}")
            await asyncio.sleep(0)
        # sooner than the sweep would find it
        await eventually(lambda: len(stand_in.creates) == 40)
    assert texts(stand_in, "a") == [f"a{n}" for n in range(40)]
