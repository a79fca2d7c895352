"""Statements by libpq's own calls: whole answers, errors of the commit, clean ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import psycopg
import pytest

from console.service.config import Config
from console.service.database import Database, DatabaseAwayError, Pool, webhook_pool
from tests.conftest import Database as Clone
from tests.service.conftest import Rows
from tests.waiting import eventually


@pytest.fixture
async def pool(config: Config) -> AsyncIterator[Pool]:
    async with webhook_pool(config) as made:
        yield made


async def test_large_arguments_and_answers_are_whole(pool: Pool) -> None:
    text = "🙏 halo " * 500_000
    answer = await Database(pool).answer(
        b"select to_jsonb($1::text)", [json.dumps(text).encode()], within=60
    )
    assert json.loads(answer) == text


async def test_what_fails_only_at_the_commit_has_failed(
    pool: Pool, database: Clone, rows: Rows
) -> None:
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        connection.execute("create table public.late (n int unique deferrable initially deferred)")
        connection.execute("insert into public.late values (1)")
    with pytest.raises(psycopg.IntegrityError):
        await Database(pool).answer(
            b"insert into public.late values ($1::int) returning to_jsonb(n)", [b"1"], within=60
        )
    assert rows.value("select count(*) from public.late") == 1


@pytest.mark.usefixtures("warnings_expected")
async def test_a_statement_that_was_given_up_ends_and_the_pool_is_whole(
    pool: Pool, rows: Rows
) -> None:
    with pytest.raises(DatabaseAwayError):
        await Database(pool).answer(b"select to_jsonb(pg_sleep(600)::text)", [], within=0.05)

    running = "select count(*) from pg_stat_activity where query like %s and state = 'active'"
    await eventually(lambda: rows.value(running, "select to_jsonb(pg_sleep%") == 0)
    assert await Database(pool).answer(b"select to_jsonb(1)", [], within=60) == 1


@pytest.mark.usefixtures("warnings_expected")
async def test_a_connection_that_the_server_ended_is_replaced(pool: Pool, rows: Rows) -> None:
    ask = Database(pool)
    pid = await ask.answer(b"select to_jsonb(pg_backend_pid())", [], within=60)
    rows.value("select pg_terminate_backend(%s)", pid)
    assert await ask.answer(b"select to_jsonb(pg_backend_pid())", [], within=60) != pid


@pytest.mark.usefixtures("warnings_expected")
async def test_whoever_is_cancelled_leaves_the_pool_whole(pool: Pool, rows: Rows) -> None:
    ask = Database(pool)
    asking = asyncio.create_task(ask.answer(b"select to_jsonb(pg_sleep(600)::text)", [], within=60))
    running = "select count(*) from pg_stat_activity where query like %s and state = 'active'"
    await eventually(lambda: rows.value(running, "select to_jsonb(pg_sleep%") == 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await eventually(lambda: rows.value(running, "select to_jsonb(pg_sleep%") == 0)
    assert await ask.answer(b"select to_jsonb(1)", [], within=60) == 1
