"""The file keeps its secrets, survives being killed, and says when its key does not fit."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from console.domain.changes import Changes
from console.domain.conversation import Filter, View
from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.domain.ids import ConversationId, new_message_id
from console.domain.intents import Attachment, Draft, SendMessage
from console.store import migrations
from console.store.bus import ChangeBus
from console.store.database import READERS, Database, Reading, Writing
from console.store.store import SetAsideError, Store
from tests.store.conftest import KEY, Desk, open_desk
from tests.waiting import eventually

CANARY = "kenari-kuning-rahasia"

# Enter, and the program dies the moment it is told that the reply is safe.
DIE_AFTER_ENTER = """
import asyncio, os, sys
from pathlib import Path
from console.domain.ids import ConversationId, MessageId
from console.domain.intents import Attachment, SendMessage
from console.store.store import Store

async def main():
    path, conversation, message, file = sys.argv[1:]
    store = await Store.open(Path(path), bytes(range(32)))
    attachment = Attachment(file, "kwitansi.pdf", "application/pdf", 3)
    await store.outbox.send(
        SendMessage(MessageId(message), ConversationId(conversation), "aman", (attachment,)))
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


def files_of(path: Path) -> list[Path]:
    """The database and its companions."""
    return sorted(path.parent.iterdir())


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def scribble_over(path: Path) -> None:
    """A file that somebody put in the store's place."""
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database at all, not even a little" * 200)


async def test_nothing_written_can_be_read_in_the_files(path: Path, tmp_path: Path) -> None:
    desk = await open_desk(path)
    file = tmp_path / "nota.txt"
    file.write_bytes(CANARY.encode() * 5000)
    conversation = await desk.customer(CANARY, f"isi {CANARY}")
    await desk.store.session.set_item("token", CANARY)
    await desk.store.drafts.save(Draft(conversation, CANARY))
    attachment = Attachment(str(file), f"{CANARY}.txt", "text/plain", 1)
    await desk.store.outbox.send(SendMessage(new_message_id(), conversation, CANARY, (attachment,)))
    while_open = [part.read_bytes() for part in files_of(path)]
    await desk.store.close()
    after = [part.read_bytes() for part in files_of(path)]
    assert len(while_open) >= 2
    for content in (*while_open, *after):
        assert CANARY.encode() not in content
        assert not content.startswith(b"SQLite format 3")


async def test_what_was_kept_is_there_when_the_program_starts_again(path: Path) -> None:
    desk = await open_desk(path)
    conversation = await desk.customer("Budi", "halo")
    await desk.store.drafts.save(Draft(conversation, "sebentar"))
    await desk.store.close()
    store = await Store.open(path, KEY)
    assert store.me is not None
    assert store.me.name == "Sari"
    [row] = await store.conversations.page(View(Filter.ALL))
    assert (row.name, row.draft, row.unread) == ("Budi", "sebentar", 1)
    assert await store.feed.cursor() == "c2"
    await store.close()


def test_every_step_of_the_schema_has_the_next_number() -> None:
    numbers = [number for number, _ in migrations.steps()]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_store_of_the_first_version_gets_the_reasons_of_its_failed_replies(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = migrations.steps()[:1]
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "steps", lambda: first)
        old = await Database.open(path, KEY, ChangeBus())

        def fill(writing: Writing) -> None:
            for id in ("a", "b"):
                writing.run(
                    "insert into listing values (?, 1, 'open', null, 'i', ?, '', 0, ?, null,"
                    " null, null, null, null, '')",
                    id,
                    id,
                    {"a": "Invalid", "b": "It is too late."}[id],
                )
                writing.run(
                    "insert into conversations values"
                    " (?, 'i', null, 'open', null, null, null, 1, null, null, 0)",
                    id,
                )
            writing.run(
                "insert into messages values ('m', 'a', 1, 1, 'outbound', 'text', 'x', '[]', '{}',"
                " null, null, 'failed', 63024, 'Invalid', null, null, 0, null, null, 1)"
            )
            writing.run(
                "insert into intents (kind, target, conversation_id, payload, created_at, state,"
                " code, words, version) values ('send', 't', 'b', '{}', 1, 'refused',"
                " 'window_closed', 'It is too late.', 1)"
            )

        await old.write(fill)
        await old.close()
    store = await Store.open(path, KEY)
    rows = {row.id: row for row in await store.conversations.page(View(Filter.ALL))}
    await store.close()
    assert rows[ConversationId("a")].failed_code == 63024
    assert rows[ConversationId("a")].failed_rule is None
    assert rows[ConversationId("b")].failed_rule == "window_closed"


