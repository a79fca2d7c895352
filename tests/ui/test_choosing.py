"""Choosing conversations to do something with all of them: none is opened by that."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.stage import Stage
from tests.waiting import eventually

CONTROL = Qt.KeyboardModifier.ControlModifier
HELD_BY_NONE = Qt.KeyboardModifier.NoModifier


def press(
    window: MainWindow, qtbot: QtBot, place: int, held: Qt.KeyboardModifier = HELD_BY_NONE
) -> None:
    listed = window.inbox.conversations.list
    spot = listed.visualRect(listed.model().index(place, 0)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, held, spot)


@pytest.mark.parametrize("width", [480, 1360])
async def test_the_first_one_chosen_with_nothing_open_is_not_opened(
    stage: Stage, store: MemoryStore, qtbot: QtBot, width: int
) -> None:
    window = stage.window(store)
    stage.show(window, width, 860)
    inbox, panel = window.inbox, window.inbox.conversations
    await eventually(lambda: panel.model.is_loaded)
    press(window, qtbot, 1, CONTROL)
    assert panel.isVisible()
    assert not inbox.is_thread_shown  # it may have been made ahead
    assert panel.chosen_bar.isVisible()
    assert [row.id for row in inbox.targets()] == [panel.model.rows[1].id]
    press(window, qtbot, 3, CONTROL)
    assert len(inbox.targets()) == 2
    press(window, qtbot, 1, CONTROL)
    assert [row.id for row in inbox.targets()] == [panel.model.rows[3].id]
    assert not inbox.is_thread_shown  # it may have been made ahead
    assert panel.end_choice()
    assert not panel.chosen_bar.isVisible()
    press(window, qtbot, 1, CONTROL)
    press(window, qtbot, 1)  # without the key: to read it
    await eventually(lambda: inbox.has_reading and inbox.thread_screen.row)
    assert inbox.thread_screen.row is not None
    assert inbox.thread_screen.row.id == panel.model.rows[1].id
    assert panel.chosen_rows() == ()


async def test_from_the_first_one_chosen_the_keys_open(window: MainWindow, qtbot: QtBot) -> None:
    inbox, panel = window.inbox, window.inbox.conversations
    press(window, qtbot, 1, CONTROL)
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    await eventually(lambda: inbox.has_reading and inbox.thread_screen.row)
    assert panel.chosen_rows() == ()


async def test_walking_on_from_the_first_one_chosen_opens_the_next(
    window: MainWindow, qtbot: QtBot
) -> None:
    inbox, panel = window.inbox, window.inbox.conversations
    press(window, qtbot, 1, CONTROL)
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    await eventually(lambda: inbox.has_reading and inbox.thread_screen.row)
    assert inbox.thread_screen.row is not None
    assert inbox.thread_screen.row.id == panel.model.rows[2].id
    assert not panel.chosen_bar.isVisible()


async def test_a_search_ends_the_choice_and_opens_the_first_it_finds(
    window: MainWindow, qtbot: QtBot
) -> None:
    inbox, panel = window.inbox, window.inbox.conversations
    press(window, qtbot, 1, CONTROL)
    panel.search.setFocus()
    qtbot.keyClicks(panel.search, "a")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    await eventually(lambda: inbox.has_reading and inbox.thread_screen.row)
    assert panel.chosen_rows() == ()
    assert not panel.chosen_bar.isVisible()


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton])
async def test_what_the_bar_counts_is_what_the_keys_act_on(
    window: MainWindow, qtbot: QtBot, button: Qt.MouseButton
) -> None:
    inbox, panel = window.inbox, window.inbox.conversations
    press(window, qtbot, 0)
    await eventually(lambda: inbox.has_reading and inbox.thread_screen.row)
    press(window, qtbot, 0, CONTROL)
    press(window, qtbot, 2, CONTROL)
    spot = panel.list.visualRect(panel.model.index(2)).center()
    qtbot.mousePress(panel.list.viewport(), button, HELD_BY_NONE, spot)
    assert not panel.chosen_bar.isVisible()
    await eventually(lambda: [row.id for row in inbox.targets()] == [panel.model.rows[2].id])
    assert panel.chosen_rows() == ()


@pytest.mark.parametrize("count", [1, 2])
async def test_where_a_notification_opens_another_over_the_list_that_one_is_meant(
    stage: Stage, store: MemoryStore, qtbot: QtBot, count: int
) -> None:
    window = stage.window(store)
    stage.show(window, 480, 860)
    inbox, panel = window.inbox, window.inbox.conversations
    await eventually(lambda: panel.model.is_loaded)
    for place in range(1, 1 + count):
        press(window, qtbot, place, CONTROL)
    assert len(inbox.targets()) == count
    other = panel.model.rows[4]
    window.open_conversation(other.id)
    await eventually(lambda: inbox.has_reading and inbox.thread_screen.row)
    assert not panel.isVisible()
    assert [row.id for row in inbox.targets()] == [other.id]
    qtbot.keyClick(inbox.thread_screen.timeline, Qt.Key.Key_Escape)
    assert panel.isVisible(), "one step back, not two"
    assert len(inbox.targets()) == count
