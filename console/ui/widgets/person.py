"""A button with a person's picture and name: who has a conversation, and the way to change it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.avatar import paint_avatar
from console.ui.widgets.painting import draw_line, placed

HEIGHT = 32
MOST = 150  # px of name


class PersonButton(QAbstractButton):
    """Without a person it shows `nobody`; `compact` leaves only the picture."""

    def __init__(self, theme: Theme, nobody: str) -> None:
        super().__init__()
        self._theme = theme
        self._nobody = nobody
        self._name = self._shown = ""
        self._compact = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_person(self, name: str, shown: str) -> None:
        """`shown` is the name as it is written, `name` the whole one that colours the picture."""
        self._name, self._shown = name, shown
        self.updateGeometry()
        self.update()

    def set_compact(self, on: bool) -> None:
        if on != self._compact:
            self._compact = on
            self.updateGeometry()
            self.update()

    # Qt

    def sizeHint(self) -> QSize:
        tall = self._theme.px(HEIGHT)
        words = self._shown or self._nobody
        wide = min(MOST, QFontMetricsF(self._theme.font(Role.BASE_STRONG)).horizontalAdvance(words))
        return QSize(10 + 20 + (0 if self._compact else round(wide) + 8) + 26, tall)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(theme.color("accent" if self.hasFocus() else "line"))
            painter.setBrush(theme.color("hover" if self.underMouse() else "surface"))
            painter.drawRoundedRect(rect, 8, 8)
            middle = rect.center().y()
            disc = placed(painter, rect, QRectF(rect.x() + 10, middle - 10, 20, 20))
            if self._name:
                paint_avatar(painter, theme, disc, self._name)
            else:
                theme.draw_icon(painter, "user", "muted", disc.adjusted(1, 1, -1, -1))
            if not self._compact:
                room = placed(painter, rect, rect.adjusted(38, 0, -24, 0))
                painter.setPen(theme.color("text" if self._name else "muted"))
                draw_line(painter, room, self._shown or self._nobody, theme.font(Role.BASE_STRONG))
            spot = QRectF(rect.right() - 22, middle - 7, 14, 14)
            theme.draw_icon(painter, "chevron-down", "muted", placed(painter, rect, spot))
