"""Painted widgets for those who hear them: what each is, and what is painted in it as parts.

A widget says so before all else in its making: Qt asks once, as soon as it has anything to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, Protocol, cast
from weakref import ref

from PySide6.QtCore import QObject, QPoint, QRect, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

# Qt knows the parts by an id and deletes them itself. Until it did, Python must not.
KEPT: Final[dict[int, QAccessibleInterface]] = {}


class Whole(Protocol):
    """What a part is asked through: it knows the widget, and whether that is there still."""

    def interface(self) -> QAccessibleInterface | None: ...

    def words(self, what: Any) -> str: ...

    def rect(self, what: Any) -> QRect: ...

    def state(self, what: Any) -> QAccessible.State: ...


class Part(QAccessibleInterface):
    """One thing painted in a widget: a row, a day, an emoji."""

    def __init__(self, whole: Whole, what: Any, role: QAccessible.Role) -> None:
        super().__init__()
        self.what = what
        self._whole: Whole | None = whole
        self._role = role
        self._id = QAccessible.registerAccessibleInterface(self)
        KEPT[self._id] = self

    def end(self) -> None:
        """It is painted no more."""
        self._whole = None
        QAccessible.deleteAccessibleInterface(self._id)
        KEPT.pop(self._id, None)

    # Qt

    def isValid(self) -> bool:
        return self._whole is not None

    def object(self) -> Any:  # none: it is painted
        return None

    def parent(self) -> Any:
        return self._whole.interface() if self._whole is not None else None

    def window(self) -> Any:
        above = self.parent()
        return above.window() if above is not None else None

    def child(self, place: int) -> Any:
        return None

    def childCount(self) -> int:
        return 0

    def childAt(self, x: int, y: int) -> Any:
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def rect(self) -> QRect:
        return self._whole.rect(self.what) if self._whole is not None else QRect()

    def role(self) -> QAccessible.Role:
        return self._role

    def state(self) -> QAccessible.State:
        return self._whole.state(self.what) if self._whole is not None else QAccessible.State()

    def text(self, kind: QAccessible.Text) -> str:
        is_name = kind is QAccessible.Text.Name and self._whole is not None
        return self._whole.words(self.what) if self._whole is not None and is_name else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Nobody but the models changes what it says."""


class Celled(Protocol):
    """A widget that paints cells, in which the keys walk."""

    def cells(self) -> Sequence[Hashable]:
        """What stands in them, in order of reading; no two the same."""
        ...

    def current_cell(self) -> Hashable | None: ...

    def cell_words(self, what: Any) -> str: ...

    def cell_rect(self, what: Any) -> QRect:
        """Within the widget."""
        ...

    def can_take(self, what: Any) -> bool: ...