async def test_a_wrong_key_sets_the_file_aside_untouched_and_says_so(path: Path) -> None:
    desk = await open_desk(path)
    await desk.customer("Budi", "halo")
    await desk.store.close()
    before = content_of(path)
    with pytest.raises(SetAsideError) as caught:
        await Store.open(path, bytes(32))
    assert content_of(caught.value.moved_to) == before
    assert caught.value.fix
    empty = await Store.open(path, bytes(32))
    assert await empty.conversations.page(View(Filter.ALL)) == []
    await empty.close()
    # With its own key the file is as it was.
    kept = await Store.open(caught.value.moved_to, KEY)
    assert len(await kept.conversations.page(View(Filter.ALL))) == 1
    await kept.close()


@pytest.fixture(autouse=True)
def expected_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Setting a file aside is worth a line in the log."""
    caplog.set_level("WARNING", logger="console.store.database")


async def test_a_file_that_is_no_database_is_set_aside(path: Path) -> None:
    scribble_over(path)
    with pytest.raises(SetAsideError):
        await Store.open(path, KEY)
    store = await Store.open(path, KEY)
    await store.close()


async def test_a_reply_survives_the_program_being_killed_right_after_enter(
    path: Path, tmp_path: Path, repository: Path
) -> None:
    desk = await open_desk(path)
    conversation = await desk.customer("Budi", "halo")
    await desk.store.close()
    file = tmp_path / "kwitansi.pdf"
    file.write_bytes(b"%PDF" + bytes(300_000))
    message = new_message_id()
    died = subprocess.run(  # noqa: ASYNC221 - nothing else runs meanwhile
        [sys.executable, "-c", DIE_AFTER_ENTER, str(path), conversation, message, str(file)],
        cwd=repository,
        capture_output=True,
        check=False,
    )
    assert died.returncode not in (0, 1), died.stderr.decode()
    expected = file.read_bytes()
    file.unlink()
    store = await Store.open(path, KEY)
    assert await store.outbox.pending() == 1
    bubble = (await store.messages.latest(conversation))[-1]
    assert (bubble.id, bubble.content.text, bubble.local) == (message, "aman", True)
    place = bubble.content.media[0].path
    assert place is not None
    assert await store.media.read("attachments", place) == expected
    await store.close()


async def test_closing_leaves_no_reader_behind_that_waits_for_ever(path: Path) -> None:
    database = await Database.open(path, KEY, ChangeBus())
    before = set(threading.enumerate())
    go_on = threading.Event()
    # As on a busy machine: the readers' threads come to their reads later than the closing does.
    for _ in range(READERS):
        database._readers.submit(go_on.wait, 30)
    reads = [asyncio.ensure_future(database.read(lambda _: True)) for _ in range(3)]
    await asyncio.sleep(0)
    readers = set(threading.enumerate()) - before
    assert len(readers) == READERS
    closing = asyncio.ensure_future(database.close())
    await asyncio.wait([closing], timeout=0.2)
    go_on.set()
    await closing
    await asyncio.wait(reads, timeout=15)
    assert all(read.done() for read in reads)
    await eventually(lambda: not any(thread.is_alive() for thread in readers))
    with pytest.raises(RuntimeError, match="closed"):
        await database.read(lambda _: True)


async def test_a_write_that_fails_leaves_nothing_and_announces_nothing(desk: Desk) -> None:
    conversation = await desk.customer("Budi", "halo")
    desk.heard.clear()
    missing = Attachment("/nowhere/at/all.pdf", "all.pdf", "application/pdf", 1)
    with pytest.raises(ExpectedError, match="cannot be read"):
        await desk.store.outbox.send(
            SendMessage(new_message_id(), conversation, "dengan lampiran", (missing,))
        )
    assert await desk.texts(conversation) == ["halo"]
    assert await desk.store.outbox.pending() == 0
    assert desk.heard == []


async def test_changes_are_announced_after_the_commit_and_before_the_call_returns(
    desk: Desk,
) -> None:
    conversation = await desk.customer("Budi", "halo")
    desk.heard.clear()
    await desk.store.outbox.send(SendMessage(new_message_id(), conversation, "hai"))
    [changes] = desk.heard
    assert changes.threads == {conversation}
    assert changes.conversations == {conversation}
    assert changes.outbox


async def test_a_listener_that_fails_does_not_silence_the_others(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Changes] = []

    def broken(_: Changes) -> None:
        raise RuntimeError("a view's bug")

    desk.store.changes.subscribe(broken)
    desk.store.changes.subscribe(heard.append)
    with caplog.at_level("ERROR"):
        await desk.store.drafts.save(Draft(ConversationId("x"), "teks"))
    assert "a listener" in caplog.text
    assert len(heard) == 1


def damage(path: Path) -> None:
    """Overwrite the middle of the file, as a failing disk does."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(bytes(3 * 4096))


