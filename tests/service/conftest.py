"""States that tests of the service begin in: a migrated database, a webhook, a worker."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import httpx
import psycopg
import pytest

from console.service.config import Config, Needs, load
from console.service.database import Database, webhook_pool
from console.service.metrics import Metrics
from console.service.webhook import application
from tests.conftest import Database as Clone
from tests.service.requests import ACCOUNT, PUBLIC_URL, TOKEN, encoded, signed


def config_of(database_url: str, **changes: str) -> Config:
    """A complete configuration on this database."""
    environment = {
        "SUPABASE_URL": "http://127.0.0.1:1",
        "SUPABASE_SECRET_KEY": "sb_secret_test",
        "SUPABASE_DB_URL": database_url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": "http://127.0.0.1:1",
        "TWILIO_CONTENT_URL": "http://127.0.0.1:1",
        "TWILIO_MESSAGING_URL": "http://127.0.0.1:1",
        "PUBLIC_URL": PUBLIC_URL,
        **changes,
    }
    return load(environment, Needs.WORKER)


class Rows:
    """Looks into the database behind the service's back."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def all(self, query: str, *arguments: object) -> list[Any]:
        with self._connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            return cursor.execute(query.encode(), arguments).fetchall()

    def one(self, query: str, *arguments: object) -> Any:
        found = self.all(query, *arguments)
        assert len(found) == 1, f"{len(found)} rows"
        return found[0]

    def value(self, query: str, *arguments: object) -> Any:
        return next(iter(self.one(query, *arguments).values()))

    def do(self, query: str, *arguments: object) -> None:
        self._connection.execute(query.encode(), arguments)


@pytest.fixture
def rows(database: Clone) -> Iterator[Rows]:
    with database.connect() as connection:
        yield Rows(connection)


class Twilio:
    """Twilio, as the webhook sees it."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def post(
        self,
        path: str,
        parameters: Mapping[str, str] | bytes,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """A signed request; `headers` replace those that Twilio would send."""
        body = parameters if isinstance(parameters, bytes) else encoded(parameters)
        return await self.client.post(
            path, content=body, headers={**signed(path, body), **(headers or {})}
        )

    async def delivers(self, parameters: Mapping[str, str]) -> None:
        """An inbound message that the service takes."""
        answer = await self.post("/webhook", parameters)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/xml")
        assert answer.text.endswith("<Response/>")

    async def insists(self, parameters: Mapping[str, str]) -> None:
        """As `delivers`, repeated as Twilio is told to while the service refuses: `rc=5&rp=all`."""
        for _ in range(5):
            answer = await self.post("/webhook", parameters)
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                assert answer.status_code == HTTPStatus.OK
                return
        await self.delivers(parameters)


@pytest.fixture
def warnings_expected(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The test provokes what an operator is warned of."""
    caplog.set_level(logging.WARNING)
    return caplog


@pytest.fixture
def config(database: Clone) -> Config:
    return config_of(database.dsn, METRICS_TOKEN="metrics")


@pytest.fixture
async def twilio(config: Config) -> AsyncIterator[Twilio]:
    pool = webhook_pool(config)
    await pool.open()
    transport = httpx.ASGITransport(application(config, Database(pool), Metrics()))
    async with httpx.AsyncClient(transport=transport, base_url="http://internal") as client:
        yield Twilio(client)
    await pool.close()


@pytest.fixture
def an_inbox(rows: Rows) -> Callable[[str], Any]:
    """Makes a configured inbox at an address."""

    def make(address: str) -> Any:
        channel = "whatsapp" if address.startswith("whatsapp:") else "sms"
        return rows.value(
            "insert into public.inboxes (name, channel, address) values (%s, %s, %s) returning id",
            "Toko",
            channel,
            address,
        )

    return make
