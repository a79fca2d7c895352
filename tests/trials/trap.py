"""A web server that nobody ought to talk to, and that remembers who did."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Trap:
    """Listens on loopback. `redirects` maps a path to where it sends whoever asks for it."""

    def __init__(self) -> None:
        self.redirects: dict[str, str] = {}
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
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", "6")
                self.end_headers()
                self.wfile.write(b"secret")

            def log_message(self, format: str, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