async def test_unsent_work_is_rescued_from_a_damaged_file(path: Path, tmp_path: Path) -> None:
    desk = await open_desk(path)
    conversation = await desk.customer("Budi", "halo")
    file = tmp_path / "nota.pdf"
    file.write_bytes(b"%PDF" + bytes(1000))
    attachment = Attachment(str(file), "nota.pdf", "application/pdf", 1004)
    id = new_message_id()
    await desk.store.outbox.send(SendMessage(id, conversation, "penting", (attachment,)))
    await desk.store.drafts.save(Draft(conversation, "setengah jadi"))
    for number in range(40):
        await desk.customer(f"Nama {number}", "panjang " * 500)
    # A draft with a file of which a piece is lost, as where the disk failed in the middle of it.
    other = await desk.customer("Siti", "halo")
    torn = await desk.store.drafts.take(Attachment("", "foto.png", "image/png", 0), b"foto" * 500)
    await desk.store.drafts.save(Draft(other, "lihat ini", (torn,)))
    await desk.store._database.write(
        lambda w: w.run("update chunks set bytes = x'00' where blob_id = ?", torn.kept)
    )
    await desk.store.close()
    damage(path)

    async def use_until_found() -> None:
        store = await Store.open(path, KEY)
        try:
            for row in await store.conversations.page(View(Filter.ALL), limit=500):
                await store.messages.latest(row.id)
        finally:
            await store.close()

    with pytest.raises(EnvironmentFaultError):
        await use_until_found()
    with pytest.raises(SetAsideError) as caught:
        await Store.open(path, KEY)
    assert caught.value.rescued >= 2
    store = await Store.open(path, KEY)
    assert await store.outbox.pending() == 1
    [bubble] = await store.messages.latest(conversation)
    assert (bubble.id, bubble.content.text) == (id, "penting")
    place = bubble.content.media[0].path
    assert place is not None
    assert await store.media.read("attachments", place) == b"%PDF" + bytes(1000)
    assert await store.drafts.get(conversation) == Draft(conversation, "setengah jadi")
    assert await store.drafts.get(other) == Draft(other, "lihat ini", (replace(torn, kept=None),))
    assert store.me is not None
    await store.close()


async def test_what_was_read_to_half_while_something_else_was_read_is_let_go(desk: Desk) -> None:
    await desk.customer("Agus", "satu")
    await desk.customer("Budi", "dua")

    def work(reading: Reading) -> None:
        for _ in reading.each("select 1 from listing"):
            assert reading.value("select count(*) from messages") == 2
            break

    def open_cursors() -> int:
        gc.collect()
        return sum(isinstance(one, apsw.Cursor) for one in gc.get_objects())

    before = open_cursors()
    for _ in range(20):
        await desk.store._database.read(work)
    assert open_cursors() <= before