class Cells:
    """A widget's cells: made when they are asked for, and mostly nobody asks."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = ref(widget)  # which holds this
        self._parts: dict[Hashable, Part] = {}
        widget.destroyed.connect(self._end)

    def forget(self) -> None:
        """Others are painted: those of before end."""
        self._drop(list(self._parts))

    def follow(self) -> None:
        """The keys walked, or came: those that have gone end, and where the keys are is told.

        Later, after Qt has told of the widget itself, or that is what would be heard last.
        """
        if not QAccessible.isActive() and not self._parts:
            return
        widget, grid = self._widget(), self._grid()
        if widget is None or grid is None:
            return
        here = set(grid.cells())
        self._drop([what for what in self._parts if what not in here])
        QTimer.singleShot(0, widget, self._stand)

    def _drop(self, gone: Sequence[Hashable]) -> None:
        for what in gone:
            part = self._parts.pop(what)
            tell(part, QAccessible.Event.ObjectDestroyed)
            part.end()

    def _end(self) -> None:
        for part in self._parts.values():
            part.end()
        self._parts.clear()

    def _stand(self) -> None:
        current = self.current()
        if current is not None:
            tell(current, QAccessible.Event.Focus)

    def all(self) -> Sequence[Hashable]:
        grid = self._grid()
        return grid.cells() if grid is not None else ()

    def part(self, what: Hashable) -> Part:
        found = self._parts.get(what)
        if found is None:
            found = self._parts[what] = Part(self, what, QAccessible.Role.Cell)
        return found

    def at(self, x: int, y: int) -> Part | None:
        """The cell at a point of the screen."""
        found = (what for what in self.all() if self.rect(what).contains(x, y))
        return next((self.part(what) for what in found), None)

    def current(self) -> Part | None:
        """The cell that the keys are on, while they are in the widget."""
        widget, grid = self._widget(), self._grid()
        what = grid.current_cell() if grid is not None else None
        if widget is None or what is None or not widget.hasFocus():
            return None
        return self.part(what)

    # What a part asks

    def interface(self) -> QAccessibleInterface | None:
        widget = self._widget()
        return QAccessible.queryAccessibleInterface(widget) if widget is not None else None

    def words(self, what: Any) -> str:
        grid = self._grid()
        return grid.cell_words(what) if grid is not None else ""

    def rect(self, what: Any) -> QRect:
        widget, grid = self._widget(), self._grid()
        if widget is None or grid is None:
            return QRect()
        place = grid.cell_rect(what)
        return QRect(widget.mapToGlobal(place.topLeft()), place.size())

    def state(self, what: Any) -> QAccessible.State:
        made, widget, grid = QAccessible.State(), self._widget(), self._grid()
        if widget is None or grid is None:
            made.invalid = True
            return made
        ground = QRect(widget.mapToGlobal(QPoint()), widget.size())
        made.focusable = made.selectable = True
        made.selected = what == grid.current_cell()
        made.focused = made.selected and widget.hasFocus()
        made.disabled = not grid.can_take(what)
        made.offscreen = not self.rect(what).intersects(ground)
        made.invisible = not widget.isVisible()
        return made

    def _grid(self) -> Celled | None:
        return cast("Celled | None", self._widget())


class _Table(QAccessibleWidget):
    """The widget itself. Qt asks for it more than once, and forgets those before."""

    def __init__(self, widget: QWidget, cells: Cells) -> None:
        super().__init__(widget, QAccessible.Role.Table)
        self._cells = cells

    def childCount(self) -> int:
        return len(self._cells.all())

    def child(self, place: int) -> Any:
        all = self._cells.all()
        return self._cells.part(all[place]) if 0 <= place < len(all) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        all = self._cells.all()
        return all.index(child.what) if isinstance(child, Part) and child.what in all else -1

    def childAt(self, x: int, y: int) -> Any:
        return self._cells.at(x, y)

    def focusChild(self) -> Any:
        return self._cells.current()


def speak_as(widget: QWidget, role: QAccessible.Role) -> None:
    """Say what it is, where Qt takes it for a mere surface."""
    widget.spoken = role  # type: ignore[attr-defined]
    _install()


def speak_cells(widget: QWidget) -> Cells:
    """Say that it is a table, and have it walked cell by cell; the widget is Celled."""
    made = widget.spoken = Cells(widget)  # type: ignore[attr-defined]
    _install()
    return made


def tell(part: QAccessibleInterface, what: QAccessible.Event) -> None:
    QAccessible.updateAccessibility(QAccessibleEvent(part, what))


def _made(key: str, thing: QObject) -> QAccessibleInterface | None:
    spoken = getattr(thing, "spoken", None)
    if spoken is None or key != type(thing).__name__ or not isinstance(thing, QWidget):
        return None
    if isinstance(spoken, Cells):
        return _Table(thing, spoken)
    return QAccessibleWidget(thing, spoken)


def _install(done: list[Callable[..., object]] = []) -> None:  # noqa: B006 - once for all
    if not done:
        done.append(_made)
        QAccessible.installFactory(_made)
