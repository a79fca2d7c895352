"""States of the window: a stage, a desk in the middle of a morning, an open conversation."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import pytest
import pytest_asyncio
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI, desk
from tests.gallery.stage import Stage, dressed
from tests.qt_loop import PatientLoop
from tests.waiting import eventually


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Window tests run on Qt's loop, as the program does."""
    return {"qt": PatientLoop}


@pytest.fixture(autouse=True, scope="package")
def in_jakarta() -> Iterator[None]:
    """The agent's clock is seven hours ahead of the server's."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Asia/Jakarta"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.fixture(autouse=True)
def in_indonesian(qapp: QApplication) -> None:
    """What is asked of the words alone does not depend on which test came before."""
    dressed(qapp)[1].choose("id")


@pytest_asyncio.fixture
async def stage(qtbot: QtBot) -> AsyncIterator[Stage]:
    """A dressed application; whatever a test shows is gone after it."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    made = Stage(application)
    yield made
    await made.clear()


@pytest.fixture
def store() -> MemoryStore:
    """A desk with a dozen conversations."""
    return desk()


@pytest_asyncio.fixture
async def window(stage: Stage, store: MemoryStore) -> MainWindow:
    """The main window, in front, its list read."""
    made = stage.window(store)
    stage.show(made, 1360, 860)
    made.activateWindow()
    await eventually(lambda: made.inbox.conversations.model.is_loaded)
    return made


@pytest_asyncio.fixture
async def open_thread(window: MainWindow) -> MainWindow:
    """Siti's conversation is open and its draft is loaded."""
    window.open_conversation(SITI)
    await eventually(lambda: window.inbox.thread_screen.timeline.rows())
    await eventually(lambda: window.inbox.thread_screen.composer.is_ready)
    window.inbox.thread_screen.composer.editor.setFocus()
    return window


@pytest.fixture
def click(qtbot: QtBot) -> Callable[[MainWindow, float, float], None]:
    """Click into the thread at a point of its viewport."""

    def at(window: MainWindow, x: float, y: float) -> None:
        viewport = window.inbox.thread_screen.timeline.viewport()
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))

    return at
