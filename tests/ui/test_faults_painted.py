"""Painting that fails: other rows and bubbles are seen, the fault is told once, nothing ends."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any, ClassVar
from weakref import WeakSet

import pytest
from PySide6.QtCore import QModelIndex, QRect, QStringListModel
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget
from pytestqt.qtbot import QtBot

from console.domain.content import Kind
from console.domain.message import Message
from console.ui import words
from console.ui.screens.inbox import listview
from console.ui.timeline import renderers, surface
from console.ui.timeline.context import Block, Context
from console.ui.timeline.rows import MessageRow
from console.ui.timeline.text import TextBlock
from console.ui.timeline.view import TimelineView
from console.ui.widgets.painting import Aside
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI, Thread
from tests.gallery.stage import grab
from tests.waiting import eventually

FIRST, BAD, LAST = "Yang pertama", "Rusak di sini", "Yang ketiga"
TIMES = 5  # as often as it is painted here; sixty a second where something moves


class Seen(QPainter):
    """A painter that can be asked afterwards whether it has ended."""

    made: ClassVar[WeakSet[QPainter]] = WeakSet()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.made.add(self)


class Told(list[type[BaseException]]):
    """Each fault, and whether a painter was at work still when it was told."""

    at_work = False

    def hook(self, kind: type[BaseException], *_: object) -> None:
        self.append(kind)
        for each in tuple(Seen.made):
            if each.isActive():
                self.at_work = True
                each.end()  # or Qt ends the tests


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    made = Told()
    monkeypatch.setattr(sys, "excepthook", made.hook)
    return made


def fail(*_: object, **__: object) -> Any:
    return int("x")


def timeline(window: MainWindow) -> TimelineView:
    return window.inbox.thread_screen.timeline


def rows_of(view: QListView | listview.ConversationList) -> list[QImage]:
    """Each row as it is painted."""
    whole, model = grab(view.viewport()), view.model()
    places = [view.visualRect(model.index(row, 0)) for row in range(model.rowCount())]
    return [whole.copy(place) for place in places if view.viewport().rect().contains(place)]


async def show(window: MainWindow, store: MemoryStore) -> list[Message]:
    """Three messages in the open thread, of which the one in the middle is to fail."""
    thread = Thread()
    thread.add(FIRST, minutes=30)
    thread.add(BAD, minutes=20)
    thread.add(LAST, minutes=10, out=True)
    store.messages.threads[SITI] = thread.messages
    timeline(window).show_loading()
    store.announce(SITI)
    await eventually(lambda: len(said(window)) == len(thread.messages))
    return thread.messages


def said(window: MainWindow) -> dict[str, str]:
    """What stands in the bubble of each message in the thread."""
    view = timeline(window)
    found = [row for row in view.rows() if isinstance(row, MessageRow)]
    return {row.message.content.text: view._layouts.layout(row).texts()[0][1].text for row in found}


async def test_a_row_that_cannot_be_painted_leaves_the_others_and_is_told_once(
    window: MainWindow, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, real = window.inbox.conversations.list, words.title
    before = rows_of(view)
    bad = window.inbox.conversations.model.rows[1].id
    monkeypatch.setattr(words, "title", lambda row: fail() if row.id == bad else real(row))
    view.itemDelegate()._kept.clear()  # type: ignore[attr-defined]
    told.clear()  # what else asks for the title
    after = [rows_of(view) for _ in range(TIMES)][-1]
    assert [at for at, row in enumerate(after) if row != before[at]] == [1]
    assert after[1].pixelColor(2, 2) == before[1].pixelColor(2, 2)  # its ground, and words on it
    assert len({after[1].pixel(x, after[1].height() // 2) for x in range(200)}) > 3
    assert told == [ValueError]


async def test_a_message_that_cannot_be_measured_leaves_the_others_and_is_told_once(
    open_thread: MainWindow, store: MemoryStore, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = renderers.RENDERERS[Kind.TEXT]

    def measure(message: Message, width: float, context: Context) -> list[Block]:
        return fail() if message.content.text == BAD else real(message, width, context)

    monkeypatch.setitem(renderers.RENDERERS, Kind.TEXT, measure)
    messages = await show(open_thread, store)
    now = said(open_thread)
    assert (now[FIRST], now[LAST]) == (FIRST, LAST)
    assert now[BAD].startswith("Balas ")
    for width in range(TIMES):  # each of them measures anew
        open_thread.resize(1100 + 10 * width, 860)
        grab(timeline(open_thread))
    assert told == [ValueError]
    monkeypatch.undo()
    store.messages.threads[SITI][1] = replace(messages[1], version=messages[1].version + 100)
    store.announce(SITI)
    await eventually(lambda: said(open_thread)[BAD] == BAD)  # it changed, and is well


async def test_a_bubble_that_cannot_be_painted_leaves_the_others_and_is_told_once(
    open_thread: MainWindow, store: MemoryStore, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, view = TextBlock.paint, timeline(open_thread)
    await show(open_thread, store)
    last = [row for row in view.rows() if isinstance(row, MessageRow)][-1]
    place = view.bubble_rect(last.message.id)
    assert place is not None
    well = grab(view.viewport()).copy(place.toRect())

    def paint(self: TextBlock, painter: QPainter, *more: Any) -> None:
        painter.setOpacity(0.1)  # what is left so must not reach the others
        painter.translate(40, 40)
        if self.text == BAD:
            fail()
        painter.translate(-40, -40)
        painter.setOpacity(1)
        real(self, painter, *more)

    monkeypatch.setattr(TextBlock, "paint", paint)
    assert grab(view.viewport()).copy(place.toRect()) == well
    await eventually(lambda: said(open_thread)[BAD].startswith("Balas "))
    for _ in range(TIMES):
        grab(view.viewport())
    assert told == [ValueError]
    assert said(open_thread)[LAST] == LAST


async def test_a_line_between_bubbles_that_cannot_be_painted_is_told_once(
    open_thread: MainWindow, store: MemoryStore, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    await show(open_thread, store)
    view = timeline(open_thread)
    monkeypatch.setattr(surface, "paint_line", fail)
    monkeypatch.setattr(TextBlock, "paint", lambda self, *_: painted.append(self.text))
    for _ in range(TIMES):
        painted: list[str] = []
        grab(view.viewport())
        assert [text for text in painted if text in (FIRST, BAD, LAST)] == [FIRST, BAD, LAST]
    assert told == [ValueError]


async def test_no_painter_is_at_work_any_more_where_painting_as_a_whole_fails(
    open_thread: MainWindow, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, rows = timeline(open_thread), open_thread.inbox.conversations.list
    monkeypatch.setattr(surface, "paint_skeleton", fail)
    monkeypatch.setattr(listview, "row_height", fail)
    for module in (surface, listview):
        monkeypatch.setattr(module, "QPainter", Seen)
    view.show_loading()
    rows.is_waiting = True
    for _ in range(TIMES):
        for painted in (view, rows):
            assert not grab(painted.viewport()).isNull()
    assert (told, told.at_work) == ([ValueError] * 2, False)


class Rows(QStyledItemDelegate):
    """Fails at the second row, in the middle of it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        if index.row() == 1:
            with Aside(painter):
                painter.setClipRect(QRect(0, 0, 1, 1))
                fail()
        super().paint(painter, option, index)


