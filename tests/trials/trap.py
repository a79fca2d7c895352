"""A web server that nobody ought to talk to, and that remembers who did."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

ANSWER = b"secret"
DROP, DROP_SECONDS = 64 * 1024, 0.5


class Trap:
    """Listens on loopback, on IPv6's as well where there is one, on the same port.

    `redirects` maps a path to where it sends whoever asks for it. `files` are images that break off
    in their midst, unless the rest of one is asked for. `drips` are files of so many zeros that
    come in drops until `hurry` is set.
    """

    def __init__(self) -> None:
        self.redirects: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.drips: dict[str, int] = {}
        self.hurry = threading.Event()
        self.asked: list[tuple[str, Mapping[str, str]]] = []  # paths and headers, in order
        self.connections = 0
        trap = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                trap.connections += 1
                super().setup()

            def do_GET(self) -> None:
                trap.asked.append((self.path, dict(self.headers.items())))
                if self.path in trap.redirects:
                    self.send_response(307)
                    self.send_header("Location", trap.redirects[self.path])
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if self.path in trap.files:
                    self._give(trap.files[self.path])
                    return
                if self.path in trap.drips:
                    self._drip(trap.drips[self.path])
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(ANSWER)))
                self.end_headers()
                self.wfile.write(ANSWER)

            def _give(self, content: bytes) -> None:
                asked = self.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
                start, size = int(asked or 0), len(content)
                self.send_response(206 if asked else 200)
                self.send_header("Content-Type", "image/jpeg")
                self.send_header("ETag", '"one"')
                if asked:
                    self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
                self.send_header("Content-Length", str(size - start))
                self.end_headers()
                self.wfile.write(content[start:] if asked else content[: size // 2])
                self.close_connection = True

            def _drip(self, left: int) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/pdf")
                self.end_headers()  # without a length: it ends when it ends
                self.close_connection = True
                with contextlib.suppress(OSError):  # whoever asked has gone
                    while left > 0:
                        self.wfile.write(bytes(min(DROP, left)))
                        left -= DROP
                        trap.hurry.wait(DROP_SECONDS)

            def log_message(self, format: str, *_: Any) -> None:
                """Say nothing."""

        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler)]
        self.port: int = self._servers[0].server_address[1]
        with contextlib.suppress(OSError):
            self._servers.append(_Six(("::1", self.port), Handler))

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _Six(ThreadingHTTPServer):
    address_family = socket.AF_INET6
