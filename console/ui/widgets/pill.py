"""The pill over a thread's lower edge: what is new below, and the way there."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from console.ui.language import translate
from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.painting import pill_width


class JumpPill(QAbstractButton):
    """Floats in `parent`; only an arrow while nothing new is below."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parent = parent
        self._words = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolTip(translate("timeline", "To the newest message (End)"))
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
        self.move(x, parent.height() - self.height() - 14)
        self.update()

    # Qt

    def sizeHint(self) -> QSize:
        tall = self._theme.px(32)
        if not self._words:
            return QSize(tall, tall)
        return QSize(round(pill_width(self._theme, self._words, Role.SMALL_STRONG, 14)) + 20, tall)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        loud = bool(self._words)
        painter.setPen(theme.color("accent" if loud else "line"))
        painter.setBrush(theme.color("accent" if loud else "surface"))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        ink = "on_accent" if loud else "muted"
        x = 12.0 if loud else (rect.width() - 15) / 2
        theme.draw_icon(painter, "arrow-down", ink, QRectF(x, (self.height() - 16) / 2, 16, 16))
        painter.setPen(theme.color(ink))
        painter.setFont(theme.font(Role.SMALL_STRONG))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect.adjusted(33, 0, 0, 0), int(flags), self._words)
        painter.end()
