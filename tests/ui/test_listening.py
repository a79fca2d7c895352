"""The thread as a screen reader finds it: a list whose items are the messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.delivery import Status
from console.ui.timeline import listening
from console.ui.timeline.rows import MessageRow
from console.ui.timeline.view import TimelineView
from console.ui.widgets.spoken import KEPT
from console.ui.window import MainWindow
from tests.waiting import eventually

Events = list[tuple[str, str]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Events]:
    """Somebody listens: what they were told of, and its name then."""
    told: Events = []

    def tell(item: QAccessibleInterface, what: QAccessible.Event) -> None:
        told.append((what.name, item.text(QAccessible.Text.Name)))

    monkeypatch.setattr(listening, "tell", tell)
    QAccessible.setActive(True)
    yield told
    QAccessible.setActive(False)


def timeline(window: MainWindow) -> TimelineView:
    return window.inbox.thread_screen.timeline


def names(view: TimelineView) -> list[str]:
    """The items of the list, as they are read out."""
    found = QAccessible.queryAccessibleInterface(view)
    items = [found.child(place) for place in range(found.childCount())]
    return [
        item.text(QAccessible.Text.Name)
        for item in items
        if item.role() is QAccessible.Role.ListItem
    ]


async def test_each_message_is_an_item_of_the_list(open_thread: MainWindow) -> None:
    view = timeline(open_thread)
    found = QAccessible.queryAccessibleInterface(view)
    assert found.role() is QAccessible.Role.List
    assert found.text(QAccessible.Text.Name) == view.accessibleName()
    assert "saya tunggu ya" in names(view)[-1]
    first, last = found.child(0), found.child(found.childCount() - 2)
    assert first.parent().object() is view
    assert found.indexOfChild(last) == found.childCount() - 2
    assert not last.state().offscreen
    assert found.childAt(*last.rect().center().toTuple()) == last
    assert found.child(found.childCount()) is None
    assert found.child(found.childCount() - 1).object() is view.viewport()


async def test_walking_with_the_arrows_moves_the_focus_of_the_screen_reader(
    open_thread: MainWindow, heard: Events, qtbot: QtBot
) -> None:
    view = timeline(open_thread)
    view.setFocus()
    for said in ("saya tunggu ya", "Bukti_Pengiriman_2231.pdf"):
        qtbot.keyClick(view, Qt.Key.Key_Up)
        assert heard[-1][0] == "Focus"
        assert said in heard[-1][1]
    item = QAccessible.queryAccessibleInterface(view).focusChild()
    assert said in item.text(QAccessible.Text.Name)
    assert item.state().focused


async def test_back_in_the_thread_one_hears_where_one_stood(
    open_thread: MainWindow, heard: Events, qtbot: QtBot
) -> None:
    view = timeline(open_thread)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Up)
    open_thread.inbox.thread_screen.composer.editor.setFocus()
    heard.clear()
    view.setFocus()
    await eventually(lambda: heard)
    assert heard[0][0] == "Focus"
    assert "saya tunggu ya" in heard[0][1]


async def test_who_listens_hears_which_rows_come_go_and_change(
    open_thread: MainWindow, heard: Events
) -> None:
    view = timeline(open_thread)
    rows, before = list(view.rows()), names(view)
    last = rows[-1]
    assert isinstance(last, MessageRow)
    view.show_rows(rows[:-1])
    assert heard == [("ObjectDestroyed", "")]  # it stands nowhere any more
    assert names(view) == before[:-1]
    heard.clear()
    view.show_rows(rows)
    assert heard == [("ObjectCreated", before[-1])]
    heard.clear()
    other = replace(last, message=replace(last.message, status=Status.FAILED))
    view.show_rows([*rows[:-1], other])
    assert [what for what, _ in heard] == ["NameChanged"]


async def test_where_nobody_asked_no_item_is_made(open_thread: MainWindow) -> None:
    view = timeline(open_thread)
    before = len(KEPT)
    view.show_rows(list(view.rows()))
    assert len(KEPT) == before


async def test_items_end_with_their_view(open_thread: MainWindow) -> None:
    before = len(KEPT)
    view = TimelineView(timeline(open_thread)._context)
    view.show_rows(list(timeline(open_thread).rows()))
    assert names(view)
    assert len(KEPT) > before
    view.deleteLater()
    QApplication.sendPostedEvents(view, QEvent.Type.DeferredDelete)
    assert len(KEPT) == before


@pytest.mark.parametrize(("key", "step"), [(Qt.Key.Key_Down, 1), (Qt.Key.Key_Up, -1)])
async def test_from_the_line_above_what_is_new_one_walks_on(
    open_thread: MainWindow, qtbot: QtBot, key: Qt.Key, step: int
) -> None:
    view = timeline(open_thread)
    keys = [row.key for row in view.rows()]
    assert view.scroll_to("new")
    qtbot.keyClick(view, key)
    assert view.current_key() == keys[keys.index("new") + step]
