"""Connections that are slow, large or many: they end, and Twilio is answered all the while."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from console.service.listener import Limits, Server, server
from tests.waiting import eventually

# As in use, but for the times: what is to happen in these tests happens at once.
QUICK = Limits(head_seconds=0.3, body_seconds=0.3, keep_alive_seconds=1)
PATIENT = replace(QUICK, head_seconds=600.0, body_seconds=600.0, keep_alive_seconds=600)
WELL = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nHalo"


@dataclass
class Peer:
    """One connection to the listener, spoken byte for byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def says(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # whoever is dropped hears of it when reading
            self.writer.write(data)
            await self.writer.drain()

    async def answer(self) -> bytes:
        """The head of the next answer; empty when the connection ended without one."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        _, _, length = head.lower().partition(b"content-length: ")
        await self.reader.readexactly(int(length.partition(b"\r\n")[0]))
        return head

    async def end(self) -> bytes:
        """All that comes until the other side has ended the connection."""
        try:
            return await self.reader.read()
        except ConnectionError:
            return b""


@dataclass
class House:
    """A listener, and what it said about connections that it ended."""

    port: int
    server: Server
    refused: Counter[str]
    peers: list[Peer] = field(default_factory=list)

    async def peer(self) -> Peer:
        made = Peer(*await asyncio.open_connection("127.0.0.1", self.port))
        self.peers.append(made)
        return made

    async def is_well(self) -> bool:
        """Whether a proper request is answered."""
        peer = await self.peer()
        await peer.says(WELL)
        return (await peer.answer()).startswith(b"HTTP/1.1 200")


async def _app(scope: object, receive: object, send: object) -> None:
    """Reads everything, as the webhook does, and refuses at once what says that it is too large."""
    request = Request(scope, receive)  # type: ignore[arg-type]
    answer: Response = PlainTextResponse("Too large.", 413)
    if int(request.headers.get("content-length", "0")) <= 1024 * 1024:
        try:
            answer = PlainTextResponse(str(len(await request.body())))
        except ClientDisconnect:
            return
    await answer(scope, receive, send)  # type: ignore[arg-type]


@asynccontextmanager
async def listening(limits: Limits) -> AsyncIterator[House]:
    refused: Counter[str] = Counter()

    def note(why: str) -> None:
        refused[why] += 1

    made = server(_app, host="127.0.0.1", port=0, refused=note, limits=limits)
    serving = asyncio.create_task(made.serve())
    await eventually(lambda: made.started)
    house = House(made.servers[0].sockets[0].getsockname()[1], made, refused)
    try:
        yield house
    finally:
        for peer in house.peers:
            peer.writer.close()
        made.stop()
        await serving


@pytest.mark.parametrize(
    "begun",
    [b"", b"POST / HTTP/1.1\r\nhost: a\r\nx-slow: ", b"\r\n\r\n"],
    ids=["silent", "half a head", "blank lines"],
)
async def test_a_head_that_does_not_come_is_not_waited_for(begun: bytes) -> None:
    async with listening(QUICK) as house:
        slow = await house.peer()
        await slow.says(begun)
        assert await house.is_well()
        said = await slow.end()
        assert said.startswith(b"HTTP/1.1 408") == bool(begun)
        assert house.refused == {"too_slow": 1}


async def test_a_head_that_comes_in_drops_has_no_more_time_than_any_other() -> None:
    async with listening(QUICK) as house:
        slow = await house.peer()
        await slow.says(b"POST / HTTP/1.1\r\n")
        ended = asyncio.create_task(slow.end())
        while not ended.done():
            await slow.says(b"x: y\r\n")
            await asyncio.wait({ended}, timeout=0.02)
        assert house.refused == {"too_slow": 1}


async def test_a_body_that_does_not_end_is_not_waited_for() -> None:
    async with listening(QUICK) as house:
        slow = await house.peer()
        await slow.says(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nHalo")
        assert await house.is_well()
        assert await slow.end() == b""
        assert house.refused == {"too_slow": 1}


async def test_whoever_was_refused_cannot_keep_the_connection_with_the_rest_of_the_body() -> None:
    async with listening(QUICK) as house:
        large = await house.peer()
        await large.says(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999\r\n\r\nHalo")
        assert (await large.answer()).startswith(b"HTTP/1.1 413")
        await large.says(b"Halo")
        assert await large.end() == b""


async def test_a_refusal_reaches_a_sender_who_first_sends_everything() -> None:
    async with listening(PATIENT) as house:
        large = await house.peer()
        size = 10 * 1024 * 1024
        head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % size
        await large.says(head + bytes(size))
        assert (await large.answer()).startswith(b"HTTP/1.1 413")
        await large.says(WELL)
        assert (await large.answer()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("ending", [b"x-long: " + b"y" * 500_000, b"x: y\r\n" * 10_000])
async def test_a_head_has_a_size(ending: bytes) -> None:
    async with listening(PATIENT) as house:
        large = await house.peer()
        await large.says(b"GET / HTTP/1.1\r\nhost: a\r\n" + ending)
        assert (await large.end()).startswith((b"HTTP/1.1 431", b""))
        assert house.refused == {"head_too_large": 1}
        assert await house.is_well()


async def test_trailers_take_no_memory_and_no_time() -> None:
    async with listening(QUICK) as house:
        peer = await house.peer()
        await peer.says(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        await peer.says(b"4\r\nHalo\r\n0\r\n" + b"x: y\r\n" * 50_000)
        await peer.end()
        assert house.refused == {"too_slow": 1}
        peer = await house.peer()
        await peer.says(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        await peer.says(b"4\r\nHalo\r\n0\r\nx: y\r\n\r\n")
        assert (await peer.answer()).startswith(b"HTTP/1.1 200")


async def test_when_it_is_crowded_the_slowest_goes_and_not_the_newcomer() -> None:
    async with listening(replace(PATIENT, connections=20)) as house:
        silent = [await house.peer() for _ in range(10)]
        halves = [await house.peer() for _ in range(10)]
        for peer in halves:
            await peer.says(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n")
        assert all([await house.is_well() for _ in range(25)])
        assert await silent[0].end() == b""  # from then on, who was answered and kept open went
        assert house.refused == {"crowded": 25}
        assert not any(peer.reader.at_eof() for peer in (*silent[1:], *halves))


async def test_half_bodies_hold_a_bounded_memory_and_the_largest_goes_first() -> None:
    async with listening(replace(PATIENT, held_bytes=300_000)) as house:
        large, small = await house.peer(), await house.peer()
        for peer, size in ((small, 30_000), (large, 200_000)):
            head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n"
            await peer.says(head + bytes(size))
        another = await house.peer()
        await another.says(
            b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 150000\r\n\r\n" + bytes(150_000)
        )
        assert (await another.answer()).startswith(b"HTTP/1.1 200")
        assert await large.end() == b""
        assert house.refused == {"too_much": 1}
        await small.says(bytes(970_000 // 10))
        assert await house.is_well()


async def test_what_is_no_http_is_told_so() -> None:
    async with listening(PATIENT) as house:
        peer = await house.peer()
        await peer.says(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        assert (await peer.end()).startswith(b"HTTP/1.1 400")
        assert house.refused == {"not_http": 1}
        peer = await house.peer()
        upgrade = b"connection: upgrade\r\nupgrade: websocket\r\n"
        await peer.says(b"GET / HTTP/1.1\r\nhost: a\r\n" + upgrade + b"\r\n")
        assert (await peer.answer()).startswith(b"HTTP/1.1 200")


async def test_connections_are_kept_for_several_requests_but_not_for_ever() -> None:
    async with listening(QUICK) as house:
        peer = await house.peer()
        for _ in range(3):
            await peer.says(WELL)
            assert (await peer.answer()).startswith(b"HTTP/1.1 200")
        assert await peer.end() == b""
        assert not house.refused


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
async def test_there_are_open_files_enough_for_all_connections() -> None:
    import resource

    async with listening(QUICK):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft >= min(4 * QUICK.connections, hard)


async def test_two_requests_in_one_packet_have_their_heads_both() -> None:
    large = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2000000\r\n\r\n"
    async with listening(PATIENT) as house:
        peer = await house.peer()
        await peer.says(WELL + large)
        assert (await peer.answer()).startswith(b"HTTP/1.1 200")
        assert (await peer.answer()).startswith(b"HTTP/1.1 413")
