"""What is painted, as a screen reader finds it: tables of cells, charts, pictures, dialogs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.ui.composer.emoji import Emoji
from console.ui.composer.emoji_grid import COLUMNS, Grid
from console.ui.widgets import spoken
from console.ui.widgets.calendar import MonthGrid
from console.ui.widgets.chart import Chart
from tests.gallery.book import SCENES
from tests.gallery.stage import Stage
from tests.waiting import eventually

Role, Name = QAccessible.Role, QAccessible.Text.Name
Events = list[tuple[str, str]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Events]:
    """Somebody listens: what they were told of, and its name then."""
    told: Events = []

    def tell(part: QAccessibleInterface, what: QAccessible.Event) -> None:
        told.append((what.name, part.text(Name)))

    monkeypatch.setattr(spoken, "tell", tell)
    QAccessible.setActive(True)
    yield told
    QAccessible.setActive(False)


def month(stage: Stage) -> MonthGrid:
    stage.set(language="en")
    made = MonthGrid(stage.theme, date(2025, 11, 17), date(2025, 11, 3), date(2025, 12, 5))
    stage.show(made, *made.sizeHint().toTuple())
    made.activateWindow()
    return made


def emoji(stage: Stage) -> Grid:
    stage.set(language="en")
    made = Grid(stage.theme)
    stage.show(made, 360, 120)
    made.activateWindow()
    made.show_pages(
        [("recent", faces("a", 3)), ("symbols", faces("b", 40))],
    )
    return made


def faces(letter: str, count: int) -> list[Emoji]:
    return [Emoji("🙂", f"{letter}{place}", "", "", "") for place in range(count)]


def cell(widget: QWidget, place: int) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(widget).child(place)


async def test_a_month_is_a_table_of_its_days(stage: Stage) -> None:
    grid = month(stage)
    whole = QAccessible.queryAccessibleInterface(grid)
    assert (whole.role(), whole.text(Name)) == (Role.Table, "November 2025")
    assert whole.childCount() == 42
    assert whole.child(42) is None
    days = [whole.child(place) for place in range(42)]
    assert {day.role() for day in days} == {Role.Cell}
    chosen = [day for day in days if day.state().selected]
    assert [day.text(Name) for day in chosen] == ["Monday, 17 November 2025"]
    assert chosen[0].parent().object() is grid
    assert whole.indexOfChild(chosen[0]) == days.index(chosen[0])
    middle = chosen[0].rect().center()
    assert grid._day_at(grid.mapFromGlobal(middle).toPointF()) == date(2025, 11, 17)
    assert whole.childAt(*middle.toTuple()) == chosen[0]
    assert next(day.text(Name) for day in days if not day.state().disabled) == (
        "Monday, 3 November 2025"
    )


async def test_the_keys_are_heard_in_a_month(stage: Stage, heard: Events, qtbot: QtBot) -> None:
    grid = month(stage)
    grid.setFocus()
    await eventually(lambda: ("Focus", "Monday, 17 November 2025") in heard)
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    await eventually(lambda: heard[-1] == ("Focus", "Sunday, 16 November 2025"))
    found = QAccessible.queryAccessibleInterface(grid).focusChild()
    assert found.text(Name) == "Sunday, 16 November 2025"
    assert found.state().focused
    first = cell(grid, 0)
    qtbot.keyClick(grid, Qt.Key.Key_PageDown)
    await eventually(lambda: heard[-1][0] == "Focus" and "December" in heard[-1][1])
    assert ("ObjectDestroyed", "Monday, 27 October 2025") in heard
    assert not first.isValid()


async def test_emoji_are_a_table_of_their_names(stage: Stage) -> None:
    grid = emoji(stage)
    whole = QAccessible.queryAccessibleInterface(grid)
    assert (whole.role(), whole.text(Name), whole.childCount()) == (Role.Table, "Emoji", 43)
    first, below, last = (whole.child(place) for place in (0, 3, 42))
    assert [part.text(Name) for part in (first, below, last)] == ["A0", "B0", "B39"]
    assert first.rect().left() == below.rect().left()
    assert first.rect().bottom() < below.rect().top()
    assert (first.state().selected, below.state().selected) == (True, False)
    assert (first.state().offscreen, last.state().offscreen) == (False, True)
    spot = grid.viewport().mapFromGlobal(below.rect().center())
    assert grid._at(spot) == 3
    assert whole.childAt(*below.rect().center().toTuple()) == below


async def test_the_keys_are_heard_among_emoji(stage: Stage, heard: Events, qtbot: QtBot) -> None:
    grid = emoji(stage)
    grid.setFocus()
    await eventually(lambda: heard and heard[-1] == ("Focus", "A0"))
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    await eventually(lambda: heard[-1] == ("Focus", "B0"))
    qtbot.keyClick(grid, Qt.Key.Key_End)
    await eventually(lambda: heard[-1] == ("Focus", f"B{COLUMNS - 1}"))
    before = cell(grid, 3)
    grid.show_pages([("", faces("c", 2))])
    assert not before.isValid()
    await eventually(lambda: heard[-1] == ("Focus", "C0"))


@pytest.mark.parametrize("made", [month, emoji])
async def test_cells_are_made_for_those_who_ask_and_end_with_their_table(
    stage: Stage, made: object
) -> None:
    before = len(spoken.KEPT)
    grid = made(stage)  # type: ignore[operator]
    assert len(spoken.KEPT) == before
    assert cell(grid, 1).text(Name)
    assert len(spoken.KEPT) > before
    stage._shown.remove(grid)
    grid.deleteLater()
    QApplication.sendPostedEvents(grid, QEvent.Type.DeferredDelete)
    assert len(spoken.KEPT) == before


@pytest.mark.parametrize(
    ("scene", "roles"),
    [
        ("viewer", (Role.Dialog, Role.Graphic)),
        ("composer-bench", (Role.Dialog, Role.Graphic)),
        ("calendar", (Role.Dialog, Role.Table)),
    ],
)
async def test_what_a_window_and_what_it_shows_are(
    stage: Stage, heard: Events, scene: str, roles: tuple[QAccessible.Role, QAccessible.Role]
) -> None:
    shown = await SCENES[scene](stage)
    inside = shown.grid if scene == "calendar" else shown.canvas  # type: ignore[attr-defined]
    both = [QAccessible.queryAccessibleInterface(each) for each in (shown, inside)]
    assert tuple(each.role() for each in both) == roles
    assert all(each.text(Name) for each in both)
    assert both[1].rect().contains(inside.mapToGlobal(QPoint(5, 5)))


async def test_a_chart_is_one(stage: Stage, heard: Events) -> None:
    shown = await SCENES["reports"](stage)
    charts = shown.findChildren(Chart)
    found = [QAccessible.queryAccessibleInterface(chart) for chart in charts]
    assert found
    assert {each.role() for each in found} == {Role.Chart}
