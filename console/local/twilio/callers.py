"""POSTs to the webhooks over kept connections, at a fraction of what a general client takes.

Each message of a load test brings four of them, on the processors that the product runs on.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import httptools

# At most so many at once; and a connection that rested longer may be closed by the other side.
_CONNECTIONS = 128
_REST = 3.0
_LARGEST = 1024 * 1024


class NotConnectedError(Exception):
    """No connection came about; nothing was sent."""


class NotAnsweredError(Exception):
    """Sent, and no answer, or none that can be read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    status: int
    content_type: str
    body: bytes


class _Connection(asyncio.Protocol):
    """One connection with at most one request on it."""

    def __init__(self) -> None:
        self.rests_since = 0.0
        self.open = False
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._type = ""
        self._body = bytearray()
        self._headed = False

    async def post(self, head: bytes, body: bytes, within: float) -> Answer:
        """Raises NotAnsweredError; the connection is closed then."""
        if self._transport is None:
            raise NotAnsweredError("not connected")
        self._begin()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(head + body)
        try:
            async with asyncio.timeout(within):
                return await self._answer
        except TimeoutError as error:
            self.close()
            raise NotAnsweredError("ReadTimeout") from error
        except BaseException:
            self.close()
            raise
        finally:
            self._answer = None

    def close(self) -> None:
        self.open = False
        if self._transport is not None:
            self._transport.abort()

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self.open = cast("asyncio.Transport", transport), True

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"ProtocolError: {error}")
        if len(self._body) > _LARGEST:
            self._fail("the answer is too large")

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._headed and exc is None:  # an answer may end with its connection
            self._done()
        self._fail(f"ReadError: {exc or 'closed without an answer'}")

    # the parser's side

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._type = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._headed = True

    def on_body(self, data: bytes) -> None:
        self._body += data

    def on_message_complete(self) -> None:
        self.open = self.open and self._parser.should_keep_alive()
        self._done()

    def _done(self) -> None:
        self._headed = False
        if self._answer is not None and not self._answer.done():
            status = self._parser.get_status_code()
            self._answer.set_result(Answer(status, self._type, bytes(self._body)))

    def _fail(self, words: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NotAnsweredError(words))


class Callers:
    """Kept connections to whoever is called."""

    def __init__(self) -> None:
        self._resting: defaultdict[tuple[str, str], list[_Connection]] = defaultdict(list)
        self._room = asyncio.Semaphore(_CONNECTIONS)
        self._trust: ssl.SSLContext | None = None

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, connect: float, read: float
    ) -> Answer:
        """POST `body`; redirects are not followed. Times in seconds; waiting for room counts not.

        Raises NotConnectedError and NotAnsweredError.
        """
        parts = urlsplit(url)
        place = (parts.scheme, parts.netloc)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        async with self._room:
            connection = self._rested(place) or await self._connect(url, connect)
            answer = await connection.post(head, body, read)
            if connection.open:
                connection.rests_since = time.monotonic()
                self._resting[place].append(connection)
            else:
                connection.close()
            return answer

    def _rested(self, place: tuple[str, str]) -> _Connection | None:
        resting = self._resting[place]
        while resting:
            connection = resting.pop()
            if connection.open and time.monotonic() - connection.rests_since < _REST:
                return connection
            connection.close()
        return None

    async def _connect(self, url: str, within: float) -> _Connection:
        try:
            parts = urlsplit(url)
            trust = None
            if parts.scheme == "https":
                self._trust = trust = self._trust or ssl.create_default_context()
            port = parts.port or (443 if trust else 80)
            async with asyncio.timeout(within):
                _, connection = await asyncio.get_running_loop().create_connection(
                    _Connection, parts.hostname or "", port, ssl=trust
                )
        except TimeoutError as error:
            raise NotConnectedError("ConnectTimeout") from error
        except (OSError, ValueError) as error:
            raise NotConnectedError(f"ConnectError: {error}") from error
        return connection

    async def close(self) -> None:
        for resting in self._resting.values():
            for connection in resting:
                connection.close()
        self._resting.clear()
