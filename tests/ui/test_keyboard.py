"""Everything without a mouse: Tab comes by every control of every page, and goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from console.ui.pages import INBOX, pages
from console.ui.widgets.pill import JumpPill
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.stage import Stage, grab, quiet
from tests.ui import access
from tests.waiting import eventually

MOST = 300  # controls on one page
# What a key of its own does, as its tooltip says.
BY_KEY = (JumpPill,)


def walked(window: MainWindow, qtbot: QtBot, *, back: bool = False) -> list[QWidget]:
    """Where the focus goes by Tab until it is where it began; fails where it stays for ever."""
    seen: list[QWidget] = []
    for _ in range(MOST):
        now = QApplication.focusWidget()
        assert now is not None, f"after {access.told(seen[-1]) if seen else 'nothing'}"
        if seen and now is seen[0]:
            return seen
        assert now not in seen, f"Tab goes in circles at {access.told(now)}"
        seen.append(now)
        assert back or shows_it(now), f"nobody sees that {access.told(now)} has the keyboard"
        qtbot.keyClick(now, Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab)
    raise AssertionError(f"Tab never comes back to {access.told(seen[0])}")


def one_of(control: QWidget) -> list[QAbstractButton]:
    """Buttons of which one is chosen: Tab comes to that one, the arrow keys to the others."""
    if not isinstance(control, QAbstractButton):
        return []
    if control.group() is not None:
        return control.group().buttons() if control.group().exclusive() else []
    if not control.autoExclusive():
        return []
    parent = control.parentWidget()
    found = parent.findChildren(QAbstractButton) if parent is not None else []
    return [button for button in found if button.autoExclusive()]


def passed_over(window: MainWindow, seen: list[QWidget]) -> list[str]:
    """Controls that Tab never came to, nor the arrow keys in their group."""
    reached = {holder for widget in seen for holder in (widget, widget.focusProxy())}
    missed = []
    for control in access.inside(window):
        if not access.is_control(control) or not control.isEnabled() or control in reached:
            continue
        if isinstance(control, BY_KEY) or isinstance(control.parentWidget(), QLineEdit):
            continue
        if not reached.intersection(one_of(control)):
            missed.append(
                f"{access.told(control)}: {control.accessibleName() or control.toolTip()}"
            )
    return missed


def shows_it(control: QWidget) -> bool:
    """Whether a control that Tab has just come to looks different from one that it has not."""
    around = control.parentWidget() or control
    focused = grab(around)
    control.clearFocus()
    plain = grab(around)
    control.setFocus(Qt.FocusReason.TabFocusReason)
    return focused != plain


@pytest.mark.parametrize("page", [INBOX, *(page.name for page in pages())])
async def test_tab_comes_by_every_control_and_goes_on(
    open_thread: MainWindow, qtbot: QtBot, page: str
) -> None:
    window = open_thread
    window.go(page)
    await quiet()
    window.rail.inbox.setFocus()
    there = walked(window, qtbot)
    assert passed_over(window, there) == []
    window.rail.inbox.setFocus()
    back = walked(window, qtbot, back=True)
    assert set(back) == set(there)


async def slow_start(
    stage: Stage, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> tuple[MainWindow, asyncio.Event]:
    """A window with the keys in its list, whose rows come when the event is set."""
    come, part = asyncio.Event(), store.conversations.part

    async def late(*asked: Any) -> object:
        await come.wait()
        return await part(*asked)

    monkeypatch.setattr(store.conversations, "part", late)
    made = stage.window(store)
    stage.show(made, 1200, 700)
    made.activateWindow()
    await eventually(lambda: QApplication.focusWidget() is made.inbox.conversations.list)
    return made, come


@pytest.mark.parametrize("by", ["list", "search", "shortcut"])
async def test_arrow_keys_pressed_before_the_first_rows_walk_once_these_are_there(
    stage: Stage, store: MemoryStore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    made, come = await slow_start(stage, store, monkeypatch)
    panel = made.inbox.conversations
    if by == "shortcut":
        panel.walk(1)
    elif by == "search":
        panel.search.setFocus()
        qtbot.keyClick(panel.search, Qt.Key.Key_Down)
        assert QApplication.focusWidget() is panel.list
    else:
        qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert panel.list.is_waiting
    come.set()
    await eventually(lambda: made.inbox.has_reading and made.inbox.thread_screen.row)
    assert panel.list.currentIndex().row() == 1
    assert made.inbox.thread_screen.row == panel.model.rows[1]


async def test_keys_pressed_before_the_first_rows_count_no_more_where_one_turned_to_other_things(
    stage: Stage, store: MemoryStore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, come = await slow_start(stage, store, monkeypatch)
    panel = made.inbox.conversations
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    panel.search.setFocus()
    come.set()
    await eventually(lambda: panel.model.is_loaded)
    assert not panel.list.selectionModel().hasSelection()
    assert QApplication.focusWidget() is panel.search
