"""While parts of the composer take turns, the keys go from one to the next and nowhere between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.ui.window import MainWindow
from tests.waiting import eventually


@pytest.fixture
def stops(open_thread: MainWindow, qtbot: QtBot) -> Iterator[list[QWidget]]:
    """Every widget of the window that the keys come to."""
    found: list[QWidget] = []
    application = QApplication.instance()
    assert isinstance(application, QApplication)

    def note(_: QWidget | None, now: QWidget | None) -> None:
        if now is not None:
            found.append(now)

    with qtbot.waitExposed(open_thread):
        open_thread.activateWindow()
    connection = application.focusChanged.connect(note)
    yield found
    application.focusChanged.disconnect(connection)  # or no window would ever go again


async def test_opening_and_closing_the_templates(
    open_thread: MainWindow, stops: list[QWidget], qtbot: QtBot
) -> None:
    composer = open_thread.inbox.thread_screen.composer
    await eventually(lambda: open_thread.inbox.team.templates)
    composer.editor.setFocus()
    stops.clear()
    composer.choose_template()
    assert stops == [composer.closed.search]
    stops.clear()
    qtbot.keyClick(composer.closed.search, Qt.Key.Key_Escape)
    assert composer.closed.isHidden()
    assert stops == [composer.editor]
    composer.toolbar.template.setFocus()
    stops.clear()
    qtbot.keyClick(composer.toolbar.template, Qt.Key.Key_Space)
    assert stops == [composer.closed.search]
    composer.closed.cross.setFocus()
    stops.clear()
    qtbot.keyClick(composer.closed.cross, Qt.Key.Key_Space)
    assert stops == [composer.editor]
