"""Where Tab comes to in the inbox, and what each stop is called."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.domain.conversation import Filter
from console.ui.window import MainWindow
from tests.gallery.stage import Stage
from tests.ui.composing import begun
from tests.waiting import eventually


def spoken(widget: QWidget) -> tuple[QAccessible.Role, str, str]:
    """Its role, name and description."""
    found = QAccessible.queryAccessibleInterface(widget)
    return (
        found.role(),
        found.text(QAccessible.Text.Name),
        found.text(QAccessible.Text.Description),
    )


def walk(qtbot: QtBot, window: MainWindow, start: QWidget, steps: int) -> list[QWidget | None]:
    start.setFocus()
    stops: list[QWidget | None] = []
    for _ in range(steps):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        stops.append(window.focusWidget())
    return stops


async def test_tab_goes_down_the_list_as_it_stands(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.inbox.conversations
    views = panel.views
    shown = views.chips[Filter.MINE]
    wanted = [views.narrow, views.order, panel.search, shown, panel.list]
    assert walk(qtbot, window, window.rail.me, len(wanted)) == wanted


async def test_of_the_views_tab_comes_to_the_one_shown(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.inbox.conversations
    for filter in (Filter.ALL, Filter.UNASSIGNED):
        panel.choose_view(filter)
        chip = panel.views.chips[filter]
        assert walk(qtbot, window, panel.search, 2) == [chip, panel.list]
        assert spoken(chip)[0] is QAccessible.Role.RadioButton
    panel.choose_view(Filter.RESOLVED)
    assert walk(qtbot, window, panel.search, 2) == [panel.views.rest, panel.list]


async def test_tab_comes_to_the_bar_over_chosen_rows_between_search_and_rows(
    window: MainWindow, qtbot: QtBot
) -> None:
    panel = window.inbox.conversations
    panel.list.selectAll()
    await eventually(panel.chosen_bar.isVisible)
    buttons = panel.chosen_bar.buttons
    assert walk(qtbot, window, panel.search, len(buttons) + 1) == [*buttons, panel.list]


async def test_the_rail_tells_how_much_is_unread(stage: Stage, window: MainWindow) -> None:
    stage.set(language="en")
    window.rail.inbox.show_count(3)
    assert spoken(window.rail.inbox)[2] == "3 unread"
    window.rail.inbox.show_count(0)
    assert "3" not in spoken(window.rail.inbox)[2]


async def test_names_have_no_room_for_icons_and_rows_no_numbers(open_thread: MainWindow) -> None:
    composer = await begun(open_thread)
    assert spoken(composer.toolbar.send)[1] == "Kirim"
    assert spoken(composer.tabs.buttons[composer.mode])[0] is QAccessible.Role.RadioButton
    model = open_thread.inbox.conversations.model
    assert model.headerData(0, Qt.Orientation.Vertical) is None
