"""A TCP proxy between any two parts that misbehaves as told, and can be told while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from console.local.cluster import HOST

_CHUNK = 64 * 1024
T = TypeVar("T")


@dataclass(frozen=True)
class Behaviour:
    """How the proxy treats what passes it. The default passes everything on at once.

    `latency` is waited in seconds before each piece, both ways. `drip` passes so many bytes a
    second. `refuse` listens no more; `black_hole` takes connections and bytes and gives nothing.
    `hold_requests` and `hold_answers` keep what goes to the target or comes from it until that is
    switched off. After `reset_after` or `truncate_after` bytes of an answer the connection is reset
    or closed in order. `half_close` ends the caller's side as soon as it has asked: the target
    reads its end of file, the answer still passes. A proxy that speaks TLS shows a certificate that
    nobody trusts while `untrusted`, and has cut what was open before.
    """

    latency: float = 0.0
    drip: int | None = None
    refuse: bool = False
    black_hole: bool = False
    hold_requests: bool = False
    hold_answers: bool = False
    reset_after: int | None = None
    truncate_after: int | None = None
    half_close: bool = False
    untrusted: bool = False


GOOD = Behaviour()


class Proxy:
    """Listens on loopback and passes on to the first of its targets that takes a connection.

    Runs in a thread of its own; every method may be called from any other one. With `tls` its
    callers speak TLS, its targets never do; `untrusted` is what it shows them when told to.
    """

    def __init__(
        self,
        *targets: int,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        untrusted: ssl.SSLContext | None = None,
    ) -> None:
        self.targets = list(targets)
        self.port = port
        self.connections = 0  # taken so far
        self.answers: Counter[str] = Counter()  # HTTP answers passed on so far, by status
        self._tls = tls
        self._untrusted = untrusted
        if tls is not None:
            tls.sni_callback = self._show
        self._turn = 0
        self._born = 0  # of connections; those before `_buried` are dead
        self._buried = 0
        self._behaviour = GOOD
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def behave(self, behaviour: Behaviour) -> None:
        """From now on, also for the connections that are open."""
        self._call(self._behave(behaviour))

    def heal(self) -> None:
        """Pass everything on again."""
        self.behave(GOOD)

    def cut(self) -> None:
        """Reset every connection that is open now."""
        self._call(self._cut())

    def bury(self) -> None:
        """What is open now stays open and silent for ever, as after a sleep or in a new network."""
        self._buried = self._born

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._take, HOST, self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    def _show(self, line: ssl.SSLObject, _name: str, _context: ssl.SSLContext) -> None:
        if self._behaviour.untrusted and self._untrusted is not None:
            line.context = self._untrusted

    async def _behave(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._changed.set()
        self._changed = asyncio.Event()
        if behaviour.refuse and self._server is not None:
            await self._deafen(self._server)
            self._server = None
            await self._cut()
        elif not behaviour.refuse and self._server is None:
            await self._listen()
        if behaviour.untrusted:
            await self._cut()

    async def _deafen(self, server: asyncio.Server) -> None:
        """Listen no more. A server that is closed between accepting and taking leaks the line."""
        for listening in server.sockets:
            self._loop.remove_reader(listening.fileno())
        for _ in range(5):  # turns of the loop until what was accepted is taken
            await asyncio.sleep(0)
        server.close()

    async def _cut(self) -> None:
        for writer in list(self._open):
            _reset(writer)

    async def _end(self) -> None:
        if self._server is not None:
            await self._deafen(self._server)
        await self._cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)

        def end(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            writer.close()  # also when it was cancelled before it began

        task.add_done_callback(end)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._born += 1
        born = self._born
        async with self._kept(writer):
            while self._behaviour.black_hole or born <= self._buried:
                await self._changed.wait()
            connected = await self._connect()
            if connected is None:
                _reset(writer)
                return
            async with self._kept(connected[1]):
                await self._both_ways((reader, writer), connected, born)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        self._turn += 1
        for step in range(len(self.targets)):
            with contextlib.suppress(OSError):
                target = self.targets[(self._turn + step) % len(self.targets)]
                return await asyncio.open_connection(HOST, target)
        return None

    @contextlib.asynccontextmanager
    async def _kept(self, writer: asyncio.StreamWriter) -> AsyncIterator[None]:
        self._open.add(writer)
        try:
            yield
        finally:
            self._open.discard(writer)
            writer.close()

    async def _both_ways(
        self,
        caller: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        target: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        born: int,
    ) -> None:
        asking = asyncio.create_task(self._pass_on(caller[0], target[1], born, is_answer=False))
        answering = asyncio.create_task(self._pass_on(target[0], caller[1], born, is_answer=True))
        try:
            await answering  # the target has the last word
        finally:
            asking.cancel()
            answering.cancel()
            await asyncio.gather(asking, answering, return_exceptions=True)

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        born: int,
        *,
        is_answer: bool,
    ) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                while born <= self._buried or self._is_held(is_answer):
                    await self._changed.wait()
                now = self._behaviour
                if now.latency:
                    await asyncio.sleep(now.latency)
                end = now.reset_after if now.reset_after is not None else now.truncate_after
                if is_answer and end is not None and passed + len(data) >= end:
                    writer.write(data[: max(end - passed, 0)])
                    await writer.drain()
                    if now.reset_after is not None:
                        _reset(writer)
                    return
                await self._write(writer, data)
                passed += len(data)
                if is_answer and data.startswith(b"HTTP/1.1 "):
                    self.answers[data[9:12].decode()] += 1
                if not is_answer and now.half_close and writer.can_write_eof():
                    writer.write_eof()
                    return
            if writer.can_write_eof():
                writer.write_eof()

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        drip = self._behaviour.drip
        if drip is None:
            writer.write(data)
            await writer.drain()
            return
        step = max(drip // 20, 1)
        for start in range(0, len(data), step):
            writer.write(data[start : start + step])
            await writer.drain()
            await asyncio.sleep(step / drip)

    def _is_held(self, is_answer: bool) -> bool:
        now = self._behaviour
        return now.black_hole or (now.hold_answers if is_answer else now.hold_requests)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side sees a reset, not an end."""
    line: socket.socket | None = writer.get_extra_info("socket")
    if line is not None and not writer.transport.is_closing():
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
