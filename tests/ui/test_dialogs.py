"""What opens over the window: the keys go in, and back to where they were when Escape closes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from console.ui.window import MainWindow
from tests.gallery.scenes_contacts import _erase, _merge, known, panel_of, served
from tests.gallery.stage import Stage, quiet
from tests.ui import access
from tests.waiting import eventually

Opener = Callable[[MainWindow], object]

# All that a shortcut or a button opens over a thread.
OPENERS: dict[str, Opener] = {
    "assign": lambda window: window.inbox.assign(),
    "snooze": lambda window: window.inbox.snooze(),
    "labels": lambda window: window.inbox.label(),
    "priority": lambda window: window.inbox.prioritise(),
    "emoji": lambda window: window.inbox.thread_screen.composer.choose_emoji(),
    "templates": lambda window: window.inbox.thread_screen.composer.choose_template(),
    "erase": _erase,
    "merge": _merge,
    "start": lambda window: window.inbox.contact._write(),
    "files": lambda window: window.inbox.contact._show_files(),
}


def holder() -> QWidget | None:
    return QApplication.focusWidget()


@pytest.mark.parametrize("name", sorted(OPENERS))
async def test_the_keys_go_in_and_come_back(stage: Stage, qtbot: QtBot, name: str) -> None:
    store = known()
    served(stage, store)
    window = await panel_of(stage, store)
    window.activateWindow()
    editor = window.inbox.thread_screen.composer.editor
    await eventually(lambda: window.inbox.contact._contact and window.inbox.team.templates)
    await eventually(lambda: window.inbox.thread_screen.composer.is_ready)
    editor.setFocus()
    OPENERS[name](window)
    await eventually(lambda: holder() not in (None, editor))
    await quiet()
    inside = holder()
    assert inside is not None
    whole = QApplication.activePopupWidget() or inside.window()
    assert access.unnamed(whole) == []
    qtbot.keyClick(inside, Qt.Key.Key_Escape)
    await eventually(lambda: not inside_is_shown(window, whole))
    await eventually(lambda: window.focusWidget() is editor)


def inside_is_shown(window: MainWindow, whole: QWidget) -> bool:
    """Whether what was opened still stands there."""
    return whole is not window and isValid(whole) and whole.isVisible()
