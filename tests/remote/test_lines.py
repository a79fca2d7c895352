"""Whatever is cancelled, and whenever: no connection stays open that nobody knows of."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from console.remote.lines import Lines

AT_ONCE = 4


class Server(ThreadingHTTPServer):
    """Answers everything; `cut` ends every connection as a server does that goes down."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self.open: list[socket.socket] = []
        self.all_here: threading.Barrier | None = threading.Barrier(AT_ONCE)

    def cut(self) -> None:
        for line in self.open:
            with contextlib.suppress(OSError):  # it has ended already
                line.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.open.append(self.connection)

    def do_GET(self) -> None:
        if self.server.all_here is not None:
            self.server.all_here.wait()  # so that each has a line of its own
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=[0.02])
        thread.start()
        yield made
        made.cut()
        made.shutdown()
        thread.join()


@pytest.mark.parametrize("turns", range(6))
async def test_a_request_that_is_cancelled_among_lines_that_have_ended_leaves_none_open(
    server: Server, turns: int
) -> None:
    async with Lines(ssl.create_default_context()) as http:
        await asyncio.gather(*(http.get(server.url) for _ in range(AT_ONCE)))
        server.cut()
        server.all_here = None
        asking = asyncio.create_task(http.get(server.url))
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
        del asking
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", ResourceWarning)
            await http.aclose()
            gc.collect()
        assert [str(one.message) for one in told if "transport" in str(one.message)] == []
