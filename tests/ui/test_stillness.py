"""Nothing jumps away under the mouse: strips, the bar over chosen rows, a list that moves on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.domain.changes import Link
from console.domain.ids import ConversationId
from console.ui.models.conversations import RowRole
from console.ui.screens.inbox.listview import ConversationList
from console.ui.widgets.chooser import Chooser
from console.ui.window import MainWindow
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.samples import row
from tests.gallery.stage import Stage, quiet
from tests.ui.composing import begun
from tests.waiting import eventually

CONTROL = Qt.KeyboardModifier.ControlModifier


def place(window: MainWindow, widget: QWidget) -> QPoint:
    """Where a widget stands in its window."""
    return widget.mapTo(window, QPoint(0, 0))


async def test_a_strip_moves_nothing_that_one_may_be_clicking_on(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    window, inbox = open_thread, open_thread.inbox
    thread = inbox.thread_screen
    kept = [
        inbox.conversations.list,
        inbox.conversations.search,
        inbox.conversations.views.order,
        thread.header.resolve,
        thread.composer,
        thread.composer.send,
        inbox.contact,
    ]
    before = [place(window, widget) for widget in kept]
    store.set_link(Link.OFFLINE)
    await eventually(inbox.strips.line.isVisible)
    await quiet()
    assert [place(window, widget) for widget in kept] == before
    assert thread.timeline.isAncestorOf(inbox.strips.line) is False
    assert place(window, inbox.strips.line).y() < place(window, thread.timeline).y()
    store.set_link(Link.ONLINE)
    await eventually(lambda: not inbox.strips.line.isVisible())
    assert [place(window, widget) for widget in kept] == before


async def test_who_reads_far_above_goes_on_reading_while_a_strip_comes(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    timeline = open_thread.inbox.thread_screen.timeline
    open_thread.resize(1200, 520)
    await eventually(lambda: timeline.verticalScrollBar().maximum() > 200)
    timeline.verticalScrollBar().setValue(timeline.verticalScrollBar().maximum() - 150)
    await quiet()

    def reads() -> tuple[str, int]:
        """A message in view, and where on the screen."""
        point = QPoint(timeline.viewport().width() // 2, 200)
        at = timeline.viewport().mapTo(open_thread, point).y()
        hold = timeline._hold()
        assert hold
        key, top = hold[-1]
        return key, round(top) + at

    before = reads()
    store.set_link(Link.OFFLINE)
    await eventually(open_thread.inbox.strips.line.isVisible)
    await quiet()
    after = reads()
    assert (after[0], abs(after[1] - before[1]) <= 1) == (before[0], True)


async def test_a_list_alone_has_its_strips_at_the_foot(
    window: MainWindow, store: MemoryStore
) -> None:
    window.resize(640, 700)
    panel = window.inbox.conversations
    await eventually(lambda: panel.model.is_loaded)
    await quiet()
    before = place(window, panel.list)
    store.set_link(Link.OFFLINE)
    await eventually(window.inbox.strips.line.isVisible)
    assert place(window, panel.list) == before
    assert place(window, window.inbox.strips.line).y() > before.y()


async def test_the_bar_over_chosen_rows_pushes_none_of_them_away(
    window: MainWindow, qtbot: QtBot
) -> None:
    panel = window.inbox.conversations
    await eventually(lambda: panel.model.is_loaded)
    rows = [panel.list.visualRect(panel.model.index(n)).center() for n in range(3)]
    spots = [panel.list.viewport().mapTo(window, spot) for spot in rows]
    for spot in spots:
        at = panel.list.viewport().mapFrom(window, spot)
        qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, CONTROL, at)
    assert [row.id for row in panel.chosen_rows()] == [row.id for row in panel.model.rows[:3]]
    assert panel.chosen_bar.isVisible()
    assert panel.chosen_bar.geometry().contains(panel.views.geometry())
    bar = panel.chosen_bar
    assert place(window, bar).y() + bar.height() <= place(window, panel.list).y()


async def moves_up(window: MainWindow, store: MemoryStore, id: str, unread: int) -> None:
    """A customer writes, and the list knows."""
    store.conversations.change(ConversationId(id), last_message_at=NOW, unread=unread)
    store.announce(ConversationId(id))
    model = window.inbox.conversations.model
    await eventually(lambda: any(row.unread == unread for row in model.rows))


def names(window: MainWindow) -> list[str]:
    return [row.id for row in window.inbox.conversations.model.rows]


def moved_to(widget: QWidget, spot: QPointF) -> QMouseEvent:
    none, no_keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    at = widget.mapToGlobal(spot)
    return QMouseEvent(QEvent.Type.MouseMove, spot, at, none, none, no_keys)


async def resting(window: MainWindow) -> ConversationList:
    """The mouse lies on the third row, and has for longer than one aims."""
    panel = window.inbox.conversations
    await eventually(lambda: panel.model.is_loaded)
    await eventually(lambda: not panel.list._free.isActive())
    viewport = panel.list.viewport()
    spot = panel.list.visualRect(panel.model.index(2)).center().toPointF()
    QApplication.sendEvent(viewport, moved_to(viewport, spot))
    assert panel.list._is_pointed
    return panel.list


async def test_rows_hold_still_under_a_resting_mouse_and_what_is_new_above_is_told(
    window: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    listed = await resting(window)
    before = names(window)
    await moves_up(window, store, "makmur", 7)
    assert names(window) == before
    assert listed.pill.isVisible()
    assert listed.pill.accessibleName() == "1 baru"
    await moves_up(window, store, before[-2], 8)
    assert names(window) == before
    assert listed.pill.accessibleName() == "2 baru"
    qtbot.mouseClick(listed.pill, Qt.MouseButton.LeftButton)
    await eventually(lambda: set(names(window)[:2]) == {"makmur", before[-2]})
    assert not listed.pill.isVisible()


async def test_a_mouse_left_lying_on_the_list_does_not_stop_it_for_good(
    window: MainWindow, store: MemoryStore
) -> None:
    listed = await resting(window)
    await moves_up(window, store, "makmur", 7)
    assert listed._rest.interval() > 10_000
    listed._rest.timeout.emit()
    await eventually(lambda: names(window)[0] == "makmur")
    assert not listed.pill.isVisible()


async def test_a_key_held_for_a_click_moves_no_row_and_any_other_does(
    window: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    listed = await resting(window)
    before = names(window)
    await moves_up(window, store, "makmur", 7)
    qtbot.keyPress(listed, Qt.Key.Key_Control)
    await quiet()
    assert names(window) == before
    qtbot.keyRelease(listed, Qt.Key.Key_Control)
    qtbot.keyClick(listed, Qt.Key.Key_Down)
    await eventually(lambda: names(window)[0] == "makmur")


async def test_who_writes_or_acts_does_not_wait_for_the_mouse(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    listed = await resting(open_thread)
    composer = await begun(open_thread)
    await moves_up(open_thread, store, "makmur", 7)
    await eventually(composer.editor.hasFocus)
    qtbot.keyClicks(composer.editor, "H")
    await eventually(lambda: names(open_thread)[0] == "makmur")
    listed = await resting(open_thread)
    assert listed._is_pointed
    open_thread.inbox.resolve()
    assert not listed._is_pointed


async def test_neither_tab_nor_a_screen_reader_goes_below_the_bar_over_chosen_rows(
    window: MainWindow, qtbot: QtBot
) -> None:
    panel = window.inbox.conversations
    await eventually(lambda: panel.model.is_loaded)
    views, bar, before = panel.views, panel.chosen_bar, place(window, panel.list)
    chips = [*views.chips.values(), views.rest]

    def stops() -> list[QWidget | None]:
        """Where Tab leads from the search, down to the list."""
        panel.search.setFocus()
        found: list[QWidget | None] = []
        while found[-1:] != [panel.list] and len(found) < 40:
            qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
            found.append(QApplication.focusWidget())
        return found

    def is_told(widget: QWidget) -> bool:
        return not QAccessible.queryAccessibleInterface(widget).state().invisible

    assert set(chips) & set(stops())
    assert all(is_told(chip) for chip in chips)
    qtbot.keyClick(panel.list, Qt.Key.Key_A, CONTROL)
    await eventually(lambda: len(panel.chosen_rows()) > 1)
    assert stops() == [*bar.buttons, panel.list]
    assert not any(is_told(chip) for chip in chips)
    assert all(is_told(button) for button in bar.buttons)
    assert place(window, panel.list) == before
    window.resize(window.width() - 60, window.height() - 40)
    await quiet()
    assert place(window, bar).y() + bar.height() == place(window, panel.list).y()
    assert bar.width() == panel.width()
    views.ask_rest()  # by its key it is still there
    await eventually(lambda: any(made.isVisible() for made in views.findChildren(Chooser)))
    for made in views.findChildren(Chooser):
        made.close()
    assert panel.end_choice()
    await eventually(lambda: not bar.isVisible())
    assert set(chips) & set(stops())
    assert place(window, panel.list) == before


@pytest.fixture
def long_store() -> MemoryStore:
    """More conversations than are read at a time."""
    return MemoryStore(
        [row(f"c{n:03}", f"Pelanggan {n}", "halo", minutes=n + 1) for n in range(200)]
    )


@pytest.fixture
async def long_list(stage: Stage, long_store: MemoryStore) -> MainWindow:
    """A window with all of them."""
    window = stage.window(long_store)
    stage.show(window, 1200, 700)
    await window.inbox.is_whole.wait()
    return window


async def test_the_pill_stays_at_the_top_while_one_scrolls(
    long_list: MainWindow, long_store: MemoryStore
) -> None:
    listed = await resting(long_list)
    await moves_up(long_list, long_store, "c020", 7)
    stood = listed.pill.geometry()
    assert listed.pill.isVisible()
    listed.verticalScrollBar().setValue(listed.verticalScrollBar().singleStep())
    assert listed.pill.geometry() == stood


async def test_who_scrolls_on_while_rows_hold_meets_no_row_that_stays_empty(
    long_list: MainWindow, long_store: MemoryStore
) -> None:
    listed = await resting(long_list)
    model = listed.model()
    read = len(names(long_list))
    assert read < 150
    long_store.conversations.change(ConversationId("c199"), last_message_at=NOW, unread=7)
    long_store.announce(ConversationId("c199"))
    await eventually(listed.pill.isVisible)
    for place in range(0, 150, 5):
        listed.scrollTo(model.index(place, 0))
        await quiet()
    await eventually(lambda: model.index(149, 0).data(RowRole.ROW) is not None)
    shown = [model.index(place, 0).data(RowRole.ROW) for place in range(150)]
    assert [entry and entry.id for entry in shown] == [f"c{n:03}" for n in range(150)]


async def test_what_the_wheel_brings_below_a_still_mouse_glows(
    open_thread: MainWindow,
) -> None:
    timeline = open_thread.inbox.thread_screen.timeline
    ground, bar = timeline.viewport(), timeline.verticalScrollBar()
    points = (QPoint(x, y) for y in range(0, ground.height(), 4) for x in range(0, 600, 8))
    spot = next(at for at in points if (found := timeline.hit_at(QPointF(at))) and found[1])
    QApplication.sendEvent(ground, moved_to(ground, QPointF(spot)))
    before, shape = bar.value(), Qt.CursorShape
    assert ground.cursor().shape() is shape.PointingHandCursor
    bar.setValue(before - 200)
    assert timeline._context.hovered == (timeline.hit_at(QPointF(spot)) or (None, None))[1]
    assert ground.cursor().shape() is not shape.PointingHandCursor
    bar.setValue(before)
    assert ground.cursor().shape() is shape.PointingHandCursor
    QApplication.sendEvent(ground, QEvent(QEvent.Type.Leave))
    bar.setValue(before - 200)
    bar.setValue(before)
    assert timeline._context.hovered is None
