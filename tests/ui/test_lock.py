"""The lock: nothing is seen or done behind it, and only the password opens it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.errors import OfflineError
from console.domain.intents import Resolve
from console.ui.preferences import LOCK_AFTER, LOCKED
from console.ui.screens.lock import LockScreen
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI
from tests.gallery.stage import NoSession, Stage
from tests.waiting import eventually


@pytest.fixture
def locked(open_thread: MainWindow) -> LockScreen:
    """Locked in the middle of a reply."""
    open_thread.inbox.thread_screen.composer.editor.setPlainText("Sebentar")
    open_thread.actions_made["lock"].trigger()
    screen = open_thread.locker.screen
    assert screen is not None
    return screen


async def test_nothing_of_the_desk_is_seen_or_done_while_locked(
    open_thread: MainWindow, locked: LockScreen, store: MemoryStore, qtbot: QtBot
) -> None:
    inbox = open_thread.inbox
    assert not inbox.isVisible()
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_E, Qt.Key.Key_R):
        qtbot.keyClick(locked, key)
        qtbot.keyClick(locked.field, Qt.Key.Key_Escape)
    qtbot.keyClick(open_thread, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    open_thread.windows.open(SITI)
    open_thread.windows.open_link("balas://conversation/6f1f6a4e-5a51-4b0e-9f38-0a4d7a3e6f11")
    assert open_thread.centralWidget() is locked
    assert not any(isinstance(intent, Resolve) for intent in store.outbox.intents)
    assert open_thread.windows.own == ()
    assert open_thread.around.guide is None


async def test_the_password_opens_it_and_all_is_as_it_was(
    open_thread: MainWindow, locked: LockScreen, qtbot: QtBot
) -> None:
    qtbot.keyClicks(locked.field, "salah")
    qtbot.keyClick(locked.field, Qt.Key.Key_Return)
    await eventually(lambda: locked.form.message.isVisible())
    assert open_thread.locker.is_locked

    locked.field.setText("rahasia")
    qtbot.keyClick(locked.field, Qt.Key.Key_Return)

    await eventually(lambda: not open_thread.locker.is_locked)
    assert open_thread.inbox.isVisible()
    editor = open_thread.inbox.thread_screen.composer.editor
    assert editor.toPlainText() == "Sebentar"
    open_thread.actions_made["search"].trigger()
    assert open_thread.around.guide is not None


async def test_without_the_server_it_says_what_is_wrong_and_stays_shut(
    open_thread: MainWindow, locked: LockScreen, qtbot: QtBot
) -> None:
    session = open_thread.workplace().session
    assert isinstance(session, NoSession)
    session.failure = OfflineError("No connection to the server", "")
    locked.field.setText("rahasia")
    qtbot.keyClick(locked.field, Qt.Key.Key_Return)
    await eventually(lambda: locked.form.message.isVisible())
    assert open_thread.locker.is_locked


async def test_own_windows_go_away_with_it_and_come_back(open_thread: MainWindow) -> None:
    open_thread.windows.open(SITI)
    await eventually(lambda: open_thread.windows.own)
    made = open_thread.windows.own[0]
    open_thread.locker.lock()
    assert not made.isVisible()
    shown = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    assert shown == [open_thread]
    open_thread.locker.unlock()
    assert made.isVisible()


async def test_it_locks_by_itself_after_the_minutes_chosen_unless_somebody_is_there(
    open_thread: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    locker, now = open_thread.locker, [1000.0]
    monkeypatch.setattr(type(locker), "_moment", staticmethod(lambda: (now[0], now[0])))
    locker.follow_setting()
    now[0] += 10_000
    locker.look()
    assert not locker.is_locked  # by itself only where one asked for it
    open_thread.workplace().chosen.keep(LOCK_AFTER, 5)
    locker.look()
    now[0] += 290
    handle = open_thread.windowHandle()
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Shift, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(handle, press)
    now[0] += 290
    locker.look()
    assert not locker.is_locked
    now[0] += 20
    locker.look()
    assert locker.is_locked


async def test_a_new_start_is_locked_if_the_program_ended_so(
    stage: Stage, store: MemoryStore
) -> None:
    window = stage.window(store, locked=True)
    stage.show(window, 1200, 800)
    assert window.locker.is_locked
    assert not window.inbox.isVisible()
    window.locker.unlock()
    await eventually(window.inbox.is_whole.is_set)
    assert window.inbox.isVisible()
    assert not window.workplace().chosen.flag(LOCKED, True)
