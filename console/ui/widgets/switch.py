"""A switch: on or off at once, painted from the tokens."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from console.ui.theme.theme import Theme

WIDE, TALL = 36, 20


class Switch(QAbstractButton):
    """`toggled` follows the mouse and the space bar. `name` is for screen readers."""

    def __init__(self, theme: Theme, name: str, *, on: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self.setCheckable(True)
        self.setChecked(on)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(WIDE) + 6, self._theme.px(TALL) + 6)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rect = QRectF(self.rect()).adjusted(3, 3, -3, -3)
            half = rect.height() / 2
            if self.hasFocus():
                painter.setPen(theme.color("accent"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(rect.adjusted(-2, -2, 2, 2), half + 2, half + 2)
            painter.setPen(Qt.PenStyle.NoPen)
            ground = "accent" if self.isChecked() else ("faint" if self.underMouse() else "scroll")
            painter.setOpacity(1.0 if self.isEnabled() else 0.45)
            painter.setBrush(theme.color(ground))
            painter.drawRoundedRect(rect, half, half)
            # in a language written from the right, on is to the left
            at_end = self.isChecked() is not self.isRightToLeft()
            x = rect.right() - 2 * half + 2 if at_end else rect.x() + 2
            painter.setBrush(theme.color("on_accent" if self.isChecked() else "surface"))
            painter.drawEllipse(QRectF(x, rect.y() + 2, 2 * half - 4, 2 * half - 4))
