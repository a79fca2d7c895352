"""For every eye and every script: small and large text in small windows, right to left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from console.ui import words
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI, desk, row
from tests.gallery.stage import Stage, quiet
from tests.ui import access
from tests.waiting import eventually


async def shown(stage: Stage, store: MemoryStore, width: int, height: int) -> MainWindow:
    """A window of this size with Siti's thread open."""
    window = stage.window(store)
    stage.show(window, width, height)
    await eventually(lambda: window.inbox.conversations.model.is_loaded)
    window.open_conversation(SITI)
    await eventually(lambda: window.inbox.thread_screen.timeline.rows())
    await quiet()
    return window


@pytest.mark.parametrize("size", [(1280, 800), (900, 600)], ids=lambda size: f"{size[0]}")
@pytest.mark.parametrize("scale", [90, 150])
async def test_nothing_is_cut_whatever_the_text_and_the_window_measure(
    stage: Stage, scale: int, size: tuple[int, int]
) -> None:
    stage.set(language="id", scale=scale)
    window = await shown(stage, desk(), *size)
    assert (window.width(), window.height()) == size, "it wants more room than there is"
    assert access.cut(window) == []
    assert access.overlapping(window) == []


@pytest.mark.parametrize(
    ("count", "language", "said"),
    [(14, "en", "14 open"), (14, "id", "14"), (2345, "id", "2.345"), (123_456, "id", "123rb")],
)
async def test_in_large_text_the_count_loses_words_not_digits(
    stage: Stage, count: int, language: str, said: str
) -> None:
    stage.set(language=language, scale=150)
    views = (await shown(stage, desk(), 1280, 800)).inbox.conversations.views
    assert views._counters is not None
    views.show_counters(replace(views._counters, all=count))
    await quiet()
    assert views.total.wording == said
    assert views.total.toolTip() == ("" if language == "en" else views.total.text())
    assert access.cut(views.window()) == []


@pytest.fixture
def right_to_left() -> Iterator[None]:
    """The window as somebody who reads Arabic or Hebrew wants it."""
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


async def test_right_to_left_the_window_is_mirrored_and_nothing_overlaps(
    stage: Stage, right_to_left: None
) -> None:
    window = await shown(stage, desk(), 1360, 860)
    inbox = window.inbox
    assert window.rail.x() > inbox.conversations.x()
    assert inbox.conversations.mapTo(window, inbox.conversations.rect().center()).x() > (
        inbox.thread_screen.mapTo(window, inbox.thread_screen.rect().center()).x()
    )
    assert access.cut(window) == []
    assert access.overlapping(window) == []


async def test_a_number_is_not_turned_around(stage: Stage, right_to_left: None) -> None:
    entry = replace(row("x", "", "x"), address="whatsapp:+6281234567890")
    assert words.title(entry) == "\u2066+62 812-3456-7890\u2069"
