"""Workers that die or are paused at the worst moment: one create for each message, never two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from console.domain.twilio_codes import HELD_UP
from console.local.leash import Leash
from console.service.config import Config
from console.service.lease import Lease, Moment
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, config_of
from tests.service.stand_in import Answer, StandIn, running
from tests.service.working import Desk, WorkerProcess, worker
from tests.waiting import eventually

FILE = {"bucket": "attachments", "path": "x/1/0/faktur.pdf", "name": "faktur.pdf"}


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with running() as server:
        server.objects["attachments/x/1/0/faktur.pdf"] = ("application/pdf", b"%PDF-1.7")
        yield server


@pytest.fixture
def config(database: Clone, stand_in: StandIn) -> Config:
    return config_of(database.dsn, TWILIO_API_URL=stand_in.url, SUPABASE_URL=stand_in.url)


@pytest.fixture
def desk(rows: Rows) -> Desk:
    return Desk(rows)


@pytest.fixture
def start(config: Config, tmp_path: Path, leash: Leash) -> Iterator[Callable[[], WorkerProcess]]:
    """Starts worker processes; they are gone after the test."""
    started: list[WorkerProcess] = []

    def make() -> WorkerProcess:
        started.append(WorkerProcess(config, tmp_path / f"worker{len(started)}.log", leash))
        return started[-1]

    yield make
    for process in started:
        process.end()


def bodies(stand_in: StandIn) -> list[str]:
    return [str(create.form.get("Body", "")) for create in stand_in.creates]


def let_time_pass(rows: Rows) -> None:
    """For the database half a minute has gone by without a word from any worker so far."""
    rows.do("update jobs.procrastinate_workers set last_heartbeat = now() - interval '30 s'")
    rows.do(
        "update public.delivery_attempts set started_at = started_at - interval '30 s',"
        " called_at = called_at - interval '30 s' where outcome = 'calling'"
    )


async def test_killed_before_the_call_a_message_is_sent_by_the_next_worker(
    stand_in: StandIn, desk: Desk, rows: Rows, start: Callable[[], WorkerProcess]
) -> None:
    stand_in.signing = asyncio.Event()
    reply, after = desk.reply("satu", media=[FILE]), desk.reply("dua")
    first = start()
    await eventually(lambda: stand_in.storage_requests, within=30)
    first.kill()
    stand_in.signing.set()
    let_time_pass(rows)
    start()
    await eventually(lambda: desk.status(after) == "accepted", within=30)
    assert bodies(stand_in) == ["satu", "dua"]
    outcomes = [attempt["outcome"] for attempt in desk.attempts(reply)]
    assert outcomes == ["retry", "accepted"]
    assert "Nothing was sent" in desk.attempts(reply)[0]["words"]


async def test_killed_during_the_call_a_message_is_looked_up_and_not_sent_again(
    stand_in: StandIn, desk: Desk, rows: Rows, start: Callable[[], WorkerProcess]
) -> None:
    stand_in.script.append(Answer(silent=True, carried_out=True))
    reply, after = desk.reply("satu"), desk.reply("dua")
    first = start()
    await eventually(lambda: stand_in.creates, within=30)
    first.kill()
    let_time_pass(rows)
    start()
    await eventually(lambda: desk.status(reply) == desk.status(after) == "accepted", within=30)
    assert bodies(stand_in) == ["satu", "dua"]
    assert [attempt["outcome"] for attempt in desk.attempts(reply)] == ["settled"]


async def test_killed_after_twilio_answered_a_message_keeps_its_one_create(
    database: Clone,
    stand_in: StandIn,
    desk: Desk,
    rows: Rows,
    start: Callable[[], WorkerProcess],
) -> None:
    stand_in.answering = asyncio.Event()
    reply = desk.reply("satu")
    first = start()
    await eventually(lambda: stand_in.made, within=30)
    assert desk.status(reply) == "sending"
    with psycopg.connect(database.dsn) as blocking:  # the answer cannot be written down
        blocking.execute("select from public.delivery_attempts for update")
        stand_in.answering.set()
        waiting = "select exists (select from pg_stat_activity where wait_event_type = 'Lock')"
        await eventually(lambda: rows.value(waiting))
        first.kill()
    if desk.status(reply) == "sending":
        let_time_pass(rows)
    start()
    await eventually(lambda: desk.status(reply) == "accepted", within=30)
    assert bodies(stand_in) == ["satu"]
    assert desk.message(reply)["message_sid"] == stand_in.made[0]["sid"]


async def test_paused_before_the_call_a_worker_wakes_and_leaves_it_to_the_other(
    stand_in: StandIn, desk: Desk, rows: Rows, start: Callable[[], WorkerProcess]
) -> None:
    stand_in.signing = asyncio.Event()
    reply = desk.reply("satu", media=[FILE])
    first = start()
    await eventually(lambda: stand_in.storage_requests, within=30)
    first.pause()
    stand_in.signing.set()
    let_time_pass(rows)
    second = start()
    await eventually(lambda: desk.status(reply) == "accepted", within=30)
    second.kill()
    first.wake()
    await eventually(lambda: "another worker took this over" in first.log.read_text(), within=30)
    # it is none the worse for it
    after = desk.reply("dua")
    await eventually(lambda: desk.status(after) == "accepted", within=30)
    assert bodies(stand_in) == ["satu", "dua"]
    assert [attempt["outcome"] for attempt in desk.attempts(reply)] == ["retry", "accepted"]
    assert first.end() == 0


async def test_paused_between_its_claim_and_the_socket_a_worker_wakes_and_sends_nothing(
    stand_in: StandIn, desk: Desk, rows: Rows, start: Callable[[], WorkerProcess]
) -> None:
    rows.do(
        "create or replace function private.lease() returns interval"
        " language sql immutable set search_path = '' as $$ select interval '2 seconds' $$"
    )
    rows.do(
        "create or replace function private.take_turn("
        "  sender text, recipient text, per_second integer) returns double precision"
        " language sql set search_path = '' as $$ select 1.0::double precision $$"
    )
    reply = desk.reply("satu")
    first = start()
    # claimed, and waiting for its turn before the call
    await eventually(lambda: desk.status(reply) == "sending", within=30)
    first.pause()
    assert stand_in.creates == []
    lease_over = (
        "select called_at < now() - interval '2.5 s' as over from public.delivery_attempts limit 1"
    )
    await eventually(lambda: rows.value(lease_over))
    let_time_pass(rows)
    after = desk.reply("dua")
    second = start()
    await eventually(lambda: desk.status(after) == "accepted", within=30)
    assert desk.status(reply) == "uncertain"
    second.kill()
    first.wake()
    await eventually(lambda: desk.status(reply) == "failed", within=30)
    assert bodies(stand_in) == ["dua"]
    (attempt,) = desk.attempts(reply)
    assert (attempt["outcome"], attempt["words"]) == ("retry", HELD_UP.english)
    # it could have been sent again, but then out of order: the agent decides
    assert "later replies have left" in desk.message(reply)["error_text"]


async def test_a_lease_that_ends_while_connecting_leads_to_a_second_try(
    config: Config, stand_in: StandIn, desk: Desk, rows: Rows
) -> None:
    rows.do(
        "create or replace function private.lease() returns interval"
        " language sql immutable set search_path = '' as $$ select interval '0 seconds' $$"
    )
    reply = desk.reply()
    async with worker(config):
        await eventually(lambda: len(desk.attempts(reply)) >= 2)
        assert stand_in.creates == []
        rows.do(
            "create or replace function private.lease() returns interval"
            " language sql immutable set search_path = '' as $$ select interval '10 seconds' $$"
        )
        await eventually(lambda: desk.status(reply) == "accepted")
    assert len(stand_in.creates) == 1


async def test_what_was_never_called_is_queued_again_and_what_was_is_not(
    desk: Desk, rows: Rows
) -> None:
    called, unsent = desk.reply("satu"), desk.reply("", media=[FILE])
    for message in (called, unsent):
        assert rows.value("select private.claim_message(%s, '0', gen_random_uuid())", message)
        let_time_pass(rows)
        rows.do("select private.release_abandoned()")
    assert (desk.status(called), desk.status(unsent)) == ("uncertain", "queued")
    attempt = desk.attempts(called)[0]["id"]
    assert rows.value("select private.begin_call(%s)", attempt) is False


@pytest.mark.parametrize("clock", ["steady", "wall"])
def test_a_lease_ends_by_whichever_clock_says_so_first(clock: str) -> None:
    now = {"steady": 100.0, "wall": 1000.0}
    lease = Lease(Moment(100, 1000), 10, lambda: Moment(now["steady"], now["wall"]))
    assert not lease.is_over
    now[clock] += 9.9
    assert not lease.is_over
    now[clock] += 0.1
    assert lease.is_over
