"""Enter before the files are ready: it is said, can be stopped, and nothing else leaves by it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.ids import ConversationId
from console.domain.intents import Attachment, Draft
from console.ui.composer.tabs import Mode
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI, photo
from tests.ui.composing import begun, composer_of, press, write
from tests.waiting import eventually

OTHER = ConversationId("makmur")


def picture(tmp_path: Path) -> str:
    path = tmp_path / "a.jpg"
    path.write_bytes(photo("#112233", "#445566", 320, 240))
    return str(path)


async def sent_early(
    window: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path, text: str = "Ini fotonya"
) -> None:
    """A text with a file that the disk has yet to take, and Enter."""
    composer = await begun(window)
    store.drafts.door.clear()
    composer.add_files([picture(tmp_path)])
    write(qtbot, window, text)
    press(qtbot, window, Qt.Key.Key_Return)
    assert store.outbox.sent() == []


async def ready(window: MainWindow, store: MemoryStore) -> None:
    store.drafts.door.set()
    await eventually(lambda: not composer_of(window).attachments.is_busy)


async def test_a_reply_whose_files_are_under_way_says_so_and_leaves_with_them(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path
) -> None:
    await sent_early(open_thread, store, qtbot, tmp_path)
    composer = composer_of(open_thread)
    assert "begitu berkasnya siap" in composer.notice.text()
    await ready(open_thread, store)
    await eventually(lambda: len(store.outbox.sent()) == 1)
    assert store.outbox.sent()[0].text == "Ini fotonya"
    assert len(store.outbox.sent()[0].attachments) == 1
    assert composer.notice.isHidden()


async def test_escape_stops_a_reply_that_waits_for_its_files(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path
) -> None:
    await sent_early(open_thread, store, qtbot, tmp_path)
    press(qtbot, open_thread, Qt.Key.Key_Escape)
    composer = composer_of(open_thread)
    assert composer.notice.isHidden()
    assert composer.editor.hasFocus()
    await ready(open_thread, store)
    assert store.outbox.sent() == []
    assert composer.editor.text() == "Ini fotonya"


async def test_who_types_on_behind_enter_does_not_send_half_a_word(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path
) -> None:
    await sent_early(open_thread, store, qtbot, tmp_path)
    write(qtbot, open_thread, " dan")
    composer = composer_of(open_thread)
    assert composer.notice.isHidden()
    await ready(open_thread, store)
    assert store.outbox.sent() == []
    write(qtbot, open_thread, " notanya")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: len(store.outbox.sent()) == 1)
    assert store.outbox.sent()[0].text == "Ini fotonya dan notanya"


async def test_a_note_begun_meanwhile_stays_a_note_in_the_making(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path
) -> None:
    await sent_early(open_thread, store, qtbot, tmp_path)
    composer = composer_of(open_thread)
    composer.begin(Mode.NOTE)
    write(qtbot, open_thread, "Tanya gu")
    await ready(open_thread, store)
    await eventually(lambda: len(store.outbox.sent()) == 1)
    assert store.outbox.sent()[0].text == "Ini fotonya"
    assert composer.note.text() == "Tanya gu"
    assert composer.note.hasFocus()


async def test_who_goes_on_before_the_files_are_ready_hears_that_the_reply_has_not_left(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path
) -> None:
    await sent_early(open_thread, store, qtbot, tmp_path)
    composer = composer_of(open_thread)
    open_thread.open_conversation(OTHER)
    await eventually(lambda: composer.is_ready and composer.editor.text() != "Ini fotonya")
    assert "Siti" in composer.notice.text()
    assert "belum terkirim" in composer.notice.text()
    await ready(open_thread, store)
    assert store.outbox.sent() == []
    assert store.drafts.kept[SITI].text == "Ini fotonya"


async def test_enter_before_the_draft_is_here_sends_none_of_its_files_unseen(
    window: MainWindow,
    store: MemoryStore,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = await store.drafts.take(Attachment(picture(tmp_path), "a.jpg", "image/jpeg", 0))
    await store.drafts.save(Draft(SITI, "", (kept,)))
    find, door = store.drafts.get, asyncio.Event()

    async def late(conversation_id: ConversationId) -> Draft | None:
        await door.wait()
        return await find(conversation_id)

    monkeypatch.setattr(store.drafts, "get", late)
    window.open_conversation(SITI)
    screen = window.inbox.thread_screen
    await eventually(lambda: screen.row is not None and screen.row.id == SITI)
    composer = composer_of(window)
    composer.begin()
    composer.editor.show_text("Baik")
    press(qtbot, window, Qt.Key.Key_Return)
    store.drafts.kept[SITI] = Draft(SITI, "Baik", (kept,))
    door.set()
    await eventually(lambda: composer.is_ready)
    assert composer.attachments.items() == (kept,)
    assert store.outbox.sent() == []
