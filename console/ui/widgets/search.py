"""A search field with its icon and the shortcut that reaches it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.painting import pill_width

NEAR = -7  # px: the words begin near the icon, not a button's width from it


class SearchField(QLineEdit):
    """Escape clears it, Down leaves it for the results. Without `keys` Escape is the strip's."""

    left_downwards = Signal()

    def __init__(
        self, theme: Theme, hint: str, keys: str = "/", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._keys = keys
        self.setProperty("kind", "search")
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self._action = self.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self._action.setText(hint)  # what its button is called
        theme.changed.connect(self._refresh)
        self._make_room()
        self._refresh()

    def _make_room(self) -> None:
        room = 34 if self._keys else 0  # the keys stand there
        turned = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        self.setTextMargins(room if turned else NEAR, 0, NEAR if turned else room, 0)

    def _refresh(self) -> None:
        self._action.setIcon(self._theme.qicon("search", "faint", 16))

    # Qt

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._make_room()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text() and self._keys:
            self.clear()
            self.textEdited.emit("")
        elif event.key() == Qt.Key.Key_Down:
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.text() or self.hasFocus() or not self._keys:
            return
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            width = pill_width(theme, self._keys, Role.STAMP, 7)
            height = theme.px(19)
            rect = self.rect().toRectF()
            x = rect.right() - width - 10
            if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
                x = rect.left() + 10
            rect.setRect(x, (rect.height() - height) / 2, width, height)
            painter.setPen(theme.color("line"))
            painter.setBrush(theme.color("surface"))
            painter.drawRoundedRect(rect, 4, 4)
            painter.setPen(theme.color("faint"))
            painter.setFont(theme.font(Role.STAMP))
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), self._keys)
