"""How the webhook listens: uvicorn, with the limits on time and memory that it has not got.

uvicorn waits for ever for a request that never ends, takes heads of any size, and, at its limit of
connections, refuses everybody. Here every request has to be whole in time, and when it gets tight
the room is made by those who have been at it longest or hold most: Twilio's requests have a few kB
and are whole within milliseconds, so it is never them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any, Final

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from console.service import supervisor

if sys.platform != "win32":
    import resource


# The name in a request's scope under which `_Guarded` offers to write an answer in one go.
WHOLE_ANSWER: Final = "balas.whole_answer"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process puts up with. Seconds, bytes and numbers."""

    head_seconds: float = 10.0  # from connecting, or a request's first byte, to the end of its head
    body_seconds: float = 15.0  # from there to its end; Twilio itself gives up after 15
    keep_alive_seconds: float = 30.0
    head_bytes: int = 16 * 1024
    headers: int = 100
    request_bytes: int = 2 * 1024 * 1024  # on the wire, while nothing is answered
    ignored_bytes: int = 32 * 1024 * 1024  # read and dropped, so that a refusal reaches its sender
    connections: int = 1000
    held_bytes: int = 8 * 1024 * 1024  # bodies not answered yet, of all connections together


class _Phase(Enum):
    IDLE = auto()  # answered, kept for a next request
    HEAD = auto()  # a request is expected or half here
    BODY = auto()
    WHOLE = auto()  # all of it is here; what takes time now is us


class _Room:
    """The connections of one listener, as far as they compete with each other."""

    def __init__(self, limits: Limits, refused: Callable[[str], None]) -> None:
        self.limits = limits
        self.refused = refused
        self.held = 0
        # Each in the order of their phase's begin: the first has been at it longest.
        self.at: dict[_Phase, dict[_Guarded, None]] = {phase: {} for phase in _Phase}

    def enter(self, newcomer: _Guarded) -> None:
        if sum(map(len, self.at.values())) < self.limits.connections:
            return
        for phase in (_Phase.IDLE, _Phase.HEAD, _Phase.BODY):
            if self.at[phase]:
                next(iter(self.at[phase])).drop("crowded")
                return
        newcomer.drop("crowded")

    def hold(self, size: int) -> None:
        self.held += size
        while self.held > self.limits.held_bytes:
            holding = (*self.at[_Phase.BODY], *self.at[_Phase.WHOLE])
            most = max(holding, key=lambda one: one.held, default=None)
            if most is None or not most.held:
                return
            most.drop("too_much")


