"""A row that opens: who or what it is, and under it what can be changed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from console.ui.theme.theme import Theme
from console.ui.theme.type import Role
from console.ui.widgets.avatar import paint_avatar
from console.ui.widgets.painting import draw_line, draw_pill, pill_width
from console.ui.widgets.stops import ReadingOrder

TALL = 54


class FoldHead(QAbstractButton):
    """A picture, a title, a line under it, a pill, and whether it is open."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._title = self._note = self._person = self._icon = self._pill = self._dot = ""
        self._tokens = ("label_grey", "on_label_grey")
        self._faint = False
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def show_words(
        self,
        title: str,
        note: str = "",
        *,
        person: str = "",
        icon: str = "",
        dot: str = "",
        pill: str = "",
        tokens: tuple[str, str] = ("label_grey", "on_label_grey"),
        faint: bool = False,
    ) -> None:
        """`person` paints initials, `icon` an icon, `dot` a spot of a token's colour."""
        self._title, self._note, self._person, self._icon = title, note, person, icon
        self._dot, self._pill, self._tokens, self._faint = dot, pill, tokens, faint
        self.setAccessibleName(", ".join(part for part in (title, note, pill) if part))
        self.update()

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(240, self._theme.px(TALL))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self._theme.px(TALL))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rect = QRectF(self.rect()).adjusted(4.5, 3.5, -4.5, -3.5)
            if self.underMouse() or self.hasFocus():
                painter.setPen(theme.color("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("hover"))
                painter.drawRoundedRect(rect, 8, 8)
            mirrored = self.isRightToLeft()
            middle = rect.center().y()
            room = rect.adjusted(14, 0, -38, 0)
            spot = QRectF(rect.right() - 28, middle - 8, 16, 16)
            if mirrored:
                room, spot = rect.adjusted(38, 0, -14, 0), QRectF(rect.x() + 12, middle - 8, 16, 16)
            theme.draw_icon(
                painter, "chevron-up" if self.isChecked() else "chevron-down", "muted", spot
            )
            if self._pill:
                wide = pill_width(theme, self._pill, Role.STAMP_STRONG, 8)
                box = QRectF(room.right() - wide, middle - theme.px(10), wide, theme.px(20))
                if mirrored:
                    box.moveLeft(room.x())
                draw_pill(painter, theme, box, self._pill, *self._tokens, Role.STAMP_STRONG, 6)
                room.adjust(*((wide + 12, 0, 0, 0) if mirrored else (0, 0, -wide - 12, 0)))
            painter.setOpacity(0.55 if self._faint else 1.0)
            if self._person or self._icon or self._dot:
                box = QRectF(room.x(), middle - 16, 32, 32)
                if mirrored:
                    box.moveRight(room.right())
                if self._person:
                    paint_avatar(painter, theme, box, self._person)
                elif self._icon:
                    theme.draw_icon(painter, self._icon, "muted", box.adjusted(7, 7, -7, -7))
                else:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(theme.color(self._dot))
                    painter.drawEllipse(box.adjusted(10, 10, -10, -10))
                room.adjust(*((0, 0, -44, 0) if mirrored else (44, 0, 0, 0)))
            painter.setOpacity(1.0)
            half = theme.px(19)
            upper = QRectF(room.x(), middle - half, room.width(), half) if self._note else room
            painter.setPen(theme.color("faint" if self._faint else "text"))
            draw_line(painter, upper, self._title, theme.font(Role.BASE_STRONG))
            if self._note:
                painter.setPen(theme.color("muted"))
                lower = QRectF(room.x(), middle, room.width(), half)
                draw_line(painter, lower, self._note, theme.font(Role.SMALL))


class Fold(QWidget):
    """`make` is asked for what stands inside when it is first opened."""

    opened = Signal(bool)

    def __init__(self, theme: Theme, make: Callable[[], QWidget]) -> None:
        super().__init__()
        self._make = make
        self.inside: QWidget | None = None
        self.head = FoldHead(theme)
        self.head.toggled.connect(self._on_toggled)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self.head)
        ReadingOrder(self)

    def open(self) -> None:
        """Show what is inside."""
        self.head.setChecked(True)

    def _on_toggled(self, on: bool) -> None:
        if on and self.inside is None:
            self.inside = self._make()
            self._layout.addWidget(self.inside)
        if self.inside is not None:
            self.inside.setVisible(on)
        self.opened.emit(on)
