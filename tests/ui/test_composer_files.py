"""Files of a reply: order, cancel, retry, the bench, and voice notes from a made-up microphone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from console.domain.errors import EnvironmentFaultError
from console.domain.ids import ConversationId
from console.domain.intents import Attachment
from console.ui.composer.bench.pictures import BlackOut
from console.ui.composer.bench.window import Bench
from console.ui.composer.shelf import ROWS
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI, photo
from tests.ui.composing import begun, press, write
from tests.waiting import eventually

ALT = Qt.KeyboardModifier.AltModifier


def picture(tmp_path: Path, name: str) -> str:
    path = tmp_path / name
    path.write_bytes(photo("#112233", "#445566", 320, 240))
    return str(path)


async def test_files_leave_in_the_order_that_the_agent_gave_them(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    composer.add_files([picture(tmp_path, name) for name in ("a.jpg", "b.jpg", "c.jpg")])
    await eventually(lambda: len(composer.attachments.items()) == 3)
    first = composer.attachments.entries()[0]
    qtbot.keyClick(composer.attachments.card(first), Qt.Key.Key_Right, ALT)
    assert [item.name for item in composer.attachments.items()] == ["b.jpg", "a.jpg", "c.jpg"]
    last = composer.attachments.entries()[2]
    card, target = (
        composer.attachments.card(last),
        composer.attachments.card(composer.attachments.entries()[0]),
    )
    place = card.mapFrom(composer.attachments, target.geometry().center())
    qtbot.mousePress(card, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    qtbot.mouseMove(card, place)
    qtbot.mouseRelease(card, Qt.MouseButton.LeftButton, pos=place)
    assert [item.name for item in composer.attachments.items()] == ["c.jpg", "b.jpg", "a.jpg"]
    await eventually(lambda: SITI in store.drafts.kept)
    kept = store.drafts.kept[SITI].attachments
    assert [item.name for item in kept] == ["c.jpg", "b.jpg", "a.jpg"]


async def test_of_too_many_files_the_first_ones_stay_and_the_thread_stays_in_view(
    open_thread: MainWindow, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    paths = [tmp_path / f"{number}.pdf" for number in range(33)]
    for path in paths:
        path.write_text("%PDF-1.4" + path.name * (2000 if path.name == "0.pdf" else 1))
    composer.add_files([str(path) for path in paths])
    await eventually(lambda: not composer.attachments.is_busy)
    assert [item.name for item in composer.attachments.items()] == [p.name for p in paths[:30]]
    assert "30" in composer.notice.text()
    shelf = composer.shelf
    await eventually(lambda: shelf.verticalScrollBar().maximum() > 0)
    last = composer.attachments.card(composer.attachments.entries()[-1])
    assert shelf.height() == ROWS * (last.height() + composer.attachments.flow.spacing())
    await eventually(lambda: last.visibleRegion().boundingRect() == last.rect())
    composer.attachments.clear()
    assert not shelf.isVisible()


async def test_each_of_several_refused_files_has_its_reason_until_the_next_ones_come(
    open_thread: MainWindow, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    refused = {"a.exe": b"MZ" + b"0" * 60, "b.zip": b"PK\x03\x04" + b"0" * 60, "c.pdf": b""}
    for name, data in refused.items():
        (tmp_path / name).write_bytes(data)
    composer.add_files([str(tmp_path / name) for name in refused])
    await eventually(lambda: not composer.attachments.entries())
    await eventually(lambda: all(name in composer.notice.text() for name in refused))
    composer.add_files([str(tmp_path / "b.zip")])
    await eventually(lambda: "b.zip" in composer.notice.text())
    assert "a.exe" not in composer.notice.text()


async def test_delete_takes_a_file_away_and_goes_on_with_the_next(
    open_thread: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    composer.add_files([picture(tmp_path, name) for name in ("a.jpg", "b.jpg")])
    await eventually(lambda: len(composer.attachments.items()) == 2)
    cards = [composer.attachments.card(entry) for entry in composer.attachments.entries()]
    press(qtbot, open_thread, Qt.Key.Key_Backtab)
    assert open_thread.focusWidget() is cards[1].cross
    qtbot.keyClick(cards[1].cross, Qt.Key.Key_Backtab)
    assert open_thread.focusWidget() is cards[1]
    qtbot.keyClick(cards[1], Qt.Key.Key_Delete)
    assert open_thread.focusWidget() is cards[0]
    cards[0].cross.setFocus()
    qtbot.keyClick(cards[0].cross, Qt.Key.Key_Return)
    assert composer.attachments.items() == ()
    assert not composer.attachments.isVisible()
    assert open_thread.focusWidget() is composer.editor


async def test_a_file_cancelled_on_its_way_never_arrives(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    store.drafts.door.clear()
    composer.add_files([picture(tmp_path, "a.jpg"), picture(tmp_path, "b.jpg")])
    write(qtbot, open_thread, "Ini")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    composer.attachments.card(composer.attachments.entries()[0]).removed.emit()
    assert store.outbox.sent() == []
    store.drafts.door.set()
    await eventually(lambda: store.outbox.sent())
    assert [item.name for item in store.outbox.sent()[0].attachments] == ["b.jpg"]


async def test_a_file_that_failed_can_be_tried_again(
    open_thread: MainWindow, store: MemoryStore, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    store.drafts.failure = EnvironmentFaultError("Disk penuh", "Kosongkan sedikit ruang.")
    composer.add_files([picture(tmp_path, "a.jpg")])
    await eventually(lambda: composer.attachments.has_failed)
    card = composer.attachments.card(composer.attachments.entries()[0])
    assert card.retry.isVisible()
    store.drafts.failure = None
    card.retried.emit()
    await eventually(lambda: composer.attachments.items())
    assert not composer.attachments.has_failed


async def test_what_is_covered_on_the_bench_is_what_is_sent(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    composer.add_files([picture(tmp_path, "a.jpg")])
    await eventually(lambda: composer.attachments.items())
    original = composer.attachments.items()[0]
    composer.attachments.card(composer.attachments.entries()[0]).opened.emit()
    await eventually(lambda: open_thread.findChildren(Bench))
    (bench,) = open_thread.findChildren(Bench)
    await eventually(bench.isVisible)
    assert bench.isModal()  # or the reply could leave with what is still uncovered
    bench.work(BlackOut(0.0, 0.0, 1.0, 1.0))
    bench.caption.setText("Resi")
    bench.save.click()
    await eventually(
        lambda: composer.attachments.items() and composer.attachments.items()[0] != original
    )
    worked = composer.attachments.items()[0]
    assert (worked.name, worked.caption) == ("a.jpg", "Resi")
    assert worked.kept != original.kept
    image = QImage.fromData(store.media.files[f"kept/{worked.kept}"])
    assert image.pixelColor(100, 100).lightness() < 8
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: store.outbox.sent())
    (intent,) = store.outbox.sent()
    assert (intent.text, intent.attachments) == ("Resi", (worked,))


async def test_a_draft_of_files_shows_their_thumbnails_again(
    open_thread: MainWindow, store: MemoryStore, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    composer.add_files([picture(tmp_path, "a.jpg")])
    await eventually(lambda: composer.attachments.items())
    open_thread.open_conversation(ConversationId("makmur"))
    await eventually(lambda: composer.is_ready and not composer.attachments.items())
    open_thread.open_conversation(SITI)
    await eventually(lambda: composer.attachments.items())
    entry = composer.attachments.entries()[0]
    await eventually(lambda: not composer.attachments.card(entry)._thumb.isNull())


async def test_a_note_takes_no_files(open_thread: MainWindow, qtbot: QtBot) -> None:
    composer = await begun(open_thread)
    composer.tabs.buttons[list(composer.tabs.buttons)[1]].click()
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    pasted = QMimeData()
    pasted.setImageData(image)
    composer.note.insertFromMimeData(pasted)
    composer.add_files(["/nowhere"])
    assert composer.attachments.entries() == ()


async def test_pasted_pictures_are_named_after_the_moment_in_the_agents_own_clock(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    composer = await begun(open_thread)
    store.now = datetime(2026, 11, 23, 7, 5, 9, tzinfo=UTC)
    pasted = QMimeData()
    pasted.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    for _ in range(3):
        composer.editor.insertFromMimeData(pasted)
    await eventually(lambda: len(composer.attachments.items()) == 3)
    stem = "tangkapan layar 2026-11-23 14.05.09"
    names = [item.name for item in composer.attachments.items()]
    assert names == [f"{stem}.png", f"{stem} (2).png", f"{stem} (3).png"]


def test_an_attachment_without_a_caption_is_as_before() -> None:
    assert Attachment("", "a", "b", 1) == Attachment("", "a", "b", 1, None, "")
