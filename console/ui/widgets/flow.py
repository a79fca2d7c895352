"""A layout that sets its widgets in lines, like words."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QStyle


class FlowLayout(QLayout):
    """In reading direction, then the next line; `gap` px between items and lines."""

    def __init__(self, gap: int = 6) -> None:
        super().__init__()
        self._gap = gap
        self.setSpacing(gap)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        x, y, tall = rect.x(), rect.y(), 0
        line: list[tuple[QLayoutItem, QRect]] = []
        for item in self._items:
            widget = item.widget()
            if widget is not None and widget.isHidden():
                continue
            size = item.sizeHint()
            if line and x + size.width() > rect.right() + 1:
                self._place(line if place else [], rect, tall)
                line = []
                x, y, tall = rect.x(), y + tall + self._gap, 0
            wide = min(size.width(), rect.width())
            line.append((item, QRect(QPoint(x, y), QSize(wide, size.height()))))
            x += size.width() + self._gap
            tall = max(tall, size.height())
        self._place(line if place else [], rect, tall)
        return y + tall - rect.y()

    def _place(self, line: list[tuple[QLayoutItem, QRect]], rect: QRect, tall: int) -> None:
        """The items of one line, each in the middle of its height."""
        for item, spot in line:
            spot.translate(0, (tall - spot.height()) // 2)
            item.setGeometry(QStyle.visualRect(self._direction(), rect, spot))

    def _direction(self) -> Qt.LayoutDirection:
        parent = self.parentWidget()
        return parent.layoutDirection() if parent else Qt.LayoutDirection.LeftToRight

    # Qt

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size
