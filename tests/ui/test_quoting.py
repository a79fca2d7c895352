"""Answering one message: by a double click beside its bubble, by a key, and what the strip says."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI
from tests.ui.composing import begun, composer_of
from tests.waiting import eventually


async def test_a_double_click_beside_a_bubble_quotes_its_message(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    timeline = open_thread.inbox.thread_screen.timeline
    shown = timeline.first_message()
    assert shown is not None
    rect = timeline.bubble_rect(shown.id)
    assert rect is not None
    spot = QPoint(timeline.viewport().width() - 40, round(rect.center().y()))
    assert not rect.contains(spot.toPointF())
    qtbot.mouseDClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    composer = composer_of(open_thread)
    await eventually(lambda: composer.quote_bar.is_set)
    assert composer._quote == shown
    assert timeline.copied_text() == ""


async def test_q_quotes_the_message_that_the_keys_stand_on(
    open_thread: MainWindow, qtbot: QtBot
) -> None:
    timeline = open_thread.inbox.thread_screen.timeline
    timeline.setFocus()
    qtbot.keyClick(timeline, Qt.Key.Key_Up)
    chosen = timeline._current_message()
    qtbot.keyClick(timeline, Qt.Key.Key_Q)
    composer = composer_of(open_thread)
    await eventually(lambda: composer.quote_bar.is_set)
    assert composer._quote == chosen


async def test_the_strip_stands_at_its_edges_and_says_who_sees_the_quote(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    composer = await begun(open_thread)
    composer.quote(store.messages.threads[SITI][1])
    bar = composer.quote_bar
    await eventually(lambda: bar.isVisible() and bar.layout() is not None)
    left, right = bar.text.geometry().left(), bar.cross.geometry().right()
    assert left < 20
    assert right > bar.width() - 20
    assert bar.who.geometry().left() == left
    assert bar.seen_by.text() == "Hanya tim Anda yang melihat kutipan"
