"""A line to Postgres that can fail, and a webhook with a spool on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

import httpx
from psycopg.conninfo import conninfo_to_dict

from console.service.config import Config
from console.service.database import Database, webhook_pool
from console.service.metrics import Metrics
from console.service.spool import Spool
from console.service.webhook import application, open_spool
from tests.service.conftest import Twilio, config_of


class State(Enum):
    """What becomes of the bytes."""

    OPEN = auto()
    CUT = auto()  # every connection is closed at once
    SILENT = auto()  # nothing passes, nothing closes
    DEAF = auto()  # what we ask arrives, what is answered does not


class Line:
    """A relay to a Postgres server."""

    def __init__(self, dsn: str) -> None:
        self._there = conninfo_to_dict(dsn)
        self._state = State.OPEN
        self._turned = asyncio.Event()
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.swallowed = 0  # bytes of answers that never came through

    @property
    def dsn(self) -> str:
        there = self._there
        return (
            f"postgresql://{there['user']}:{there['password']}@127.0.0.1:{self.port}"
            f"/{there['dbname']}"
        )

    def turn(self, state: State) -> None:
        """From now on; connections that a bad state has seen do not come back to life."""
        before, self._state = self._state, state
        if state is State.CUT or (state is State.OPEN and before is not State.OPEN):
            for end in list(self._ends):
                end.transport.abort()
        self._turned.set()
        self._turned = asyncio.Event()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._state is State.CUT:
            writer.transport.abort()
            return
        there, port = self._there["host"], self._there["port"]
        self._ends.add(writer)  # before there is the far end: it may be turned meanwhile
        far_reader, far_writer = await asyncio.open_connection(str(there), int(str(port)))
        ends = {writer, far_writer}
        if writer.is_closing():
            far_writer.transport.abort()
            self._ends.discard(writer)
            return
        self._ends |= ends
        out = asyncio.create_task(self._pass(reader, far_writer, answers=False))
        back = asyncio.create_task(self._pass(far_reader, writer, answers=True))
        self._tasks |= {out, back}
        await asyncio.wait({out, back}, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.transport.abort()
        out.cancel()
        back.cancel()
        self._ends -= ends

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                while self._state is State.SILENT:
                    await self._turned.wait()
                if self._state is State.DEAF and answers:
                    self.swallowed += len(data)
                    continue
                writer.write(data)
                await writer.drain()

    def close(self) -> None:
        for end in list(self._ends):
            end.transport.abort()
        for task in self._tasks:
            task.cancel()


@asynccontextmanager
async def line_to(dsn: str) -> AsyncIterator[Line]:
    line = Line(dsn)
    server = await asyncio.start_server(line.take, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        line.close()
        server.close()


@dataclass
class Service:
    """A webhook with its spool, in this process."""

    twilio: Twilio
    spool: Spool
    metrics: Metrics
    config: Config


@asynccontextmanager
async def service(dsn: str, folder: Path, **changes: str) -> AsyncIterator[Service]:
    """A webhook process, as far as one fits into a test."""
    config = config_of(dsn, BALAS_SPOOL_DIR=str(folder), METRICS_TOKEN="metrics", **changes)
    async with AsyncExitStack() as stack:
        pool = webhook_pool(config)
        await pool.open(wait=False)
        stack.push_async_callback(pool.close)
        database, metrics = Database(pool), Metrics()
        spool = await stack.enter_async_context(open_spool(config, database, metrics))
        assert spool is not None
        transport = httpx.ASGITransport(application(config, database, metrics, spool))
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://internal")
        )
        yield Service(Twilio(client), spool, metrics, config)