class _Guarded(HttpToolsProtocol):
    """One connection."""

    room: _Room

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.held = 0
        self._phase: _Phase | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._received = 0
        self._refusal = ""

    def drop(self, why: str) -> None:
        """End the connection without a word."""
        self.room.refused(why)
        self._leave()
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.room.enter(self)
        if not transport.is_closing():
            self._begin(_Phase.HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._phase in (_Phase.IDLE, _Phase.WHOLE):  # the next request, or something before it
            self._begin(_Phase.HEAD)
        self._received += len(data)
        self._unset_keepalive_if_required()
        # As uvicorn's own, without a line in the log for everyone who speaks something else.
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # it is answered as if it had not asked for another protocol
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
            return
        limits = self.room.limits
        if self.transport.is_closing():
            self._leave()
        elif self._phase is _Phase.HEAD and self._received > limits.head_bytes:
            self._refuse("431 Request Header Fields Too Large", "head_too_large")
        elif self._phase is _Phase.BODY:
            answered = self.cycle.response_complete
            if self._received > (limits.ignored_bytes if answered else limits.request_bytes):
                self.drop("too_large")

    def on_message_begin(self) -> None:
        # The next request may begin in the packet in which the one before ended.
        if self._phase in (_Phase.IDLE, _Phase.WHOLE):
            self._begin(_Phase.HEAD)
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._phase is not _Phase.HEAD:
            return  # a trailer; nobody reads those
        if len(self.headers) >= self.room.limits.headers:
            self._refusal = "431 Request Header Fields Too Large"
            raise ValueError(self._refusal)  # stops the parser
        super().on_header(name, value)

    def send_400_response(self, msg: str) -> None:
        if self._refusal:
            self._refuse(self._refusal, "head_too_large")
        else:
            self.room.refused("not_http")
            super().send_400_response(msg)

    def on_headers_complete(self) -> None:
        self._begin(_Phase.BODY)
        super().on_headers_complete()
        # The request's own task has not begun yet.
        offers: dict[str, Any] = {WHOLE_ANSWER: partial(self._answer, self.cycle)}
        self.cycle.scope["extensions"] = offers

    def _answer(self, cycle: RequestResponseCycle, status: bytes, rest: bytes) -> bool:
        """Write a whole answer in one packet, where nothing stands in the way.

        `status` is the status line, `rest` headers and body; uvicorn's headers come between. False
        when the answer has to go uvicorn's way; then nothing was written.
        """
        if (
            cycle.disconnected
            or cycle.response_started
            or cycle.flow.write_paused
            or not cycle.keep_alive
        ):
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        ours = (b"%s: %s\r\n" % pair for pair in cycle.default_headers)
        cycle.transport.write(b"".join((status, *ours, rest)))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if not self.cycle.response_complete:
            self.held += len(body)
            self.room.hold(len(body))

    def on_message_complete(self) -> None:
        # uvicorn's own wait for the next request is off when an answer came before the body's end.
        self._begin(_Phase.IDLE if self.cycle.response_complete else _Phase.WHOLE)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._let_go()
        super().on_response_complete()
        if self._phase is _Phase.WHOLE and not self.pipeline:
            self._begin(_Phase.IDLE)

    def _begin(self, phase: _Phase) -> None:
        if self.transport.is_closing():
            return
        limits = self.room.limits
        self._leave_phase()
        self._phase = phase
        self.room.at[phase][self] = None
        if phase is _Phase.HEAD:
            self._received = 0
        seconds = {
            _Phase.IDLE: limits.keep_alive_seconds,
            _Phase.HEAD: limits.head_seconds,
            _Phase.BODY: limits.body_seconds,
        }.get(phase)
        if seconds is not None:
            self._deadline = self.loop.call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        if self._phase is _Phase.IDLE:
            self._leave()
            self.transport.close()
        elif self._phase is _Phase.HEAD and self._received:
            self._refuse("408 Request Timeout", "too_slow")
        else:
            self.drop("too_slow")

    def _refuse(self, status: str, why: str) -> None:
        self.room.refused(why)
        self._leave()
        self.transport.write(
            f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
        )
        self.transport.close()

    def _leave(self) -> None:
        self._leave_phase()
        self._let_go()

    def _leave_phase(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if self._phase is not None:
            self.room.at[self._phase].pop(self, None)
            self._phase = None

    def _let_go(self) -> None:
        self.room.held -= self.held
        self.held = 0


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers, which end the process by the signal itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            supervisor.tell(supervisor.READY)

    def stop(self) -> None:
        """Take no new connection, finish what has begun; `serve` returns then."""
        self.should_exit = True


def server(
    app: Any,
    *,
    host: str,
    port: int,
    refused: Callable[[str], None] = lambda _why: None,
    limits: Limits | None = None,
) -> Server:
    """A server of `app`; `refused` is told in a word why a connection was ended."""
    chosen = limits or Limits()
    protocol = type("Guarded", (_Guarded,), {"room": _Room(chosen, refused)})
    _allow_files(4 * chosen.connections)
    return Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=int(chosen.keep_alive_seconds),
            timeout_graceful_shutdown=10,
        )
    )


def _allow_files(wanted: int) -> None:
    """Each connection is an open file, and many systems begin with 1,024 of them."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
