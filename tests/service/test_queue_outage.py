"""A database away for a moment: the worker hears of jobs again, and is not taken for dead."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import sql

import console.service.worker
from console.service.config import Config
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, config_of
from tests.service.stand_in import StandIn, running
from tests.service.working import Desk, worker
from tests.waiting import eventually

LISTENING = (
    "select count(*) from pg_stat_activity where datname = current_database()"
    " and application_name ~ '^balas worker' and query ~ '^LISTEN'"
)


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with running() as server:
        yield server


@pytest.fixture
def config(database: Clone, stand_in: StandIn) -> Config:
    return config_of(database.dsn, TWILIO_API_URL=stand_in.url, SUPABASE_URL=stand_in.url)


def heartbeat(rows: Rows) -> object:
    return rows.value("select max(last_heartbeat) from jobs.procrastinate_workers")


async def test_after_a_moment_without_the_database_it_listens_and_lives(
    config: Config,
    database: Clone,
    rows: Rows,
    monkeypatch: pytest.MonkeyPatch,
    warnings_expected: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(console.service.worker, "HEARTBEAT_SECONDS", 0.05)
    warnings_expected.set_level(logging.INFO, "balas.worker")
    desk = Desk(rows)
    allow = sql.SQL("alter database {} with allow_connections {}")
    name = sql.Identifier(database.name)
    elsewhere = database.server.dsn("supabase_admin", "template1")
    async with worker(config):
        await eventually(lambda: rows.value(LISTENING) == 1)
        with psycopg.connect(elsewhere, autocommit=True) as admin:
            admin.execute(allow.format(name, sql.SQL("false")))
            rows.value(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where datname = current_database() and application_name ~ '^balas worker'"
            )
            await eventually(lambda: "listened to anew" in warnings_expected.text)
            before = heartbeat(rows)
            admin.execute(allow.format(name, sql.SQL("true")))
        await eventually(lambda: rows.value(LISTENING) == 1)
        await eventually(lambda: heartbeat(rows) != before)
        sent = desk.reply()
        await eventually(lambda: desk.status(sent) != "queued")
