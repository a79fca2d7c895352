"""What those who hear the window are told the moment it happens."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.delivery import Status
from console.ui import announcing
from console.ui.timeline.rows import MessageRow
from console.ui.widgets.banner import Banner
from console.ui.window import MainWindow
from tests.gallery.stage import Stage
from tests.ui.composing import begun, press, write
from tests.waiting import eventually


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that is announced."""
    heard: list[str] = []
    stand_in = SimpleNamespace(
        isActive=lambda: True, updateAccessibility=lambda event: heard.append(event.message())
    )
    monkeypatch.setattr(announcing, "QAccessible", stand_in)
    return heard


async def test_which_canned_reply_enter_would_take_is_said(
    stage: Stage, open_thread: MainWindow, said: list[str], qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "/")
    lines = composer.replies._popup.lines()
    assert said[-1] == f"Balasan cepat: {lines[0].title}, {lines[0].text}"
    press(qtbot, open_thread, Qt.Key.Key_Down)
    assert said[-1] == f"{lines[1].title}, {lines[1].text}"
    before = list(said)
    write(qtbot, open_thread, "zzz")
    assert said == before  # the list has gone


async def test_which_emoji_enter_would_take_is_said_and_once_only(
    open_thread: MainWindow, said: list[str], qtbot: QtBot
) -> None:
    picker = (await begun(open_thread)).emoji
    open_thread.inbox.thread_screen.composer.choose_emoji()
    await eventually(lambda: picker.grid.count() > 1000)
    qtbot.keyClick(picker.field, Qt.Key.Key_Down)
    qtbot.keyClick(picker.grid, Qt.Key.Key_Right)
    assert said == []  # the cell that has the keys is heard
    picker.field.setFocus()
    qtbot.keyClicks(picker.field, "terima kasih")
    assert said[-1] == picker.name.text()
    qtbot.keyClicks(picker.field, "zzz")
    assert said[-1] == picker.name.text() == "Tidak ada yang bernama begitu"


async def test_a_notice_of_the_composer_and_what_can_be_undone_are_said(
    stage: Stage, open_thread: MainWindow, said: list[str], qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    composer.say("Berkas ini terlalu besar.")
    assert said == ["Berkas ini terlalu besar."]
    write(qtbot, open_thread, "Baik")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(composer.undo_strip.isVisible)
    assert said[-1] == composer.undo_strip.accessibleName()
    assert composer.undo_strip.text.text() in said[-1]


async def test_a_reply_that_fails_is_said_once(open_thread: MainWindow, said: list[str]) -> None:
    view = open_thread.inbox.thread_screen.timeline
    rows = list(view.rows())
    place = max(i for i, r in enumerate(rows) if isinstance(r, MessageRow) and r.message.status)
    row = rows[place]
    assert isinstance(row, MessageRow)
    rows[place] = replace(row, message=replace(row.message, status=Status.FAILED, error_code=63024))
    view.show_rows(rows)
    (once,) = said
    assert "Gagal terkirim" in once
    view.show_rows(list(rows))
    assert said == [once]


async def test_a_strip_is_said_when_it_comes_and_when_it_says_something_else(
    stage: Stage, said: list[str], qtbot: QtBot
) -> None:
    banner = Banner(stage.theme)
    qtbot.addWidget(banner)
    for text in ("Luring", "Luring", "Keluar"):
        banner.show_state("wifi-off", text)
    assert said == ["Luring", "Keluar"]


async def test_how_many_are_chosen_is_said(window: MainWindow, said: list[str]) -> None:
    bar = window.inbox.conversations.chosen_bar
    for count in (0, 2, 2, 3):
        bar.show_count(count)
    assert said == ["2 dipilih", "3 dipilih"]
