"""The listening side: sockets on loopback, one server for both hosts, cut connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from types import FrameType
from typing import Any

import uvicorn
from starlette.requests import Request as HttpRequest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from console.local.twilio.simulator import Simulator

# SO_LINGER on with zero seconds: close() sends a reset instead of a polite end.
_RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class _Protocol(HttpToolsProtocol):
    """Hands each request its connection, so that a fault can break it off."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


def reset_connection(request: HttpRequest, partial: bytes = b"") -> None:
    """Send the head of a 201 and `partial` (nothing at all without it), then reset."""
    transport = request.state.transport
    if partial:
        head = (
            "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n"
            f"content-length: {2 * len(partial) + 1}\r\n\r\n"
        )
        transport.write(head.encode() + partial)
    with contextlib.suppress(OSError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A bound socket on loopback; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound


def listen_as_localhost(port: int) -> list[socket.socket]:
    """Sockets for the name "localhost", which resolves to ::1 first on many machines."""
    first = listen(port)
    sockets = [first]
    # Machines without IPv6 have only the first; a taken ::1 port is somebody else's.
    with contextlib.suppress(OSError):
        sockets.append(listen(first.getsockname()[1], "::1"))
    return sockets


class Server(uvicorn.Server):
    """Says when it is `up`; ends open event streams when told to stop."""

    def __init__(self, app: Any, simulator: Simulator) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
                date_header=False,  # the application tells the simulator's own time
                timeout_graceful_shutdown=2,
                timeout_keep_alive=30,
            )
        )
        self._simulator = simulator
        self.up = asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._simulator.stopping.set()
        await super().shutdown(sockets)
