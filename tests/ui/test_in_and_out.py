"""What opens in a window of its own or over the thread, by keys alone: in, round, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.domain.content import Content, Kind
from console.ui.composer.bench.window import Bench
from console.ui.screens.viewer import Viewer
from console.ui.widgets.calendar import CalendarPopup
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI, Thread, media, photo
from tests.gallery.stage import Stage, quiet
from tests.ui.composing import CONTROL, NONE, begun
from tests.waiting import eventually

K = Qt.Key


@pytest.fixture
def store(stage: Stage, store: MemoryStore) -> MemoryStore:
    """Siti has sent one photo."""
    made = Thread()
    made.add(content=Content(Kind.IMAGE, "", (media("satu.jpg", "image/jpeg", 1),)))
    store.messages.threads[SITI] = made.messages
    store.media.files["siti/satu.jpg"] = photo("#102030", "#405060", 300, 200)
    return store


def holder() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def press(qtbot: QtBot, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    qtbot.keyClick(holder(), key, held)


async def stays_inside(qtbot: QtBot, shown: QWidget) -> None:
    """Tab goes round in what is open, both ways."""
    first = holder()
    for key in (K.Key_Tab, K.Key_Backtab):
        for _ in range(40):
            press(qtbot, key)
            await quiet(1)
            assert holder().window() is shown
            if holder() is first:
                break
        assert holder() is first


async def test_the_viewer_is_opened_and_left_by_keys(open_thread: MainWindow, qtbot: QtBot) -> None:
    timeline = open_thread.inbox.thread_screen.timeline
    timeline.setFocus()
    press(qtbot, K.Key_Up)
    press(qtbot, K.Key_Return)
    await eventually(lambda: isinstance(QApplication.focusWidget(), Viewer))
    await stays_inside(qtbot, holder())
    press(qtbot, K.Key_Tab)  # from a button too
    press(qtbot, K.Key_Escape)
    await eventually(lambda: not open_thread.findChildren(Viewer))
    open_thread.activateWindow()  # as the system does
    await eventually(lambda: QApplication.focusWidget() is timeline)


async def test_the_bench_is_opened_and_left_by_keys(
    open_thread: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    path = tmp_path / "a.jpg"
    path.write_bytes(photo("#102030", "#405060", 300, 200))
    composer.add_files([str(path)])
    await eventually(lambda: composer.attachments.items())
    card = composer.attachments.card(composer.attachments.entries()[0])
    card.setFocus()
    for leave in (K.Key_Escape, K.Key_Return):
        press(qtbot, K.Key_Return)
        await eventually(lambda: isinstance(QApplication.activeWindow(), Bench))
        (bench,) = open_thread.findChildren(Bench)
        await stays_inside(qtbot, bench)
        if leave == K.Key_Return:
            press(qtbot, K.Key_Return)  # a rectangle
            press(qtbot, K.Key_Return)  # covers
            press(qtbot, K.Key_S, CONTROL)
        else:
            press(qtbot, leave)
        await eventually(lambda: not open_thread.findChildren(Bench))
        open_thread.activateWindow()  # as the system does
        await eventually(lambda: QApplication.focusWidget() is card)
    await eventually(lambda: composer.attachments.items())
    assert QApplication.focusWidget() is card


@pytest.mark.parametrize("leave", [K.Key_Escape, K.Key_Return])
@pytest.mark.parametrize("where", ["composer", "thread", "list"])
async def test_the_days_are_opened_and_left_by_keys(
    open_thread: MainWindow, qtbot: QtBot, where: str, leave: Qt.Key
) -> None:
    inbox = open_thread.inbox
    thread = inbox.thread_screen
    before = {
        "composer": thread.composer.editor,
        "thread": thread.timeline,
        "list": inbox.conversations.list,
    }[where]
    before.setFocus()
    press(qtbot, K.Key_G, CONTROL)
    await eventually(lambda: isinstance(QApplication.activePopupWidget(), CalendarPopup))
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, CalendarPopup)
    assert holder() is popup.grid
    await stays_inside(qtbot, popup)
    press(qtbot, K.Key_Up)
    press(qtbot, leave)
    await eventually(lambda: QApplication.activePopupWidget() is None)
    await eventually(lambda: QApplication.focusWidget() is before)
