"""The worker's round for privacy: old rows and their files go, and what Storage refuses waits."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import procrastinate
import pytest

from console.local.gateway.config import GatewayConfig
from console.service import privacy
from console.service.config import Config
from console.service.database import Database, worker_pool_arguments
from console.service.fetch import MediaFetcher
from console.service.jobs.job import Tools
from console.service.storage import Storage
from console.service.twilio import Twilio
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, config_of
from tests.service.project import gateway, put_file
from tests.service.working import Desk, worker
from tests.waiting import eventually


@pytest.fixture
def project(database: Clone, tmp_path: Path) -> Iterator[GatewayConfig]:
    """The project's gateway, on the test's database."""
    with gateway(database, tmp_path) as running:
        yield running


@pytest.fixture
def config(database: Clone, project: GatewayConfig) -> Config:
    return config_of(
        database.dsn, SUPABASE_URL=project.url, SUPABASE_SECRET_KEY=project.keys.secret_key
    )


@pytest.fixture
async def tools(config: Config) -> AsyncIterator[Tools]:
    connector = procrastinate.PsycopgConnector(**worker_pool_arguments(config))
    async with AsyncExitStack() as stack:
        parts = Twilio(config), Storage(config), MediaFetcher(config)
        for part in parts:
            stack.push_async_callback(part.close)
        await connector.open_async()
        stack.push_async_callback(connector.close_async)
        yield Tools(config, Database(connector.pool), *parts)


@pytest.fixture
def desk(rows: Rows) -> Desk:
    return Desk(rows)


def _keep(rows: Rows, **days: int) -> None:
    rows.do(
        "insert into public.settings (key, value) values ('retention', %s)", json.dumps(days)
    )  # fmt: skip


def _old_file(rows: Rows, desk: Desk, project: GatewayConfig, name: str) -> str:
    """A message of last year with a file that lies in Storage; the file's path."""
    message = rows.value(
        "insert into public.messages (conversation_id, direction, timestamp, status)"
        " values (%s, 'inbound', now() - interval '1 year', 'received') returning id::text",
        desk.conversation,
    )
    path = f"{desk.conversation}/{message}/0/{name}"
    put_file(project, "media", path, b"lama", "text/plain")
    file = {"bucket": "media", "path": path, "state": "stored", "content_type": "text/plain"}
    rows.do("update public.messages set media = %s where id = %s", json.dumps([file]), message)
    return path


def _objects(rows: Rows) -> list[Any]:
    return rows.all("select name from storage.objects")


async def test_what_is_past_its_time_goes_with_its_files(
    tools: Tools, rows: Rows, desk: Desk, project: GatewayConfig, tmp_path: Path
) -> None:
    _old_file(rows, desk, project, "a.txt")
    _old_file(rows, desk, project, "b.txt")
    _keep(rows, messages=30)
    counts = await privacy.apply_retention(tools)
    assert counts == {"messages": 2, "files": 2}
    assert _objects(rows) == []
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert await privacy.apply_retention(tools) == {}, "safe to repeat"
    (noted,) = rows.all("select * from public.audit_log where action = 'retention_applied'")
    assert (noted["actor_id"], noted["data"]) == (None, counts)


@pytest.mark.usefixtures("warnings_expected")
async def test_files_wait_for_a_storage_that_is_away(
    tools: Tools, rows: Rows, desk: Desk, project: GatewayConfig, config: Config
) -> None:
    _old_file(rows, desk, project, "a.txt")
    _keep(rows, media=30)
    away = Storage(config_of(config.database_url))
    try:
        counts = await privacy.apply_retention(
            Tools(config, tools.database, tools.twilio, away, tools.fetcher)
        )
    finally:
        await away.close()
    assert counts == {"media": 1}
    assert len(_objects(rows)) == 1
    assert await privacy.apply_retention(tools) == {"files": 1}
    assert _objects(rows) == []


async def test_a_worker_does_it_by_itself(
    config: Config, rows: Rows, desk: Desk, project: GatewayConfig
) -> None:
    _old_file(rows, desk, project, "a.txt")
    _keep(rows, messages=30)
    async with worker(config):
        await eventually(lambda: not _objects(rows))
    assert rows.value("select count(*) from public.messages") == 0
    due = rows.value("select due_at > now() + interval '50 minutes' from private.rounds"
                     " where name = 'retention'")  # fmt: skip
    assert due is True
