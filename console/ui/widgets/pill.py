"""The pill over an edge: what is new beyond it, and the way there."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QCursor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.painting import pill_width


class JumpPill(QAbstractButton):
    """Floats in `parent`, over its lower edge or, if `upwards`, its upper one.

    Only an arrow while nothing is new.
    """

    def __init__(self, theme: Theme, parent: QWidget, *, upwards: bool = False) -> None:
        super().__init__(parent)
        self._upwards = upwards
        self._theme = theme
        self._parent = parent
        self._words = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolTip(
            translate("inbox", "To the newest above")
            if upwards
            else translate("timeline", "To the newest message (End)")
        )
        theme.changed.connect(self.place)
        self.hide()

    def show_count(self, count: int) -> None:
        self._words = translate("timeline", "%n new", "", count) if count else ""
        self.setAccessibleName(self._words or self.toolTip())
        self.place()
        self.show()
        self.raise_()

    def place(self) -> None:
        parent = self._parent
        self.resize(self.sizeHint())
        if self._words:
            x = (parent.width() - self.width()) // 2
        else:
            x = parent.width() - self.width() - 22
        if self._upwards:
            self.move(self._beside_the_mouse(x), 8)
        else:
            self.move(x, parent.height() - self.height() - 14)
        self.update()

    def _beside_the_mouse(self, x: int) -> int:
        """`x`, unless one is about to click on what is there."""
        at = self._parent.mapFromGlobal(QCursor.pos())
        if self.isVisible() or not QRect(x, 0, self.width(), self.height() + 16).contains(at):
            return self.x() if self.isVisible() else x
        return self._parent.width() - self.width() - 12 if at.x() < x + self.width() // 2 else 12

    # Qt

    def sizeHint(self) -> QSize:
        tall = self._theme.px(32)
        if not self._words:
            return QSize(tall, tall)
        return QSize(round(pill_width(self._theme, self._words, Role.SMALL_STRONG, 14)) + 20, tall)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            loud = bool(self._words)
            painter.setPen(theme.color("accent" if loud else "line"))
            painter.setBrush(theme.color("accent" if loud else "surface"))
            painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
            ink = "on_accent" if loud else "muted"
            x = 12.0 if loud else (rect.width() - 15) / 2
            icon = "arrow-up" if self._upwards else "arrow-down"
            theme.draw_icon(painter, icon, ink, QRectF(x, (self.height() - 16) / 2, 16, 16))
            painter.setPen(theme.color(ink))
            painter.setFont(theme.font(Role.SMALL_STRONG))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(rect.adjusted(33, 0, 0, 0), int(flags), self._words)
