"""Twilio's side of the webhook: callers who send one request after the other, and again if need be.

Each customer has one caller, so that what a customer wrote first is also sent first. A request that
was not answered 2xx is sent once more, as Twilio's idempotent retries and a sweep would.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from console.local.cluster import HOST
from tests.bench.payloads import request
from tests.service.requests import encoded, new_sid, whatsapp


@dataclass(frozen=True)
class Message:
    """One message of a customer: what it says names the customer and its place."""

    sid: str
    customer: str
    text: str
    raw: bytes


@dataclass
class Sent:
    """What became of the messages. `statuses` counts the answers to all requests (0: none).

    `most_tries` is of the message that had to be sent most often.
    """

    acknowledged: list[Message] = field(default_factory=list)
    given_up: list[Message] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    most_tries: int = 0


def messages_of(
    customer: str, *, to: str, public_url: str, token: str, label: str = ""
) -> Iterator[Message]:
    """What one customer writes, in order, signed; without end."""
    for number in itertools.count():
        sid, text = new_sid(), f"{label}{customer} {number}"
        body = encoded(
            whatsapp(
                MessageSid=sid,
                From=customer,
                WaId=customer.rpartition("+")[2],
                To=to,
                Body=text,
                ChannelMetadata=None,
            )
        )
        yield Message(sid, customer, text, request("/webhook", body, public_url, token))


class Callers:
    """Sends each customer's messages in order, many customers at once."""

    def __init__(self, port: int, *, tries: int = 400, patience: float = 20.0) -> None:
        self._port = port
        self._most = tries
        self._patience = patience  # seconds for one answer
        self.sent = Sent()
        self.enough = asyncio.Event()

    async def send(self, threads: Sequence[Iterable[Message]], *, least: int = 0) -> Sent:
        """Send everything, or until `enough` is set and each has sent `least`; what came of it."""
        async with asyncio.TaskGroup() as group:
            for thread in threads:
                group.create_task(self._thread(thread, least))
        return self.sent

    async def _thread(self, thread: Iterable[Message], least: int) -> None:
        line = _Line(self._port)
        try:
            for number, message in enumerate(thread):
                if number >= least and self.enough.is_set():
                    break
                if await self._send(line, message):
                    self.sent.acknowledged.append(message)
                else:
                    self.sent.given_up.append(message)
        finally:
            line.close()

    async def _send(self, line: _Line, message: Message) -> bool:
        """Until it is acknowledged, or has been tried often enough; whether it was."""
        for tried in range(1, self._most + 1):
            status = 0
            self.sent.most_tries = max(self.sent.most_tries, tried)
            try:
                async with asyncio.timeout(self._patience):
                    status = await line.ask(message.raw)
            except (OSError, EOFError, TimeoutError):
                line.close()
            self.sent.statuses[status] += 1
            if 200 <= status < 300:
                return True
            await asyncio.sleep(random.uniform(0.05, 0.15))
        return False


class _Line:
    """One caller's connection, opened when it is needed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, raw: bytes) -> int:
        """The status of the answer. Raises OSError or EOFError when the line is lost."""
        self._ends = self._ends or await asyncio.open_connection(HOST, self._port)
        reader, writer = self._ends
        writer.write(raw)
        return await read_status(reader)

    def close(self) -> None:
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None


async def read_status(reader: asyncio.StreamReader) -> int:
    """The status of an answer, read to its end. Raises EOFError when it breaks off."""
    head = await reader.readuntil(b"\r\n\r\n")
    for field_line in head.split(b"\r\n")[1:]:
        name, _, value = field_line.partition(b":")
        if name.strip().lower() == b"content-length":
            await reader.readexactly(int(value))
    return int(head[9:12])
