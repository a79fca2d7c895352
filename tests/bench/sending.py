"""Sending: replies queued as fast as a sender may send, and how long each waits for its call."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from console.local.leash import Leash
from console.local.stack import Stack
from tests.bench.table import table
from tests.waiting import wait_until

RATE = 80  # replies a second, what Twilio takes from one sender
SECONDS = 20
CONVERSATIONS = 160  # so that none comes near 15 in 30 seconds
WORKERS = (1, 4)

_LAGS = """
select extract(epoch from min(coalesce(a.called_at, a.started_at)) - m.created_at)::float as lag,
       extract(epoch from min(coalesce(a.called_at, a.started_at)))::float as called
  from public.messages m join public.delivery_attempts a on a.message_id = m.id
 where m.id = any(%s) group by m.id order by 1
"""
_LEFT = """
select count(*) from public.messages
 where id = any(%s) and status in ('queued', 'sending', 'uncertain')
"""


def measure(*, seconds: int = SECONDS, folder: Path | None = None) -> str:
    """One worker, then four, each for so long; the table."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="balas-bench-", dir=folder) as made:
        stack = Stack(Path(made), speed=10, without=frozenset({"worker"}))
        with stack, httpx.Client(timeout=60) as http:
            threads = _conversations(stack, http)
            for count in WORKERS:
                with _workers(stack, count):
                    lines.append([str(count), *_run(stack, threads, seconds)])
    head = ["workers", "queued/s", "sent/s", "lag, median", "lag, 99 %", "lag, most", "twice"]
    return table(head, lines) + "\n"


def _conversations(stack: Stack, http: httpx.Client) -> list[uuid.UUID]:
    facts = stack.facts()
    for number in range(CONVERSATIONS):
        customer = f"whatsapp:+62813{number:08d}"
        answer = http.post(
            f"{facts['twilio_api_url']}/sim/inbound", json={"from": customer, "body": "Halo"}
        )
        answer.raise_for_status()
    with psycopg.connect(facts["db_url"]) as connection:
        return [row[0] for row in connection.execute("select id from public.conversations")]


@contextmanager
def _workers(stack: Stack, count: int) -> Iterator[None]:
    leash = Leash()
    with ExitStack() as closing:
        closing.callback(leash.close)
        logs = []
        for number in range(count):
            path = stack.folder / "logs" / f"worker-{count}-{number}.log"
            log = closing.enter_context(path.open("wb"))
            process = subprocess.Popen(
                [sys.executable, "-m", "console", "worker"],
                env={**os.environ, **stack.environment},
                stdout=log,
                stderr=log,
            )
            leash.hold(process.pid)
            closing.callback(process.wait)
            closing.callback(process.terminate)
            logs.append(path)
        wait_until(lambda: all('"working"' in log.read_text() for log in logs), within=60)
        yield


def _run(stack: Stack, threads: Sequence[uuid.UUID], seconds: int) -> list[str]:
    facts = stack.facts()
    ids: list[uuid.UUID] = []
    with psycopg.connect(stack.postgres.dsn("authenticator"), autocommit=True) as desk:
        _sign_in(desk, facts)
        began = time.monotonic()
        for number in range(RATE * seconds):
            time.sleep(max(began + number / RATE - time.monotonic(), 0))
            ids.append(uuid.uuid4())
            desk.execute(
                "select public.send_message(id => %s, conversation_id => %s, content => %s)",
                [ids[-1], threads[number % len(threads)], f"balasan {ids[-1]}"],
            )
        queued = len(ids) / (time.monotonic() - began)
    with psycopg.connect(facts["db_url"], autocommit=True) as connection:
        wait_until(lambda: _value(connection, _LEFT, ids) == 0, within=300)
        rows = connection.execute(_LAGS, [ids]).fetchall()
    lags, calls = [row[0] for row in rows], sorted(row[1] for row in rows)
    creates = httpx.get(f"{facts['twilio_api_url']}/sim/creates", timeout=60).json()["creates"]
    wanted = {f"balasan {one}" for one in ids}
    texts = [entry["body"] for entry in creates if entry["sid"] and entry["body"] in wanted]
    if set(texts) != wanted:
        raise AssertionError(f"{len(wanted - set(texts))} replies never reached Twilio")
    rate = (len(calls) - 1) / (calls[-1] - calls[0])
    return [
        f"{queued:.0f}",
        f"{rate:.0f}",
        f"{lags[len(lags) // 2]:.2f} s",
        f"{lags[int(len(lags) * 0.99)]:.2f} s",
        f"{lags[-1]:.2f} s",
        str(len(texts) - len(wanted)),
    ]


def _sign_in(desk: psycopg.Connection[Any], facts: dict[str, Any]) -> None:
    with psycopg.connect(facts["db_url"]) as connection:
        agent = _value(
            connection, "select id from auth.users where email = %s", facts["agent_email"]
        )
    claims = json.dumps({"role": "authenticated", "sub": str(agent)})
    desk.execute("select set_config('request.jwt.claims', %s, false)", [claims])
    desk.execute("set role authenticated")


def _value(connection: psycopg.Connection[Any], query: str, argument: object) -> Any:
    row = connection.execute(query.encode(), [argument]).fetchone()
    return row[0] if row else None
