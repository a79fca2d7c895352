"""Sending: replies queued as fast as a sender may send; how long each waits, and what it costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from console.local.leash import Leash
from console.local.stack import Stack
from tests.bench.parties import processor_seconds
from tests.bench.table import table
from tests.waiting import wait_until

RATE = 80  # replies a second, what Twilio takes from one sender
SECONDS = 20
AT_ONCE = 800  # replies queued in one go
CONVERSATIONS = 480  # so that none comes near 15 in 30 seconds
WORKERS = (1, 4)
DESKS = 4  # connections that queue replies; one alone would wait for each commit

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
_UNTOLD = """
select count(*) from public.messages where id = any(%s) and status <> 'read'
"""
_PACE = "update public.inboxes set messages_per_second = %s"
_QUEUE = "select public.send_message(id => %s, conversation_id => %s, content => %s)"
_HEAD = ("workers", "replies", "queued/s", "sent/s", "lag, median", "lag, 99 %", "lag, most")
_PARTS = ("worker", "database", "webhook", "Twilio")


def measure(*, seconds: int = SECONDS, folder: Path | None = None) -> str:
    """One worker, then four: as fast as one sender may, as fast without its limit, all at once.

    The last columns are processor time for each reply with all its statuses, in milliseconds.
    """
    lines: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="balas-bench-", dir=folder) as made:
        stack = Stack(Path(made), speed=10, without=frozenset({"worker"}))
        with stack, httpx.Client(timeout=60) as http:
            threads = _conversations(stack, http)
            for count in WORKERS:
                with _workers(stack, count) as workers:
                    if not lines:
                        _warm_up(stack, threads)
                    for what, rate, pace in (
                        (f"{RATE}/s, one sender's limit", RATE, RATE),
                        (f"{RATE}/s, no limit", RATE, 1000),
                        (f"{AT_ONCE} at once, no limit", 0, 1000),
                    ):
                        found = _run(stack, threads, workers, rate=rate, pace=pace, seconds=seconds)
                        lines.append([str(count), what, *found])
    head = [*_HEAD, *(f"{part}, ms" for part in _PARTS)]
    return f"{table(head, lines)}\n\nload {os.getloadavg()[0]:.1f}\n"


def _warm_up(stack: Stack, threads: Sequence[uuid.UUID]) -> None:
    """A database as after its first minutes: it knows how large its tables are."""
    _run(stack, threads, [], rate=RATE, pace=1000, seconds=3)
    with psycopg.connect(stack.postgres.dsn(), autocommit=True) as connection:
        connection.execute("analyze")


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
def _workers(stack: Stack, count: int) -> Iterator[list[int]]:
    """That many workers; their process ids."""
    leash = Leash()
    with ExitStack() as closing:
        closing.callback(leash.close)
        logs, pids = [], []
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
            pids.append(process.pid)
            closing.callback(process.wait)
            closing.callback(process.terminate)
            logs.append(path)
        wait_until(lambda: all('"working"' in log.read_text() for log in logs), within=60)
        yield pids


def _run(
    stack: Stack,
    threads: Sequence[uuid.UUID],
    workers: Sequence[int],
    *,
    rate: int,
    pace: int,
    seconds: int,
) -> list[str]:
    """Queue replies (`rate` 0: AT_ONCE in one go), wait until all are read; the columns."""
    facts = stack.facts()
    with psycopg.connect(facts["db_url"], autocommit=True) as connection:
        connection.execute(_PACE, [pace])
        ids = [uuid.uuid4() for _ in range(rate * seconds or AT_ONCE)]
        before = _processor(stack, workers)
        queued = _queue(stack, ids, threads, rate)
        wait_until(lambda: _value(connection, _LEFT, ids) == 0, within=300)
        rows = connection.execute(_LAGS, [ids]).fetchall()
        wait_until(lambda: _value(connection, _UNTOLD, ids) == 0, within=300)
        after = _processor(stack, workers)
    _check(facts, ids)
    lags, calls = [row[0] for row in rows], sorted(row[1] for row in rows)
    return [
        f"{queued:.0f}",
        f"{(len(calls) - 1) / (calls[-1] - calls[0]):.0f}",
        f"{lags[len(lags) // 2]:.2f} s",
        f"{lags[int(len(lags) * 0.99)]:.2f} s",
        f"{lags[-1]:.2f} s",
        *(f"{(after[part] - before[part]) * 1000 / len(ids):.1f}" for part in _PARTS),
    ]


def _queue(
    stack: Stack, ids: Sequence[uuid.UUID], threads: Sequence[uuid.UUID], rate: int
) -> float:
    """Agents at work: each reply in its own transaction, at its time. Replies a second."""
    facts = stack.facts()
    began = time.monotonic()

    def work(desk_number: int) -> None:
        with psycopg.connect(stack.postgres.dsn("authenticator"), autocommit=True) as desk:
            _sign_in(desk, facts)
            for number in range(desk_number, len(ids), DESKS):
                if rate:
                    time.sleep(max(began + number / rate - time.monotonic(), 0))
                reply = ids[number]
                thread = threads[number % len(threads)]
                desk.execute(_QUEUE, [reply, thread, f"balasan {reply}"])

    with ThreadPoolExecutor(DESKS) as desks:
        list(desks.map(work, range(DESKS)))
    return len(ids) / (time.monotonic() - began)


def _check(facts: dict[str, Any], ids: Sequence[uuid.UUID]) -> None:
    """Every reply reached Twilio, and none twice."""
    answer = httpx.get(f"{facts['twilio_api_url']}/sim/creates", timeout=60).json()
    wanted = {f"balasan {one}" for one in ids}
    texts = [entry["body"] for entry in answer["creates"] if entry["body"] in wanted]
    if len(texts) != len(wanted) or set(texts) != wanted:
        raise AssertionError(f"{len(wanted)} replies were {len(texts)} calls to Twilio")


def _processor(stack: Stack, workers: Sequence[int]) -> dict[str, float]:
    """Seconds of processor time so far, by part."""
    pids = stack.pids
    return {
        "worker": sum(processor_seconds(pid) for pid in workers),
        "database": processor_seconds(pids["postgres"], children=True),
        "webhook": processor_seconds(pids["webhook"]),
        "Twilio": processor_seconds(pids["twilio"]),
    }


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
