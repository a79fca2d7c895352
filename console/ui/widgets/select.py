"""A button that shows what is chosen of a few, and opens the chooser for another."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.chooser import Line, choose
from console.ui.widgets.painting import draw_line
from console.ui.widgets.popups import open_below

HEIGHT = 32
MOST = 240  # px of words
LEAST = 72


class Select(QAbstractButton):
    """`chosen` carries the key of a line that was taken and is another one than before."""

    chosen = Signal(str)

    def __init__(
        self, theme: Theme, title: str, lines: Sequence[Line] = (), current: str = ""
    ) -> None:
        super().__init__()
        self._theme = theme
        self._title = title
        self._lines: tuple[Line, ...] = ()
        self.current = current
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.open)
        theme.changed.connect(self.updateGeometry)
        self.show_lines(lines, current)

    def show_lines(self, lines: Sequence[Line], current: str) -> None:
        """Offer these, with `current` chosen; tells nobody."""
        self._lines = tuple(lines)
        self.show_current(current)

    def show_current(self, key: str) -> None:
        self.current = key
        self.setAccessibleName(f"{self._title}: {self.words}")
        self.setToolTip(self._title)
        self.updateGeometry()
        self.update()

    @property
    def words(self) -> str:
        """What is chosen, as it is shown."""
        return next((line.words for line in self._lines if line.key == self.current), "")

    def open(self) -> None:
        """Show the lines under the button."""
        lines = [
            Line(
                line.key,
                line.words,
                line.note,
                line.icon,
                line.person,
                line.color,
                checked=line.key == self.current,
            )
            for line in self._lines
        ]
        open_below(choose(self, self._theme, self._title, lines, self._take), self)

    def _take(self, key: str) -> None:
        if key != self.current:
            self.show_current(key)
            self.chosen.emit(key)

    # Qt

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self._theme.font(Role.BASE_MEDIUM))
        wide = max((metrics.horizontalAdvance(line.words) for line in self._lines), default=0)
        if len(self._lines) > 12:  # of many, as wide as what is shown
            wide = metrics.horizontalAdvance(self.words)
        mark = 18 if any(line.color for line in self._lines) else 0
        return QSize(
            round(min(self._theme.px(MOST), max(LEAST, wide))) + 44 + mark, self._theme.px(HEIGHT)
        )

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(1.0 if self.isEnabled() else 0.5)
            rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(theme.color("accent" if self.hasFocus() else "line"))
            painter.setBrush(theme.color("hover" if self.underMouse() else "surface"))
            painter.drawRoundedRect(rect, 8, 8)
            line = next((line for line in self._lines if line.key == self.current), None)
            room = rect.adjusted(12, 0, -30, 0)
            spot = QRectF(rect.right() - 24, rect.center().y() - 7, 14, 14)
            if self.isRightToLeft():
                room = rect.adjusted(30, 0, -12, 0)
                spot.moveLeft(rect.x() + 10)
            if line is not None and line.color:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color(line.color))
                x = room.right() - 10 if self.isRightToLeft() else room.x()
                painter.drawEllipse(QRectF(x, rect.center().y() - 5, 10, 10))
                room = (
                    room.adjusted(0, 0, -18, 0)
                    if self.isRightToLeft()
                    else room.adjusted(18, 0, 0, 0)
                )
            painter.setPen(theme.color("text"))
            draw_line(painter, room, self.words, theme.font(Role.BASE_MEDIUM))
            theme.draw_icon(painter, "chevron-down", "muted", spot)
