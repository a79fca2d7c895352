"""The thread as a list that a screen reader walks: one item for each message and event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from weakref import ref

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAbstractScrollArea, QAccessibleWidget

from console.ui.timeline.accessible import sentence
from console.ui.timeline.rows import EventRow, MessageRow, Row
from console.ui.widgets.spoken import Part, tell

if TYPE_CHECKING:
    from console.ui.timeline.surface import Surface


class Heard:
    """The view's rows as items: made when they are asked for, and mostly nobody asks."""

    def __init__(self, view: Surface) -> None:
        self._view = ref(view)  # which holds this
        self._rows: list[Row] = []  # those that are told; what stands between them goes with them
        self._items: dict[str, Part] = {}  # by the rows' keys
        self._is_heard = False
        _install()
        view.destroyed.connect(self._end)

    def follow(self) -> None:
        """The view shows other rows: whoever heard of those before hears what changed."""
        if not self._is_heard:
            return
        before, self._rows = {row.key for row in self._rows}, self._wanted()
        now = {row.key for row in self._rows}
        for key in [key for key in self._items if key not in now]:
            item = self._items.pop(key)
            tell(item, QAccessible.Event.ObjectDestroyed)
            item.end()
        for row in self._rows:
            item = self.item(row)
            if row.key not in before:
                tell(item, QAccessible.Event.ObjectCreated)
            elif item.what != row:
                item.what = row
                tell(item, QAccessible.Event.NameChanged)

    def stand_on(self, key: str | None) -> None:
        """The keys came to this row."""
        if QAccessible.isActive():
            row = next((row for row in self.rows() if row.key == key), None)
            if row is not None:
                tell(self.item(row), QAccessible.Event.Focus)

    def rows(self) -> Sequence[Row]:
        if not self._is_heard:
            self._is_heard = True
            self._rows = self._wanted()
        return self._rows

    def item(self, row: Row) -> Part:
        found = self._items.get(row.key)
        if found is None:
            found = self._items[row.key] = Part(self, row, QAccessible.Role.ListItem)
        return found

    def place(self, item: Part) -> int:
        return next((i for i, row in enumerate(self.rows()) if row.key == item.what.key), -1)

    def at(self, x: int, y: int) -> Part | None:
        """The item at a point of the screen."""
        return next((self.item(r) for r in self.rows() if self.rect(r).contains(x, y)), None)

    def current(self) -> Part | None:
        """The item that the keys stand on, while they are in the view."""
        view = self._view()
        if view is None or not view.hasFocus():
            return None
        key = view.current_key()
        return next((self.item(row) for row in self.rows() if row.key == key), None)

    def words(self, row: Row) -> str:
        view = self._view()
        place = view.place_of(row.key) if view is not None else None
        return sentence(view.rows(), place) if view is not None and place is not None else ""

    def rect(self, row: Row) -> QRect:
        view = self._view()
        return view.row_rect(row.key) if view is not None else QRect()

    def state(self, row: Row) -> QAccessible.State:
        made, view = QAccessible.State(), self._view()
        if view is None:
            made.invalid = True
            return made
        ground = QRect(view.mapToGlobal(view.rect().topLeft()), view.size())
        made.focusable = True
        made.focused = view.hasFocus() and view.current_key() == row.key
        made.offscreen = not self.rect(row).intersects(ground)
        made.invisible = not view.isVisible()
        return made

    def interface(self) -> QAccessibleInterface | None:
        view = self._view()
        return QAccessible.queryAccessibleInterface(view) if view is not None else None

    def _wanted(self) -> list[Row]:
        view = self._view()
        rows = view.rows() if view is not None else ()
        return [row for row in rows if isinstance(row, MessageRow | EventRow)]

    def _end(self) -> None:
        for item in self._items.values():
            item.end()
        self._items.clear()


class List(QAccessibleWidget):
    """The view itself. Qt asks for it more than once, and forgets those before."""

    def __init__(self, view: QAbstractScrollArea, heard: Heard) -> None:
        super().__init__(view, QAccessible.Role.List)
        self._heard = heard
        self._ground = ref(view.viewport())

    def childCount(self) -> int:
        return len(self._heard.rows()) + 1  # the viewport: on it stands what leads to the end

    def child(self, place: int) -> Any:
        rows = self._heard.rows()
        if 0 <= place < len(rows):
            return self._heard.item(rows[place])
        ground = self._ground() if place == len(rows) else None
        return QAccessible.queryAccessibleInterface(ground) if ground is not None else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        if isinstance(child, Part):
            return self._heard.place(child)
        return len(self._heard.rows()) if child.object() is self._ground() else -1

    def childAt(self, x: int, y: int) -> Any:
        return self._heard.at(x, y)

    def focusChild(self) -> Any:
        return self._heard.current()


def _made(key: str, thing: QObject) -> QAccessibleInterface | None:
    heard = getattr(thing, "heard", None) if key == "Surface" else None
    if not isinstance(heard, Heard) or not isinstance(thing, QAbstractScrollArea):
        return None
    return List(thing, heard)


def _install(done: list[Callable[..., object]] = []) -> None:  # noqa: B006 - once for all
    if not done:
        done.append(_made)
        QAccessible.installFactory(_made)
