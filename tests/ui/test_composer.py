"""Writing: sent once, never lost, refused with the limit in words."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from console.domain.conversation import Channel
from console.domain.errors import EnvironmentFaultError
from console.domain.ids import ConversationId
from console.domain.intents import Draft
from console.domain.media_rules import MB
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI, ago, photo
from tests.gallery.stage import quiet
from tests.waiting import eventually


def type_reply(qtbot: QtBot, window: MainWindow, text: str) -> None:
    qtbot.keyClicks(window.inbox.thread_screen.composer.editor, text)


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
    qtbot.keyClick(window.inbox.thread_screen.composer.editor, key, held)


NONE = Qt.KeyboardModifier.NoModifier


async def test_enter_sends_the_reply_exactly_once(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    before = len(store.messages.threads[SITI])
    type_reply(qtbot, open_thread, "Baik Bu")
    press(qtbot, open_thread, Qt.Key.Key_Return, NONE)
    press(qtbot, open_thread, Qt.Key.Key_Return, NONE)
    await eventually(lambda: store.outbox.sent())
    await eventually(lambda: len(open_thread.inbox.thread_screen.model.messages) == before + 1)
    assert [intent.text for intent in store.outbox.sent()] == ["Baik Bu"]
    assert open_thread.inbox.thread_screen.composer.editor.text() == ""


async def test_shift_enter_breaks_the_line(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    type_reply(qtbot, open_thread, "satu")
    press(qtbot, open_thread, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    type_reply(qtbot, open_thread, "dua")
    assert open_thread.inbox.thread_screen.composer.editor.text() == "satu\ndua"
    assert store.outbox.sent() == []


async def test_with_the_setting_off_only_ctrl_enter_sends(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    open_thread.inbox.thread_screen.composer.set_enter_sends(False)
    type_reply(qtbot, open_thread, "satu")
    press(qtbot, open_thread, Qt.Key.Key_Return, NONE)
    assert store.outbox.sent() == []
    press(qtbot, open_thread, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await eventually(lambda: store.outbox.sent())


async def test_a_draft_survives_switching_conversations(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = open_thread.inbox.thread_screen.composer
    type_reply(qtbot, open_thread, "belum selesai")
    open_thread.open_conversation(ConversationId("makmur"))
    await eventually(lambda: store.drafts.kept.get(SITI))
    await eventually(lambda: composer.is_ready and composer.editor.text() == "")
    open_thread.open_conversation(SITI)
    await eventually(lambda: composer.editor.text() == "belum selesai")


async def test_a_draft_is_kept_when_the_window_closes(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    type_reply(qtbot, open_thread, "nanti")
    await open_thread.finish()
    assert store.drafts.kept[SITI] == Draft(SITI, "nanti")


async def test_a_sent_reply_leaves_no_draft_behind(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    type_reply(qtbot, open_thread, "Siap")
    open_thread.inbox.thread_screen.composer.keep_draft()
    press(qtbot, open_thread, Qt.Key.Key_Return, NONE)
    await eventually(lambda: store.outbox.sent())
    await eventually(lambda: SITI not in store.drafts.kept)


async def test_a_reply_that_cannot_be_kept_comes_back_with_the_reason(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    store.outbox.failure = EnvironmentFaultError("Disk penuh", "Kosongkan sedikit ruang.")
    composer = open_thread.inbox.thread_screen.composer
    type_reply(qtbot, open_thread, "penting")
    press(qtbot, open_thread, Qt.Key.Key_Return, NONE)
    await eventually(lambda: composer.notice.isVisible())
    assert composer.editor.text() == "penting"
    assert "Disk penuh" in composer.notice.text()


@pytest.mark.parametrize(
    ("channel", "name", "data", "limit"),
    [
        (Channel.WHATSAPP, "film.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * (16 * MB), "16 MB"),
        (Channel.WHATSAPP, "arsip.zip", b"PK\x03\x04" + b"\0" * 60, "16 MB"),
        (Channel.SMS, "film.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * (5 * MB), "5 MB"),
        (Channel.WHATSAPP, "bukan.pdf", b"MZ\x90\0" + b"\0" * 60, "16 MB"),
        (Channel.WHATSAPP, "kosong.txt", b"", "kosong"),
    ],
)
async def test_a_file_that_would_be_refused_is_refused_here_with_the_limit(
    open_thread: MainWindow,
    store: MemoryStore,
    tmp_path: Path,
    channel: Channel,
    name: str,
    data: bytes,
    limit: str,
) -> None:
    composer = open_thread.inbox.thread_screen.composer
    composer.attachments.show_items((), channel)
    path = tmp_path / name
    path.write_bytes(data)
    composer.add_files([str(path)])
    await eventually(lambda: composer.notice.isVisible())
    assert limit in composer.notice.text()
    assert name in composer.notice.text()
    assert composer.attachments.items() == ()


async def test_a_file_is_told_by_its_content_and_sent_with_the_text(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "resi.dat"
    path.write_bytes(b"%PDF-1.7\n" + b"x" * 500)
    composer = open_thread.inbox.thread_screen.composer
    composer.add_files([str(path)])
    await eventually(lambda: composer.attachments.items())
    type_reply(qtbot, open_thread, "Ini resinya")
    press(qtbot, open_thread, Qt.Key.Key_Return, NONE)
    await eventually(lambda: store.outbox.sent())
    intent = store.outbox.sent()[0]
    assert [(item.content_type, item.size) for item in intent.attachments] == [
        ("application/pdf", 509)
    ]
    assert composer.attachments.items() == ()


async def test_a_pasted_picture_becomes_an_attachment(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("#0B7A6B"))
    pasted = QMimeData()
    pasted.setImageData(image)
    composer = open_thread.inbox.thread_screen.composer
    composer.editor.insertFromMimeData(pasted)
    await eventually(lambda: composer.attachments.items())
    kept = composer.attachments.items()[0]
    assert (kept.content_type, kept.path) == ("image/png", "")
    assert QImage.fromData(store.media.files[f"kept/{kept.kept}"]).size() == image.size()


async def test_pasted_cells_and_pages_are_words_not_pictures(open_thread: MainWindow) -> None:
    composer = open_thread.inbox.thread_screen.composer
    pasted = QMimeData()
    pasted.setImageData(QImage(64, 48, QImage.Format.Format_RGB32))
    pasted.setText("Resi\tJNE-1\x00")
    composer.editor.insertFromMimeData(pasted)
    page = QMimeData()
    page.setHtml(" <b>tiba</b> sore")
    assert composer.editor.canInsertFromMimeData(page)
    composer.editor.insertFromMimeData(page)
    assert composer.editor.text() == "Resi\tJNE-1tiba sore"
    assert not composer.attachments.entries()


async def test_a_file_goes_to_the_customer_it_was_chosen_for(
    open_thread: MainWindow, store: MemoryStore, tmp_path: Path
) -> None:
    path = tmp_path / "resi.jpg"
    path.write_bytes(photo("#112233", "#445566"))
    composer = open_thread.inbox.thread_screen.composer
    store.drafts.door.clear()
    composer.add_files([str(path)])
    open_thread.open_conversation(ConversationId("makmur"))
    await eventually(lambda: composer.is_ready and open_thread.inbox.thread_screen.row)
    store.drafts.door.set()
    await eventually(lambda: SITI in store.drafts.kept)
    assert [item.name for item in store.drafts.kept[SITI].attachments] == ["resi.jpg"]
    assert composer.attachments.items() == ()


async def test_enter_waits_for_a_file_that_is_still_being_taken_in(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "resi.jpg"
    path.write_bytes(photo("#112233", "#445566"))
    composer = open_thread.inbox.thread_screen.composer
    store.drafts.door.clear()
    composer.add_files([str(path)])
    type_reply(qtbot, open_thread, "Ini resinya")
    press(qtbot, open_thread, Qt.Key.Key_Return, NONE)
    assert composer.editor.text() == "Ini resinya"
    store.drafts.door.set()
    await eventually(lambda: store.outbox.sent())
    (intent,) = store.outbox.sent()
    assert [item.name for item in intent.attachments] == ["resi.jpg"]


async def test_a_file_that_the_store_cannot_take_is_said_and_nothing_is_sent(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "resi.jpg"
    path.write_bytes(photo("#112233", "#445566"))
    store.drafts.failure = EnvironmentFaultError("Disk penuh", "Kosongkan sedikit ruang.")
    composer = open_thread.inbox.thread_screen.composer
    composer.add_files([str(path)])
    type_reply(qtbot, open_thread, "Ini resinya")
    press(qtbot, open_thread, Qt.Key.Key_Return, NONE)
    await eventually(lambda: "Disk penuh" in composer.notice.text())
    assert store.outbox.sent() == []
    assert composer.editor.text() == "Ini resinya"


async def test_pasted_files_are_attached_not_typed(open_thread: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "foto.jpg"
    path.write_bytes(photo("#112233", "#445566"))
    pasted = QMimeData()
    pasted.setUrls([QUrl.fromLocalFile(str(path))])
    pasted.setText(str(path))
    composer = open_thread.inbox.thread_screen.composer
    composer.editor.insertFromMimeData(pasted)
    await eventually(lambda: composer.attachments.items())
    assert composer.editor.text() == ""


async def test_a_book_is_not_pasted_and_what_stands_there_stays(open_thread: MainWindow) -> None:
    composer = open_thread.inbox.thread_screen.composer
    composer.editor.setPlainText("Halo")
    pasted = QMimeData()
    pasted.setText("x" * 300_000)
    composer.editor.insertFromMimeData(pasted)
    assert composer.editor.text() == "Halo"
    assert "300000" in composer.notice.text().replace(",", "").replace(".", "")
    composer.editor.setPlainText("Halo kak")
    assert not composer.notice.text()


async def test_too_long_a_text_is_counted_and_not_sent(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = open_thread.inbox.thread_screen.composer
    composer.editor.setPlainText("x" * 1601)
    assert composer.counter.text() == "1601 / 1600"
    assert not composer.send.isEnabled()
    press(qtbot, open_thread, Qt.Key.Key_Return, NONE)
    assert "1600" in composer.notice.text()
    assert store.outbox.sent() == []
    assert len(composer.editor.text()) == 1601


async def test_in_a_low_window_the_field_gives_way_and_nothing_lies_over_anything(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    composer = open_thread.inbox.thread_screen.composer
    composer.quote(store.messages.threads[SITI][1])
    composer.editor.show_text("\n".join("baris" for _ in range(12)))
    await quiet()
    tall = composer.fields.height()
    open_thread.resize(900, 400)
    composer.guard_strip.show_messages(store.messages.threads[SITI][:3], "Siti")
    await quiet()
    assert composer.fields.height() < tall
    parts = [composer.quote_bar, composer.fields, composer.toolbar]
    for above, below in pairwise(parts):
        assert above.geometry().bottom() < below.geometry().top()
    assert composer.toolbar.geometry().bottom() < composer.box.height()
    end = composer.editor.cursorRect()
    assert composer.editor.viewport().rect().contains(end), "one sees what one types"


async def test_a_closed_window_takes_the_field_away_and_keeps_the_draft(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = open_thread.inbox.thread_screen.composer
    type_reply(qtbot, open_thread, "terlambat")
    rows = store.conversations.rows
    rows[0] = replace(rows[0], last_inbound_at=ago(hours=25))
    store.announce(SITI)
    await eventually(lambda: composer.closed.isVisible())
    assert not composer.box.isVisible()
    rows[0] = replace(rows[0], last_inbound_at=ago(minutes=1))
    store.announce(SITI)
    await eventually(lambda: composer.box.isVisible())
    assert composer.editor.text() == "terlambat"
