"""Webhook processes and Postgres killed again and again while customers write."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from console.local.cluster import free_port
from console.local.leash import Leash
from console.local.postgres import Postgres
from console.service.migrate import migrate
from tests.service.requests import ACCOUNT, TOKEN, encoded, signed, whatsapp
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
CUSTOMERS = [f"whatsapp:+62812000010{number:02d}" for number in range(12)]


class Site:
    """Two webhook processes with one spool, on a Postgres of their own."""

    def __init__(self, folder: Path, leash: Leash) -> None:
        # Durable: without synchronous commits a killed server forgets what it has promised.
        self.postgres = Postgres(folder / "postgres", leash=leash)
        self._folder = folder
        self._leash = leash
        self.ports = [free_port(), free_port()]
        self._webhooks: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self.postgres.start()
        migrate(self.postgres.dsn())
        self._webhooks = [self._webhook(port) for port in self.ports]

    def _webhook(self, port: int) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "SUPABASE_DB_URL": self.postgres.dsn(),
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PUBLIC_URL": "https://balas.example.com",
            "BALAS_SPOOL_DIR": str(self._folder / "spool"),
            "PORT": str(port),
        }
        with (self._folder / f"webhook-{port}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "console", "webhook"], cwd=ROOT, env=environment, stderr=log
            )
        self._leash.hold(process.pid)
        return process

    def kill(self, number: int) -> None:
        """kill -9, and another one in its place."""
        self._webhooks[number].kill()
        self._webhooks[number].wait()
        self._leash.release(self._webhooks[number].pid)
        self._webhooks[number] = self._webhook(self.ports[number])

    def crash_postgres(self) -> None:
        os.kill(self.postgres.pid, signal.SIGKILL)
        self.postgres.wait()

    def stop(self) -> None:
        for process in self._webhooks:
            process.terminate()
        for process in self._webhooks:
            process.wait(20)
            self._leash.release(process.pid)
        self.postgres.stop()

    def spooled(self) -> list[Path]:
        return list((self._folder / "spool").glob("*.req"))


@pytest.fixture
async def site(tmp_path: Path, leash: Leash) -> AsyncIterator[Site]:
    site = Site(tmp_path, leash)
    await asyncio.to_thread(site.start)
    yield site
    await asyncio.to_thread(site.stop)


async def test_whatever_was_answered_is_stored_once_and_in_order(site: Site) -> None:
    answered: dict[str, list[str]] = {customer: [] for customer in CUSTOMERS}
    over = asyncio.Event()
    limits = httpx.Limits(max_keepalive_connections=0)

    async def write(client: httpx.AsyncClient, customer: str) -> None:
        """Twilio for one customer: repeats each message until somebody takes it."""
        number = 0
        while not over.is_set() or number < 5:
            request = encoded(whatsapp(From=customer, WaId=customer[-12:], Body=f"{number}"))
            while True:
                with suppress(httpx.TransportError):
                    answer = await client.post(
                        f"http://127.0.0.1:{random.choice(site.ports)}/webhook",
                        content=request,
                        headers=signed("/webhook", request),
                    )
                    if answer.status_code == 200:
                        break
                await asyncio.sleep(0.05)
            answered[customer].append(f"{number}")
            number += 1

    async def disturb() -> None:
        for turn in range(4):
            before = sum(map(len, answered.values()))
            if turn == 1:
                await asyncio.to_thread(site.crash_postgres)
                await eventually(site.spooled)
                await asyncio.to_thread(site.kill, 0)
                await asyncio.to_thread(site.postgres.start)
            else:
                await asyncio.to_thread(site.kill, turn % 2)
            await eventually(lambda: sum(map(len, answered.values())) > before + 25)  # noqa: B023
        over.set()

    async with (
        httpx.AsyncClient(limits=limits, timeout=15, trust_env=False) as client,
        asyncio.TaskGroup() as everybody,
    ):
        everybody.create_task(disturb())
        for customer in CUSTOMERS:
            everybody.create_task(write(client, customer))

    await eventually(lambda: not site.spooled())
    with psycopg.connect(site.postgres.dsn()) as connection:
        for customer in CUSTOMERS:
            found = connection.execute(
                'select content from public.messages where from_number = %s order by "timestamp"',
                [customer],
            ).fetchall()
            assert [row[0] for row in found] == answered[customer]
