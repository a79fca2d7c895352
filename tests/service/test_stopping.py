"""Two webhooks and two workers on one database; SIGTERM reaches each in the middle of its work."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.local.cluster import free_port
from console.local.leash import Leash
from tests.conftest import Database as Clone
from tests.service.conftest import Rows
from tests.service.requests import ACCOUNT, INBOX, PUBLIC_URL, TOKEN, encoded, signed, whatsapp
from tests.service.working import Desk
from tests.waiting import eventually, wait_until

ROOT = Path(__file__).resolve().parents[2]
WEBHOOKS = ("webhook 1", "webhook 2")
WORKERS = ("worker 1", "worker 2")


@dataclass
class Fleet:
    """The processes by name, started and stopped at will, and Twilio."""

    environment: dict[str, str]
    leash: Leash
    logs: Path
    twilio: httpx.Client
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in WEBHOOKS})

    def start(self, name: str) -> None:
        port = {"PORT": str(self.ports[name])} if name in self.ports else {}
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "console", name.partition(" ")[0]],
                cwd=ROOT, env=self.environment | port, stderr=log,
            )  # fmt: skip
        self.leash.hold(process.pid)
        self.running[name] = process

    def terminate(self, name: str) -> None:
        self.running[name].send_signal(signal.SIGTERM)

    def has_ended(self, name: str) -> bool:
        return self.running[name].poll() is not None

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def is_ready(self, name: str) -> bool:
        assert not self.has_ended(name), (self.logs / f"{name}.log").read_text()
        try:
            return httpx.get(f"{self.url(name)}/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    def creates(self) -> list[dict[str, Any]]:
        """The calls of Messages.create that Twilio took, in their order."""
        return list(self.twilio.get("/sim/creates").json()["creates"])


@pytest.fixture
def fleet(database: Clone, leash: Leash, tmp_path: Path) -> Iterator[Fleet]:
    simulator = subprocess.Popen(
        [
            *(sys.executable, "-m", "console.local.twilio", "--account-sid", ACCOUNT),
            *("--auth-token", TOKEN, "--whatsapp", INBOX, "--speed", "20"),
            *("--webhook-url", f"{PUBLIC_URL}/webhook", "--status-base", "http://127.0.0.1:1/"),
        ],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    leash.hold(simulator.pid)
    assert simulator.stdout is not None
    api = json.loads(simulator.stdout.readline())["api_url"]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("BALAS_")}
    environment = inherited | {
        "SUPABASE_URL": "http://127.0.0.1:1",
        "SUPABASE_SECRET_KEY": "sb_secret_test",
        "SUPABASE_DB_URL": database.dsn,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": api,
        "TWILIO_CONTENT_URL": api,
        "PUBLIC_URL": PUBLIC_URL,
        "BALAS_SPOOL_DIR": str(tmp_path / "spool"),
    }
    with httpx.Client(base_url=api, timeout=30, trust_env=False) as client:
        made = Fleet(environment, leash, tmp_path, client)
        yield made
    # What they do when they are asked to end is the tests' business; here they just go.
    everything: list[subprocess.Popen[Any]] = [*made.running.values(), simulator]
    for process in everything:
        process.kill()
    for process in everything:
        process.wait(45)
        leash.release(process.pid)
    simulator.stdout.close()


async def _bring(fleet: Fleet, client: httpx.AsyncClient, number: int, seen: Counter[str]) -> str:
    """One message as Twilio brings it: tried again, elsewhere, until it is taken; its SID."""
    sender = f"whatsapp:+62811{number % 20:08d}"
    message = whatsapp(From=sender, Body=f"Pesan {number}")
    body = encoded(message)
    for attempt in range(200):
        url = fleet.url(WEBHOOKS[(number + attempt) % 2])
        try:
            answer = await client.post(
                f"{url}/webhook", content=body, headers=signed("/webhook", body)
            )
        except httpx.TransportError:
            seen["no answer"] += 1
            await asyncio.sleep(0.01)
            continue
        seen[str(answer.status_code)] += 1
        if answer.status_code == 200:
            return message["MessageSid"]
    raise AssertionError(f"message {number} was never taken")


def _has(taken: list[str], enough: int) -> bool:
    return len(taken) >= enough


async def test_webhooks_restarted_one_after_the_other_lose_and_refuse_nothing(
    fleet: Fleet, rows: Rows
) -> None:
    for name in WEBHOOKS:
        fleet.start(name)
    for name in WEBHOOKS:
        await asyncio.to_thread(wait_until, partial(fleet.is_ready, name))
    seen: Counter[str] = Counter()
    taken: list[str] = []
    stop = asyncio.Event()

    async def customer(first: int, client: httpx.AsyncClient) -> None:
        number = first
        while not stop.is_set():
            taken.append(await _bring(fleet, client, number, seen))
            number += 8

    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        customers = [asyncio.create_task(customer(first, client)) for first in range(8)]
        for name in WEBHOOKS:
            enough = len(taken) + 40
            await eventually(partial(_has, taken, enough))
            fleet.terminate(name)
            await eventually(partial(fleet.has_ended, name))
            assert fleet.running[name].returncode == 0
            fleet.start(name)
            await asyncio.to_thread(wait_until, partial(fleet.is_ready, name))
        stop.set()
        await asyncio.gather(*customers)
    assert set(seen) <= {"200", "no answer"}
    stored = Counter(row["message_sid"] for row in rows.all("select message_sid from messages"))
    assert set(taken) <= set(stored)
    assert set(stored.values()) == {1}
    assert len(taken) == len(set(taken)) == len(stored)


def test_a_worker_that_is_stopped_finishes_its_calls_and_another_goes_on_in_order(
    fleet: Fleet, rows: Rows
) -> None:
    desk = Desk(rows)
    fleet.twilio.post("/sim/faults", json={"number": "*", "fault": "slow"})
    customers = [f"whatsapp:+62812{number:08d}" for number in range(8)]
    threads = {address: desk.conversation_with(address) for address in customers}
    replies = {
        address: [desk.reply(f"{number}", conversation=thread, to=address) for number in range(5)]
        for address, thread in threads.items()
    }
    for name in WORKERS:
        fleet.start(name)
    calls = "select count(*) from delivery_attempts where called_at is not null"
    at_work = "select count(*) from jobs.procrastinate_workers"
    wait_until(lambda: rows.value(at_work) == len(WORKERS), within=30)
    wait_until(lambda: rows.value(calls) > 6, within=30)
    fleet.terminate("worker 1")
    wait_until(lambda: fleet.has_ended("worker 1"), within=30)
    assert fleet.running["worker 1"].returncode == 0
    fleet.start("worker 1")
    everything = [message for messages in replies.values() for message in messages]
    open_ones = "select count(*) from messages where message_sid is null"
    wait_until(lambda: rows.value(open_ones) == 0, within=60)
    assert {desk.status(one) for one in everything} <= {"accepted", "sent", "delivered", "read"}
    outcomes = rows.all("select outcome, count(*) as n from delivery_attempts group by 1")
    assert {row["outcome"]: row["n"] for row in outcomes} == {"accepted": len(everything)}
    created: dict[str, list[str]] = {address: [] for address in customers}
    for create in fleet.creates():
        created[create["to"]].append(create["body"])
    assert created == {address: [str(number) for number in range(5)] for address in customers}
