"""Taking requests in: `balas webhook` beside the Express peers, every row counted afterwards."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from console.local.leash import Leash
from console.local.postgres import Postgres
from tests.bench.load import Outcome, send_all
from tests.bench.parties import Party, database, parties, processor_seconds
from tests.bench.payloads import first_words, payloads
from tests.bench.table import fsync_milliseconds, table

CUSTOMERS = 300
CONNECTIONS = (1, 32)


@dataclass
class Figures:
    """One party at one number of connections; one entry for each round."""

    rates: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)  # processor seconds a request, of the handler
    database: list[float] = field(default_factory=list)  # and of Postgres

    def note(self, outcome: Outcome) -> None:
        self.rates.append(outcome.rate)
        self.medians.append(outcome.percentile(0.5))
        self.p99s.append(outcome.percentile(0.99))


def send(
    party: Party, count: int, connections: int, seed: int, server: Postgres, figures: Figures
) -> None:
    """One run, and the proof that what was acknowledged is stored."""
    work = payloads(count, customers=CUSTOMERS, seed=seed)
    before = processor_seconds(party.process.pid), processor_seconds(server.pid, children=True)
    outcome = _run(party.port, work, connections)
    figures.own.append((processor_seconds(party.process.pid) - before[0]) / count)
    figures.database.append((processor_seconds(server.pid, children=True) - before[1]) / count)
    with psycopg.connect(server.dsn()) as connection:
        row = connection.execute(party.counts.encode(), [list(outcome.acknowledged)]).fetchone()
    stored = row[0] if row else 0
    if stored != len(outcome.acknowledged) or outcome.refused:
        raise AssertionError(
            f"{party.name}: {len(outcome.acknowledged)} acknowledged, {stored} stored,"
            f" refused {outcome.refused}"
        )
    figures.note(outcome)


def _run(port: int, work: list, connections: int) -> Outcome:  # type: ignore[type-arg]
    factory = None
    if sys.platform != "win32":
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(send_all(port, work, connections=connections))


def measure(
    *,
    rounds: int = 5,
    scale: float = 1.0,
    folder: Path | None = None,
    only: frozenset[str] = frozenset(),
) -> str:
    """Run every party in turn, `rounds` times, and return the table; medians of the rounds."""
    lines: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="balas-bench-", dir=folder) as made:
        place = Path(made)
        place.chmod(0o755)
        leash = Leash()
        fsync = fsync_milliseconds(place)
        try:
            with database(place, leash) as server, parties(place, server, leash) as all_of_them:
                chosen = [party for party in all_of_them if not only or party.name in only]
                lines = _measure(chosen, server, rounds, scale)
        finally:
            leash.close()
    head = [
        "", "connections", "durable requests/s", "median ms", "p99 ms",
        "processor ms (handler + Postgres)", "memory MB",
    ]  # fmt: skip
    return f"{table(head, lines)}\n\nfsync of 8 kB on this disk: {fsync:.2f} ms (median).\n"


def _measure(found: list[Party], server: Postgres, rounds: int, scale: float) -> list[list[str]]:
    figures = {(party.name, n): Figures() for party in found for n in CONNECTIONS}
    for party in found:
        _run(party.port, first_words(CUSTOMERS, seed=sum(map(ord, party.name))), 8)
    seed = 1000
    for _ in range(rounds):
        for connections in CONNECTIONS:
            for party in found:
                seed += 1
                count = round((300 if connections == 1 else 2000) * scale)
                if party.name == "b":
                    count //= 10
                send(party, count, connections, seed, server, figures[party.name, connections])
    return [
        [
            party.what if party.name == "balas" else f"({party.name}) {party.what}",
            str(connections),
            f"{statistics.median(one.rates):,.0f}",
            f"{statistics.median(one.medians) * 1e3:.1f}",
            f"{statistics.median(one.p99s) * 1e3:.1f}",
            f"{statistics.median(one.own) * 1e3:.2f} + {statistics.median(one.database) * 1e3:.2f}",
            f"{party.memory():.0f}",
        ]
        for connections in CONNECTIONS
        for party in found
        for one in (figures[party.name, connections],)
    ]
