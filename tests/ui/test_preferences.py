"""The page of the preferences: what is set there holds at once, and keys never clash unawares."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.settings.registry import REGISTRY
from console.ui import keys
from console.ui.preferences import ENTER_SENDS, SHORTCUTS, TEXT_SCALE
from console.ui.screens.preferences.screen import KEYS, Screen
from console.ui.screens.preferences.shortcuts import Shortcuts
from console.ui.widgets.select import Select
from console.ui.widgets.switch import Switch
from console.ui.window import MainWindow
from tests.gallery.samples import SITI
from tests.ui.composing import CONTROL
from tests.waiting import eventually


@pytest.fixture
def screen(window: MainWindow) -> Screen:
    window.show_settings()
    made = window.pages.screen_of("preferences")
    assert isinstance(made, Screen)
    return made


def shortcuts(screen: Screen) -> Shortcuts:
    screen.sections.show_section(KEYS)
    return screen._shortcuts[0]


async def test_every_setting_with_words_has_its_row(screen: Screen) -> None:
    for setting in REGISTRY.values():
        if setting.title:
            screen.sections.show_section(setting.section)
            assert screen.rows[setting.key]
            assert screen.rows[setting.key][0].control.accessibleName()


async def test_quiet_hours_are_written_as_the_language_writes_a_clock(screen: Screen) -> None:
    screen.sections.show_section("alerts")
    for key in ("quiet_from", "quiet_until"):
        select = screen.rows[key][0].control
        assert isinstance(select, Select)
        assert not any(":" in line.words for line in select._lines)


async def test_the_keys_go_on_from_the_section_that_is_shown(screen: Screen) -> None:
    screen.sections.focus_name()
    screen.sections.show_section(KEYS)
    assert screen.sections._buttons[KEYS].hasFocus()


async def test_a_change_holds_at_once(
    screen: Screen, open_thread: MainWindow, qtbot: QtBot
) -> None:
    open_thread.show_settings()
    screen.sections.show_section("writing")
    switch = screen.rows[ENTER_SENDS][0].control
    assert isinstance(switch, Switch)
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert open_thread._chosen.flag(ENTER_SENDS, True) is False
    assert open_thread.inbox.thread_screen.composer.editor.enter_sends is False


async def test_what_is_changed_elsewhere_is_shown(screen: Screen, window: MainWindow) -> None:
    select = screen.rows[TEXT_SCALE][0].control
    assert isinstance(select, Select)
    window.step_scale(1)
    assert select.words == "110%"
    assert window._theme.scale == 110


async def test_another_language_turns_the_whole_page(screen: Screen, window: MainWindow) -> None:
    select = screen.rows["language"][0].control
    assert isinstance(select, Select)
    select._take("en")
    await eventually(lambda: window.pages.screen_of("preferences") is not screen)
    made = window.pages.screen_of("preferences")
    assert isinstance(made, Screen)
    assert made.sections.title.text() == "Preferences"


async def test_the_search_finds_settings_and_shortcuts(screen: Screen, window: MainWindow) -> None:
    window._language.choose("en")
    made = window.pages.screen_of("preferences")
    assert isinstance(made, Screen)
    made.search.setText("undo")
    assert len(made.rows["undo_seconds"]) == 1
    made.search.setText("ctrl+g")
    assert set(made._shortcuts[-1].rows) == {"date"}
    made.search.setText("")
    assert made.sections.stack.currentWidget() is made.sections._made["appearance"]


async def test_typed_keys_become_the_shortcut(
    screen: Screen, window: MainWindow, qtbot: QtBot
) -> None:
    row = shortcuts(screen).rows["find"]
    qtbot.mouseClick(row.buttons[0], Qt.MouseButton.LeftButton)
    qtbot.keyClick(
        row.buttons[0],
        Qt.Key.Key_J,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert window.actions_made["find"].shortcut().toString() == "Ctrl+Shift+J"
    again = shortcuts(screen).rows["find"].again
    assert again is not None
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert window.actions_made["find"].shortcut().toString() == "Ctrl+F"
    assert window._chosen.text(SHORTCUTS) == ""


async def test_keys_of_the_text_can_be_changed_too_and_typing_stays_typing(
    screen: Screen, open_thread: MainWindow, qtbot: QtBot
) -> None:
    open_thread.show_settings()
    rows = shortcuts(screen).rows
    bold = rows["bold"].buttons[0]
    qtbot.mouseClick(bold, Qt.MouseButton.LeftButton)
    qtbot.keyClick(bold, Qt.Key.Key_B)
    assert open_thread._chosen.text(SHORTCUTS) == ""
    qtbot.keyClick(bold, Qt.Key.Key_J, CONTROL)
    rows = shortcuts(screen).rows
    rows["undo_send"].buttons[0].taken.emit("Alt+Z")
    assert not rows["back"].buttons[0].isEnabled()
    open_thread.show_inbox()
    open_thread.open_conversation(SITI)
    composer = open_thread.inbox.thread_screen.composer
    await eventually(composer.editor.isVisible)
    for key in (Qt.Key.Key_B, Qt.Key.Key_J):
        qtbot.keyClick(composer.editor, key, CONTROL)
        qtbot.keyClicks(composer.editor, "x")
    assert composer.editor.text() == "x*x*"
    assert "Alt+Z" in composer.undo_strip.undo.text()


async def test_tooltips_name_the_keys_that_hold(screen: Screen, window: MainWindow) -> None:
    made = window.rail.inbox.toolTip()
    shortcuts(screen).rows["inbox"].buttons[0].taken.emit("Ctrl+9")
    assert window.rail.inbox.toolTip() == made.replace("Ctrl+1", "Ctrl+9")
    assert window.rail.inbox.accessibleName() == window.rail.inbox.toolTip()
    screen._shortcuts[0].all_again.click()
    assert window.rail.inbox.toolTip() == made


async def test_keys_that_another_action_has_are_asked_about(
    screen: Screen, window: MainWindow, qtbot: QtBot
) -> None:
    row = shortcuts(screen).rows["find"]
    row.buttons[0].taken.emit("Ctrl+G")
    assert window.actions_made["find"].shortcut().toString() == "Ctrl+F"
    assert row.take is not None
    qtbot.mouseClick(row.take, Qt.MouseButton.LeftButton)
    assert window.actions_made["find"].shortcut().toString() == "Ctrl+G"
    assert window.actions_made["date"].shortcuts() == []


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"find": 3}', '{"find": [1]}'])
def test_a_setting_that_cannot_be_read_changes_nothing(text: str) -> None:
    found: Mapping[str, tuple[str, ...]] = keys.kept(text)
    assert all(isinstance(key, str) for given in found.values() for key in given)