def test_a_delegate_that_fails_leaves_the_painter_to_the_others_as_it_was(
    qtbot: QtBot, told: Told
) -> None:
    view, plain = QListView(), QStyledItemDelegate()
    qtbot.addWidget(view)
    view.setModel(QStringListModel(["satu", "dua", "tiga"], view))
    view.setItemDelegate(plain)
    view.resize(200, 200)
    before, rows = rows_of(view), Rows(view)
    view.setItemDelegate(rows)
    for _ in range(TIMES):
        assert rows_of(view) == before  # the second one as Qt paints it
    assert told == [ValueError]


# Frames are kept with all that they hold, as a debugger or a test runner keeps them.
KEEPING = """
import sys, traceback
from PySide6.QtWidgets import QApplication
from console.ui.theme.theme import Theme
from console.ui.widgets.switch import Switch
from tests.gallery.stage import dressed

application = QApplication([])
theme, _ = dressed(application)
kept, made = [], [Switch(theme, "") for _ in range(20)]
traceback.clear_frames = lambda _: None
sys.excepthook = lambda *fault: kept.append(fault)
Theme.color = lambda *_: int("x")
pictures = [each.grab() for each in made]
print(len(kept))
pictures.clear()
kept.clear()
print("alive")
"""


def test_a_picture_goes_before_the_frames_that_painted_it() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KEEPING], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout.split()) == (0, ["20", "alive"]), ended.stderr
    assert "being painted" not in ended.stderr
