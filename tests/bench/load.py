"""A small load generator: n connections that stay open, each with one request under way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from tests.bench.payloads import Payload


@dataclass
class Outcome:
    """What the generator saw. `seconds` is the time from the first byte to the last answer."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)  # seconds, one for each answered 2xx
    acknowledged: set[str] = field(default_factory=set)  # SIDs answered 2xx
    refused: dict[int, int] = field(default_factory=dict)  # other statuses, how many of each

    @property
    def rate(self) -> float:
        """Requests acknowledged in a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the requests was answered."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


class _Connection(asyncio.Protocol):
    """One connection: writes a request, waits for the whole answer, takes the next."""

    def __init__(self, work: Iterator[Payload], outcome: Outcome, done: asyncio.Event) -> None:
        self._work = work
        self._outcome = outcome
        self._done = done
        self._answer = bytearray()
        self._began = 0.0
        self._current: Payload | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._next()

    def _next(self) -> None:
        assert self._transport is not None
        self._current = next(self._work, None)
        if self._current is None:
            self._transport.close()
            return
        self._answer.clear()
        self._began = time.perf_counter()
        self._transport.write(self._current.raw)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, separator, rest = bytes(self._answer).partition(b"\r\n\r\n")
        if not separator:
            return
        if len(rest) < _length_of(head):
            return
        took = time.perf_counter() - self._began
        status = int(head[9:12])
        assert self._current is not None
        if 200 <= status < 300:
            self._outcome.latencies.append(took)
            self._outcome.acknowledged.add(self._current.sid)
        else:
            self._outcome.refused[status] = self._outcome.refused.get(status, 0) + 1
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._done.set()


def _length_of(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


async def send_all(port: int, work: Sequence[Payload], *, connections: int) -> Outcome:
    """Send every payload once over so many connections to loopback; what became of it."""
    loop = asyncio.get_running_loop()
    outcome, queue = Outcome(), iter(work)
    ends = [asyncio.Event() for _ in range(connections)]
    began = time.perf_counter()
    for end in ends:
        await loop.create_connection(
            lambda end=end: _Connection(queue, outcome, end),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
    for end in ends:
        await end.wait()
    outcome.seconds = time.perf_counter() - began
    return outcome
