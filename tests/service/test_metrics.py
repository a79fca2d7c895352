"""The numbers: what each process tells, what the database tells, and what it no longer tells."""

from __future__ import annotations

import uuid

import httpx
import pytest
from psycopg.types.json import Jsonb

from console.service.database import Database, webhook_pool
from console.service.metrics import Metrics
from console.service.webhook import application
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, Twilio, config_of
from tests.service.requests import whatsapp
from tests.service.working import Desk

TOKEN = {"authorization": "Bearer metrics"}


async def numbers(twilio: Twilio) -> dict[str, float]:
    page = await twilio.client.get("/metrics", headers=TOKEN)
    assert page.status_code == 200
    lines = (line.rpartition(" ") for line in page.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def attempt(rows: Rows, desk: Desk, *outcomes: str) -> None:
    """One call to Twilio and what became of it, in turn."""
    made = rows.value(
        "insert into public.delivery_attempts (id, message_id, worker)"
        " values (%s, %s, 'w') returning id",
        str(uuid.uuid4()),
        desk.reply(kick=False),
    )
    for outcome in outcomes:
        rows.do("update public.delivery_attempts set outcome = %s where id = %s", outcome, made)


async def test_sends_are_counted_by_outcome_whoever_made_them(twilio: Twilio, rows: Rows) -> None:
    desk = Desk(rows)
    for _ in range(3):
        attempt(rows, desk, "accepted")
    attempt(rows, desk, "retry")
    before = await numbers(twilio)
    # Added up meanwhile, by whichever worker; and a worker that changes nothing counts nothing.
    assert rows.value("select private.sum_tally()") == 4
    attempt(rows, desk, "uncertain", "uncertain", "settled")
    after = await numbers(twilio)
    for page, expected in ((before, (3, 1, 0, 0, 0)), (after, (3, 1, 1, 1, 0))):
        outcomes = ("accepted", "retry", "uncertain", "settled", "refused")
        found = tuple(page[f'balas_sends_total{{outcome="{name}"}}'] for name in outcomes)
        assert found == expected
    assert rows.value("select private.sum_tally()") == 2


async def test_the_queue_is_told_by_queue_and_state(twilio: Twilio, rows: Rows) -> None:
    Desk(rows).reply()
    rows.do("select private.enqueue('copy_media', %s, queue => 'media')", Jsonb({}))
    rows.do(
        "select private.enqueue('copy_media', %s, queue => 'media',"
        " scheduled_at => now() + interval '1 hour')",
        Jsonb({}),
    )
    page = await numbers(twilio)
    assert page["balas_queue_waiting"] == 2
    assert page["balas_queue_lag_seconds"] >= 0
    assert page['balas_jobs{queue="send",state="waiting"}'] == 1
    assert page['balas_jobs{queue="media",state="waiting"}'] == 1
    assert page['balas_jobs{queue="media",state="later"}'] == 1
    assert page['balas_workers{state="alive"}'] == 0
    assert page['balas_messages_in_flight{status="queued"}'] == 1
    assert page["balas_sending_stopped"] == 0


async def test_a_process_tells_its_own_requests_latency_and_memory(twilio: Twilio) -> None:
    await twilio.delivers(whatsapp())
    page = await numbers(twilio)
    assert page['balas_requests_total{endpoint="webhook",result="stored"}'] == 1
    assert page["balas_ingest_seconds_count"] == 1
    assert page['balas_ingest_seconds_bucket{le="+Inf"}'] == 1
    assert page["balas_database_up"] == 1
    assert page["process_resident_memory_bytes"] > 0


@pytest.mark.usefixtures("warnings_expected")
async def test_while_the_database_is_away_nothing_stale_is_told(database: Clone) -> None:
    config = config_of(database.dsn, METRICS_TOKEN="metrics")
    away = config_of("postgresql://postgres:x@127.0.0.1:1/postgres", METRICS_TOKEN="metrics")
    metrics = Metrics()
    for there in (config, away):
        pool = webhook_pool(there)
        await pool.open(wait=False)
        transport = httpx.ASGITransport(application(there, Database(pool), metrics))
        async with httpx.AsyncClient(transport=transport, base_url="http://internal") as client:
            page = await numbers(Twilio(client))
        await pool.close()
        assert page["balas_database_up"] == float(there is config)
        assert ("balas_queue_waiting" in page) == (there is config)


def test_old_changes_are_forgotten_once_a_day(rows: Rows) -> None:
    rows.do("insert into public.labels (name, color) values ('a', '#000000'), ('b', '#000000')")
    rows.do("update private.changes set at = now() - interval '31 days' where kind = 'labels'")
    assert rows.value("select private.prune_daily()") >= 1
    assert not rows.all("select from private.changes where kind = 'labels'")
    assert rows.value("select private.prune_daily()") is None
    rows.do("update private.rounds set due_at = now() where name = 'changes'")
    assert rows.value("select private.prune_daily()") == 0
