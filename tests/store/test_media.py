"""The cache of files: whole or not at all, bounded, and nothing unsent is ever dropped."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.domain.ids import new_message_id
from console.domain.intents import Attachment, SendMessage
from console.store.store import Store
from tests.store.conftest import ME, Desk, Server

LIMIT = 10_000


@pytest.fixture
async def small(path: Path) -> AsyncIterator[Desk]:
    """A store that keeps at most 10,000 bytes of files."""
    store = await Store.open(path, secrets.token_bytes(32), media_limit=LIMIT)
    desk = Desk(store, Server())
    await store.set_me(ME)
    await store.feed.apply(desk.server.start())
    store.changes.subscribe(desk.heard.append)
    yield desk
    await store.close()


async def download(desk: Desk, path: str, content: bytes) -> None:
    await desk.store.media.append("media", path, 0, content)
    await desk.store.media.finish("media", path, len(content))


async def test_half_a_file_is_never_shown_and_goes_on_where_it_stopped(small: Desk) -> None:
    media = small.store.media
    assert await media.begin("media", "a/b") == 0
    await media.append("media", "a/b", 0, b"first ")
    await media.finish("media", "a/b", 11)  # the line says eleven, six are here
    assert await media.read("media", "a/b") is None
    assert await media.begin("media", "a/b") == 6
    await media.append("media", "a/b", 6, b"half.")
    await media.finish("media", "a/b", 11)
    assert await media.read("media", "a/b") == b"first half."
    assert await media.begin("media", "a/b") is None
    assert small.heard[-1].media == {"a/b"}


async def test_a_server_that_cannot_resume_starts_the_file_anew(small: Desk) -> None:
    await small.store.media.append("media", "a/b", 0, b"old")
    await download(small, "a/b", b"all new")
    assert await small.store.media.read("media", "a/b") == b"all new"


async def test_an_empty_file_is_a_file(small: Desk) -> None:
    await small.store.media.finish("media", "a/empty", 0)
    assert await small.store.media.read("media", "a/empty") == b""


async def test_a_failure_is_said_and_forgotten_with_success(small: Desk) -> None:
    await small.store.media.fail("media", "a/b", "The file is gone")
    assert await small.store.media.problem("media", "a/b") == "The file is gone"
    assert small.heard[-1].media == {"a/b"}
    await download(small, "a/b", b"back")
    assert await small.store.media.problem("media", "a/b") is None


async def test_what_was_used_longest_ago_makes_room(small: Desk) -> None:
    for name in ("one", "two", "three"):
        await download(small, name, bytes(4000))
    assert await small.store.media.read("media", "one") is None
    assert await small.store.media.read("media", "two") is not None
    assert await small.store.media.read("media", "three") is not None


async def test_an_unsent_file_is_never_dropped(small: Desk, tmp_path: Path) -> None:
    conversation = await small.customer("Budi", "halo")
    file = tmp_path / "besar.bin"
    file.write_bytes(bytes(9000))
    attachment = Attachment(str(file), "besar.bin", "application/pdf", 9000)
    id = new_message_id()
    await small.store.outbox.send(SendMessage(id, conversation, "", (attachment,)))
    for name in ("one", "two"):
        await download(small, name, bytes(4000))
    place = f"{conversation}/{id}/0/besar.bin"
    assert await small.store.media.read("attachments", place) == bytes(9000)
    await small.store.outbox.discard(id)
    assert await small.store.media.read("attachments", place) is None
    assert await small.texts(conversation) == ["halo"]


async def test_wishes_are_told_once_the_last_first(small: Desk) -> None:
    wishes = small.store.wishes
    for path in ("a", "b", "a"):
        small.store.media.want("media", path)
    assert wishes.stirred.is_set()
    assert [wishes.take_media() for _ in range(3)] == [("media", "a"), ("media", "b"), None]
