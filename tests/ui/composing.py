"""What tests of the composer do to it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.ui.composer.composer import Composer
from console.ui.window import MainWindow
from tests.waiting import eventually

NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def composer_of(window: MainWindow) -> Composer:
    return window.inbox.thread_screen.composer


async def begun(window: MainWindow) -> Composer:
    """Everything the composer offers is at hand, and its field has the focus."""
    composer = composer_of(window)
    await eventually(lambda: window.inbox.team.canned)
    composer.begin()
    return composer


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    qtbot.keyClick(composer_of(window).field, key, held)


def write(qtbot: QtBot, window: MainWindow, text: str) -> None:
    qtbot.keyClicks(composer_of(window).field, text)
